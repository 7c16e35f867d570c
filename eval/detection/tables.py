"""Tables: a summary's figures in words, as rows that a page or a Markdown file sets; knows nothing of either."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from personify.eval.detection.rows import Row
from personify.eval.detection.statistics import Measured
from personify.eval.detection.summary import OVERALL, Group, Pair, Summary

MOST_REASONS = 12
SMALLEST_P = 0.0001
_NONE = "–"


@dataclass(frozen=True)
class Cell:
    """A figure in words, and its 95 % interval where it has one."""

    value: str
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is about, and its figures. `aside`: it stands there for comparison only."""

    heads: tuple[str, ...]
    cells: tuple[Cell, ...]
    aside: bool = False


@dataclass(frozen=True)
class Table:
    """`heads` are the names of the first columns, which say what a row is about; `columns` those of the figures."""

    title: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    units: dict[str, str] = field(default_factory=dict)
    """By column, where it has one."""


@cache
def words() -> dict[str, Any]:
    """What the report calls things; see `report.toml`."""
    return tomllib.loads(files("personify.eval.detection").joinpath("report.toml").read_text(encoding="utf-8"))


def label(measure: str) -> str:
    """A measure's name in words."""
    kind, _, detector = measure.partition(":")
    return str(words()["measures"][kind]["label"]).format(detector)


def told(measure: str, found: Measured | None) -> Cell:
    """A figure in percent, or with the digits that its measure is worth; a dash where nothing was measured."""
    if found is None:
        return Cell(_NONE)
    about = words()["measures"][measure.partition(":")[0]]
    if about["kind"] == "rate":
        return Cell(f"{100 * found.value:.1f} %", f"{100 * found.low:.1f} to {100 * found.high:.1f}")
    digits = about["digits"]
    return Cell(f"{found.value:.{digits}f}", f"{found.low:.{digits}f} to {found.high:.{digits}f}")


def overall(summary: Summary) -> list[Table]:
    """The main table with the published figures beneath, and one of everything else that was measured."""
    groups = [group for group in summary.groups if group.category == OVERALL]
    titles = {"rates": "Are they found, plausible, and still the thing?", "rest": "How well, and at what cost?"}
    tables = []
    for which, title in titles.items():
        names = _measured(groups, words()["tables"][which])
        lines = [
            Line(_heads(groups, g), (*(told(name, g.measures.get(name)) for name in names), _portraits(g)))
            for g in groups
        ]
        if which == "rates" and "found_first" in names:
            lines += _published(names, len(lines[0].heads))
        if names:
            columns = (*map(label, names), "portraits")
            tables.append(Table(title, _head_names(groups), columns, tuple(lines), _units(names)))
    return tables


def by_category(summary: Summary) -> list[Table]:
    """A table for each measure that matters most: categories down, guidance across."""
    groups = [group for group in summary.groups if group.category != OVERALL]
    ways = list(dict.fromkeys(group.guidance for group in groups))
    rows = list(dict.fromkeys((group.asked, group.category) for group in groups))
    by_key = {(group.asked, group.category, group.guidance): group for group in groups}
    several = len({asked for asked, _ in rows}) > 1
    tables = []
    for name in _measured(groups, words()["tables"]["categories"]):
        lines = []
        for asked, category in rows:
            found = [by_key.get((asked, category, way)) for way in ways]
            cells = tuple(told(name, each.measures.get(name) if each else None) for each in found)
            lines.append(Line((asked, category) if several else (category,), cells))
        heads = ("expert", "category") if several else ("category",)
        tables.append(Table(words()["paired"].get(name, label(name)), heads, tuple(ways), tuple(lines)))
    return tables


def paired(summary: Summary) -> Table | None:
    """Every guidance against none on the same descriptions and seeds; None where nothing could be paired."""
    if not summary.pairs:
        return None
    several = len({pair.asked for pair in summary.pairs}) > 1
    lines = []
    for pair in summary.pairs:
        about = (f"{pair.guidance} against {pair.against}", words()["paired"].get(pair.measure, label(pair.measure)))
        cells = (points(pair), Cell(str(pair.only_guided)), Cell(str(pair.only_against)), Cell(str(pair.cases)),
                 Cell(chance(pair.p)))  # fmt: skip
        lines.append(Line(((pair.asked,) if several else ()) + about, cells))
    heads = (("expert",) if several else ()) + ("guidance", "what")
    columns = ("difference", "only with it", "only without", "portraits", "p")
    return Table("The same portraits, with and without", heads, columns, tuple(lines), {"difference": "points"})


