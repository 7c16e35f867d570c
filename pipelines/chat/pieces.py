"""The pieces of a reply as they come: its words, its sound sentence by sentence, how the face moves, and what was said.

They hold no model and no file, and each has a small JSON form, for programs and browsers.
"""

import base64
import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from personify.pipelines.chat.engine import Usage
from personify.voices.speech import Speech


@dataclass(frozen=True)
class TextPiece:
    """Words of the reply, as they are written; joined they are its text."""

    text: str

    def to_json(self) -> dict[str, Any]:
        """The piece as plain values."""
        return {"piece": "text", "text": self.text}


@dataclass(frozen=True)
class SpeechPiece:
    """One sentence (or clause of a long one) as sound, as soon as it is complete.

    `speech` has its own times, from 0; `starts_s` is when it begins in the whole reply, played without a gap.
    `sentence` is what is said, as written; empty where only an effect rings on. `index` counts the pieces from 0.
    """

    speech: Speech
    sentence: str
    index: int
    starts_s: float

    def wav(self) -> bytes:
        """The sound as a WAV file, 16 bit, mono."""
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(self.speech.sample_rate_hz)
            sound.writeframes(pcm(self.speech))
        return file.getvalue()

    def to_json(self, *, sound: bool = True) -> dict[str, Any]:
        """The piece as plain values; `wav` is the sound in base64, left out without `sound`."""
        phonemes = [[p.symbol, round(p.start_s, 4), round(p.end_s, 4), p.stress] for p in self.speech.phonemes]
        told = {
            "piece": "speech",
            "index": self.index,
            "sentence": self.sentence,
            "starts_s": round(self.starts_s, 4),
            "seconds": round(self.speech.duration_s, 4),
            "phonemes": phonemes,
        }
        return told | ({"wav": base64.b64encode(self.wav()).decode("ascii")} if sound else {})


@dataclass(frozen=True)
class FacePiece:
    """How the face moves for the sound so far: a row a frame of `values`, float32 (n, len(channels)).

    The channels are `avatar.animation.SHAPE_CHANNELS`, those of the track files that docs/talking-head.md describes;
    frame `first + i` shows the moment (first + i + 0.5) / fps of the whole reply. The last quarter of a second of a
    sentence, which is its pause, comes with the next one, or at the end.
    """

    fps: float
    first: int
    channels: tuple[str, ...]
    values: np.ndarray

    def to_json(self) -> dict[str, Any]:
        """The piece as plain values, to three digits."""
        rows = [[round(value, 3) + 0.0 for value in row] for row in self.values.tolist()]
        told = {"piece": "face", "fps": self.fps, "first": self.first}
        return told | {"channels": list(self.channels), "values": rows}


@dataclass(frozen=True)
class Trouble:
    """What went wrong on the way, for the user. What was said by then stays."""

    message: str

    def to_json(self) -> dict[str, Any]:
        """The piece as plain values."""
        return {"piece": "trouble", "message": self.message}


@dataclass(frozen=True)
class Said:
    """The end of a reply: what was heard of it, which is what the history keeps.

    `cut_off` says that there was to be more. `usage` is what this reply took, with the way its words were found
    (`usage.route`) and notes for the user. `seconds` is how long the whole took, `first_s` until the first sound was
    ready, None where there was none.
    """

    text: str
    cut_off: bool
    usage: Usage
    seconds: float
    first_s: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The piece as plain values."""
        usage = self.usage
        return {
            "piece": "said",
            "text": self.text,
            "cut_off": self.cut_off,
            "route": usage.route,
            "seconds": round(self.seconds, 3),
            "first_s": None if self.first_s is None else round(self.first_s, 3),
            "tokens_in": usage.tokens_in,
            "tokens_out": usage.tokens_out,
            "requests": usage.requests,
            "cost": usage.cost,
            "notes": list(usage.notes),
        }


Piece = TextPiece | SpeechPiece | FacePiece | Trouble | Said


def pcm(speech: Speech) -> bytes:
    """The samples as players take them: 16 bit, little endian."""
    return (np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2").tobytes()


def speeches_of(pieces: "Iterator[Piece] | list[Piece] | tuple[Piece, ...]") -> list[Speech]:
    """The sound among the pieces, in order."""
    return [piece.speech for piece in pieces if isinstance(piece, SpeechPiece)]
