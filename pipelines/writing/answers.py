"""An answer of a language model as fields of the draft: those that are fit and sensible, and why the others aren't."""

from collections.abc import Iterable
from typing import Any

from personify.pipelines.persona import Persona
from personify.pipelines.writing import draft as form
from personify.pipelines.writing.sense import Guard, check
from personify.voices.patient_json import flat, json_values


def accepted(
    said: str, kept: dict[str, Any], wanted: Iterable[str], base: Persona, guard: Guard
) -> tuple[dict[str, Any], dict[str, str]]:
    """(the wanted fields of an answer that make sense, with those kept that still do, why the others don't)."""
    fresh, faults = read_answer(said, wanted)
    return sensible(kept | fresh, faults, base, guard)


def sensible(
    found: dict[str, Any], faults: dict[str, str], base: Persona, guard: Guard
) -> tuple[dict[str, Any], dict[str, str]]:
    """(the fields that make sense, why the others don't)."""
    wrong = check(found, base, guard)
    return {name: value for name, value in found.items() if name not in wrong}, faults | wrong


def read_answer(said: str, names: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(what is fit of the fields of an answer, why the others aren't), from whichever of its objects says most."""
    wanted = frozenset(names)
    best: dict[str, Any] = {}
    for value in json_values(said):
        found = flat(value, wanted)
        best = found if len(found) > len(best) else best
    if not best:
        return {}, dict.fromkeys(wanted, "the answer held no JSON object with this field")
    return form.read_fields(best, [name for name in form.FIELDS if name in wanted])
