"""What the parts of the Coqui engine share: a loaded model that speaks a piece of text, and its speech put together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from personify.voices.errors import BadInput, unknown_name
from personify.voices.speech import SILENCE, Speech

if TYPE_CHECKING:
    from personify.voices.tones import Tone

PAUSE_S = 0.3
"""Between two pieces of a long text."""
_EDGES_S = (0.02, 0.06)
"""Silence that is kept before the first sound and after the last one, which a model's times may cut into."""
_PEAK = 0.999


class CoquiVoice(Protocol):
    """A model in memory."""

    limit: int
    """How many characters it takes at a time."""

    def say(self, text: str, tone: "Tone", *, language: str) -> Speech:
        """One piece of text at the model's own rate; draws random numbers, so call it within `chance`."""
        ...


def speaker_of(tone: "Tone", speakers: Sequence[str], wanted: str) -> str:
    """The speaker called `wanted` as the model writes the name; "" for a model of a single, nameless speaker.

    Raises `BadInput` that lists the choices.
    """
    if not speakers and not wanted:
        return ""
    if not speakers:
        raise BadInput(f"tone {tone.name!r} names the speaker {wanted!r}, but {tone.model} has one alone; leave it out")
    for name in speakers:
        if name.strip() == wanted.strip():  # the first name in VCTK's list ends with a line break
            return name
    raise unknown_name(f"speaker of {tone.model}", wanted, [name.strip() for name in speakers])


def bounded(samples: np.ndarray) -> np.ndarray:
    """float32, mono, around zero, within [-1, 1]: quieter as a whole where it is louder."""
    samples = np.nan_to_num(np.asarray(samples, np.float32).reshape(-1))
    samples = samples - samples.mean() if len(samples) else samples
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(_PEAK / peak) if peak > _PEAK else samples


def cut_free(speech: Speech) -> Speech:
    """Without the silence before the first sound and after the last, but for a hair's breadth."""
    sounds = [p for p in speech.phonemes if p.symbol != SILENCE]
    if not sounds:
        raise BadInput(f"there is nothing to say in {speech.text[:40]!r} in this language")
    rate_hz = speech.sample_rate_hz
    first = max(0, round((sounds[0].start_s - _EDGES_S[0]) * rate_hz))
    last = min(len(speech.samples), round((sounds[-1].end_s + _EDGES_S[1]) * rate_hz))
    begins_s, ends_s = first / rate_hz, last / rate_hz
    kept = [
        replace(p, start_s=max(p.start_s, begins_s) - begins_s, end_s=min(p.end_s, ends_s) - begins_s)
        for p in speech.phonemes
        if p.end_s > begins_s and p.start_s < ends_s
    ]
    return replace(speech, samples=speech.samples[first:last], phonemes=tuple(kept))
