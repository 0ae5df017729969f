"""The chance that a year's cost misses what was expected, at the footprints before a scenario and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from speccom.engine import run_steps
from speccom.finance.scenarios.boards import Boards, last_day
from speccom.finance.scenarios.moves import TIER_OF_POT, Resolved, at, first_pot
from speccom.finance.scenarios.run import Ran
from speccom.insight.asked import EVERYTHING
from speccom.insight.case_costs import CaseCosts
from speccom.insight.chance import YearCosts
from speccom.insight.opened import opened
from speccom.insight.tiers import Thresholds
from speccom.insight.volatility import FEWEST_YEARS, between_years
from speccom.insight.yearly import case_costs, yearly
from speccom.ledger.summaries import summaries, years_held
from speccom.workspace import Workspace

FEWEST = 0.5
"""Patients a year of a line, over all its boards, below which it has no chance to tell."""


@dataclass(frozen=True, slots=True)
class LineChance:
    """A line before and after: its rungs, how many units, and the chance of missing by more than q, weighted by cases.

    `fewest` are the patients of the unit with the fewest.
    """

    line: str
    patients: float
    spend: float
    rungs_before: tuple[str, ...]
    rungs_after: tuple[str, ...]
    units_before: int
    units_after: int
    chance_before: float
    chance_after: float
    variation_before: float
    variation_after: float
    fewest: float


def chances(workspace: Workspace, ran: Ran, q: float | None = None) -> list[LineChance]:
    """Every line whose footprint a scenario changes, those whose chance changes most first.

    The unit of a line for the people of a board is the board where the board holds it, the joint committee's area
    where several plan it together, the region where NHS England holds it, and England where it is central. Cases
    are Poisson, each costs as a case of the line does, and from `FEWEST_YEARS` whole years on years differ by the
    variance that tiers are decided by. Where only boards change, units that stay as they were are left out. Over
    the months held of the base year.
    """
    share = Thresholds().q if q is None else q
    with summaries(workspace, [ran.scenario.base_year]) as (engine, _):
        run_steps(engine, __package__, ["scenario_cases", "scenario_bands"])
        rows = engine.fetch("select * from scenario_cases").to_pylist()
        costs = case_costs(engine.fetch("select * from scenario_bands").to_pylist())
    cases: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["icb"] in ran.boards.base and row["service_line"] in ran.register.lines:
            cases[row["service_line"]][row["icb"]] = float(row["patients"])
    shared = _between_years(workspace, ran)
    found = [
        each
        for line, own in sorted(cases.items())
        if line in costs and line.startswith("NCBPS") and sum(own.values()) >= FEWEST
        for each in _of_line(ran, line, own, costs[line], shared.get(line, 0.0), share)
    ]
    return sorted(found, key=lambda each: (-abs(each.chance_after - each.chance_before), each.line))


def _between_years(workspace: Workspace, ran: Ran) -> Mapping[str, float]:
    """Of each line how years differ beyond chance, over all that the ledger holds; read only where they are enough."""
    held = years_held(ran.cells.manifest)
    if len(held) < FEWEST_YEARS:
        return {}
    with opened(workspace, EVERYTHING, held, None, ran.register) as asked:
        return between_years(yearly(asked, even=True))


def _of_line(
    ran: Ran, line: str, cases: Mapping[str, float], costs: CaseCosts, between_year: float, q: float
) -> Iterable[LineChance]:
    """A line's chances, or nothing where its footprints stay as they were."""
    then, on = last_day(ran.scenario.base_year), last_day(ran.last.year)
    before = _units(ran, line, cases, then, ())
    after = _units(ran, line, cases, on, ran.moves)
    same = {unit for unit, held in before.items() if after.get(unit) == held}
    before = {unit: held for unit, held in before.items() if unit not in same}
    after = {unit: held for unit, held in after.items() if unit not in same}
    if not before:
        return
    rates = np.array([*(rate for rate, _ in before.values()), *(rate for rate, _ in after.values())])
    years = YearCosts(rates, costs, between_year=between_year)
    missed, varied = years.chance_of_missing(q), years.variation
    parted = len(before)
    yield LineChance(
        line,
        float(rates[:parted].sum()),
        float(rates[:parted].sum() * costs.mean),
        tuple(sorted({rung for rung, _ in before})),
        tuple(sorted({rung for rung, _ in after})),
        parted,
        len(after),
        float(np.average(missed[:parted], weights=rates[:parted])),
        float(np.average(missed[parted:], weights=rates[parted:])),
        float(np.average(varied[:parted], weights=rates[:parted])),
        float(np.average(varied[parted:], weights=rates[parted:])),
        float(rates.min()),
    )


def _units(
    ran: Ran, line: str, cases: Mapping[str, float], on: date, moves: tuple[Resolved, ...]
) -> dict[tuple[str, str], tuple[float, frozenset[str]]]:
    """(rung, unit) → patients a year and the boards of the base year that they are of."""
    boards: Boards = ran.boards
    found: dict[tuple[str, str], tuple[float, frozenset[str]]] = {}
    base = last_day(ran.scenario.base_year)
    for board, patients in cases.items():
        if not patients:
            continue
        pot = first_pot(ran.register, boards, line, board, base)
        for heir in boards.followed(board, on):
            region = boards.region(heir.board)
            rung = (
                at(moves, line, pot, heir.known_as, region, on)[1]
                if moves
                else TIER_OF_POT.get(pot, "england")
            )
            unit = {
                "icb": heir.board,
                "multi_icb": boards.committee(heir.board),
                "region": region,
                "england": "ENG",
            }[rung]
            held, of = found.get((rung, unit), (0.0, frozenset()))
            found[rung, unit] = (held + patients * float(heir.share), of | {board})
    return found
