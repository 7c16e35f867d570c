"""One text in one tone: the words it means, the engine's voice, the tone's effects, an even loudness, and a breath
before and after."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from personify.voices import loudness
from personify.voices.effects import apply_effects
from personify.voices.engines import get_engine
from personify.voices.errors import BadInput
from personify.voices.models import model_of
from personify.voices.own_prosody import OwnProsody, fit
from personify.voices.speech import SILENCE, Speech, between_silences
from personify.voices.text.preparing import prepare

if TYPE_CHECKING:
    from personify.voices.tones import Tone

LEAD_S = 0.15
"""Silence before the first sound: time for the face to be seen at rest."""
TAIL_S = 0.35
"""Silence after the last sound, at least; what rings longer is kept."""
_FADE_S = 0.008


def speak(
    text: str, tone: "Tone", *, language: str = "en", accent: str | None = None, own: OwnProsody | None = None
) -> Speech:
    """`text` in `tone`: float32 mono at the engine's rate, timed phonemes, pauses of 0.15 s before and >= 0.35 s after.

    `language` is a BCP 47 tag, `accent` a word such as "scottish" that overrules the tone's own, `own` what is the
    character's own beside the tone. The same arguments give the same samples. What is said is `text` prepared
    (`preparing.prepare`), the same words for every engine; the speech's own `text` stays as it was written, which is
    what captions show and faces react to. Raises `BadInput` where there is nothing to say or the tone can't speak the
    language.
    """
    speaker = Speaker(tone, language=language, accent=accent, own=own)
    words = prepare(text, language).text
    if not words:
        raise nothing_to_say(text)
    speech, _ = speaker.wet(speaker.dry(words), LEAD_S, TAIL_S)
    return replace(faded(speaker.even(speech)), text=text)


def nothing_to_say(text: str) -> BadInput:
    """The error for a text without a word."""
    return BadInput(f"there is nothing to say in {text[:40]!r}; give at least one letter or digit")


class Speaker:
    """A tone that speaks one language: the steps of `speak`, for who speaks piece by piece.

    Raises `BadInput` where the tone can't speak the language.
    """

    def __init__(
        self, tone: "Tone", *, language: str = "en", accent: str | None = None, own: OwnProsody | None = None
    ) -> None:
        if not tone.speaks(language):
            raise BadInput(f"tone {tone.name!r} can't speak {language!r}, only: {', '.join(tone.languages)}")
        engine = model_of(tone.model).engine
        self._fitted = fit(own, tone, engine)
        self._engine = get_engine(engine)
        self._language, self._accent = language, accent
        self.tone = self._fitted.tone

    def dry(self, words: str) -> Speech:
        """Prepared words in the engine's voice, without silence around it."""
        speech = self._engine.speak(words, self.tone, language=self._language, accent=self._accent)
        return self._fitted.after_engine(speech)

    def wet(self, voice: Speech, lead_s: float, tail_s: float) -> tuple[Speech, int]:
        """`voice` between so much silence and through the effects; and its samples without what rings on after it."""
        rate_hz, stretch = voice.sample_rate_hz, self.tone.stretch
        lead, tail = (round(seconds / stretch * rate_hz) for seconds in (lead_s, tail_s))
        staged = between_silences(faded(replace(voice, samples=voice.samples.copy())), lead, tail)
        speech = apply_effects(staged, self.tone.effects)
        return speech, min(round(len(staged.samples) * stretch), len(speech.samples))

    def even(self, speech: Speech) -> Speech:
        """At the common loudness as it is where it speaks, in place: the samples must be nobody else's."""
        rate_hz, sounds = speech.sample_rate_hz, [p for p in speech.phonemes if p.symbol != SILENCE]
        spoken = slice(round(sounds[0].start_s * rate_hz), round(sounds[-1].end_s * rate_hz)) if sounds else slice(0)
        loudness.level(speech.samples, rate_hz, volume=self.tone.prosody.volume / 100, part=spoken)
        return speech


def faded(speech: Speech) -> Speech:
    """With its last 8 ms fading to nothing, in place."""
    fade = min(round(_FADE_S * speech.sample_rate_hz), len(speech.samples))
    speech.samples[len(speech.samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return speech
