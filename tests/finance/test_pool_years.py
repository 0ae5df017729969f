"""A pool's simulated years: what the formulae say they must come to, and that a seed decides them alone."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest
from scipy import stats

from speccom.finance.pool_years import Chances, Simulated, simulate
from speccom.finance.pools import Arrangement, By, Kind, Member, PoolError, Weighting, terms
from speccom.insight.case_costs import CaseCosts
from speccom.insight.chance import YearCosts, coefficient_of_variation, pooled_variation

SPREAD = CaseCosts.of_moments(10_000, 1.7)
TABLE = CaseCosts.of_quantiles([0, 0.5, 0.9, 1], [100, 2_000, 20_000, 400_000])
BY_PATIENT = Arrangement(retention=Decimal(15_000))
BY_AREA = Arrangement(by=By.AREA, retention_share=Decimal("1.1"))
EVERYTHING = Arrangement(Kind.SHARE, weighting=Weighting.EXPECTED)
HALF = Arrangement(Kind.SHARE, part=Decimal("0.5"), weighting=Weighting.EXPECTED)
NEVER = 4.5
"""Standard errors that no honest number of some hundreds strays."""


def areas(*cases: float, cost: CaseCosts = SPREAD) -> list[Member]:
    return [Member(f"A{place}", f"Area {place}", each, cost) for place, each in enumerate(cases)]


def drawn(
    members: list[Member],
    arrangement: Arrangement,
    chances: Chances | None = None,
    simulations: int = 40_000,
    **others: int,
) -> Simulated:
    between = chances.between_years if chances else 0.0
    return simulate(
        members, terms(members, arrangement, between), arrangement, chances, simulations=simulations, **others
    )


@pytest.mark.parametrize("arrangement", [BY_PATIENT, BY_AREA, EVERYTHING, HALF], ids=str)
@pytest.mark.parametrize("cost", [SPREAD, TABLE, CaseCosts.alike(20_000)], ids=["gamma", "table", "alike"])
def test_what_is_handed_over_is_the_premium_within_monte_carlo_error(
    arrangement: Arrangement, cost: CaseCosts
) -> None:
    members = areas(2, 20, 45, 300, cost=cost)
    agreed = terms(members, arrangement)
    for each, outcome in zip(agreed, drawn(members, arrangement).outcomes, strict=True):
        assert abs(outcome.handed_over - float(each.premium)) < NEVER * outcome.handed_over_error + 0.01
        budget = float(each.expected_cost)
        assert abs(outcome.alone.mean - budget) < NEVER * outcome.alone.error("mean")
        assert abs(outcome.pooled.mean - budget) < NEVER * outcome.pooled.error("mean")


@pytest.mark.parametrize("correlation", [0.0, 0.4, 1.0])
def test_premiums_of_years_that_differ_are_within_monte_carlo_error_too(correlation: float) -> None:
    members = areas(8, 28, 60, 400)
    chances = Chances(0.03, correlation)
    for arrangement in (BY_PATIENT, Arrangement(by=By.AREA, retention_share=Decimal("1.25"))):
        agreed = terms(members, arrangement, 0.03)
        for each, outcome in zip(agreed, drawn(members, arrangement, chances).outcomes, strict=True):
            assert abs(outcome.handed_over - float(each.premium)) < NEVER * outcome.handed_over_error


@pytest.mark.parametrize("cases", [5.0, 28.0, 32.0, 400.0])
@pytest.mark.parametrize("between_years", [0.0, 0.03])
def test_a_year_alone_varies_as_the_formula_says(cases: float, between_years: float) -> None:
    for arrangement in (BY_PATIENT, EVERYTHING):
        [outcome] = drawn(areas(cases), arrangement, Chances(between_years, 0.4)).outcomes
        expected = float(coefficient_of_variation(cases, 1.7, between_years)) * cases * SPREAD.mean
        assert abs(outcome.alone.sd - expected) < NEVER * outcome.alone.error("sd") + 0.002 * expected


def test_percentiles_and_chances_are_those_of_the_exact_distribution() -> None:
    """Counts of ten expected cases: more than fifteen come with the chance that the design gives."""
    [outcome] = drawn(areas(10, cost=CaseCosts.alike(100)), EVERYTHING, simulations=100_000, q=0.55).outcomes
    assert abs(outcome.alone.over - 0.04874040) < NEVER * outcome.alone.error("over")
    counts = stats.poisson(10)
    for name, level in (("p5", 0.05), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
        assert getattr(outcome.alone, name) == 100 * counts.ppf(level)
    small = drawn(areas(12), EVERYTHING, simulations=100_000).outcomes[0].alone
    exact = YearCosts([12.0], SPREAD)
    assert abs(small.over - exact.chance_of_missing(0.05, side="over")[0]) < NEVER * small.error("over")
    assert abs(small.missed - exact.chance_of_missing(0.05)[0]) < NEVER * small.error("missed")


def test_the_shortfall_is_that_of_the_gamma_distribution() -> None:
    cases = 400.0
    shape = float(coefficient_of_variation(cases, 1.7)) ** -2
    scale = cases * SPREAD.mean / shape
    at = stats.gamma.ppf(0.95, shape)
    expected = stats.gamma.sf(at, shape + 1) * shape * scale / 0.05
    [outcome] = drawn(areas(cases), EVERYTHING, simulations=100_000).outcomes
    assert abs(outcome.alone.shortfall - expected) < NEVER * outcome.alone.error("shortfall")


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_equal_areas_pool_as_the_formula_says_and_what_they_have_in_common_does_not_pool_away(
    correlation: float,
) -> None:
    k, cases, between = 5, 60.0, 0.04
    found = drawn(areas(*[cases] * k), EVERYTHING, Chances(between, correlation), simulations=100_000)
    alone = float(coefficient_of_variation(cases, 1.7, between))
    of_costs = between * correlation / alone**2
    expected = float(pooled_variation(alone, k, of_costs))
    pooled = found.outcomes[0].pooled
    assert abs(pooled.sd / pooled.mean - expected) < NEVER * pooled.error("sd") / pooled.mean
    assert pooled.sd / pooled.mean >= (between * correlation) ** 0.5 * 0.99


def test_variation_between_years_stays_however_many_areas_pool() -> None:
    found = drawn(areas(*[500.0] * 20), EVERYTHING, Chances(0.01, 1.0))
    pooled = found.outcomes[0].pooled
    floor = (0.01 + (1 + 1.7**2) / 10_000) ** 0.5
    assert pooled.sd / pooled.mean == pytest.approx(floor, rel=0.03)


@pytest.mark.parametrize("arrangement", [BY_PATIENT, BY_AREA, EVERYTHING, HALF], ids=str)
def test_a_pool_of_one_area_equals_going_alone(arrangement: Arrangement) -> None:
    [outcome] = drawn(areas(25), arrangement, simulations=5_000).outcomes
    assert outcome.pooled == outcome.alone


def test_a_pool_of_everything_makes_all_areas_vary_alike() -> None:
    found = drawn(areas(3, 30, 300), EVERYTHING)
    shares = [each.pooled.sd / each.budget for each in found.outcomes]
    assert shares == pytest.approx([found.whole.sd / found.whole_budget] * 3)


@pytest.mark.parametrize("arrangement", [BY_PATIENT, BY_AREA, HALF], ids=str)
def test_the_same_seed_gives_the_same_years_for_any_workers_and_any_order_of_areas(
    arrangement: Arrangement,
) -> None:
    members = areas(4, 35, 90)
    chances = Chances(0.01, 0.5)
    one = drawn(members, arrangement, chances, simulations=43_000, workers=1)
    many = drawn(members[::-1], arrangement, chances, simulations=43_000, workers=4)
    assert asdict(one) == asdict(many)
    other = drawn(members, arrangement, chances, simulations=43_000, seed=2)
    assert other.outcomes[0].alone.mean != one.outcomes[0].alone.mean


def test_an_areas_own_years_do_not_depend_on_whom_it_pools_with() -> None:
    few, many = drawn(areas(4, 35), BY_PATIENT), drawn(areas(4, 35, 90, 200), BY_PATIENT)
    assert [each.alone for each in few.outcomes] == [each.alone for each in many.outcomes[:2]]


def test_progress_is_told_to_the_end() -> None:
    told: list[float] = []
    members = areas(4, 35)
    simulate(members, terms(members, BY_AREA), BY_AREA, simulations=50_000, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"simulations": 10}, "10 simulations were asked for"),
        ({"simulations": 10**9}, "to 10,000,000"),
        ({"seed": -1}, "-1 cannot be a seed"),
        ({"q": 0.0}, "share above zero"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked: dict[str, int], said: str) -> None:
    with pytest.raises(PoolError, match=said):
        drawn(areas(4), BY_PATIENT, **asked)


@pytest.mark.parametrize("chances", [(-0.1, 1.0), (float("nan"), 1.0), (0.1, 1.5), (0.1, -0.1)])
def test_years_that_cannot_be_are_refused(chances: tuple[float, float]) -> None:
    with pytest.raises(PoolError):
        Chances(*chances)
