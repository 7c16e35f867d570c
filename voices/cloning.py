"""The sample of a voice to be cloned: a recording in which somebody speaks for long enough. Knows nothing of models.

Whoever is to be heard must have agreed to it: a voice is as much a person's own as a face.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from personify.voices.errors import BadInput
from personify.voices.recordings import read_recording

LEAST_S = 6.0
"""XTTS v2's makers ask for a clip of 6 seconds."""
_FRAME_S = 0.02
_GAP_S = 0.4
"""A breath between words is still speech."""
_QUIET_DB = 35.0
"""What is so much quieter than the loud parts is no speech."""


class Sample(NamedTuple):
    """`samples` float32 (n,), mono, within [-1, 1], from the first word to the last; `rate_hz` in Hz."""

    samples: np.ndarray
    rate_hz: int


def read_sample(path: Path) -> Sample:
    """The recording of the voice that is to be cloned.

    Raises `BadInput`, with the seconds seen, where less than `LEAST_S` of it is spoken, and what `read_recording`
    raises for a file that is missing, silent or no recording.
    """
    samples, rate_hz = read_recording(path)
    spoken = _spoken(samples, rate_hz)
    seconds = float(spoken.sum()) * _FRAME_S
    if seconds < LEAST_S:
        raise BadInput(
            f"{path.name} holds {seconds:.1f} s of speech, and a voice is cloned from at least {LEAST_S:g} s; record"
            " more of somebody who agrees to be heard"
        )
    first, last = np.flatnonzero(spoken)[[0, -1]]
    frame = round(_FRAME_S * rate_hz)
    return Sample(samples[first * frame : (last + 1) * frame], rate_hz)


def _spoken(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """For each frame of `_FRAME_S` whether somebody speaks, short gaps included, bool (n,)."""
    frame = round(_FRAME_S * rate_hz)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    loud = levels > np.percentile(levels, 95) - _QUIET_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud.astype(int), [1]]))).reshape(-1, 2)
    for start, end in edges.tolist():  # the gaps
        if start > 0 and end < len(loud) and (end - start) * _FRAME_S < _GAP_S:
            loud[start:end] = True
    return loud
