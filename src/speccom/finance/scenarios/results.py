"""The tables of a scenario: areas, who holds what, volatility, changes, and two scenarios side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.bases.rules import BASES, LEVELS, POPULATION, pots
from speccom.finance.pace import NAMES
from speccom.finance.scenarios.boards import last_day
from speccom.finance.scenarios.cells import ZERO, Holding, holding_before, holdings_after
from speccom.finance.scenarios.chances import LineChance
from speccom.finance.scenarios.file import (
    Change,
    Merge,
    Move,
    Scenario,
    ScenarioError,
    Setting,
    Split,
    Successions,
)
from speccom.finance.scenarios.run import Ran
from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.tiers import Thresholds
from speccom.insight.volatility import RUNGS
from speccom.period import FinancialYear, long_date
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND

MONEY, EXACT, TEXT, SHARE = pa.decimal128(20, 2), pa.decimal128(38, 8), pa.string(), pa.float64()
AREAS = {
    "year": Column("", "the year that the money is for"),
    "area": Column("code", "the board, as it is on the year's last day"),
    "area_name": Column("", "its name"),
    "made_of": Column("codes", "the boards of the base year that it is made of"),
    "without": Column(
        "£", "what it would be given without the changes; of a merged board, its predecessors' sum"
    ),
    "came": Column("£", "what came (or went) with services that move, grown as all money grew"),
    "allocation": Column("£", "what it is given"),
    "gain": Column(
        "£", "the allocation less both: what the formula gives or takes on account of the changes"
    ),
    "gain_share": Column("share", "the gain as a share of what it would have without the formula's part"),
    "target": Column("£", "its target share of the year's money"),
    "opening_distance": Column("share", "its part of all baselines against its target share, less 1"),
    "closing_distance": Column("share", "the allocation against the target, less 1"),
    "distance_without": Column(
        "share", "the closing distance without the changes; none for a board that was not there"
    ),
    "held_by": Column("", "the bound that decided the allocation; empty where none did"),
}
POTS = {
    "pot": Column("code", "the kind of money"),
    "pot_name": Column("", "its name"),
    "basis": Column("", "the basis that it is on"),
    "level": Column("", "the areas that share it"),
    "area": Column("code", "the area that it lies with"),
    "area_name": Column("", "its name"),
    "holder": Column("code", "who holds it; empty where nobody here does"),
    "before": Column("£", "what it comes to in the base year"),
    "after": Column("£", "the same money as the changes have it in the first year"),
    "change": Column("£", "after less before; over all rows nothing"),
}
VOLATILITY = {
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "footprint_before": Column("", "what it is planned on in the base year"),
    "units_before": Column("units", "areas of that kind that change"),
    "chance_before": Column(
        "chance", "that a year's cost of a unit is missed by more than q; units weighted by cases"
    ),
    "footprint_after": Column("", "what it is planned on in the last year"),
    "units_after": Column("units", "areas that they become"),
    "chance_after": Column("chance", "the same, after"),
    "variation_before": Column("ratio", "coefficient of variation of a year’s cost, weighted likewise"),
    "variation_after": Column("ratio", "the same, after"),
    "patients": Column("people a year", "patients of these areas in the months held"),
    "spend": Column("£ a year", "what they are expected to cost"),
}
CHANGES = {
    "number": Column("", "its place among the changes, in the order of their days"),
    "change": Column("", "what changes"),
    "on": Column("", "the first day on which it holds"),
    "until": Column("", "the first day on which it no longer does; empty for good"),
    "lines": Column("lines", "service lines that it is of"),
    "moves_in_first_year": Column(
        "£", "money of the base year that lies elsewhere in the first year on its account"
    ),
    "moves_in_last_year": Column("£", "the same in the last year"),
}
COMPARED = {
    "year": AREAS["year"],
    "area": AREAS["area"],
    "area_name": AREAS["area_name"],
    "allocation": Column("£", "in this scenario"),
    "other_allocation": Column("£", "in the other; empty where the board is not there"),
    "difference": Column("£", "this less the other"),
    "gain": Column("£", "the formula's gain in this scenario"),
    "other_gain": Column("£", "the same in the other"),
    "closing_distance": AREAS["closing_distance"],
    "other_closing_distance": Column("share", "the same in the other"),
}


def areas_of(ran: Ran) -> Result:
    """A row for each year and board: with the changes, without, and the difference; see `AREAS`."""
    rows = []
    for each in ran.years:
        bare = {area.area: area.closing_distance for area in each.base.areas}
        for area in each.allocated.areas:
            code = area.area
            have = each.without[code] + each.came[code]
            rows.append(
                {
                    "year": str(each.year),
                    "area": code,
                    "area_name": ran.boards.name(code),
                    "made_of": ", ".join(ran.boards.before(last_day(each.year), code)) or code,
                    "without": each.without[code],
                    "came": each.came[code],
                    "allocation": area.allocation,
                    "gain": each.gain(code),
                    "gain_share": float(each.gain(code) / have) if have else None,
                    "target": area.target,
                    "opening_distance": float(area.opening_distance),
                    "closing_distance": float(area.closing_distance),
                    "distance_without": float(bare[code]) if code in bare else None,
                    "held_by": str(area.held) if area.held else None,
                }
            )
    return _result(ran, f"{ran.scenario.name}: what each board is given", AREAS, rows, MONEY, _words(ran))


def _words(ran: Ran) -> tuple[str, ...]:
    year = ran.first
    gains = {area.area: year.gain(area.area) for area in year.allocated.areas}
    up = sum((gain for gain in gains.values() if gain > 0), ZERO)
    down = sum((gain for gain in gains.values() if gain < 0), ZERO)
    return (
        f"{year.year}: £{year.allocated.money:,.2f} for {len(gains)} boards, with "
        f"£{sum(year.came.values(), ZERO):,.2f} that came with services; without the changes "
        f"£{year.base.money:,.2f}. Gains come to £{up:,.2f} and losses to £{-down:,.2f}.",
    )


def pots_of(ran: Ran) -> Result:
    """Who holds each kind of money, before and after: every pound of the base year in both; see `POTS`."""
    order = {pot: place for place, pot in enumerate(pots())}
    keys = sorted({*ran.before, *ran.after}, key=lambda key: (order[key.pot], key.basis, key.level, key.area))
    rows: list[dict[str, Any]] = []
    for key in keys:
        before, after = ran.before.get(key, ZERO), ran.after.get(key, ZERO)
        rows.append(
            {
                "pot": key.pot,
                "pot_name": pots()[key.pot].name,
                "basis": BASES[key.basis],
                "level": LEVELS[key.level],
                "area": key.area,
                "area_name": _area_name(ran, key.area),
                "holder": holder(key),
                "before": before,
                "after": after,
                "change": after - before,
            }
        )
    moved = sum((row["change"] for row in rows if row["change"] > 0), ZERO)
    whole = sum(ran.before.values(), ZERO)
    note = f"£{whole:,.2f} before and after; £{moved:,.2f} of it lies elsewhere in {ran.first.year}."
    return _result(ran, f"{ran.scenario.name}: who holds what", POTS, rows, EXACT, (note,))


@dataclass(frozen=True, slots=True)
class Held:
    """A kind of money of the base year on a basis, who holds it over all areas, and pounds before and after."""

    pot: str
    basis: str
    by: str
    before: Decimal
    after: Decimal


def held_over_all(ran: Ran) -> list[Held]:
    """Kinds of money by who holds them, over all areas: a row of one area could tell of few people."""
    sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for place, held in enumerate((ran.before, ran.after)):
        for key, cost in held.items():
            who = holder(key)
            by = "NHS England" if who == NHS_ENGLAND else "Boards" if who else "Nobody here"
            sums[key.pot, key.basis, by][place] += cost
    order = list(pots())
    keys = sorted(sums, key=lambda key: (order.index(key[0]), key))
    return [Held(*key, *sums[key]) for key in keys if key[0] not in ("unplaced", "other")]


def _area_name(ran: Ran, area: str) -> str:
    if area in ("", ENGLAND) or area in NOT_A_BOARD:
        return name_of(ran.register, area) if area else ""
    return (
        ran.boards.name(area)
        if area in ran.register.organisations or ran.boards.region(area)
        else name_of(ran.register, area)
    )


def holder(key: Holding) -> str:
    """A board holds what is delegated to it, NHS England the rest; other nations' and others' money neither."""
    if not key.area or key.pot in ("unplaced", "other"):
        return ""
    return (
        key.area
        if key.pot == "delegated" and key.basis == POPULATION and key.area not in NOT_A_BOARD
        else NHS_ENGLAND
    )


def volatility_of(ran: Ran, found: Sequence[LineChance], q: float | None = None) -> Result:
    """A row for each line whose footprint changes: the chance of missing, before and after; see `VOLATILITY`."""
    share = Thresholds().q if q is None else q
    rows = [
        {
            "service_line": each.line,
            "service_line_name": ran.register.lines[each.line].name,
            "footprint_before": ", ".join(RUNGS[rung] for rung in each.rungs_before),
            "units_before": each.units_before,
            "chance_before": each.chance_before,
            "footprint_after": ", ".join(RUNGS[rung] for rung in each.rungs_after),
            "units_after": each.units_after,
            "chance_after": each.chance_after,
            "variation_before": each.variation_before,
            "variation_after": each.variation_after,
            "patients": each.patients,
            "spend": each.spend,
        }
        for each in found
    ]
    steadier = sum(each.chance_after < each.chance_before for each in found)
    notes = (
        f"Chance that a year’s cost of a unit strays more than {share:.0%} from what is expected, by chance; "
        "units that stay as they are are left out. From four whole years in the ledger on, how years differ beyond "
        "chance is counted as for tiers; before, years are taken as alike.",
        f"{steadier} of {len(found)} lines are steadier after than before."
        if found
        else "No line’s footprint changes.",
    )
    return _result(ran, f"{ran.scenario.name}: volatility before and after", VOLATILITY, rows, EXACT, notes)


def changes_of(ran: Ran) -> Result:
    """A row for each change, with the money that moves on its account; see `CHANGES`."""
    first, last = (_moved_by(ran, year.year) for year in (ran.first, ran.last))
    lines = {each.number: len(each.lines) for each in ran.moves}
    rows = [
        {
            "number": str(number),
            "change": in_words(each),
            "on": long_date(each.on),
            "until": long_date(each.until) if isinstance(each, Move) and each.until else "",
            "lines": lines.get(number),
            "moves_in_first_year": first[number] if number in lines else None,
            "moves_in_last_year": last[number] if number in lines else None,
        }
        for number, each in enumerate(ran.scenario.changes, start=1)
    ]
    return _result(ran, f"{ran.scenario.name}: its changes", CHANGES, rows, EXACT, ())


def _moved_by(ran: Ran, year: FinancialYear) -> dict[int, Decimal]:
    """Of each change of lines, the pounds that are in another pot because of it."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for cell, holding, _, cost in holdings_after(ran.cells, year, ran.moves, ran.boards):
        if cell.group and holding.pot != holding_before(cell).pot:
            numbers = [int(each) for each in cell.group.split()]
            last = next(
                (
                    each.number
                    for each in reversed(ran.moves)
                    if each.number in numbers and each.pot == holding.pot
                ),
                None,
            )
            if last is not None:
                found[last] += cost
    return found


