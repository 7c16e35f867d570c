"""How a move of a talk is worded: one of its wordings in `moves.toml`, filled in, and not the one used last."""

import random
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

_SUBJECT_WORDS, _SUBJECT_LENGTH = 6, 48
"""A topic of more words, or characters, is named once; from then on it is "all this"."""
_NO_NAME = re.compile(r"[<>{}\[\]|]|[.!?…。！？;:]\s*\S")
"""Marks within a topic, by which it is no name of a thing."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDING = re.compile(r"(ies|(?<!e)es|s|y|e|n)$")
_NOTHING: dict[str, Any] = {"this": "", "lowered": [], "titles": [], "clauses": [], "statements": []}


class Wording:
    """The wordings of one talk about `topic`, over all who take part: those least lately used come first."""

    def __init__(self, topic: str, rng: random.Random) -> None:
        self.topic = topic
        self._rng = rng
        self._used: list[str] = []

    def word(
        self, moves: dict[str, Any], temper: str, kind: str, *, partner: str, thing: str = "", story: str = "",
        time: str = "",
    ) -> list[str]:  # fmt: skip
        """A move of that kind as a list of one text; of none, or of the story alone, where the language has no such
        move. `thing` is what it is about in a persona's own words, `time` of the day "HH:MM"."""
        table = moves.get(kind, {})
        wordings = table.get(temper, table.get("any", table.get("plain", ())))
        if not wordings:
            return [story] if story else []
        subject, told = self._subject(moves), thing.rstrip(" .!,;:")
        when = moves.get("when", {}).get(_part_of_day(time), "") if time else ""
        values = {
            "topic": _within(self.topic, moves["lowered"]),
            "topic_up": capital(self.topic),
            "subject": subject,
            "Subject": capital(subject),
            "partner": _called(partner, moves["titles"]),
            "x": told,
            "X": capital(told),
            "story": story,
            "when": when,
            "When": capital(when),
        }
        least = min(latest(self._used, wording) for wording in wordings)
        wording = self._rng.choice([one for one in wordings if latest(self._used, one) == least])
        self._used.append(wording)
        return [re.sub(r"\{(\w+)\}", lambda found: values[found[1]], wording)]

    def opening(self, moves: dict[str, Any]) -> str:
        """The kind of move that opens with the topic: a question, a sentence, or the name of a thing."""
        if self.topic.rstrip().endswith(("?", "？")):
            return "open_question"
        return "open_statement" if "open_statement" in moves and self._is_statement(moves) else "open"

    def _is_statement(self, moves: dict[str, Any]) -> bool:
        words = self.topic.replace("’", "'").split()
        return len(words) > 1 and (capital(words[0]) in moves["statements"] or _NO_NAME.search(self.topic) is not None)

    def _subject(self, moves: dict[str, Any]) -> str:
        first = self.topic.partition(" ")[0].casefold()
        long = len(self.topic.split()) > _SUBJECT_WORDS or len(self.topic) > _SUBJECT_LENGTH
        question = "?" in self.topic or "？" in self.topic
        if question or long or first in moves["clauses"] or self._is_statement(moves) or _NO_NAME.search(self.topic):
            return str(moves["this"])
        return _within(self.topic, moves["lowered"])


def moves_of(language: str) -> dict[str, Any]:
    """The moves of a language by its BCP 47 tag; none for one that has none."""
    found: dict[str, Any] = _data().get(language.lower().partition("-")[0], _NOTHING)
    return found


def overlap(one: str, other: str) -> int:
    """How many words of some length both have, endings aside."""
    return len(_stems(one) & _stems(other))


def alike(one: str, other: str) -> bool:
    """Whether they share most of the words of the shorter one."""
    shorter = min(len(_stems(one)), len(_stems(other)))
    return shorter > 0 and overlap(one, other) > 0.5 * shorter


def names_owner(text: str) -> bool:
    """Whether it is said from its owner's side, as "my dog" is, and wrong in another's mouth."""
    return any(word in _data()["mine"] for word in re.findall(r"[^\W\d_]+", text.casefold()))


def latest(used: Sequence[str], one: str) -> int:
    """The place of its last use; -1 for never."""
    return max((at for at, other in enumerate(used) if other == one), default=-1)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with a small first letter, unless it begins with "I"."""
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("personify.pipelines.talking").joinpath("moves.toml").read_text(encoding="utf-8"))


def _stems(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = (word for word in _WORD.findall(plain.casefold()) if word not in _data()["empty"])
    return {_ENDING.sub("", word) if len(word) > 4 else word[:3] + word[3:].removesuffix("s") for word in words}


def _called(name: str, titles: Sequence[str]) -> str:
    """What one who talks to it says: the first name alone, where there is no title before it."""
    first = name.partition(" ")[0]
    return name if first in titles or len(first) < 3 else first


def _part_of_day(time: str) -> str:
    hour = int(time[:2])
    parts = {range(5, 12): "morning", range(12, 18): "afternoon", range(18, 22): "evening"}
    return next((part for hours, part in parts.items() if hour in hours), "night")


def _within(text: str, lowered: Sequence[str]) -> str:
    """A topic as it stands within a sentence: with a small first letter where its first word is one of `lowered`."""
    bare = text.rstrip(" .!")
    return small(bare) if bare.partition(" ")[0] in lowered else bare
