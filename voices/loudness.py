"""Loudness: any sound brought to the loudness a listener expects, with peaks that bend instead of clipping.

Measured by pyloudnorm as ITU-R BS.1770-4 says: filtered as the ear hears, in blocks of 0.4 s, the quiet ones left out.
Knows nothing of tones or engines.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pyloudnorm import Meter

TARGET_LUFS = -18.0
"""Of speech at 100 % volume."""
PEAK = 0.98
"""No sample goes beyond it."""
_KNEE, _TOP = 0.7, 0.9799
"""Samples up to the first pass unchanged, and none passes the second, which is `PEAK` but for rounding."""
_MOST_GAIN_DB = 40.0
"""What needs more is no voice but the noise of silence."""
_NEAR_LU = 0.2
"""As near to the target as is good enough."""
_BLOCK_S, _STEP_S = 0.4, 0.1
"""BS.1770-4's block, and from one to the next."""
_ABSOLUTE_LUFS, _RELATIVE_LU = -70.0, -10.0
"""BS.1770-4's two gates."""
_WINDOW_S = 60
"""Measured at a time: pyloudnorm's filters need ten times the memory of the samples."""
_BLOCK = 1 << 18
"""Samples treated at a time, for the same reason."""


def loudness_lufs(samples: np.ndarray, rate_hz: int) -> float:
    """Integrated loudness of float32 (n,); -inf for silence.

    A sound shorter than a block is measured repeated: BS.1770-4 knows no shorter one, and with silence around it a
    short word would count as a quiet one.
    """
    least = math.ceil(_BLOCK_S * rate_hz) + 1
    if not len(samples):
        return -math.inf
    if len(samples) < least:
        samples = np.tile(samples, math.ceil(least / len(samples)))
    starts = range(0, len(samples) - least + 1, _WINDOW_S * rate_hz)
    length = round((_WINDOW_S + _BLOCK_S - _STEP_S) * rate_hz)  # the next window begins with the block after its last
    powers = np.concatenate([_block_powers(samples[start : start + length], rate_hz) for start in starts])
    loud = powers[powers >= _power(_ABSOLUTE_LUFS)]
    if len(loud):
        loud = loud[loud > loud.mean() * 10 ** (_RELATIVE_LU / 10)]
    return -0.691 + 10 * math.log10(float(loud.mean())) if len(loud) else -math.inf


def level(samples: np.ndarray, rate_hz: int, *, volume: float = 1.0, part: slice = slice(None)) -> float:
    """Brings `samples` (float32, in place) to `volume` times the target, as `part` of them is loud; returns the gain.

    Peaks bend smoothly towards `PEAK`, and what that takes away is given back once. Silence stays as it is.
    """
    target = TARGET_LUFS + 20 * math.log10(volume)
    heard = loudness_lufs(samples[part], rate_hz)
    if not math.isfinite(heard):
        return 1.0
    gain = 10 ** (min(target - heard, _MOST_GAIN_DB) / 20)
    peak = float(np.abs(samples[part]).max())
    if gain * peak > _KNEE and heard + 20 * math.log10(gain) > target - _NEAR_LU:
        lost = target - loudness_lufs(limited(samples[part] * np.float32(gain)), rate_hz)
        gain *= 10 ** (min(lost, 6.0) / 20) if lost > _NEAR_LU else 1.0
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK]
        block *= np.float32(gain)
    limited(samples)
    return gain


def limited(samples: np.ndarray) -> np.ndarray:
    """`samples` (float32, in place) with what is above 0.7 bent to stay below `PEAK`."""
    for start in range(0, len(samples), _BLOCK):
        part = samples[start : start + _BLOCK]
        over = np.abs(part) > _KNEE
        excess = (np.abs(part[over]) - _KNEE) / (_TOP - _KNEE)
        part[over] = np.sign(part[over]) * (_KNEE + (_TOP - _KNEE) * np.tanh(excess))
    return samples


def _block_powers(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Mean square of each block of a window, K-weighted."""
    meter = _meter(rate_hz)
    meter.integrated_loudness(samples)
    return np.asarray(10 ** ((np.asarray(meter.blockwise_loudness) + 0.691) / 10))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _meter(rate_hz: int) -> "Meter":
    import pyloudnorm  # brings scipy.signal, which takes 0.3 s

    return pyloudnorm.Meter(rate_hz)
