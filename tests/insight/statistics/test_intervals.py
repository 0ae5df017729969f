"""Limits of counts and proportions: the equations that define them, the edges, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from speccom.insight.statistics.intervals import byar, count_limits, exact_poisson, wilson
from speccom.insight.statistics.numbers import StatisticsError

counts = st.integers(0, 10_000_000)
levels = st.floats(0.5, 0.9999)


@given(counts, levels)
def test_the_limits_of_a_count_hold_it_between_them(x: int, confidence: float) -> None:
    for method in (byar, exact_poisson, count_limits):
        limits = method(x, confidence)
        assert 0 <= limits.lower <= x <= limits.upper


@given(st.integers(0, 1000), levels)
def test_exact_limits_leave_half_of_the_risk_in_each_poisson_tail(x: int, confidence: float) -> None:
    limits, tail = exact_poisson(x, confidence), (1 - confidence) / 2
    assert stats.poisson.cdf(x, limits.upper) == pytest.approx(tail, rel=1e-8)
    if x:
        assert stats.poisson.sf(x - 1, limits.lower) == pytest.approx(tail, rel=1e-8)


@given(st.integers(10, 100_000))
def test_byars_limits_are_within_a_fifth_of_a_percent_of_the_exact_ones(x: int) -> None:
    near, exact = byar(x), exact_poisson(x)
    assert near.lower == pytest.approx(exact.lower, rel=0.002)
    assert near.upper == pytest.approx(exact.upper, rel=0.002)


@given(counts, st.floats(0.5, 0.99))
def test_more_confidence_means_wider_limits(x: int, confidence: float) -> None:
    for method in (byar, exact_poisson, count_limits):
        narrow, wide = method(x, confidence), method(x, confidence + 0.009)
        assert wide.lower <= narrow.lower
        assert wide.upper > narrow.upper


@given(st.integers(0, 10**9), st.integers(1, 10**10), levels)
def test_wilsons_limits_are_where_the_score_test_turns(x: int, more: int, confidence: float) -> None:
    n = x + more
    limits, z = wilson(x, n, confidence), stats.norm.isf((1 - confidence) / 2)
    assert 0 <= limits.lower <= x / n <= limits.upper <= 1
    for limit in (limits.lower, limits.upper):
        if x:
            assert abs(x / n - limit) == pytest.approx(z * np.sqrt(limit * (1 - limit) / n), rel=1e-5)


def test_none_and_all_of_a_group_have_limits_that_stop_at_nought_and_one() -> None:
    limits = wilson([0, 7], [7, 7])
    assert limits.lower[0] == 0 and limits.upper[1] == 1
    assert 0 < limits.upper[0] < 1 and 0 < limits.lower[1] < 1


def test_counts_below_ten_get_exact_limits_and_others_byars() -> None:
    limits = count_limits([9, 10])
    assert limits.lower.tolist() == [exact_poisson(9).lower, byar(10).lower]
    assert limits.upper.tolist() == [exact_poisson(9).upper, byar(10).upper]


def test_no_events_have_a_lower_limit_of_nought_and_an_upper_limit_above_it() -> None:
    for method in (byar, exact_poisson, count_limits):
        limits = method(0)
        assert limits.lower == 0 and limits.upper > 3


def test_a_byar_limit_of_a_tiny_count_never_falls_below_nought() -> None:
    assert byar([1, 0.01], 0.998).lower.tolist() == [0, 0]


def test_counts_and_levels_broadcast_and_missing_counts_stay_missing() -> None:
    limits = byar([[5], [np.nan]], [0.95, 0.998])
    assert limits.lower.shape == (2, 2)
    assert np.isnan(limits.upper[1]).all() and not np.isnan(limits.upper[0]).any()
    assert np.isnan([wilson(np.nan, 3).lower, wilson(0, 0).lower, wilson(0, 0).upper]).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([3, -1],), "x must not be below 0: found -1 at position 1."),
        (([[1, 2], [3, np.inf]],), "x must be finite: found inf at position 1, 1."),
        (([1, 1e300],), "x must be 0 or between 1e-100 and 1e+100 in size: found 1e+300 at position 1."),
        ((10**400,), "x must be numbers"),
        ((5, 1.0), "confidence must lie between 0 and 1, as 0.95 does: found 1."),
        ((5, np.nan), "confidence must lie between 0 and 1"),
        ((["five"],), "x must be numbers, and holds <U4 values."),
        (([[1, 2], [3]],), "x must be a full array"),
        (([1, 2], [0.9, 0.95, 0.99]), "These do not fit together: x (2,), confidence (3,)."),
    ],
)
def test_what_is_no_count_or_no_confidence_is_refused_with_its_place(arguments: tuple, said: str) -> None:
    for method in (byar, exact_poisson, count_limits):
        with pytest.raises(StatisticsError) as refused:
            method(*arguments)
        assert said in str(refused.value)


def test_more_having_it_than_there_are_is_refused() -> None:
    with pytest.raises(StatisticsError, match="x must not be above n: found 4 at position 1"):
        wilson([1, 4], 3)
