"""The summary: what a run's rows say about each expert and guidance, and how that becomes `summary.json` and back."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from personify.avatar.portrait import Guidance
from personify.eval.detection.cases import OF_SCHEDULE, Case, cases_of, contrast, figures_of, measure
from personify.eval.detection.rows import PROTOCOL, Row
from personify.eval.detection.statistics import Measured
from personify.voices.errors import PersonifyError

OVERALL = "all"
"""The name under which a group holds every category."""
PAIRED = ("plausible_first", "found_first", "like")
"""The measures by which each guidance is held against none."""
UNSTEERED_STRENGTH, UNSTEERED_CONTROL = 1.0, 0.0
"""Where a row's guidance has no strength or no control scale: everything may change, nothing is added."""


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
    """What one strength of guidance gives on first attempts: a point of the trade-off of detection against likeness."""

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


def summarise(rows: Sequence[Row], sweep: Sequence[Row], settings: Mapping[str, Any]) -> Summary:
    """What the `rows` of a run say of each expert and guidance, and the rows of its `sweep` of the trade-off.

    `settings` become part of the summary; their "default_strength" and "default_control_scale" mark the default's
    point of the trade-off. Raises `PersonifyError` for no rows, rows of several protocols, a category that is called
    "all", and portraits whose attempts are incomplete.
    """
    protocol, versions = provenance(rows)
    if any(row.category == OVERALL for row in rows):
        raise PersonifyError(f"a category may not be called {OVERALL!r}, which stands for all of them; rename it")
    cases = cases_of(rows)
    by_setup: dict[tuple[str, Guidance], list[Case]] = {}
    for case in sorted(cases, key=lambda case: get_args(Guidance).index(case.first.guidance)):
        by_setup.setdefault((case.first.asked, case.first.guidance), []).append(case)
    experts = list(dict.fromkeys(case.first.asked for case in cases))
    setups = {key: by_setup[key] for key in sorted(by_setup, key=lambda key: experts.index(key[0]))}
    groups = tuple(group for (asked, guidance), drawn in setups.items() for group in _groups(asked, guidance, drawn))
    return Summary(protocol, versions, dict(settings), groups, tuple(_pairs(setups)), tuple(_tradeoff(sweep, settings)))


def provenance(rows: Sequence[Row]) -> tuple[str, str]:
    """The one protocol of `rows`, and all their versions; `PersonifyError` for no rows or several protocols."""
    protocols = list(dict.fromkeys(row.protocol for row in rows))
    if not protocols:
        raise PersonifyError("there are no rows to sum up; run the benchmark first")
    if len(protocols) > 1:
        raise PersonifyError(
            f"the rows mix the benchmark's protocols {' and '.join(map(repr, protocols))}, whose figures can't be put"
            " together; run it again in an empty folder"
        )
    return protocols[0], " | ".join(dict.fromkeys(row.versions for row in rows))


def _groups(asked: str, guidance: Guidance, cases: Sequence[Case]) -> Iterator[Group]:
    """All categories at once, then each."""
    by_category: dict[str, list[Case]] = {OVERALL: list(cases)}
    for case in cases:
        by_category.setdefault(case.first.category, []).append(case)
    for category, drawn in by_category.items():
        yield Group(asked, guidance, category, measure([figures_of(case) for case in drawn]))


def _pairs(setups: Mapping[tuple[str, Guidance], Sequence[Case]]) -> Iterator[Pair]:
    """Each expert's guidances against none, on the portraits that both drew."""
    for (asked, guidance), guided in setups.items():
        bare = {_portrait(case): case for case in setups.get((asked, "none"), ())}
        if guidance == "none" or not bare:
            continue
        common = [case for case in guided if _portrait(case) in bare]
        ours = [figures_of(case) for case in common]
        theirs = [figures_of(bare[_portrait(case)]) for case in common]
        for name in PAIRED:
            told = contrast(ours, theirs, name)
            if told is not None and told.p is not None:
                yield Pair(
                    asked, guidance, "none", name, told.difference.cases, told.only_a, told.only_b, told.p,
                    told.difference,
                )  # fmt: skip


def _portrait(case: Case) -> tuple[str, str, int]:
    return (case.first.category, case.first.prompt, case.first.seed)


def _tradeoff(sweep: Sequence[Row], settings: Mapping[str, Any]) -> Iterator[Point]:
    """First attempts by how strongly they were guided, the least guided first."""
    default = None
    if settings.get("default_strength") is not None or settings.get("default_control_scale") is not None:
        default = _steering(settings.get("default_strength"), settings.get("default_control_scale"))
    by_steering: dict[tuple[float, float], list[Row]] = {}
    for row in sweep:
        if row.attempt == 0:
            by_steering.setdefault(_steering(row.strength, row.control_scale), []).append(row)
    for steering, rows in sorted(by_steering.items(), key=lambda item: (-item[0][0], item[0][1])):
        is_default = default is not None and all(map(math.isclose, steering, default))
        figures = [figures_of(case) for case in cases_of(rows)]
        yield Point(*steering, is_default, measure(figures, leave_out=OF_SCHEDULE))


def _steering(strength: float | None, control_scale: float | None) -> tuple[float, float]:
    return (
        UNSTEERED_STRENGTH if strength is None else strength,
        UNSTEERED_CONTROL if control_scale is None else control_scale,
    )


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
