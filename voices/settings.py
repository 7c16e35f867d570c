"""The user's own files on this machine: where `personify.toml` is, what it says of voices, and the folder for data.

On the lowest floor, because faces are read from the same file. Loads nothing heavy and writes nothing.
"""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from personify.voices.errors import BadInput

OWN_NAME = "personify.toml"
VOICE_TABLES = ("voice_model", "tone", "speech")
"""What of the file is about voices."""
TALK_TABLES = ("llm", "chat", "memory", "web", "c2pa")
"""What of it is about language models, conversations, the web app and credentials; the rest belongs to the experts who
draw."""


def own_file() -> Path | None:
    """The user's `personify.toml`: `$PERSONIFY_CONFIG`, or the one in the current folder, or in the user's settings.

    Raises `BadInput` where `$PERSONIFY_CONFIG` names a file that isn't there.
    """
    import platformdirs

    named = os.environ.get("PERSONIFY_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise BadInput(f"PERSONIFY_CONFIG names {path}, and there is no such file; create it or unset the variable")
        return path
    places = (Path.cwd(), Path(platformdirs.user_config_dir("personify", appauthor=False)))
    return next((place / OWN_NAME for place in places if (place / OWN_NAME).is_file()), None)


def data_folder() -> Path:
    """Where downloaded voices, agreements and measurements are kept; it may not be there yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir("personify", appauthor=False))


class OwnTables(NamedTuple):
    """Tables of one kind and the file they stand in; without a file there are none."""

    path: Path | None
    tables: list[dict[str, Any]]


def own_tables(kind: str) -> OwnTables:
    """The user's `[[voice_model]]` or `[[tone]]` tables, as they stand in the file now.

    Raises `BadInput` for a file that can't be read or that writes such a table with one bracket.
    """
    path = own_file()
    if path is None:
        return OwnTables(None, [])
    stat = path.stat()
    tables = _tables(path, stat.st_mtime_ns, stat.st_size).get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadInput(f"{path}: {kind!r} holds tables of their own; write [[{kind}]] with two brackets")
    return OwnTables(path, tables)


def own_table(name: str) -> tuple[Path | None, dict[str, Any]]:
    """The user's one table of this name, such as `[speech]`, and the file it stands in; empty where there is none.

    Raises `BadInput` for a file that can't be read or that writes the table with two brackets.
    """
    path = own_file()
    if path is None:
        return None, {}
    stat = path.stat()
    table = _tables(path, stat.st_mtime_ns, stat.st_size).get(name, {})
    if not isinstance(table, dict):
        raise BadInput(f"{path}: {name!r} is one table; write [{name}] with one bracket")
    return path, table


@cache
def _tables(path: Path, changed_ns: int, size: int) -> dict[str, Any]:
    """The file as it was at that time."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not a UTF-8 text file: byte {error.start} can't be read") from error
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error
