"""What every transcriber is, and the door before it: sound that is too long is refused, and silence is asked nobody.

Knows nothing of models or servers. Sound is float32 (n,), mono, within [-1, 1].
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from personify.voices.errors import BadInput, PersonifyError

LONGEST_S = 30.0
"""The longest that is taken at once: as much as Whisper hears in one go."""
SHORTEST_S = 0.1
"""Shorter than any word."""
RATE_HZ = 16_000
"""What transcribers are given, whatever came in."""
RATES_HZ = (8_000, 96_000)
_FRAME_S = 0.03
_QUIET = 10 ** (-55 / 20)
"""The loudest frame of a recording with a voice in it is above this RMS (-55 dBFS); a microphone's own hiss is not."""
_LONGEST_TEXT = 2_000
"""Characters: more than anybody says in half a minute, so that what is more is a model that goes round in circles."""


@dataclass(frozen=True)
class Heard:
    """What was said: `text` on one line, empty where nobody spoke; its language as a tag such as "de", where it is
    known; and how long the sound was."""

    text: str
    language: str | None
    seconds: float


class Transcriber(Protocol):
    """Something that turns sound into words. Any number of threads may ask at once."""

    @property
    def name(self) -> str:
        """What it is, for the user, such as "faster-whisper base on this machine"."""
        ...

    def warm(self) -> None:
        """Makes ready whatever the first sound would have to wait for."""
        ...

    def hear(self, samples: np.ndarray, rate_hz: int, *, language: str | None) -> Heard:
        """The words in `samples`, which are at `RATE_HZ`; `language` is a tag, None to find out.

        Raises `PersonifyError` where it can't be done.
        """
        ...


class NothingHears(PersonifyError):
    """There is no transcriber; the message is the way to one."""


@dataclass(frozen=True)
class Hearing:
    """The transcriber that was found, if any. `how` says what hears; without one, the way to get it."""

    transcriber: Transcriber | None
    how: str

    @property
    def available(self) -> bool:
        """Whether anything hears."""
        return self.transcriber is not None

    def warm(self) -> None:
        """Loads what hears; nothing where nothing does. Raises `PersonifyError` where it can't be loaded."""
        if self.transcriber is not None:
            self.transcriber.warm()

    def hear_wav(self, body: bytes, language: str | None = None, longest_s: float = LONGEST_S) -> Heard:
        """The words in a WAV file, as `hear`; `BadInput` where it is none, as `wav_sound` says."""
        from personify.voices.transcribing.wav_sound import wav_sound

        self._there()
        sound = wav_sound(body)
        return self.hear(sound.samples, sound.rate_hz, language, longest_s)

    def hear(
        self, samples: np.ndarray, rate_hz: int, language: str | None = None, longest_s: float = LONGEST_S
    ) -> Heard:
        """The words in some sound at a rate within `RATES_HZ`, of at most `LONGEST_S` or less; silence has none.

        Raises `NothingHears` without a transcriber, `BadInput` for sound that is too long or no sound, and
        `PersonifyError` where it can't be done.
        """
        transcriber = self._there()
        sound = checked(samples, rate_hz, longest_s)
        seconds = len(sound) / rate_hz
        if is_silent(sound, rate_hz):
            return Heard("", None, seconds)
        heard = transcriber.hear(resampled(sound, rate_hz), RATE_HZ, language=primary(language))
        return Heard(one_line(heard.text), heard.language, seconds)

    def _there(self) -> Transcriber:
        if self.transcriber is None:
            raise NothingHears(self.how)
        return self.transcriber


def checked(samples: np.ndarray, rate_hz: int, longest_s: float = LONGEST_S) -> np.ndarray:
    """The samples as float32 (n,) within [-1, 1]; `BadInput` for what is too long, or no sound at all."""
    low, high = RATES_HZ
    if not low <= rate_hz <= high:
        raise BadInput(f"sound at {rate_hz} Hz is not taken; give it at {low:,} to {high:,} Hz, best at {RATE_HZ:,}")
    sound = np.asarray(samples)
    if sound.ndim != 1 or sound.dtype.kind != "f":
        raise BadInput("sound is one row of numbers, mono, within -1 and 1")
    longest_s = min(longest_s, LONGEST_S)
    if len(sound) > longest_s * rate_hz:
        raise too_long(len(sound) / rate_hz, longest_s)
    return np.clip(np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1).astype(np.float32)


def too_long(seconds: float, longest_s: float = LONGEST_S) -> BadInput:
    """What is said of sound that is."""
    return BadInput(f"{seconds:.1f} s of sound is more than is heard at once; say at most {longest_s:g} s at a time")


def is_silent(samples: np.ndarray, rate_hz: int) -> bool:
    """Whether no frame of 30 ms is as loud as a voice; a constant offset, as cheap microphones have, is no sound."""
    size = round(_FRAME_S * rate_hz)
    n = len(samples) // size
    if len(samples) < SHORTEST_S * rate_hz or not n:
        return True
    frames = samples[: n * size].reshape(n, size)
    return bool(frames.std(axis=1).max() < _QUIET)


def resampled(samples: np.ndarray, rate_hz: int, wanted_hz: int = RATE_HZ) -> np.ndarray:
    """The same sound at another rate, float32, with nothing folded down from above what it can hold."""
    if rate_hz == wanted_hz or not len(samples):
        return samples
    import av

    frame = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
    frame.sample_rate = rate_hz
    resampler = av.AudioResampler(format="flt", layout="mono", rate=wanted_hz)
    pieces = [piece.to_ndarray()[0] for given in (frame, None) for piece in resampler.resample(given)]
    return np.clip(np.concatenate(pieces), -1, 1).astype(np.float32)


def primary(language: str | None) -> str | None:
    """The language of a tag without its country ("pt-BR" is "pt"); None where it names none."""
    tag = (language or "").replace("_", "-").split("-")[0].lower()
    return tag if tag.isascii() and tag.isalpha() and len(tag) in (2, 3) else None


def one_line(text: str) -> str:
    """The text on one line, without what can't be printed, and no longer than anybody speaks in half a minute."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= _LONGEST_TEXT else plain[:_LONGEST_TEXT].rsplit(" ", 1)[0]
