"""How a language says what is written short: its words for signs, abbreviations and times, read from `spoken.toml`."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Wording(BaseModel):
    """One language's entry. Everything may be missing: what has no word stays as it is written.

    `point` parts the whole from the decimals; without it numbers stay digits, which the engine reads. `decimals` are
    said one by one ("three point one four"), as a number ("trois virgule quatorze") or as num2words says them.
    `digits` are the signs for 0 to 9 where numbers stay. `to` stands between the ends of a range, `dot` and `at` in
    addresses, `half` between a whole and a fraction, `ratio` for the colon of a score. `years` tells that 1984 is
    no cardinal.

    Times: `time` with `time_low` for minutes under ten, `time_full` for none, `time_late` for none after twelve,
    `time_one` for one o'clock; `hour_mark` is what may stand behind or for the colon. Money: `money` joins `whole` with
    the named `cents` or with the bare `part`; `cents` holds singular and plural of both, by ISO 4217 code.
    `one` goes before a noun instead of the number's own word, `one_feminine` before those of `feminine`.

    Abbreviations by where they stand: `titles` and `abbreviations` anywhere, `ending` also at the end of a sentence,
    `before_name`, `after_name`, `before_number`. `ordinal_marks` is a pattern of what makes a number an ordinal,
    `first` the first of a month.

    `regnal` says a ruler's number, with {ordinal} (up to `regnal_ordinals`), {cardinal} and {article}; `kings` are
    names that may carry a single letter, `queens` take the feminine, and after `parts` a number is a cardinal.
    `directions` are words that are played and not said, whole or, with "-", their beginnings; `played` are English
    verbs of that kind, in every form; `adverbs` may go before them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    point: str = ""
    ratio: str = ""
    minus: str = ""
    to: str = ""
    dot: str = ""
    at: str = ""
    half: str = ""
    decimals: Literal["digits", "number", "library"] = "digits"
    digits: str = ""
    spaces: bool = True
    years: bool = False
    percent: str = ""
    time: str = "{h} {m}"
    time_low: str = ""
    time_full: str = "{h}"
    time_late: str = ""
    time_one: str = ""
    hour_mark: str = ""
    money: str = "{whole} {part}"
    cents: dict[str, tuple[str, str, str, str]] = {}
    one: str = ""
    one_feminine: str = ""
    feminine: str = ""
    symbols: dict[str, str] = {}
    titles: dict[str, str] = {}
    abbreviations: dict[str, str] = {}
    ending: dict[str, str] = {}
    before_name: dict[str, str] = {}
    after_name: dict[str, str] = {}
    before_number: dict[str, str] = {}
    fractions: dict[str, str] = {}
    ordinal_marks: str = ""
    first: str = ""
    magnitudes: str = ""
    regnal: str = ""
    regnal_ordinals: int = 1000
    kings: str = ""
    queens: str = ""
    parts: str = ""
    played: str = ""
    directions: str = ""
    adverbs: str = ""


def wording(language: str) -> Wording:
    """The wording of a BCP 47 tag, whatever its region; an empty one for a language without an entry."""
    return _wordings().get(language.lower().split("-", maxsplit=1)[0], _NONE)


@lru_cache(4096)
def is_played(word: str, language: str) -> bool:
    """Whether `word`, in lower case, is played and not said, in that language or in English."""
    whole, beginnings = _directions(language.lower().split("-", maxsplit=1)[0])
    return word in whole or word.startswith(beginnings)


@lru_cache(4096)
def acts(word: str) -> bool:
    """Whether an English `word`, in lower case, tells what somebody does: a played verb's third person."""
    return word in _thirds()


@cache
def _thirds() -> frozenset[str]:
    return frozenset(form for verb in wording("en").played.split() for form in _forms(verb)[1:3])


@cache
def _directions(primary: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole words, and beginnings."""
    words = [*wording(primary).directions.split(), *wording("en").directions.split()]
    verbs = (form for verb in wording("en").played.split() for form in _forms(verb))
    whole = frozenset(word for word in [*words, *verbs] if not word.endswith("-"))
    return whole, tuple(word[:-1] for word in words if word.endswith("-"))


def _forms(verb: str) -> list[str]:
    """An English verb with -s, -ing and -ed, doubled and without its e: some of them are no words, which harms none."""
    stem = verb.removesuffix("e")
    third = verb[:-1] + "ies" if verb.endswith("ry") else verb + "s"
    return [verb, third, verb + "es", *(s + end for s in (stem, verb, verb + verb[-1]) for end in ("ing", "ed"))]


_NONE = Wording()


@cache
def _wordings() -> dict[str, Wording]:
    entries = tomllib.loads(Path(__file__).with_name("spoken.toml").read_text("utf-8"))
    return {tag: Wording.model_validate(entry) for tag, entry in entries.items()}
