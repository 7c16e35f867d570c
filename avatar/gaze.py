"""Gaze: saccades and fixations between the listener and elsewhere; the head follows large ones late and partly.

After Lee, Badler and Badler 2002, "Eyes Alive": magnitudes, directions and the times spent looking at the listener and
away are drawn from the distributions that they measured on people who talked and listened.
"""

import numpy as np

from personify.avatar.easing import Curves, unhurried_s
from personify.avatar.moods import Mood

LARGEST_DEG = 14.0
"""Saccades end here: a screen's character that looks further away looks at nobody."""

_DIRECTIONS_DEG = (0, 45, 90, 135, 180, 225, 270, 315)
_DIRECTION_SHARES = (15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.80)
"""Per cent of saccades to the right, up right, up, ... counter-clockwise."""
_AT_TALKING_S, _AT_LISTENING_S = (3.13, 3.16), (7.92, 1.57)
_AWAY_TALKING_S, _AWAY_LISTENING_S = (0.93, 0.80), (0.43, 0.24)
"""Mean and deviation of looking at the listener and away (frames of 1/30 s in the paper)."""
_ONSET_S, _PER_DEG_S = 0.025, 0.0024
"""A saccade takes 25 ms and 2.4 ms for each degree."""

_HEAD_FROM_DEG, _HEAD_SHARE, _HEAD_LATE_S = 6.0, 0.38, 0.07
_HEAD_PEAK_DEG_S, _HEAD_LEAST_S = 10.0, 0.45
_BLINK_FROM_DEG = 9.0
"""Large gaze shifts bring a blink with them (Evinger et al. 1994, "Not looking while leaping")."""


class Gaze:
    """Decides where to look; writes `look_x`, `look_y` (degrees from the listener, in the room) and the head's part."""

    def __init__(self, rng: np.random.Generator, curves: Curves, mood: Mood) -> None:
        self._rng, self._curves, self._mood = rng, curves, mood
        self._away = False
        self._leave_s = float(rng.uniform(1.8, 3.5))
        self.next_s = float(rng.uniform(0.9, 1.6))
        """When the next saccade comes of itself."""

    def act(self, at_s: float, speaking: bool) -> bool:
        """The saccade that is due; True if lids should close over it."""
        if self._away:
            return self.meet(at_s, speaking)
        if at_s >= self._leave_s:
            return self.avert(at_s, speaking)
        return self._glance(at_s)

    def meet(self, at_s: float, speaking: bool) -> bool:
        """Back to the listener."""
        if not self._away:
            return False
        self._away = False
        mean, deviation = _AT_TALKING_S if speaking else _AT_LISTENING_S
        mean, deviation = (x / self._mood.away for x in (mean, deviation))
        self._leave_s = at_s + float(np.clip(self._rng.normal(mean, deviation), 0.9, 10.0))
        self._fixate(at_s)
        return self._shift(at_s, *self._rng.normal(0, 0.5, 2))

    def avert(self, at_s: float, speaking: bool, *, thinking: bool = False) -> bool:
        """Away from the listener; who thinks looks up or down and aside, and for longer."""
        share = self._rng.uniform(0.3, 15.0)
        size = float(np.clip(-6.9 * np.log(share / 15.7) * np.sqrt(self._mood.away), 3.0, LARGEST_DEG))
        size = max(size, 6.0) if thinking else size if speaking else 0.7 * size
        if thinking:
            angle = np.radians(self._rng.choice((35, 145, 215, 325)) + self._rng.uniform(-20, 20))
        else:
            angle = np.radians(self._rng.choice(_DIRECTIONS_DEG, p=np.array(_DIRECTION_SHARES) / 100))
        mean, deviation = _AWAY_TALKING_S if speaking else _AWAY_LISTENING_S
        least = 0.5 if thinking else 0.3
        self._away, self.next_s = True, at_s + float(np.clip(self._rng.normal(mean, deviation), least, 2.2))
        aside_x, aside_y = self._mood.aside
        # up and down is the smaller half of the eye's opening
        return self._shift(at_s, size * np.cos(angle) + aside_x, -0.7 * size * np.sin(angle) + aside_y)

    def home(self, at_s: float) -> None:
        """Straight at the listener, and the head with it."""
        self._away = False
        self._shift(at_s, 0.0, 0.0)

    def _glance(self, at_s: float) -> bool:
        """From one eye of the listener to the other, or to the mouth."""
        self._fixate(at_s)
        side = -np.sign(self._curves["look_x"].target) or 1.0
        return self._shift(at_s, side * self._rng.uniform(0.4, 1.6), self._rng.uniform(-0.4, 1.2))

    def _fixate(self, at_s: float) -> None:
        self.next_s = max(at_s + 0.3, min(at_s + float(self._rng.gamma(3.0, 0.4)), self._leave_s))

    def _shift(self, at_s: float, x: float, y: float) -> bool:
        x, y = float(np.clip(x, -LARGEST_DEG, LARGEST_DEG)), float(np.clip(y, -LARGEST_DEG, LARGEST_DEG))
        size = float(np.hypot(x - self._curves["look_x"].target, y - self._curves["look_y"].target))
        for name, value in (("look_x", x), ("look_y", y)):
            self._curves[name].to(at_s, _ONSET_S + _PER_DEG_S * size, value)
        follow = _HEAD_SHARE if np.hypot(x, y) > _HEAD_FROM_DEG else 0.0
        for name, value in (("yaw", follow * x), ("pitch", -0.7 * follow * y)):
            before = self._curves[f"follow_{name}"].target
            if abs(value - before) > 0.05:
                seconds = unhurried_s(value - before, _HEAD_PEAK_DEG_S, _HEAD_LEAST_S)
                self._curves[f"follow_{name}"].to(at_s + _HEAD_LATE_S, seconds, value)
        return size > _BLINK_FROM_DEG
