"""Funnels: points, lines and classes agree with each other and with the tails of their distributions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from speccom.insight.statistics.funnel import (
    THREE_SIGMA,
    TWO_SIGMA,
    Significance,
    average_proportion,
    expected_on_ratio_limits,
    proportion_limits,
    proportion_significance,
    ratio_limits,
    ratio_significance,
    ratios_on_limits,
    words,
)
from speccom.insight.statistics.intervals import wilson
from speccom.insight.statistics.numbers import StatisticsError


@given(st.integers(1, 5000), st.sampled_from([TWO_SIGMA, THREE_SIGMA]))
def test_a_count_at_a_limit_has_the_funnels_tail_at_the_expectation_given(x: int, level: float) -> None:
    expected, tail = expected_on_ratio_limits(x, level), (1 - level) / 2
    assert expected.upper < x < expected.lower
    assert stats.poisson.cdf(x, expected.lower) == pytest.approx(tail, rel=1e-7)
    assert stats.poisson.sf(x - 1, expected.upper) == pytest.approx(tail, rel=1e-7)
    ratios = ratios_on_limits(x, level)
    assert ratios.lower < 100 < ratios.upper
    assert ratios.lower == pytest.approx(100 * x / expected.lower)


def test_nought_events_have_no_expectation_that_puts_them_above_the_funnel() -> None:
    ratios = ratios_on_limits([0, 4])
    assert ratios.lower[0] == 0 and np.isnan(ratios.upper[0]) and ratios.upper[1] > 100


@given(st.floats(0.5, 1e6), st.floats(0.2, 5))
def test_ratio_limits_hold_the_target_and_narrow_as_more_is_expected(expected: float, target: float) -> None:
    limits, more = ratio_limits([expected, expected * 4], target=target), ratio_limits(expected * 4)
    assert (limits.lower < target).all() and (target < limits.upper).all()
    assert limits.upper[1] - limits.lower[1] < limits.upper[0] - limits.lower[0]
    assert more.lower < 1 < more.upper


def test_ratio_limits_have_a_gap_where_nothing_is_expected() -> None:
    limits = ratio_limits([0, np.nan, 3])
    assert np.isnan(limits.lower[:2]).all() and np.isnan(limits.upper[:2]).all() and limits.lower[2] > 0


@given(st.integers(30, 10**6), st.floats(0.3, 0.7))
def test_a_proportion_on_the_line_has_wilson_limits_that_touch_the_average(n: int, average: float) -> None:
    limits = proportion_limits(n, average)
    assert wilson(limits.upper * n, n).lower == pytest.approx(average, rel=1e-9)
    assert wilson(limits.lower * n, n).upper == pytest.approx(average, rel=1e-9)


@given(st.integers(0, 2000), st.floats(0.01, 2000))
def test_a_point_is_classed_as_its_place_beside_the_lines_says(observed: int, expected: float) -> None:
    found = Significance(int(ratio_significance(observed, expected)))
    low, high = stats.poisson.cdf(observed, expected), stats.poisson.sf(observed - 1, expected)
    by_tail = {
        Significance.LOW_THREE_SIGMA: low < 0.001,
        Significance.LOW_TWO_SIGMA: 0.001 <= low < 0.025,
        Significance.HIGH_TWO_SIGMA: 0.001 <= high < 0.025,
        Significance.HIGH_THREE_SIGMA: high < 0.001,
        Significance.NOT_SIGNIFICANT: low >= 0.025 and high >= 0.025,
    }
    nearest = min(abs(tail / edge - 1) for tail in (low, high) for edge in (0.001, 0.025))
    assert by_tail[found] or nearest < 1e-6


def test_proportions_are_classed_by_their_funnel() -> None:
    found = proportion_significance([20, 31, 50, 69, 90, 5, 0], [100, 80, 100, 120, 100, np.nan, 0], 0.5)
    assert words(found) == [
        "Low (0.001)",
        "Low (0.025)",
        "Not significant",
        "Not significant",
        "High (0.001)",
        "Not known",
        "Not known",
    ]


def test_a_point_without_an_expectation_is_not_known_rather_than_usual() -> None:
    assert words(ratio_significance([5, np.nan], [np.nan, 5])) == ["Not known", "Not known"]


def test_the_average_leaves_out_areas_with_a_missing_number_from_both_sums() -> None:
    assert average_proportion([1, 30, np.nan], [2, np.nan, 100]) == 0.5
    assert np.isnan(average_proportion([np.nan], [3]))


def test_an_average_that_is_no_share_is_refused() -> None:
    with pytest.raises(StatisticsError, match="average must not be above 1: found 80"):
        proportion_limits(100, 80)
    with pytest.raises(StatisticsError, match="x must not be above n"):
        proportion_significance(3, 2, 0.5)
