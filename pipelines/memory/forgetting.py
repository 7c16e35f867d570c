"""Complete forgetting: the rows of a user, and what they leave behind in the database's files."""

import contextlib
import time
from typing import TYPE_CHECKING

from personify.pipelines.memory.address import Address
from personify.pipelines.memory.schema import memories, pairs
from personify.pipelines.memory.store import Forgotten
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import PoolProxiedConnection

PATIENCE_S = 10.0
"""How long to wait for programs that read the old pages."""


def delete(connection: "Connection", user: str, avatar: str | None) -> Forgotten:
    """Deletes the user's pairs, or the one with `avatar`, with all their memories; says how many."""
    from sqlalchemy import func, select

    theirs = pairs.c.user_name == user
    if avatar is not None:
        theirs &= pairs.c.avatar == avatar
    ids = list(connection.scalars(select(pairs.c.id).where(theirs).order_by(pairs.c.id).with_for_update()))
    counted = select(memories.c.kind, func.count()).where(memories.c.pair_id.in_(ids)).group_by(memories.c.kind)
    counts = {row[0]: row[1] for row in connection.execute(counted)}
    connection.execute(memories.delete().where(memories.c.pair_id.in_(ids)))
    connection.execute(pairs.delete().where(pairs.c.id.in_(ids)))
    return Forgotten(len(ids), counts.get("event", 0), counts.get("fact", 0))


def overwrite(engine: "Engine", address: Address) -> None:
    """Sees that no deleted byte stays in the database's files.

    SQLite has overwritten the rows in place (secure_delete); its write-ahead log, which still holds them, is written
    back and cut to nothing, before and after the file is written anew without gaps. PostgreSQL writes the tables anew;
    its own log and backups are its keeper's.
    """
    if address.file is None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            _outlast_readers(connection, address)
            connection.exec_driver_sql(f"SET lock_timeout = '{int(PATIENCE_S)}s'")
            try:
                for table in (memories, pairs):
                    connection.exec_driver_sql(f"VACUUM (FULL) {table.name}")
            finally:
                connection.exec_driver_sql("RESET lock_timeout")
        return
    with contextlib.closing(engine.raw_connection()) as connection:
        _cut_log(connection, address)
        connection.cursor().execute("VACUUM")
        _cut_log(connection, address)


def _cut_log(connection: "PoolProxiedConnection", address: Address) -> None:
    """Writes the log back and cuts it to no bytes, once no reader needs it any more."""
    cursor = connection.cursor()
    usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
    cursor.execute(f"PRAGMA busy_timeout={int(PATIENCE_S * 1000)}")
    try:
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        cursor.execute(f"PRAGMA busy_timeout={usual}")
    if busy:
        raise _still_read(address)


def _outlast_readers(connection: "Connection", address: Address) -> None:
    """Waits for the transactions of this PostgreSQL database that are older than the deletion: VACUUM keeps what they
    may still see, and says nothing."""
    mine = connection.exec_driver_sql("SELECT mod(txid_current(), 4294967296)").scalar()
    older = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
        f"backend_type = 'client backend' AND greatest(age(backend_xid), age(backend_xmin)) > age('{mine}'::xid)"
    )
    until = time.monotonic() + PATIENCE_S
    while connection.exec_driver_sql(older).scalar():
        if time.monotonic() > until:
            raise _still_read(address)
        time.sleep(0.05)


def _still_read(address: Address) -> PersonifyError:
    return PersonifyError(
        f"the memories are forgotten, but another program reads {address.shown}, which may hold traces of them until "
        "it ends; end it, and forget again"
    )
