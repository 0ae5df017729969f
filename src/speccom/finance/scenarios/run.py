"""Runs a scenario: moves the base year's money, shares the years after it, and sets both beside the base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal, localcontext

from speccom.finance import inputs
from speccom.finance.pace import Allocated, allocate
from speccom.finance.penny import PENNY, to_the_penny
from speccom.finance.scenarios.boards import Boards, boards_of, last_day
from speccom.finance.scenarios.cells import (
    ZERO,
    Cells,
    Holding,
    by_board,
    divided,
    holding_before,
    holdings_after,
    read_cells,
)
from speccom.finance.scenarios.file import Move, Scenario, ScenarioError, Setting
from speccom.finance.scenarios.moves import Resolved, resolved
from speccom.finance.target import STANDS_IN, Weights, core_need, core_shares, core_source, target_shares
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Year:
    """One year after the base year: what was shared, with the changes and without; money by board, exact.

    `without` is the base's allocations on the scenario's boards, of which `parts` says what share of each board
    of the base year's is whose; `moved` is what the changes brought each board at the base year's prices, and `came`
    the same as the money had grown.
    """

    year: FinancialYear
    allocated: Allocated
    base: Allocated
    without: Mapping[str, Decimal]
    parts: Mapping[tuple[str, str], Decimal]
    moved: Mapping[str, Decimal]
    came: Mapping[str, Decimal]

    def gain(self, board: str) -> Decimal:
        """What a board has more than without the changes and beyond what came with services: the formula's doing."""
        return self.allocated.area(board).allocation - self.without[board] - self.came[board]


@dataclass(frozen=True, slots=True)
class Ran:
    """A scenario and all that it came to. `before` and `after` are who holds the base year's money, in the
    first year; both add up to every pound of it. `shares_from` says where target shares come from."""

    scenario: Scenario
    register: Register
    boards: Boards
    moves: tuple[Resolved, ...]
    cells: Cells
    before: Mapping[Holding, Decimal]
    after: Mapping[Holding, Decimal]
    baseline: Mapping[str, Decimal]
    baseline_after: Mapping[str, Decimal]
    years: tuple[Year, ...]
    shares_from: str
    notes: tuple[str, ...]

    @property
    def synthetic(self) -> bool:
        return self.cells.manifest.synthetic

    @property
    def first(self) -> Year:
        return self.years[0]

    @property
    def last(self) -> Year:
        return self.years[-1]


def run(workspace: Workspace, scenario: Scenario, register: Register | None = None) -> Ran:
    """Run a scenario on a ledger's summaries of its base year.

    The base is the same file without its changes. Raises `ScenarioError` where a change cannot be,
    `LedgerError` where the base year is not held, and `AllocationError` and `TargetError` with what clashes.
    """
    known = register or Register.load(workspace)
    boards = boards_of(known, scenario.base_year, scenario.changes)
    moves = resolved(known, boards, scenario.base_year, scenario.changes)
    cells = read_cells(workspace, known, scenario.base_year, scenario.following, moves, boards)
    still = Boards(known, boards.base, [], [], dict(boards._names), dict(boards._regions))
    with localcontext(_EXACT):
        baseline = by_board(cells, scenario.following[0], (), still)
        if not baseline:
            raise ScenarioError(
                f"In {scenario.base_year} boards shared no money on the population basis: choose a base year from "
                "2024/25 on. See speccom bases --show rules."
            )
        baselines = [by_board(cells, year, moves, boards) for year in scenario.following]
        shares, shares_from = _shares(workspace, known, scenario)
        _same_areas(baseline, shares, scenario)
        for area in shares:
            baseline.setdefault(area, ZERO)
        base = _base(scenario, baseline, shares)
        years = _years(scenario, boards, workspace, known, cells, baselines, base)
        before, after = _held(cells, scenario.following[0], moves, boards)
    return Ran(
        scenario,
        known,
        boards,
        moves,
        cells,
        before,
        after,
        baseline,
        baselines[0],
        tuple(years),
        shares_from,
        _notes(scenario, cells, boards, shares_from, known),
    )


