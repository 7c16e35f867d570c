"""Finds the lexicon's words in a text, the longest match first, spelling variants too; knows nothing of grammar."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.grammar import plural
from personify.pipelines.builtin.lexicon import lexicon

Kinds = dict[str, str]
"""What one phrase may mean: kind ("concept", "role", "colour", ...) to the entry's English word or value."""

_Add = Callable[[str, str, str], None]
"""Takes a phrase, what kind of thing it names, and the entry or value it stands for."""

_LONGEST = 4
_GERMAN_ENDINGS = ("", "e", "er", "es", "en", "em")


class Hit(NamedTuple):
    """A word or phrase of the text; `kinds` is empty where the lexicon doesn't know it."""

    surface: str
    kinds: Kinds
    variant_of: str | None = None


def scan(text: str, language: str) -> list[Hit]:
    """The hits of `text` in order; stop words are left out."""
    if language == "zh":
        return _scan_unspaced(text, language)
    words = tokens(text)
    table = phrases(language)
    hits: list[Hit] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            kinds = table.get(" ".join(fold(word) for word in words[at : at + length]))
            if kinds is not None:
                break
        else:
            length, kinds = 1, {}
        surface = " ".join(words[at : at + length])
        if "stop" not in kinds:
            hits.append(Hit(surface, kinds) if kinds else _variant(surface, language))
        at += length
    return hits


def known(word: str, language: str) -> bool:
    """Whether the lexicon has this very word in this language."""
    return fold(word) in phrases(language)


@cache
def phrases(language: str) -> dict[str, Kinds]:
    """Every phrase of a language, folded, with what it may mean."""
    table: dict[str, Kinds] = {}

    def add(phrase: str, kind: str, value: str) -> None:
        table.setdefault(" ".join(tokens(fold(phrase))) or fold(phrase), {}).setdefault(kind, value)

    if language == "en":
        _add_english(add)
    else:
        _add_translated(add, language)
    return table


def _add_english(add: _Add) -> None:
    lex = lexicon()
    for word, concept in lex.concepts.items():
        for name in (word, *concept.aliases):
            add(name, "concept", word)
            add(concept.plural if name == word and concept.plural else plural(name), "concept", word)
    for word, role in lex.roles.items():
        for name in (word, *role.aliases):
            add(name, "role", word)
            add(plural(name), "role", word)
    for word, temperament in lex.temperaments.items():
        for name in (word, *temperament.words):
            add(name, "temperament", word)
    for word, interest in lex.interests.items():
        for name in (word, *interest.aliases):
            add(name, "interest", word)
    for section, kind in _SECTIONS.items():
        for name, value in lex.words[section].items():
            add(name, kind, value)
    for name in lex.words["stop"]:
        add(name, "stop", name)


_SECTIONS = {
    "colours": "colour", "materials": "material", "sizes": "size", "genders": "gender", "ages": "age",
    "accents": "accent", "accessories": "accessory", "features": "feature",
}  # fmt: skip


def _add_translated(add: _Add, language: str) -> None:
    lex = lexicon()
    tongue = lex.tongues[language]
    for kind, section in (("concept", "concepts"), ("role", "roles")):
        for word, names in lex.translations[section].items():
            for name in _forms(names.get(language, ""), language, noun=True):
                add(name, kind, word)
    for kind, section in (("temperament", "temperaments"), ("colour", "colours"), ("material", "materials")):
        for word, names in lex.translations[section].items():
            for name in _forms(names.get(language, ""), language, noun=False):
                add(name, kind, lex.words["colours"].get(word, word) if kind == "colour" else word)
    for said, kind in ((tongue.genders, "gender"), (tongue.ages, "age")):
        for value, forms in said.items():
            for name in forms:
                add(name, kind, value)
    for name in (*tongue.stop, *tongue.articles):
        add(name, "stop", name)


def _forms(written: str, language: str, *, noun: bool) -> Iterable[str]:
    """All forms of a translation: alternatives parted by ",", masculine/feminine by "/", German and Russian endings."""
    for alternative in filter(None, re.split(r"\s*,\s*", written)):
        for form in alternative.split("/"):
            base = bare_noun(form, language) if noun else form
            yield base
            if language == "de" and not noun:
                yield from (base.removesuffix("e") + ending for ending in _GERMAN_ENDINGS)
            elif language == "ru" and not noun:
                yield from russian_adjective(base)
            elif language == "de":
                yield from (base + ending for ending in ("n", "en", "s"))
            elif language in ("es", "pt", "fr", "it") and not base.endswith("s"):
                yield base + "s"


def bare_noun(noun: str, language: str) -> str:
    """A noun of the translations without its article ("una tetera" -> "tetera", "un'ape" -> "ape")."""
    if language not in lexicon().tongues:
        return noun
    articles = "|".join(re.escape(word) for word in lexicon().tongues[language].articles)
    return re.sub(rf"^(?:(?:{articles})\s+|un['’])", "", noun) if articles else noun


def russian_adjective(masculine: str) -> tuple[str, str, str]:
    """Nominative masculine, feminine and neuter of a Russian adjective given in the masculine."""
    stem, soft = masculine[:-2], masculine.endswith("ний")
    return masculine, stem + ("яя" if soft else "ая"), stem + ("ее" if soft else "ое")


def _scan_unspaced(text: str, language: str) -> list[Hit]:
    """Longest match first over a script that puts no spaces between words; Latin words in between count as words."""
    table = phrases(language)
    longest = max(map(len, table))
    hits: list[Hit] = []
    unknown = ""
    folded = fold(text)
    at = 0

    def flush() -> None:
        nonlocal unknown
        hits.extend(Hit(word, {}) for word in tokens(unknown))
        unknown = ""

    while at < len(folded):
        length = next((n for n in range(min(longest, len(folded) - at), 0, -1) if folded[at : at + n] in table), 0)
        if not length:
            unknown += folded[at]
            at += 1
            continue
        flush()
        kinds = table[folded[at : at + length]]
        if "stop" not in kinds:
            hits.append(Hit(folded[at : at + length], kinds))
        at += length
    flush()
    return hits


@cache
def _vocabulary(language: str) -> tuple[str, ...]:
    """The single words that a misspelling may have meant."""
    kinds = {"concept", "role", "temperament", "colour", "material"}
    return tuple(
        word for word, meant in phrases(language).items() if len(word) >= 4 and " " not in word and kinds & meant.keys()
    )


@cache
def _variant(surface: str, language: str) -> Hit:
    """The hit for an unknown word: a known word that is one slip of the pen away, or nothing.

    Short words must be as long as a slip leaves them (a letter doubled, lost or swapped); only from six letters on may
    one letter differ, and from nine on two: "tepot" is a teapot, but a boat is no goat.
    """
    word = fold(surface)
    if len(word) < 4 or len(word) > 30 or word in lexicon().words["common"]:
        return Hit(surface, {})
    from rapidfuzz import process  # only a misspelt description pays for it
    from rapidfuzz.distance import OSA

    slips = 2 if len(word) >= 9 else 1
    for meant, _, _ in process.extract(word, _vocabulary(language), scorer=OSA.distance, score_cutoff=slips, limit=8):
        substituted = len(meant) == len(word) and sorted(meant) != sorted(word)
        if (
            meant[0] == word[0]
            and not (substituted and len(word) < 6)
            and not (len(meant) < 5 and len(word) < 5 and substituted)
        ):
            return Hit(surface, phrases(language)[meant], meant)
    return Hit(surface, {})
