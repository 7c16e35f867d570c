"""Persona writers by name: the interface that rules and language models share, and the registry of those there are."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from personify.pipelines.persona import Depth, Persona
from personify.pipelines.wanted import NOTHING, Wanted
from personify.voices.errors import unknown_name

if TYPE_CHECKING:
    from personify.pipelines.writing.asking import Asker


OnDraft = Callable[[Mapping[str, Any]], None]
"""Hears of what is accepted of a draft so far, by the names of its fields in `writing/draft.py`."""


class PersonaWriter(Protocol):
    """Something that turns a description into a persona."""

    name: str

    def write(self, description: str, *, seed: int, wanted: Wanted = NOTHING) -> Persona:
        """The persona; the same description, seed and wishes give the same one where the writer can promise it.

        Raises `BadInput` where the description is empty, has no words or is too long.
        """
        ...


def _builtin() -> PersonaWriter:
    from personify.pipelines.builtin import BuiltinWriter  # the lexicon's code loads when first asked for

    return BuiltinWriter()


WRITERS: dict[str, Callable[[], PersonaWriter]] = {"builtin": _builtin}
"""The writers that need no model, and how to build them."""


def persona_writer(
    name: str = "builtin", *, asker: "Asker | None" = None, depth: Depth = "brief", on_draft: OnDraft | None = None
) -> PersonaWriter:
    """The writer of this name; with an `asker` the language model that it asks writes, and `on_draft` hears of its
    fields as they come. At `depth` "full" the profile is written too. Raises `BadInput` that lists the names where
    there is none."""
    if name not in WRITERS:
        raise unknown_name("persona writer", name, list(WRITERS))
    if asker is None:
        writer = WRITERS[name]()
    else:
        from personify.pipelines.writing.model_writer import ModelWriter

        writer = ModelWriter(asker, on_draft)
    if depth == "brief":
        return writer
    from personify.pipelines.writing.depth import DeepWriter

    return DeepWriter(writer, asker)
