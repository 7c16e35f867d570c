"""What a chat knows: its history, and what its memory has of the user and of earlier sessions; all of bounded size.

Turns that are too many are summed up beside the talk. A memory that fails in the middle of a chat spoils no reply: the
chat goes on without what it could not recall or keep, and says so.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from personify.pipelines.chat.engine import ChatEngine, Context, Fact, Noted, Remembering, Turn, Usage
from personify.pipelines.chat.history import FACTS, History, joined_summary
from personify.pipelines.chat.session import SessionMemory
from personify.pipelines.memory.keys import has_one_value
from personify.pipelines.persona import Persona
from personify.voices.errors import PersonifyError

RECALLED_TOKENS = 300
_WAITING_TURNS = 48
"""So many turns may wait to be summed up; with more, the next reply waits for that."""
_T = TypeVar("_T")


class Keeper:
    """History and memory of one session; safe to share between threads."""

    def __init__(
        self, persona: Persona, engine: ChatEngine, memory: Remembering, partner: str | None, seed: int
    ) -> None:
        self.history = History()
        self.usage = Usage()
        """Of the whole session."""
        self._persona, self._engine, self._memory = persona, engine, memory
        self._partner, self._seed = partner, seed
        self._started = datetime.now(UTC)
        self._lock = threading.Lock()
        self._summing: threading.Thread | None = None
        self._told: set[tuple[str, str | None]] = set()
        """What of whom was learnt as it was said, where there is one value: notes of earlier turns don't replace it."""

    def hear(self, said: str, usage: Usage) -> Context:
        """Learns what the user tells of themselves; all that an engine may use to answer."""
        from personify.pipelines.chat.builtin.facts import asked_for, find_facts

        if len(self.history.turns) >= _WAITING_TURNS:
            self._wait()
        turns, language = self.history.turns, self._persona.language
        asked = asked_for(turns[-1].text, language) if turns and turns[-1].who == "character" else ""
        found = find_facts(said, language, asked=asked)
        if found:
            self._told |= {(fact.about, fact.key) for fact in found if has_one_value(fact.key)}
            self._try(lambda: self._memory.learn(found), None, usage)
        memories: tuple[str, ...] = self._try(lambda: self._memory.recall(said, budget=RECALLED_TOKENS), (), usage)
        return replace(self._context(usage), turns=self.history.turns, memories=memories)

    def count(self, usage: Usage) -> None:
        """Adds what a reply took to what the session did."""
        with self._lock:
            mine = self.usage
            mine.tokens_in, mine.tokens_out = mine.tokens_in + usage.tokens_in, mine.tokens_out + usage.tokens_out
            mine.requests += usage.requests
            if usage.cost is not None:
                mine.cost = (mine.cost or 0.0) + usage.cost
            mine.notes = [*mine.notes, *(note for note in usage.notes if note not in mine.notes)][-20:]

    def sum_up(self) -> None:
        """Lets the turns that are too many be summed up, beside the talk."""
        with self._lock:
            if self._summing is not None and self._summing.is_alive():
                return
            leaving = self.history.leaving()
            if leaving:
                self._summing = threading.Thread(target=self._leave, args=(leaving,), name="chat-notes", daemon=True)
                self._summing.start()

    def close(self) -> None:
        """Keeps what the session was about."""
        self._wait()
        count = self.history.count
        if not count or isinstance(self._memory, SessionMemory):  # nobody would remember it
            return
        noted, usage = self._note(self.history.turns), Usage()
        summary = joined_summary(self.history.earlier, noted.summary)
        if summary:
            ended = datetime.now(UTC)
            self._try(
                lambda: self._memory.close_session(summary, started=self._started, ended=ended, turns=count),
                None, usage,
            )  # fmt: skip
        self.count(usage)

    def _leave(self, leaving: tuple[Turn, ...]) -> None:
        self.history.gone(leaving, self._note(leaving).summary)

    def _note(self, turns: tuple[Turn, ...]) -> Noted:
        """The engine's note on those turns; the facts in it are learnt."""
        usage = Usage()
        noted = self._engine.note(turns, self._context(usage), usage)
        facts = tuple(fact for fact in noted.facts if (fact.about, (fact.key or "").lower()) not in self._told)
        if facts:
            self._try(lambda: self._memory.learn(facts, earlier=True), None, usage)
        self.count(usage)
        return noted

    def _context(self, usage: Usage) -> Context:
        """What is known without a look at what was said last."""
        facts: tuple[Fact, ...] = self._try(lambda: self._memory.facts(limit=FACTS), (), usage)
        names = [fact for fact in facts if fact.about == "user" and fact.key == "name"]
        partner = self._named(names[-1]) if names else self._partner
        return Context(
            self._persona, earlier=self.history.earlier, facts=facts, partner=partner or None, seed=self._seed
        )

    def _named(self, fact: Fact) -> str:
        from personify.pipelines.chat.builtin.facts import value_of

        return value_of(fact, self._persona.language)

    def _wait(self) -> None:
        with self._lock:
            summing = self._summing
        if summing is not None:
            summing.join()

    def _try(self, work: Callable[[], _T], otherwise: _T, usage: Usage) -> _T:
        try:
            return work()
        except PersonifyError as error:
            usage.notes.append(f"the memory could not be used: {error}")
            return otherwise
