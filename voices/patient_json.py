"""JSON as language models write it: with prose around it, fences, single quotes, trailing commas, or cut in the middle.

Knows nothing of what the JSON says. What is cut is left out, so that only whole values come back; nothing here raises.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

LONGEST = 200_000
"""What is beyond that of a text isn't read."""
_BRACKETS = 100
"""At so many brackets of a text it is tried whether JSON begins there."""
_DEEPEST = 40
_THINKS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_OPEN = re.compile(r"[{\[]")
_SPACE = re.compile(r"(?:\s+|//[^\n]*)*")
_BARE = re.compile(r"[^\s,:{}\[\]\"']+")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,4})?%?")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}
_ENDS = re.compile(r"\s*(?:[,:}\]]|$)")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}


def json_values(text: str) -> Iterator[Any]:
    """Every object or list of the text that is JSON, in order; then, if the first bracket begins none, what it can be
    read as.

    Numbers may be NaN or infinite, as in Python's own reader.
    """
    text = without_thoughts(text[:LONGEST])
    decoder, end = json.JSONDecoder(), 0
    first = _OPEN.search(text)
    whole = False
    for bracket in islice(_OPEN.finditer(text), _BRACKETS):
        if bracket.start() < end:
            continue
        try:
            value, end = decoder.raw_decode(text, bracket.start())
        except (ValueError, RecursionError):
            continue
        whole = whole or (first is not None and bracket.start() == first.start())
        yield value
    if first and not whole:
        yield _Patient(text).value(first.start())[0]


def without_thoughts(text: str) -> str:
    """The text without what it thinks aloud; a thought that never ends stays."""
    kept, at = [], 0
    while (begun := _THINKS.search(text, at)) and (ended := _THOUGHT.search(text, begun.end())):
        kept.append(text[at : begun.start()])
        at = ended.end()
    return " ".join([*kept, text[at:]])


def flat(value: Any, names: frozenset[str] | set[str]) -> dict[str, Any]:
    """What stands under the `names` in an object, however deep, however they are spelled ("sampleLines"); the
    uppermost counts, and of two at one depth the first."""
    found: dict[str, Any] = {}
    level: list[Any] = [value]
    for _ in range(4):
        below: list[Any] = []
        for item in level[:200]:
            if isinstance(item, dict):
                for key, inner in item.items():
                    name = _snake(str(key))
                    if name in names:
                        found.setdefault(name, inner)
                    else:
                        below.append(inner)
            elif isinstance(item, list):
                below += [inner for inner in item[:20] if isinstance(inner, dict)]
        level = below
    return found


def _snake(key: str) -> str:
    """ "sampleLines", "Sample lines" and "sample-lines" are one name."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key[:60])
    return re.sub(r"[\W_]+", "_", parted).strip("_").lower()


class _Cut(Exception):
    """The text ends within a value."""


class _Patient:
    """Reads JSON that isn't quite; each method takes a place in the text and returns a value and where it ends."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, at: int, depth: int = 0) -> tuple[Any, int]:
        at = self._skip(at)
        sign = self._text[at : at + 1]
        if not sign or depth > _DEEPEST:
            raise _Cut if depth else IndexError
        if sign == "{":
            return self._object(at + 1, depth)
        if sign == "[":
            return self._list(at + 1, depth)
        if sign in _QUOTES:
            return self._string(at)
        return self._bare(at)

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        made: dict[str, Any] = {}
        while True:
            at = self._skip(at, ",;")
            sign = self._text[at : at + 1]
            if sign in ("", "}", "]"):
                return made, at + (sign == "}")
            try:
                key, at = self._string(at) if sign in _QUOTES else self._bare(at)
                at = self._skip(at)
                if self._text[at : at + 1] not in (":", "="):
                    continue  # a word that belongs nowhere
                value, at = self.value(at + 1, depth + 1)
            except _Cut:
                return made, len(self._text)
            made.setdefault(str(key), value)

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        made: list[Any] = []
        while True:
            at = self._skip(at, ",;")
            sign = self._text[at : at + 1]
            if sign in ("", "]", "}"):
                return made, at + (sign == "]")
            try:
                value, at = self.value(at, depth + 1)
            except _Cut:
                return made, len(self._text)
            made.append(value)

    def _string(self, at: int) -> tuple[str, int]:
        """Ends at its quote where something follows that may follow a string: an apostrophe is none."""
        close = _QUOTES[self._text[at]]
        begin = place = at + 1
        while (sign := self._text[place : place + 1]) != "":
            if sign == "\\":
                place += 2
            elif sign == close and _ENDS.match(self._text, place + 1):
                return _unescaped(self._text[begin:place]), place + 1
            else:
                place += 1
        raise _Cut

    def _bare(self, at: int) -> tuple[Any, int]:
        """A number, or a word that should have stood in quotes; the sign itself where it is neither."""
        if not (word := _BARE.match(self._text, at)):
            return "", at + 1
        if word.end() == len(self._text):
            raise _Cut
        said = word.group()[:200]
        if _NUMBER.fullmatch(said):
            return float(said.rstrip("%")) / (100 if said.endswith("%") else 1), word.end()
        return _WORDS.get(said.lower(), said), word.end()

    def _skip(self, at: int, also: str = "") -> int:
        while True:
            space = _SPACE.match(self._text, at)
            at = space.end() if space else at
            if not also or self._text[at : at + 1] not in also or at >= len(self._text):
                return at
            at += 1


def _unescaped(text: str) -> str:
    try:
        said = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)
    return str(said)
