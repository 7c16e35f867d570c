"""The benchmark's intervals and tests give what was published, and hold for one case, all right and all wrong."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.detection.statistics import bootstrap, bootstrap_difference, mcnemar, paired_difference, wilson
from personify.voices.errors import PersonifyError


def judged(both, only_a, only_b, neither):
    """Two judgements of the same cases with these counts."""
    return (
        [True] * (both + only_a) + [False] * (only_b + neither),
        [True] * both + [False] * only_a + [True] * only_b + [False] * neither,
    )


# ---- shares


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [  # Newcombe (1998), Statist. Med. 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(successes, cases, low, high):
    found = wilson(successes, cases)
    assert found.value == successes / cases and found.cases == cases
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_one_case_tells_little():
    # by hand, z = 1.96: p = 1, n = 1 gives n / (n + z^2) = 1 / 4.8416
    assert wilson(1, 1).low == pytest.approx(1 / 4.8416, abs=1e-4) and wilson(1, 1).high == 1.0
    assert wilson(0, 1).low == 0.0 and wilson(0, 1).high == pytest.approx(1 - 1 / 4.8416, abs=1e-4)


@given(st.data(), st.integers(1, 3000))
def test_a_share_lies_in_its_interval(data, cases):
    found = wilson(data.draw(st.integers(0, cases)), cases)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_shares_that_cannot_be_are_refused():
    with pytest.raises(PersonifyError, match="no cases"):
        wilson(0, 0)
    with pytest.raises(PersonifyError, match="5 successes in 4 cases"):
        wilson(5, 4)


# ---- pairs


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe (1998), Statist. Med. 17, 2635-2650, table III, method 10, as the R package propint quotes them
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((18, 12, 2, 18), 0.0562, 0.3290),
        ((53, 0, 0, 1), -0.0729, 0.0729),
        ((0, 30, 0, 0), 0.8395, 1.0),
    ],
)
def test_newcombes_interval_is_the_published_one(counts, low, high):
    found = paired_difference(*judged(*counts))
    assert found.value == pytest.approx((counts[1] - counts[2]) / sum(counts))
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    assert found.cases == sum(counts)


@given(st.tuples(*[st.integers(0, 40)] * 4).filter(any))
def test_the_difference_turns_its_sign_with_the_sides(counts):
    there, back = (paired_difference(*sides) for sides in (judged(*counts), judged(*counts)[::-1]))
    assert -1 <= there.low <= there.value + 1e-12 and there.value - 1e-12 <= there.high <= 1
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low))


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (1, 7, 2 * (1 + 8) / 2**8),  # by hand: 0 or 1 of 8 fair coins, twice
        (12, 2, 2 * (1 + 14 + 91) / 2**14),
        (6, 16, 2 * sum(comb(22, k) for k in range(7)) / 2**22),
        (0, 5, 2 / 2**5),
        (3, 3, 1.0),
        (0, 1, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemars_test_is_exact(only_a, only_b, p):
    assert mcnemar(only_a, only_b) == pytest.approx(p, abs=5e-5)
    assert mcnemar(only_b, only_a) == mcnemar(only_a, only_b)


def test_pairs_that_cannot_be_are_refused():
    with pytest.raises(PersonifyError, match="2 cases can't be paired with 3"):
        paired_difference([True, False], [True, False, True])
    with pytest.raises(PersonifyError, match="no cases"):
        paired_difference([], [])
    with pytest.raises(PersonifyError, match="-1 and 2"):
        mcnemar(-1, 2)


# ---- means and medians


def test_the_bootstrap_agrees_with_theory_and_with_scipy():
    from scipy.stats import bootstrap as scipys

    values = np.random.default_rng(3).gamma(2.0, size=300)
    found = bootstrap(values)
    half = 1.96 * values.std() / np.sqrt(300)
    assert found.value == pytest.approx(values.mean()) and found.cases == 300
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.2 * half)
    theirs = scipys((values,), np.median, method="percentile", n_resamples=4000, random_state=7).confidence_interval
    median = bootstrap(values, "median")
    assert median.value == np.median(values)
    assert (median.low, median.high) == pytest.approx((theirs.low, theirs.high), abs=0.06)


def test_the_bootstrap_is_a_matter_of_its_seed():
    values = np.random.default_rng(1).normal(size=50)
    assert bootstrap(values, seed=4) == bootstrap(values, seed=4) != bootstrap(values, seed=5)


def test_values_without_spread_have_an_interval_without_width():
    for values in ([0.25], [0.25] * 9):
        found = bootstrap(values, "median")
        assert (found.value, found.low, found.high, found.cases) == (0.25, 0.25, 0.25, len(values))


def test_pairs_are_resampled_whole():
    rng = np.random.default_rng(2)
    before = rng.normal(size=200) * 10
    after = before + 1 + rng.normal(size=200) * 0.1
    found = bootstrap_difference(after, before)
    assert found.value == pytest.approx((after - before).mean())
    assert found.high - found.low < 0.05  # of the means alone it would be about 4
    assert bootstrap_difference([2, 4, 9], [1, 1, 1], "median").value == 3


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from(["mean", "median"]))
def test_the_interval_lies_among_the_values(values, statistic):
    found = bootstrap(values, statistic, draws=50)
    slack = 1e-9 * max(map(abs, values))
    assert min(values) - slack <= found.low <= found.high <= max(values) + slack


def test_what_was_not_measured_is_refused():
    with pytest.raises(PersonifyError, match="no values"):
        bootstrap([])
    with pytest.raises(PersonifyError, match="nan is no measured value"):
        bootstrap([1.0, float("nan")])
    with pytest.raises(PersonifyError, match="1 cases can't be paired with 2"):
        bootstrap_difference([1.0], [1.0, 2.0])
