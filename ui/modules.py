"""Joins ES modules of `ui/live` into one script that runs anywhere, also in a page opened from a disk.

A page of its own can't import: browsers refuse modules from `file:`. It understands the few forms that those scripts
use, `import {a, b as c} from "./x.js"` and `export` before a declaration, and refuses what it doesn't know.
"""

import re
from collections.abc import Callable
from importlib.resources import files

from personify.voices.errors import PersonifyError

Read = Callable[[str], str]

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([a-z0-9_]+\.js)";[ \t]*$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function\*?|function\*?|class|const)\s*([A-Za-z_$][\w$]*))", re.MULTILINE)
_LEFT = re.compile(r"^\s*(?:import\b|export\b).*|\bimport\s*\(.*|\bimport\.meta\b.*", re.MULTILINE)
_COMMENT_LINES = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)[ \t]*\n", re.MULTILINE)


def live_file(name: str) -> str:
    """The text of a file of `ui/live`."""
    return (files("personify.ui") / "live" / name).read_text(encoding="utf-8")


def bare(text: str) -> str:
    """A script without the comments that have lines of their own: what a browser needs of it, a sixth less."""
    return _COMMENT_LINES.sub("", text)


def joined(entry: str, read: Read = live_file) -> str:
    """The script `entry` and all that it imports, each once and before whoever needs it, without their comments.

    Raises `PersonifyError` for an import or export that isn't understood, and for modules that import one another.
    """
    parts: dict[str, str] = {}
    _join(entry, read, parts, ())
    return '"use strict";\n' + "\n".join(parts.values())


def _join(name: str, read: Read, parts: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise PersonifyError(f"{' -> '.join([*above, name])}: these scripts import one another")
    if name in parts:
        return
    text = bare(read(name))
    for match in _IMPORT.finditer(text):
        _join(match[2], read, parts, (*above, name))
    exports = [match[1] for match in _EXPORT.finditer(text)]
    body = _EXPORT.sub("", _IMPORT.sub(lambda match: f"const {{ {_renamed(match[1])} }} = {_scope(match[2])};", text))
    odd = _LEFT.search(body)
    if odd:
        raise PersonifyError(f"{name}: this is not understood: {odd[0].strip()[:80]}")
    parts[name] = f"const {_scope(name)} = (() => {{\n{body.strip()}\nreturn {{ {', '.join(exports)} }};\n}})();"


def _renamed(names: str) -> str:
    """`a, b as c` as it is written when an object is taken apart."""
    return ", ".join(re.sub(r"\s+as\s+", ": ", name.strip()) for name in names.split(",") if name.strip())


def _scope(name: str) -> str:
    """What a module is called in the joined script."""
    return f"${name.removesuffix('.js')}"
