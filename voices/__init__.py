"""The tone: catalogue, matching (mixture of voices), speech, engines, effects."""

import importlib
from typing import TYPE_CHECKING, Any

from personify.voices.brief import VoiceBrief
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

if TYPE_CHECKING:
    from personify.voices.languages import detect_language
    from personify.voices.matching import RunnerUp, ToneChoice, choose_tone
    from personify.voices.speaking import speak
    from personify.voices.streaming import joined, speak_stream
    from personify.voices.text.preparing import Prepared, prepare
    from personify.voices.text.sentences import SentenceStream
    from personify.voices.tones import Tone, load_tones
    from personify.voices.wav import write_wav

__all__ = [
    "SILENCE",
    "Prepared",
    "RunnerUp",
    "SentenceStream",
    "Speech",
    "TimedPhoneme",
    "Tone",
    "ToneChoice",
    "VoiceBrief",
    "choose_tone",
    "detect_language",
    "joined",
    "load_tones",
    "prepare",
    "speak",
    "speak_stream",
    "write_wav",
]

_HOMES = {
    "Prepared": "text.preparing",
    "RunnerUp": "matching",
    "SentenceStream": "text.sentences",
    "Tone": "tones",
    "ToneChoice": "matching",
    "choose_tone": "matching",
    "detect_language": "languages",
    "joined": "streaming",
    "load_tones": "tones",
    "prepare": "text.preparing",
    "speak": "speaking",
    "speak_stream": "streaming",
    "write_wav": "wav",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
