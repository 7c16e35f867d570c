"""Dynamic time warping: which moment of one sound is which moment of another that says the same.

Knows nothing of words. Own code, because librosa's (ISC) brings numba and LLVM, 170 MB, and keeps whole matrices, which
are 0.7 GB for a minute and grow with its square; two passes, coarse and fine (after Salvador and Chan 2007), need
little memory for half an hour. `python -m personify.eval.alignment` holds the two against each other.
"""

import numpy as np

HOP_S = 0.01
"""Time between two frames of features."""
_WINDOW_S = 0.025
_BANDS, _CEPSTRA = 32, 13
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7000.0
_STEPS = (0, 1, 2, 3)
"""By how many frames the reference may move on with one frame of the recording (after Itakura 1975)."""
_STEP_COST = np.array([0.35, 0.0, 0.35, 0.9], np.float32)
"""What a step off the diagonal costs, in units of the mean distance between two frames."""
_COARSE, _COARSER, _LONG = 4, 8, 12_000
"""Frames that the first pass takes as one; more of them where there are more than `_LONG` (two minutes)."""
_GLANCE = 1500
"""Frames that are enough to compare costs."""
_BAND_SHARE, _BAND_LEAST = 0.15, 300
"""How far the first pass may stray from the diagonal (Sakoe and Chiba 1978): a share of the length, or so many."""
_MARGIN = 40
"""How many frames the second pass may stray from the first."""


def features(samples: np.ndarray, rate_hz: int, highest_hz: float = _HIGHEST_HZ, stretch: float = 1.0) -> np.ndarray:
    """What a sound is like every `HOP_S`: float32 (n, 26), mel cepstra (Davis and Mermelstein 1980) and their change.

    `stretch` divides the frequencies, as a shorter throat multiplies them.
    """
    from scipy.fft import dct

    cepstra = dct(np.log(mel_energies(samples, rate_hz, highest_hz, stretch) + 1e-7), axis=1, norm="ortho")
    cepstra = cepstra[:, :_CEPSTRA]
    padded = np.pad(cepstra, ((2, 2), (0, 0)), mode="edge")
    change = (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10
    return np.concatenate([cepstra, change], axis=1).astype(np.float32)


def mel_energies(samples: np.ndarray, rate_hz: int, highest_hz: float, stretch: float = 1.0) -> np.ndarray:
    """Energy in mel bands, float32 (n, bands): frame i is centred on i * HOP_S + HOP_S / 2 seconds."""
    window = round(_WINDOW_S * rate_hz)
    size = 1 << (window - 1).bit_length()
    filters = _filters(rate_hz, size, highest_hz, stretch)
    n = int(len(samples) / rate_hz / HOP_S)
    sound = np.pad(np.diff(samples, prepend=samples[:1]) + 0.03 * samples, window)
    taper = np.hanning(window).astype(np.float32)
    blocks = []
    for first in range(0, n, 4096):
        centre = (np.arange(first, min(n, first + 4096)) + 0.5) * HOP_S * rate_hz
        start = np.round(centre + window / 2).astype(int)
        frames = sound[start[:, None] + np.arange(window)] * taper
        blocks.append((np.abs(np.fft.rfft(frames, size)) ** 2).astype(np.float32) @ filters)
    return np.concatenate([np.zeros((0, _BANDS), np.float32), *blocks])


def _filters(rate_hz: int, size: int, highest_hz: float, stretch: float) -> np.ndarray:
    """Triangles on the mel scale, (size // 2 + 1, bands)."""

    def mel(hz: float | np.ndarray) -> np.ndarray:
        return 2595 * np.log10(1 + np.asarray(hz) / 700)

    edges = 700 * (10 ** (np.linspace(mel(_LOWEST_HZ), mel(highest_hz), _BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(size, 1 / rate_hz)[:, None] / stretch
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


def normalised(frames: np.ndarray) -> np.ndarray:
    """Each feature with mean 0 and spread 1, so that microphone and speaker count less than what is said."""
    return np.asarray((frames - frames.mean(axis=0)) / (frames.std(axis=0) + 1e-3), np.float32)


def warp(recording: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """For each frame of the recording its place in the reference, (n,) rising from 0 to m - 1.

    Both are `normalised` features, (n, k) and (m, k).
    """
    n, m = len(recording), len(reference)
    factor = _COARSE if n <= _LONG else _COARSER
    path, _ = _rough(recording, reference, factor)
    at = (np.arange(n) + 0.5) / factor - 0.5
    middle = np.interp(at, np.arange(len(path)), (path + 0.5) * factor - 0.5)
    middle = np.clip(middle, 0, m - 1)
    return _search(recording, reference, middle, _MARGIN)[0]


def rough_cost(recording: np.ndarray, reference: np.ndarray) -> float:
    """How badly the two fit when they are warped, cheaply: only good for comparing."""
    return _rough(recording, reference, max(_COARSE, len(recording) // _GLANCE))[1]


def _rough(recording: np.ndarray, reference: np.ndarray, factor: int) -> tuple[np.ndarray, float]:
    """The path and its mean cost where `factor` frames are taken as one."""
    short, short_reference = _pooled(recording, factor), _pooled(reference, factor)
    middle = np.linspace(0, len(short_reference) - 1, len(short))
    half = max(_BAND_LEAST, int(_BAND_SHARE * len(short_reference)))
    return _search(short, short_reference, middle, half)


def _pooled(frames: np.ndarray, factor: int) -> np.ndarray:
    """The mean of every `factor` frames."""
    edges = np.arange(0, len(frames), factor)
    sums = np.add.reduceat(frames, edges, axis=0)
    return np.asarray(sums / np.diff(np.append(edges, len(frames)))[:, None], np.float32)


def _search(recording: np.ndarray, reference: np.ndarray, middle: np.ndarray, half: int) -> tuple[np.ndarray, float]:
    """The cheapest path from corner to corner within `half` columns of `middle`, and its mean cost."""
    n, m = len(recording), len(reference)
    width = min(m, 2 * half + 1)
    first = np.clip(np.round(middle).astype(int) - half, 0, m - width)
    norms = (reference**2).sum(axis=1)
    scale = 2 * recording.shape[1]
    total = np.full(width, np.inf, np.float32)
    total[0] = 0  # the path begins at the reference's first frame
    choices = np.zeros((n, width), np.uint8)
    reach = max(_STEPS)
    before = first[0]
    for i in range(n):
        lo = first[i]
        distance = (
            norms[lo : lo + width] - 2 * (reference[lo : lo + width] @ recording[i]) + recording[i] @ recording[i]
        )
        distance = np.sqrt(np.maximum(distance, 0) / scale)
        if i:
            padded = np.full(width + reach + (lo - before), np.inf, np.float32)
            padded[reach : reach + width] = total
            shift = lo - before
            options = np.stack([padded[reach + shift - step :][:width] for step in _STEPS]) + _STEP_COST[:, None]
            choices[i] = options.argmin(axis=0)
            total = options.min(axis=0)
        total = total + distance
        before = lo
    column = width - 1
    if not np.isfinite(total[column]):
        column = int(np.flatnonzero(np.isfinite(total)).max(initial=0))
    cost = float(total[column]) / n
    path = np.zeros(n)
    for i in range(n - 1, -1, -1):
        path[i] = first[i] + column
        if i:
            column += first[i] - _STEPS[choices[i, column]] - first[i - 1]
    return path, cost
