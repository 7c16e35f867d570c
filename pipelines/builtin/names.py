"""Names that suit: from tables by language, gender and age, with a surname from the thing it is."""

import copy
import random
from collections.abc import Container, Sequence

from personify.pipelines.builtin.lexicon import Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender

_FORMAL = {"grand", "wise", "gruff"}
"""Groups of temperaments that introduce themselves with a title and a surname."""
_DRAWS = 12
"""So often a name is drawn anew of each kind, before it is made from more parts."""
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def choose_name(
    reading: Reading,
    temperaments: tuple[Temperament, ...],
    gender: Gender,
    age: Age,
    rng: random.Random,
    taken: Container[str] = frozenset(),
) -> str:
    """The description's own name, else one from the tables of its language that is not `taken`."""

    def draw(chance: random.Random) -> str:
        if reading.language == "en":
            return _drawn_english(reading, temperaments, gender, age, chance)
        return _drawn_other(reading, gender, chance)

    drawn = draw(rng)
    if reading.name or drawn not in taken:
        return reading.name or drawn
    twin = copy.copy(rng)  # what is drawn after this stays as it was
    for _ in range(_DRAWS):
        if (drawn := draw(twin)) not in taken:
            return drawn
    return another_name(reading.language, gender, twin, taken)


def another_name(language: str, gender: Gender, rng: random.Random, taken: Container[str]) -> str:
    """A name of the language that is not `taken`: of the further tables, then with a second first name, then with a
    number after it, as kings have."""
    firsts, surnames = _further(language, gender)
    drawn = ""
    for parts in (1, 2, 3):
        for _ in range(_DRAWS):
            given = [rng.choice(firsts) for _ in range(parts)]
            drawn = _joined(given, rng.choice(surnames) if surnames else "", language)
            if drawn not in taken:
                return drawn
    number = 2
    while f"{drawn} {_roman(number)}" in taken:
        number += 1
    return f"{drawn} {_roman(number)}"


def _further(language: str, gender: Gender) -> tuple[Sequence[str], Sequence[str]]:
    tables = lexicon().names.get(language) or lexicon().names["en"]
    return tables[gender] or [*tables["feminine"], *tables["masculine"]], tables["surnames"]


def _joined(given: list[str], surname: str, language: str) -> str:
    return ("" if language == "zh" else " ").join([*dict.fromkeys(given), *([surname] if surname else [])])


def _roman(number: int) -> str:
    said = ""
    for value, letters in _ROMAN:
        while number >= value:
            said, number = said + letters, number - value
    return said


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
