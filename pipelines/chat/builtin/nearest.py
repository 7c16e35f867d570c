"""The nearest example: clauses compared by their words and letters, for wordings that no pattern foresaw.

Features are words, what they mean by a table of senses, pairs of words and runs of three letters, weighed by how rare
they are (tf-idf) and compared by the cosine; the runs of letters let misspelt words count for most of what they are.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_WORD, _PAIR, _LETTERS, _SENSE = 1.0, 0.9, 0.2, 1.6
_RUN = 3
_OTHERS = 0.2
"""How much the second and third nearest example of an intent count."""
_COMMON = 0.35
"""How much a word of grammar ("is", "the") weighs beside one of meaning."""
_GRAMMAR = frozenset(
    re.findall(
        r"\w+",
        "a an the is are was were am be been do does did have has had to of in on at it that this i you me my your and "
        "or for with so not can could will would",
    )
)

_ASKING = frozenset(
    re.findall(
        r"\w+",
        "what who whom whose where when why how which there here ever just really so then as well much many long",
    )
)
"""Words that say nothing of what a clause is about."""


@dataclass(frozen=True)
class Near:
    """An intent and from 0 to 1 how near its nearest example is, with how far the next intent is behind it."""

    intent: str
    likeness: float
    margin: float


class Examples:
    """Examples by intent, indexed once."""

    def __init__(self, examples: Mapping[str, list[str]], senses: Mapping[str, list[str]]) -> None:
        self._senses: dict[str, list[str]] = defaultdict(list)
        for sense, words in senses.items():
            for word in words:
                if " " not in word:
                    self._senses[_stem(word)].append(sense)
        self._names: list[str] = []
        counted: list[Counter[str]] = []
        for name, texts in examples.items():
            for text in texts:
                self._names.append(name)
                counted.append(self._features(text))
        spread = Counter(feature for features in counted for feature in features)
        self._held: dict[str, set[str]] = defaultdict(set)
        for name, features in zip(self._names, counted, strict=True):
            self._held[name].update(feature for feature in features if feature[0] in "ws")
        self._rarity = {feature: math.log(1 + len(counted) / count) for feature, count in spread.items()}
        self._unknown = math.log(1 + len(counted))
        self._holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, features in enumerate(counted):
            for feature, weight in self._weighed(features).items():
                self._holders[feature].append((at, weight))

    def covered(self, text: str, intent: str) -> float:
        """The share of a clause's words of meaning that stand in the intent's examples, or mean what one there does."""
        words = [word for word in re.findall(r"[^\W_]+", text.lower())[:40] if word not in _GRAMMAR | _ASKING]
        held = self._held[intent]
        known = [
            word
            for word in words
            if "w" + _stem(word) in held or any("s" + sense in held for sense in self._senses.get(_stem(word), ()))
        ]
        return len(known) / len(words) if words else 1.0

    def nearest(self, text: str, among: Collection[str] | None = None) -> Near | None:
        """The intent whose example is nearest to a plain clause, or None where nothing is shared; where `among` is
        given, of these intents alone."""
        found: dict[int, float] = defaultdict(float)
        for feature, weight in self._weighed(self._features(text)).items():
            for at, held in self._holders.get(feature, ()):
                found[at] += weight * held
        by_intent: dict[str, list[float]] = defaultdict(list)
        for at, likeness in found.items():
            if among is None or self._names[at] in among:
                by_intent[self._names[at]].append(likeness)
        if not by_intent:
            return None
        best = {name: _joint(likenesses) for name, likenesses in by_intent.items()}
        order = sorted(best, key=lambda name: (best[name], name), reverse=True)
        second = best[order[1]] if len(order) > 1 else 0.0
        return Near(order[0], best[order[0]], best[order[0]] - second)

    def _weighed(self, features: Counter[str]) -> dict[str, float]:
        weights = {
            feature: count * self._rarity.get(feature, self._unknown * (1.0 if feature[0] == "w" else 0.5))
            for feature, count in features.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}

    def _features(self, text: str) -> Counter[str]:
        words = re.findall(r"[^\W_]+", text.lower())[:40]
        found = _features(words)
        for word in words:
            for sense in self._senses.get(_stem(word), ()):
                found[f"s{sense}"] += _SENSE  # type: ignore[assignment]
        return found


def _joint(likenesses: list[float]) -> float:
    """How near an intent is: its nearest example, and somewhat the two after it."""
    nearest = sorted(likenesses, reverse=True)[:3]
    return (1 - _OTHERS) * nearest[0] + _OTHERS * sum(nearest) / 3


def _features(words: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for at, word in enumerate(words):
        share = _COMMON if word in _GRAMMAR else 1.0
        found["w" + _stem(word)] += _WORD * share  # type: ignore[assignment]
        if at:
            found[f"p{words[at - 1]} {word}"] += _PAIR * 0.5  # type: ignore[assignment]
        padded = f"<{word}>"
        for start in range(len(padded) - _RUN + 1):
            found["l" + padded[start : start + _RUN]] += _LETTERS * share  # type: ignore[assignment]
    return found


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
