"""Speech: what a voice engine hands on, and all that the face needs to know of a voice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

SILENCE = ""
"""The phoneme symbol of a pause."""


@dataclass(frozen=True)
class TimedPhoneme:
    """One phoneme with its place in time.

    `symbol` is IPA without stress marks (length marks and diacritics stay), or `SILENCE`.
    `stress` is 0 (none), 1 (secondary) or 2 (primary) and belongs to the vowel of the stressed syllable.
    """

    symbol: str
    start_s: float
    end_s: float
    stress: int = 0


@dataclass(frozen=True)
class Speech:
    """Spoken text.

    `samples`: float32, shape (n,), mono, within [-1, 1]. `phonemes`: in order of time, without overlap, pauses
    included, the last one ending no later than the samples do.
    """

    text: str
    samples: np.ndarray
    sample_rate_hz: int
    phonemes: tuple[TimedPhoneme, ...]

    @property
    def duration_s(self) -> float:
        """How long it lasts, pauses included."""
        return len(self.samples) / self.sample_rate_hz


def between_silences(speech: Speech, lead: int, tail: int) -> Speech:
    """The speech with so many silent samples before and after it, told as pauses."""
    rate_hz = speech.sample_rate_hz
    samples = np.concatenate([np.zeros(lead, np.float32), speech.samples, np.zeros(tail, np.float32)])
    lead_s, total_s = lead / rate_hz, len(samples) / rate_hz
    moved = [replace(p, start_s=p.start_s + lead_s, end_s=p.end_s + lead_s) for p in speech.phonemes]
    ends_s = moved[-1].end_s if moved else lead_s
    pauses = TimedPhoneme(SILENCE, 0.0, lead_s), TimedPhoneme(SILENCE, ends_s, total_s)
    return replace(speech, samples=samples, phonemes=(pauses[0], *moved, pauses[1]))


def with_pauses(text: str, parts: Sequence[Speech], pause_s: float) -> Speech:
    """The parts of `text`, at least one and all of one sample rate, as one speech with a pause between them."""
    rate_hz = parts[0].sample_rate_hz
    pause = np.zeros(round(pause_s * rate_hz), np.float32)
    samples: list[np.ndarray] = []
    phonemes: list[TimedPhoneme] = []
    length = 0
    for part in parts:
        if samples:
            phonemes.append(TimedPhoneme(SILENCE, length / rate_hz, (length + len(pause)) / rate_hz))
            samples.append(pause)
            length += len(pause)
        at_s = length / rate_hz
        phonemes += [replace(p, start_s=p.start_s + at_s, end_s=p.end_s + at_s) for p in part.phonemes]
        samples.append(part.samples)
        length += len(part.samples)
    return Speech(text, np.concatenate(samples), rate_hz, tuple(phonemes))
