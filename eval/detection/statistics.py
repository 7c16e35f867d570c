"""Statistics: shares, means and medians with their 95 % intervals, and tests on pairs; knows nothing of portraits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float
    cases: int
    """How many cases it rests on."""
