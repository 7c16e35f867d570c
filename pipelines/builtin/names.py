"""Names that suit: from tables by language, gender and age, with a surname from the thing it is."""

import random

from personify.pipelines.builtin.lexicon import Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender

_FORMAL = {"grand", "wise", "gruff"}
"""Groups of temperaments that introduce themselves with a title and a surname."""


def choose_name(
    reading: Reading, temperaments: tuple[Temperament, ...], gender: Gender, age: Age, rng: random.Random
) -> str:
    """The description's own name, else one from the tables of its language."""
    drawn = (
        _drawn_english(reading, temperaments, gender, age, rng)
        if reading.language == "en"
        else _drawn_other(reading, gender, rng)
    )
    return reading.name or drawn


def _drawn_english(
    reading: Reading, temperaments: tuple[Temperament, ...], gender: Gender, age: Age, rng: random.Random
) -> str:
    tables = lexicon().english["names"]
    first = rng.choice(tables["young"] if age == "child" else tables[gender])
    own = reading.concept.surnames if reading.concept else ()
    surname = rng.choice(own) if own and rng.random() < 0.9 else rng.choice(tables["surnames"])
    titled = reading.role and reading.role.titles and rng.random() < 0.5
    if titled and reading.role:
        title = rng.choice(reading.role.titles)
        return f"{title} {first}" if title in _WITH_FIRST_NAME else f"{title} {surname}"
    if age == "child" or (temperaments[0].group not in _FORMAL and rng.random() < 0.2):
        return str(first)
    return f"{first} {surname}"


_WITH_FIRST_NAME = {"Queen", "King", "Her Majesty", "His Majesty", "Sir", "Chef", "DJ", "Maestro", "Coach", "Master"}


def _drawn_other(reading: Reading, gender: Gender, rng: random.Random) -> str:
    tongue = lexicon().tongues[reading.language]
    first = rng.choice(tongue.names[gender])
    return f"{first} {rng.choice(tongue.surnames)}" if tongue.surnames and rng.random() < 0.6 else str(first)
