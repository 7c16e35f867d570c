"""Languages: which one a short description is in, and which espeak-ng voice speaks it with which accent.

A script that only one language uses decides by itself. In Latin script the small words decide ("un", "que", "the"),
with typical letters, endings and a statistical guess (py3langid, restricted to the languages listed) as lighter votes:
on a handful of words that guess alone takes "a cheerful lemon chef" for Italian. Without evidence it is English.
"""

import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from personify.voices.errors import BadInput

# What each kind of evidence is worth against one known word that only one language has.
_SHARED_WORD = 0.5
_LETTER = 0.7
_SPELLING = 0.2
_ENGLISH_CONTENT_WORD = 0.8
_GUESS = 0.9
_GUESS_SURE = 0.75
_GUESS_SURE_ALONE = 0.97
_GUESS_LENGTH = 24
"""Characters from which the guess has its full weight."""
_ENGLISH_BY_DEFAULT = 0.95
_CLEAR = 0.45
"""A language this far ahead in words needs no other evidence."""

_WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0655\u0900-\u0963\u200c])+")
"""Letters with the marks that Arabic and Devanagari put on them."""

_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "GREEK": "el", "HEBREW": "he", "THAI": "th",
    "BENGALI": "bn", "GURMUKHI": "pa", "GUJARATI": "gu", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn",
    "MALAYALAM": "ml", "SINHALA": "si", "MYANMAR": "my", "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am",
    "CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "LATIN": "",
}  # fmt: skip
"""First word of a letter's Unicode name, to the language that the script stands for; several share the last four."""

_GIVEAWAYS = {
    "CYRILLIC": (
        ("uk", "іїєґ"),
        ("be", "ў"),
        ("sr", "ђћ"),
        ("mk", "ѓќѕ"),
        ("kk", "әғқңұһ"),
        ("sr", "јљњџ"),
        ("ru", "ыэё"),
    ),
    "ARABIC": (("ur", "ٹڈڑںےہ"), ("fa", "پچژگیک")),
    "DEVANAGARI": (("mr", "ळ"),),
}
"""Letters that tell the languages of one script apart, the surer ones first."""

_GUESSED = {"CYRILLIC": ("ru", "bg", "uk", "sr", "mk"), "DEVANAGARI": ("hi", "mr", "ne"), "ARABIC": ("ar", "fa", "ur")}


_READS = {
    "zh": {"CJK"},
    "yue": {"CJK"},
    "ja": {"HIRAGANA", "KATAKANA"},
    "ko": {"HANGUL"},
    **{tag: {script} for script, tag in _SCRIPTS.items() if tag not in ("zh", "ja", "ko", "")},
    **{tag: {script} for script, tags in _GUESSED.items() for tag in tags},
    **{tag: {script} for script, giveaways in _GIVEAWAYS.items() for tag, _ in giveaways},
}
"""The scripts that a language's voice can read beside Latin; none for a language that isn't here."""


class Language(BaseModel):
    """One entry of `languages.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    voice: str
    accents: dict[str, str] = {}
    words: str = ""
    nouns: str = ""
    letters: str = ""
    spelling: str = ""


@cache
def languages() -> dict[str, Language]:
    """Every language that can be spoken, by BCP 47 tag."""
    entries = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
    return {tag: Language.model_validate(entry) for tag, entry in entries.items()}


def language_of(tag: str) -> Language:
    """The language of a BCP 47 tag such as `pt-BR`, whatever its region. Raises `BadInput` that lists the choices."""
    known = languages()
    primary = tag.lower().split("-")[0]
    if primary not in known:
        choices = ", ".join(f"{code} ({language.name})" for code, language in sorted(known.items()))
        raise BadInput(f"unknown language {tag!r}; choose one of: {choices}")
    return known[primary]


def has_accent(tag: str, accent: str) -> bool:
    """Whether the language can be spoken with that accent."""
    return accent.strip().lower() in language_of(tag).accents


def espeak_voice(tag: str, accent: str | None = None) -> str:
    """The espeak-ng voice for a BCP 47 tag; an accent that the language has goes before the tag's region.

    An accent that the language lacks changes nothing: the tone's choice says so in its reason.
    """
    language = language_of(tag)
    for wish in (accent or "", *reversed(tag.split("-")[1:])):
        if wish.strip().lower() in language.accents:
            return language.accents[wish.strip().lower()]
    return language.voice


@dataclass(frozen=True)
class Run:
    """A stretch of text in one language; `ends` where the piece of text ends with it."""

    text: str
    language: str
    ends: bool


def script_runs(text: str, tag: str) -> list[Run]:
    """`text` cut where its script is not one that the language `tag` can read: a Chinese name in an English sentence.

    Latin script is left in place, because every espeak-ng voice reads it.
    """
    primary = tag.lower().split("-", maxsplit=1)[0]
    own = _READS.get(primary, set())
    runs: list[tuple[str, str]] = []
    for char in text:
        script = _script(char) if char.isalpha() else ""
        foreign = script not in ("", "LATIN") and script not in own
        language = _SCRIPTS[script] if foreign else tag if script else runs[-1][1] if runs else tag
        if runs and runs[-1][1] == language:
            runs[-1] = (runs[-1][0] + char, language)
        else:
            runs.append((char, language))
    spoken = [run for run in runs if any(c.isalnum() for c in run[0])]
    return [Run(part, language, i == len(spoken) - 1) for i, (part, language) in enumerate(spoken)]


def language_of_text(text: str, tag: str) -> str:
    """The language of a text that is to be spoken in `tag`: that one, unless most of it is in a script that `tag`'s
    voices can't read; then what it seems to be in. Raises `BadInput` that lists the choices for an unknown language.
    """
    language_of(tag)
    letters = Counter[bool]()
    for run in script_runs(text, tag):
        letters[run.language == tag] += sum(c.isalpha() for c in run.text)
    return detect_language(text) if letters[False] > letters[True] else tag


def detect_language(text: str, *, english_words: Container[str] = ()) -> str:
    """The BCP 47 tag of the language that a description is in; `en` where nothing tells.

    `english_words` holds lower-case content words that are certainly English, such as the lexicon's concepts.
    """
    letters = [c for c in unicodedata.normalize("NFC", text.lower()) if c.isalpha()]
    scripts = Counter(_script(c) for c in letters)
    # One Han, kana or Hangul sign says as much as three letters or more.
    weights = {s: n * (3 if s in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL") else 1) for s, n in scripts.items() if s}
    if not weights:
        return "en"
    script = max(sorted(weights), key=lambda s: weights[s])
    if script == "LATIN":
        return _latin(text, english_words)
    if script == "CJK" and (scripts["HIRAGANA"] or scripts["KATAKANA"]):
        return "ja"
    return _within(script, letters, text)


def load_languages() -> None:
    """Loads what telling languages apart takes, so that the first text needn't wait for it."""
    _known_words(), _letters(), _identifier()


