"""The slope and relative index of inequality: straight lines are found exactly, and gaps are stated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.insight.statistics.inequality import gradient, ridits
from speccom.insight.statistics.numbers import Gap, StatisticsError

populations = st.lists(st.integers(1, 10**6), min_size=2, max_size=10)


@given(populations, st.floats(1, 1000), st.floats(-500, 500))
def test_a_straight_gradient_is_found_exactly(population: list[int], start: float, slope: float) -> None:
    rates = start + slope * ridits(population)
    found = gradient(rates, population)
    assert found.slope.value == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert found.first == pytest.approx(start, rel=1e-6, abs=1e-6)
    if start + slope > 1:
        assert found.relative.value == pytest.approx((start + slope) / start, rel=1e-6)


@given(populations, st.floats(0.001, 1e6))
def test_equal_rates_have_a_slope_of_nought_and_a_relative_index_of_one(
    population: list[int], rate: float
) -> None:
    found = gradient([rate] * len(population), population)
    assert found.slope.value == 0
    assert found.relative.value == pytest.approx(1)


@given(populations, st.data())
def test_turning_the_groups_round_turns_the_sign(population: list[int], data: st.DataObject) -> None:
    rates = data.draw(
        st.lists(st.integers(1, 999), min_size=len(population), max_size=len(population)).map(np.array)
    )
    there, back = gradient(rates, population), gradient(rates[::-1], population[::-1])
    assert there.slope.value == pytest.approx(-back.slope.value, abs=1e-6)


def test_the_slope_is_that_of_weighted_least_squares() -> None:
    rates, population = np.array([9.0, 14, 11, 20, 22]), np.array([100.0, 140, 80, 120, 60])
    slope, start = np.polyfit(ridits(population), rates, 1, w=np.sqrt(population))
    found = gradient(rates, population)
    assert found.slope.value == pytest.approx(slope)
    assert found.relative.value == pytest.approx((start + slope) / start)


def test_limits_are_where_simulating_the_rates_converges() -> None:
    rates, population = np.array([9.0, 14, 11, 20, 22]), np.array([100.0, 140, 80, 120, 60])
    errors = np.array([0.5, 0.4, 0.6, 0.4, 0.7])
    found = gradient(rates, population, standard_errors=errors)
    draws = np.random.default_rng(2).normal(rates, errors, (200_000, 5))
    simulated = gradient(draws, population)
    for index, each in ((found.slope, simulated.slope), (found.relative, simulated.relative)):
        low, high = np.quantile(each.value, [0.025, 0.975])
        assert index.lower == pytest.approx(low, rel=0.01)
        assert index.upper == pytest.approx(high, rel=0.01)


def test_without_standard_errors_the_values_stand_and_the_limits_do_not() -> None:
    found = gradient([1, 2, 3], [10, 10, 10])
    assert found.slope.value == pytest.approx(3)
    assert np.isnan([found.slope.lower, found.slope.upper, found.relative.lower]).all()


def test_a_missing_group_is_a_stated_gap_not_a_slope_over_the_rest() -> None:
    found = gradient([[1, np.nan, 3], [1, 2, 3]], [10, 10, 10])
    assert found.slope.gap.tolist() == [Gap.MISSING_GROUP, Gap.NONE]
    assert np.isnan(found.slope.value[0]) and found.slope.value[1] == pytest.approx(3)


def test_people_in_one_group_or_none_leave_a_gap() -> None:
    assert gradient([1, 2], [10, 0]).slope.gap == Gap.MISSING_GROUP
    assert gradient([1, 2], [0, 0]).slope.gap == Gap.NO_POPULATION


def test_a_fitted_end_below_nought_has_no_relative_index() -> None:
    found = gradient([0, 0, 9], [10, 10, 10])
    assert found.relative.gap == Gap.NOT_POSITIVE and np.isnan(found.relative.value)
    assert found.slope.gap == Gap.NONE


def test_one_group_and_a_negative_population_are_refused() -> None:
    with pytest.raises(StatisticsError, match="two or more ordered groups"):
        gradient([1], [10])
    with pytest.raises(StatisticsError, match="population must not be below 0"):
        gradient([1, 2], [10, -10])


def test_a_covariance_without_shared_parts_gives_the_limits_of_its_standard_errors() -> None:
    rates, population = np.array([9.0, 14, 11, 20, 22]), np.array([100.0, 140, 80, 120, 60])
    errors = np.array([0.5, 0.4, 0.6, 0.4, 0.7])
    apart = gradient(rates, population, standard_errors=errors)
    together = gradient(rates, population, covariance=np.diag(errors**2))
    for one, other in ((apart.slope, together.slope), (apart.relative, together.relative)):
        assert other.lower == pytest.approx(one.lower)
        assert other.upper == pytest.approx(one.upper)


def test_rates_that_move_together_have_a_slope_that_does_not_move() -> None:
    found = gradient([9.0, 14, 11], [10, 20, 10], covariance=np.full((3, 3), 4.0))
    assert found.slope.lower == pytest.approx(found.slope.value)
    assert found.slope.upper == pytest.approx(found.slope.value)


def test_a_covariance_of_another_size_is_refused() -> None:
    with pytest.raises(StatisticsError, match="covariance must be 3 by 3"):
        gradient([1, 2, 3], [10, 10, 10], covariance=np.eye(2))


def test_an_end_all_but_nought_gives_a_relative_index_without_limits_and_never_an_infinite_one() -> None:
    found = gradient([10.0, 30.0 - 1e-6], [500, 500], standard_errors=[1.0, 1.0])
    assert found.first == pytest.approx(5e-7)
    assert np.isfinite(found.relative.value)
    assert np.isnan(found.relative.lower) and np.isnan(found.relative.upper)
    assert np.isfinite(found.slope.lower) and np.isfinite(found.slope.upper)
