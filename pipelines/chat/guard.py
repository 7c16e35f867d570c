"""What a model writes, made fit to be said while it streams: without labels of speakers, and never its instructions.

A reply that goes on for several words exactly as the instructions do is cut off there. Up to that point it flows on
without delay: only words that might be the beginning of such a stretch wait for the next ones.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from personify.pipelines.chat.prompting import instructions

LEAK_WORDS = 8
"""So many words in a row that are the instructions' are no chance."""
_SUSPICIOUS = 3
"""From so many on they wait."""
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_WHOLE = re.compile(r"\s*\S+(?=\s)")
_JSON = re.compile(r"[{\[]\s*\"")
_LONGEST_LABEL = 60
_USERS = ("user", "human", "you", "system", "assistant", "narrator")


class Leaked(Exception):
    """The model repeats what it was told."""


def guarded(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces, as long as they don't repeat the instructions. Raises `Leaked` where they do."""
    watch = _Watch()
    for piece in pieces:
        released = watch.feed(piece)
        if released:
            yield released
    rest = watch.end()
    if rest:
        yield rest


def without_labels(pieces: Iterable[str], name: str, partner: str | None = None) -> Iterator[str]:
    """The pieces without the character's own name before them, as in "Robin: Hello"; they end where the model begins
    to speak for somebody else."""
    own = {f"{label.casefold()}:" for label in (name, "assistant", "character")}
    others = {f"{label.casefold()}:" for label in (*_USERS, name, partner or "user")}
    held, place = "", "before"
    for piece in pieces:
        held += piece
        if place == "before":
            head = held.lstrip(" \n*").casefold()
            label = next((label for label in own if head.startswith(label)), None)
            if label:
                held, place = held[held.casefold().index(label) + len(label) :], "label"
            elif head and not any(label.startswith(head) for label in own):
                place = "within"
        if place == "label":
            held = held.lstrip(" *")
            place = "within" if held else "label"
        if place != "within":
            continue
        free, ends = _until_label(held, others)
        if held[:free]:
            yield held[:free]
        held = held[free:]
        if ends:
            return
    if held.strip(" \n*"):
        yield held


def _until_label(text: str, labels: set[str]) -> tuple[int, bool]:
    """How much of the text is certainly no other speaker's label, and whether one follows there."""
    at = text.find("\n")
    while at >= 0:
        line = text[at:].lstrip("\n *").casefold()
        if any(line.startswith(label) for label in labels):
            return at, True
        if len(line) < _LONGEST_LABEL and any(label.startswith(line) for label in labels):
            return at, False
        at = text.find("\n", at + 1)
    return len(text), False


class _Watch:
    """Follows the words of one reply."""

    def __init__(self) -> None:
        self._tail = ""
        """What follows the last whole word, and how much of it is out already."""
        self._out = 0
        self._last = ""
        """The last whole word, which may be the bracket that JSON begins with."""
        self._waiting = ""
        """What might be the beginning of a stretch of the instructions."""
        self._words: list[str] = []
        self._run = 0

    def feed(self, piece: str) -> str:
        """What may be said by now."""
        self._tail += piece
        if _JSON.search(self._last + self._tail):
            raise Leaked
        free = ""
        while match := _WHOLE.match(self._tail):
            self._take(match.group())
            self._waiting += match.group()[self._out :]
            self._out = max(0, self._out - match.end())
            self._tail, self._last = self._tail[match.end() :], match.group().strip()
            free += self._released()
        if self._run < _SUSPICIOUS:  # the beginning of a word may be out before its end is written
            free, self._out = free + self._tail[self._out :], len(self._tail)
        return free

    def end(self) -> str:
        """What waited, and turns out to be nothing."""
        self._take(self._tail)
        rest, self._waiting, self._tail = self._waiting + self._tail[self._out :], "", ""
        return rest

    def _released(self) -> str:
        if self._run >= _SUSPICIOUS:
            return ""
        free, self._waiting = self._waiting, ""
        return free

    def _take(self, text: str) -> None:
        for word in _WORD.findall(text.casefold()):
            self._words = [*self._words[-2:], word]
            known = tuple(self._words) in _trigrams()
            self._run = (self._run + 1 if self._run else _SUSPICIOUS) if known else 0
            if self._run >= LEAK_WORDS:
                raise Leaked


@cache
def _trigrams() -> frozenset[tuple[str, ...]]:
    """All three words in a row that the instructions have."""
    found = set()
    for part in instructions():
        words = _WORD.findall(part.casefold())
        found |= {tuple(words[i : i + 3]) for i in range(len(words) - 2)}
    return frozenset(found)
