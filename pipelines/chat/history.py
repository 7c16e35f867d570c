"""The history of one session, of bounded size: the last turns as they were said, and a summary of what came before."""

import re
import threading
from collections import deque
from collections.abc import Iterable

from personify.pipelines.chat.engine import Fact, Turn
from personify.pipelines.memory.keys import has_one_value
from personify.pipelines.memory.text import one_line, tokens_of

TURNS, TURN_TOKENS = 24, 1800
"""With more turns, or longer ones, than this the oldest leave, until half of it is left: so that one in a dozen turns
is followed by a summary, not each."""
LONGEST_TURN = 2400
"""Characters of a turn that are kept."""
EARLIER_TOKENS = 240
"""The longest summary of what came before; of a longer one the end is kept."""
FACTS = 60
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+")


class History:
    """What was said; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: deque[Turn] = deque()
        self._earlier = ""
        self._left = 0

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The last turns, oldest first."""
        with self._lock:
            return tuple(self._turns)

    @property
    def earlier(self) -> str:
        """What came before them, summed up."""
        with self._lock:
            return self._earlier

    @property
    def count(self) -> int:
        """How many turns there were in the session."""
        with self._lock:
            return self._left + len(self._turns)

    def add(self, *turns: Turn) -> None:
        """Keeps what was said."""
        with self._lock:
            self._turns.extend(_bounded(turn) for turn in turns)

    def amend(self, old: Turn, new: Turn) -> None:
        """The last turn was cut off after all, maybe before its first word; what isn't the last any more stays."""
        with self._lock:
            if self._turns and self._turns[-1] == _bounded(old):
                self._turns.pop()
                if new.text:
                    self._turns.append(_bounded(new))

    def leaving(self) -> tuple[Turn, ...]:
        """The oldest turns, if there are too many; they stay until they are `gone`."""
        with self._lock:
            size = sum(_tokens(turn) for turn in self._turns)
            if len(self._turns) <= TURNS and size <= TURN_TOKENS:
                return ()
            leaving: list[Turn] = []
            kept = len(self._turns)
            for turn in self._turns:
                if kept <= 2 or (kept <= TURNS // 2 and size <= TURN_TOKENS // 2):
                    break
                leaving.append(turn)
                kept, size = kept - 1, size - _tokens(turn)
            return tuple(leaving)

    def gone(self, turns: tuple[Turn, ...], summary: str) -> None:
        """Those turns leave, and the summary takes their place."""
        with self._lock:
            for turn in turns:
                if not self._turns or self._turns[0] != turn:
                    break
                self._turns.popleft()
                self._left += 1
            self._earlier = joined_summary(self._earlier, summary)


def joined_summary(earlier: str, later: str) -> str:
    """Two summaries in a row; the first sentences give way where it gets too long."""
    whole = f"{earlier} {one_line(later, 4 * EARLIER_TOKENS)}".strip()
    sentences = _SENTENCE.split(whole)
    while len(sentences) > 1 and tokens_of(" ".join(sentences)) > EARLIER_TOKENS:
        sentences.pop(0)
    return one_line(" ".join(sentences), 3 * EARLIER_TOKENS)


def newest(turns: Iterable[Turn], budget: int) -> tuple[Turn, ...]:
    """The last turns that have room in so many tokens, oldest first."""
    found: list[Turn] = []
    for turn in reversed(list(turns)):
        budget -= _tokens(turn)
        if budget < 0:
            break
        found.append(turn)
    return tuple(reversed(found))


def with_facts(known: tuple[Fact, ...], new: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """What is known and what is new, newest last, bounded in number: a fact with a key replaces the one that says the
    same thing of the same one, and a repeated one is kept once."""
    kept = list(known)
    for fact in new:
        same = [old for old in kept if old.about == fact.about]
        replaced = [old for old in same if old.text == fact.text or (has_one_value(fact.key) and old.key == fact.key)]
        kept = [old for old in kept if old not in replaced] + [fact]
    return tuple(kept[-FACTS:])


def _bounded(turn: Turn) -> Turn:
    text = turn.text if len(turn.text) <= LONGEST_TURN else turn.text[: LONGEST_TURN - 1] + "…"
    return Turn(turn.who, text, turn.cut_off)


def _tokens(turn: Turn) -> int:
    return tokens_of(turn.text) + 4