def _held(
    cells: Cells, year: FinancialYear, moves: Sequence[Resolved], boards: Boards
) -> tuple[dict[Holding, Decimal], dict[Holding, Decimal]]:
    """Who holds what, before and after. Raises `ScenarioError` if a pound were lost or doubled."""
    before: dict[Holding, Decimal] = defaultdict(lambda: ZERO)
    after: dict[Holding, Decimal] = defaultdict(lambda: ZERO)
    for cell in cells.cells:
        before[holding_before(cell)] += cell.cost
    for _, holding, _, cost in holdings_after(cells, year, moves, boards):
        after[holding] += cost
    lost = sum(before.values(), ZERO) - sum(after.values(), ZERO)
    if lost:
        raise ScenarioError(
            f"£{lost:,f} was lost between the base and the scenario: this is a fault of ours."
        )
    return dict(before), dict(after)


# --- the years


def _base(
    scenario: Scenario, baseline: Mapping[str, Decimal], shares: Mapping[str, Decimal]
) -> list[Allocated]:
    held, found = dict(baseline), []
    for nth in range(scenario.years):
        money = _money(scenario, nth, held, {})
        found.append(allocate(held, shares, money, scenario.pace))
        held = found[-1].closing()
    return found


def _years(
    scenario: Scenario,
    boards: Boards,
    workspace: Workspace,
    register: Register,
    cells: Cells,
    baselines: Sequence[Mapping[str, Decimal]],
    base: Sequence[Allocated],
) -> list[Year]:
    found: list[Year] = []
    grown, moved_before = Decimal(1), dict[str, Decimal]()
    held: dict[str, Decimal] = {}
    for nth, year in enumerate(scenario.following):
        set_now = {
            each.parameter: each.value
            for each in scenario.changes
            if isinstance(each, Setting) and each.on <= year.start
        }
        limits = replace(
            scenario.pace, **{key: value for key, value in set_now.items() if key not in ("growth", "h")}
        )
        given, _ = _shares(workspace, register, scenario, set_now.get("h"))
        shares = _followed(boards, given, year)
        bare = by_board(cells, year, (), boards)
        areas = {**dict.fromkeys(shares, ZERO), **baselines[nth]}
        moved = {area: held_now - bare.get(area, ZERO) for area, held_now in areas.items()}
        if not found:
            held = dict(areas)
        else:
            start = last_day(found[-1].year)
            before = _followed(boards, found[-1].allocated.closing(), year, start)
            came_before = _followed(boards, moved_before, year, start)
            held = {
                area: before.get(area, ZERO) + (moved[area] - came_before.get(area, ZERO)) * grown
                for area in areas
            }
            _refuse_owing(held, before, boards, year)
            held = {area: amount.quantize(PENNY) for area, amount in held.items()}
        whole = sum(held.values(), ZERO)
        allocated = allocate(held, shares, _money(scenario, nth, held, set_now), limits)
        grown *= allocated.money / whole
        brought = {area: amount * grown for area, amount in moved.items()}
        came = to_the_penny(brought, sum(brought.values(), ZERO).quantize(PENNY))
        parts = divided(cells, year, boards)
        without = _without(base[nth], parts, areas)
        found.append(Year(year, allocated, base[nth], without, parts, moved, came))
        moved_before = moved
    return found


def _refuse_owing(
    held: Mapping[str, Decimal], before: Mapping[str, Decimal], boards: Boards, year: FinancialYear
) -> None:
    """Refuse a year in which services take more from a board than the years before have left it."""
    short = min(held, key=lambda area: held[area])
    if held[short] < 0:
        left = before.get(short, ZERO)
        raise ScenarioError(
            f"In {year} services take £{left - held[short]:,.2f} from {boards.name(short)} ({short}), and the years "
            f"before have left it £{left:,.2f}: let them leave at once, set a slower pace, or share out fewer years."
        )


