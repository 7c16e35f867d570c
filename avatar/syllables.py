"""Syllables by ear: where a sound without phonemes is voiced, and which syllables stand out, from loudness alone.

Loudness is the root mean square over 20 ms, against the loudest part heard so far, which is slowly forgotten.
"""

import numpy as np

from personify.voices.speech import Speech, TimedPhoneme

BIN_S = 0.02
DELAY_S = 0.12
"""So long after a bin's beginning it is known what it is."""
_NEAR = 4
"""A syllable's peak is louder than so many bins to both sides."""
_FLOOR, _VOICED, _STANDS_OUT = 0.004, 0.1, 0.6
"""Voiced: above -48 dBFS and a tenth of the loudest; accented: a peak above this share of it."""
_FORGET = 0.997


class Syllables:
    """Hears a sound that comes in pieces without a gap."""

    def __init__(self, start_s: float, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._start_s, self._size = start_s, max(1, round(BIN_S * rate_hz))
        self._left = np.zeros(0, np.float32)
        self._levels: list[float] = []
        self._first = 0
        self._loudest = 0.0

    def hear(self, piece: Speech) -> tuple[list[TimedPhoneme], float]:
        """The voiced bins that are certain now, and until when, in seconds, everything is.

        Each bin is a sound of 20 ms on the stream's time, with stress 2 where a syllable stands out.
        """
        samples = np.concatenate([self._left, piece.samples])
        count = len(samples) // self._size
        self._left = samples[count * self._size :]
        power = samples[: count * self._size].reshape(count, self._size).astype(np.float64) ** 2
        self._levels += np.sqrt(power.mean(axis=1)).tolist()
        sounds = []
        while len(self._levels) > 2 * _NEAR:
            sounds += self._bin()
        return sounds, self._start_s + self._time(self._first + min(len(self._levels), _NEAR))

    def _bin(self) -> list[TimedPhoneme]:
        """Decides the bin in the middle of the window, and moves the window on."""
        near, here = self._levels[: 2 * _NEAR + 1], self._levels[_NEAR]
        at = self._first + _NEAR
        self._loudest = max(_FORGET * self._loudest, here)
        del self._levels[0]
        self._first += 1
        if here < max(_FLOOR, _VOICED * self._loudest):
            return []
        out = here >= max(near) and here >= _STANDS_OUT * self._loudest and here > near[0]
        start = self._start_s + self._time(at)
        return [TimedPhoneme("ə", start, start + self._time(1), 2 if out else 0)]

    def _time(self, bins: int) -> float:
        return bins * self._size / self.rate_hz
