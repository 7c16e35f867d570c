"""Rows: what the benchmark writes down of every attempt at a portrait, and how that becomes CSV and back.

A row's fields are the columns of `results.csv`, in this order. What was not measured is an empty cell.
"""

import csv
import types
import typing
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from personify.avatar.portrait import Guidance
from personify.voices.errors import PersonifyError

PROTOCOL = "1"
"""The version of what is measured and how; it changes whenever a figure could."""
TIMED = frozenset({"seconds"})
"""Columns that differ from run to run on the same machine; all others are the same for the same seed and versions."""


@dataclass(frozen=True)
class Row:
    """One attempt at one portrait."""

    protocol: str
    versions: str
    """Of Personify and the libraries that draw and look, such as "personify 0.1.0, torch 2.13.0"."""
    category: str
    prompt: str
    seed: int
    """Of the portrait; attempts derive theirs from it."""
    asked: str
    """The expert that was asked for: a name, or "mixture" for the one that fits each description."""
    expert: str
    """Who drew it."""
    guidance: Guidance
    attempt: int
    """From 0."""
    strength: float | None
    control_scale: float | None
    found: bool
    plausible: bool
    reasons: str
    """Why it is not plausible, joined by "; "."""
    error: float | None
    """Mean distance of the landmarks to the guide's, in inter-ocular distances; None without a guide or a face."""
    agreed: str
    """Second detectors that find a face where MediaPipe does, by name, joined by blanks; see `missed`."""
    missed: str
    """Second detectors that don't."""
    archetype: str
    """What the description asks for, as one of the sketch's archetypes."""
    told: str
    """What the archetype classifier takes the picture for; empty where it wasn't asked."""
    clip: float | None
    """Cosine of the picture's and the prompt's CLIP embeddings."""
    sharp_eyes: float | None
    sharp_lips: float | None
    """Sharpness around eyes and lips; see `measures.sharpness`."""
    seconds: float
    """Of drawing and looking, the picture's share of its batch."""
    picture: str
    """The picture's file, relative to the folder of results."""

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What tells portraits apart: category, prompt, who was asked, seed, guidance."""
        return (self.category, self.prompt, self.asked, self.seed, self.guidance)

    @property
    def like(self) -> bool | None:
        """Whether the classifier tells the archetype that was asked for; None where it wasn't asked."""
        return self.told == self.archetype if self.told else None


COLUMNS = tuple(field.name for field in fields(Row))


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """A CSV file with a header, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({name: _said(value) for name, value in asdict(row).items()} for row in rows)
    draft.replace(path)


def read_rows(path: Path) -> list[Row]:
    """The rows of a file that `write_rows` wrote; `PersonifyError` with the line for anything else."""
    found = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise PersonifyError(
                    f"{path} is not a table of this benchmark's protocol {PROTOCOL}: its columns differ"
                )
            for cells in reader:
                found.append(_row(cells, f"{path}, line {reader.line_num}"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PersonifyError(f"{path} can't be read: {error}") from error
    return found


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def _row(cells: dict[str, Any], where: str) -> Row:
    try:
        return Row(**{name: _read(cells[name], kind) for name, kind in _kinds().items()})
    except (ValueError, TypeError, KeyError) as error:
        raise PersonifyError(f"{where}: {error}; remove the file and run again") from error


def _read(cell: str, kind: Any) -> Any:
    plain, optional = kind
    if optional and cell == "":
        return None
    if plain is bool:
        return {"yes": True, "no": False}[cell]
    return plain(cell)


@cache
def _kinds() -> dict[str, tuple[Any, bool]]:
    """Each column's plain type, and whether its cell may be empty."""
    found = {}
    for name, hint in typing.get_type_hints(Row).items():
        parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else ()
        plain = next((part for part in parts if part is not types.NoneType), hint)
        found[name] = (plain if isinstance(plain, type) else str, bool(parts))
    return found
