"""The base year's money in the cells that a scenario treats alike, and who holds each of them before and after."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from speccom.engine import Engine, run_steps
from speccom.finance.bases.placing import register_places, register_rules
from speccom.finance.bases.rules import HOST, POPULATION, rule_on
from speccom.finance.scenarios.boards import Boards, last_day
from speccom.finance.scenarios.file import ScenarioError
from speccom.finance.scenarios.moves import Resolved, groups, of_group
from speccom.insight.areas import ENGLAND, NOT_A_BOARD
from speccom.insight.result import Gap
from speccom.ledger.manifest import LedgerError, Manifest
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

ZERO = Decimal(0)
_ATOM = Decimal(1).scaleb(-8)


class Cell(NamedTuple):
    """Pounds that a scenario treats alike, as they are before any change."""

    stretch: int
    group: str
    pot: str
    basis: str
    level: str
    board: str
    region: str
    home: str
    host_region: str
    lines: int
    cost: Decimal


class Holding(NamedTuple):
    """Who holds money: the pot, its basis and level, and the area that it lies with."""

    pot: str
    basis: str
    level: str
    area: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A base year's cells; `months` are those held, `stretches` the months of each stretch."""

    cells: tuple[Cell, ...]
    months: tuple[Month, ...]
    stretches: Mapping[int, tuple[int, ...]]
    manifest: Manifest
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Decimal:
        return sum((each.cost for each in self.cells), ZERO)


def read_cells(
    workspace: Workspace,
    register: Register,
    base_year: FinancialYear,
    years: Sequence[FinancialYear],
    moves: Sequence[Resolved],
    boards: Boards,
) -> Cells:
    """The cells of a base year, from its summaries. Raises `LedgerError` and `ScenarioError`."""
    days = _days(moves, boards)
    with summaries(workspace, [base_year]) as (engine, manifest):
        if "kind" not in engine.fetch("select * from months limit 0").column_names:
            raise LedgerError(
                "The ledger’s summaries do not tell drugs and devices apart, since an earlier version made them: "
                "run speccom build, which makes them anew."
            )
        months = tuple(
            each.period for each in manifest.months if each.files and each.period.year == base_year
        )
        stretches = _stretches([month.number for month in months], years, days)
        gaps = register_places(engine, register, None)
        register_rules(engine, register, months)
        _register(engine, stretches, groups(moves), boards.placed)
        run_steps(engine, "speccom.finance.bases", ["potted"])
        run_steps(engine, __package__, ["scenario_cells"])
        rows = engine.fetch("select * from scenario_cells").to_pylist()
        spent = engine.fetch("select coalesce(sum(actual), 0) as spent from months where lines > 0")
    cells = tuple(
        sorted(
            Cell(
                row["stretch"],
                row["line_group"],
                row["pot"],
                row["basis"],
                row["level"],
                row["home_board"],
                row["home_region"],
                row["home"],
                row["host_region"],
                int(row["lines"]),
                Decimal(row["cost"]),
            )
            for row in rows
        )
    )
    found = Cells(cells, months, stretches, manifest, tuple(gaps))
    whole = Decimal(spent["spent"][0].as_py())
    if found.total != whole:
        raise ScenarioError(
            f"£{whole - found.total:,f} of the ledger is in no pot: see speccom bases --show rules."
        )
    return found


def _register(
    engine: Engine, stretches: Mapping[int, Sequence[int]], lines: Mapping[str, str], placed: set[str]
) -> None:
    pairs = [(month, stretch) for stretch, months in stretches.items() for month in months]
    text = pa.string()
    tables: dict[str, dict[str, pa.Array[Any]]] = {
        "stretch": {
            "month": pa.array([month for month, _ in pairs], pa.int32()),
            "stretch": pa.array([stretch for _, stretch in pairs], pa.int32()),
        },
        "line_group": {
            "service_line": pa.array(list(lines), text),
            "line_group": pa.array(list(lines.values()), text),
        },
        "placed": {"home": pa.array(sorted(placed), text)},
    }
    for name, columns in tables.items():
        engine.register(name, pa.table(columns))


def _days(moves: Sequence[Resolved], boards: Boards) -> list[date]:
    """The days on which anything changes."""
    days = {event.on for event in boards.events}
    for each in moves:
        days |= {each.move.on} | ({each.move.until} if each.move.until else set())
    return sorted(days)


