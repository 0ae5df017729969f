"""A year's cost by chance alone: published checks, exact cases, brute force, and the laws of pooling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from speccom.insight.case_costs import CaseCosts, ChanceError
from speccom.insight.chance import (
    YearCosts,
    chance_of_missing,
    coefficient_of_variation,
    pooled_variation,
    pooled_variation_of_areas,
    pooling_gain,
    population_needed,
    premium,
    retained_cost,
)

HEAVY = CaseCosts.of_quantiles([0, 0.5, 0.9, 0.99, 1], [200, 1_000, 4_000, 20_000, 60_000])


def test_the_published_variations_come_out():
    assert coefficient_of_variation(100, 1) == pytest.approx(0.141421, abs=5e-7)
    assert coefficient_of_variation(1000, 2) == pytest.approx(0.070711, abs=5e-7)


def test_the_published_chance_of_more_than_fifteen_of_ten_cases_comes_out():
    chance = chance_of_missing(10, CaseCosts.alike(750.0), 0.5, side="over")
    assert float(chance) == pytest.approx(0.04874040, abs=5e-9)


def test_what_differs_between_years_does_not_pool_away():
    assert coefficient_of_variation(1e9, 1, 0.0004) == pytest.approx(0.02, abs=1e-6)


def test_nothing_expected_has_no_variation_and_no_chance():
    assert np.isnan(coefficient_of_variation(0, 1))
    assert np.isnan(chance_of_missing([0, np.nan], HEAVY, 0.05)).all()


def test_the_population_needed_is_the_one_at_which_the_normal_tail_is_alpha():
    people = population_needed(0.002, 1.5, 0.05, 0.05)
    variation = coefficient_of_variation(people * 0.002, 1.5)
    assert stats.norm.sf(0.05 / variation) == pytest.approx(0.05)


def test_no_population_is_enough_where_years_differ_by_more_than_q_allows():
    assert np.isnan(population_needed(0.002, 1.5, 0.05, 0.05, between_year=0.01))
    assert np.isnan(population_needed(0.0, 1.5, 0.05, 0.05))


@pytest.mark.parametrize("between_year", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("cases", [0.3, 4.0, 25.0, 400.0])
def test_cases_alike_are_counted_exactly(cases, between_year):
    counts = np.arange(20_000)
    if between_year:
        chances = stats.nbinom.pmf(counts, 1 / between_year, 1 / (1 + cases * between_year))
    else:
        chances = stats.poisson.pmf(counts, cases)
    expected = chances[np.abs(counts - cases) > 0.2 * cases + 1e-9].sum()
    found = chance_of_missing(cases, CaseCosts.alike(900.0), 0.2, between_year=between_year)
    assert float(found) == pytest.approx(expected, abs=1e-10)


def test_a_year_that_is_exactly_q_away_has_not_missed_by_more_than_q():
    # Expected 10; 11 and 9 are 10% away, although 1.1 × 10 is not 11 to a computer.
    expected = 1 - stats.poisson.pmf([9, 10, 11], 10).sum()
    assert float(chance_of_missing(10, CaseCosts.alike(1.0), 0.1)) == pytest.approx(expected)


@pytest.mark.parametrize("between_year", [0.0, 0.2])
@pytest.mark.parametrize("variation", [0.4, 1.0, 2.0])
@pytest.mark.parametrize("cases", [0.5, 6.0, 29.0])
def test_the_grid_agrees_with_sums_of_gamma_costs_worked_out_case_by_case(cases, variation, between_year):
    shape, counts = variation**-2, np.arange(1, 3_000)
    if between_year:
        chances = stats.nbinom.pmf(counts, 1 / between_year, 1 / (1 + cases * between_year))
    else:
        chances = stats.poisson.pmf(counts, cases)
    none = 1 - chances.sum()
    above = chances @ special.gammaincc(counts * shape, 1.2 * cases * shape)
    below = none + chances @ special.gammainc(counts * shape, 0.8 * cases * shape)
    costs = CaseCosts.of_moments(3_000.0, variation)
    for side, expected in (("over", above), ("under", below), ("either", above + below)):
        found = chance_of_missing(cases, costs, 0.2, side=side, between_year=between_year)
        assert float(found) == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("between_year", [0.0, 0.1])
@pytest.mark.parametrize("cases", [1.5, 12.0, 29.0, 60.0])
def test_a_table_of_costs_agrees_with_brute_force(cases, between_year):
    random = np.random.default_rng(7)
    years = 40_000
    rates = cases * (random.gamma(1 / between_year, between_year, years) if between_year else 1.0)
    counts = random.poisson(rates, years)
    drawn = np.interp(random.random(counts.sum()), HEAVY.probabilities, HEAVY.values)
    sums = np.bincount(np.repeat(np.arange(years), counts), drawn, minlength=years)
    expected = np.mean(np.abs(sums - cases * HEAVY.mean) > 0.25 * cases * HEAVY.mean)
    found = float(chance_of_missing(cases, HEAVY, 0.25, between_year=between_year))
    # Four standard errors; and the fit from thirty cases on is a fit, near this heavy a tail.
    fit = 0.015 if cases >= 30 else 0.0
    assert found == pytest.approx(expected, abs=4 * (expected * (1 - expected) / years) ** 0.5 + fit)


def test_a_finer_grid_changes_little():
    coarse, fine = (YearCosts([2.0, 20.0], HEAVY, points=points) for points in (2**13, 2**16))
    assert fine.step < coarse.step / 7
    assert coarse.chance_of_missing(0.1) == pytest.approx(fine.chance_of_missing(0.1), abs=1e-3)


def test_a_grid_keeps_the_mean_and_adds_no_more_variance_than_it_says():
    step, points = 0.01, 2**13
    chances = HEAVY.relative_chances(step, points)
    at = np.arange(points) * step
    assert chances.sum() == pytest.approx(1)
    assert chances @ at == pytest.approx(1)
    added = chances @ (at - 1) ** 2 - HEAVY.variation**2
    assert 0 <= added <= step**2 / 4


@settings(deadline=None)
@given(
    st.floats(0.05, 500),
    st.floats(0, 3),
    st.floats(0.01, 0.4),
    st.floats(1.01, 2),
    st.sampled_from([0.0, 0.02, 0.3]),
)
def test_a_wider_q_is_never_missed_more_often(cases, variation, q, wider, between_year):
    years = YearCosts([cases], CaseCosts.of_moments(1_000, variation), between_year=between_year)
    narrow, wide = years.chance_of_missing(q)[0], years.chance_of_missing(q * wider)[0]
    assert 0 <= wide <= narrow + 1e-12
    assert narrow <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 2), st.floats(0.1, 100)), min_size=1, max_size=12))
def test_pooling_independent_areas_never_raises_variation(areas):
    cvs, weights = map(np.array, zip(*areas, strict=True))
    pool = pooled_variation_of_areas(cvs, weights)
    alone = np.average(cvs, weights=weights)
    assert pool <= alone * (1 + 1e-12)
    assert pool >= alone / len(areas) ** 0.5 * (1 - 1e-12)
    assert -1e-12 <= pooling_gain(pool, cvs, weights) <= 1 - len(areas) ** -0.5 + 1e-12


@settings(deadline=None)
@given(st.floats(0.01, 2), st.integers(1, 40), st.floats(0, 1))
def test_equal_areas_pool_alike_by_either_formula(cv, areas, correlation):
    equal = pooled_variation(cv, areas, correlation)
    assert pooled_variation_of_areas([cv] * areas, [3.0] * areas, correlation) == pytest.approx(equal)
    assert cv / areas**0.5 * (1 - 1e-9) <= equal <= cv * (1 + 1e-9)


def test_pooled_poisson_areas_vary_as_their_sum_does():
    cases = np.array([3.0, 11.0, 40.0])
    pool = pooled_variation_of_areas(coefficient_of_variation(cases, 1.3), cases)
    assert pool == pytest.approx(coefficient_of_variation(cases.sum(), 1.3))


def test_areas_wholly_correlated_gain_nothing():
    pool = pooled_variation_of_areas([0.1, 0.3], [1, 1], 1.0)
    assert pooling_gain(pool, [0.1, 0.3], [1, 1]) == pytest.approx(0)


@settings(deadline=None)
@given(st.lists(st.floats(0, 50_000), min_size=2, max_size=30).filter(lambda costs: max(costs) > 1))
def test_what_stays_and_what_the_pool_pays_add_up_to_each_case(costs):
    own = CaseCosts.observed(costs)
    limits = np.array([0.0, 10.0, np.median(costs), max(costs), 1e6])
    brute = [np.minimum(costs, limit).mean() for limit in limits]
    assert own.retained(limits) == pytest.approx(brute, rel=1e-9, abs=1e-9)
    assert own.retained(limits) + own.excess(limits) == pytest.approx(own.mean, rel=1e-9)


def test_premiums_of_a_pool_are_what_lies_above_the_limit():
    own = CaseCosts.observed([1_000, 2_000, 9_000])
    assert premium(6, own, 5_000) == pytest.approx(6 * 4_000 / 3)
    assert retained_cost(6, own, 5_000) == pytest.approx(6 * 8_000 / 3)


@pytest.mark.parametrize("costs", [CaseCosts.of_moments(2_000, 1.4), HEAVY, CaseCosts.alike(500)])
def test_drawn_case_costs_have_the_moments_and_the_excess_that_are_stated(costs):
    drawn = costs.mean * costs.relative_sums(np.ones(400_000, dtype=np.int64), np.random.default_rng(3))
    assert drawn.mean() == pytest.approx(costs.mean, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(costs.variation, rel=0.02)
    assert np.maximum(drawn - 3_000, 0).mean() == pytest.approx(float(costs.excess(3_000)), rel=0.03)


def test_costs_that_differ_by_rounding_only_are_alike():
    third = 1_000 / 3
    for costs in (CaseCosts.observed([third] * 7), CaseCosts.of_moments(third, 1e-12)):
        assert costs.variation == 0
        assert chance_of_missing(10, costs, 0.5, side="over") == pytest.approx(0.04874040, abs=5e-9)


def test_observed_costs_have_their_own_mean_and_variation():
    found = [120.0, 80.0, 450.0, 450.0, 2_000.0]
    own = CaseCosts.observed(found)
    assert own.mean == pytest.approx(np.mean(found))
    assert own.variation == pytest.approx(np.std(found) / np.mean(found))
    drawn = own.mean * own.relative_sums(np.ones(500, dtype=np.int64), np.random.default_rng(1))
    assert np.unique(drawn.round(6)) == pytest.approx(np.unique(found))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: CaseCosts.observed([5_000.0]), "cannot be told from 1"),
        (lambda: CaseCosts.observed([-1.0, 2.0]), "credits"),
        (lambda: CaseCosts.of_moments(0, 1), "above zero"),
        (lambda: CaseCosts.of_moments(10, np.inf), "zero or more"),
        (lambda: CaseCosts.of_quantiles([0, 0.95], [1, 2]), "rise from 0 to 1"),
        (lambda: CaseCosts.of_quantiles([0, 1], [2, 1]), "rise from zero"),
        (lambda: CaseCosts.of_quantiles([0, 1], [0, 0]), "rise from zero"),
        (lambda: CaseCosts.of_quantiles([0], [0]), "two probabilities"),
        (lambda: coefficient_of_variation(-1, 1), "expected cases"),
        (lambda: coefficient_of_variation(np.inf, 1), "finite"),
        (lambda: chance_of_missing(5, HEAVY, 0), "above zero"),
        (lambda: chance_of_missing(5, HEAVY, 0.1, side="both"), "either, over or under"),
        (lambda: population_needed(0.1, 1, 0.05, 0.6), "between 0 and a half"),
        (lambda: pooled_variation(0.1, 3, -0.9), "correlated"),
        (lambda: pooled_variation(0.1, 0), "one area"),
        (lambda: pooled_variation_of_areas([0.1, 0.2], [0, 0]), "weight"),
        (lambda: pooled_variation_of_areas([0.1, 0.2], [1, 1], 1.2), "correlated"),
    ],
)
def test_numbers_of_which_no_chance_can_be_computed_are_refused(make, says):
    with pytest.raises(ChanceError, match=says):
        make()
