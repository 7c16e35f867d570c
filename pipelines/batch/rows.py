"""The rows of a batch: each avatar that a file asks for, checked, with an id and a seed that are always the same.

Whoever wrote the file may be a stranger: what a cell may say is decided here, by column.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from personify.pipelines.batch.formats import COLUMNS, STDIN, Cells, count_rows, read_cells
from personify.pipelines.batch.outcomes import shortened
from personify.pipelines.batch.values import BadRow, Row
from personify.pipelines.bundle import folder_name
from personify.pipelines.create import read_description, read_text
from personify.voices.errors import BadInput

MOST_COPIES = 100_000
LARGEST_SEED = 2**32 - 1

_LONGEST_ID = 64
_LONGEST_WORDS = 40
_FIRST_WORDS = 400
"""So many characters make the words of an id: descriptions may be very long, and those that came last are kept."""
_LONGEST_NAME = 200
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEX = (8, 16, 32)
"""Digits of the digest in a generated id; more where fewer are taken, as they are once in a while among 100,000."""
_ASKS = tuple(column for column in COLUMNS if column not in {"id", "count"})
"""What a row is told by where it has no id: of a larger count only the further copies are new."""
_CHOICES = {"guidance": ("none", "control", "pixel", "both"), "depth": ("brief", "full")}
_YES, _NO = {"true", "yes", "1", "y"}, {"false", "no", "0", "n"}


def read_rows(path: Path, *, seed: int) -> Iterator[Row | BadRow]:
    """Every avatar that a file asks for, in order; `seed` is the batch's, from which each draws its own.

    Only the ids are held in memory. Raises as `read_cells`, at once; a row that can't be used is a `BadRow`.
    """
    cells = read_cells(path)
    folder = Path.cwd() if str(path) == STDIN else path.absolute().parent
    return _Reading(folder, seed).rows(cells)


def total_rows(path: Path) -> int | None:
    """How many avatars a file asks for, bad rows counted once; None where it can be read but once, as stdin."""
    return count_rows(path, _copies)


class _Reading:
    """One reading of one file: whose ids there were, and how often the same was asked for."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._taken: dict[str, int] = {}
        self._asked: dict[bytes, int] = {}

    def rows(self, found: Iterator[Cells]) -> Iterator[Row | BadRow]:
        """The rows of those cells."""
        for cells in found:
            if cells.problem:
                yield self._bad(cells, cells.problem)
                continue
            try:
                asked, own, count = self._read(cells.cells)
            except BadInput as error:
                yield self._bad(cells, str(error))
                continue
            yield from self._copies(cells.number, asked, own, count)

    def _read(self, cells: dict[str, Any]) -> tuple[dict[str, Any], str | None, int]:
        """What is asked for, by column, the row's own id, and how many are wanted."""
        if "description" not in cells:
            raise BadInput("it has no description")
        asked: dict[str, Any] = {"description": _description(cells["description"])}
        for column, value in cells.items():
            if column in _READERS:
                asked[column] = _READERS[column](column, value)
        if "image" in cells:
            asked["image"] = _text("image", cells["image"])
            _image(asked["image"], self._folder)
        own = _own_id(cells["id"]) if "id" in cells else None
        return asked, own, _count(cells["count"]) if "count" in cells else 1

    def _copies(self, number: int, asked: dict[str, Any], own: str | None, count: int) -> Iterator[Row | BadRow]:
        """A row for each copy that is wanted; one whose id is taken is a bad one."""
        first = self._taken.get(own) if own else None
        if own and first is not None:
            told = Cells(number, {"description": asked["description"]}, raw=f"{own}\n{asked}")
            yield self._bad(told, f"its id {own!r} is that of row {first} too; ids are given once")
            return
        base = own or self._new_id(asked)
        for copy in range(count):
            name = base if copy == 0 else f"{base}-{copy + 1}"
            if name in self._taken:
                told = Cells(number, {"description": asked["description"]}, raw=f"{name}\n{asked}\n{copy}")
                yield self._bad(
                    told, f"the id of its copy {copy + 1}, {name!r}, is that of row {self._taken[name]} too"
                )
                continue
            self._taken[name] = number
            yield self._row(number, name, copy, asked)

    def _row(self, number: int, name: str, copy: int, asked: dict[str, Any]) -> Row:
        seed = asked.get("seed")
        return Row(
            number=number,
            id=name,
            description=asked["description"],
            seed=_drawn(self._seed, name) if seed is None else (seed + copy) % (LARGEST_SEED + 1),
            seeded=seed is not None and copy == 0,
            copy=copy,
            tone=asked.get("tone"),
            expert=asked.get("expert"),
            guidance=asked.get("guidance"),
            image=str(_image(asked["image"], self._folder)) if "image" in asked else None,
            depth=asked.get("depth", "brief"),
            strict=asked.get("strict", False),
        )

    def _new_id(self, asked: dict[str, Any]) -> str:
        """Words of the description and a digest of all that is asked for and how often it was before: the same in
        every reading, whatever stands above it."""
        told = json.dumps([asked.get(column) for column in _ASKS], ensure_ascii=True).encode()
        digest = self._digest(told)
        return self._free(f"{_words(asked['description'][:_FIRST_WORDS])}-", digest)

    def _bad(self, cells: Cells, problem: str) -> BadRow:
        """What keeps a row from being used. Its id is told by what stands there."""
        description = cells.cells.get("description", "" if cells.cells else cells.raw)
        raw = cells.raw or repr(cells.cells)
        name = self._free("row-", self._digest(raw.encode("utf-8", "surrogatepass")))
        self._taken[name] = cells.number
        text = description if isinstance(description, str) else repr(description)[:_LONGEST_NAME]
        return BadRow(cells.number, name, shortened(text), shortened(problem))

    def _digest(self, told: bytes) -> str:
        """A digest of what is told and how often it was told before."""
        key = hashlib.sha256(told).digest()
        times = self._asked[key] = self._asked.get(key, -1) + 1
        return hashlib.sha256(key + str(times).encode()).hexdigest()

    def _free(self, words: str, digest: str) -> str:
        names = (f"{words}{digest[:length]}" for length in _HEX)
        return next((name for name in names if name not in self._taken), f"{words[:14]}-{digest}")


