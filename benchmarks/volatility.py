"""Volatility: ten thousand years of a national year's lines and areas, and a tier for every line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import Ratio, median_seconds
from speccom.insight.case_costs import CaseCosts
from speccom.insight.tiers import LADDER, UNITS, recommend
from speccom.insight.years import default_workers, simulate_years

SERVICE_LINES = 317
AREAS = 42
YEARS = 10_000
UNITS_OF = dict(zip(LADDER, (AREAS, 9, 7, 1), strict=True))

SIMULATE_SECONDS = 30.0
RECOMMEND_SECONDS = 10.0
# Against one gamma a cell: a Poisson number and a sum of that many costs where cases are few, and then
# adding up and sorting every pool.
GAMMAS_LIMIT = 8.0


@dataclass(frozen=True)
class _World:
    """Made-up volumes and costs: lines from twenty patients a year to a hundred thousand."""

    lines: list[str]
    cases: npt.NDArray[np.float64]
    costs: list[CaseCosts]
    footprints: dict[str, list[str]]


def main(lines: int) -> list[Ratio]:
    """Three ratios, of which two have seconds as their limit; none depends on `lines`."""
    world = _world()
    drawn = median_seconds(
        lambda: simulate_years(world.lines, world.cases, world.costs, world.footprints, seed=1), runs=1
    )
    plain = median_seconds(lambda: _plain_gammas(world), runs=1)
    table = _units(world)
    costs = dict(zip(world.lines, world.costs, strict=True))
    recommended = median_seconds(lambda: recommend(table, costs), runs=1)
    cells = f"{YEARS:,} years × {SERVICE_LINES} lines × {AREAS} areas"
    return [
        Ratio(f"simulate {cells}", drawn, SIMULATE_SECONDS, 1),
        Ratio("the same ÷ numpy drawing one gamma a cell", drawn, plain, GAMMAS_LIMIT),
        Ratio(f"recommend a tier for {SERVICE_LINES} lines", recommended, RECOMMEND_SECONDS, 1),
    ]


def _world() -> _World:
    random = np.random.default_rng(1)
    people = random.uniform(0.5, 2.5, AREAS)
    national = np.exp(random.uniform(np.log(20), np.log(100_000), SERVICE_LINES))
    twentieths = np.linspace(0, 1, 21)
    return _World(
        [f"line {number}" for number in range(SERVICE_LINES)],
        np.outer(national, people / people.sum()),
        [
            CaseCosts.of_quantiles(twentieths, np.sort(random.lognormal(8, 1, len(twentieths))))
            for _ in range(SERVICE_LINES)
        ],
        {name: [f"{area % number}" for area in range(AREAS)] for name, number in UNITS_OF.items()},
    )


def _plain_gammas(world: _World) -> None:
    """One standard gamma for each cell, a line at a time, on as many threads."""

    def draw(line: int) -> float:
        random = np.random.default_rng(line)
        return float(random.standard_gamma(world.cases[line][:, None], (AREAS, YEARS)).sum())

    with ThreadPoolExecutor(default_workers()) as pool:
        list(pool.map(draw, range(SERVICE_LINES)))


def _units(world: _World) -> pa.Table:
    rows = []
    for line, cases, costs in zip(world.lines, world.cases, world.costs, strict=True):
        for footprint, units in world.footprints.items():
            summed = np.zeros(UNITS_OF[footprint])
            np.add.at(summed, np.array(units, dtype=int), cases)
            rows += [
                (line, footprint, f"{unit}", own, own * costs.mean, 3.0, 0.1)
                for unit, own in enumerate(summed)
            ]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=UNITS)
