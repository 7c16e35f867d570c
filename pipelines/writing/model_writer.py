"""The persona writer by language model: it proposes, rules validate, it revises; what is then missing the rules write.

A server that is down, hangs or talks nonsense is told in the persona's notes, and the persona is whole all the same.
"""

import hashlib
import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from personify.pipelines.persona import Persona
from personify.pipelines.wanted import NOTHING, Wanted
from personify.pipelines.writing import draft as form
from personify.pipelines.writing.answers import accepted
from personify.pipelines.writing.asking import Asker, one_line
from personify.pipelines.writing.coming import Coming
from personify.pipelines.writing.merging import merge
from personify.pipelines.writing.sense import Guard
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.languages import language_of, languages
from personify.voices.stopping import Stopped

if TYPE_CHECKING:
    from personify.pipelines.writers import OnDraft

ROUNDS = 3
MAX_TOKENS = 4000
"""A persona takes about a thousand; models that think first need the rest."""
TEMPERATURE = 0.7
_NEEDED = frozenset(form.FIELDS) - form.MAY_BE_EMPTY
_SAID = frozenset(
    {"home", "traits", "values", "likes", "dislikes", "backstory", "routine", "manner", "sample_lines", "greeting"}
)
"""What is said in the character's language: where the rules can't write that, all or nothing is the model's."""
_NOTED = 6
"""So many fields are named in a note."""


class ModelWriter:
    """Writes personas with a language model; `BuiltinWriter` is asked first, and fills in."""

    name = "model"

    def __init__(self, asker: Asker, on_draft: "OnDraft | None" = None) -> None:
        self._asker, self._on_draft = asker, on_draft

    def write(self, description: str, *, seed: int, wanted: Wanted = NOTHING) -> Persona:
        """The persona of a description. Raises `BadInput` for the description, as `BuiltinWriter.write`, and for a
        model that its server doesn't have; whatever else a server does is told in the notes."""
        from personify.pipelines.builtin import BuiltinWriter, read_description
        from personify.pipelines.builtin.wanting import with_wanted

        base = BuiltinWriter().write(description, seed=seed, wanted=wanted)
        reading = with_wanted(read_description(description), wanted)
        asked = in_language(base, reading.unwritten)
        guard = guard_of("persona", asked, seed)
        coming = Coming(asked, reading, guard, self._on_draft) if self._on_draft is not None else None
        draft, faults, error, rounds = self._rounds(asked, guard, coming, wanted)
        notes = _notes(draft, faults, error, rounds)
        if draft and asked is not base and not draft.keys() >= _SAID:
            notes = (*notes, f"It is in English, since the texts in {language_of(asked.language).name} are not whole.")
            draft = {}
        if not draft.keys() & _NEEDED:  # a trade that it doesn't have is nothing to be credited with
            return base.model_copy(update={"filled": _all_filled(), "notes": notes})
        try:
            return merge(asked, reading, draft, writer=f"language model {self._asker.name}", notes=notes)
        except ValueError as unfit:  # what each rule lets pass and all together don't
            told = (*notes, f"The language model's persona did not hold together ({one_line(str(unfit))}).")
            return base.model_copy(update={"filled": _all_filled(), "notes": told})

    def _rounds(
        self, base: Persona, guard: Guard, coming: "Coming | None", wishes: Wanted
    ) -> "tuple[dict[str, Any], dict[str, str], PersonifyError | None, int]":
        """(what is fit, why the rest isn't, what ended it early, how many rounds it took)."""
        kept: dict[str, Any] = {}
        faults: dict[str, str] = {}
        wanted: list[str] = list(form.FIELDS)
        error: PersonifyError | None = None
        for turn in range(1, ROUNDS + 1):
            try:
                on_text = None if coming is None else coming.listening(kept, wanted)
                said = self._asker.ask(
                    guard.instructions, _question(base, wanted, kept, faults, wishes), form.schema(wanted),
                    max_tokens=MAX_TOKENS, temperature=TEMPERATURE, on_text=on_text,
                )  # fmt: skip
            except (BadInput, Stopped):  # no such model, say: the request's mistake, and not the server's
                raise
            except PersonifyError as failed:
                error = failed
                if self._asker.broken:
                    return kept, faults, error, turn
                continue
            error = None
            kept, faults = accepted(said, kept, wanted, base, guard)
            _hold_to(wishes, base, kept, faults)
            if coming is not None:
                coming.tell(kept)
            wanted = [name for name in form.FIELDS if name not in kept]
            if not _NEEDED & set(wanted):
                return kept, {}, None, turn
        return kept, {name: faults.get(name, "it is missing") for name in wanted}, error, ROUNDS


