"""A WAV file from outside as samples: 16-bit PCM, read strictly and within limits, by the standard library alone.

What a page records itself is exactly that; anything else is refused before a decoder sees it.
"""

import struct
from typing import NamedTuple

import numpy as np

from personify.voices.errors import BadInput
from personify.voices.transcribing.hearing import LONGEST_S, RATES_HZ, too_long

MOST_BYTES = 12_000_000
"""The largest file that can be right: 30 s of stereo at 96 kHz, with some room for other chunks."""
_PCM, _EXTENSIBLE = 1, 0xFFFE
_MOST_CHANNELS = 2
_MOST_CHUNKS = 64
_WANTED = "send a WAV file of 16-bit PCM, such as 16 kHz mono"


class WavSound(NamedTuple):
    """`samples` float32 (n,), mono, within [-1, 1], at `rate_hz`."""

    samples: np.ndarray
    rate_hz: int


class _Format(NamedTuple):
    channels: int
    rate_hz: int


def wav_sound(body: bytes) -> WavSound:
    """The sound of a WAV file, its channels averaged.

    Raises `BadInput`, in one line with the way out, for what is no WAV, is broken off, holds anything but 16-bit PCM of
    one or two channels at 8 to 96 kHz, or is longer than `LONGEST_S`.
    """
    if len(body) > MOST_BYTES:
        raise BadInput(f"the sound has {len(body):,} bytes, more than {MOST_BYTES:,}; say less at a time")
    if len(body) < 12 or body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise BadInput(f"what came is no WAV file; {_WANTED}")
    form, data = _chunks(body)
    size = 2 * form.channels
    if len(data) % size:
        raise BadInput(f"the WAV file ends within a sample; {_WANTED}")
    if len(data) > LONGEST_S * form.rate_hz * size:
        raise too_long(len(data) / size / form.rate_hz)
    whole = np.frombuffer(data, "<i2").reshape(-1, form.channels)
    return WavSound((whole.mean(axis=1, dtype=np.float32) / 32768).astype(np.float32), form.rate_hz)


def _chunks(body: bytes) -> tuple[_Format, bytes]:
    """The format and the samples, whatever else lies between (Microsoft's RIFF specification, 1991)."""
    form: _Format | None = None
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(body):
            break
        name, size = struct.unpack_from("<4sI", body, at)
        at += 8
        if size > len(body) - at:
            raise BadInput("the WAV file is broken off: it promises more than it holds; send it again")
        if name == b"fmt ":
            form = _format(body[at : at + size])
        elif name == b"data":
            if form is None:
                raise BadInput(f"the WAV file doesn't say what its samples are; {_WANTED}")
            return form, body[at : at + size]
        at += size + size % 2
    raise BadInput(f"there is no sound in the WAV file; {_WANTED}")


def _format(chunk: bytes) -> _Format:
    """What the samples are, checked."""
    if len(chunk) < 16:
        raise BadInput(f"the WAV file doesn't say what its samples are; {_WANTED}")
    kind, channels, rate_hz, _, block, bits = struct.unpack_from("<HHIIHH", chunk)
    if kind == _EXTENSIBLE and len(chunk) >= 26:
        kind = struct.unpack_from("<H", chunk, 24)[0]
    if kind != _PCM or bits != 16:
        raise BadInput(f"the WAV file holds format {kind} with {bits} bits; {_WANTED}")
    if not 1 <= channels <= _MOST_CHANNELS or block != 2 * channels:
        raise BadInput(f"the WAV file has {channels} channels in blocks of {block} bytes; {_WANTED}")
    low, high = RATES_HZ
    if not low <= rate_hz <= high:
        raise BadInput(f"the WAV file is at {rate_hz} Hz, and {low:,} to {high:,} Hz are taken; {_WANTED}")
    return _Format(channels, rate_hz)
