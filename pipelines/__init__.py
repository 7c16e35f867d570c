"""The flows: a description becomes an avatar, an avatar speaks. What programs need is here."""

from personify.pipelines.bundle import Avatar, open_avatar
from personify.pipelines.create import STAGES, Stage
from personify.pipelines.persona import Persona
from personify.pipelines.studio import Studio
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

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
