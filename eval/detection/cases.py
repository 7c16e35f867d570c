"""Cases: the portraits behind a run's rows, and the figures that each of them gives by name.

A figure is a yes or no, whose share is told over many portraits, or a number, of which the mean or median is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from personify.avatar.experts import SKETCH
from personify.eval.detection.rows import Row
from personify.eval.detection.statistics import (
    Measured,
    Statistic,
    bootstrap,
    bootstrap_difference,
    mcnemar,
    paired_difference,
    wilson,
)
from personify.voices.errors import PersonifyError

MEASURES = (
    "found_first",
    "plausible_first",
    "found",
    "plausible",
    "error",
    "agreement",
    "like",
    "clip",
    "sharp_eyes",
    "sharp_lips",
    "seconds",
    "attempts",
)  # fmt: skip
"""Every measure in the order in which they are told; `agreement` stands for `agreement:<detector>`."""
RATES = frozenset({"found_first", "plausible_first", "found", "plausible", "agreement", "like"})
MEDIANS = frozenset({"clip", "sharp_eyes", "sharp_lips"})
"""Measures whose median is told, for a few pictures lie far off; of the other numbers it is the mean."""
OF_SCHEDULE = frozenset({"found", "plausible", "seconds", "attempts"})
"""Measures of all the attempts at a portrait; the others look at one attempt."""

Figures = dict[str, bool | float]


@dataclass(frozen=True)
class Case:
    """One portrait of a run: the attempts of the expert that was asked, first one first, and all its rows."""

    tries: tuple[Row, ...]
    rows: tuple[Row, ...]
    """`tries`, and after them the sketch that stood in, where it did."""

    @property
    def first(self) -> Row:
        """The first attempt."""
        return self.tries[0]


def cases_of(rows: Iterable[Row]) -> list[Case]:
    """The portraits of `rows` in order of appearance; `PersonifyError` where attempts are missing or doubled."""
    by_key: dict[tuple[str, str, str, int, str], list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    return [_case(found) for found in by_key.values()]


def name_of(row: Row) -> str:
    """The portrait that a row is an attempt at, in words."""
    return f"{row.category}: {row.prompt} (seed {row.seed}, {row.asked}, guidance {row.guidance})"


def figures_of(case: Case) -> Figures:
    """What one portrait gives by measure; what was not measured is left out.

    First attempts alone tell `found_first`, `plausible_first`, `agreement:<detector>` (where MediaPipe finds a face),
    `like`, `clip` and sharpness. `error` is of the first attempt that is plausible. `found` and `plausible` ask
    whether any of the expert's attempts was; the sketch that stands in never counts for them nor among `attempts`,
    but what it takes is part of `seconds`, for the user waits for it too.
    """
    first = case.first
    figures: dict[str, bool | float | None] = {
        "found_first": first.found,
        "plausible_first": first.plausible,
        "found": any(row.found for row in case.tries),
        "plausible": any(row.plausible for row in case.tries),
        "error": next((row.error for row in case.tries if row.plausible), None),
        "like": first.like,
        "clip": first.clip,
        "sharp_eyes": first.sharp_eyes,
        "sharp_lips": first.sharp_lips,
        "seconds": sum(row.seconds for row in case.rows),
        "attempts": float(len(case.tries)),
    }
    if first.found:
        figures |= {f"agreement:{name}": True for name in first.agreed.split()}
        figures |= {f"agreement:{name}": False for name in first.missed.split()}
    return {name: value for name, value in figures.items() if value is not None}


def is_rate(measure: str) -> bool:
    """Whether a measure is the share of portraits of which something holds."""
    return measure.partition(":")[0] in RATES


def in_order(measures: Iterable[str]) -> list[str]:
    """The names, each once, in the order of `MEASURES`."""
    return sorted(set(measures), key=lambda name: (MEASURES.index(name.partition(":")[0]), name))


def measure(figures: Sequence[Figures], leave_out: Iterable[str] = ()) -> dict[str, Measured]:
    """Every measure over several portraits, with its interval: Wilson's for shares, else the bootstrap's."""
    told = {}
    for name in in_order(name for one in figures for name in one if name not in leave_out):
        values = [one[name] for one in figures if name in one]
        told[name] = wilson(sum(map(bool, values)), len(values)) if is_rate(name) else bootstrap(values, _of(name))
    return told


@dataclass(frozen=True)
class Contrast:
    """One measure of the same portraits, drawn in two ways."""

    a: Measured
    b: Measured
    difference: Measured
    """`a` minus `b`."""
    only_a: int
    only_b: int
    """Portraits of which it holds in one way alone; 0 for measures that are no rates."""
    p: float | None
    """McNemar's, exact and two-sided; None for measures that are no rates."""


def contrast(a: Sequence[Figures], b: Sequence[Figures], name: str) -> Contrast | None:
    """Measure `name` of portraits drawn in two ways, `a[i]` and `b[i]` being one portrait.

    Only those count that were measured both times; None without any.
    """
    both = [(one[name], other[name]) for one, other in zip(a, b, strict=True) if name in one and name in other]
    if not both:
        return None
    first, second = zip(*both, strict=True)
    if not is_rate(name):
        of = _of(name)
        return Contrast(
            bootstrap(first, of), bootstrap(second, of), bootstrap_difference(first, second, of), 0, 0, None
        )
    only_a = sum(bool(one and not other) for one, other in both)
    only_b = sum(bool(other and not one) for one, other in both)
    shares = [wilson(sum(map(bool, side)), len(side)) for side in (first, second)]
    difference = paired_difference(first, second)
    return Contrast(shares[0], shares[1], difference, only_a, only_b, mcnemar(only_a, only_b))


def _case(rows: list[Row]) -> Case:
    rows = sorted(rows, key=lambda row: row.attempt)
    numbers = [row.attempt for row in rows]
    if numbers != list(range(len(rows))):
        raise PersonifyError(
            f"the attempts at {name_of(rows[0])} are numbered {', '.join(map(str, numbers))} where they should count up"
            " from 0: the table is incomplete or holds a portrait twice; run the benchmark again"
        )
    return Case(tuple(row for row in rows if not _stands_in(row)), tuple(rows))


def _stands_in(row: Row) -> bool:
    """Whether the sketch drew for want of a face. At the first attempt it is the mixture's own choice."""
    return row.expert == SKETCH and row.asked != SKETCH and row.attempt > 0


def _of(name: str) -> Statistic:
    return "median" if name in MEDIANS else "mean"
