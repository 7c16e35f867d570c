"""Speech engines behind one pattern: a small protocol, and a registry that names each engine's class and its extra."""

import importlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from personify.voices.errors import MissingExtra, unknown_name
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.voices.tones import Tone


class Engine(Protocol):
    """What every engine can do: say a text in a tone's voice, dry, without the tone's effects."""

    def speak(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Speech:
        """`text` as speech at the engine's own sample rate; safe to call from several threads at once.

        `language` is a BCP 47 tag and `accent` a region's word such as "scottish". Raises `BadInput` where there is
        nothing to say or the language is not one of the engine's.
        """
        ...


@dataclass(frozen=True)
class EngineSpec:
    """Where an engine lives, as "module:class", and the pip extra that it needs, None when built in."""

    name: str
    target: str
    extra: str | None = None


SPECS: dict[str, EngineSpec] = {
    spec.name: spec for spec in (EngineSpec("espeak", "personify.voices.engines.espeak:EspeakEngine"),)
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
