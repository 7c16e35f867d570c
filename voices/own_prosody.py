"""A character's own prosody: how far its pitch and pace lie from its tone's, so that two with one tone differ.

Knows nothing of characters or matching. espeak-ng is given the pace, which it keeps exactly, and a body a little larger
or smaller than the tone's for the pitch; what is beyond that, and any other engine's voice, goes through Rubber Band
before the tone's effects, so that a ring or a room stays what it is.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from personify.voices.effects import Effect, Size, stretch_of
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.voices.tones import Tone

_EXACT_PACE = {"espeak": (80, 450)}
"""Engines whose `rate_wpm` moves the measured pace by what was asked to within 4 %, and the rates that they take.

espeak-ng's pitch parameter is not as exact: what is heard misses up to 0.8 semitones of 1.5, by the variant."""
_BODY_SEMITONES = 2.0
"""So far the resonances may move with the pitch, 12 %: less than lies between men and women (17 %, Fant 1966), and a
tenth of Rubber Band's cost."""


class OwnProsody(BaseModel):
    """What is the character's own beside its tone; the defaults change nothing. The effects follow the tone's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pitch_semitones: float = Field(default=0.0, ge=-6, le=6, description="above (or below) the tone's own pitch")
    pace: float = Field(default=1.0, ge=0.7, le=1.4, description="times as fast as the tone")
    effects: Annotated[tuple[Effect, ...], Field(max_length=3)] = ()


PLAIN = OwnProsody()
"""The tone's prosody and nothing else."""


@dataclass(frozen=True)
class Fitted:
    """A tone as its engine is to speak it, and what is left to do to the engine's dry voice."""

    tone: "Tone"
    pitch_semitones: float = 0.0
    pace: float = 1.0

    def after_engine(self, speech: Speech) -> Speech:
        """The engine's speech with what the engine could not do itself."""
        return moved(speech, self.pitch_semitones, self.pace)


def fit(own: OwnProsody | None, tone: "Tone", engine: str) -> Fitted:
    """`own` shared out between the engine of that name, what follows it, and effects; None changes nothing."""
    if own is None or own == PLAIN:
        return Fitted(tone)
    effects = (*tone.effects, *own.effects)
    if engine not in _EXACT_PACE:
        return Fitted(tone.model_copy(update={"effects": effects}), own.pitch_semitones, own.pace)
    body = float(np.clip(own.pitch_semitones, -_BODY_SEMITONES, _BODY_SEMITONES))
    if body:
        effects = (Size(effect="size", factor=2 ** (-body / 12)), *effects)
    # The engine speaks faster for a larger body, to keep the pace; both together must be a rate that it takes.
    slowest, fastest = _EXACT_PACE[engine]
    stretch = stretch_of(effects)
    wanted = tone.prosody.rate_wpm * own.pace
    rate_wpm = round(min(max(wanted, slowest, slowest / stretch), fastest, fastest / stretch))
    rest = 1.0 if abs(wanted / rate_wpm - 1) < 0.01 else wanted / rate_wpm
    prosody = tone.prosody.model_copy(update={"rate_wpm": rate_wpm})
    spoken = tone.model_copy(update={"prosody": prosody, "effects": effects})
    return Fitted(spoken, round(own.pitch_semitones - body, 3), rest)


def moved(speech: Speech, semitones: float, pace: float = 1.0) -> Speech:
    """`speech` so many semitones higher and `pace` times as fast, with its resonances where they were.

    Rubber Band's phase vocoder in its quicker mode: 10 to 20 ms of processor time a second of speech. Phonemes keep
    their place in the sound.
    """
    if (semitones == 0.0 and pace == 1.0) or not len(speech.samples):
        return speech
    import pedalboard  # native code, loaded when it is needed

    samples = pedalboard.time_stretch(
        speech.samples, float(speech.sample_rate_hz), stretch_factor=pace, pitch_shift_in_semitones=semitones,
        high_quality=False,
    )[0]  # fmt: skip
    stretch = len(samples) / len(speech.samples)
    phonemes = tuple(replace(p, start_s=p.start_s * stretch, end_s=p.end_s * stretch) for p in speech.phonemes)
    return replace(speech, samples=np.ascontiguousarray(samples, np.float32), phonemes=phonemes)
