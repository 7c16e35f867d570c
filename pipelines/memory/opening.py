"""Opening a memory: the database is made where there is none, and brought up to date, by one process at a time."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.pipelines.memory.address import Address, find_address
from personify.pipelines.memory.schema import HEAD, VERSION_TABLE
from personify.pipelines.memory.store import WRITES, MemoryStore, database_errors
from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PATIENCE_S = 15.0
"""How long to wait for another program that writes."""

_LOCK = 0x5045_5253_4F4E
"""The number of PostgreSQL's advisory lock that migrations hold ("PERSON")."""
_PRAGMAS = (
    f"busy_timeout={int(PATIENCE_S * 1000)}",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten
    "synchronous=NORMAL",  # with a write-ahead log a power cut loses the last memories at worst, never the file
)


def open_memory(url: str | None = None) -> MemoryStore:
    """The memory at `url`, a file or a database URL, else where `find_address` says; made where it isn't there yet.

    Raises `BadInput` for an address that is none, or a file that is no memory, `MissingExtra` where the database's
    driver isn't installed, `PersonifyError` where it can't be opened or was written by a newer version of Personify.
    """
    address = find_address(url)
    with database_errors(address, "opened"):
        if address.file is not None:
            _make_file(address.file)
        engine = _engine(address)
        try:
            _bring_up_to_date(engine, address)
        except BaseException:
            engine.dispose()
            raise
    return MemoryStore(engine, address)


def _engine(address: Address) -> "Engine":
    from sqlalchemy import create_engine, event

    if address.file is None:
        wishes = {"connect_timeout": "10", "application_name": "personify"}
        options = {name: value for name, value in wishes.items() if name not in address.url.query}
        options["client_encoding"] = "utf8"  # by itself the driver takes the database's, and gives bytes for SQL_ASCII
        return create_engine(address.url, connect_args=options, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(address.url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: "Connection") -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if writes else "BEGIN"
        )  # who will write waits before, not in between

    return engine


def _make_file(path: Path) -> None:
    """An SQLite file for the user alone, with a write-ahead log, so that reading waits for nobody."""
    try:
        if path.is_dir():
            raise BadInput(f"the memory {path} is a folder; name a file in it")
        if path.exists() and not path.is_file():
            raise BadInput(f"the memory {path} is a device or a pipe; name a file with PERSONIFY_MEMORY")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise PersonifyError(
            f"the memory {path} can't be opened ({error.strerror}); name another file with PERSONIFY_MEMORY"
        ) from None
    until = time.monotonic() + PATIENCE_S
    with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE_S)) as connection:
        while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                found = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            except sqlite3.OperationalError:  # SQLite doesn't wait for another who changes it
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                if found != "wal":
                    raise PersonifyError(
                        f"the memory {path} is where SQLite can keep no write-ahead log; name a file on a local disk "
                        "with PERSONIFY_MEMORY"
                    )


def _bring_up_to_date(engine: "Engine", address: Address) -> None:
    """Runs what migrations are missing, in one transaction, while other processes wait."""
    with engine.connect() as connection:
        if address.file is None:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
            if encoding != "UTF8":
                raise BadInput(
                    f"the memory {address.shown} is a database in {encoding}, which can't hold every character; make "
                    "one with: createdb --encoding UTF8 --template template0 NAME"
                )
        if _revision(connection) == HEAD:
            return
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if address.file is None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        found = _revision(connection)
        if found == HEAD:  # another process was quicker
            return
        with _migrations(connection) as config:
            from alembic import command
            from alembic.script import ScriptDirectory

            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if found is not None and found not in known:
                raise PersonifyError(
                    f"the memory {address.shown} was written by a newer version of Personify (its tables are "
                    f"{found!r}, this version knows up to {HEAD!r}); upgrade Personify, or name another memory"
                )
            command.upgrade(config, HEAD)


def _revision(connection: "Connection") -> str | None:
    """Which migration the tables are at; None where there are none."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()


@contextlib.contextmanager
def _migrations(connection: "Connection") -> Iterator[Any]:
    """Alembic's settings for the migrations beside this file, to be run on the connection."""
    from alembic.config import Config

    with as_file(files("personify.pipelines.memory") / "migrations") as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        yield config
