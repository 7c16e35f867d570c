"""What a character sounds like: the voice brief of a reading; knows no prose."""

import copy
import random
import re

from personify.pipelines.builtin.briefs import few
from personify.pipelines.builtin.gender import nature_words
from personify.pipelines.builtin.lexicon import Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender, VoiceBrief
from personify.voices.own_prosody import OwnProsody

PITCH_OF_GENDER = {"feminine": 0.62, "masculine": 0.38, "neutral": 0.52}
PITCH_OF_AGE = {"child": 0.24, "young": 0.06, "adult": 0.0, "elderly": -0.04}
_PACE_OF_AGE = {"child": 0.06, "young": 0.04, "adult": 0.0, "elderly": -0.1}
_TIMBRE_MAX = 5
_NATURE_MAX = 5
_WORDS_OF_OTHER_AGES = {"child": ("old",), "young": ("old",), "adult": ("young", "old"), "elderly": ("young",)}
"""What a temper's timbre may say of an age that the character hasn't."""
_JITTER = 0.03
_OWN_SEMITONES, _OWN_PACE = 1.5, 0.08
"""How far a character may lie from its tone: heard as another speaker of the same kind, not as another kind."""
_OWN_BY_CHANCE = 0.75
"""The share of that which the seed decides; the rest follows temper and size."""
_VOICE = (
    re.compile(r"((?:[a-z-]+,? (?:and )?){1,3})voice"),
    re.compile(r"\b(?:speaks?|talks?|sounds?|speaking|talking)((?: [a-z]+){1,4})"),
    re.compile(r"(?<!never )\b(whispers|shouts|mumbles|murmurs|growls|squeaks|booms)\b"),
)
"""Where a description speaks of the voice: before "voice", after "speaks", and in what the voice does."""


def write_voice(
    reading: Reading, temperaments: tuple[Temperament, ...], gender: Gender, age: Age, rng: random.Random
) -> VoiceBrief:
    """Levels by gender, age, size, temper and life; timbre by drawing, temper, material, life, size and age."""
    words = lexicon().words
    size = reading.size or (reading.concept.size if reading.concept else "medium")
    shifts = [temperament.voice for temperament in temperaments] + ([reading.role.voice] if reading.role else [])
    nature, said = nature_words(reading), _said_of_the_voice(reading)
    shifts += [*_of_nature(nature), *said.values()]
    twin = copy.copy(rng)  # what is drawn after this stays as it was
    own = _own_prosody(shifts, words["pitch_of_size"][size], twin)
    pitch = PITCH_OF_GENDER[gender] + PITCH_OF_AGE[age] + words["pitch_of_size"][size]
    levels = [pitch, 0.5 + _PACE_OF_AGE[age], 0.5]
    for shift in shifts:
        levels = [level + step for level, step in zip(levels, shift, strict=True)]
    pitch, pace, energy = (round(min(1.0, max(0.0, level + rng.uniform(-_JITTER, _JITTER))), 3) for level in levels)
    timbre: list[str] = [*said, *words["timbre_of_archetype"].get(reading.archetype, [])]
    timbre += temperaments[0].timbre
    materials = reading.materials or (reading.concept.materials if reading.concept else ())
    timbre += [
        words["timbre_of_material"][material] for material in materials if material in words["timbre_of_material"]
    ]
    timbre += reading.role.timbre if reading.role else ()
    timbre += [*words["timbre_of_size"].get(size, []), *words["timbre_of_age"].get(age, [])]
    for temperament in temperaments[1:]:
        timbre += temperament.timbre
    timbre = [word for word in timbre if word not in _WORDS_OF_OTHER_AGES[age]]
    return VoiceBrief(
        gender=gender, age=age, pitch=pitch, pace=pace, energy=energy, timbre=few(timbre, _TIMBRE_MAX),
        nature=nature[:_NATURE_MAX], accent=reading.accent, language=reading.language, own=own,
    )  # fmt: skip


def _of_nature(nature: tuple[str, ...]) -> list[tuple[float, ...]]:
    """The shifts of the first of the words that has some: a snail is slow, a bee is not."""
    shifts: dict[str, list[float]] = lexicon().words["voice_of_nature"]
    return [tuple(shifts[word]) for word in nature if word in shifts][:1]


def _said_of_the_voice(reading: Reading) -> dict[str, tuple[float, ...]]:
    """What an English description says of the voice itself, each word with its shifts: "with a rough voice"."""
    if reading.language != "en":
        return {}
    shifts: dict[str, list[float]] = lexicon().words["said_of_voice"]
    text = reading.text.lower()
    places = [match[1] for pattern in _VOICE for match in pattern.finditer(text)]
    found = [word for place in places for word in re.findall(r"[a-z]+", place) if word in shifts]
    return {word: tuple(shifts[word]) for word in dict.fromkeys(found)}


def _own_prosody(shifts: list[tuple[float, ...]], size_pitch: float, rng: random.Random) -> OwnProsody:
    """Small steps off the tone: mostly by chance, so that two of a kind differ, and somewhat by temper and size."""
    pitch_lean = size_pitch + sum(shift[0] for shift in shifts)
    pace_lean = sum(shift[1] for shift in shifts)

    def step(lean: float, most: float) -> float:
        led = (1 - _OWN_BY_CHANCE) * min(1.0, max(-1.0, 4 * lean))
        return most * (_OWN_BY_CHANCE * rng.uniform(-1, 1) + led)

    return OwnProsody(
        pitch_semitones=round(step(pitch_lean, _OWN_SEMITONES), 2), pace=round(1 + step(pace_lean, _OWN_PACE), 3)
    )
