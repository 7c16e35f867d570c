"""Whether a character is a he, a she or neither, and how old: from the description's words, then from what it is."""

import random
import re

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.lexicon import lexicon
from personify.pipelines.builtin.reading import Reading
from personify.voices.brief import Age, Gender

_HE, _SHE = frozenset({"he", "him", "his", "himself"}), frozenset({"she", "her", "hers", "herself"})
_MAN = re.compile(r"(?<!wo)(?<!hu)(?<!ger)(?<!sha)m[ae]n$|(?:head|school|post|ring)master$")
_WOMAN = re.compile(r"wom[ae]n$|maid$|[^n]ess$|heroine$")
_ARTICLES = {
    "masculine": {"ein", "un", "uno", "um", "el", "il", "lo", "der", "o"},
    "feminine": {"eine", "una", "une", "uma", "la", "die", "a"},
}
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER = rf"\d{{1,4}}|(?:(?:{'|'.join(_TENS)})[- ])?(?:{'|'.join(reversed(_ONES))})|(?:{'|'.join(_TENS)})"
YEARS = re.compile(rf"\b({_NUMBER})[- ]years?[- ]old\b|\baged ({_NUMBER})\b", re.IGNORECASE)
OLD_FROM = 65
_RUSSIAN = {"masculine": ("ый", "ий", "ой"), "feminine": ("ая", "яя")}


def choose_gender(reading: Reading, rng: random.Random) -> Gender:
    """The description's gender, else the thing's or the life's own, else one by seed."""
    drawn: Gender = rng.choice(
        ("feminine", "masculine") if reading.category == "people" else ("feminine", "masculine", "neutral")
    )
    said = said_gender(reading) or _usual(reading)
    known: dict[str, Gender] = {"feminine": "feminine", "masculine": "masculine", "neutral": "neutral"}
    return known.get(said, drawn)


def said_gender(reading: Reading) -> str:
    """The gender that the description, the thing or the life settles, or ""."""
    return (
        reading.gender
        or _of_name(reading.name or "")
        or _of_pronouns(reading)
        or (reading.concept.gender if reading.concept else "")
        or (_of_grammar(reading) if reading.category == "people" else "")
        or _of_trade(reading.role_word)
        or (reading.role.gender if reading.role else "")
    )


def _of_name(name: str) -> str:
    """What a name from the description says: by its title or its first name, "" where the tables don't know it."""
    words = [fold(word) for word in tokens(name)[:2]]
    lex = lexicon()
    tables = [lex.words["known_names"], lex.english["names"], *(tongue.names for tongue in lex.tongues.values())]
    for gender in ("masculine", "feminine"):
        if any(word == fold(known) for word in words for table in tables for known in table[gender]):
            return gender
    return ""


def _of_pronouns(reading: Reading) -> str:
    """What the pronouns of an English description say where they agree: "a rose who thinks she is the prettiest"."""
    if reading.language != "en":
        return ""
    words = {word.lower() for word in tokens(reading.text)}
    he, she = bool(words & _HE), bool(words & _SHE)
    return "" if he == she else "masculine" if he else "feminine"


def _of_grammar(reading: Reading) -> str:
    """What the first word says of a person in a language whose articles, or adjectives, have a gender."""
    first = next((word.lower() for word in tokens(reading.text)), "")
    if reading.language == "ru":
        return next((gender for gender, endings in _RUSSIAN.items() if first.endswith(endings)), "")
    if reading.language in ("de", "es", "fr", "it", "pt"):
        return next((gender for gender, articles in _ARTICLES.items() if first in articles), "")
    return ""


def _of_trade(word: str) -> str:
    """What the name of a trade says: a fisherman, a countess."""
    last = word.rsplit(maxsplit=1)[-1] if word else ""
    return "feminine" if _WOMAN.search(last) else "masculine" if _MAN.search(last) else ""


def _usual(reading: Reading) -> str:
    """What listeners take a creature or a trade for while nobody says otherwise, by `gender_of_nature`."""
    usual: dict[str, list[str]] = lexicon().words["gender_of_nature"]
    words = [reading.role_word, reading.nature, *nature_words(reading)]
    return next((gender for word in words for gender, known in usual.items() if word in known), "")


def nature_words(reading: Reading) -> tuple[str, ...]:
    """What it is in English, the most telling first: the user's word, the lexicon's, its drawing's, what it is made of.

    Of a person only the trade; of a thing that the lexicon doesn't know only the user's word.
    """
    if reading.category == "people":
        trade = [reading.role_word, reading.role.word] if reading.role else [reading.nature]
        words = trade if reading.language == "en" else trade[1:]
    else:
        words = [reading.nature] if reading.language == "en" else []
        if concept := reading.concept:
            words += [concept.word, concept.archetype.replace("_", " ")]
        words += reading.materials
    return tuple(dict.fromkeys(word for word in words if word))


def choose_age(reading: Reading) -> Age:
    """The description's age in years or in words, else the thing's or the life's own, else adult."""
    ages: dict[str, Age] = {"child": "child", "young": "young", "adult": "adult", "elderly": "elderly"}
    return ages.get(said_age(reading), "adult")


def said_age(reading: Reading) -> str:
    """The age that the description, the thing or the life settles, or ""."""
    return (
        _of_years(reading.text)
        or reading.age
        or (reading.concept.age if reading.concept else "")
        or (reading.role.age if reading.role else "")
    )


def _of_years(text: str) -> str:
    """What "a seven-year-old girl" or "aged 80" says; years of a thing ("a 300-year-old oak") make it old."""
    found = YEARS.search(text)
    if not found:
        return ""
    years = years_of(found)
    return "child" if years < 13 else "young" if years < 30 else "adult" if years < OLD_FROM else "elderly"


def years_of(found: re.Match[str]) -> int:
    """The number that a match of `YEARS` holds."""
    said = next(filter(None, found.groups())).lower()
    return int(said) if said.isdecimal() else _years_in_words(said)


def _years_in_words(words: str) -> int:
    parts = words.replace("-", " ").split()
    return sum(_ONES.index(word) if word in _ONES else 10 * (_TENS.index(word) + 2) for word in parts)
