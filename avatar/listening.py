"""What a sound is like, ten milliseconds at a time, as it comes: its cepstra, its level, and whether it is quiet.

Everything that must be judged, the voice's colour, how loud it is and how loud the noise, is judged by what has been
heard so far. Knows nothing of letters or mouths.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

HOP_S = 0.01
CEPSTRA = 13
_WINDOW_S = 0.025
_BANDS = 26
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7000.0
_FADE_DB, _RISE_DB = 0.03, 0.05
"""By how much a frame the loudest level sinks while somebody speaks, and the noise rises."""
_QUIET_DB, _ABOVE_NOISE_DB, _NEVER_DB = 32.0, 6.0, -75.0
"""Quiet is so far below the loudest, within so much of the noise, or below so many dBFS."""
_FORGET = 1 / 400
"""How much one spoken frame counts for what the voice usually sounds like: it is learnt in four seconds."""


@dataclass(frozen=True)
class Heard:
    """Some frames, `HOP_S` apart. `rows` float32 (n, CEPSTRA): the level below the loudest in 10 dB, then the cepstra
    less what the voice usually has; `levels_db` (n,) below the loudest; `quiet` bool (n,)."""

    rows: np.ndarray
    levels_db: np.ndarray
    quiet: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def then(self, more: "Heard") -> "Heard":
        """These frames and more."""
        return Heard(
            np.concatenate([self.rows, more.rows]),
            np.concatenate([self.levels_db, more.levels_db]),
            np.concatenate([self.quiet, more.quiet]),
        )

    def since(self, first: int) -> "Heard":
        """These frames without the `first` ones."""
        return Heard(self.rows[first:], self.levels_db[first:], self.quiet[first:])


NOTHING = Heard(np.zeros((0, CEPSTRA), np.float32), np.zeros(0), np.zeros(0, bool))


class Listener:
    """Listens to one sound. `usual` (CEPSTRA,) is what voices have before anything is known of this one."""

    def __init__(self, rate: int, usual: np.ndarray) -> None:
        self._rate, self._usual = rate, usual.astype(np.float64)
        self._window = round(_WINDOW_S * rate)
        self._samples = np.zeros(self._window, np.float32)
        self._first, self._count, self._frames = -self._window, 0, 0
        self._loudest, self._noise = -40.0, -35.0

    def push(self, samples: np.ndarray) -> Heard:
        """The frames that the sound so far holds whole."""
        self._samples = np.concatenate([self._samples, np.asarray(samples, np.float32)])
        self._count += len(samples)
        return self._listen(math.floor((self._count - self._window / 2 - 1) / self._rate / HOP_S - 0.5) + 1)

    def end(self) -> Heard:
        """The frames at the end, as if silence followed; one begins for every `HOP_S` that has begun."""
        self._samples = np.concatenate([self._samples, np.zeros(2 * self._window, np.float32)])
        return self._listen(int(np.ceil(self._count / self._rate / HOP_S - 1e-6)))

    def _listen(self, end: int) -> Heard:
        heard = NOTHING
        while self._frames < end:
            last = min(end, self._frames + 4096)
            heard = heard.then(self._judge(*self._measure(np.arange(self._frames, last))))
            self._frames = last
        return heard

    def _measure(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cepstra, (n, CEPSTRA), and levels in dBFS, (n,), of those frames; lets go of the sound before them."""
        start = np.round((frames + 0.5) * HOP_S * self._rate - self._window / 2).astype(int) - self._first
        cut = self._samples[start[:, None] + np.arange(-1, self._window)]
        levels = 10 * np.log10((cut.astype(np.float64) ** 2).mean(axis=1) + 1e-10)
        size = 1 << (self._window - 1).bit_length()
        sharpened = (cut[:, 1:] - 0.97 * cut[:, :-1]) * np.hanning(self._window)
        energies = np.abs(np.fft.rfft(sharpened, size)) ** 2 @ _filters(self._rate, size)
        cepstra = np.log(energies / size + 1e-9) @ _cosines()
        gone = max(0, int(start[-1]) - self._window)
        self._samples, self._first = self._samples[gone:], self._first + gone
        return cepstra, levels

    def _judge(self, cepstra: np.ndarray, levels: np.ndarray) -> Heard:
        rows, below = np.empty((len(cepstra), CEPSTRA), np.float32), np.empty(len(cepstra))
        quiet = np.empty(len(cepstra), bool)
        for i, (row, level) in enumerate(zip(cepstra, levels, strict=True)):
            self._noise = min(max(level, -90.0), self._noise + _RISE_DB)
            quiet[i] = level < max(
                self._loudest - _QUIET_DB, min(self._noise + _ABOVE_NOISE_DB, self._loudest - 12), _NEVER_DB
            )
            if not quiet[i]:
                self._loudest = max(level, self._loudest - _FADE_DB)
                self._usual += _FORGET * (row - self._usual)
            below[i] = level - self._loudest
            rows[i] = row - self._usual
            rows[i, 0] = max(below[i], -60) / 10
        return Heard(rows, below, quiet)


@lru_cache(maxsize=4)
def _filters(rate: int, size: int) -> np.ndarray:
    """Triangles on the mel scale, (size // 2 + 1, bands)."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(size, 1 / rate)[:, None]
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))


@lru_cache(maxsize=1)
def _cosines() -> np.ndarray:
    """The cosine transform of log energies to cepstra, (bands, CEPSTRA) (Davis and Mermelstein 1980)."""
    band, k = np.arange(_BANDS)[:, None] + 0.5, np.arange(CEPSTRA)
    return np.asarray(np.cos(np.pi * band * k / _BANDS) * np.sqrt(2 / _BANDS))
