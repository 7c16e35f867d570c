"""The summary: what a run's rows say about each expert and guidance, and how that becomes `summary.json` and back."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from personify.avatar.portrait import Guidance
from personify.eval.detection.rows import PROTOCOL
from personify.eval.detection.statistics import Measured
from personify.voices.errors import PersonifyError

OVERALL = "all"
"""The name under which a group holds every category."""


@dataclass(frozen=True)
class Group:
    """The figures of one expert under one guidance, in one category or in all."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    asked: str
    guidance: Guidance
    category: str
    """"all" for the figures over every category."""
    measures: dict[str, Measured]
    """By name; what was not measured is left out."""


@dataclass(frozen=True)
class Pair:
    """One expert under a guidance against the same expert under another, on the same prompts and seeds."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    asked: str
    guidance: Guidance
    against: Guidance
    measure: str
    cases: int
    only_guided: int
    """Cases that only `guidance` gets right."""
    only_against: int
    """Cases that only `against` gets right."""
    p: float
    """McNemar's, exact and two-sided."""
    difference: Measured
    """Of the two shares, `guidance` minus `against`."""


@dataclass(frozen=True)
class Point:
    """What one strength of guidance gives: a point of the trade-off between detection and likeness."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    strength: float
    control_scale: float
    default: bool
    measures: dict[str, Measured]


@dataclass(frozen=True)
class Summary:
    """All the figures of one run."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    protocol: str
    versions: str
    settings: dict[str, Any]
    groups: tuple[Group, ...]
    pairs: tuple[Pair, ...]
    tradeoff: tuple[Point, ...]


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as plain values; `from_json` reads it back."""
    return asdict(summary)


def from_json(plain: Any) -> Summary:
    """The summary that `to_json` gave; `PersonifyError` for anything else and for another protocol."""
    if isinstance(plain, dict) and "protocol" in plain and plain["protocol"] != PROTOCOL:
        raise PersonifyError(
            f"the summary is of the benchmark's protocol {plain['protocol']!r} and this Personify reads {PROTOCOL!r};"
            " read it with the version that wrote it, or run the benchmark again"
        )
    try:
        return _reader().validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise PersonifyError(f"this is no summary of the detection benchmark: {where}: {first['msg']}") from error


def write_summary(summary: Summary, path: Path) -> None:
    """A JSON file, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(json.dumps(to_json(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    draft.replace(path)


def read_summary(path: Path) -> Summary:
    """The summary of a file that `write_summary` wrote; `PersonifyError` by name for anything else."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PersonifyError(f"{path} can't be read: {error}") from error
    try:
        return from_json(plain)
    except PersonifyError as error:
        raise PersonifyError(f"{path}: {error}") from error


@cache
def _reader() -> TypeAdapter[Summary]:
    return TypeAdapter(Summary)
