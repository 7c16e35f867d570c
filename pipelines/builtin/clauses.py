"""Finds names and "who loves ..." clauses in a description and takes them out; knows nothing about concepts."""

import re
from dataclasses import dataclass, field
from functools import cache

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.grammar import first_person, mine
from personify.pipelines.builtin.lexicon import english_words, lexicon
from personify.pipelines.builtin.scanning import known

WORDS_MAX = 12
"""A clause is kept to this many words, so that it can be spoken."""
LETTERS_MAX = 80

_CUT = " ; "
_MEASURE = re.compile(
    r"\b(?:pair|bunch|piece|slice|loaf|bar|cup|glass|bowl|pint|kind|sort|type|portrait|picture|image|drawing|photo|avatar|character|group)\s+of\s+",
    re.I,
)
"""What is left out before the thing itself: "a pair of boots" is boots."""
_ADVERB = r"(?:really|secretly|just|only|also|always|absolutely|deeply|truly|still|never|often|quietly|openly)"
_LINK = rf"(?:(?:,|;|\band\b|\bbut\b|\byet\b|\bwho\b|\bthat\b|\bwhich\b|\b{_ADVERB}\b)\s*)*"
_PLACE = r"(?:in|on|at|under|behind|inside|near|beside|above|by)"
_CAPITALISED = r"[^\W\d_][\w'’.-]*"


@dataclass
class Clauses:
    """What the clauses of a description say; `rest` is the description without them."""

    rest: str
    name: str | None = None
    loves: list[str] = field(default_factory=list)
    hates: list[str] = field(default_factory=list)
    fears: list[str] = field(default_factory=list)
    dreams: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)


def take_clauses(text: str, language: str) -> Clauses:
    """The clauses of `text`; English has all kinds, other languages names, loves, hates and fears."""
    found = Clauses(_MEASURE.sub("", text) if language == "en" else text)
    _take_name(found, language)
    if language == "zh":
        _take_chinese(found)
    else:
        if language == "de":
            _take_german(found)
        _take_feelings(found, language)
    if language == "en":
        _take_deeds(found)
    return found


def _cues(language: str) -> dict[str, tuple[str, ...]]:
    if language == "en":
        return {kind: tuple(words) for kind, words in lexicon().words["cues"].items()}
    tongue = lexicon().tongues[language]
    return {"loves": tongue.loves, "hates": tongue.hates, "fears": tongue.fears, "named": tongue.named}


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _feeling_patterns(language: str) -> dict[str, re.Pattern[str]]:
    cues = _cues(language)
    kinds = [kind for kind in ("fears", "hates", "dreams", "loves") if cues.get(kind)]
    every = _alternatives(tuple(word for kind in kinds for word in cues[kind]))
    stops = r"[,;:.!?()\[\]]|\b(?:but|yet|who|which|because|while|although|whose)\b"
    again = rf"\b(?:and|y|e|et|und|и)\s+(?:{_ADVERB}\s+)?(?:{every})\b|\band\s+(?:is|has|was|wears|lives)\b"
    ends = rf"\s*(?:{stops}|{again}|$)"
    link = _LINK if language == "en" else r"(?:[,;]\s*)?"
    return {
        kind: re.compile(
            rf"{link}\b(?:{_alternatives(cues[kind])})\s+(?P<object>[^\s,;.!?][^\n]*?)(?={ends})", re.IGNORECASE
        )
        for kind in kinds
    }


def _take_feelings(found: Clauses, language: str) -> None:
    for kind, pattern in _feeling_patterns(language).items():
        heard: list[str] = getattr(found, kind)

        def keep(match: re.Match[str], heard: list[str] = heard, kind: str = kind) -> str:
            thing = match["object"]
            parts = [thing] if kind == "dreams" or language != "en" else re.split(r"\s+(?:and|or)\s+", thing)
            heard.extend(short for part in parts if (short := shorten(mine(part) if language == "en" else part)))
            return _CUT

        found.rest = pattern.sub(keep, found.rest)
    if language == "en":
        found.rest = re.sub(
            r"\b([a-z]+)-(loving|hating|fearing)\b", lambda m: _compound(found, m), found.rest, flags=re.I
        )


def _compound(found: Clauses, match: re.Match[str]) -> str:
    kind = {"loving": found.loves, "hating": found.hates, "fearing": found.fears}[match[2].lower()]
    kind.append(match[1].lower())
    return " "


