"""Choosing words: frames filled from what a character has, none said again while there is another way."""

import itertools
import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from personify.pipelines.chat.builtin.wording import sentence
from personify.pipelines.chat.engine import Turn

Fields = Mapping[str, tuple[str, ...]]

RECENT = 6
"""So many replies back no sentence comes again while there is another."""
_LAST, _RECENT, _EVER, _WORD, _CHANCE, _MOOD = 1000.0, 100.0, 12.0, 3.0, 4.0, 1.6
"""What is against a sentence of the last reply, of the last few, of any, and a value that was mentioned; how much
is left to chance; and what speaks for a line in the character's mood."""
_COMBINATIONS = 24
_SLOT = re.compile(r"\{(\w+)\}")
_ENDS = re.compile(r"(?<=[.!?…])[\"”’')]*\s+")


def split(text: str) -> list[str]:
    """The sentences of a reply, cut rather too often than too seldom."""
    return [part for part in _ENDS.split(text.strip()) if part]


def key(text: str) -> str:
    """What makes a sentence the same again: its letters and digits."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


@dataclass(frozen=True)
class Candidate:
    """One way to say it, and how much is against it."""

    text: str
    cost: float
    is_liked: bool = False

    @property
    def is_fresh(self) -> bool:
        """Whether none of its sentences was said in the last few replies."""
        return self.cost < _RECENT


class Composer:
    """Fills and chooses frames for one reply. `long` is how many words a sentence may have before it counts against
    it."""

    def __init__(self, turns: tuple[Turn, ...], rng: random.Random, *, long: int = 40) -> None:
        replies = [turn.text for turn in turns if turn.who == "character"]
        self._rng = rng
        self._long = long
        self._ever = {key(part) for reply in replies for part in split(reply)}
        self._recent = {key(part) for reply in replies[-RECENT:] for part in split(reply)}
        self._last = {key(part) for reply in replies[-1:] for part in split(reply)}
        self._heard = " ".join(key(reply) for reply in replies)
        self.said: list[str] = []

    def pick(self, frames: Iterable[str], fields: Fields, *, liked: Iterable[str] = ()) -> Candidate | None:
        """The best of the frames, filled; `liked` are frames to be preferred. None where none can be filled."""
        liked = set(liked)
        candidates = [
            Candidate(
                text,
                self._cost(text, values) + self._rng.random() * _CHANCE - (_MOOD if frame in liked else 0.0),
                frame in liked,
            )
            for frame in frames
            for text, values in self._filled(frame, fields)
        ]
        return min(candidates, key=lambda candidate: candidate.cost, default=None)

    def take(self, candidate: Candidate) -> str:
        """Notes that it will be said, so that the rest of this reply doesn't say it too."""
        keys = {key(part) for part in split(candidate.text)}
        self._last |= keys
        self._heard += " " + " ".join(keys)
        self.said.append(candidate.text)
        return candidate.text

    def was_said(self, text: str) -> bool:
        """Whether every sentence of a text was said before in this talk."""
        return all(key(part) in self._ever for part in split(text))

    def was_mentioned(self, text: str) -> bool:
        """Whether the words of a text came up in the character's replies."""
        return bool(key(text)) and key(text) in self._heard

    def _filled(self, frame: str, fields: Fields) -> list[tuple[str, list[str]]]:
        slots = list(dict.fromkeys(_SLOT.findall(frame)))
        values = [fields.get(slot.lower(), ()) for slot in slots]
        if not all(values):
            return []
        combinations = list(itertools.islice(itertools.product(*values), 400))
        if len(combinations) > _COMBINATIONS:
            combinations = self._rng.sample(combinations, _COMBINATIONS)
        filled = []
        for combination in combinations:
            if len(set(combination)) < len(combination):
                continue
            table = dict(zip(slots, combination, strict=True))
            text = _SLOT.sub(lambda match, table=table: _cased(match[1], table[match[1]]), frame)  # type: ignore[misc]
            varied = [value for slot, value in table.items() if len(fields[slot.lower()]) > 1]
            filled.append((" ".join(sentence(part) for part in split(text)), varied))
        return filled

    def _cost(self, text: str, values: list[str]) -> float:
        keys = [key(part) for part in split(text)]
        cost = _LAST * sum(part in self._last for part in keys)
        cost += _RECENT * sum(part in self._recent for part in keys)
        cost += _EVER * sum(part in self._ever for part in keys)
        cost += _WORD * sum(self.was_mentioned(value) for value in values)
        return cost + sum(max(0, len(part.split()) - self._long) for part in keys)


def _cased(slot: str, value: str) -> str:
    """A slot with a capital wants its value with one."""
    return value[:1].upper() + value[1:] if slot[:1].isupper() else value
