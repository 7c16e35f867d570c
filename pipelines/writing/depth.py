"""Depth on demand: a persona's profile, several hundred attributes, by a language model branch by branch or by rules.

The model is told what is known so far, so that each branch builds on the ones before; what contradicts the persona goes
back once, and what is then missing the rules fill in. Calls are budgeted.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from personify.pipelines.persona import Attribute, Persona
from personify.pipelines.wanted import NOTHING, Wanted
from personify.pipelines.writing.asking import Asker, one_line
from personify.pipelines.writing.consistency import contradiction
from personify.pipelines.writing.draft import Unfit, clean_text
from personify.pipelines.writing.filling import LANGUAGES, fill
from personify.pipelines.writing.model_writer import guard_of
from personify.pipelines.writing.sense import Guard, language_fault, other_name, text_fault
from personify.pipelines.writing.taxonomy import taxonomy
from personify.voices.errors import PersonifyError
from personify.voices.languages import language_of
from personify.voices.patient_json import flat, json_values
from personify.voices.stopping import Stopped

if TYPE_CHECKING:
    from personify.pipelines.writers import PersonaWriter

CALLS = 16
"""At most so many questions for one profile; `ROUNDS` of them are the branches, the rest mends them."""
ROUNDS: tuple[tuple[str, ...], ...] = (
    ("home",), ("family", "friends"), ("work",), ("tastes",), ("fears",), ("habits",), ("speech",), ("opinions",),
    ("health", "money"), ("memories",), ("hopes", "beliefs"), ("skills", "play"),
)  # fmt: skip
_MAX_TOKENS = 6000
_LONGEST = 300
_KNOWN_LENGTH = 5000
"""Signs of what is known that a question tells."""
_WORTH_MENDING = 3
"""With fewer attributes missing of a branch it isn't asked about again."""


class DeepWriter:
    """A writer whose personas have their profile too."""

    def __init__(self, writer: "PersonaWriter", asker: Asker | None = None) -> None:
        self.name = writer.name
        self._writer, self._asker = writer, asker

    def write(self, description: str, *, seed: int, wanted: Wanted = NOTHING) -> Persona:
        """The persona with its profile; see `PersonaWriter.write`."""
        return deepen(self._writer.write(description, seed=seed, wanted=wanted), seed=seed, asker=self._asker)


def deepen(persona: Persona, *, seed: int, asker: Asker | None = None) -> Persona:
    """The persona with a profile over all leaves of the taxonomy that can be had; what happened is in its notes."""
    told, notes = by_model(persona, asker, seed) if asker is not None and not asker.broken else ({}, [])
    missing = [path for path in taxonomy() if path not in told]
    filled: dict[str, str] = {}
    if persona.language in LANGUAGES:
        filled = fill(persona, missing, seed=seed)
    elif missing:
        notes.append(
            f"Without a language model that answers, depth is brief in {language_of(persona.language).name}: the "
            f"built-in filler writes English alone ({len(told)} of {len(taxonomy())} attributes are there)."
        )
    if told and filled:
        notes.append(f"The built-in filler wrote {len(filled)} of {len(taxonomy())} attributes.")
    texts = told | filled
    profile = tuple(Attribute(path=path, text=texts[path]) for path in taxonomy() if path in texts)
    by_rules = tuple(f"profile/{path}" for path in filled) if asker is not None else ()
    return persona.model_copy(
        update={"profile": profile, "filled": persona.filled + by_rules, "notes": (*persona.notes, *notes)}
    )


def by_model(persona: Persona, asker: Asker, seed: int) -> tuple[dict[str, str], list[str]]:
    """(the attributes that the model wrote and that hold, by path, and notes for the user)."""
    guard = guard_of("branch", persona, seed)
    found: dict[str, str] = {}
    spare = CALLS - len(ROUNDS)
    for branches in ROUNDS:
        paths = [path for path in taxonomy() if path.partition("/")[0] in branches]
        faults: dict[str, str] = {}
        try:
            fresh, faults = _ask(persona, paths, found, faults, asker, guard)
            found |= fresh
            if len(faults) >= _WORTH_MENDING and spare > 0:
                spare -= 1
                fresh, _ = _ask(persona, list(faults), found, faults, asker, guard)
                found |= fresh
        except Stopped:
            raise
        except PersonifyError as error:
            if asker.broken:
                return found, [f"The language model could not be asked for more depth ({one_line(str(error))})."]
    return found, []


def _ask(
    persona: Persona, paths: Sequence[str], found: dict[str, str], faults: dict[str, str], asker: Asker, guard: Guard
) -> tuple[dict[str, str], dict[str, str]]:
    """(what holds of one answer about these paths, why the others don't)."""
    keys = {path.replace("/", "_"): path for path in paths}
    schema = {
        "type": "object",
        "properties": {key: {"type": "string"} for key in keys},
        "required": list(keys),
        "additionalProperties": False,
    }
    question = {"known": known_of(persona, found), "fields": list(keys)}
    if faults:
        question["wrong_last_time"] = {key: faults[path] for key, path in keys.items() if path in faults}
    said = asker.ask(
        guard.instructions, json.dumps(question, ensure_ascii=False), schema, max_tokens=_MAX_TOKENS, temperature=0.8
    )
    return read_branch(said, paths, persona, guard)


def read_branch(
    said: str, paths: Sequence[str], persona: Persona, guard: Guard
) -> tuple[dict[str, str], dict[str, str]]:
    """(the sentences of an answer that hold, by path, why the others don't); a leaf may be named alone where it is
    the only one of its name."""
    names = {path.replace("/", "_"): path for path in paths}
    leaves = [path.rpartition("/")[2] for path in paths]
    names |= {leaf: path for leaf, path in zip(leaves, paths, strict=True) if leaves.count(leaf) == 1}
    values: dict[str, Any] = {}
    for value in json_values(said):
        for name, text in flat(value, set(names)).items():
            values.setdefault(names[name], text)
    kept: dict[str, str] = {}
    faults: dict[str, str] = {}
    for path in paths:
        try:
            text = clean_text(values[path], _LONGEST, 2) if path in values else ""
            fault = attribute_fault(text, persona, guard) if text else "it is missing"
        except Unfit as error:
            text, fault = "", str(error)
        if fault:
            faults[path] = fault
        else:
            kept[path] = text
    return kept, faults


def attribute_fault(text: str, persona: Persona, guard: Guard) -> str:
    """Why a sentence can't stand in this persona's profile; "" if it can."""
    return (
        text_fault(text, guard)
        or language_fault(text, persona.language)
        or other_name(text, persona.name, persona.language)
        or contradiction(text, persona)
    )


def known_of(persona: Persona, found: dict[str, str]) -> dict[str, Any]:
    """What a question tells of the character: the groups, and of the attributes as many as there is room for, taken
    evenly from all that are there."""
    social, personal = persona.social, persona.personal
    core: dict[str, Any] = {
        "name": social.name, "is": social.nature, "gender": social.gender, "age": social.age,
        "work": social.occupation, "home": social.home, "traits": personal.traits, "values": personal.values,
        "likes": personal.likes, "dislikes": personal.dislikes, "knows": personal.knows,
        "backstory": persona.life.backstory[:2000], "speaks": persona.speaking.manner,
    }  # fmt: skip
    room = _KNOWN_LENGTH - len(json.dumps(core, ensure_ascii=False))
    step = max(1, -(-sum(map(len, found.values())) // max(room, 400)))
    return core | {"said_already": [text for i, text in enumerate(found.values()) if i % step == 0]}
