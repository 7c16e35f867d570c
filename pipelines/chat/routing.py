"""Which questions are of fact: those about the world, not about the character, the user or the two of them.

Deterministic, by the words of `routing.toml`: a sentence is one where it has the form of a question, is not about
persons of the talk (you, I, we), is no matter of taste and no small talk, and names something to ask about that is
neither the character's own nor something that the user told. What is asked in a language without words there is never
one. docs/chat.md tells the rule.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from personify.pipelines.chat.engine import Context
from personify.pipelines.persona import Persona

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_ENDS = re.compile(r"[?？]\s*[\"”»')\]]*$")
_FOLLOWS_WORDS = 7
"""A question that goes on with the last one has so many words at most."""
_OWN, _BEGINS = 0.15, 1.0
"""What the persona's own language, and the beginning of a question, say for a language, against all of the words."""


class Tongue(BaseModel):
    """One language of `routing.toml`. Phrases are regular expressions, for whole words, without capitals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frames: tuple[str, ...]
    """What a question may be wrapped in, and is taken off: "can you tell me"."""
    topics: tuple[str, ...]
    """After which anything is something to know about: "tell me about"."""
    ends: tuple[str, ...]
    """What such a request may end in, and is taken off: "explain comets to me"."""
    opens: tuple[str, ...]
    """How a question, or a request for knowledge, begins."""
    persons: tuple[str, ...]
    """Words for who talks here."""
    tastes: tuple[str, ...]
    """What makes it a matter of opinion or of the moment."""
    small_talk: tuple[str, ...]
    """Whole questions that are none."""
    follows: tuple[str, ...]
    """How a question begins that goes on with the last one: "and in France?"."""
    empty: tuple[str, ...]
    """Words that name nothing to ask about."""


def is_of_fact(said: str, context: Context) -> bool:
    """Whether the last question in what was said is one of fact."""
    return stands_alone(said, context) or _goes_on(said, context)


def stands_alone(said: str, context: Context) -> bool:
    """Whether it is a question of fact that needs no other before it."""
    question = _question_in(said, context.persona.language)
    if question is None:
        return False
    text, tongue = question.text, question.tongue
    if _has(text, tongue.persons) or _has(text, tongue.tastes) or _is(text, tongue.small_talk):
        return False
    if not (_starts(text, tongue.opens) or question.topic):
        return False
    words = [word for word in _WORD.findall(text) if not _is(word, tongue.empty)]
    return bool(words) and not _own(words, context)


def _goes_on(said: str, context: Context) -> bool:
    """Whether it goes on with a question of fact: "and of Spain?"."""
    before = [turn for turn in context.turns if turn.who == "user"][-1:]
    return bool(before) and _follows(said, context.persona) and stands_alone(before[0].text, context)


@dataclass(frozen=True)
class _Question:
    """A sentence that asks: without what it is wrapped in, in which language, and whether it names a topic."""

    text: str
    tongue: Tongue
    topic: bool


def _question_in(said: str, language: str) -> _Question | None:
    """The last sentence that asks for something, if there is one."""
    for sentence in reversed(_SENTENCES.split(said.strip())):
        text, tongue = _plain(sentence), _tongue(sentence, language)
        if not text or tongue is None:
            continue
        bare, wrapped = _unwrapped(text, tongue)
        topic = _has(text, tongue.topics)
        bare = _pattern(tongue.ends, "end").sub("", bare).rstrip(" ,") if topic else bare
        if bare and (_ENDS.search(sentence.strip()) or wrapped or topic or _starts(bare, tongue.opens)):
            return _Question(bare, tongue, topic)
    return None


def _follows(said: str, persona: Persona) -> bool:
    """Whether it is a short question that needs the one before."""
    tongue = _tongue(said, persona.language)
    question = _plain(said)
    if tongue is None or len(question.split()) > _FOLLOWS_WORDS or not _ENDS.search(said.strip()):
        return False
    if not _starts(question, tongue.follows) or _has(question, tongue.persons):
        return False
    words = _WORD.findall(_pattern(tongue.follows, "start").sub("", question, count=1))
    return any(not _is(word, tongue.empty) for word in words)


def _own(words: Sequence[str], context: Context) -> bool:
    """Whether a name in it is the character's, of its life, or one that the user told of."""
    persona = context.persona
    said = [turn.text for turn in context.turns if turn.who == "user"]
    told = [fact.text for fact in context.facts] + ([context.partner] if context.partner else [])
    lives = [persona.life.backstory, persona.social.home, *(one.text for one in persona.profile)]
    own = {word.casefold() for word in _WORD.findall(persona.name)} | _names([*lives, *told, *_mine(said)])
    return any(word in own or re.sub(r"['’]s?$", "", word) in own for word in words)


def _mine(said: Sequence[str]) -> list[str]:
    """What the user told in this talk, questions left out."""
    return [part for text in said for part in _SENTENCES.split(text) if not _ENDS.search(part.strip())]


def _names(texts: Sequence[str]) -> set[str]:
    """Names in texts: capitals within a sentence."""
    found = set()
    for text in texts:
        for match in re.finditer(r"(?<=[^\W\d_,;]\s)[^\W\d_]\w+", text):
            if match.group()[0].isupper():
                found.add(match.group().casefold())
    return found


def _tongue(said: str, language: str) -> Tongue | None:
    """The words of the language that it is asked in: the persona's, unless another one's fit better."""
    own = language.split("-", maxsplit=1)[0].lower()
    text = _plain(said)
    scores = {name: _fit(text, tongue) + (_OWN if name == own else 0.0) for name, tongue in _tongues().items()}
    best = max(scores, key=lambda name: scores[name])
    return _tongues()[best] if scores[best] > 0.5 else None


def _fit(text: str, tongue: Tongue) -> float:
    words = _WORD.findall(text)
    begins = _BEGINS if _starts(text, tongue.opens) or _unwrapped(text, tongue)[1] else 0.0
    return begins + sum(_is(word, tongue.empty) or _is(word, tongue.persons) for word in words) / (len(words) or 1)


def _unwrapped(question: str, tongue: Tongue) -> tuple[str, bool]:
    """The question without what it is wrapped in, and whether there was something."""
    wrapped = False
    while match := _pattern(tongue.frames, "start").match(question):
        rest = question[match.end() :].lstrip(" ,:")
        if not rest or rest == question:
            break
        question, wrapped = rest, True
    return question, wrapped


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.casefold().replace("’", "'")).strip(' "“”«»¿¡')


def _starts(text: str, phrases: tuple[str, ...]) -> bool:
    return bool(_pattern(phrases, "start").match(text))


def _has(text: str, phrases: tuple[str, ...]) -> bool:
    return bool(_pattern(phrases, "anywhere").search(text))


def _is(text: str, phrases: tuple[str, ...]) -> bool:
    return bool(_pattern(phrases, "whole").match(text))


@cache
def _pattern(phrases: tuple[str, ...], where: str) -> re.Pattern[str]:
    choices = "|".join(phrases) or r"(?!)"
    before = r"(?<!\w)" if where in ("anywhere", "end") else ""
    after = r"\W*$" if where in ("whole", "end") else r"(?!\w)"
    return re.compile(rf"{before}(?:{choices}){after}")


@cache
def _tongues() -> dict[str, Tongue]:
    told = tomllib.loads(files("personify.pipelines.chat").joinpath("routing.toml").read_text(encoding="utf-8"))
    return {name: Tongue.model_validate(table) for name, table in told.items()}
