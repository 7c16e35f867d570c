"""An answer to a multiple choice, read with patience: letters, names or titles, in JSON, what resembles it, or prose.

Knows no server and not what is chosen: options are told by `name` and `title`. What can't be understood is asked once
more, with the reason.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Protocol

from personify.voices.patient_json import json_values, without_thoughts

Ask = Callable[[str, str, dict[str, Any]], str]
"""System prompt, user prompt and JSON schema to the answer's text; raises `PersonifyError` where there is none."""

REASON_LENGTH = 200
_ANSWER_LENGTH = 20_000
"""What is beyond that of an answer isn't read."""

_KEYS = (
    "letters", "letter", "choice", "answer", "voice", "tone", "expert", "pick", "option", "selected", "selection",
    "best", "name", "title", "id",
)  # fmt: skip
_LETTER = re.compile(r"(?:letter|option|answer|choice|voice|tone|expert)?\W*([a-z])\W*", re.IGNORECASE)
_LED = re.compile(
    r"\b(?i:letter|option|answer|choice|choose|chose|pick|picked|select|voice|tone|expert|go with)\b"
    r"(?:\s+(?:is|would be))?\W{1,6}([A-Z])\b(?!')(?!(?<=[AI])\s+[a-z])"
)
"""A letter that is led up to; "the voice I would pick" leads up to none."""
_LISTED = re.compile(r"(?:^|[\s(*])([A-Z])[).:]", re.MULTILINE)


_CUT_LETTER = re.compile(r"""["']?letters?["']?\s*:\s*(?:\[\s*)?["']?([A-Za-z])\b""", re.IGNORECASE)


class Option(Protocol):
    """What may be chosen."""

    @property
    def name(self) -> str:
        """What it is called by programs."""

    @property
    def title(self) -> str:
        """What it is called for users."""


@dataclass(frozen=True)
class Answer:
    """What was understood: places among the options, the best first, at least one, and a reason that may be empty."""

    picks: tuple[int, ...]
    reason: str


def schema(count: int) -> dict[str, Any]:
    """The JSON schema of an answer about so many options."""
    letter = {"type": "string", "enum": list(ascii_uppercase[:count])}
    return {
        "type": "object",
        "properties": {
            "letters": {"type": "array", "items": letter, "minItems": 1, "maxItems": 3},
            "reason": {"type": "string", "maxLength": REASON_LENGTH},
        },
        "required": ["letters", "reason"],
        "additionalProperties": False,
    }


def read_answer(said: Any, options: Sequence[Option], what: str = "voice") -> Answer | str:
    """The answer, repaired where it must be, or what is wrong with it, in words for whoever gave it."""
    if not isinstance(said, str) or not said.strip():
        return "the answer was empty"
    text = without_thoughts(said[:_ANSWER_LENGTH])
    problem = ""
    for value in json_values(text):
        picks, wrong = _picks(value, options, what)
        if picks:
            return Answer(tuple(dict.fromkeys(picks)), clean_reason(_reason_in(value)))
        problem = problem or wrong
    if cut := _CUT_LETTER.search(text):  # not quite JSON, such as YAML
        place = _place(cut.group(1), options)
        if place is not None:
            return Answer((place,), "")
    return problem or _read_prose(text, options, what)


def ask_twice(
    ask: Ask, system: str, question: Callable[[str], str], options: Sequence[Option], what: str = "voice"
) -> "Answer | str":
    """The answer to `question`, which is given "" and then what was wrong with the first answer; or what was wrong with
    the second. Raises `PersonifyError` where the model can't be asked."""
    problem = ""
    for _ in range(2):
        answer = read_answer(ask(system, question(problem), schema(len(options))), options, what)
        if isinstance(answer, Answer):
            return answer
        problem = answer
    return problem


def again(problem: str) -> str:
    """What is added to a question that is asked again."""
    return f"\n\nYour last answer could not be used: {problem}. Answer with the JSON alone." if problem else ""


def clean_reason(text: Any) -> str:
    """One line of at most 200 characters that can't move a cursor, without a full stop; "" for anything but text."""
    return one_line(text).rstrip(".!;, ") if isinstance(text, str) else ""


def one_line(text: str, length: int = REASON_LENGTH) -> str:
    """The text on one line that moves no cursor, of bounded length."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text[: 20 * length])
    words = " ".join(kept.split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _picks(value: Any, options: Sequence[Option], what: str) -> tuple[list[int], str]:
    """The places that a parsed answer names, and what is wrong where it names none."""
    named = list(_named(value))
    places = [place for text in named if (place := _place(text, options)) is not None]
    if places or not named:
        return places, ""
    return [], f"there is no {what} {one_line(named[0], 40)!r} among {_range(options)}"


def _named(value: Any, depth: int = 0) -> Iterator[str]:
    """What an answer names, as texts: the strings of a list, or those under the keys that may hold a choice."""
    if isinstance(value, str):
        parts = re.split(r"\s*[,/|]\s*|\s+(?:and|or)\s+", value[:REASON_LENGTH])
        yield from (value, *parts) if len(parts) > 1 else (value,)
    elif isinstance(value, list) and depth < 4:
        for item in value[:10]:
            yield from _named(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        keyed = {str(key).strip().lower(): item for key, item in value.items()}
        for key in [key for key in _KEYS if key in keyed] or [key for key in keyed if key != "reason"][:1]:
            yield from _named(keyed[key], depth + 1)


def _reason_in(value: Any) -> Any:
    if isinstance(value, dict):
        keyed = {str(key).strip().lower(): item for key, item in value.items()}
        return next((keyed[key] for key in ("reason", "why", "because", "explanation") if key in keyed), "")
    return ""


def _place(text: str, options: Sequence[Option]) -> int | None:
    """Where in the options a letter, a name or a title stands, however it is written; None where it doesn't."""
    if letter := _LETTER.fullmatch(text.strip()):
        place = ascii_uppercase.index(letter.group(1).upper())
        return place if place < len(options) else None
    plain = _plain(text)
    for place, option in enumerate(options):
        ways = {_plain(option.name), _plain(option.title)}
        if plain in ways or plain in {f"{ascii_uppercase[place].lower()} {way}" for way in ways}:
            return place
    return None


def _plain(text: str) -> str:
    """Lower-case words without their punctuation and the article."""
    words = re.findall(r"[^\W_]+", text.lower())
    return " ".join(word for word in words if word not in ("the", "voice", "tone"))


def _read_prose(text: str, options: Sequence[Option], what: str) -> Answer | str:
    """An answer without JSON: a letter alone or one that is led up to, else the one option that is named."""
    if (place := _place(text.strip().strip("`*\"' ."), options)) is not None:
        return Answer((place,), "")
    said = f" {_plain(text)} "
    named = [
        i for i, option in enumerate(options) if any(f" {_plain(w)} " in said for w in (option.name, option.title))
    ]
    for letters in (_LED.findall(text), _LISTED.findall(text)):
        places = {place for letter in letters if (place := _place(letter, options)) is not None}
        if len(places) == 1:
            return Answer((places.pop(),), "")
    if len(named) == 1:
        return Answer((named[0],), "")
    if len(named) > 1:
        return f"it names several {what}s and chooses none"
    return f"it holds no letter from {_range(options)}"


def _range(options: Sequence[Option]) -> str:
    return f"A to {ascii_uppercase[len(options) - 1]}"
