"""Speech to a 16-bit WAV file with the standard library, with an optional INFO chunk that says what made it."""

import struct
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from personify.voices.speech import Speech
from personify.voices.wav_tags import INFO_KEYS, info_chunk


def write_wav(path: str | Path, speech: Speech, tags: Mapping[str, str] | None = None) -> Path:
    """Write `speech` as 16-bit mono PCM to `path` and return it.

    `tags` become a RIFF INFO chunk; the keys are title, artist, comment, software and date.
    """
    target = Path(path)
    unknown = set(tags or ()) - set(INFO_KEYS)
    if unknown:
        raise ValueError(f"unknown WAV tags {sorted(unknown)}; known are {sorted(INFO_KEYS)}")
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.sample_rate_hz)
        file.writeframes(_pcm(speech))
    if tags:
        _append_info(target, tags)
    return target


def same_sound(path: str | Path, speech: Speech) -> bool:
    """Whether the file holds just the samples that `write_wav` writes of the speech; False where it can't be read."""
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            return form == (1, 2, speech.sample_rate_hz) and file.readframes(file.getnframes()) == _pcm(speech)
    except (OSError, EOFError, wave.Error):
        return False


def _pcm(speech: Speech) -> bytes:
    """16-bit samples, little-endian."""
    return (np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2").tobytes()


def _append_info(path: Path, tags: Mapping[str, str]) -> None:
    """Add a LIST/INFO chunk at the end and correct the RIFF size."""
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(info_chunk(dict(tags)))
        size = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
