"""Every other model of Coqui, by way of its own synthesizer and, where it has one, its vocoder; else Griffin-Lim."""

from typing import TYPE_CHECKING

import numpy as np

from personify.voices.engines.coqui.times import aligned
from personify.voices.engines.coqui.voice import bounded, cut_free, speaker_of
from personify.voices.errors import BadInput
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from TTS.utils.synthesizer import Synthesizer

    from personify.voices.tones import Tone


class OtherVoice:
    """A Tacotron, Glow-TTS, FastPitch or the like, with what turns its spectrograms into sound."""

    limit = 200

    def __init__(self, synthesizer: "Synthesizer", name: str) -> None:
        self._synthesizer = synthesizer
        self._name = name
        self._rate_hz = int(synthesizer.output_sample_rate)

    def say(self, text: str, tone: "Tone", *, language: str) -> Speech:
        """One piece of text; see `CoquiVoice`."""
        from TTS.utils.synthesizer import PAD_SILENCE_SAMPLES

        if tone.blend or tone.sample:
            raise BadInput(f"{self._name} can neither blend speakers nor clone; leave blend and sample out")
        model = self._synthesizer.tts_model
        manager = getattr(model, "speaker_manager", None)
        speaker = speaker_of(tone, manager.speaker_names if manager else [], tone.speaker)
        names = model.language_manager.language_names
        primary = language.lower().split("-", maxsplit=1)[0]
        named = next((name for name in names if name.lower().split("-", maxsplit=1)[0] == primary), None)
        if named is None and len(names) > 1:
            raise BadInput(f"{self._name} can't speak {language!r}, only: {', '.join(sorted(names))}")
        wave = self._synthesizer.tts(text, speaker_name=speaker or None, language_name=named, split_sentences=False)
        samples = bounded(np.asarray(wave, np.float32)[:-PAD_SILENCE_SAMPLES])
        return cut_free(aligned(samples, self._rate_hz, text, language))
