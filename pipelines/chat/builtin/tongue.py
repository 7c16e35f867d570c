"""What the engine knows of a language: the tables `<language>_*.toml` beside this file, checked and compiled once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from personify.pipelines.chat.builtin.nearest import Examples
from personify.voices.errors import PersonifyError

LANGUAGES = ("en", "de", "fr", "es")
"""The languages it speaks; in any other it answers in the first."""

Words = tuple[str, ...]

_SLOTS = {
    "x": r"(?P<x>.+?)",
    "word": r"(?P<x>\w+)",
    "rest": r"(?P<x>.+)",
    "name": r"(?P<x>\w[\w'-]*(?: \w[\w'-]*)?)",
    "kind": r"(?P<kind>\w+)",
}


_UNMARKED = {
    "ä": "(?:ä|ae|a)", "ö": "(?:ö|oe|o)", "ü": "(?:ü|ue|u)", "ß": "(?:ß|ss)", "ç": "[çc]", "ñ": "[ñn]", "œ": "(?:œ|oe)",
    **{marked: f"[{marked}{plain}]" for marked, plain in zip("àâéèêëîïôûùáíóú", "aaeeeeiiouuaiou", strict=True)},
}  # fmt: skip
"""What a letter with a mark may be typed as."""


@dataclass(frozen=True)
class Intent:
    """One thing that somebody may want: how it is said, and how it is answered.

    `rank` orders the intents of one message (a question outranks a greeting); `how` names the handler, "say" being the
    plain one; `counts_as` is its wider name, as "recall" is of "recall_name"; `topic` whether "why?" and "tell me
    more" may go on with it.
    """

    name: str
    patterns: tuple[re.Pattern[str], ...]
    words: frozenset[str] = frozenset()
    rank: int = 10
    weight: float = 1.0
    how: str = "say"
    counts_as: str = ""
    topic: bool = True
    key: str = ""
    without: str = ""
    """A clause in which this is found is none of it."""
    question: bool = True
    """Whether it may be a question."""
    statement: bool = True
    """Whether it may be said without a question mark or a question's words."""


@dataclass(frozen=True)
class Question:
    """Something that the character asks back: `after` these intents, unless a fact with the key `fact` is known."""

    name: str
    ask: Words
    after: Words = ()
    fact: str = ""
    yes: str = ""
    no: str = ""