def _without(
    base: Allocated, parts: Mapping[tuple[str, str], Decimal], areas: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """The base's allocations on the boards of a scenario: they add, and a divided board's goes as its money went."""
    held, exact = base.closing(), dict.fromkeys(areas, ZERO)
    for (board, heir), share in parts.items():
        if board in held:
            exact[heir] = exact.get(heir, ZERO) + held[board] * share
    return to_the_penny(exact, base.money)


def _money(
    scenario: Scenario, nth: int, held: Mapping[str, Decimal], set_now: Mapping[str, object]
) -> Decimal:
    if scenario.totals:
        return scenario.totals[nth]
    growth = Decimal(str(set_now.get("growth", scenario.growth[nth])))
    return (sum(held.values(), ZERO) * (1 + growth)).quantize(PENNY)


def _followed(
    boards: Boards, amounts: Mapping[str, Decimal], year: FinancialYear, start: date | None = None
) -> dict[str, Decimal]:
    """Amounts that add, by the boards of the year's last day; with `start` they are by those of that day."""
    found: dict[str, Decimal] = {}
    for board, amount in amounts.items():
        for heir, share in boards.heirs(board, last_day(year), start):
            found[heir] = found.get(heir, ZERO) + amount * share
    return found


# --- target shares


def _shares(
    workspace: Workspace, register: Register, scenario: Scenario, h: Decimal | None = None
) -> tuple[dict[str, Decimal], str]:
    """Target shares by board of the base year, and where they come from."""
    asked = scenario.target
    if asked.source == "given":
        whole = sum((share for _, share in asked.shares), ZERO)
        if abs(whole - 1) > Decimal("0.000001"):
            raise ScenarioError(
                f"target, shares of {len(asked.shares)} areas sum to {whole}: they must sum to 1."
            )
        if h is not None:
            raise ScenarioError(
                "A change sets h, and target shares are given: h is of target shares that are built."
            )
        return dict(asked.shares), "given in the scenario"
    assert asked.year is not None
    if asked.source == "core":
        if h is not None:
            raise ScenarioError(
                "A change sets h, and target, source is core: h is of target shares that are built."
            )
        found = core_shares(register, asked.year)
        if not found:
            core_need(register, asked.year)
        return found, f"{core_source(register, asked.year)}. {STANDS_IN}"
    factor = inputs.market_forces(workspace) if asked.market_forces == "imported" else None
    weights = Weights(
        dict(asked.spend),
        asked.h if h is None else h,
        factor,
        asked.market_forces == "without",
    )
    need = core_need(register, asked.year)
    return {
        area: each.share for area, each in target_shares(need, weights).items()
    }, f"built from {need.source}. {STANDS_IN}"


def _same_areas(baseline: Mapping[str, Decimal], shares: Mapping[str, Decimal], scenario: Scenario) -> None:
    stray = sorted(set(baseline) - set(shares))
    if stray:
        raise ScenarioError(
            f"The ledger has money of {', '.join(stray[:6])} in {scenario.base_year}, of which the target has no "
            "share: every board of the base year needs one."
        )


def _notes(
    scenario: Scenario, cells: Cells, boards: Boards, shares_from: str, register: Register
) -> tuple[str, ...]:
    held = len(cells.months)
    part = (
        f"The ledger holds {held} of 12 months of {scenario.base_year}, so all money is of these months alone."
        if held < 12
        else ""
    )
    timing = (
        "Money of the base year stands for the years after it, month for month: a change that begins within a month "
        "has the days from its own on. Boards are told as they are on a year’s last day. What is not changed stays "
        "as it was in the base year."
    )
    fixed = "The money is as given, and the same with the changes as without." if scenario.totals else ""
    drugs = (
        "Drugs and devices stay held centrally whatever is done with their line."
        if any(isinstance(each, Move) for each in scenario.changes)
        else ""
    )
    return tuple(
        note
        for note in (
            f"Pounds of the patient-level sets, {scenario.base_year}. Register {register.snapshot}. "
            f"Scenario {scenario.hash}.",
            part,
            f"Target shares: {shares_from}",
            timing,
            fixed,
            drugs,
            *boards.gaps,
            *scenario.pace.idle(),
        )
        if note
    )
