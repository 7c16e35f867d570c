"""The memory of everyone: its pairs, its transactions, and complete forgetting."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from personify.pipelines.memory.address import Address
from personify.pipelines.memory.index import PairIndex
from personify.pipelines.memory.users import avatar_key, user_name
from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from personify.pipelines.memory.pair import PairMemory

WRITES = "personify_writes"
"""The option of a connection that says that its transaction will write."""

_INDEXED_LINES = 200_000
"""So many memories are kept ready for recall at most, those of the pairs that recalled last."""


@dataclass(frozen=True)
class Forgotten:
    """What was deleted."""

    pairs: int = 0
    events: int = 0
    facts: int = 0


@dataclass(frozen=True)
class PairCard:
    """One user with one avatar: how much is remembered, and the first and last time (ms since 1970)."""

    user: str
    avatar: str
    name: str
    events: int
    facts: int
    first_ms: int | None
    last_ms: int | None


class MemoryStore:
    """A database of memories, opened by `open_memory`; safe to share between threads.

    Every method raises `PersonifyError` where the database can't be reached or written.
    """

    def __init__(self, engine: "Engine", address: Address) -> None:
        self._engine = engine
        self._address = address
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, str], PairIndex] = OrderedDict()

    def __repr__(self) -> str:
        return f"MemoryStore({self._address.shown})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def where(self) -> str:
        """The file, or the database's address without its password."""
        return self._address.shown

    def close(self) -> None:
        """Lets go of the database."""
        with self._lock:
            self._indexes.clear()
        self._engine.dispose()

    def between(self, user: str | None, avatar: str, name: str = "", *, language: str = "en") -> "PairMemory":
        """The memory of a user with an avatar, which is told by `Avatar.key`; `name` is what the avatar is called, for
        whoever reads the memory, `language` the one that "3 days ago" is said in. Writes nothing.

        Raises `BadInput` for a name that `user_name` refuses and a key that is none.
        """
        from personify.pipelines.memory.pair import PairMemory

        return PairMemory(self, user_name(user), avatar_key(avatar), name, language=language)

    def pairs(self, user: str | None = None) -> list[PairCard]:
        """Who is remembered with whom, by names; of one user, where one is named."""
        from sqlalchemy import func, select

        from personify.pipelines.memory.schema import memories, pairs

        wanted = select(
            pairs.c.user_name,
            pairs.c.avatar,
            pairs.c.avatar_name,
            func.count(memories.c.id).filter(memories.c.kind == "event"),
            func.count(memories.c.id).filter(memories.c.kind == "fact"),
            func.min(memories.c.first_ms),
            func.max(memories.c.last_ms),
        )
        wanted = wanted.outerjoin_from(pairs, memories).group_by(pairs.c.id).order_by(pairs.c.user_name, pairs.c.avatar)
        if user is not None:
            wanted = wanted.where(pairs.c.user_name == user_name(user))
        with self.reading() as connection:
            return [PairCard(*row) for row in connection.execute(wanted)]

    def forget(self, user: str | None, avatar: str | None = None) -> Forgotten:
        """Forgets what was between a user and an avatar, or the user with all avatars, completely: the bytes in the
        database's file are gone too. Raises `PersonifyError` where a program that reads keeps those from being
        overwritten; the memories are forgotten even then.
        """
        from personify.pipelines.memory.forgetting import delete, overwrite

        name = user_name(user)
        key = None if avatar is None else avatar_key(avatar)
        with self.writing() as connection:
            forgotten = delete(connection, name, key)
        with self._lock:
            for pair in [pair for pair in self._indexes if pair[0] == name and key in (None, pair[1])]:
                del self._indexes[pair]
        with database_errors(self._address, "overwritten"):
            overwrite(self._engine, self._address)
        return forgotten

    @contextlib.contextmanager
    def reading(self) -> Iterator["Connection"]:
        """A transaction that reads."""
        with database_errors(self._address, "read"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator["Connection"]:
        """A transaction that writes, whole or not at all."""
        with (
            database_errors(self._address, "written"),
            self._engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def index(self, pair: tuple[str, str], pair_id: int, *, make: bool = True) -> PairIndex | None:
        """The pair's index; a new and empty one where there is none of this id, or None with `make` off."""
        with self._lock:
            index = self._indexes.get(pair)
            if index is None or index.pair_id != pair_id:
                self._indexes.pop(pair, None)
                if not make:
                    return None
                index = self._indexes[pair] = PairIndex(pair_id)
            self._indexes.move_to_end(pair)
            while len(self._indexes) > 1 and sum(map(len, self._indexes.values())) > _INDEXED_LINES:
                self._indexes.popitem(last=False)
            return index


@contextlib.contextmanager
def database_errors(address: Address, done: str) -> Iterator[None]:
    """Turns the database's errors into a `PersonifyError` that names the memory and what couldn't be `done` with it,
    and holds neither a password nor what was to be remembered."""
    import sqlite3

    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause: Any = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.DatabaseError) and "not a database" in str(cause):
            raise BadInput(
                f"{address.shown} is no memory but another kind of file; name another with PERSONIFY_MEMORY"
            ) from None
        raise PersonifyError(
            f"the memory {address.shown} can't be {done} ({_reason(cause, address)}); see whether it is there, not "
            "full, and yours to write, or name another with PERSONIFY_MEMORY"
        ) from None


def _reason(cause: BaseException, address: Address) -> str:
    """The first line of what the driver says; PostgreSQL's later lines quote the row."""
    first = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    options = (value for name, value in address.url.query.items() if "pass" in name.lower())
    for secret in (address.url.password, *options):
        if isinstance(secret, str) and secret:
            first = first.replace(secret, "***")
    return first[:300]
