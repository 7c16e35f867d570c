"""Contradictions: facts that are asked again in other words, held against the record and against one another.

By comparison of words, so it sees what is said of another persona's facts and of opposites, and no finer lies.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np

from personify.eval.detection.statistics import Measured, bootstrap
from personify.eval.persona.interview import Answer, interview_data
from personify.eval.persona.masking import stem, words
from personify.pipelines.persona import Persona

Verdict = Literal["agrees", "contradicts", "unsupported", "unsaid", "failed"]
VERDICTS: tuple[Verdict, ...] = ("agrees", "contradicts", "unsupported", "unsaid", "failed")

_ENOUGH, _CERTAIN = 0.5, 0.75
"""From this share of a value's words on, an answer holds that value; to hold it against a persona takes more."""
_LIKE_EACH_OTHER = 0.3
"""From this share of the shorter answer's words on, two answers that the record doesn't know say the same."""
_AGE_ASIDE = re.compile(r"\b(?:years?|days?|months?|how|good) old\b|\bold enough\b|\bsmall talk\b", re.IGNORECASE)


@dataclass(frozen=True)
class Checked:
    """One answer to a fact's question and what became of it."""

    answer: Answer
    verdict: Verdict


@dataclass(frozen=True)
class FactFigures:
    """Of the answers that tell something: how many agree with the record (`agrees`), and how many contradict it;
    `one_another`: facts whose tellings agree among themselves; `counts` by fact and verdict. Intervals over personas.
    """

    agrees: Measured
    contradicts: Measured
    one_another: Measured
    counts: dict[str, dict[str, int]]


def check_facts(answers: Sequence[Answer], personas: Sequence[Persona]) -> list[Checked]:
    """Every answer to a question for a fact that its persona's record has, with the verdict."""
    asked = [answer for answer in answers if answer.question.fact is not None]
    return [
        Checked(answer, _verdict(answer, personas))
        for answer in asked
        if answer.question.fact == "age" or _values(personas[answer.persona], answer.question.fact or "")
    ]


def fact_figures(checked: Sequence[Checked], personas: int, seed: int = 0) -> FactFigures:
    """The figures over all of them."""
    agree: list[list[bool]] = [[] for _ in range(personas)]
    contrary: list[list[bool]] = [[] for _ in range(personas)]
    together: list[list[bool]] = [[] for _ in range(personas)]
    counts: dict[str, dict[str, int]] = {}
    told: dict[tuple[int, str], list[Checked]] = {}
    for one in checked:
        fact = one.answer.question.fact or ""
        counts.setdefault(fact, dict.fromkeys(VERDICTS, 0))[one.verdict] += 1
        if one.verdict not in ("unsaid", "failed"):
            agree[one.answer.persona].append(one.verdict == "agrees")
            contrary[one.answer.persona].append(one.verdict == "contradicts")
            told.setdefault((one.answer.persona, fact), []).append(one)
    for (persona, _), tellings in told.items():
        if len(tellings) > 1:
            together[persona].append(all(_same(a, b) for a, b in combinations(tellings, 2)))
    return FactFigures(_mean(agree, seed), _mean(contrary, seed), _mean(together, seed), counts)


def _mean(shares: Sequence[Sequence[bool]], seed: int) -> Measured:
    """The mean over personas of those that told anything; nothing told is 0 of 0."""
    means = [float(np.mean(one)) for one in shares if one]
    return bootstrap(means, seed=seed) if means else Measured(0.0, 0.0, 1.0, 0)


def _verdict(answer: Answer, personas: Sequence[Persona]) -> Verdict:
    if answer.failed:
        return "failed"
    persona, fact = personas[answer.persona], answer.question.fact or ""
    if fact == "age":
        return _age_verdict(answer.text, persona)
    said = _stems(answer.text)
    if _holds(said, _values(persona, fact), fact, _ENOUGH):
        return "agrees"
    if _tells_nothing(answer.text):
        return "unsaid"
    return "contradicts" if _holds(said, _contrary(persona, fact, personas), fact, _CERTAIN) else "unsupported"


def _age_verdict(text: str, persona: Persona) -> Verdict:
    """By what says an age; of several ages the persona's own counts."""
    rest, ages = _AGE_ASIDE.sub(" ", text), []
    for age, patterns in interview_data()["ages"].items():
        found = re.compile("|".join(patterns), re.IGNORECASE)
        if found.search(rest):
            ages.append(age)
            rest = found.sub(" ", rest)
    if "young" in ages:
        ages.append("child")  # who says so may be either
    if persona.social.age in ages:
        return "agrees"
    if ages:
        return "contradicts"
    return "unsaid" if _tells_nothing(text) else "unsupported"


def _values(persona: Persona, fact: str) -> tuple[str, ...]:
    """What the record says; nothing where it is silent."""
    social, personal = persona.social, persona.personal
    return {
        "name": (persona.name,),
        "home": (social.home,),
        "job": (social.occupation,) if social.occupation else (),
        "nature": (social.nature,),
        "likes": personal.likes,
        "dislikes": personal.dislikes,
        "routine": tuple(moment.activity for moment in persona.life.routine),
    }[fact]


def _contrary(persona: Persona, fact: str, personas: Sequence[Persona]) -> tuple[str, ...]:
    """What can't be so: of a fact with one value everybody else's, of likes the dislikes and the other way round."""
    if fact == "likes":
        return persona.personal.dislikes
    if fact == "dislikes":
        return persona.personal.likes
    if fact == "routine":
        return ()
    own = _values(persona, fact)
    return tuple(dict.fromkeys(v for other in personas for v in _values(other, fact) if v not in own))


def _holds(said: frozenset[str], values: Sequence[str], fact: str, least: float) -> bool:
    for value in values:
        wanted = _stems(value)
        share = len(wanted & said) / len(wanted) if wanted else 0.0
        if share >= least or (fact == "name" and share > 0):
            return True
    return False


def _same(one: Checked, other: Checked) -> bool:
    """Whether two tellings of a fact go together: both as the record has it, or in the same words."""
    if one.verdict == other.verdict == "agrees":
        return True
    first, second = _stems(one.answer.text), _stems(other.answer.text)
    shorter = min(len(first), len(second))
    return (
        shorter > 0
        and len(first & second) >= _LIKE_EACH_OTHER * shorter
        and "agrees"
        not in (
            one.verdict,
            other.verdict,
        )
    )


def _tells_nothing(text: str) -> bool:
    return any(re.search(pattern, text.replace("’", "'"), re.IGNORECASE) for pattern in interview_data()["unsaid"])


@lru_cache(maxsize=20000)
def _stems(text: str) -> frozenset[str]:
    """The stems of a text's words that mean something; of all of them where none does."""
    nothing = set(interview_data()["style"]["function_words"])
    found = words(text)
    return frozenset(stem(word) for word in found if word not in nothing) or frozenset(found)
