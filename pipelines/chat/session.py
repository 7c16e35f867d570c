"""What one session knows without a memory that lasts: the facts that came up, until it ends."""

import threading
from datetime import datetime

from personify.pipelines.chat.engine import Fact
from personify.pipelines.chat.history import FACTS, with_facts


class SessionMemory:
    """A `Remembering` that forgets when the program ends; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: tuple[Fact, ...] = ()

    def recall(self, query: str, *, budget: int = 300, now: datetime | None = None) -> tuple[str, ...]:
        """Nothing: there are no earlier sessions."""
        return ()

    def facts(self, *, limit: int = FACTS) -> tuple[Fact, ...]:
        """The newest facts, newest last."""
        with self._lock:
            return self._facts[-limit:] if limit > 0 else ()

    def learn(self, facts: tuple[Fact, ...], *, earlier: bool = False) -> None:
        """Keeps facts for this session."""
        with self._lock:
            self._facts = with_facts(self._facts, facts)

    def close_session(self, summary: str, *, started: datetime, ended: datetime, turns: int) -> None:
        """Nothing is kept."""