def _script(letter: str) -> str:
    """The key of `_SCRIPTS` that `letter` belongs to, or an empty string."""
    name = unicodedata.name(letter, "").removeprefix("HALFWIDTH ").removeprefix("FULLWIDTH ").split(" ")[0]
    return name if name in _SCRIPTS else ""


def _within(script: str, letters: list[str], text: str) -> str:
    """The language of a text in a script that is not Latin."""
    for tag, giveaways in _GIVEAWAYS.get(script, ()):
        if any(letter in giveaways for letter in letters):
            return tag
    if script in _GUESSED:
        by_words = _word_scores(_WORD.findall(text.lower()), ())
        best = max((by_words[tag] for tag in _GUESSED[script]), default=0.0)
        level = [tag for tag in _GUESSED[script] if by_words[tag] == best]
        if len(level) == 1:
            return level[0]
        tag, probability = _guess(text.lower(), _GUESSED[script])
        if probability >= _GUESS_SURE_ALONE:
            return tag
    return _SCRIPTS[script]


def _latin(text: str, english_words: Container[str]) -> str:
    """The language that most words speak for; the rest of the evidence decides between those that are level.

    What is level even then goes by the order of `languages.toml`, which begins with the most widely spoken.
    """
    text = unicodedata.normalize("NFC", text.lower())
    words = _WORD.findall(text)
    by_words = _word_scores(words, english_words)
    best = max(by_words[tag] for tag in _letters())  # a stray word of another script doesn't count here
    if best and by_words["en"] >= best:
        return "en"
    level = tuple(tag for tag in _letters() if not best or by_words[tag] > best - _CLEAR)
    if len(level) == 1:
        return level[0]
    scores = {tag: by_words[tag] + vote for tag, vote in _light_votes(text, words, level).items()}
    if not best:
        scores["en"] += _ENGLISH_BY_DEFAULT
    return max(scores, key=lambda tag: scores[tag])


def _word_scores(words: list[str], english_words: Container[str]) -> defaultdict[str, float]:
    """What the known words say for each language; a word that several share says less."""
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words:
        homes = _known_words().get(word, ())
        for tag in homes:
            scores[tag] += 1.0 if len(homes) == 1 else _SHARED_WORD
        if word in english_words and "en" not in homes:
            scores["en"] += _ENGLISH_CONTENT_WORD if not homes else _SHARED_WORD
    return scores


def _light_votes(text: str, words: list[str], among: tuple[str, ...]) -> dict[str, float]:
    """What letters, spelling and the statistical guess say for each of those languages."""
    votes = dict.fromkeys(among, 0.0)
    for tag in among:
        language = languages()[tag]
        votes[tag] += _LETTER * min(2, len(set(text) & _letters().get(tag, frozenset())))
        endings = tuple(language.spelling.split())
        votes[tag] += _SPELLING * sum(len(word) > 3 and word.endswith(endings) for word in words)
    tag, probability = _guess(text, among)
    if probability >= _GUESS_SURE:
        votes[tag] += _GUESS * min(1.0, len(text) / _GUESS_LENGTH)
    return votes


@cache
def _known_words() -> dict[str, tuple[str, ...]]:
    """Small words and nouns, each with the languages that have it."""
    homes: dict[str, tuple[str, ...]] = {}
    for tag, language in languages().items():
        for word in {*language.words.lower().split(), *language.nouns.split()}:
            homes[word] = (*homes.get(word, ()), tag)
    return homes


@cache
def _letters() -> dict[str, frozenset[str]]:
    """Telling letters of each language in Latin script that has small words, in the file's order."""
    return {
        tag: frozenset(piece for piece in language.letters.split() if len(piece) == 1)
        for tag, language in languages().items()
        if language.words and _script(language.words[0].lower()) == "LATIN"
    }


def _guess(text: str, among: tuple[str, ...]) -> tuple[str, float]:
    """py3langid's best guess among those tags, and its probability.

    Its own `set_languages` does the same, with a copy of the model for each set of tags.
    """
    model = _identifier()
    of_all = dict(zip(model.nb_classes, model.nb_classprobs(model.instance2fv(text)), strict=True))
    best = max(among, key=lambda tag: (of_all[tag], tag))
    return best, 1.0 / sum(math.exp(of_all[tag] - of_all[best]) for tag in among)


@cache
def _identifier() -> Any:
    """Ten megabytes, once."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_pickled_model(MODEL_FILE)
