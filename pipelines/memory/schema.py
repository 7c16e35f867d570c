"""The tables of the memory. A pair is one user with one avatar; a memory is an event or a fact of one pair.

Times are milliseconds since 1970 in UTC. What is here and what the migrations make is held together by a test.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

VERSION_TABLE = "personify_memory_version"
HEAD = "0001"
"""The revision that this code works with, the last in `migrations/versions`."""

_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER alone

metadata = MetaData()

pairs = Table(
    "personify_pairs",
    metadata,
    Column("id", _Id, primary_key=True),  # never given twice: a forgotten pair is not taken for its successor
    Column("user_name", String(200), nullable=False),
    Column("avatar", String(64), nullable=False),
    Column("avatar_name", String(200), nullable=False),
    Column("revision", BigInteger, nullable=False),  # counts up with every change of the pair's memories
    Column("removed", BigInteger, nullable=False),  # the revision at which memories were last removed
    UniqueConstraint("user_name", "avatar", name="personify_pairs_once"),
    sqlite_autoincrement=True,
)

memories = Table(
    "personify_memories",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("pair_id", _Id, ForeignKey("personify_pairs.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(8), nullable=False),  # "event" or "fact"
    Column("about", String(16), nullable=False),  # of a fact "user" or "character", of an event "session"
    Column("key", String(64)),  # of a fact what it says, such as "name"
    Column("text", Text, nullable=False),
    Column("normal", String(64), nullable=False),  # hash of the text without what makes no difference
    Column("session", String(32), nullable=False),  # the session that it last came up in
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("seen", Integer, nullable=False),  # in how many sessions it came up
    Column("started_ms", BigInteger),  # this and the next two are of events alone
    Column("ended_ms", BigInteger),
    Column("turns", Integer),
    Column("revision", BigInteger, nullable=False),  # the pair's, when this was last written
    UniqueConstraint("pair_id", "kind", "about", "normal", name="personify_memories_once"),
    Index("personify_memories_age", "pair_id", "kind", "seen", "last_ms"),
    Index("personify_memories_changed", "pair_id", "revision"),
    sqlite_autoincrement=True,
)