def _take_deeds(found: Clauses) -> None:
    """Relative clauses that are no feeling: "who lost its lid" becomes "I lost my lid".

    "who is a pirate" and "who lives in a clock" stay in the rest, to be read there.
    """
    pattern = re.compile(
        r"\b(?:who|that|which)\s+(?P<said>[^,;:.!?()]+?)(?=\s*(?:[,;:.!?()]|\bbut\b|\bwho\b|\bwhich\b|$))", re.I
    )

    def keep(match: re.Match[str]) -> str:
        said = match["said"].strip()
        if re.match(r"(?:is|was|are|were|used to be|once was|wears|works as|has been|looks|seems|feels)\b", said, re.I):
            return f" ; is {said}"
        lives = re.match(
            rf"(?:lives?|works|hides|sits|sleeps)\s+(?P<place>{_PLACE}\s.+?)(?:\s+and\s+(?P<more>.+))?$", said, re.I
        )
        if lives:
            if more := shorten(lives["more"] or ""):
                found.deeds.append(first_person(more))
            return f" ; {lives['place']} ; "
        if short := shorten(said):
            found.deeds.append(first_person(short))
        return _CUT

    found.rest = pattern.sub(keep, found.rest)


_GERMAN = {"loves": "liebt|mag|verehrt|sammelt", "hates": "hasst|verabscheut", "fears": "fürchtet"}


def _take_german(found: Clauses) -> None:
    """Relative clauses with the verb at the end: "der Musik liebt"."""
    for kind, verbs in _GERMAN.items():
        pattern = re.compile(rf",?\s*\b(?:der|die|das)\s+(?P<object>[^,;.!?]+?)\s+(?:{verbs})\b", re.IGNORECASE)
        heard: list[str] = getattr(found, kind)
        for match in pattern.finditer(found.rest):
            if short := shorten(match["object"]):
                heard.append(short)
        found.rest = pattern.sub(_CUT, found.rest)


def _take_chinese(found: Clauses) -> None:
    for kind in ("fears", "hates", "loves"):
        cues = _alternatives(_cues("zh")[kind])
        heard: list[str] = getattr(found, kind)

        def keep(match: re.Match[str], heard: list[str] = heard) -> str:
            if short := shorten(match["object"]):
                heard.append(short)
            return ""

        found.rest = re.sub(rf"(?:{cues})(?P<object>[^,，。;；!！?？的\s]{{1,16}})的?", keep, found.rest)


def _take_name(found: Clauses, language: str) -> None:
    cues = _cues(language).get("named", ())
    first = rf"(?P<name>{_CAPITALISED}(?:\s+[^\W\d_a-z][\w'’.-]*){{0,3}})"
    if language == "zh":
        named = re.search(
            rf"(?:{_alternatives(cues)})(?P<name>[^\W\d_]{{1,6}}?)(?=的|[,，。;；!！?？\s]|$)", found.rest
        )
    else:
        named = re.search(rf"(?:,\s*)?\b(?i:{_alternatives(cues)})\s+[\"“'«]?{first}[\"”'»]?", found.rest)
    if not named:
        articles = "an?|the" if language == "en" else _alternatives(lexicon().tongues[language].articles) or "an?"
        full = r"(?P<name>[^\W\d_a-z][\w'’.-]*(?:\s+[^\W\d_a-z][\w'’.-]*){0,3})"
        named = re.match(
            rf"{full}(?:\s*[,:]\s*|\s+(?:is|was|es|est|ist|è|é)\s+|\s+(?=the\s))(?=(?i:{articles})\s)", found.rest
        )
        if named and any(fold(word) in english_words() for word in tokens(named["name"])[-1:]):
            named = None
    words = found.rest.split()
    alone = 2 <= len(words) <= 4 and all(word[0].isupper() and word.isalpha() for word in words)
    if alone and not named and not any(known(word, language) for word in words):
        found.name, found.rest = found.rest, ""
    if named:
        found.name = re.sub(r"[^\w\s'’.-]", "", named["name"]).strip(" .-'’")[:60].strip() or None
        found.rest = f"{found.rest[: named.start()]} {found.rest[named.end() :]}".strip(" ,")
    if found.name and found.name.islower():
        found.name = found.name.title()


def shorten(text: str) -> str:
    """At most `WORDS_MAX` words and `LETTERS_MAX` letters of a clause without quotes and brackets, or ""."""
    text = re.sub(r"[\"“”„«»<>{}\[\]()|\\/*_`~^=#@$%+]", " ", text)
    words: list[str] = []
    for word in text.split()[:WORDS_MAX]:
        if len(" ".join([*words, word])) > LETTERS_MAX:
            break
        words.append(word)
    while words and fold(words[-1]) in {
        "and",
        "or",
        "the",
        "a",
        "an",
        "of",
        "to",
        "with",
        "in",
        "for",
        "de",
        "la",
        "y",
    }:
        words.pop()
    text = " ".join(words).strip(" '’.,;:!?-–—…")
    return text if any(letter.isalpha() for letter in text) else ""
