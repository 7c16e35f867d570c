"""The flows: a description becomes an avatar, an avatar speaks; each name is imported when it is first used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personify.pipelines.bundle import Avatar as Avatar
    from personify.pipelines.bundle import open_avatar as open_avatar
    from personify.pipelines.persona import Persona as Persona
    from personify.pipelines.stages import STAGES as STAGES
    from personify.pipelines.stages import Stage as Stage
    from personify.pipelines.studio import Studio as Studio
    from personify.voices.errors import BadInput as BadInput
    from personify.voices.errors import MissingExtra as MissingExtra
    from personify.voices.errors import PersonifyError as PersonifyError

_HOMES = {
    "Avatar": "personify.pipelines.bundle",
    "open_avatar": "personify.pipelines.bundle",
    "STAGES": "personify.pipelines.stages",
    "Stage": "personify.pipelines.stages",
    "Persona": "personify.pipelines.persona",
    "Studio": "personify.pipelines.studio",
    "BadInput": "personify.voices.errors",
    "MissingExtra": "personify.voices.errors",
    "PersonifyError": "personify.voices.errors",
}

__all__ = [
    "STAGES",
    "Avatar",
    "BadInput",
    "MissingExtra",
    "Persona",
    "PersonifyError",
    "Stage",
    "Studio",
    "open_avatar",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
