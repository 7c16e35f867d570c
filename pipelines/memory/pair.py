"""The memory of one user with one avatar: what a conversation recalls, learns and leaves behind."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory.index import Entry, PairIndex
from personify.pipelines.memory.learning import Learning
from personify.pipelines.memory.store import Forgotten, MemoryStore
from personify.pipelines.memory.text import LONGEST_FACT, LONGEST_NAME, LONGEST_SUMMARY, one_line, tokens_of
from personify.pipelines.memory.when import ago, in_ms, now_ms

if TYPE_CHECKING:
    from sqlalchemy import Connection


class PairMemory:
    """What is remembered between a user and an avatar (`Remembering` in `pipelines/chat/engine.py`).

    One object serves one session after the other: `close_session` ends one, and what is learnt next is the next one's.
    Safe to share between threads, and beside other processes with the same pair. Every method raises `PersonifyError`
    where the database can't be reached or written.
    """

    def __init__(self, store: MemoryStore, user: str, avatar: str, name: str = "", *, language: str = "en") -> None:
        self._store = store
        self.user = user
        self.avatar = avatar
        self.name = one_line(name, LONGEST_NAME)
        self._language = language
        self._session = secrets.token_hex(8)
        self._pair_id: int | None = None
        self._forgotten = False

    def __repr__(self) -> str:
        return f"PairMemory({self.user!r}, {self.avatar!r}, {self._store.where})"

    def recall(self, query: str, *, budget: int = 300, now: datetime | None = None) -> tuple[str, ...]:
        """Lines that matter for `query`, by relevance and recency, the most useful first, `budget` tokens at most by
        `tokens_of`; each says when it last came up, such as "3 days ago: The user has a dog called Rex."

        A line that doesn't fit is left out for a shorter one after it. The first recall of many thousand memories reads
        them all, which takes a second or two; see `prepare`.
        """
        moment = now_ms(now)
        index = self._fresh_index()
        if index is None:
            return ()
        lines: list[str] = []
        too_long = 0
        with index.lock:
            for entry in index.best(query[:_QUERY], moment):
                line = f"{ago(moment - entry.last_ms, self._language)}: {entry.text}"
                fits = tokens_of(line) <= budget
                if fits:
                    lines.append(line)
                    budget -= tokens_of(line)
                too_long += not fits
                if too_long > _TOO_LONG:
                    break
        return tuple(lines)

    def prepare(self) -> None:
        """Reads the memories now, in another thread say, so that the first recall needn't wait for that."""
        self._fresh_index()

    def facts(self, *, limit: int = 60) -> tuple[Fact, ...]:
        """The facts that came up last, of the user and of the character, newest last, `limit` at most."""
        from sqlalchemy import select

        from personify.pipelines.memory.schema import memories

        with self._store.reading() as connection:
            found = self._find(connection)
            if found is None:
                return ()
            wanted = select(memories.c.about, memories.c.text, memories.c.key)
            wanted = wanted.where(memories.c.pair_id == found[0], memories.c.kind == "fact")
            wanted = wanted.order_by(memories.c.last_ms.desc(), memories.c.id.desc()).limit(max(0, limit))
            return tuple(Fact(*row) for row in connection.execute(wanted).all()[::-1])

    def learn(self, facts: tuple[Fact, ...], *, earlier: bool = False) -> None:
        """Keeps facts, each as one line. One with a key that has one value (`keys.toml`) takes the earlier one's place;
        one that says the same again is kept once, with when it came up last and in how many sessions. `earlier` ones,
        found in turns that are over, aren't kept where something was forgotten in this session."""
        told = tuple(fact for fact in facts if one_line(fact.text, LONGEST_FACT))
        if told:
            self._write(lambda learning: learning.facts(told), earlier=earlier)

    def close_session(self, summary: str, *, started: datetime, ended: datetime, turns: int) -> None:
        """Keeps what a session was about, as an event with its time; a blank summary leaves nothing. What was said
        before a forgetting in the same session isn't kept either."""
        begun, over = in_ms(started), in_ms(ended)
        if one_line(summary, LONGEST_SUMMARY):
            self._write(lambda learning: learning.event(summary, begun, max(begun, over), max(0, turns)), earlier=True)
        self._session = secrets.token_hex(8)
        self._forgotten = False

    def forget(self) -> Forgotten:
        """Forgets everything between the two; see `MemoryStore.forget`."""
        self._forgotten = True
        self._pair_id = None
        return self._store.forget(self.user, self.avatar)

    def export(self) -> dict[str, Any]:
        """Everything that is kept, for JSON; see `exporting.py`."""
        from personify.pipelines.memory.exporting import export

        return export(self._store, self.user, self.avatar)

    def show(self) -> list[str]:
        """Everything that is kept, a line each, facts first, the newest first."""
        from personify.pipelines.memory.exporting import told

        return told(self.export(), self._language)

    def _write(self, learn: Any, *, earlier: bool = False) -> None:
        from personify.pipelines.memory.learning import take_pair

        with self._store.writing() as connection:
            if earlier:
                self._find(connection, lock=True)
                if self._forgotten:  # not even a pair without memories is made anew
                    return
            pair_id, revision = take_pair(connection, self.user, self.avatar, self.name)
            self._notice(pair_id)
            learn(Learning(connection, pair_id, revision, self._session, now_ms()))
        with self._store.reading() as connection:  # who writes waits for the index, so that who recalls needn't
            index = self._store.index((self.user, self.avatar), pair_id, make=False)
            found = self._find(connection)
            if index is not None and found is not None and found[0] == pair_id:
                _follow(index, connection, *found)

    def _fresh_index(self) -> PairIndex | None:
        with self._store.reading() as connection:
            found = self._find(connection)
            if found is None:
                return None
            index = self._store.index((self.user, self.avatar), found[0])
            if index is not None:
                _follow(index, connection, *found)
            return index

    def _find(self, connection: "Connection", *, lock: bool = False) -> tuple[int, int, int] | None:
        """The pair's id, its revision, and the one at which memories were last removed; `lock` keeps it until the
        transaction ends."""
        from sqlalchemy import select

        from personify.pipelines.memory.schema import pairs

        wanted = select(pairs.c.id, pairs.c.revision, pairs.c.removed)
        wanted = wanted.where(pairs.c.user_name == self.user, pairs.c.avatar == self.avatar)
        row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
        self._notice(None if row is None else row[0])
        return None if row is None else (row[0], row[1], row[2])

    def _notice(self, pair_id: int | None) -> None:
        """A pair that was there and isn't, or is another, was forgotten meanwhile, by another program say."""
        if self._pair_id is not None and pair_id != self._pair_id:
            self._forgotten = True
        self._pair_id = pair_id


_QUERY = 4000
"""Characters of a query that are looked at."""
_TOO_LONG = 8
"""With so many lines that don't fit any more, the rest isn't looked at."""


def _follow(index: PairIndex, connection: "Connection", pair_id: int, revision: int, removed: int) -> None:
    """Brings the index from its revision to the pair's, reading what changed since."""
    from sqlalchemy import select

    from personify.pipelines.memory.schema import memories

    with index.lock:
        if index.revision >= revision:
            return
        theirs = memories.c.pair_id == pair_id
        if removed > index.revision >= 0:
            index.keep(set(connection.scalars(select(memories.c.id).where(theirs))))
        wanted = select(memories.c.id, memories.c.text, memories.c.kind, memories.c.last_ms, memories.c.seen)
        changed = wanted.where(theirs, memories.c.revision > index.revision).order_by(memories.c.id)
        index.update(
            [Entry(id_, text, kind == "event", *rest) for id_, text, kind, *rest in connection.execute(changed)]
        )
        index.revision = revision
