"""Moods and feelings: what a persona's expression does to the face at rest, and what a text's words add to it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from personify.voices.errors import unknown_name

FEATURES = ("smile", "lift", "inner", "squint", "pitch", "roll")
"""What moods and feelings move; see MOTION in avatar/motion.py for their units."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Mood:
    """A resting face and a temperament, see moods.toml for the units."""

    smile: float = 0.0
    lift: float = 0.0
    inner: float = 0.0
    squint: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lively: float = 1.0
    blinks: float = 1.0
    slow: float = 1.0
    away: float = 1.0
    aside: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Feeling:
    """A feeling that a text shows: its `name`, and `at`, the share of the text that comes before it (0 to 1)."""

    name: str
    at: float


def mood_of(expression: str) -> Mood:
    """The mood of a persona's expression; raises `BadInput` for an unknown one."""
    moods = _data()["mood"]
    if expression not in moods:
        raise unknown_name("expression", expression, list(moods))
    told = dict(moods[expression])
    return Mood(**told | ({"aside": (told["aside"][0], told["aside"][1])} if "aside" in told else {}))


def face_of(feeling: str) -> dict[str, float]:
    """What a feeling adds to each of FEATURES."""
    told = _data()["feeling"][feeling]
    return {name: float(told.get(name, 0.0)) for name in FEATURES}


def feelings_in(sentence: str) -> list[Feeling]:
    """The feelings that a sentence shows, in order: from emoji, laughter and sighs, and a few words of many languages.

    A word after a negation ("not happy") counts for nothing.
    """
    low = sentence.casefold()
    found = sorted({*_signs(sentence), *_sounds(low), *_words(low)})
    return [Feeling(name, at / max(len(sentence), 1)) for at, name in found]


def _signs(sentence: str) -> Iterator[tuple[int, str]]:
    """Emoji and emoticons; they mean the words before them, so they are felt halfway there."""
    for name, told in _data()["feeling"].items():
        yield from ((at // 2, name) for at, char in enumerate(sentence) if char in told["emoji"])
        yield from (
            (m.start() // 2, name)
            for face in told["faces"]
            for m in re.finditer(rf"(?<!\S){re.escape(face)}(?![^\s.,!?])", sentence)
        )


def _sounds(low: str) -> Iterator[tuple[int, str]]:
    for name, told in _data()["feeling"].items():
        yield from ((m.start(), name) for m in re.finditer(told["sounds"], low))


def _words(low: str) -> Iterator[tuple[int, str]]:
    whole, starts, anywhere = _vocabulary()
    negations = frozenset(_data()["negation"]["words"])
    before: list[str] = []
    for match in _TOKEN.finditer(low):
        word = match.group().replace("’", "'")
        names = [whole[word]] if word in whole else [name for start, name in starts if word.startswith(start)][:1]
        if names and negations.isdisjoint(before[-2:]):
            yield match.start(), names[0]
        before.append(word)
    if _UNSPACED.search(low):
        yield from ((low.index(part), name) for part, name in anywhere if part in low)


@cache
def _vocabulary() -> tuple[dict[str, str], list[tuple[str, str]], list[tuple[str, str]]]:
    """Whole words, beginnings, and parts of words in scripts without spaces; each with its feeling."""
    whole: dict[str, str] = {}
    starts, anywhere = [], []
    for name, told in _data()["feeling"].items():
        for word in told["words"]:
            if _UNSPACED.search(word):
                anywhere.append((word, name))
            elif word.endswith("*"):
                starts.append((word[:-1], name))
            else:
                whole.setdefault(word, name)
    return whole, starts, anywhere


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("moods.toml").read_text(encoding="utf-8"))
