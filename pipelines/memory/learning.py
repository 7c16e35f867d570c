"""Writing memories: what replaces what, what is kept once, and how many are kept."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from personify.pipelines.chat.engine import Fact
from personify.pipelines.memory.keys import has_one_value, single_keys
from personify.pipelines.memory.schema import memories, pairs
from personify.pipelines.memory.text import LONGEST_FACT, LONGEST_KEY, LONGEST_SUMMARY, normal_hash, one_line

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

MOST_EVENTS, MOST_FACTS = 15_000, 5_000
"""So many memories of a pair are kept; of more, those that came up least, then those that came up longest ago, go."""
_ROOM = 0.01
"""This share is made room for at once, so that it isn't made at every write."""


def take_pair(connection: "Connection", user: str, avatar: str, name: str) -> tuple[int, int]:
    """The pair's id and its next revision; it is made where there is none, and locked until the transaction ends."""
    made = _insert(connection, pairs).values(user_name=user, avatar=avatar, avatar_name=name, revision=1, removed=0)
    changed: dict[str, Any] = {"revision": pairs.c.revision + 1} | ({"avatar_name": name} if name else {})
    taken = made.on_conflict_do_update(index_elements=["user_name", "avatar"], set_=changed)
    row = connection.execute(taken.returning(pairs.c.id, pairs.c.revision)).one()
    return row[0], row[1]


class Learning:
    """Writes memories of one pair in a transaction, as learnt in `session` at `now_ms`."""

    def __init__(self, connection: "Connection", pair_id: int, revision: int, session: str, now_ms: int) -> None:
        self._connection = connection
        self._pair_id = pair_id
        self._revision = revision
        self._session = session
        self._now_ms = now_ms

    def facts(self, facts: tuple[Fact, ...]) -> None:
        """Keeps facts in their order; blank ones are none."""
        for fact in facts:
            text = one_line(fact.text, LONGEST_FACT)
            if not text:
                continue
            key = one_line((fact.key or "")[: 8 * LONGEST_KEY].lower(), LONGEST_KEY) or None
            if has_one_value(key):
                old = (memories.c.kind == "fact") & (memories.c.about == fact.about) & (memories.c.key == key)
                self._remove(old & (memories.c.normal != normal_hash(text)))
            given = {"key": key} if key else {}
            self._keep("fact", fact.about, text, self._now_ms, given)
        self._make_room("fact", MOST_FACTS)

    def event(self, summary: str, started_ms: int, ended_ms: int, turns: int) -> None:
        """Keeps a session's summary; one that says what an earlier one said takes its place and its count."""
        text = one_line(summary, LONGEST_SUMMARY)
        if text:
            given = {"started_ms": started_ms, "ended_ms": ended_ms, "turns": turns}
            self._keep("event", "session", text, ended_ms, given)
            self._make_room("event", MOST_EVENTS)

    def _keep(self, kind: str, about: str, text: str, last_ms: int, given: dict[str, Any]) -> None:
        """Keeps a memory, or, where there is one that says the same, that it came up again; once for each session,
        because what is learnt at once comes up again when the session is summed up."""
        once = {"pair_id": self._pair_id, "kind": kind, "about": about, "normal": normal_hash(text)}
        now = {"session": self._session, "last_ms": last_ms, "revision": self._revision, **given}
        anew = case((memories.c.session == self._session, 0), else_=1)
        first_ms = given.get("started_ms", last_ms)
        new = {"first_ms": first_ms, "seen": 1, "text": text}
        first = case((memories.c.first_ms > first_ms, first_ms), else_=memories.c.first_ms)  # clocks may go back
        self._connection.execute(
            _insert(self._connection, memories)
            .values(**once, **now, **new)
            .on_conflict_do_update(
                index_elements=list(once), set_={"first_ms": first, "seen": memories.c.seen + anew, **now}
            )
        )

    def _remove(self, which: "ColumnElement[bool]") -> None:
        gone = self._connection.execute(memories.delete().where(memories.c.pair_id == self._pair_id, which))
        if gone.rowcount:
            self._connection.execute(pairs.update().where(pairs.c.id == self._pair_id).values(removed=self._revision))

    def _make_room(self, kind: str, most: int) -> None:
        theirs = (memories.c.pair_id == self._pair_id) & (memories.c.kind == kind)
        count = self._connection.scalar(select(func.count()).where(theirs)) or 0
        if count <= most:
            return
        kept_longest = case((memories.c.key.in_(single_keys()), 1), else_=0)  # a name that was said once is worth much
        order = (kept_longest, memories.c.seen, memories.c.last_ms, memories.c.id)
        too_many = select(memories.c.id).where(theirs).order_by(*order).limit(count - most + int(most * _ROOM))
        self._remove(memories.c.id.in_(too_many))


def _insert(connection: "Connection", table: "Table") -> Any:
    """An insertion that may say what to do about a row that is there; each database has its own."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
