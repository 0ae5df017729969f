"""Risk pools: a million years of one pool of areas, terms for England, and a settlement to the penny."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import numpy as np

from benchmarks import Ratio, median_seconds
from speccom.finance.pool_years import Chances, simulate
from speccom.finance.pools import Actual, Arrangement, By, Member, settle, terms
from speccom.insight.case_costs import CaseCosts
from speccom.insight.years import default_workers

SIMULATIONS = 1_000_000
AREAS, ENGLAND = 11, 42
SIMULATE_SECONDS = 20.0
TERMS_SECONDS = 1.0
# Against two gammas an area-year, sorted once each: Poisson numbers and sums of that many costs where cases are few,
# and every number of every area with its error.
GAMMAS_LIMIT = 8.0


def main(lines: int) -> list[Ratio]:
    """Ratios, two of which have seconds as their limit; none depends on `lines`.

    One simulation is one year of one pool: a cost of each of its areas, what each hands over, and what each pays.
    """
    members = _members(AREAS)
    arrangement = Arrangement(retention=Decimal(20_000))
    chances = Chances(0.01, 1.0)
    agreed = terms(members, arrangement, chances.between_years)
    drawn = median_seconds(
        lambda: simulate(members, agreed, arrangement, chances, simulations=SIMULATIONS), runs=1
    )
    plain = median_seconds(lambda: _plain_gammas(members), runs=1)
    england = _members(ENGLAND)
    by_area = Arrangement(by=By.AREA, retention_share=Decimal("1.1"))
    paid = {each.code: Actual(Decimal(1_234_567), Decimal("7654.32")) for each in england}
    cells = f"{SIMULATIONS:,} years of a pool of {AREAS} areas"
    return [
        Ratio(f"simulate {cells}", drawn, SIMULATE_SECONDS, 1),
        Ratio("the same ÷ numpy drawing and sorting two gammas an area and year", drawn, plain, GAMMAS_LIMIT),
        Ratio(
            f"premiums of {ENGLAND} areas' years and their settlement",
            median_seconds(lambda: settle(terms(england, by_area, 0.01), by_area, paid)),
            TERMS_SECONDS,
            1,
        ),
    ]


def _members(number: int) -> list[Member]:
    """Areas that expect from four to four hundred cases a year, evenly in logarithms."""
    costs = CaseCosts.of_moments(10_000, 1.7)
    expected = np.geomspace(4, 400, number)
    return [
        Member(f"A{place:02}", f"Area {place}", float(cases), costs) for place, cases in enumerate(expected)
    ]


def _plain_gammas(members: list[Member]) -> None:
    """Two standard gammas for each area and year, sorted, an area at a time, on as many threads."""

    def draw(place: int) -> float:
        random, cases = np.random.default_rng(place), members[place].expected_cases
        return sum(float(np.sort(random.standard_gamma(cases, SIMULATIONS))[0]) for _ in range(2))

    with ThreadPoolExecutor(default_workers()) as pool:
        list(pool.map(draw, range(len(members))))
