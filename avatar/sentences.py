"""Sentences: what a text says beyond its sounds, and when: questions, exclamations, feelings, the length of a thought.

The text of a speech is cut into sentences, and these are laid over its phonemes so that they part at pauses and each
gets about the share of the sounds that it has of the letters.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from personify.avatar.moods import Feeling, feelings_in
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

_ENDS = ".!?…。！？؟।۔"
_CLOSERS = "\"'”’»)]」』"
_BREAK = re.compile(rf"(?<=[.!?…؟।۔])[{re.escape(_CLOSERS)}]*\s+|(?<=[。！？])[{re.escape(_CLOSERS)}]*\s*|\n+")
_CLEAR_PAUSE_S, _LONG_PAUSE_S = 0.3, 0.6
"""A pause from which on a sentence may well end there, and one that makes it likely."""
_BAND = 30
"""How many sounds from its expected place a sentence's end is looked for, at least."""


@dataclass(frozen=True)
class Sentence:
    """One sentence: its `weight` is about the number of its sounds."""

    weight: float
    question: bool
    exclaims: bool
    feelings: tuple[Feeling, ...]


@dataclass(frozen=True)
class SpokenSentence:
    """A sentence from its first sound to the end of its last, seconds from the start of the speech."""

    sentence: Sentence
    start_s: float
    end_s: float


def sentences_of(text: str) -> list[Sentence]:
    """The sentences of a text in order; what has no sound (emoji) belongs to the sentence before it."""
    parts: list[str] = []
    for part in _cut(text):
        if parts and _weight(part) == 0:
            parts[-1] += " " + part
        elif _weight(part) > 0:
            parts.append(part)
    return [_sentence(part) for part in parts]


def spoken_sentences(speech: Speech) -> list[SpokenSentence]:
    """The sentences of a speech with their times; none where it has no text or no sound."""
    sentences = sentences_of(speech.text)
    sounds = [p for p in speech.phonemes if p.symbol != SILENCE]
    if not sentences or not sounds:
        return []
    starts = [0, *_boundaries(sounds, [s.weight for s in sentences]), len(sounds)]
    return [
        SpokenSentence(sentence, sounds[first].start_s, sounds[after - 1].end_s)
        for sentence, first, after in zip(sentences, starts[:-1], starts[1:], strict=True)
        if after > first
    ]


def _cut(text: str) -> list[str]:
    parts, start = [], 0
    for match in _BREAK.finditer(text):
        parts.append(text[start : match.end()].strip())
        start = match.end()
    return [part for part in [*parts, text[start:].strip()] if part]


def _sentence(part: str) -> Sentence:
    tail = part.rstrip()[-6:]
    return Sentence(
        weight=_weight(part),
        question=any(c in "?？؟" for c in tail),
        exclaims=any(c in "!！" for c in tail),
        feelings=tuple(feelings_in(part)),
    )


def _weight(part: str) -> float:
    return sum(_sounds_in(char) for char in part)


def _sounds_in(char: str) -> float:
    """About how many sounds a character stands for."""
    if char.isdigit():
        return 4.0
    if unicodedata.category(char)[0] == "M":
        return 0.5
    if not char.isalpha():
        return 0.0
    if "\u3040" <= char <= "\u30ff":
        return 1.8
    return 2.5 if "\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" else 1.0


def _boundaries(sounds: list[TimedPhoneme], weights: list[float]) -> list[int]:
    """Before which sounds the second sentence and those after it begin: the cheapest way through the pauses."""
    share = len(sounds) / sum(weights)
    ends = np.cumsum(weights) * share
    gaps = np.array([0.0, *(b.start_s - a.end_s for a, b in pairwise(sounds))])
    pauses = np.flatnonzero(gaps >= 0.08)
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for i, end in enumerate(ends[:-1]):
        band = max(_BAND, 0.06 * end)
        places = {int(p) for p in pauses if abs(p - end) <= band} | {round(min(max(float(end), 1), len(sounds) - 1))}
        best = _extended(best, places, weights[i] * share, gaps)
    last = weights[-1] * share
    return list(min(best.items(), key=lambda item: item[1][0] + _misfit(len(sounds) - item[0], last))[1][1])


def _extended(
    best: dict[int, tuple[float, tuple[int, ...]]], places: set[int], expected: float, gaps: np.ndarray
) -> dict[int, tuple[float, tuple[int, ...]]]:
    """The cheapest ways to end one sentence more, by the place where it ends."""
    out = {}
    for place in sorted(places):
        gap = float(gaps[place])
        lack = 8.0 * max(0.0, _CLEAR_PAUSE_S - gap) + 2.0 * max(0.0, _LONG_PAUSE_S - gap)
        cost, way = min((cost + _misfit(place - before, expected), way) for before, (cost, way) in best.items())
        out[place] = (cost + lack, (*way, place))
    return out


def _misfit(count: int, expected: float) -> float:
    """What it costs to give a sentence so many sounds; far more if that is none."""
    return (count - expected) ** 2 / (6 + 0.12 * expected**2) + (1e3 if count <= 0 else 0.0)
