"""Rates: a measured figure beside its target, with the cases that failed; as lines, as a table, as JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Rate:
    """A figure over some cases; `misses` names some that failed. It should be `least` or more, or `most` or less, where
    one is given. `low` and `high` are its 95 % interval, where that is known."""

    what: str
    value: float
    cases: int
    misses: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def met(self) -> bool:
        """Whether it is within its target, if it has one."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    def held_to(self, *, least: float | None = None, most: float | None = None) -> "Rate":
        """The same with a target."""
        return replace(self, least=least, most=most)


def rows(rates: Iterable[Rate]) -> list[tuple[str, str, str, str]]:
    """Table rows: what, measured, target, and whether it is met."""
    return [
        (rate.what, f"{rate.value:.4g}{_interval(rate)} of {rate.cases}", _target(rate), _verdict(rate))
        for rate in rates
    ]  # fmt: skip


def as_json(rates: Iterable[Rate]) -> list[dict[str, Any]]:
    """The rates for other programs."""
    return [asdict(rate) | {"met": rate.met} for rate in rates]


def report(rates: Iterable[Rate]) -> None:
    """Prints a line for each figure and the misses below it."""
    for rate in rates:
        print(f"{rate.what:45} {rate.value:8.4f}  of {rate.cases}  {_target(rate)} {_verdict(rate)}".rstrip())  # noqa: T201 - for entry points
        for miss in rate.misses:
            print(f"    {miss}")  # noqa: T201 - for entry points


def _interval(rate: Rate) -> str:
    return "" if rate.low is None or rate.high is None else f" ({rate.low:.3f} to {rate.high:.3f})"


def _target(rate: Rate) -> str:
    if rate.least is not None:
        return f">= {rate.least:g}"
    return "" if rate.most is None else f"<= {rate.most:g}"


def _verdict(rate: Rate) -> str:
    if rate.least is None and rate.most is None:
        return ""
    return "ok" if rate.met else "MISSED"
