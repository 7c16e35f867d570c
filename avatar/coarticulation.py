"""Which shape each sound wants of the mouth, and how neighbouring sounds blend into one.

Sounds blend by dominance functions: each pulls the mouth towards its own shape, strongest at its middle, and the shape
is the mean of all pulls (Cohen and Massaro 1993, "Modeling coarticulation in synthetic visual speech"). Knows nothing
of frames, loudness or pictures.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from personify.voices.speech import TimedPhoneme

CHANNELS = ("jaw", "press", "wide", "round", "upper_lip", "tuck", "tongue")
"""jaw: how far the lips part; press: lips pressed together; wide: spread; round: pushed out; upper_lip: raised;
tuck: lower lip under the upper teeth; tongue: its tip up. All from 0 (rest) to 1."""

REACH_S = 0.25
"""A sound is felt from so long before its beginning until so long after its end, and no further."""
_ONSET_S, _OFFSET_S = 0.055, 0.065
"""How long before its middle's half a sound is felt, and after it: lips anticipate a little less than they linger."""
_CLOSING_S, _OPENING_S = 0.035, 0.02
"""How long lips take to meet before a closure, and to part after it; bursts open faster than lips come together."""
_LONG, _HALF_LONG = 1.7, 1.3
"""What a length mark makes of a letter's share of its symbol's time."""
_RAISED = {"ʷ": ("w", 0.5), "ᶣ": ("ɥ", 0.5), "ᵐ": ("m", 0.7), "ⁿ": ("n", 0.7), "ᵑ": ("ŋ", 0.7)}
"""Raised letters that are seen on the lips, as the letter and its share: rounding, and the nasals before a stop."""


@dataclass(frozen=True)
class Shape:
    """What a sound wants of the mouth: `target` (len(CHANNELS),), its `pull`, and whether the lips must meet."""

    target: np.ndarray
    pull: float
    closure: bool = False


@dataclass(frozen=True)
class Sound:
    """One letter of IPA with its place in time and its shape."""

    start_s: float
    end_s: float
    shape: Shape

    @property
    def middle_s(self) -> float:
        """The moment at which it pulls most."""
        return (self.start_s + self.end_s) / 2


def shape_of(letter: str) -> Shape:
    """The shape of one IPA letter; unknown ones get the neutral vowel's."""
    shapes = known_shapes()
    return shapes.get(letter) or shapes["ə"]


@lru_cache(maxsize=1)
def known_shapes() -> dict[str, Shape]:
    """Every letter that has a shape of its own in `visemes.toml`."""
    entries = tomllib.loads(files(__package__).joinpath("visemes.toml").read_text(encoding="utf-8"))["shape"]
    shapes: dict[str, Shape] = {}
    for entry in entries:
        target = np.array([float(entry.get(name, 0.0)) for name in CHANNELS])
        shape = Shape(target, float(entry.get("pull", 1.0)), bool(entry.get("closure", False)))
        shapes |= dict.fromkeys(entry["ipa"].split(), shape)
    return shapes


def split_symbol(symbol: str) -> list[tuple[str, float]]:
    """The IPA letters of a symbol without diacritics and ties, each with its share of the time."""
    letters: list[tuple[str, float]] = []
    for char in unicodedata.normalize("NFD", symbol):
        if char in _RAISED:
            letters.append(_RAISED[char])
        elif char == "ː" and letters:
            letters[-1] = (letters[-1][0], _LONG)
        elif char == "ˑ" and letters:
            letters[-1] = (letters[-1][0], _HALF_LONG)
        elif char.isalpha() and unicodedata.category(char) != "Lm":
            letters.append((char, 1.0))
    return letters


def sounds_in(phonemes: Iterable[TimedPhoneme]) -> list[Sound]:
    """The phonemes as single sounds: diphthongs and affricates fall into their letters, long ones get more time."""
    sounds = []
    for phoneme in phonemes:
        letters = split_symbol(phoneme.symbol)
        if not letters:
            continue
        shares = np.cumsum([0.0, *(share for _, share in letters)])
        edges = phoneme.start_s + shares / shares[-1] * (phoneme.end_s - phoneme.start_s)
        sounds += [
            Sound(float(edges[i]), float(edges[i + 1]), shape_of(letter)) for i, (letter, _) in enumerate(letters)
        ]
    return sounds


def blend(times: np.ndarray, sounds: Sequence[Sound]) -> np.ndarray:
    """The mouth at each time, (n, len(CHANNELS)): the targets' mean, weighted by dominance; 0 where nothing is felt."""
    if not sounds:
        return np.zeros((len(times), len(CHANNELS)))
    start, end = np.array([(s.start_s, s.end_s) for s in sounds]).T
    pull = np.array([s.shape.pull for s in sounds])
    target = np.array([s.shape.target for s in sounds])
    half = (end - start) / 2
    away = times[:, None] - (start + end) / 2
    width = np.where(away < 0, _ONSET_S, _OFFSET_S) + 0.35 * half
    dominance = pull * np.exp(-np.maximum(np.abs(away) - 0.5 * half, 0) / width)
    dominance **= 2  # the nearer sound wins more clearly than in the original, which undershoots in fast speech
    dominance *= (times[:, None] > start - REACH_S) & (times[:, None] < end + REACH_S)
    return np.asarray(dominance @ target / np.maximum(dominance.sum(axis=1, keepdims=True), 1e-12))


def closeness(times: np.ndarray, sounds: Sequence[Sound], frame_s: float) -> np.ndarray:
    """How far the lips are on their way to a closure at each time, (n,), 1 where they touch.

    The frames are `frame_s` apart; a closure shorter than that falls on the frame that shows its middle.
    """
    closed = np.zeros(len(times))
    for sound in sounds:
        if not sound.shape.closure:
            continue
        before, after = (sound.start_s - times) / _CLOSING_S, (times - sound.end_s) / _OPENING_S
        near = 1 - np.clip(np.maximum(before, after), 0, 1)
        near[np.floor(times / frame_s) == np.floor(sound.middle_s / frame_s)] = 1
        closed = np.maximum(closed, near)
    return closed
