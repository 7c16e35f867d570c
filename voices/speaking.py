"""One text in one tone: the engine's voice, the tone's effects, an even loudness, and a breath before and after."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personify.voices.effects import apply_effects
from personify.voices.engines import get_engine
from personify.voices.errors import BadInput
from personify.voices.models import model_of
from personify.voices.own_prosody import OwnProsody, fit
from personify.voices.speech import SILENCE, Speech, between_silences

if TYPE_CHECKING:
    from personify.voices.tones import Tone

LEAD_S = 0.15
"""Silence before the first sound: time for the face to be seen at rest."""
TAIL_S = 0.35
"""Silence after the last sound, at least; what rings longer is kept."""
LOUDNESS_DBFS = -18.0
"""RMS of the spoken parts, for a tone of 100 % volume."""
PEAK = 0.98
_KNEE = 0.7
_FADE_S = 0.008
_BLOCK = 1 << 18
"""Samples treated at a time, to spare memory in an hour of speech."""


def speak(
    text: str, tone: "Tone", *, language: str = "en", accent: str | None = None, own: OwnProsody | None = None
) -> Speech:
    """`text` in `tone`: float32 mono at the engine's rate, timed phonemes, pauses of 0.15 s before and >= 0.35 s after.

    `language` is a BCP 47 tag, `accent` a word such as "scottish" that overrules the tone's own, `own` what is the
    character's own beside the tone. The same arguments give the same samples. Raises `BadInput` where there is nothing
    to say or the tone can't speak the language.
    """
    if not tone.speaks(language):
        raise BadInput(f"tone {tone.name!r} can't speak {language!r}, only: {', '.join(tone.languages)}")
    engine = model_of(tone.model).engine
    fitted = fit(own, tone, engine)
    tone = fitted.tone
    voice = fitted.after_engine(get_engine(engine).speak(text, tone, language=language, accent=accent))
    return _even(apply_effects(_with_pauses(voice, tone.stretch), tone.effects), tone.prosody.volume / 100)


def _with_pauses(speech: Speech, stretch: float) -> Speech:
    """With silence around it that is `LEAD_S` and `TAIL_S` long once the effects have stretched it."""
    rate_hz = speech.sample_rate_hz
    lead, tail = (round(seconds / stretch * rate_hz) for seconds in (LEAD_S, TAIL_S))
    fade = min(round(_FADE_S * rate_hz), len(speech.samples))
    voice = speech.samples.copy()
    voice[len(voice) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return between_silences(replace(speech, samples=voice), lead, tail)


def _even(speech: Speech, volume: float) -> Speech:
    """At the common loudness, measured where it speaks; peaks bend smoothly below `PEAK` instead of clipping.

    Works in place: the samples are nobody else's yet.
    """
    rate_hz, samples = speech.sample_rate_hz, speech.samples
    energy, count = 0.0, 0
    for phoneme in speech.phonemes:
        if phoneme.symbol != SILENCE:
            part = samples[round(phoneme.start_s * rate_hz) : round(phoneme.end_s * rate_hz)]
            energy += float(np.dot(part, part))
            count += len(part)
    level = math.sqrt(energy / max(count, 1))
    gain = volume * 10 ** (LOUDNESS_DBFS / 20) / max(level, 1e-6)
    for start in range(0, len(samples), _BLOCK):
        part = samples[start : start + _BLOCK]
        part *= np.float32(gain)
        over = np.abs(part) > _KNEE
        excess = (np.abs(part[over]) - _KNEE) / (PEAK - _KNEE)
        part[over] = np.sign(part[over]) * (_KNEE + (PEAK - _KNEE) * np.tanh(excess))
    fade = min(round(_FADE_S * rate_hz), len(samples))
    samples[len(samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return speech
