"""Statistics: shares, means and medians with their 95 % intervals, and tests on pairs; knows nothing of portraits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from personify.voices.errors import PersonifyError

Statistic = Literal["mean", "median"]

DRAWS = 2000
"""Of the bootstrap; Efron and Tibshirani (1993) advise a thousand or more for the ends of an interval."""
_AT_ONCE = 2_000_000
"""Values that the bootstrap holds in memory at a time."""


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float
    cases: int
    """How many cases it rests on."""


def wilson(successes: int, cases: int) -> Measured:
    """The share of successes with the score interval of Wilson (1927), JASA 22, 209-212, uncorrected.

    It stays within 0 and 1 and is honest for shares near them, where detection rates lie. Raises `PersonifyError`
    for no cases, and for successes that are not from 0 to `cases`.
    """
    from scipy.stats import binomtest

    if cases < 1:
        raise PersonifyError("a share of no cases can't be told; measure at least one")
    if not 0 <= successes <= cases:
        raise PersonifyError(f"{successes} successes in {cases} cases can't be; give from 0 to {cases}")
    interval = binomtest(int(successes), int(cases)).proportion_ci(confidence_level=0.95, method="wilson")
    return Measured(successes / cases, float(interval.low), float(interval.high), int(cases))


def bootstrap(
    values: Sequence[float] | np.ndarray, statistic: Statistic = "mean", seed: int = 0, draws: int = DRAWS
) -> Measured:
    """The mean or median of `values` (n,) with the percentile interval of Efron (1979), Ann. Statist. 7, 1-26.

    The same seed gives the same interval; one value alone gives an interval without width. Raises `PersonifyError`
    for no values and for values that are not finite.
    """
    sample = _sample(values)
    of = _statistic(statistic)
    low, high = _percentiles(lambda chosen: of(sample[chosen], axis=1), len(sample), seed, draws)
    return Measured(float(of(sample)), low, high, len(sample))


def bootstrap_difference(
    a: Sequence[float] | np.ndarray,
    b: Sequence[float] | np.ndarray,
    statistic: Statistic = "mean",
    seed: int = 0,
    draws: int = DRAWS,
) -> Measured:
    """The statistic of `a` (n,) minus that of `b` (n,), a[i] and b[i] being one case measured twice.

    The interval is the percentile bootstrap's over whole pairs. Raises `PersonifyError` like `bootstrap`, and for
    lengths that differ.
    """
    first, second = _sample(a), _sample(b)
    _check_pairs(len(first), len(second))
    of = _statistic(statistic)
    low, high = _percentiles(
        lambda chosen: of(first[chosen], axis=1) - of(second[chosen], axis=1), len(first), seed, draws
    )
    return Measured(float(of(first) - of(second)), low, high, len(first))


def mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided p of McNemar (1947), Psychometrika 12, 153-157, in its exact form.

    Of the cases that only one of the two gets right, each is as likely `a`'s as `b`'s if they are equally good: a
    binomial test with a probability of one half. Without such cases nothing speaks for a difference and p is 1.
    Raises `PersonifyError` for negative counts.
    """
    from scipy.stats import binomtest

    if min(only_a, only_b) < 0:
        raise PersonifyError(f"{only_a} and {only_b} cases can't be counts; give 0 or more")
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(int(only_a), int(only_a + only_b), 0.5).pvalue)


def paired_difference(a: Sequence[bool] | np.ndarray, b: Sequence[bool] | np.ndarray) -> Measured:
    """The share of `a` (n,) minus that of `b` (n,), a[i] and b[i] being one case judged twice.

    The interval is method 10 of Newcombe (1998), Statist. Med. 17, 2635-2650: the Wilson intervals of both shares,
    squared and added, less what the two have in common (their correlation phi, corrected for continuity). Raises
    `PersonifyError` for no cases and for lengths that differ.
    """
    first, second = np.asarray(a, bool), np.asarray(b, bool)
    _check_pairs(len(first), len(second))
    n = len(first)
    share_a, share_b = wilson(int(first.sum()), n), wilson(int(second.sum()), n)
    phi = _phi(first, second)
    difference = share_a.value - share_b.value
    down = _added(share_a.value - share_a.low, share_b.high - share_b.value, phi)
    up = _added(share_a.high - share_a.value, share_b.value - share_b.low, phi)
    return Measured(difference, max(-1.0, difference - down), min(1.0, difference + up), n)


def _phi(a: np.ndarray, b: np.ndarray) -> float:
    """Newcombe's correlation of two judgements: 0 where one of them never changes."""
    n, right_a, right_b = len(a), int(a.sum()), int(b.sum())
    spread = right_a * (n - right_a) * right_b * (n - right_b)
    if spread == 0:
        return 0.0
    agreeing = int((a & b).sum()) * int((~a & ~b).sum())
    excess = agreeing - int((a & ~b).sum()) * int((~a & b).sum())
    return float((max(excess - n / 2, 0) if excess > 0 else excess) / np.sqrt(float(spread)))


def _added(one: float, other: float, phi: float) -> float:
    return float(np.sqrt(max(0.0, one**2 + other**2 - 2 * phi * one * other)))


def _sample(values: Sequence[float] | np.ndarray) -> np.ndarray:
    sample = np.asarray(values, np.float64)
    if sample.ndim != 1 or not len(sample):
        raise PersonifyError("a mean or median of no values can't be told; measure at least one")
    if not np.isfinite(sample).all():
        raise PersonifyError(f"{sample[~np.isfinite(sample)][0]} is no measured value; leave out what was not measured")
    return sample


def _check_pairs(one: int, other: int) -> None:
    if one != other:
        raise PersonifyError(f"{one} cases can't be paired with {other}; give the same cases in the same order")


def _statistic(name: Statistic) -> Callable[..., np.ndarray]:
    return np.median if name == "median" else np.mean


def _percentiles(of: Callable[[np.ndarray], np.ndarray], cases: int, seed: int, draws: int) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of `of` over `draws` resamples; it is handed the chosen cases as int (k, n)."""
    rng = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // cases)
    parts = [of(rng.integers(0, cases, (min(step, draws - at), cases))) for at in range(0, draws, step)]
    low, high = np.quantile(np.concatenate(parts), (0.025, 0.975))
    return float(low), float(high)
