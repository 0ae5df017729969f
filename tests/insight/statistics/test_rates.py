"""Rates and standardised rates: laws between them, hand-worked cases, stated gaps, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.insight.statistics.numbers import Gap, StatisticsError
from speccom.insight.statistics.rates import (
    crude_rate,
    directly_standardised_rate,
    expected_events,
    indirectly_standardised_rate,
    indirectly_standardised_ratio,
    proportion,
    standardised_ratio,
)

events = st.lists(st.integers(1, 5000), min_size=2, max_size=19)
scales = st.floats(0.01, 1e6)


@st.composite
def areas(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Events and populations of one area by age."""
    happened = np.array(draw(events), dtype=float)
    people = draw(st.lists(st.integers(1, 10**7), min_size=len(happened), max_size=len(happened)))
    return happened, np.array(people, dtype=float)


@given(areas())
def test_the_reference_against_itself_is_one_and_its_rate_is_its_own(area: tuple) -> None:
    ratio = indirectly_standardised_ratio(*area, *area)
    assert ratio.value == pytest.approx(1)
    assert ratio.lower < 1 < ratio.upper
    rate = indirectly_standardised_rate(*area, *area, multiplier=1000)
    assert rate.value == pytest.approx(crude_rate(area[0].sum(), area[1].sum(), multiplier=1000).value)


@given(st.integers(10, 10**6), st.integers(1, 10**8), st.integers(1, 10**6))
def test_a_direct_rate_of_one_group_is_the_crude_rate_with_its_limits(x: int, n: int, weight: int) -> None:
    direct, crude = directly_standardised_rate([x], [n], [weight]), crude_rate(x, n)
    assert direct.value == pytest.approx(crude.value)
    assert direct.lower == pytest.approx(crude.lower)
    assert direct.upper == pytest.approx(crude.upper)


@given(areas(), scales)
def test_the_size_of_the_standard_and_the_unit_of_the_rate_change_nothing_else(
    area: tuple, scale: float
) -> None:
    happened, people = area[0] + 10, area[1]
    weights = np.arange(1, len(people) + 1)
    once = directly_standardised_rate(happened, people, weights, multiplier=1000)
    again = directly_standardised_rate(happened, people, weights * scale, multiplier=1000 * scale)
    for side in ("value", "lower", "upper"):
        assert getattr(again, side) == pytest.approx(getattr(once, side) * scale)
    assert once.lower < once.value < once.upper


@given(areas())
def test_a_standard_made_up_like_the_area_gives_its_crude_rate(area: tuple) -> None:
    happened, people = area[0] + 10, area[1]
    direct = directly_standardised_rate(happened, people, people)
    assert direct.value == pytest.approx(crude_rate(happened.sum(), people.sum()).value)


def test_a_direct_rate_worked_by_hand() -> None:
    # rates 0.1 and 0.2, weights 3 and 1: (0.3 + 0.2) / 4 = 0.125
    rate = directly_standardised_rate([10, 20], [100, 100], [3, 1], multiplier=1)
    assert rate.value == pytest.approx(0.125)
    # Var = (9×10 + 1×20) / 100² / 16 = 0.0006875; Byar's limits of 30 are 20.23694 and 42.82837
    spread = np.sqrt(0.0006875 / 30)
    assert rate.lower == pytest.approx(0.125 + spread * (20.23694 - 30), rel=1e-5)
    assert rate.upper == pytest.approx(0.125 + spread * (42.82837 - 30), rel=1e-5)


def test_a_direct_rate_of_fewer_than_ten_events_is_suppressed_and_says_so() -> None:
    few, enough = directly_standardised_rate([[4, 5], [5, 5]], [100, 100], [1, 1]).value
    assert np.isnan(few) and enough > 0
    rate = directly_standardised_rate([4, 5], [100, 100], [1, 1])
    assert np.isnan([rate.value, rate.lower, rate.upper]).all()
    assert rate.gap == Gap.FEW_EVENTS
    assert "fewer than 10" in str(rate.reason)


def test_a_group_without_people_is_a_gap_only_where_the_standard_counts_it() -> None:
    counted = directly_standardised_rate([20, 0], [100, 0], [1, 1])
    assert counted.gap == Gap.GROUP_WITHOUT_POPULATION and np.isnan(counted.value)
    ignored = directly_standardised_rate([20, 0], [100, 0], [1, 0], multiplier=1)
    assert ignored.gap == Gap.NONE and ignored.value == pytest.approx(0.2)


def test_zero_populations_and_missing_numbers_leave_a_stated_gap_never_nought_or_infinity() -> None:
    rate = crude_rate([5, 0, np.nan, 0], [0, 0, 10, 10])
    assert rate.gap.tolist() == [Gap.NO_POPULATION, Gap.NO_POPULATION, Gap.MISSING, Gap.NONE]
    assert np.isnan(rate.value[:3]).all() and np.isnan(rate.upper[:3]).all()
    assert rate.value[3] == 0 and rate.lower[3] == 0 and rate.upper[3] > 0
    assert proportion(0, 0).reason == "the population is zero"
    assert standardised_ratio(3, 0).reason == "no events are expected"
    missing = indirectly_standardised_ratio([1, np.nan], [10, 10], [5, 5], [100, 100])
    assert missing.reason == "an input is missing"
    assert directly_standardised_rate([20, 20], [100, np.nan], [1, 1]).gap == Gap.MISSING


def test_many_areas_are_standardised_at_once_as_each_alone() -> None:
    draws = np.random.default_rng(5)
    happened, people = draws.poisson(30, (42, 19)), draws.integers(500, 9000, (42, 19))
    reference = happened.sum(axis=0), people.sum(axis=0)
    at_once = indirectly_standardised_ratio(happened, people, *reference)
    alone = [
        float(indirectly_standardised_ratio(*area, *reference).upper)
        for area in zip(happened, people, strict=True)
    ]
    assert at_once.upper.tolist() == pytest.approx(alone)
    assert expected_events(people, *reference).sum() == pytest.approx(happened.sum())


def test_a_population_of_thousands_of_millions_keeps_its_digits() -> None:
    share = proportion(7_776_456, 7_564_336_677)
    assert share.lower < share.value < share.upper
    assert share.value == pytest.approx(7_776_456 / 7_564_336_677, rel=1e-15)


@pytest.mark.parametrize(
    ("refusal", "call"),
    [
        ("events must not be below 0", lambda: crude_rate(-1, 10)),
        ("population must not be below 0", lambda: crude_rate(1, -10)),
        ("multiplier must be a number above 0", lambda: crude_rate(1, 10, multiplier=0)),
        ("x must not be above n", lambda: proportion(11, 10)),
        ("confidence must lie between", lambda: proportion(1, 10, confidence=95)),
        ("reference_population must be above 0", lambda: expected_events([1, 2], [1, 1], [5, 0])),
        ("along its last axis", lambda: indirectly_standardised_ratio(5, 100, 5, 100)),
        ("do not fit together", lambda: directly_standardised_rate([10, 20], [1, 2, 3], [1, 1])),
        (
            "standard_population must have people",
            lambda: directly_standardised_rate([10, 20], [100, 100], [0, 0]),
        ),
    ],
)
def test_what_cannot_be_a_rate_is_refused(refusal: str, call: object) -> None:
    with pytest.raises(StatisticsError, match=refusal):
        call()  # type: ignore[operator]
