"""Where memories are kept: the address that was given, in the environment or in the settings, and how it is shown.

A password in it is for the database alone: `Address.shown` is what messages and `repr` may say.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from personify.voices.errors import BadInput, MissingExtra
from personify.voices.settings import data_folder, own_table

if TYPE_CHECKING:
    from sqlalchemy import URL

MEMORY_VARIABLE = "PERSONIFY_MEMORY"
FILE_NAME = "memory.db"

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+pysqlite")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # of two letters at least: one is a drive of Windows


@dataclass(frozen=True)
class Address:
    """A database. `file` is set for SQLite only; `shown` holds no password and no options."""

    url: "URL"
    shown: str
    file: Path | None = None

    def __repr__(self) -> str:
        return f"Address({self.shown})"


def find_address(given: str | None = None) -> Address:
    """The database at `given`, else at `$PERSONIFY_MEMORY`, else `[memory] url` of personify.toml, else a file among
    the user's own data. A path without a scheme is an SQLite file.

    Raises `BadInput` for what is no address, or a database that memories can't be kept in, `MissingExtra` where the
    driver isn't installed.
    """
    where, source = _named(given)
    if where is None:
        return _file_address(data_folder() / FILE_NAME)
    if not _SCHEME.match(where):
        return _file_address(_path(where, source))
    return _url_address(where, source)


def _named(given: str | None) -> tuple[str | None, str]:
    """The address and who says so; blank ones count as none."""
    said = given if given is not None else os.environ.get(MEMORY_VARIABLE, "")
    source = "the memory's address" if given is not None else MEMORY_VARIABLE
    if said.strip():
        return said.strip(), source
    if given is not None:
        raise BadInput("the memory's address is blank; give a file or a URL, or None for the usual place")
    path, table = own_table("memory")
    unknown = sorted(set(table) - {"url"})
    if unknown:
        raise BadInput(f"{path}: [memory] knows url alone, not {', '.join(map(repr, unknown))}")
    url = table.get("url")
    if url is not None and not (isinstance(url, str) and url.strip()):
        raise BadInput(f'{path}: [memory] url is a text, such as "sqlite:////var/lib/personify/memory.db"')
    return (url.strip() if url else None), f"[memory] url in {path}"


def _path(where: str, source: str) -> Path:
    if "\x00" in where:
        raise BadInput(f"{source} holds a character that no file's name may have (U+0000); leave it out")
    try:
        return Path(where).expanduser().absolute()
    except RuntimeError:
        raise BadInput(f"{source} names the home of a user who isn't known here: {where!r}; write it in full") from None


def _file_address(path: Path) -> Address:
    from sqlalchemy import URL

    return Address(URL.create("sqlite+pysqlite", database=str(path)), str(path), path)


def _url_address(where: str, source: str) -> Address:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(where)
    except (ArgumentError, ValueError):  # its message may hold the password
        raise BadInput(
            f"{source} is no database URL; write it as postgresql://user:password@host/database, with %-escapes for "
            "@ : / in the password, or name a file"
        ) from None
    kind = url.drivername.lower()
    if kind in _SQLITE:
        if not url.database or url.database == ":memory:" or url.query:
            raise BadInput(f"{source} names no SQLite file; write it as sqlite:////path/to/memory.db")
        return _file_address(_path(url.database, source))
    if kind not in _POSTGRES:
        raise BadInput(f"{source} is a {kind!r} database; memories are kept in sqlite or postgresql")
    try:
        import psycopg  # noqa: F401 - whether it is there and loads
    except ImportError:
        raise MissingExtra(
            "memories in PostgreSQL need psycopg; install it with: pip install 'personify[postgres]'"
        ) from None
    url = url.set(drivername="postgresql+psycopg")
    place = f"{url.host or 'local'}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    return Address(url, f"postgresql://{place}")
