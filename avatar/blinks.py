"""Blinks: when, from a natural rate and what speech and gaze offer, and how the lids fall and rise."""

import numpy as np

from personify.avatar.easing import Steps
from personify.avatar.moods import Mood

TALKING_PER_MINUTE, LISTENING_PER_MINUTE = 16.0, 13.0
"""Adults blink about 17 times a minute at rest, 26 in conversation and 4.5 when reading (Bentivoglio et al. 1997); the
lower half of what talking gives, so that no face on a screen looks nervous."""

_CLOSE_S, _HOLD_S, _OPEN_S = 0.085, 0.05, 0.17
"""Lids fall in about half the time in which they rise (VanderWerf et al. 2003)."""
_REST_S = 1.1
_EAGER = 0.75
"""From this share of an interval on, a pause or a shift of gaze brings the blink forward."""


class Blinks:
    """Decides when to blink; writes into `lids`, 0 open to 1 shut."""

    def __init__(self, rng: np.random.Generator, lids: Steps, mood: Mood, fps: float) -> None:
        self._rng, self._lids, self._mood = rng, lids, mood
        self._hold_s = max(_HOLD_S, 1.02 / fps)  # one frame at least shows the lids shut
        self._last_s = 0.0
        self.next_s = float(rng.uniform(1.2, 2.6))
        """When it blinks if nothing else comes up."""

    def chance(self, at_s: float, speaking: bool) -> None:
        """A good moment: a pause, or eyes that are on their way."""
        due = self._last_s + max(_REST_S, _EAGER * (self.next_s - self._last_s))
        if at_s >= due:
            self.act(at_s, speaking, pause=True)

    def act(self, at_s: float, speaking: bool, *, pause: bool = False) -> None:
        """Blinks now, a little longer in a pause, and sets the time for the next."""
        length = self._mood.slow * self._rng.uniform(0.95, 1.1) * (1.15 if pause else 1.0)
        self._lids.bump(at_s, _CLOSE_S * length, self._hold_s * self._mood.slow, _OPEN_S * length, 1.0)
        rate = self._mood.blinks * (TALKING_PER_MINUTE if speaking else LISTENING_PER_MINUTE)
        mean = 60 / rate
        wait = float(np.clip(self._rng.gamma(5.0, mean / 5.0), 0.45 * mean, 2.0 * mean))
        self._last_s, self.next_s = at_s, at_s + max(wait, _REST_S)

    def spread(self, first_s: float, last_s: float) -> None:
        """A listener's blinks, all of them from `first_s` to `last_s`, and no more; one at least."""
        count = max(1, round((last_s - first_s) * self._mood.blinks * LISTENING_PER_MINUTE / 60))
        for i in range(count):
            at = first_s + (last_s - first_s) * (i + float(self._rng.uniform(0.25, 0.75))) / count
            self.act(at, speaking=False)
        self.next_s = np.inf

    @property
    def longest_s(self) -> float:
        """How long a blink takes at most."""
        return self._mood.slow * (1.27 * (_CLOSE_S + _OPEN_S) + self._hold_s)
