"""Adherence: whether a persona's record is found again, among all records, by what the persona said.

Follows the idea of Eval4Sim (2026), which retrieves by dense vectors; here it is BM25 (Robertson and Zaragoza 2009, in
Lucene's form, by bm25s) over stems without function words, with names masked on both sides. A query is all that was
said in one open conversation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from personify.eval.detection.statistics import Measured, bootstrap
from personify.eval.persona.authorship import conversations
from personify.eval.persona.interview import Answer, interview_data
from personify.eval.persona.masking import MASK, stem, words
from personify.pipelines.persona import Persona


@dataclass(frozen=True)
class Adherence:
    """`hits`: how often the right record comes first; `reciprocal`: the mean of 1 / its rank. Intervals over personas;
    `chance_hits` and `chance_reciprocal` are what a random order gives."""

    hits: Measured
    reciprocal: Measured
    chance_hits: float
    chance_reciprocal: float


def adherence(
    answers: Sequence[Answer], personas: Sequence[Persona], mask: Callable[[str], str], seed: int = 0
) -> Adherence:
    """Every open conversation of every persona against all records; what scores the same shares its ranks."""
    import bm25s  # type: ignore[import-untyped]  # says nothing of its types

    count = len(personas)
    index = bm25s.BM25(method="lucene")
    index.index([_terms(mask(record_text(persona))) for persona in personas], show_progress=False)
    hits, reciprocal = [], []
    for texts in conversations(answers, count, mask).values():
        for at, text in enumerate(texts):
            terms = _terms(text)
            scores = np.asarray(index.get_scores(terms)).round(6) if terms else np.zeros(count)
            better = int((scores > scores[at]).sum())
            ties = int((scores == scores[at]).sum())
            ranks = np.arange(better + 1, better + ties + 1)
            hits.append((at, float((ranks == 1).mean())))
            reciprocal.append((at, float((1 / ranks).mean())))
    return Adherence(
        bootstrap(_by_persona(hits, count), seed=seed),
        bootstrap(_by_persona(reciprocal, count), seed=seed),
        1 / count,
        float(np.mean(1 / np.arange(1, count + 1))),
    )


def record_text(persona: Persona) -> str:
    """What a record says of a persona, but for its name and for lines that are written to be spoken."""
    social, personal = persona.social, persona.personal
    parts = [social.nature, social.occupation or "", social.home, *personal.traits, *personal.values, *personal.likes]
    parts += [*personal.dislikes, *personal.knows, persona.life.backstory]
    parts += [moment.activity for moment in persona.life.routine]
    parts += [attribute.text for attribute in persona.profile]
    return "\n".join(parts)


def _terms(text: str) -> list[str]:
    nothing = set(interview_data()["style"]["function_words"]) | {MASK}
    return [stem(word) for word in words(text) if word not in nothing and len(word) > 2]


def _by_persona(values: Sequence[tuple[int, float]], count: int) -> np.ndarray:
    sums = np.zeros(count)
    for at, value in values:
        sums[at] += value
    return sums / (len(values) / count)