def in_language(base: Persona, language: str) -> Persona:
    """What is asked for in a language that the built-in writer can't write, but that can be spoken."""
    if language not in languages():
        return base
    told = tuple(words for words in base.not_understood if not words.startswith("language "))
    voice = base.voice.model_copy(update={"language": language})
    return base.model_copy(update={"language": language, "voice": voice, "not_understood": told})


def guard_of(prompt: str, base: Persona, seed: int) -> Guard:
    """The instructions for a character of the language of `base`, with their sign."""
    canary = (
        "ref-" + hashlib.sha256(f"{seed}\n{base.description}\n{prompt}".encode("utf-8", "replace")).hexdigest()[:10]
    )
    told = prompts()[prompt].format(canary=canary, language=language_of(base.language).name)
    return Guard(told.strip(), canary, base.description)


@cache
def prompts() -> dict[str, str]:
    """The texts of `prompts.toml`."""
    return tomllib.loads(files("personify.pipelines.writing").joinpath("prompts.toml").read_text("utf-8"))


def _hold_to(wishes: Wanted, base: Persona, kept: dict[str, Any], faults: dict[str, str]) -> None:
    """Moves what isn't as wished from the kept to the faults, for the next round; `base` is as wished where that can
    be."""
    for name, wish, own in (("gender", wishes.gender, base.social.gender), ("age", wishes.age, base.social.age)):
        if wish == own and name in kept and kept[name] != wish:
            del kept[name]
            faults[name] = f"it must be {wish!r}, and all that is said must agree with it"


def _question(
    base: Persona, wanted: list[str], kept: dict[str, Any], faults: dict[str, str], wishes: Wanted = NOTHING
) -> str:
    """The description as data, with what is wished beyond it; after the first round also what is wrong, and what stands
    already."""
    asked: dict[str, Any] = {"description": base.description}
    if wishes.adds:
        asked["also"] = list(wishes.words())
    if not kept and not faults:
        return json.dumps(asked, ensure_ascii=False)
    asked["kept"] = {name: _plain(value) for name, value in kept.items()}
    reasons = {name: faults.get(name, "it is missing") for name in wanted}
    return f"{json.dumps(asked, ensure_ascii=False)}\n\n{prompts()['again'].strip()}\n" + "\n".join(
        f"- {name}: {reason}" for name, reason in reasons.items()
    )


def _plain(value: Any) -> Any:
    return (
        [item.model_dump() if hasattr(item, "model_dump") else item for item in value]
        if isinstance(value, list)
        else value
    )


def _all_filled() -> tuple[str, ...]:
    from personify.pipelines.writing.merging import place_of

    return tuple(place_of(name) for name in form.FIELDS)


def _notes(kept: dict[str, Any], faults: dict[str, str], error: PersonifyError | None, rounds: int) -> tuple[str, ...]:
    """What happened, for the user, where something did."""
    notes = []
    if error is not None:
        notes.append(f"The language model could not be asked ({one_line(str(error))}).")
    needed = {name: reason for name, reason in faults.items() if name in _NEEDED and name not in kept}
    if not kept.keys() & _NEEDED:
        why = f" ({one_line(next(iter(faults.values())))})" if faults else ""
        useless = "" if error is not None and not faults else f": nothing that the language model said was of use{why}"
        notes.append(f"The built-in writer wrote the persona{useless}.")
    elif needed:
        named = [f"{name} ({reason})" for name, reason in list(needed.items())[:_NOTED]]
        more = f" and {len(needed) - _NOTED} more" if len(needed) > _NOTED else ""
        notes.append(f"After {rounds} rounds the built-in writer filled in {', '.join(named)}{more}.")
    elif error is not None:
        notes.append("The built-in writer filled in the rest.")
    return tuple(notes)
