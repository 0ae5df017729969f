"""What areas of a pool keep, hand over and pay: the published checks, and the laws that no pool may break."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from speccom.finance.pool_costs import parted
from speccom.finance.pools import (
    Actual,
    Arrangement,
    By,
    Kind,
    Member,
    PoolError,
    Terms,
    Weighting,
    excess_of_year,
    settle,
    terms,
)
from speccom.insight import chance
from speccom.insight.case_costs import CaseCosts

PENNY = Decimal("0.01")
SPREAD = CaseCosts.of_moments(10_000, 1.7)
TABLE = CaseCosts.of_quantiles([0, 0.5, 0.9, 1], [100, 2_000, 20_000, 400_000])

costs = st.one_of(
    st.builds(CaseCosts.of_moments, st.floats(10, 1e6), st.one_of(st.just(0.0), st.floats(0.05, 4))),
    st.just(TABLE),
)


@st.composite
def members(draw: st.DrawFn, most: int = 6) -> list[Member]:
    """Areas that expect from a case in ten years to two thousand a year, all of one distribution or of their own."""
    number = draw(st.integers(1, most))
    shared = draw(costs)
    return [
        Member(
            f"A{place:02}",
            f"Area {place}",
            draw(st.floats(0.1, 2_000)),
            shared if draw(st.booleans()) else draw(costs),
            Decimal(draw(st.integers(1, 2_000_000))),
            Decimal(draw(st.integers(1, 1_000))),
        )
        for place in range(number)
    ]


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    others = (Weighting.EXPECTED, Weighting.POPULATION, Weighting.GIVEN)
    weighting = draw(st.sampled_from(others))
    if draw(st.booleans()):
        part = draw(st.decimals("0.01", 1, places=2))
        return Arrangement(Kind.SHARE, part=part, weighting=weighting)
    if draw(st.booleans()):
        share = draw(st.decimals(0, 2, places=2))
        return Arrangement(by=By.AREA, retention_share=share, weighting=weighting)
    by = draw(st.sampled_from(By))
    return Arrangement(by=by, retention=draw(st.decimals(0, 10**6, places=2)), weighting=weighting)


def area(code: str = "A", cases: float = 100.0, cost: CaseCosts = SPREAD, **others: Decimal) -> Member:
    return Member(code, f"Area {code}", cases, cost, **others)


def by_code(found: Sequence[Terms]) -> dict[str, Terms]:
    return {each.code: each for each in found}


# --- the checks of finance.md, on the functions that a pool is made of


@pytest.mark.parametrize(("cases", "variation", "expected"), [(100, 1, 0.141421), (1000, 2, 0.070711)])
def test_a_years_cost_varies_as_the_design_says(cases: float, variation: float, expected: float) -> None:
    assert chance.coefficient_of_variation(cases, variation) == pytest.approx(expected, abs=5e-7)


def test_more_than_fifteen_cases_of_ten_expected_are_as_rare_as_the_design_says() -> None:
    found = chance.chance_of_missing([10.0], CaseCosts.alike(1), 0.55, side="over")
    assert found[0] == pytest.approx(0.04874040, abs=5e-9)


def test_as_many_people_are_needed_as_the_design_says() -> None:
    z = 1.6448536269514722
    needed = chance.population_needed(1 / 10_000, 1.0, 0.05, 0.05)
    assert needed == pytest.approx(2 / (1e-4 * (0.05 / z) ** 2))


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_equal_areas_pool_as_the_design_says(correlation: float) -> None:
    expected = 0.2 * ((1 + 6 * correlation) / 7) ** 0.5
    assert chance.pooled_variation(0.2, 7, correlation) == pytest.approx(expected)
    assert chance.pooled_variation_of_areas([0.2] * 7, [1] * 7, correlation) == pytest.approx(expected)


# --- premiums


def test_a_premium_by_patient_is_cases_times_what_a_case_costs_above_the_retention() -> None:
    held = CaseCosts.of_quantiles([0, 0.5, 0.5, 1], [10, 10, 50, 50])
    [found] = terms([area(cases=8, cost=held)], Arrangement(retention=Decimal(20)))
    assert (found.expected_cost, found.premium, found.retained) == (240, 120, 120)


def test_a_premium_by_area_of_cases_alike_is_that_of_the_poisson_distribution() -> None:
    for cases, limit in ((10.0, 15.0), (10.0, 7.5), (50.0, 60.0), (0.3, 1.0)):
        counts = np.arange(2_000)
        expected = (stats.poisson.pmf(counts, cases) * np.maximum(counts - limit, 0)).sum() * 100
        found = excess_of_year(area(cases=cases, cost=CaseCosts.alike(100)), limit * 100)
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_a_premium_by_area_of_many_cases_is_that_of_the_gamma_distribution() -> None:
    cases, variation = 400.0, ((1 + 1.7**2) / 400) ** 0.5
    for times in (0.8, 1.0, 1.2):
        limit = times * cases * 10_000
        shape = variation**-2
        scale = cases * 10_000 / shape
        tail = stats.gamma.sf(limit / scale, shape + 1) * cases * 10_000
        expected = tail - limit * stats.gamma.sf(limit / scale, shape)
        assert excess_of_year(area(cases=cases), limit) == pytest.approx(expected, rel=1e-9)


def test_a_premium_by_area_of_so_many_cases_that_only_years_differ_is_that_of_their_rates() -> None:
    """Where chance is nothing, the year is its rate: a gamma variable of mean 1 and the variance between years."""
    between = 0.04
    shape = 1 / between
    for times in (0.9, 1.0, 1.3):
        expected = stats.gamma.sf(times * shape, shape + 1) - times * stats.gamma.sf(times * shape, shape)
        found = excess_of_year(area(cases=1e7), times * 1e11, between)
        assert found == pytest.approx(expected * 1e11, rel=1e-3)


@pytest.mark.parametrize("cases", [3.0, 29.0, 31.0, 500.0])
def test_over_and_under_a_retention_for_the_year_part_the_expected_cost(cases: float) -> None:
    """Just below and above the mean, where one integral takes over from the other, they agree."""
    mean = cases * SPREAD.mean
    below, above = (excess_of_year(area(cases=cases), mean * times) for times in (0.99999, 1.00001))
    assert below == pytest.approx(above, rel=1e-3)


@given(members(), st.floats(0, 1e5), st.floats(1, 3), st.sampled_from(By))
@settings(max_examples=40, deadline=None)
def test_a_higher_retention_never_raises_a_premium(
    held: list[Member], retention: float, times: float, by: By
) -> None:
    low, high = Decimal(round(retention, 2)), Decimal(round(retention * times + 1, 2))
    shared = Weighting.EXPECTED
    lower = terms(held, Arrangement(by=by, retention=low, weighting=shared))
    higher = terms(held, Arrangement(by=by, retention=high, weighting=shared))
    for one, other in zip(lower, higher, strict=True):
        # By area the chance of passing each pound is added up in steps, so a hair is lost or won.
        hair = one.expected_cost * Decimal("0.0005") if by == By.AREA else Decimal(0)
        assert other.premium <= one.premium + hair


@given(members(), arrangements(), st.sampled_from([0.0, 0.02]))
@settings(max_examples=60, deadline=None)
def test_premiums_and_what_is_retained_are_the_expected_cost_and_contributions_the_premiums(
    held: list[Member], arrangement: Arrangement, between_years: float
) -> None:
    found = terms(held, arrangement, between_years)
    for each in found:
        assert each.retained + each.premium == each.expected_cost
        assert 0 <= each.premium <= each.expected_cost
        assert each.transfer == each.premium - each.contribution
    assert sum(each.contribution for each in found) == sum(each.premium for each in found)
    assert sum(each.transfer for each in found) == 0
    assert sum(each.share for each in found) == Fraction(1)


@given(members())
@settings(max_examples=30, deadline=None)
def test_what_is_retained_by_patient_is_cases_times_the_limited_expected_cost(held: list[Member]) -> None:
    found = by_code(terms(held, Arrangement(retention=Decimal(5_000), weighting=Weighting.EXPECTED)))
    for each in held:
        kept = float(chance.retained_cost(each.expected_cases, each.costs, 5_000.0))
        assert float(found[each.code].retained) == pytest.approx(kept, abs=0.011)


@given(members(), arrangements(), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_areas_does_not_matter(
    held: list[Member], arrangement: Arrangement, random: object
) -> None:
    mixed = list(held)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert terms(mixed, arrangement) == terms(held, arrangement)


# --- settlements


@given(members(), arrangements(), st.data())
@settings(max_examples=80, deadline=None)
def test_settlements_sum_to_nothing_to_the_penny(
    held: list[Member], arrangement: Arrangement, data: st.DataObject
) -> None:
    pounds = st.decimals(0, 10**9, places=8)
    agreed = terms(held, arrangement)
    actual = {each.code: Actual(data.draw(pounds), data.draw(pounds)) for each in held}
    found = settle(agreed, arrangement, actual)
    assert sum(each.settlement for each in found) == 0
    assert sum(each.pays for each in found) == sum(each.handed_over for each in found)
    assert sum(each.cost_after for each in found) == sum(each.cost for each in found)
    for each in found:
        assert each.settlement == each.settlement.quantize(PENNY)
        assert each.cost_after == each.cost - each.settlement
        exact = each.share * Fraction(sum(other.handed_over for other in found))
        assert abs(Fraction(each.pays) - exact) < Fraction(1, 100)


def test_the_odd_penny_goes_to_the_largest_remainder_then_to_the_code_that_sorts_first() -> None:
    held = [area(code, share=Decimal(1)) for code in ("C", "A", "B")]
    arrangement = Arrangement(Kind.SHARE, weighting=Weighting.GIVEN)
    actual = {"A": Actual(Decimal("0.00")), "B": Actual(Decimal("1.00")), "C": Actual(Decimal("1.00"))}
    found = {each.code: each.pays for each in settle(terms(held, arrangement), arrangement, actual)}
    assert found == {"A": Decimal("0.67"), "B": Decimal("0.67"), "C": Decimal("0.66")}


def test_a_settlement_by_hand() -> None:
    """Two areas share by premium, 3 to 1; of a year one hands over 100, the other nothing."""
    held = [area("A", 30), area("B", 10)]
    arrangement = Arrangement(retention=Decimal(20_000))
    agreed = terms(held, arrangement)
    actual = {"A": Actual(Decimal(1_000), Decimal(100)), "B": Actual(Decimal(500), Decimal(0))}
    first, second = settle(agreed, arrangement, actual)
    assert (first.pays, first.settlement, first.cost_after) == (75, 25, 975)
    assert (second.pays, second.settlement, second.cost_after) == (25, -25, 525)


@given(members(most=1), arrangements(), st.decimals(0, 10**8, places=2))
@settings(max_examples=30, deadline=None)
def test_a_pool_of_one_area_settles_nothing(
    held: list[Member], arrangement: Arrangement, cost: Decimal
) -> None:
    [found] = settle(terms(held, arrangement), arrangement, {held[0].code: Actual(cost, cost)})
    assert found.settlement == 0
    assert found.cost_after == found.cost


# --- a case parted at the retention


@pytest.mark.parametrize("cost", [SPREAD, TABLE, CaseCosts.alike(500), CaseCosts.observed([5, 5, 900])])
@pytest.mark.parametrize("retention", [0.0, 4.0, 5.0, 500.0, 2_000.0, 20_000.0, 400_000.0, 1e9])
def test_a_case_parted_at_a_retention_keeps_its_mean_on_both_sides(cost: CaseCosts, retention: float) -> None:
    found = parted(cost, retention)
    below = found.below.mean * (1 - found.chance) if found.below else 0.0
    beyond = found.beyond.mean * found.chance if found.beyond else 0.0
    assert below + retention * found.chance == pytest.approx(float(cost.retained(retention)), rel=1e-6)
    assert beyond == pytest.approx(float(cost.excess(retention)), rel=1e-6, abs=1e-6 * cost.mean)


def test_a_gamma_distribution_put_in_bands_keeps_its_variance_nearly() -> None:
    found = parted(SPREAD, 10_000.0)
    assert found.below is not None
    assert found.beyond is not None
    square = (1 - found.chance) * found.below.mean**2 * (1 + found.below.variation**2)
    beyond = found.beyond.mean**2 * (1 + found.beyond.variation**2)
    square += found.chance * (beyond + 2 * 10_000 * found.beyond.mean + 10_000**2)
    assert square == pytest.approx(SPREAD.mean**2 * (1 + SPREAD.variation**2), rel=2e-3)


# --- what is refused


@pytest.mark.parametrize(
    ("given_to", "said"),
    [
        ({"retention": Decimal(-1)}, "The retention is -1: give zero or more"),
        ({"retention": Decimal("nan")}, "The retention is NaN"),
        ({}, "needs one retention"),
        ({"retention": Decimal(1), "retention_share": Decimal(1)}, "2 were given"),
        ({"retention_share": Decimal("1.1")}, "only one for each area can be a share"),
        ({"kind": Kind.SHARE, "retention": Decimal(1), "weighting": Weighting.EXPECTED}, "no retention"),
        ({"kind": Kind.SHARE, "part": Decimal(2), "weighting": Weighting.EXPECTED}, "is 2: give more than 0"),
        ({"kind": Kind.SHARE}, "no premium to share by"),
    ],
)
def test_an_arrangement_whose_numbers_clash_is_refused_in_words(
    given_to: dict[str, object], said: str
) -> None:
    with pytest.raises(PoolError, match=said):
        Arrangement(**given_to)  # type: ignore[arg-type]


def test_areas_of_which_nothing_can_be_pooled_are_refused_by_name() -> None:
    high = Arrangement(retention=Decimal(10**12))
    plain = Arrangement(retention=Decimal(100))
    by_people = Arrangement(retention=Decimal(100), weighting=Weighting.POPULATION)
    for held, arrangement, said in (
        ([], plain, "one area at least"),
        ([area("A"), area("A")], plain, "A is in the pool twice"),
        ([area("A", 0.0)], plain, "expects 0.0 cases a year"),
        ([area("A", float("nan"))], plain, "expects nan cases"),
        ([area("A")], high, "Nothing is expected above the retention of £1,000,000,000,000.00"),
        ([area("A"), area("B", population=Decimal(5))], by_people, "population, which is not known of A"),
        ([area("A", population=Decimal(-5))], by_people, "share of A is below zero"),
        ([area("A", population=Decimal(0))], by_people, "are all zero"),
    ):
        with pytest.raises(PoolError, match=said.replace("(", r"\(")):
            terms(held, arrangement)


def test_a_year_without_one_of_the_areas_cannot_be_settled() -> None:
    arrangement = Arrangement(retention=Decimal(100))
    agreed = terms([area("A"), area("B")], arrangement)
    with pytest.raises(PoolError, match="no actual cost of B"):
        settle(agreed, arrangement, {"A": Actual(Decimal(1), Decimal(1))})
    with pytest.raises(PoolError, match="needs the pounds above it"):
        settle(agreed, arrangement, {code: Actual(Decimal(1)) for code in "AB"})