@dataclass(frozen=True)
class FactRule:
    """How a user says something worth keeping, and the sentence that is kept of it."""

    key: str
    patterns: tuple[re.Pattern[str], ...]
    text: str
    unless: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Mood:
    """A colour of speech: by which words of a persona it is known, and what it says before and after."""

    name: str
    words: Words
    expressions: Words = ()
    openers: Words = ()
    remarks: Words = ()
    big_five: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Tongue:
    """One language: what is understood and what is said."""

    code: str
    intents: Mapping[str, Intent]
    replies: Mapping[str, Mapping[str, Words]]
    questions: Mapping[str, Question]
    moods: Mapping[str, Mood]
    facts: tuple[FactRule, ...]
    tables: Mapping[str, Any]
    examples: Examples
    vocabulary: frozenset[str]
    """Every word of the patterns, which a misspelt word may have been meant to be."""

    @cached_property
    def spellings(self) -> list[str]:
        """The vocabulary's words that are long enough to be misspelt, in order."""
        return sorted(word for word in self.vocabulary if len(word) > 2)

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of words that has no type of its own, or an empty one."""
        found: Mapping[str, Any] = self.tables.get(name, {})
        return found


@cache
def tongue(code: str) -> Tongue:
    """The tongue of a language, read once a process. Raises `PersonifyError` naming what is wrong in its tables."""
    tables = _merged(code)
    macros = {f"<{name}>": value for name, value in tables.pop("macros", {}).items()}
    intents = {name: _intent(name, values, macros, code) for name, values in tables.pop("intents").items()}
    rules = tuple(_rule(values, macros, code) for values in tables.pop("facts", []))
    sources = [pattern.pattern for intent in intents.values() for pattern in intent.patterns]
    bare = (re.sub(r"\(\?P<\w+>|\(\?[:!=<]+|\\\w", " ", source) for source in sources)
    keywords = {word for intent in intents.values() for word in intent.words}
    written = [*tables.get("examples", {}).values(), *tables.get("senses", {}).values()]
    keywords |= {word for texts in written for text in texts for word in text.split()}
    return Tongue(
        code=code,
        intents=intents,
        replies={name: _lists(name, values, code) for name, values in tables.pop("replies").items()},
        questions={name: _record(Question, name, values, code) for name, values in tables.pop("questions", {}).items()},
        moods={name: _record(Mood, name, values, code) for name, values in tables.pop("moods", {}).items()},
        facts=rules,
        examples=Examples(_examples(tables.pop("examples", {}), intents), tables.get("senses", {})),
        vocabulary=frozenset(word for source in bare for word in re.findall(r"[^\W\d_]{2,}", source)) | keywords,
        tables=tables,
    )


def _examples(written: dict[str, list[str]], intents: Mapping[str, Intent]) -> dict[str, list[str]]:
    """The examples of each intent with its keywords, each of which is one by itself."""
    unknown = written.keys() - intents.keys()
    if unknown:
        raise PersonifyError(f"the chat tables have examples of unknown intents: {', '.join(sorted(unknown))}")
    return {name: [*written.get(name, []), *sorted(intent.words)] for name, intent in intents.items()}


def _merged(code: str) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    folder = files("personify.pipelines.chat.builtin")
    for path in sorted((entry for entry in folder.iterdir() if entry.name.startswith(f"{code}_")), key=str):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise PersonifyError(f"the chat table {path.name} is not valid TOML: {error}") from error
        for name, values in table.items():
            if isinstance(values, list):
                whole[name] = [*whole.get(name, []), *values]
            else:
                twice = whole.setdefault(name, {}).keys() & values.keys()
                if twice:
                    raise PersonifyError(f"the chat table {path.name} has [{name}] {', '.join(sorted(twice))} again")
                whole[name].update(values)
    return whole


def compiled(pattern: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern of the tables: a regular expression over whole words, with `<macros>` and the slots `{x}`, `{name}`."""
    whole = pattern
    for _ in range(3):  # a macro may hold macros
        for name, value in macros.items():
            whole = whole.replace(name, f"(?:{value})")
    for slot, expression in _SLOTS.items():
        first = expression if "(?P<x>" not in whole or slot == "kind" else expression.replace("?P<x>", "?:")
        whole = whole.replace("{" + slot + "}", first, 1).replace("{" + slot + "}", expression.replace("?P<x>", "?:"))
    whole = "".join(_UNMARKED.get(letter, letter) for letter in whole)
    return re.compile(rf"(?<![\w'])(?:{whole})(?![\w'])", re.IGNORECASE)


def _patterns(values: list[str], macros: Mapping[str, str], where: str) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(compiled(pattern, macros) for pattern in values)
    except re.error as error:
        raise PersonifyError(f"{where}: {error.pattern!r} is no regular expression: {error}") from error


def _intent(name: str, values: dict[str, Any], macros: Mapping[str, str], code: str) -> Intent:
    rest = {key: value for key, value in values.items() if key not in ("patterns", "words")}
    try:
        return Intent(
            name,
            _patterns(values.get("patterns", []), macros, f"{code} [intents.{name}]"),
            frozenset(values.get("words", [])),
            **rest,
        )
    except TypeError as error:
        raise PersonifyError(f"{code} [intents.{name}]: {error}") from error


def _rule(values: dict[str, Any], macros: Mapping[str, str], code: str) -> FactRule:
    unless = values.get("unless")
    return FactRule(
        values["key"],
        _patterns(values["patterns"], macros, f"{code} [[facts]]"),
        values["text"],
        compiled(unless, macros) if unless else None,
    )


def _lists(name: str, values: dict[str, Any], code: str) -> dict[str, Words]:
    for kind, lines in values.items():
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise PersonifyError(f"{code} [replies.{name}] {kind} must be a list of texts")
    return {kind: tuple(lines) for kind, lines in values.items()}


def _record(kind: Any, name: str, values: dict[str, Any], code: str) -> Any:
    try:
        return kind(name, **{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except TypeError as error:
        raise PersonifyError(f"{code} [{name}]: {error}") from error
