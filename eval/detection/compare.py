"""Comparison: two runs of the benchmark held against each other on the portraits that both drew."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from personify.avatar.portrait import Guidance
from personify.eval.detection.cases import Case, cases_of, contrast, figures_of, in_order, is_rate, name_of
from personify.eval.detection.rows import read_rows
from personify.eval.detection.statistics import Measured
from personify.eval.detection.summary import provenance
from personify.voices.errors import BadInput, PersonifyError

MOST_NAMED = 20
CHANGED_BY = "plausible_first"
"""The measure by which a portrait is lost or won."""
HEADINGS = ("expert", "guidance", "measure", "portraits", "A", "B", "B - A", "p")

_Key = tuple[str, str, int, Guidance, str]
"""Category, prompt, seed, guidance, and who was asked."""


@dataclass(frozen=True)
class Line:
    """One measure under one guidance in both runs, of the portraits that have it in both."""

    asked: str
    guidance: Guidance
    measure: str
    a: Measured
    b: Measured
    difference: Measured
    """`b` minus `a`: Newcombe's interval for rates, the paired bootstrap's for the rest."""
    p: float | None
    """McNemar's, exact and two-sided; None for measures that are no rates."""


@dataclass(frozen=True)
class Comparison:
    """Run `a` against run `b`."""

    runs: tuple[str, str]
    protocol: str
    versions: tuple[str, str]
    portraits: int
    """How many both runs drew; all figures are of these."""
    only_a: int
    only_b: int
    """How many only one of them drew."""
    lines: tuple[Line, ...]
    lost: int
    """Portraits plausible at the first attempt in `a` and not in `b`."""
    won: int
    """The other way round."""
    lost_named: tuple[str, ...]
    won_named: tuple[str, ...]
    """The first twenty of them."""


def compare(a: Path, b: Path) -> Comparison:
    """Two runs, each a folder or its `results.csv`, paired by category, prompt, seed, guidance and expert.

    Where each run asked one expert and these differ, they are paired all the same. Raises `BadInput` for a path
    that is no run, and `PersonifyError` for runs of different protocols or without a portrait in common.
    """
    (protocol, versions_a, cases_a), (protocol_b, versions_b, cases_b) = _read(a), _read(b)
    if protocol != protocol_b:
        raise PersonifyError(
            f"{a} was measured by protocol {protocol!r} and {b} by {protocol_b!r}, whose figures can't be compared;"
            " run one of them again with the version of the other"
        )
    by_key_a, by_key_b = _keyed(cases_a, cases_b)
    common = [key for key in by_key_a if key in by_key_b]
    if not common:
        raise PersonifyError(f"{a} and {b} have no portrait in common; compare runs of the same prompts and seeds")
    pairs = {key: (by_key_a[key], by_key_b[key]) for key in common}
    lost, won = _changed(pairs)
    return Comparison(
        runs=(str(a), str(b)), protocol=protocol, versions=(versions_a, versions_b), portraits=len(common),
        only_a=len(by_key_a) - len(common), only_b=len(by_key_b) - len(common), lines=tuple(_lines(pairs)),
        lost=len(lost), won=len(won), lost_named=lost[:MOST_NAMED], won_named=won[:MOST_NAMED],
    )  # fmt: skip


def rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """The lines as cells below `HEADINGS`: rates in percent, their differences in percentage points."""
    return [
        (
            line.asked, line.guidance, line.measure, str(line.difference.cases), *(
                _said(one, is_rate(line.measure), signed)
                for one, signed in ((line.a, False), (line.b, False), (line.difference, True))
            ), _said_p(line.p),
        )
        for line in comparison.lines
    ]  # fmt: skip


def to_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values."""
    return asdict(comparison)


def _read(path: Path) -> tuple[str, str, list[Case]]:
    """A run's protocol, versions and portraits."""
    found = read_rows(_table(path))
    try:
        return *provenance(found), cases_of(found)
    except PersonifyError as error:
        raise PersonifyError(f"{path}: {error}") from error


def _table(path: Path) -> Path:
    table = path / "results.csv" if path.is_dir() else path
    if not table.is_file():
        raise BadInput(f"{path} is no run of the benchmark: there is no {table}; give its folder or its results.csv")
    return table


def _keyed(a: list[Case], b: list[Case]) -> tuple[dict[_Key, Case], dict[_Key, Case]]:
    """Each run's cases by what pairs them."""
    asked_a, asked_b = ({case.first.asked for case in cases} for cases in (a, b))
    same = None
    if len(asked_a) == len(asked_b) == 1 and asked_a != asked_b:
        same = f"{asked_a.pop()} / {asked_b.pop()}"
    return {_key(case, same): case for case in a}, {_key(case, same): case for case in b}


def _key(case: Case, asked: str | None) -> _Key:
    row = case.first
    return (row.category, row.prompt, row.seed, row.guidance, asked or row.asked)


def _lines(pairs: Mapping[_Key, tuple[Case, Case]]) -> Iterator[Line]:
    experts = list(dict.fromkeys(key[4] for key in pairs))
    guidances = get_args(Guidance)
    for asked, guidance in ((asked, guidance) for asked in experts for guidance in guidances):
        chosen = [pair for key, pair in pairs.items() if (key[4], key[3]) == (asked, guidance)]
        in_a, in_b = ([figures_of(pair[side]) for pair in chosen] for side in (0, 1))
        for name in in_order(name for figures in in_a for name in figures):
            told = contrast(in_b, in_a, name)
            if told is not None:
                yield Line(asked, guidance, name, a=told.b, b=told.a, difference=told.difference, p=told.p)


def _changed(pairs: Mapping[_Key, tuple[Case, Case]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The portraits that `b` lost and those that it won, by name."""
    right = [(figures_of(one)[CHANGED_BY], figures_of(other)[CHANGED_BY], one) for one, other in pairs.values()]
    lost = tuple(name_of(case.first) for in_a, in_b, case in right if in_a and not in_b)
    won = tuple(name_of(case.first) for in_a, in_b, case in right if in_b and not in_a)
    return lost, won


def _said(figure: Measured, rate: bool, signed: bool) -> str:
    scale, form = (100, ".1f") if rate else (1, ".3g")
    value = f"{scale * figure.value:{'+' if signed else ''}{form}}"
    unit = (" points" if signed else " %") if rate else ""
    return f"{value}{unit} [{scale * figure.low:{form}}, {scale * figure.high:{form}}]"


def _said_p(p: float | None) -> str:
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
