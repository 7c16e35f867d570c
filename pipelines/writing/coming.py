"""A draft while it is being written: what of it is fit so far, told as it grows.

What is told passes the same rules as the finished answer, so that nothing is shown that couldn't stand in a persona.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from personify.pipelines.builtin.reading import Reading
from personify.pipelines.persona import Persona
from personify.pipelines.writing.answers import read_answer, sensible
from personify.pipelines.writing.merging import as_described, place_of
from personify.pipelines.writing.sense import Guard

if TYPE_CHECKING:
    from personify.pipelines.writers import OnDraft

_EVERY_S = 0.2
"""How often what has come is read: reading takes a hundredth of a second or two, and words come faster."""
_GROWING = ("backstory", "manner", "greeting")
"""Texts of whole sentences, of which the first are worth showing before the last is there."""
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？]")


class Coming:
    """Tells `on_draft` of a draft for the description that `reading` read, each time there is more of it."""

    def __init__(self, base: Persona, reading: Reading, guard: Guard, on_draft: "OnDraft") -> None:
        self._base, self._reading, self._guard = base, reading, guard
        self._on_draft = on_draft
        self._told: dict[str, Any] = {}
        self._next_s = 0.0

    def listening(self, kept: dict[str, Any], wanted: Sequence[str]) -> Callable[[str], None]:
        """What hears an answer about the wanted fields as it comes, all of it so far each time."""

        def hear(text: str) -> None:
            if time.monotonic() >= self._next_s:
                self.tell(self._so_far(text, kept, wanted))
                self._next_s = time.monotonic() + _EVERY_S

        return hear

    def tell(self, draft: dict[str, Any]) -> None:
        """These fields are accepted now."""
        told = as_described(self._base, self._reading, dict(draft)) if draft else {}
        for name in draft.keys() - told.keys():  # what the description says counts more
            value: Any = self._base
            for part in place_of(name).split("."):
                value = getattr(value, part)
            told[name] = value
        if told != self._told:
            self._told = told
            self._on_draft(dict(told))

    def _so_far(self, text: str, kept: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
        whole, _ = read_answer(text, wanted)
        ends = [end.end() for end in _SENTENCE_END.finditer(text)]
        growing = [name for name in wanted if name in _GROWING and name not in whole]
        begun, _ = read_answer(f'{text[: ends[-1]]}"', growing) if ends and growing else ({}, {})
        fit, _ = sensible(kept | begun | whole, {}, self._base, self._guard)
        return fit