def _drawn(seed: int, name: str) -> int:
    """The seed of a row that has none: 32 bits of a digest of the batch's seed and its id."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:4], "big")


@lru_cache(1024)
def _words(description: str) -> str:
    """The description as the beginning of an id; most are ASCII, and rows may be many."""
    if not description.isascii():
        return folder_name(description)[:_LONGEST_WORDS].rstrip("-")
    words = re.findall("[a-z0-9]+", description[: 2 * _LONGEST_WORDS].lower())
    return "-".join(words)[:_LONGEST_WORDS].rstrip("-") or "avatar"


def _description(value: object) -> str:
    return _text("description", value, most=None) or read_description("")


def _text(column: str, value: object, most: int | None = _LONGEST_NAME) -> str:
    """The text of a cell, on one line. Raises `BadInput` where it is none, or too long for a name."""
    if not isinstance(value, str):
        raise BadInput(f"{column} is {_shown(value)}, and must be text")
    plain = value.isascii() and value.isprintable()  # as most are
    clean = " ".join(value.split()) if plain else read_text(value)
    if most is not None and len(clean) > most:
        raise BadInput(f"{column} has {len(clean):,} characters; the limit is {most}")
    return clean


def _choice(column: str, value: object) -> str:
    text = _text(column, value).lower()
    if text not in _CHOICES[column]:
        raise BadInput(f"{column} is {_shown(value)}; choose one of: {', '.join(_CHOICES[column])}")
    return text


def _number(column: str, value: object, least: int, most: int) -> int:
    """A whole number, also where a table holds it as text or as a decimal, such as 3.0."""
    said = f"{column} is {_shown(value)}; it must be a whole number between {least} and {most}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadInput(said)
    if isinstance(value, str):
        value = value.strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.0*)?", value):
            raise BadInput(said)
        value = int(value.partition(".")[0])
    if isinstance(value, float) and not value.is_integer():
        raise BadInput(said)
    if not least <= value <= most:
        raise BadInput(said)
    return int(value)


def _seed(column: str, value: object) -> int:
    return _number(column, value, 0, LARGEST_SEED)


def _count(value: object) -> int:
    return _number("count", value, 1, MOST_COPIES)


def _copies(cells: dict[str, Any]) -> int:
    """How many a row asks for, as far as that can be read."""
    try:
        return _count(cells.get("count", 1))
    except BadInput:
        return 1


def _yes_no(column: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if text in _YES or text in _NO:
        return text in _YES
    raise BadInput(f"{column} is {_shown(value)}; it must be true or false")


def _own_id(value: object) -> str:
    """A row's own id, which becomes the name of a folder on every system."""
    from slugify import slugify

    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise BadInput(f"id is {_shown(value)}, and must be text")
    text = text.strip()
    if len(text) <= _LONGEST_ID and _SLUG.fullmatch(text) and folder_name(text) != f"{text}-avatar":
        return text
    near = slugify(text[:_LONGEST_ID], max_length=_LONGEST_ID)
    meant = f", such as {near!r}" if near and near != text else ""
    raise BadInput(
        f"id is {_shown(value)}; it must be lower-case letters, digits and single hyphens, at most {_LONGEST_ID}, and "
        f"no name that systems keep for devices{meant}"
    )


def _image(text: str, folder: Path) -> Path:
    """The picture that a row names: below the file's own folder, wherever links lead, since a file from a stranger
    must not reach the rest of the disk."""
    try:
        path = (folder / text).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise BadInput(f"image {_shown(text)} can't be read: {error}") from error
    if not inside:
        raise BadInput(f"image {_shown(text)} lies outside the folder of the file; put the picture beside the file")
    if not there:
        raise BadInput(f"image {_shown(text)} isn't there; it is looked for from the folder of the file")
    return path


def _shown(value: object) -> str:
    return f"{value!r:.80}"


_READERS: dict[str, Callable[[str, object], Any]] = {
    "seed": _seed,
    "tone": _text,
    "expert": _text,
    "guidance": _choice,
    "depth": _choice,
    "strict": _yes_no,
}
