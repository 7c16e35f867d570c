"""What a conversation is made of: turns, what an engine is told, what it gives back, and what remembers.

An engine only finds words. It is told everything it may use in a `Context`, keeps nothing from one reply to the next,
and so can serve many conversations at once; speaking, history and memory are `chat.py`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from personify.pipelines.persona import Persona

Who = Literal["user", "character"]
Route = Literal["own words", "voiced", "neutral"]
"""How the words of a reply were found: as the character's own; as an answer of the neutral model, voiced in character;
or as that answer itself, because the voiced one had lost what it says."""


@dataclass(frozen=True)
class Turn:
    """One thing that was said. `text` is what was heard: of a reply that was cut off, the sentences spoken by then."""

    who: Who
    text: str
    cut_off: bool = False


@dataclass(frozen=True)
class Fact:
    """Something worth keeping beyond the session, as one sentence in the third person.

    `key` names what it says of whom ("name", "likes", "pet"), so that a later fact of a single-valued key replaces the
    earlier one; None where nothing is replaced.
    """

    about: Who
    text: str
    key: str | None = None


@dataclass(frozen=True)
class Context:
    """All that an engine may use for one reply, already bounded in size.

    `turns` are the last ones of this session, oldest first, without what is being answered; `earlier` sums up what came
    before them in this session; `memories` are lines recalled from earlier sessions and facts, the most useful first;
    `partner` is what the character calls whom it talks to, if known.
    """

    persona: Persona
    turns: tuple[Turn, ...] = ()
    earlier: str = ""
    memories: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    """All facts known of the user and of the character, newest last, bounded in number."""
    partner: str | None = None
    seed: int = 0
    """The avatar's; what an engine draws at random it draws from this and the turns, so that a chat can be repeated."""


@dataclass(frozen=True)
class Noted:
    """What an engine keeps of a stretch of conversation: its summary in a sentence or three, and new facts."""

    summary: str
    facts: tuple[Fact, ...] = ()


@dataclass
class Usage:
    """Tokens that were used, summed up; 0 where nobody counts. `cost` is in the currency of the configured prices, None
    where there are none."""

    tokens_in: int = 0
    tokens_out: int = 0
    requests: int = 0
    cost: float | None = None
    notes: list[str] = field(default_factory=list)
    """What went wrong and what was done about it, for the user."""
    route: Route = "own words"
    """Of the last reply that was found with this."""


class ChatEngine(Protocol):
    """Finds the words of a character; safe to share between threads."""

    name: str
    is_language_model: bool
    """Whether a language model answers; the interface says so where none does."""

    def reply(self, said: str, context: Context, usage: Usage) -> Iterator[str]:
        """The reply's text in pieces as they come. Closing the iterator hangs up; where it has a `close` that another
        thread may call while a piece is awaited, at once. `usage` is added to.

        Raises `PersonifyError` where there is no answer; also in the middle.
        """
        ...

    def note(self, turns: tuple[Turn, ...], context: Context, usage: Usage) -> Noted:
        """Sums up turns that leave the conversation, and what facts came up in them. Never raises for a bad answer: it
        does with what it can, and says so in `usage.notes`."""
        ...


class Remembering(Protocol):
    """The memory of one user with one avatar, across sessions; see `pipelines/memory`."""

    def recall(self, query: str, *, budget: int = 300, now: datetime | None = None) -> tuple[str, ...]:
        """Lines that matter for `query`, by relevance and recency, the most useful first, `budget` tokens at most."""
        ...

    def facts(self, *, limit: int = 60) -> tuple[Fact, ...]:
        """The newest facts of the user and of the character, newest last."""
        ...

    def learn(self, facts: tuple[Fact, ...], *, earlier: bool = False) -> None:
        """Keeps facts; one with a `key` that has one value replaces the earlier, a repeated one is kept once. `earlier`
        ones were found in turns that are over: they aren't kept where something was forgotten in this session."""
        ...

    def close_session(self, summary: str, *, started: datetime, ended: datetime, turns: int) -> None:
        """Keeps what a session was about, as an event with its time."""
        ...
