"""Consistency: whether a persona's answers in one conversation can be told to be its own by its answers in the others.

Authorship verification as in stylometry, following the idea of Eval4Sim (2026): a held-out conversation is compared
with what every persona said in the remaining ones. Two kinds of features, both with names masked: all words, as TF-IDF
of character 2- to 4-grams (Stamatatos 2013); and style alone: function words, punctuation and the lengths of sentences
and words, standardised and compared by their cosine (Cosine Delta: Smith and Aldridge 2011, after Burrows 2002).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from personify.eval.detection.statistics import Measured, bootstrap
from personify.eval.persona.interview import FACTS, Answer, interview_data
from personify.eval.persona.masking import words
from personify.voices.errors import MissingExtra

_MARKS = ".,;:!?-'\"…"
_SENTENCE_END = re.compile(r"[.!?…]+")


@dataclass(frozen=True)
class Consistency:
    """`accuracy`: the share of held-out conversations attributed to the right persona, by chance 1 / personas;
    `auc`: how often the right persona is more alike than a wrong one, by chance 1 / 2. Each with all words, and by
    style alone. Intervals over personas."""

    accuracy: Measured
    auc: Measured
    style_accuracy: Measured
    style_auc: Measured


def need_sklearn() -> None:
    """Raises `MissingExtra` where what this measures with isn't installed."""
    if find_spec("sklearn") is None:
        raise MissingExtra("the benchmark needs scikit-learn; install it with: pip install 'personify[bench]'")


def consistency(answers: Sequence[Answer], personas: int, mask: Callable[[str], str], seed: int = 0) -> Consistency:
    """Leave one conversation out, for each of the open ones in turn."""
    texts = conversations(answers, personas, mask)
    measured = []
    for alike in (_by_words, _by_style):
        right, ranks = np.zeros((len(texts), personas)), np.zeros((len(texts), personas))
        for out, name in enumerate(texts):
            known = [" ".join(texts[other][at] for other in texts if other != name) for at in range(personas)]
            likeness = alike(known, texts[name]).round(9)  # what is alike ties, whatever the order of its sums
            own = np.diag(likeness)[:, None]
            better = (likeness > own).sum(axis=1)
            ties = (likeness == own).sum(axis=1) - 1
            right[out] = (better == 0) / (ties + 1)
            ranks[out] = 1 - (better + 0.5 * ties) / (personas - 1)
        measured += [bootstrap(right.mean(axis=0), seed=seed), bootstrap(ranks.mean(axis=0), seed=seed)]
    return Consistency(*measured)


def conversations(answers: Sequence[Answer], personas: int, mask: Callable[[str], str]) -> dict[str, list[str]]:
    """What each persona said in each open conversation, masked, by the conversation's name."""
    said: dict[str, list[list[str]]] = {}
    for answer in answers:
        if answer.question.conversation != FACTS:
            said.setdefault(answer.question.conversation, [[] for _ in range(personas)])[answer.persona].append(
                mask(answer.text)
            )
    return {name: [" ".join(texts) for texts in by_persona] for name, by_persona in said.items()}


def _by_words(known: Sequence[str], held: Sequence[str]) -> np.ndarray:
    """The cosine of each held-out text with each persona's known ones, (held, known)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=1)
    there = vectoriser.fit_transform([text.strip() or "-" for text in known])
    return np.asarray((vectoriser.transform([text.strip() or "-" for text in held]) @ there.T).toarray())


def _by_style(known: Sequence[str], held: Sequence[str]) -> np.ndarray:
    """Cosine Delta of each held-out text with each persona's known ones, (held, known)."""
    there, here = (np.array([_style(text) for text in texts]) for texts in (known, held))
    mean, spread = there.mean(axis=0), there.std(axis=0)
    use = spread > 1e-9
    there, here = ((values[:, use] - mean[use]) / spread[use] for values in (there, here))
    norms = np.linalg.norm(here, axis=1)[:, None] * np.linalg.norm(there, axis=1)[None, :]
    return np.asarray(here @ there.T / np.maximum(norms, 1e-9))


def _style(text: str) -> np.ndarray:
    """Shares of function words and marks, and mean and spread of lengths."""
    listed = interview_data()["style"]["function_words"]
    found = words(text)
    counts = dict.fromkeys(listed, 0)
    for word in found:
        if word in counts:
            counts[word] += 1
    total = max(len(found), 1)
    lengths = [len(words(part)) for part in _SENTENCE_END.split(text) if part.strip()] or [0]
    marks = [text.count(mark) / total for mark in _MARKS]
    return np.array(
        [count / total for count in counts.values()]
        + marks
        + [float(np.mean(lengths)), float(np.std(lengths)), sum(map(len, found)) / total]
    )
