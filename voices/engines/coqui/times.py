"""Times for models that give none: the speech is aligned with espeak-ng's, or espeak-ng's own times are stretched.

The second is for sound in which the words can't be found, which a model that makes up its speech may well utter.
"""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from personify.voices.errors import BadInput
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

if TYPE_CHECKING:
    import numpy as np

_log = logging.getLogger(__name__)


def aligned(samples: "np.ndarray", rate_hz: int, text: str, language: str) -> Speech:
    """`samples`, float32 (n,), mono, as speech with the phonemes of `text` where they are spoken."""
    from personify.voices.alignment import align

    try:
        return align(samples, rate_hz, text, language)
    except BadInput as error:
        _log.info("the words of %r can't be found in what was spoken, so their times are guessed: %s", text[:40], error)
        seconds = len(samples) / rate_hz
        return Speech(text, samples, rate_hz, spread(reference(text, language), seconds))


def reference(text: str, language: str) -> tuple[TimedPhoneme, ...]:
    """The phonemes of `text` as espeak-ng speaks them."""
    from personify.voices.engines.espeak import EspeakEngine
    from personify.voices.tones import load_tones

    plain = next(tone for tone in load_tones().values() if tone.model == "espeak")
    return EspeakEngine().speak(text, plain, language=language, accent=None).phonemes


def spread(phonemes: tuple[TimedPhoneme, ...], seconds: float) -> tuple[TimedPhoneme, ...]:
    """The phonemes in proportion over so many seconds, from 0 on; one silence where there are none."""
    if not phonemes:
        return (TimedPhoneme(SILENCE, 0.0, seconds),)
    begins_s = phonemes[0].start_s
    factor = seconds / max(phonemes[-1].end_s - begins_s, 1e-6)
    return tuple(
        replace(p, start_s=(p.start_s - begins_s) * factor, end_s=(p.end_s - begins_s) * factor) for p in phonemes
    )
