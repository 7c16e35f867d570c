"""Speech engines behind one pattern: a small protocol, and a registry that names each engine's class and its extra."""

import importlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from personify.voices.errors import MissingExtra, unknown_name
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.voices.models import VoiceModel
    from personify.voices.tones import Tone

OnBytes = Callable[[int, int], None]
"""Hears how many bytes are here, and how many there will be."""


@dataclass(frozen=True)
class Status:
    """Whether a model can speak now; where it can't, `lacks` says what is missing and the way to it, for the user."""

    ready: bool
    lacks: str = ""


class Engine(Protocol):
    """What every engine can do: say a text in a tone's voice, dry, without the tone's effects."""

    def speak(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Speech:
        """`text` as speech at the engine's own sample rate; safe to call from several threads at once.

        `language` is a BCP 47 tag and `accent` a region's word such as "scottish". Raises `BadInput` where there is
        nothing to say or the language is not one of the engine's.
        """
        ...

    def status(self, model: "VoiceModel") -> Status:
        """Whether `model` can speak now; looks at the disk and the settings, loads nothing and asks no network."""
        ...

    def pull(self, model: "VoiceModel", on_bytes: OnBytes) -> None:
        """Fetches what `model` lacks, where there is something to fetch. Raises `PersonifyError` where that fails."""
        ...


@runtime_checkable
class StreamingEngine(Protocol):
    """An engine that hands on speech while it is still speaking."""

    def stream(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Iterator[Speech]:
        """`text` in pieces of speech, in order, each with its own phonemes from 0 s on; else as `Engine.speak`."""
        ...


@dataclass(frozen=True)
class EngineSpec:
    """Where an engine lives, as "module:class", and the pip extra that it needs, None when built in."""

    name: str
    target: str
    extra: str | None = None


SPECS: dict[str, EngineSpec] = {
    spec.name: spec
    for spec in (
        EngineSpec("espeak", "personify.voices.engines.espeak:EspeakEngine"),
        EngineSpec("coqui", "personify.voices.engines.coqui.engine:CoquiEngine", "coqui"),
        EngineSpec("openai", "personify.voices.engines.openai_speech:OpenAISpeechEngine", "openai"),
    )
}

_built: dict[str, Engine] = {}
_building = threading.Lock()


def get_engine(name: str) -> Engine:
    """The engine called `name`, built on first use and shared afterwards."""
    spec = SPECS.get(name)
    if spec is None:
        raise unknown_name("speech engine", name, list(SPECS))
    with _building:
        if name not in _built:
            _built[name] = _build(spec)
        return _built[name]


def status_of(model: "VoiceModel") -> Status:
    """Whether `model` can speak now; an extra that isn't installed is a way to it like any other."""
    try:
        return get_engine(model.engine).status(model)
    except MissingExtra as error:
        return Status(False, str(error))


def _build(spec: EngineSpec) -> Engine:
    module_name, class_name = spec.target.split(":")
    try:
        module = importlib.import_module(module_name)
        return cast(Engine, getattr(module, class_name)())
    except ModuleNotFoundError as error:
        if spec.extra is None:
            raise
        raise MissingExtra(
            f"the {spec.name} voices need {error.name}; install them with: pip install 'personify[{spec.extra}]'"
        ) from error