def in_words(change: Change) -> str:
    """A change as a sentence has it."""
    if isinstance(change, Move):
        whom = "every board" if change.areas == ("all",) else _some(change.areas)
        what = {"delegate": "Delegate", "retain": "Retain"}.get(
            change.kind, f"Plan on the tier {change.tier}:"
        )
        return f"{what} {_some(change.lines)} for {whom}"
    if isinstance(change, Merge):
        return f"Merge {_some(change.boards)} into {change.into}" + (
            f" ({change.name})" if change.name else ""
        )
    if isinstance(change, Split):
        return f"Divide {change.board} into " + ", ".join(
            f"{code} ({share:%})" for code, share in change.into
        )
    if isinstance(change, Successions):
        return "The mergers and divisions of boards that the register has of that day"
    assert isinstance(change, Setting)
    return f"Set {change.parameter} to {change.value}"


def _some(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 6 else f"{', '.join(words[:5])} and {len(words) - 5} more"


def compare(ran: Ran, other: Ran) -> Result:
    """Two scenarios side by side, board by board in each year that both have; see `COMPARED`.

    Raises `ScenarioError` where they have no year in common.
    """
    years = {each.year: each for each in other.years}
    both = [(each, years[each.year]) for each in ran.years if each.year in years]
    if not both:
        raise ScenarioError(
            f"{ran.scenario.name} is of {ran.first.year} and on, {other.scenario.name} of {other.first.year} and on: "
            "they have no year in common, so there is nothing to compare."
        )
    rows = []
    for mine, theirs in both:
        own = {area.area: area for area in mine.allocated.areas}
        others = {area.area: area for area in theirs.allocated.areas}
        for code in dict.fromkeys([*own, *others]):
            one, two = own.get(code), others.get(code)
            rows.append(
                {
                    "year": str(mine.year),
                    "area": code,
                    "area_name": (ran if one else other).boards.name(code),
                    "allocation": one.allocation if one else None,
                    "other_allocation": two.allocation if two else None,
                    "difference": one.allocation - two.allocation if one and two else None,
                    "gain": mine.gain(code) if one else None,
                    "other_gain": theirs.gain(code) if two else None,
                    "closing_distance": float(one.closing_distance) if one else None,
                    "other_closing_distance": float(two.closing_distance) if two else None,
                }
            )
    notes = (
        f"This: {ran.scenario.name} ({ran.scenario.hash}). The other: {other.scenario.name} ({other.scenario.hash}).",
        *_differ(ran.scenario, other.scenario),
    )
    return _result(ran, f"{ran.scenario.name} beside {other.scenario.name}", COMPARED, rows, MONEY, notes)


def _differ(one: Scenario, two: Scenario) -> Iterable[str]:
    """In a sentence each, what the files say differently."""
    for name in NAMES:
        if getattr(one.pace, name) != getattr(two.pace, name):
            yield f"{name}: {getattr(one.pace, name)} here, {getattr(two.pace, name)} in the other."
    for name in ("base_year", "growth", "totals", "target"):
        if getattr(one, name) != getattr(two, name):
            yield f"They differ in {name.replace('_', ' ')}."
    only = [each for each in one.changes if each not in two.changes]
    others = [each for each in two.changes if each not in one.changes]
    if only:
        yield f"Only here: {'; '.join(f'{in_words(each)}, {long_date(each.on)}' for each in only)}."
    if others:
        yield f"Only in the other: {'; '.join(f'{in_words(each)}, {long_date(each.on)}' for each in others)}."


def _result(
    ran: Ran,
    title: str,
    columns: dict[str, Column],
    rows: Sequence[dict[str, Any]],
    money: pa.DataType,
    notes: tuple[str, ...],
) -> Result:
    def kind(column: Column) -> pa.DataType:
        if column.unit == "£":
            return money
        if column.unit in ("", "code", "codes"):
            return TEXT
        return pa.int64() if column.unit in ("units", "lines") else SHARE

    table = described(
        {name: (about, [row[name] for row in rows], kind(about)) for name, about in columns.items()}
    )
    gaps: tuple[Gap, ...] = ran.cells.gaps
    return Result(title, table, (*notes, *ran.notes), gaps, ran.synthetic)
