"""Persona writers by name: the interface that rules and language models share, and the registry of those there are."""

from collections.abc import Callable
from typing import Protocol

from personify.pipelines.persona import Persona
from personify.voices.errors import unknown_name


class PersonaWriter(Protocol):
    """Something that turns a description into a persona."""

    name: str

    def write(self, description: str, *, seed: int) -> Persona:
        """The persona; the same description and seed give the same one where the writer can promise it.

        Raises `BadInput` where the description is empty, has no words or is too long.
        """
        ...


def _builtin() -> PersonaWriter:
    from personify.pipelines.builtin import BuiltinWriter  # the lexicon's code loads when first asked for

    return BuiltinWriter()


WRITERS: dict[str, Callable[[], PersonaWriter]] = {"builtin": _builtin}
"""What `--llm` may name, and how to build it."""


def persona_writer(name: str = "builtin") -> PersonaWriter:
    """The writer of this name. Raises `BadInput` that lists the names where there is none."""
    if name not in WRITERS:
        raise unknown_name("persona writer", name, list(WRITERS))
    return WRITERS[name]()
