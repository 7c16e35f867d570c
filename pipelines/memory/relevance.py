"""How well texts answer a query: BM25 by bm25s, and texts added since without building it anew.

Knows nothing of memories: texts have numbers from 0 on, in the order in which they were added.
"""

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from personify.pipelines.memory.text import words_of

if TYPE_CHECKING:
    from bm25s import BM25  # type: ignore[import-untyped]

FRESH = 512
"""So many texts are scored one by one, in a few milliseconds, before an index is built of them; who has no more never
waits for the library either."""
_QUERY_WORDS = 256
"""So many different words of a query are looked up."""


class Relevance:
    """BM25 in Lucene's variant (Kamphuis et al. 2020, "Which BM25 do you mean?"), k1 = 1.5 and b = 0.75.

    bm25s (Lù 2024, arXiv 2407.03618) scores the texts that it was built of. The last few are scored by the same formula
    with the document frequencies of all texts, so that a new one counts at once; those of the older texts are as they
    were at the last build.
    """

    K1, B = 1.5, 0.75

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = {}
        self._texts: list[list[int]] = []
        self._holding: Counter[int] = Counter()
        self._words = 0
        self._built = 0
        self._bm25: BM25 | None = None

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: list[str]) -> None:
        """Adds texts at the end; builds the index anew where there are many new ones."""
        numbers = self._vocabulary
        for text in texts:
            words = [numbers.setdefault(word, len(numbers)) for word in words_of(text)]
            self._texts.append(words)
            self._holding.update(set(words))
            self._words += len(words)
        if len(self._texts) - self._built > FRESH:
            self._build()

    def scores(self, query: str) -> np.ndarray:
        """A score for each text: (texts,) float32, 0 where no word of the query is in it."""
        words = list(dict.fromkeys(self._vocabulary[word] for word in words_of(query) if word in self._vocabulary))
        scores = np.zeros(len(self._texts), np.float32)
        if not words:
            return scores
        words = words[:_QUERY_WORDS]
        if self._bm25 is not None:
            there = len(self._bm25.scores["indptr"]) - 1
            known = [word for word in words if word < there]
            if known:
                scores[: self._built] = self._bm25.get_scores_from_ids(known)
        scores[self._built :] = self._fresh(words)
        return scores

    def _fresh(self, words: list[int]) -> list[float]:
        """The scores of the texts that came after the last build."""
        count, usual = len(self._texts), self._words / max(1, len(self._texts))
        rare = {w: math.log(1 + (count - self._holding[w] + 0.5) / (self._holding[w] + 0.5)) for w in words}
        found = []
        for text in self._texts[self._built :]:
            long = self.K1 * (1 - self.B + self.B * len(text) / max(usual, 1e-9))
            times = Counter(word for word in text if word in rare)
            found.append(sum(rare[word] * n / (n + long) for word, n in times.items()))
        return found

    def _build(self) -> None:
        """Scores every word in every text, all at once."""
        from bm25s import BM25
        from bm25s.tokenization import Tokenized  # type: ignore[import-untyped]

        self._built = len(self._texts)
        self._bm25 = None
        if not any(self._texts):
            return
        bm25 = BM25(method="lucene", k1=self.K1, b=self.B)
        bm25.index(Tokenized(self._texts, self._vocabulary), create_empty_token=False, show_progress=False)
        self._bm25 = bm25
