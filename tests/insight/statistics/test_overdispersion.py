"""Overdispersion: nothing where chance is enough, the known variance where it is not, and stated gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.insight.statistics.numbers import StatisticsError
from speccom.insight.statistics.overdispersion import cqc, shmi

OBSERVED = [100.0, 150, 180, 80, 120, 225, 90, 60, 45, 310]
EXPECTED = [108.0, 112, 165, 95, 100, 220, 91, 58, 60, 300]


def test_areas_that_are_what_was_expected_show_no_overdispersion() -> None:
    for method in (shmi, cqc):
        found = method(EXPECTED, EXPECTED)
        assert found.phi == 0 and found.tau_squared == 0
        assert found.z_adjusted.tolist() == found.z.tolist()


def test_the_variance_between_areas_is_found_again() -> None:
    draws = np.random.default_rng(11)
    expected = np.full(20_000, 400.0)
    observed = draws.poisson(expected * np.exp(draws.normal(0, 0.2, 20_000)))
    assert shmi(observed, expected, trim=0).tau_squared == pytest.approx(0.04, rel=0.05)
    # the variance of a square root is a quarter of that of a logarithm
    assert cqc(observed, expected, winsorise=0).tau_squared == pytest.approx(0.01, rel=0.05)


def test_the_trimmed_estimate_is_that_of_the_units_that_stay() -> None:
    found = shmi(OBSERVED, EXPECTED, trim=0.1)
    z = np.log(np.divide(OBSERVED, EXPECTED)) * np.sqrt(EXPECTED)
    stay = np.argsort(z)[1:-1]
    weight = np.array(EXPECTED)[stay]
    squared = (z[stay] ** 2).sum()
    assert found.units == 8
    assert found.phi == pytest.approx(squared / 8)
    assert found.phi_all == pytest.approx((z**2).mean())
    between = (squared - 7) / (weight.sum() - (weight**2).sum() / weight.sum())
    assert found.tau_squared == pytest.approx(max(between, 0))


def test_winsorising_pulls_the_extremes_in_and_keeps_every_unit() -> None:
    found = cqc(OBSERVED, EXPECTED, winsorise=0.1)
    z = 2 * (np.sqrt(np.divide(OBSERVED, EXPECTED)) - 1) * np.sqrt(EXPECTED)
    pulled = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    assert found.units == 10
    assert found.phi == pytest.approx((pulled**2).mean())
    assert found.phi < found.phi_all


@given(st.permutations(range(len(OBSERVED))))
def test_the_order_of_the_units_does_not_matter(order: list[int]) -> None:
    for method in (shmi, cqc):
        found = method(np.array(OBSERVED)[order], np.array(EXPECTED)[order])
        assert found.tau_squared == pytest.approx(method(OBSERVED, EXPECTED).tau_squared)


def test_many_indicators_with_missing_units_are_estimated_as_each_alone() -> None:
    draws = np.random.default_rng(3)
    observed = draws.poisson(60, (50, 42)).astype(float)
    observed[draws.random(observed.shape) < 0.2] = np.nan
    expected = draws.gamma(30, 2, (50, 42))
    for method in (shmi, cqc):
        at_once = method(observed, expected)
        for row in range(50):
            known = ~np.isnan(observed[row])
            alone = method(observed[row, known], expected[row, known])
            assert at_once.phi[row] == pytest.approx(alone.phi)
            assert at_once.tau_squared[row] == pytest.approx(alone.tau_squared)


def test_limits_that_allow_for_it_are_wider_and_hold_the_target() -> None:
    for method in (shmi, cqc):
        found = method(OBSERVED, EXPECTED)
        assert found.tau_squared > 0
        without = replace(found, tau_squared=np.zeros(()))
        for level in (0.95, 0.998):
            limits, chance = found.limits([50, 500], level), without.limits([50, 500], level)
            assert (limits.lower < chance.lower).all() and (limits.upper > chance.upper).all()
            assert (limits.lower >= 0).all() and (limits.lower < 1).all()


def test_limits_have_a_gap_where_nothing_is_expected() -> None:
    limits = shmi(OBSERVED, EXPECTED).limits([0, np.nan, 5])
    assert np.isnan(limits.upper[:2]).all() and limits.upper[2] > 1


def test_nought_observed_has_no_logarithm_and_stays_out_of_one_method_only() -> None:
    observed, expected = [0.0, 10, 12, 9], [8.0, 9, 10, 11]
    assert shmi(observed, expected, trim=0).units == 3
    assert np.isnan(shmi(observed, expected, trim=0).z[0])
    assert cqc(observed, expected).units == 4


def test_one_unit_alone_gives_no_estimate() -> None:
    for method in (shmi, cqc):
        found = method([5, np.nan], [4, 4])
        assert np.isnan(found.phi) and np.isnan(found.tau_squared) and found.units == 1


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("trim must lie from 0 to below 0.5", lambda: shmi(OBSERVED, EXPECTED, trim=0.5)),
        ("winsorise must lie from 0", lambda: cqc(OBSERVED, EXPECTED, winsorise=-0.1)),
        ("target must be above 0", lambda: shmi(OBSERVED, EXPECTED, target=0)),
        ("observed must not be below 0", lambda: cqc([-1, 2], [1, 2])),
        ("units", lambda: shmi(5, 5)),
        ("units", lambda: cqc([], [])),
    ],
)
def test_what_cannot_be_estimated_is_refused(said: str, call: object) -> None:
    with pytest.raises(StatisticsError, match=said):
        call()  # type: ignore[operator]
