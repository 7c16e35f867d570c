"""Smooth steps, movements over time as sums of them, and smooth noise; knows nothing of faces."""

from collections.abc import Iterable

import numpy as np

_PEAK = 1.875
"""The highest speed of a minimum-jerk movement, in its mean speeds."""


def smooth_step(x: np.ndarray | float) -> np.ndarray:
    """From 0 at and below 0 to 1 at and beyond 1 without a corner, the cubic 3 x^2 - 2 x^3."""
    x = np.clip(np.asarray(x), 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def min_jerk(x: np.ndarray) -> np.ndarray:
    """From 0 at 0 to 1 at 1 with no speed and no acceleration at either end (Flash and Hogan 1985); clips `x`."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * x * (10 + x * (6 * x - 15)))


def unhurried_s(distance: float, peak_per_s: float, least_s: float) -> float:
    """How long a movement lasts that is never faster than `peak_per_s` and no shorter than `least_s`."""
    return max(least_s, _PEAK * abs(distance) / peak_per_s)


class Steps:
    """One value over time: minimum-jerk steps that add up, so a new one may begin before the last has ended."""

    def __init__(self) -> None:
        self.target = 0.0
        """Where the value ends if no further step is added."""
        self.busy_until_s = 0.0
        self._settled = 0.0
        self._steps: list[tuple[float, float, float]] = []

    def by(self, at_s: float, seconds: float, delta: float) -> None:
        """Adds `delta` between `at_s` and `at_s + seconds`."""
        self._steps.append((at_s, seconds, delta))
        self.target += delta
        self.busy_until_s = max(self.busy_until_s, at_s + seconds)

    def to(self, at_s: float, seconds: float, value: float) -> None:
        """Moves to `value` between `at_s` and `at_s + seconds`."""
        if value != self.target:
            self.by(at_s, seconds, value - self.target)

    def bump(self, at_s: float, rise_s: float, hold_s: float, fall_s: float, height: float) -> None:
        """Goes up by `height` and comes back."""
        self.by(at_s, rise_s, height)
        self.by(at_s + rise_s + hold_s, fall_s, -height)

    def fold(self, until_s: float) -> None:
        """Puts away the steps that are over by then; earlier values can't be asked for any more."""
        self._settled += sum(delta for at, seconds, delta in self._steps if at + seconds <= until_s)
        self._steps = [step for step in self._steps if step[0] + step[1] > until_s]
        self._settled = round(self._settled, 9)  # a bump that is over leaves nothing behind

    def values(self, times: np.ndarray) -> np.ndarray:
        """The value at `times` (n,) seconds."""
        total = np.full(len(times), self._settled)
        for at, seconds, delta in self._steps:
            total += delta * min_jerk((times - at) / seconds)
        return total


class Wander:
    """Smooth noise within [-1, 1]: sines between two frequencies, slow ones larger; exactly periodic if asked to be."""

    def __init__(self, rng: np.random.Generator, low_hz: float, high_hz: float, period_s: float | None = None) -> None:
        hz = np.geomspace(low_hz, high_hz, 6) * rng.uniform(0.9, 1.1, 6)
        phase = rng.uniform(0, 2 * np.pi, 6)
        if period_s is not None:
            hz = np.maximum(np.round(hz * period_s), 1) / period_s
        amount = hz**-0.7
        self._hz, self._phase, self._amount = hz, phase, amount / amount.sum()

    def values(self, times: np.ndarray) -> np.ndarray:
        """The noise at `times` (n,) seconds."""
        waves = np.sin(2 * np.pi * times[:, None] * self._hz + self._phase)
        return np.asarray((waves * self._amount).sum(axis=1))


class Curves:
    """Steps by name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._steps = {name: Steps() for name in names}

    def __getitem__(self, name: str) -> Steps:
        return self._steps[name]

    def fold(self, until_s: float) -> None:
        """Puts away what is over by then."""
        for steps in self._steps.values():
            steps.fold(until_s)

    def values(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """Every curve at `times` (n,) seconds."""
        return {name: steps.values(times) for name, steps in self._steps.items()}