def tradeoff(summary: Summary) -> Table | None:
    """Every point of the sweep, the default marked; None without a sweep."""
    names = _measured(summary.tradeoff, words()["tables"]["tradeoff"])
    if not names:
        return None
    lines = [
        Line(
            (f"{point.strength:g}", f"{point.control_scale:g}" + (" (default)" if point.default else "")),
            tuple(told(name, point.measures.get(name)) for name in names),
        )
        for point in summary.tradeoff
    ]
    return Table(
        "Every point", ("strength", "control scale"), tuple(map(label, names)), tuple(lines), _units(names)
    )  # fmt: skip


def reasons(rows: Iterable[Row]) -> Table | None:
    """Why first attempts failed, the most frequent reasons first, by guidance; None where none did.

    Figures within a reason are left out, so that the same fault counts as one.
    """
    first = [row for row in rows if row.attempt == 0]
    ways = list(dict.fromkeys(row.guidance for row in first))
    counts = {way: Counter[str]() for way in ways}
    for row in first:
        if not row.plausible:
            counts[row.guidance].update({_fault(reason) for reason in row.reasons.split("; ")})
    total = sum(counts.values(), Counter[str]())
    if not total:
        return None
    common = sorted(total, key=lambda fault: (-total[fault], fault))[:MOST_REASONS]
    lines = [Line((fault,), tuple(Cell(str(counts[way][fault])) for way in ways)) for fault in common]
    drawn = Counter(row.guidance for row in first)
    lines.append(Line(("of first attempts in all",), tuple(Cell(str(drawn[way])) for way in ways), aside=True))
    return Table("What was wrong with first attempts", ("reason",), tuple(ways), tuple(lines))


def points(pair: Pair) -> Cell:
    """A difference of shares in percentage points, always with its sign."""
    return Cell(_signed(pair.difference.value), f"{_signed(pair.difference.low)} to {_signed(pair.difference.high)}")


def chance(p: float) -> str:
    """A p-value, as exactly as it is worth telling."""
    return f"< {SMALLEST_P}" if p < SMALLEST_P else f"{p:.4f}" if p < 0.01 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _signed(share: float) -> str:
    text = f"{abs(100 * share):.1f}"
    return text if text == "0.0" else f"{'+' if share > 0 else '−'}{text}"


def _fault(reason: str) -> str:
    plain = re.sub(r" ?\([^)]*\)", "", reason.strip()) or "no reason is given"
    return re.sub(r"\d+(\.\d+)?", "…", plain.partition(":")[0])


def _measured(holders: Sequence[Any], wanted: Sequence[str]) -> list[str]:
    """Those of the wanted measures that any holder has, `agreement` as one for each detector."""
    there = list(dict.fromkeys(name for holder in holders for name in holder.measures))
    return [name for kind in wanted for name in there if name.partition(":")[0] == kind]


def _units(names: Iterable[str]) -> dict[str, str]:
    about = {label(name): words()["measures"][name.partition(":")[0]].get("unit", "") for name in names}
    return {name: unit for name, unit in about.items() if unit}


def _head_names(groups: Sequence[Group]) -> tuple[str, ...]:
    return ("expert", "guidance") if len({group.asked for group in groups}) > 1 else ("guidance",)


def _heads(groups: Sequence[Group], group: Group) -> tuple[str, ...]:
    return (group.asked, group.guidance) if len(_head_names(groups)) > 1 else (group.guidance,)


def _portraits(group: Group) -> Cell:
    return Cell(str(max((found.cases for found in group.measures.values()), default=0)))


def _published(names: Sequence[str], heads: int) -> list[Line]:
    """The report's two figures, under what comes nearest to them."""
    told_of = words()["published"]
    return [
        Line(
            (told_of["name"],) * (heads - 1) + (f"{told_of['name']}, {how}" if heads == 1 else how,),
            tuple(Cell(f"{100 * told_of[key]:.1f} %" if name == "found_first" else "") for name in (*names, "")),
            aside=True,
        )
        for key, how in (("without", "no guidance"), ("with", "with guidance"))
    ]
