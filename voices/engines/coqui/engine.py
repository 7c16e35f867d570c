"""Coqui TTS: neural voices that run here, on the processor or a GPU; see `vits.py` and `xtts.py`.

Models are loaded when they first speak and kept, the least used let go. Knows nothing of effects or loudness.
"""

import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from personify.voices.engines import OnBytes, Status
from personify.voices.engines.coqui.chance import chance
from personify.voices.engines.coqui.files import lacking, place, pull
from personify.voices.engines.coqui.voice import PAUSE_S
from personify.voices.errors import BadInput, MissingExtra
from personify.voices.models import model_of
from personify.voices.speech import Speech, with_pauses
from personify.voices.stopping import holding
from personify.voices.text.cleaning import clean, pieces

if TYPE_CHECKING:
    from personify.voices.engines.coqui.voice import CoquiVoice
    from personify.voices.models import VoiceModel
    from personify.voices.tones import Tone

KEPT = 2
"""How many models stay in memory; XTTS v2 takes about 2 GB."""
_NEEDS = ("TTS", "torchaudio", "torchcodec", "six")
_SEED = 1


class CoquiEngine:
    """Every model of Coqui's, by name or from a folder."""

    def __init__(self) -> None:
        for name in _NEEDS:
            if importlib.util.find_spec(name) is None:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        self._voices: OrderedDict[VoiceModel, CoquiVoice] = OrderedDict()
        self._lock = threading.Lock()

    def speak(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Speech:
        """`text` dry at the model's own rate, the same samples for the same text and tone.

        An accent belongs to a speaker here, so `accent` changes nothing. Raises `BadInput` for an unknown speaker,
        with the choices, and `PersonifyError` where the model isn't here or is damaged.
        """
        voice, parts = self._ready(text, tone, language)
        return with_pauses(text, [_said(voice, part, tone, language) for part in parts], PAUSE_S)

    def stream(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Iterator[Speech]:
        """As `speak`, in pieces as they come: parts of a sentence where the model can, whole ones otherwise."""
        voice, parts = self._ready(text, tone, language)
        for part in parts:
            inner = getattr(voice, "stream", None)
            if inner is None:
                yield _said(voice, part, tone, language)
                continue
            chunks = inner(part, tone, language=language)
            number = 0
            while True:  # the lock is not held while somebody listens, so each chunk has a seed of its own
                with _spelt(tone, language), chance(_SEED + number):
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                yield chunk
                number += 1

    def status(self, model: "VoiceModel") -> Status:
        """Ready where its files are here, whether or not they can be loaded."""
        missing = lacking(model)
        return Status(not missing, missing)

    def pull(self, model: "VoiceModel", on_bytes: OnBytes) -> None:
        """Fetches the model's files; see `files.pull`."""
        pull(model, on_bytes)

    def _ready(self, text: str, tone: "Tone", language: str) -> "tuple[CoquiVoice, list[str]]":
        """The tone's model in memory, and the text in pieces that it takes."""
        model = model_of(tone.model)
        if not model.speaks(language):
            raise BadInput(f"{model.name} can't speak {language!r}, only: {', '.join(model.languages)}")
        if not pieces(clean(text)):
            raise BadInput(f"there is nothing to say in {text[:40]!r}; give at least one letter or digit")
        voice = self._voice(model)
        return voice, pieces(clean(text), voice.limit)

    def _voice(self, model: "VoiceModel") -> "CoquiVoice":
        from personify.voices.engines.coqui.loading import load_voice

        with holding(self._lock):
            if model not in self._voices:
                folder = place(model)
                while len(self._voices) >= KEPT:
                    self._voices.popitem(last=False)
                with chance(_SEED):  # weights are drawn before they are read
                    self._voices[model] = load_voice(model, folder)
            self._voices.move_to_end(model)
            return self._voices[model]


def _said(voice: "CoquiVoice", text: str, tone: "Tone", language: str) -> Speech:
    with _spelt(tone, language), chance(_SEED):
        return voice.say(text, tone, language=language)


@contextmanager
def _spelt(tone: "Tone", language: str) -> Iterator[None]:
    """Says what to install where a library is missing: Chinese, Japanese and Korean are spelt by some of their own."""
    try:
        yield
    except ImportError as error:
        said = str(error).strip().splitlines()[0]
        raise MissingExtra(
            f"{tone.model} needs more to speak {language!r} ({said}); install it with:"
            " pip install 'coqui-tts[zh,ja,ko]'"
        ) from error
