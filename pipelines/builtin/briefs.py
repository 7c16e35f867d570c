"""What a character looks like: the appearance brief of a reading; knows no prose."""

import random
from collections.abc import Iterable

from personify.avatar.brief import AppearanceBrief
from personify.pipelines.builtin.lexicon import ARCHETYPES, Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender

_AT_WORK = 0.75
"""The share of characters with a role who are shown where they work."""


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
        words=_in_words(reading),
        category=reading.category,
        archetype=archetype,
        gender=gender,
        age=age,
        colours=tuple(colours),
        materials=few(materials, 3),
        features=few(features, 5),
        expression=temperaments[0].expression,
        accessories=few(accessories, 3),
        style_words=tuple(style),
        setting=_setting(reading, rng),
    )


def _in_words(reading: Reading) -> str:
    """The description and what was wanted beyond it, as far as it is English, which experts' text encoders read."""
    said = [reading.text if reading.language == "en" else "", reading.beyond]
    return ", ".join(part for part in said if part)


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


def few(items: Iterable[str], most: int) -> tuple[str, ...]:
    """The first of them, each once."""
    return tuple(dict.fromkeys(items))[:most]
