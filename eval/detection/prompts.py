"""Prompts: the descriptions that the benchmark draws, by category, from the project's own files or the user's.

A file holds one description a line. Blank lines and lines that begin with `#` are skipped; a line `[category]` begins a
category, and before the first of these the category is the file's name without its ending.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from personify.eval.detection.summary import OVERALL
from personify.voices.errors import BadInput

MAX_CHARACTERS = 1000
"""The longest description that is taken."""
_BLANKS = " \t\r\u00a0\u3000"
_BOM = b"\xef\xbb\xbf"
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_JOINERS = "\u200c\u200d"
"""They hold emoji and Persian words together; every other character that can't be seen is refused."""


@dataclass(frozen=True)
class Prompt:
    """One description, the category that it is counted in, and its line in the file, from 1."""

    category: str
    text: str
    line: int


def read_prompts(path: Path | None = None, per_category: int | None = None) -> list[Prompt]:
    """The descriptions of a file, of a folder's `*.txt` files, or (None) the project's own: 8 categories of 50.

    `per_category` keeps the first so many of each category. Categories come in the order in which they first occur.
    Raises `BadInput` that names the file and the line: bytes that aren't UTF-8, control and invisible characters, more
    than `MAX_CHARACTERS`, no words, the same description twice in a category (whatever its case and spaces), a category
    without descriptions or with a name that is none.
    """
    if per_category is not None and per_category < 1:
        raise BadInput(f"{per_category} descriptions of each category were asked for; ask for at least 1")
    found: dict[str, list[Prompt]] = {}
    places: dict[tuple[str, str], str] = {}
    for source in _sources(path):
        for prompt in _read(source):
            where, key = f"{source}, line {prompt.line}", (prompt.category, _key(prompt.text))
            if key in places:
                before = places[key].removeprefix(f"{source}, ")
                raise BadInput(f"{where}: {_short(prompt.text)} is there already, in {before}; remove one of them")
            places[key] = where
            found.setdefault(prompt.category, []).append(prompt)
    return [prompt for prompts in found.values() for prompt in prompts[:per_category]]


def digest(prompts: Iterable[Prompt]) -> str:
    """SHA-256 of the descriptions with their categories, in hexadecimal; comments, blank lines and where the
    files lie don't count."""
    told = "".join(f"{prompt.category}\t{prompt.text}\n" for prompt in prompts)
    return hashlib.sha256(told.encode()).hexdigest()


def _sources(path: Path | None) -> list[Traversable]:
    if path is None:
        from personify.eval.sketch import CATEGORIES

        return [files("personify.eval").joinpath(f"prompts/{category}.txt") for category in CATEGORIES]
    if path.is_dir():
        own = sorted(file for file in path.glob("*.txt") if file.is_file())
        if not own:
            raise BadInput(f"{path} holds no .txt file; give a file of descriptions, one a line, or a folder of them")
        return list(own)
    if not path.is_file():
        raise BadInput(f"there is no file {path}; give a file of descriptions, one a line, or a folder of them")
    return [path]


def _read(source: Traversable) -> Iterator[Prompt]:
    """The descriptions of one file, each line checked."""
    category, since, empty = "", 0, True
    line = 1
    for line, text in _lines(source):
        where = f"{source}, line {line}"
        if text.startswith("[") and text.endswith("]"):
            if category and empty:
                raise BadInput(f"{source}, line {since}: the category {category!r} has no description; add one")
            category, since, empty = _category(text[1:-1].strip(), where), line, True
            continue
        _check(text, where)
        category, empty = category or _category_of(source, where), False
        yield Prompt(category, text, line)
    if empty:
        what = f"the category {category!r} has" if category else "the file ends with"
        raise BadInput(f"{source}, line {since or line}: {what} no description; write one a line")


def _lines(source: Traversable) -> Iterator[tuple[int, str]]:
    """Numbers and texts of the lines that say something."""
    try:
        content = source.read_bytes().removeprefix(_BOM)
    except OSError as error:
        raise BadInput(f"{source} can't be read: {error.strerror}") from error
    for number, raw in enumerate(content.split(b"\n"), start=1):
        try:
            text = raw.decode("utf-8").strip(_BLANKS)
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{source}, line {number}: byte {error.start + 1} is not UTF-8; save the file as UTF-8 text"
            ) from error
        if text and not text.startswith("#"):
            yield number, text


def _check(text: str, where: str) -> None:
    from personify.pipelines.builtin.cleaning import clean

    unseen = next((char for char in text if _is_unseen(char)), None)
    if unseen is not None:
        raise BadInput(
            f"{where}: the character U+{ord(unseen):04X} at {text.index(unseen) + 1} can't be seen; remove it"
        )
    if len(text) > MAX_CHARACTERS:
        raise BadInput(
            f"{where}: the description has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}: shorten it"
        )
    try:
        clean(text)
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from error


def _is_unseen(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def _category(name: str, where: str) -> str:
    if name == OVERALL:
        raise BadInput(f"{where}: the category {name!r} is how all of them together are called; choose another name")
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise BadInput(
            f"{where}: {_short(name)} is not the name of a category; write up to 40 small letters, digits and hyphens,"
            " such as [office-things]"
        )
    return name


def _category_of(source: Traversable, where: str) -> str:
    """The category that a file's name gives."""
    from slugify import slugify

    name = slugify(Path(source.name).stem, max_length=40)
    if name in ("", OVERALL):
        raise BadInput(f"{where}: the name of the file gives no category; begin it with a line such as [animals]")
    return name


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