def _stretches(
    months: Sequence[int], years: Sequence[FinancialYear], days: Sequence[date]
) -> dict[int, tuple[int, ...]]:
    """Months that lie alike between the days of change in every year; one that such a day divides is alone."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in months:
        key: list[object] = []
        for year in years:
            month = Month(year, number)
            key.append(sum(day <= month.start for day in days))
            if any(month.start < day < month.end for day in days):
                key.append(number)
        alike[tuple(key)].append(number)
    return {place: tuple(found) for place, found in enumerate(alike.values())}


def parts_of(months: Sequence[int], year: FinancialYear, days: Sequence[date]) -> list[tuple[int, int, date]]:
    """The parts of a stretch in a year: how many of how many days, and a day of it. Half open: a change
    holds from its day on."""
    month = Month(year, months[0])
    cuts = [month.start, *(day for day in days if month.start < day < month.end), month.end]
    whole = (month.end - month.start).days
    return [((end - start).days, whole, start) for start, end in itertools.pairwise(cuts)]


def holding_before(cell: Cell) -> Holding:
    """Who holds a cell in the base year."""
    return Holding(
        cell.pot,
        cell.basis,
        cell.level,
        _area(cell.basis, cell.level, cell.board, cell.region, cell.host_region),
    )


def holdings_after(
    cells: Cells,
    year: FinancialYear,
    moves: Sequence[Resolved],
    boards: Boards,
    *,
    told_on: date | None = None,
) -> Iterator[tuple[Cell, Holding, str, Decimal]]:
    """Every cell in a year as the changes have it: who holds it, the board of its people, and pounds; all of it, once.

    Boards are those of each day, or of `told_on` for all of the year.
    """
    days = _days(moves, boards)
    for cell in cells.cells:
        pieces = [
            (holding, board, share * number / whole)
            for number, whole, on in parts_of(cells.stretches[cell.stretch], year, days)
            for holding, board, share in _on_a_day(cell, moves, boards, on, told_on)
        ]
        left = cell.cost
        for holding, board, share in pieces[:-1]:
            cost = (cell.cost * share).quantize(_ATOM)
            left -= cost
            yield cell, holding, board, cost
        holding, board, _ = pieces[-1]
        yield cell, holding, board, left


def _on_a_day(
    cell: Cell, moves: Sequence[Resolved], boards: Boards, on: date, told_on: date | None
) -> Iterator[tuple[Holding, str, Decimal]]:
    """Who holds what share of a cell on a day, and the board that it is told by."""
    if cell.board in NOT_A_BOARD:
        yield holding_before(cell), cell.board, Decimal(1)
        return
    for heir in boards.followed(cell.board, on, cell.home):
        region = boards.region(heir.board) or cell.region
        pot = of_group(moves, cell.group, cell.pot, heir.known_as, region, on)
        basis, level = cell.basis, cell.level
        if pot != cell.pot:
            rule = rule_on(pot, on)
            if rule is None:
                raise ScenarioError(
                    f"No rule of the pot {pot!r} holds on {on}: see speccom bases --show rules."
                )
            basis, level = rule.basis, rule.level
        for told in boards.followed(heir.board, told_on or on, cell.home, on):
            area = _area(basis, level, told.board, boards.region(told.board) or cell.region, cell.host_region)
            yield Holding(pot, basis, level, area), told.board, heir.share * told.share


def _area(basis: str, level: str, board: str, region: str, host_region: str) -> str:
    """The area that money lies with, as the rules of its pot say."""
    if level == "england":
        return ENGLAND
    if basis == HOST:
        return host_region
    if basis == POPULATION:
        return board if level == "icb" else region
    return ""


def shared_by_boards(holding: Holding) -> bool:
    """Whether money is what boards share between them: on the population basis, by board."""
    return holding.basis == POPULATION and holding.level == "icb" and holding.area not in NOT_A_BOARD


def divided(cells: Cells, year: FinancialYear, boards: Boards) -> dict[tuple[str, str], Decimal]:
    """(board of the base year, board of a year's last day) → the share of what the first shares that is the second's.

    Money follows sub-ICB locations where they are known to have gone, and the shares of the parts elsewhere; a
    board without money is divided by the shares alone. Over the second the shares sum to 1.
    """
    went: dict[str, dict[str, Decimal]] = {board: {} for board in boards.base}
    for cell, holding, heir, cost in holdings_after(cells, year, (), boards, told_on=last_day(year)):
        if shared_by_boards(holding):
            went[cell.board][heir] = went[cell.board].get(heir, ZERO) + cost
    found = {}
    for board, parts in went.items():
        whole = sum(parts.values(), ZERO)
        shares = {heir: cost / whole for heir, cost in parts.items()} if whole else {}
        for heir, share in (shares or dict(boards.heirs(board, last_day(year)))).items():
            found[board, heir] = share
    return found


def by_board(
    cells: Cells, year: FinancialYear, moves: Sequence[Resolved], boards: Boards
) -> dict[str, Decimal]:
    """What boards share, by the board of the year's last day: the baselines, exact."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for _, holding, heir, cost in holdings_after(cells, year, moves, boards, told_on=last_day(year)):
        if shared_by_boards(holding):
            found[heir] += cost
    return dict(found)
