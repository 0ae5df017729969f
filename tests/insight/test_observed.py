"""Observed variation: what a straight line leaves, what changed from year to year, and who is paid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.insight.observed import (
    BELOW_ZERO,
    FROM_ZERO,
    MONTHLY,
    NOTHING,
    UNKNOWN,
    ObservedError,
    concentration,
    detrended_variation,
    mean_absolute_change,
    number_of_providers,
    out_of_area_share,
    provider_income,
)

NAN = np.nan


def test_a_series_on_a_straight_line_has_no_variation():
    found = detrended_variation([[100, 110, 120, 130], [5, 5, 5, 5], [1e9, 2e9, NAN, 4e9]])
    assert found.values == pytest.approx([0, 0, 0])
    assert list(found.used) == [4, 4, 3]


def test_three_years_by_hand():
    # 10, 16, 10: the line is flat at 12, distances −2, 4, −2, squares 24 over 3 − 2 = 1.
    found = detrended_variation([[10, 16, 10]])
    assert found.values[0] == pytest.approx(24**0.5 / 12)
    assert found.lower[0] < found.values[0] < found.upper[0]
    assert found.upper[0] > 30 * found.values[0]


def test_a_missing_year_leaves_the_others_in_their_places():
    series = np.array([3.0, 9.0, 4.0, NAN, 11.0, 8.0])
    at = np.array([0, 1, 2, 4, 5])
    left = series[at] - np.polyval(np.polyfit(at, series[at], 1), at)
    found = detrended_variation([series, np.arange(6) + 1])
    assert found.values[0] == pytest.approx((left @ left / 3) ** 0.5 / series[at].mean())


def test_dividing_by_two_fewer_makes_the_variance_unbiased():
    random = np.random.default_rng(5)
    series = 1_000 + 40 * np.arange(5) + random.normal(0, 50, (20_000, 5))
    found = detrended_variation(series)
    variance = (found.values * series.mean(axis=1)) ** 2
    assert variance.mean() == pytest.approx(50**2, rel=0.02)
    inside = (found.lower * 1_080 <= 50) & (found.upper * 1_080 >= 50)
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


def test_months_have_a_level_each_so_that_winter_is_no_variation():
    month = np.arange(36)
    seasonal = 500 + 2 * month + 80 * np.cos(month * np.pi / 6)
    found = detrended_variation([seasonal], season=MONTHLY)
    assert found.values[0] == pytest.approx(0, abs=1e-9)
    assert detrended_variation([seasonal]).values[0] > 0.05


def test_half_a_year_of_months_is_too_few_for_a_season_but_not_for_a_line():
    series = [[10, 12, 9, 14, 12, 13]]
    found = detrended_variation(series, season=MONTHLY)
    assert np.isnan(found.values[0])
    assert found.gaps[0] == "too few months to tell: 6 of the 14 needed"
    assert detrended_variation(series).gaps[0] is None


@pytest.mark.parametrize(
    ("series", "gap"),
    [
        ([5.0, NAN, NAN, NAN], "too few years to tell: 1 of the 3 needed"),
        ([NAN, NAN, NAN, NAN], "too few years to tell: 0 of the 3 needed"),
        ([0.0, 0.0, 0.0, 0.0], NOTHING),
        ([4.0, -1.0, 3.0, 2.0], BELOW_ZERO),
    ],
)
def test_a_series_that_tells_nothing_is_a_gap_with_its_reason(series, gap):
    found = detrended_variation([series, [10, 16, 10, 12]])
    assert np.isnan(found.values[0])
    assert found.gaps[0] == gap
    assert found.values[1] > 0


def test_more_years_can_be_asked_for():
    assert detrended_variation([[10, 16, 10, 12]], fewest=5).gaps[0].endswith("4 of the 5 needed")


@settings(deadline=None)
@given(
    st.lists(st.floats(1, 1e4), min_size=4, max_size=8),
    st.floats(1e-3, 1e6),
)
def test_the_unit_of_a_series_does_not_matter(series, factor):
    found = detrended_variation([series, [factor * value for value in series]])
    assert found.values[1] == pytest.approx(found.values[0], rel=1e-6, abs=1e-9)
    changed = mean_absolute_change([series, [factor * value for value in series]])
    assert changed.values[1] == pytest.approx(changed.values[0], rel=1e-6, abs=1e-9)


def test_change_from_year_to_year_is_the_mean_of_what_is_known():
    found = mean_absolute_change([[100, 110, NAN, 50, 25], [100, 90, 99, NAN, NAN]])
    assert found.values == pytest.approx([(0.1 + 0.5) / 2, 0.1])
    assert list(found.used) == [2, 2]


def test_months_are_compared_with_the_same_month_a_year_before():
    months = np.concatenate([np.arange(1, 13), 1.1 * np.arange(1, 13)])
    assert mean_absolute_change([months], lag=12).values[0] == pytest.approx(0.1)


def test_a_change_from_nothing_or_of_one_year_is_a_gap():
    found = mean_absolute_change([[0, 5], [5, NAN], [0, 0], [5, -5]])
    assert np.isnan(found.values).all()
    assert list(found.gaps) == [
        FROM_ZERO,
        "too few changes from year to year to tell: 0 of the 1 needed",
        FROM_ZERO,
        BELOW_ZERO,
    ]


def test_providers_that_take_turns_vary_while_their_total_does_not():
    found = provider_income([[10, 20, 10, 20], [20, 10, 20, 10]])
    assert found.total.values[0] == pytest.approx(0)
    assert found.pooling_gain == pytest.approx(1)
    assert found.mean_variation == pytest.approx(found.providers.values.mean())
    assert found.weight_known == 1
    assert found.changes.values == pytest.approx([(1 + 0.5 + 1) / 3, (0.5 + 1 + 0.5) / 3])


def test_a_provider_with_too_few_years_leaves_the_gain_unknown_and_says_its_weight():
    found = provider_income([[30, 33, 27, 30], [NAN, NAN, 10, 10]])
    assert np.isnan(found.pooling_gain)
    assert found.weight_known == pytest.approx(0.75)
    assert found.total.gaps[0] == "too few years to tell: 2 of the 3 needed"


def test_a_provider_never_paid_does_not_hide_the_gain():
    found = provider_income([[0.1, 0.2, 0.1], [0, 0, 0], [0.2, 0.1, 0.2]])
    assert found.providers.gaps[1] == NOTHING
    assert found.weight_known == 1
    assert found.pooling_gain == pytest.approx(1)


def test_one_provider_is_wholly_concentrated_and_four_alike_a_quarter():
    found = concentration([[7, 0, NAN, 0], [2, 2, 2, 2], [0, 0, 0, 0], [3, -1, 0, 0]])
    assert found.values[:2] == pytest.approx([1, 0.25])
    assert list(found.used[:2]) == [1, 4]
    assert list(found.gaps) == [None, None, NOTHING, BELOW_ZERO]


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
def test_concentration_lies_between_one_in_each_provider_and_one(costs):
    found = concentration([costs]).values[0]
    assert 1 / len(costs) - 1e-9 <= found <= 1 + 1e-9


def test_a_stray_patient_makes_no_provider_where_a_least_share_is_set():
    costs = [[9_900, 100, 0]]
    assert number_of_providers(costs).values[0] == 2
    assert number_of_providers(costs, least_share=0.05).values[0] == 1


def test_out_of_area_shares_and_their_gaps():
    found = out_of_area_share([2, 0, 0, NAN, -1], [8, 5, 0, 4, 4])
    assert found.values[:2] == pytest.approx([0.25, 0])
    assert list(found.gaps) == [None, None, NOTHING, UNKNOWN, BELOW_ZERO]


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (lambda: detrended_variation([1, 2, 3]), "a row for each series"),
        (lambda: detrended_variation([[1, np.inf, 3]]), "infinite"),
        (lambda: detrended_variation([[1, 2, 3]], season=0), "season"),
        (lambda: detrended_variation([[1, 2, 3]], level=1), "interval"),
        (lambda: mean_absolute_change([[1, 2]], lag=0), "earlier period"),
        (lambda: number_of_providers([[1]], least_share=1), "least share"),
        (lambda: out_of_area_share([2], [1]), "More lies outside"),
        (lambda: out_of_area_share([2, 1], [4]), "one number each"),
    ],
)
def test_series_that_cannot_be_measured_are_refused(measure, says):
    with pytest.raises(ObservedError, match=says):
        measure()
