"""What is recalled: the memories of one pair, weighed by relevance, recency and importance. Knows nothing of databases.

An index follows its pair's memories by what changed of them; it is never built for one question.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from personify.pipelines.memory.relevance import Relevance

HALF_LIFE_DAYS = 30.0
RECENCY, IMPORTANCE = 0.3, 0.2
"""What a memory of this moment, and one that came up many times, weigh beside the most relevant one's 1."""
LEAST_RELEVANT = 0.2
"""What answers the question less than this, as a share of the one that answers it best, shares common words alone."""
LAST_EVENTS = 2
"""So many of the last sessions are recalled, whatever is asked: "what did we talk about?" shares no word with them."""

_DAY_MS = 86_400_000.0
_FEW, _DEAD_SHARE = 256, 0.25
"""With more than so many dropped memories, and than this share of all, the index is built without them."""


@dataclass(frozen=True)
class Entry:
    """A memory, as far as recalling goes. `last_ms` is when it last came up, `seen` in how many sessions it did."""

    id: int
    text: str
    event: bool
    last_ms: int
    seen: int


class PairIndex:
    """The memories of one pair, ready to be recalled; safe to share between threads.

    `pair_id` and `revision` say what of the database it holds; whoever feeds it keeps them.
    """

    def __init__(self, pair_id: int) -> None:
        self.lock = threading.RLock()
        self.pair_id = pair_id
        self.revision = -1
        self._start([])

    def __len__(self) -> int:
        return len(self._slots)

    def update(self, entries: Iterable[Entry]) -> None:
        """Takes in memories that are new or came up again."""
        new = []
        for entry in entries:
            slot = self._slots.get(entry.id)
            if slot is None:
                new.append(entry)
            else:
                self._entries[slot] = entry
                self._last_ms[slot] = entry.last_ms
                self._important[slot] = _importance(entry)
        if new:
            self._append(new)

    def keep(self, ids: set[int]) -> None:
        """Drops every memory but these."""
        for id_ in [id_ for id_ in self._slots if id_ not in ids]:
            slot = self._slots.pop(id_)
            self._alive[slot] = False
            self._entries[slot] = None
        if len(self._entries) - len(self._slots) > max(_FEW, _DEAD_SHARE * len(self._entries)):
            self._start([entry for entry in self._entries if entry is not None])

    def best(self, query: str, now_ms: int) -> Iterator[Entry]:
        """The memories that matter for the query, the most useful first, then the last events.

        The score is that of Generative Agents (Park et al. 2023, section 4.1), a weighted sum of relevance, recency and
        importance, each from 0 to 1: BM25 as a share of the best one's; exponential decay since it last came up, with a
        half-life in place of their hourly factor, as LD-Agent decays its events (Li et al. 2024, arXiv 2406.05925); and
        how often it came up in place of a model's rating, facts before events. Of equals the later one, then the one
        written later, comes first.
        """
        relevance = np.where(self._alive, self._relevance.scores(query), 0.0)
        best = relevance.max(initial=0.0)
        found = np.flatnonzero(relevance > LEAST_RELEVANT * best) if best > 0 else np.empty(0, np.int64)
        days = np.maximum(now_ms - self._last_ms[found], 0.0) / _DAY_MS
        score = relevance[found] / (best or 1.0) + RECENCY * 0.5 ** (days / HALF_LIFE_DAYS)
        score += IMPORTANCE * self._important[found]
        order = found[np.lexsort((-self._ids[found], -self._last_ms[found], -score.round(9)))]
        told = set()
        for slot in order:
            told.add(int(slot))
            yield from self._at(slot)
        for slot in self._last_events():
            if int(slot) not in told:
                yield from self._at(slot)

    def _last_events(self) -> np.ndarray:
        slots = np.flatnonzero(self._alive & self._event)
        return slots[np.lexsort((-self._ids[slots], -self._last_ms[slots]))][:LAST_EVENTS]

    def _at(self, slot: int) -> Iterator[Entry]:
        entry = self._entries[slot]
        if entry is not None:
            yield entry

    def _start(self, entries: list[Entry]) -> None:
        self._relevance = Relevance()
        self._entries: list[Entry | None] = []
        self._slots: dict[int, int] = {}
        self._ids, self._last_ms, self._important = (np.empty(0, kind) for kind in (np.int64, np.float64, np.float64))
        self._event, self._alive = np.empty(0, bool), np.empty(0, bool)
        self._append(entries)

    def _append(self, entries: list[Entry]) -> None:
        self._slots |= {entry.id: len(self._entries) + i for i, entry in enumerate(entries)}
        self._entries += entries
        self._ids = np.append(self._ids, [entry.id for entry in entries]).astype(np.int64)
        self._last_ms = np.append(self._last_ms, [float(entry.last_ms) for entry in entries])
        self._important = np.append(self._important, [_importance(entry) for entry in entries])
        self._event = np.append(self._event, [entry.event for entry in entries]).astype(bool)
        self._alive = np.append(self._alive, np.ones(len(entries), bool))
        self._relevance.add([entry.text for entry in entries])


def _importance(entry: Entry) -> float:
    """From 0 to 1: 0.5 for what came up once, towards 1 with every time; half of that for events."""
    return (1 - 0.5 ** min(entry.seen, 50)) * (0.5 if entry.event else 1.0)
