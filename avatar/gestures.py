"""Gestures: brows and nods on stressed syllables, postures at phrases, a listener's nods, breath.

Nods and brows accompany pitch accents, not all of them, and brows rise a little before their syllable (Graf, Cosatto,
Strom and Huang 2002, "Visual prosody"; Flecha-García 2010). Every movement of the head is unhurried: see the peaks.
"""

import numpy as np

from personify.avatar.easing import Curves, unhurried_s
from personify.avatar.moods import Mood

AHEAD_S = 0.2
"""An accent's gesture begins so long before its vowel."""

_NOD_PEAK_DEG_S, _POSTURE_PEAK_DEG_S = 15.0, 11.0
_BREATHS_LISTENING, _BREATHS_TALKING = 14.0, 10.0
"""Breaths a minute; adults take 12 to 18 at rest and fewer in speech, with quick inhalations in pauses (Conrad and
Schönle 1979)."""


class Gestures:
    """Moves head and brows with the speech; writes its part of their channels."""

    def __init__(self, rng: np.random.Generator, curves: Curves, mood: Mood) -> None:
        self._rng, self._curves, self._mood = rng, curves, mood
        self._nod_again_s = self._brow_again_s = 0.0
        self._fresh = True
        self.next_s = float(rng.uniform(2.0, 4.0))
        """When a listener moves next."""

    def accent(self, at_s: float, strength: float) -> None:
        """A stressed syllable: a nod, a brow, both or neither; the first of a phrase most likely."""
        eager = 1.35 if self._fresh else 1.0
        self._fresh = False
        nod, brow, size = self._rng.random(), self._rng.random(), self._rng.uniform(0.4, 1.0)
        size *= strength * self._mood.lively
        if nod < 0.6 * eager and at_s >= self._nod_again_s:
            self._nod(at_s, -2.3 * size if self._rng.random() < 0.8 else 1.4 * size, 0.3)
        if brow < 0.38 * eager and at_s >= self._brow_again_s:
            self._brow_again_s = at_s + 0.9
            self._curves["lift"].bump(at_s, 0.2, self._rng.uniform(0.06, 0.25), 0.38, 0.55 * size)
        if at_s >= self._curves["yaw"].busy_until_s + 2.2:
            self._settle(at_s, 1.0)

    def phrase(self, at_s: float) -> None:
        """A phrase begins: perhaps in another posture."""
        self._fresh = True
        if self._rng.random() < 0.6:
            self._settle(at_s, 1.0)

    def rest(self, at_s: float) -> None:
        """Speech has ended: back towards the middle."""
        self._settle(at_s, 0.35)
        self.next_s = at_s + float(self._rng.uniform(1.5, 3.5))

    def ask(self, at_s: float, until_s: float) -> None:
        """The end of a question: brows up and the head tilted until the answer may come."""
        hold = max(until_s - at_s - 0.3, 0.1)
        self._brow_again_s = max(self._brow_again_s, until_s)
        self._curves["lift"].bump(at_s, 0.3, hold, 0.55, 0.38)
        tilt = float(self._rng.choice((-1.0, 1.0)) * self._rng.uniform(1.2, 2.4) * self._mood.lively)
        self._curves["ask_roll"].bump(at_s, 0.5, hold, 0.8, tilt)

    def act(self, at_s: float) -> None:
        """What a listener does: a small nod or two, a tilt, a flicker of brows and mouth."""
        kind, size = self._rng.random(), self._rng.uniform(0.6, 1.0) * self._mood.lively
        if kind < 0.45:
            for i in range(1 + int(self._rng.random() < 0.5)):
                self._nod(at_s + 0.62 * i, -1.7 * size * 0.7**i, 0.3)
        elif kind < 0.8:
            self._settle(at_s, 0.75)
        else:
            self._curves["lift"].bump(at_s, 0.22, 0.3, 0.45, 0.3 * size)
            self._curves["flicker"].bump(at_s, 0.35, 0.4, 0.6, (0.1 + self._mood.smile) * size)
        self.next_s = at_s + float(self._rng.uniform(2.6, 5.5))

    def home(self, at_s: float) -> None:
        """Back to the posture of rest."""
        for name in ("yaw", "pitch", "roll", "shift_x", "shift_y"):
            self._curves[name].to(at_s, 1.1, 0.0)

    def _nod(self, at_s: float, degrees: float, rise_s: float) -> None:
        rise = unhurried_s(degrees, _NOD_PEAK_DEG_S, rise_s)
        self._nod_again_s = at_s + rise + 0.2
        self._curves["nod"].bump(at_s, rise, 0.0, 1.25 * rise, degrees)
        self._curves["nod_y"].bump(at_s, rise, 0.0, 1.25 * rise, -0.005 * degrees)

    def _settle(self, at_s: float, size: float) -> None:
        """Into a new posture, unless the head is still on its way into one."""
        yaw, pitch, roll, sink = self._rng.normal(0, 1, 4)
        if self._curves["yaw"].busy_until_s > at_s:
            return
        size *= self._mood.lively
        yaw, pitch, roll = (
            size * float(np.clip(x, -1.9, 1.9) * deg) for x, deg in ((yaw, 2.6), (pitch, 0.9), (roll, 1.4))
        )
        far = max(abs(value - self._curves[n].target) for n, value in (("yaw", yaw), ("pitch", pitch), ("roll", roll)))
        seconds = unhurried_s(far, _POSTURE_PEAK_DEG_S, 0.6)
        moves = {"yaw": yaw, "pitch": pitch, "roll": roll}
        moves |= {"shift_x": 0.006 * yaw, "shift_y": 0.006 * size * float(np.clip(sink, -1.5, 1.5))}
        for name, value in moves.items():
            self._curves[name].to(at_s, seconds, value)


class Breath:
    """Breathes; writes `breath`, -1 to 1."""

    def __init__(self, rng: np.random.Generator, curves: Curves) -> None:
        self._rng, self._curve = rng, curves["breath"]
        self._last_s = -1.0
        self.next_s = float(rng.uniform(0.6, 1.6))
        """When the next breath is drawn if no pause comes first."""

    def pause(self, at_s: float) -> None:
        """A pause in speech: a quick breath if the last is some time ago."""
        if at_s - self._last_s > 0.45 * 60 / _BREATHS_TALKING:
            self.act(at_s, speaking=True)

    def act(self, at_s: float, speaking: bool, *, cycle_s: float | None = None) -> None:
        """In and out; in speech quickly in and slowly out. In a cycle of `cycle_s` it ends where it began."""
        whole = cycle_s or 60 / (_BREATHS_TALKING if speaking else _BREATHS_LISTENING) * self._rng.uniform(0.9, 1.15)
        draw = 0.5 if speaking else 0.4 * whole
        depth = self._rng.uniform(0.75, 0.95)
        self._curve.to(at_s, draw, depth)
        self._curve.to(at_s + draw, 0.9 * whole - draw, -0.8 * depth if cycle_s is None else 0.0)
        self._last_s, self.next_s = at_s, at_s + whole

    def spread(self, period_s: float) -> None:
        """A listener's breaths, a whole number of them, and no more."""
        count = max(1, round(period_s * _BREATHS_LISTENING / 60))
        for i in range(count):
            self.act(period_s / count * (i + 0.05), speaking=False, cycle_s=period_s / count)
        self.next_s = np.inf
