"""What a character sounds and looks like: the voice brief and the appearance brief of a reading; knows no prose."""

import copy
import random
from collections.abc import Iterable

from personify.avatar.brief import AppearanceBrief
from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.lexicon import ARCHETYPES, Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender, VoiceBrief
from personify.voices.own_prosody import OwnProsody

_PITCH_OF_GENDER = {"feminine": 0.62, "masculine": 0.38, "neutral": 0.52}
_PITCH_OF_AGE = {"child": 0.24, "young": 0.06, "adult": 0.0, "elderly": -0.04}
_PACE_OF_AGE = {"child": 0.06, "young": 0.04, "adult": 0.0, "elderly": -0.1}
_TIMBRE_MAX = 5
_AT_WORK = 0.75
"""The share of characters with a role who are shown where they work."""
_JITTER = 0.03
_OWN_SEMITONES, _OWN_PACE = 1.5, 0.08
"""How far a character may lie from its tone: heard as another speaker of the same kind, not as another kind."""
_OWN_BY_CHANCE = 0.75
"""The share of that which the seed decides; the rest follows temper and size."""


def choose_gender(reading: Reading, rng: random.Random) -> Gender:
    """The description's gender, else the thing's or the life's own, else one by seed."""
    said = (
        reading.gender
        or _gender_of_name(reading.name or "")
        or (reading.concept.gender if reading.concept else "")
        or (reading.role.gender if reading.role else "")
    )
    drawn: Gender = rng.choice(
        ("feminine", "masculine") if reading.category == "people" else ("feminine", "masculine", "neutral")
    )
    return _one_of(said, drawn)


def _gender_of_name(name: str) -> str:
    """What a name from the description says: by its title or its first name, "" where the tables don't know it."""
    words = [fold(word) for word in tokens(name)[:2]]
    lex = lexicon()
    tables = [lex.words["known_names"], lex.english["names"], *(tongue.names for tongue in lex.tongues.values())]
    for gender in ("masculine", "feminine"):
        if any(word == fold(known) for word in words for table in tables for known in table[gender]):
            return gender
    return ""


def _one_of(said: str, drawn: Gender) -> Gender:
    known: dict[str, Gender] = {"feminine": "feminine", "masculine": "masculine", "neutral": "neutral"}
    return known.get(said, drawn)


def choose_age(reading: Reading) -> Age:
    """The description's age, else the thing's or the life's own, else adult."""
    said = reading.age or (reading.concept.age if reading.concept else "") or (reading.role.age if reading.role else "")
    ages: dict[str, Age] = {"child": "child", "young": "young", "adult": "adult", "elderly": "elderly"}
    return ages.get(said, "adult")


def write_voice(
    reading: Reading, temperaments: tuple[Temperament, ...], gender: Gender, age: Age, rng: random.Random
) -> VoiceBrief:
    """Levels by gender, age, size, temper and life; timbre by drawing, temper, material, life, size and age."""
    words = lexicon().words
    size = reading.size or (reading.concept.size if reading.concept else "medium")
    shifts = [temperament.voice for temperament in temperaments] + ([reading.role.voice] if reading.role else [])
    twin = copy.copy(rng)  # what is drawn after this stays as it was
    own = _own_prosody(shifts, words["pitch_of_size"][size], twin)
    pitch = _PITCH_OF_GENDER[gender] + _PITCH_OF_AGE[age] + words["pitch_of_size"][size]
    levels = [pitch, 0.5 + _PACE_OF_AGE[age], 0.5]
    for shift in shifts:
        levels = [level + step for level, step in zip(levels, shift, strict=True)]
    pitch, pace, energy = (round(min(1.0, max(0.0, level + rng.uniform(-_JITTER, _JITTER))), 3) for level in levels)
    timbre: list[str] = [*words["timbre_of_archetype"].get(reading.archetype, [])]
    timbre += temperaments[0].timbre
    materials = reading.materials or (reading.concept.materials if reading.concept else ())
    timbre += [
        words["timbre_of_material"][material] for material in materials if material in words["timbre_of_material"]
    ]
    timbre += reading.role.timbre if reading.role else ()
    timbre += [*words["timbre_of_size"].get(size, []), *words["timbre_of_age"].get(age, [])]
    for temperament in temperaments[1:]:
        timbre += temperament.timbre
    return VoiceBrief(
        gender=gender, age=age, pitch=pitch, pace=pace, energy=energy, timbre=_few(timbre, _TIMBRE_MAX),
        accent=reading.accent, language=reading.language, own=own,
    )  # fmt: skip


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


def write_appearance(
    reading: Reading, temperaments: tuple[Temperament, ...], gender: Gender, age: Age, rng: random.Random
) -> AppearanceBrief:
    """The description's own colours, materials, features and accessories first, then what suits thing and life."""
    words = lexicon().words
    concept, role = reading.concept, reading.role
    archetype = _archetype(reading, gender, age, rng)
    in_costume = role is not None and archetype == role.archetype
    if reading.category == "people" and not in_costume:
        concept = concept or lexicon().concepts["person"]
    shades = concept.colours if concept else ()
    shade = rng.choice(shades).split("/") if shades else []
    own = list(reading.colours)
    colours = [*own, *shade[1:]][:3] if own and (in_costume or reading.category != "people") else shade or own
    materials = reading.materials or (concept.materials if concept else ())
    features = [*reading.features, *(role.features if role else ()), *rng.sample(words["features_of_age"][age], 1)]
    if gender == "masculine":
        features = [feature for feature in features if feature != "long lashes"]
    elif gender == "feminine":
        features = [
            feature for feature in features if feature not in ("beard", "moustache") or feature in reading.features
        ]
    accessories = [*reading.accessories]
    if role and not accessories and not in_costume:
        accessories += role.accessories[:2] if rng.random() < 0.6 else role.accessories[:1]
    style = rng.sample(words["style_of_group"][temperaments[0].group], 1)
    return AppearanceBrief(
        concept=reading.nature if reading.language == "en" or not reading.concept else reading.concept.word,
        words=reading.text if reading.language == "en" else "",  # the experts' text encoders read English
        category=reading.category,
        archetype=archetype,
        gender=gender,
        age=age,
        colours=tuple(colours),
        materials=_few(materials, 3),
        features=_few(features, 5),
        expression=temperaments[0].expression,
        accessories=_few(accessories, 3),
        style_words=tuple(style),
        setting=_setting(reading, rng),
    )


def _setting(reading: Reading, rng: random.Random) -> str | None:
    """Where the character would be met: at what it loves, else, mostly, at its work; None leaves it to the drawing."""
    loved = next((interest.setting for interest in reading.interests if interest.setting), None)
    if loved or reading.role is None:
        return loved
    return reading.role.setting if rng.random() < _AT_WORK else None


def _archetype(reading: Reading, gender: Gender, age: Age, rng: random.Random) -> str:
    """People are drawn by their role's costume or by age and gender, everything else as its concept says."""
    if reading.category != "people":
        return reading.archetype
    role = reading.role
    if role and role.archetype in ARCHETYPES and not reading.concept and role.gender in ("", gender):
        return role.archetype
    if age == "child" or (age == "young" and reading.concept is not None and reading.concept.archetype == "child"):
        return "child"
    return {"feminine": "woman", "masculine": "man"}.get(gender) or rng.choice(("woman", "man"))


def _few(items: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))[:most]
