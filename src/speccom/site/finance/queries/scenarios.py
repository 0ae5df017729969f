"""What the library is asked for the pages of scenarios: what everybody may see, remembered for each ledger."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from speccom.finance.explained import Explained
from speccom.finance.scenarios import Ran, Scenario, ScenarioError, find, kept, name_of, run, shipped
from speccom.finance.scenarios.chances import LineChance, chances
from speccom.finance.scenarios.explained import explain, explain_difference, explain_row
from speccom.finance.scenarios.public import check_public, withheld_boards
from speccom.finance.scenarios.results import areas_of, changes_of, compare, volatility_of
from speccom.insight.result import Result
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.site.core.library import register, remembered
from speccom.site.finance.queries import bases

REMEMBERED = 12
FEWEST = 8
"""Patients that every unit of a line has at least, where its chance is shown: a chance tells their number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A scenario that everybody may see, and its tables; `withheld` lines have units of few patients."""

    ran: Ran
    areas: Result
    changes: Result
    volatility: Result
    withheld: int


def held_scenarios() -> Mapping[str, Scenario]:
    """Every scenario that there is to see, by its hash: those that ship, then those that were saved."""
    found = {each.hash: each for each in shipped().values()}
    for wanted in kept(settings.WORKSPACE):
        with suppress(ScenarioError):  # a file that was changed by hand is none of ours any more
            found.setdefault(wanted, find(settings.WORKSPACE, wanted))
    return found


def scenario(wanted: str) -> Scenario:
    """One of them, by its hash or shipped name. Raises `ScenarioError`."""
    return find(settings.WORKSPACE, wanted)


def answer(held: Manifest, asked: Scenario) -> Answer:
    """A scenario's tables. Raises `ScenarioError` and the library's refusals, and `ScenarioWithheld`."""
    return _answer(asked, held.built)


def check(asked: Scenario) -> None:
    """Raises as `answer` does where a scenario cannot be run and shown; nothing else is kept."""
    answer(require_manifest(settings.WORKSPACE), asked)


def named(asked: Scenario) -> str:
    """What a scenario's address is made of: its hash, or all of it where nobody keeps it. Raises `ScenarioError`."""
    return name_of(settings.WORKSPACE, asked)


def compared(held: Manifest, one: Scenario, two: Scenario) -> Result:
    """Two scenarios that everybody may see, side by side."""
    return compare(answer(held, one).ran, answer(held, two).ran)


def explained(held: Manifest, asked: Scenario, area: str, year: str, number: str) -> Explained:
    """One number of a board in a year."""
    return explain(answer(held, asked).ran, area, year, number)


def explained_row(held: Manifest, asked: Scenario, table: str, row: int, number: str) -> Explained:
    """One number of a row of the tables of money, changes and chances."""
    found = answer(held, asked)
    result = found.changes if table == "changes" else found.volatility
    return explain_row(found.ran, result, table, row, number)


def explained_difference(held: Manifest, asked: Scenario, other: Scenario, area: str, year: str) -> Explained:
    """What a board is given in one scenario less what it is given in another."""
    return explain_difference(answer(held, asked).ran, answer(held, other).ran, area, year)


def fingerprint(held: Manifest, asked: Scenario) -> str:
    """What the ledger's base year is known by: another content has another."""
    of_year = {each.financial_year: each.fingerprint for each in held.summaries}
    return of_year.get(asked.base_year.code, "")[:12]


@remembered(REMEMBERED)
def _answer(asked: Scenario, built: datetime) -> Answer:
    ran = run(settings.WORKSPACE, asked, register())
    manifest = ran.cells.manifest
    lost = withheld_boards(
        settings.WORKSPACE, manifest, asked.base_year, lambda: bases.hidden(manifest, asked.base_year)["icb"]
    )
    check_public(settings.WORKSPACE, ran, lost)
    found = chances(settings.WORKSPACE, ran)
    shown = [_rounded(each) for each in found if each.fewest >= FEWEST]
    return Answer(ran, areas_of(ran), changes_of(ran), volatility_of(ran, shown), len(found) - len(shown))


def _rounded(each: LineChance) -> LineChance:
    """A chance to a whole percent, which tells no number of patients."""
    return LineChance(
        each.line,
        0.0,
        0.0,
        each.rungs_before,
        each.rungs_after,
        each.units_before,
        each.units_after,
        round(each.chance_before, 2),
        round(each.chance_after, 2),
        round(each.variation_before, 2),
        round(each.variation_after, 2),
        float(FEWEST),
    )
