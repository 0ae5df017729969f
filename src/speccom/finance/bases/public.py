"""Bases as everybody may see them: what stems from few patients is withheld, once, before anything is told.

Decided for a whole year at a time, on boards first and then on regions, so that no question shows what another
hides; and together with the pages of flows, which show the same pounds by board, host and service line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import Engine, run_steps
from speccom.finance.bases.answers import (
    SPECIALISED,
    Step,
    bases_of,
    result_of_steps,
    steps_of,
    transfers_of,
)
from speccom.finance.bases.money import ZERO, Crossing, Money
from speccom.finance.bases.placing import register_places
from speccom.finance.bases.rules import POPULATION
from speccom.finance.bases.withheld import ALL, Cell, completed, with_totals
from speccom.insight.flows import balances, by_board
from speccom.insight.kept import kept
from speccom.insight.public import WITHHELD
from speccom.insight.result import Result
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear
from speccom.workspace import Workspace

FEW = "it may be of seven patients or fewer, or such a sum could be worked out from it"
NOTE = (
    "Sums that may be of seven patients or fewer are withheld, and others from which such a sum could be worked "
    "out. Where that cannot be told from counts, the sum is withheld."
)
_SIDES, EVERY = ("home", "host"), "all"
_MOVES, _STAYS = "|moves", "|stays"
_NOT_BY_LINE = ("drugs", "devices")
"""Pots that no page shows by service line, so that no sum of lines is any of them."""


PERSON_SEEN = ("numbered_areas", "numbered_lines", "numbered_pools", "person_seen")
"""Steps to be computed once, before `heaviest`: they need `person_home`, `person_host` and `line_pool`."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is withheld of one year by region or by board, each by its key.

    `totals` are (side, area), `pots` (side, pot, area), `pairs` (home, host), `at_home` areas whose spend at
    home is withheld, `crossed` areas whose flows of what moves are not told apart.
    """

    totals: frozenset[tuple[str, str]]
    pots: frozenset[tuple[str, str, str]]
    pairs: frozenset[Cell]
    at_home: frozenset[str]
    crossed: frozenset[str]

    def rows(self, by: str) -> list[dict[str, Any]]:
        """All of it as rows, to be kept."""
        return [
            {"by": by, "of": of, "key": [key] if isinstance(key, str) else list(key)}
            for of in (each.name for each in fields(self))
            for key in sorted(getattr(self, of))
        ]

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]], by: str) -> Hidden:
        held: dict[str, set[Any]] = {each.name: set() for each in fields(cls)}
        for row in rows:
            if row["by"] == by:
                held[row["of"]].add(tuple(row["key"]) if len(row["key"]) > 1 else row["key"][0])
        return cls(**{of: frozenset(keys) for of, keys in held.items()})


_KEPT = pa.schema([("by", pa.string()), ("of", pa.string()), ("key", pa.list_(pa.string()))])


def hidden_of(workspace: Workspace, money: Money, year: FinancialYear) -> dict[str, Hidden]:
    """What is withheld of one year, by region and by board, kept for the next who asks.

    `money` must be on boundaries as they were, as the pages of flows are.
    """

    def make() -> list[pa.Table]:
        found = _hidden_of(workspace, money, year)
        rows = [row for by, hidden in found.items() for row in hidden.rows(by)]
        return [pa.Table.from_pylist(rows, _KEPT)]

    [table] = kept(workspace, money.manifest, money.register, "bases", {"year": year}, make)
    rows = table.to_pylist()
    return {by: Hidden.of_rows(rows, by) for by in ("icb", "region")}


def _hidden_of(workspace: Workspace, money: Money, year: FinancialYear) -> dict[str, Hidden]:
    """Reads the summaries of the year's people once."""
    flows = {
        "balance": balances(workspace, "all", year, public=True, register=money.register),
        "board": by_board(workspace, "all", year, public=True, register=money.register),
    }
    with summaries(workspace, [year]) as (engine, _):
        register_places(engine, money.register, None)
        pools = {line: frozenset(_pools_of_line(money, line, year)) for line in money.register.specialised}
        _register_pools(engine, pools)
        people = {by: _People.read(engine, by, pools) for by in ("icb", "region")}
    boards = _boards(money, year, people["icb"], flows)
    regions = _regions(money, year, people["region"], boards, flows["board"], people["icb"].small)
    return {"icb": boards, "region": regions}


# --- how many people


def _register_pools(engine: Engine, pools_of: Mapping[str, frozenset[str]]) -> None:
    """Make `line_pool` readable: the service lines that the lines of each pot can be of, and all together."""
    held = engine.fetch("select distinct service_line, kind from months where kind <> 'activity'").to_pylist()
    kinds = {(row["service_line"], row["kind"]) for row in held}
    rows = [
        (line, pool)
        for line, its_own in pools_of.items()
        for pool in (EVERY, *sorted(its_own), *_NOT_BY_LINE)
        if pool not in _NOT_BY_LINE or (line, pool) in kinds
    ]
    names, pools = zip(*rows, strict=True)
    engine.register(
        "line_pool",
        pa.table({"service_line": pa.array(names, pa.string()), "pool": pa.array(pools, pa.string())}),
    )


def _pool(pot: str) -> str:
    """The pool whose service lines a pot's lines are of."""
    if pot in _NOT_BY_LINE:
        return pot
    return {"programmes": "programmes", "retained": "kept", "national": EVERY}.get(pot, "suitable")


def _pools_of_line(money: Money, line: str, year: FinancialYear) -> set[str]:
    """The pools that a line was in, in any month held of a year."""
    if money.register.lines[line].highly_specialised:
        return {"programmes"}
    days = [month.start for month in money.months if month.year == year]
    return {"suitable" if money.register.line_status(line, on) == "GREEN" else "kept" for on in days}


@dataclass(frozen=True, slots=True)
class _People:
    """The lines of the seven heaviest people of each side and pair, and the lines of an area that few had.

    `pools` are those that each line was in, in any month held of the year.
    """

    heaviest: Mapping[tuple[str, str, str, str], int]
    small: Mapping[tuple[str, str], Sequence[str]]
    pools: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, engine: Engine, by: str, pools: Mapping[str, frozenset[str]]) -> _People:
        area = "region" if by == "region" else "board"
        engine.step(
            "person_home", f"select icb, home, max({area}) as area from home_place group by icb, home"
        )
        engine.step("person_host", f"select provider, max({area}) as area from host_place group by provider")
        run_steps(engine, __package__, [*PERSON_SEEN, "heaviest", "small_lines"], kept=frozenset(PERSON_SEEN))
        small: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in engine.fetch("select * from small_lines order by side, area, service_line").to_pylist():
            small[row["side"], row["area"]].append(row["service_line"])
        return cls(
            {
                (row["side"], row["pool"], row["area"], row["other"]): int(row["lines"])
                for row in engine.fetch("select * from heaviest").to_pylist()
            },
            {key: tuple(lines) for key, lines in small.items()},
            pools,
        )

    def enough(self, lines: int, side: str, area: str, other: str = "", pool: str = EVERY) -> bool:
        """Whether so many lines are of none, or of eight people at least, whichever of the pool they are of."""
        return lines == 0 or lines > self.heaviest.get((side, pool, area, other), 0)


@dataclass(frozen=True, slots=True)
class _Sums:
    """The cells of one year by region or board: pounds and lines of pots by side, and of pairs.

    The pounds of pots stand by area and whether they move to the population basis, since a waterfall tells the
    sum of those that do. `moving` are the lines at home, out and in of each area, of what moves and what does not.
    """

    pots: Mapping[str, Mapping[Cell, Decimal]]
    pot_lines: Mapping[str, Mapping[Cell, int]]
    pairs: Mapping[Cell, Decimal]
    pair_lines: Mapping[Cell, int]
    moving: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, crossings: Collection[Crossing], by: str) -> _Sums:
        pots: dict[str, dict[Cell, Decimal]] = {side: defaultdict(lambda: ZERO) for side in _SIDES}
        pot_lines: dict[str, Counter[Cell]] = {side: Counter() for side in _SIDES}
        pairs: dict[Cell, Decimal] = defaultdict(lambda: ZERO)
        pair_lines: Counter[Cell] = Counter()
        moving: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
        for each in crossings:
            home, host = each.home(by), each.host(by)
            moves = each.basis == POPULATION
            for side, area in (("home", home), ("host", host)):
                pots[side][each.pot, f"{area}{_MOVES if moves else _STAYS}"] += each.cost
                pot_lines[side][each.pot, area] += each.lines
            pairs[home, host] += each.cost
            pair_lines[home, host] += each.lines
            if home == host:
                moving[home]["at home", moves] += each.lines
            else:
                moving[home]["out", moves] += each.lines
                moving[host]["in", moves] += each.lines
        ways = [(way, moves) for way in ("at home", "out", "in") for moves in (True, False)]
        return cls(
            pots,
            pot_lines,
            pairs,
            pair_lines,
            {area: tuple(found[way] for way in ways) for area, found in moving.items()},
        )


# --- what to withhold


def _boards(money: Money, year: FinancialYear, people: _People, flows: Mapping[str, Result]) -> Hidden:
    sums = _Sums.of(_specialised(money, year), "icb")
    shown = {row["icb"]: row for row in flows["balance"].table.to_pylist()}
    totals = {
        (side, area)
        for side, column in (("home", "spend"), ("host", "income"))
        for area in money.areas("icb")
        if shown.get(area, {}).get(column) is None
    }
    pots = _secret_pots(sums, people)
    at_home = {area for area in money.areas("icb") if shown.get(area, {}).get("at_home") is None}
    region = _region_of(_specialised(money, year))
    while True:
        found = _settled(sums, people, totals, pots, set(), at_home, paired=False)
        more = _companions(sums, found, region)
        if not more:
            return found
        pots |= more


def _companions(sums: _Sums, hidden: Hidden, region: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """For each pot that one board alone of a region withholds, the least of the region's others, if it has any.

    Else the one could be worked out from what is shown of the region.
    """
    held: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for side, pot, area in hidden.pots:
        held[side, pot, region.get(area, area)].append(area)
    found = set()
    for (side, pot, of_region), areas in held.items():
        others = [
            (abs(amount), area)
            for (own, column), amount in sums.pots[side].items()
            if own == pot
            and (area := column.partition("|")[0]) not in areas
            and region.get(area) == of_region
        ]
        if len(areas) == 1 and others:
            found.add((side, pot, min(others)[1]))
    return found


def _region_of(crossings: Collection[Crossing]) -> dict[str, str]:
    """The region of each board that any money is of."""
    found = {each.home_board: each.home_region for each in crossings}
    return found | {each.host_board: each.host_region for each in crossings}


def _regions(
    money: Money,
    year: FinancialYear,
    people: _People,
    boards: Hidden,
    flows: Result,
    few_by_board: Mapping[tuple[str, str], Sequence[str]],
) -> Hidden:
    """What is withheld by region: what is of few, and what one withheld board could be worked out from.

    `few_by_board` are the lines that few of each board had, which are what the pages of flows withhold.
    """
    crossings = _specialised(money, year)
    sums = _Sums.of(crossings, "region")
    region = _region_of(crossings)
    alone: Counter[tuple[str, str]] = Counter(
        (side, region[area]) for side, area in boards.totals if area in region
    )
    alone_pots: Counter[tuple[str, str, str]] = Counter(
        (side, pot, region[area]) for side, pot, area in boards.pots if area in region
    )
    blocks: Counter[Cell] = Counter(
        (region[row["icb"]], region[row["host"]])
        for row in flows.table.to_pylist()
        if row["spend"] is None and row["icb"] in region and row["host"] in region
    )
    totals = {
        (side, area)
        for side in _SIDES
        for area in money.areas("region")
        if alone[side, area] == 1 or not people.enough(_lines(sums, side, area), side, area)
    }
    few: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (side, board), lines in few_by_board.items():
        few[side, region.get(board, board)] += lines
    pots = _secret_pots(sums, replace(people, small=few))
    pots |= {key for key, held in alone_pots.items() if held == 1}
    pairs = {
        pair
        for pair, lines in sums.pair_lines.items()
        if blocks[pair] == 1 or not people.enough(lines, "pair", *pair)
    }
    return _settled(sums, people, totals, pots, pairs, set(), paired=True)


def _secret_pots(sums: _Sums, people: _People) -> set[tuple[str, str, str]]:
    """Pots of an area that may be of few, or of which the pages of flows withhold a single line."""
    found = set()
    for side in _SIDES:
        for (pot, area), lines in sums.pot_lines[side].items():
            pool = _pool(pot)
            few = [
                each
                for each in people.small.get((side, area), ())
                if pool == EVERY or pool in people.pools[each]
            ]
            if (len(few) == 1 and pot not in _NOT_BY_LINE) or not people.enough(lines, side, area, pool=pool):
                found.add((side, pot, area))
    return found


def _settled(
    sums: _Sums,
    people: _People,
    totals: set[tuple[str, str]],
    pots: set[tuple[str, str, str]],
    pairs: set[Cell],
    at_home: set[str],
    *,
    paired: bool,
) -> Hidden:
    """Withhold more until nothing withheld can be worked out from rows, columns and totals."""
    tables = {side: with_totals(sums.pots[side]) for side in _SIDES}
    crossing = with_totals(sums.pairs)
    of_pots: set[str] = set()
    parts = (_MOVES, _STAYS)
    while True:
        before = len(totals) + len(pots) + len(pairs) + len(of_pots)
        for side in _SIDES:
            secret = {(pot, f"{area}{part}") for where, pot, area in pots if where == side for part in parts}
            secret |= {(ALL, f"{area}{part}") for where, area in totals if where == side for part in parts}
            secret |= {(pot, ALL) for pot in of_pots}
            for row, column in completed(tables[side], secret):
                area = column.partition("|")[0]
                if row == ALL:
                    totals |= {(side, area)} if column != ALL else set()
                elif column == ALL:
                    of_pots.add(row)
                else:
                    pots.add((side, row, area))
        if paired:
            secret = pairs | {(area, ALL) for side, area in totals if side == "home"}
            secret |= {(ALL, area) for side, area in totals if side == "host"}
            for home, host in completed(crossing, secret):
                if ALL not in (home, host):
                    pairs.add((home, host))
                elif (home, host) != (ALL, ALL):
                    totals.add(("host", host) if home == ALL else ("home", home))
        if before == len(totals) + len(pots) + len(pairs) + len(of_pots):
            break
    own = {area for area, other in pairs if area == other} | at_home
    crossed = {
        area for area, held in sums.moving.items() if area in own or not all(_enough_on(people, area, held))
    }
    return Hidden(frozenset(totals), frozenset(pots), frozenset(pairs), frozenset(own), frozenset(crossed))


def _enough_on(people: _People, area: str, held: tuple[int, ...]) -> list[bool]:
    """Whether each way that money of an area goes, moving or not, is of people enough."""
    sides = ("home", "home", "home", "home", "host", "host")
    return [people.enough(lines, side, area) for lines, side in zip(held, sides, strict=True)]


def _lines(sums: _Sums, side: str, area: str) -> int:
    return sum(lines for (_, own), lines in sums.pot_lines[side].items() if own == area)


def _specialised(money: Money, year: FinancialYear) -> list[Crossing]:
    return [each for each in money.of(year) if each.pot in SPECIALISED]


# --- the same answers, less what is withheld


def public_bases_of(money: Money, year: FinancialYear, by: str, hidden: Hidden) -> Result:
    """`answers.bases_of` of all pots together, less what is withheld, with why in `withheld`."""
    result = bases_of(money, year, by)
    rows = []
    for row in result.table.to_pylist():
        area = row["area"]
        lost = {
            "host_basis": ("host", area) in hidden.totals,
            "population_basis": ("home", area) in hidden.totals,
            "at_home": area in hidden.at_home,
        }
        rows.append(_without(row, lost))
    return _protected(result, rows)


def public_pots_of(money: Money, year: FinancialYear, by: str, hidden: Hidden) -> Result:
    """`answers.bases_of` of each specialised pot, both bases alone, less what is withheld."""
    result = bases_of(money, year, by, each_pot=True)
    rows = []
    for row in result.table.to_pylist():
        if row["pot"] not in SPECIALISED:
            continue
        lost = {
            "host_basis": ("host", row["pot"], row["area"]) in hidden.pots,
            "population_basis": ("home", row["pot"], row["area"]) in hidden.pots,
        }
        rows.append(_without(row, lost))
    return _protected(result, rows, without=("at_home", "outflow", "inflow"))


def public_transfers_of(money: Money, year: FinancialYear, hidden: Hidden) -> Result:
    """`answers.transfers_of` by region, less what is withheld; a share of a withheld total is too."""
    result = transfers_of(money, year)
    rows = []
    for row in result.table.to_pylist():
        secret = (row["home"], row["host"]) in hidden.pairs
        gone = {
            "amount": secret,
            "share_of_home": secret or ("home", row["home"]) in hidden.totals,
            "share_of_host": secret or ("host", row["host"]) in hidden.totals,
        }
        rows.append(
            row | {name: None for name, lost in gone.items() if lost} | {"withheld": FEW if secret else None}
        )
    return _protected(result, rows)


def public_waterfall_of(
    money: Money,
    area: str,
    year: FinancialYear,
    start: FinancialYear,
    hidden: Mapping[FinancialYear, Mapping[str, Hidden]],
) -> Result:
    """`answers.waterfall_of`, its withheld steps taken together; no steps at all where a total is withheld.

    `hidden` is that of both years. A step is never withheld alone, since `completed` sees to it.
    """
    by, steps = steps_of(money, area, year, start)
    code = area.strip().upper()
    now, then = hidden[year][by], hidden[start][by]
    if {("host", code), ("home", code)} & now.totals or ("host", code) in then.totals:
        return result_of_steps(money, code, year, start, [], withheld=FEW, note=NOTE)
    secret = {pot for side, pot, own in now.pots if side == "host" and own == code}
    lost = {each.step for each in steps} & secret
    told = _together(
        [each for each in steps if each.step not in lost], [each for each in steps if each.step in lost]
    )
    if code in now.crossed:
        told = _net(told)
    return result_of_steps(money, code, year, start, told, note=NOTE)


def _together(told: list[Step], lost: list[Step]) -> list[Step]:
    """Withheld steps as one, where the first of them stood."""
    if not lost:
        return told
    one = Step(
        "withheld",
        "Kinds of money that are withheld singly",
        "take",
        sum((each.amount for each in lost), ZERO),
        "; ".join(each.step_name for each in lost),
        "",
    )
    place = next((nth for nth, each in enumerate(told) if each.kind in ("sum", "end")), len(told))
    return [*told[:place], one, *told[place:]]


def _net(steps: list[Step]) -> list[Step]:
    """What flows out and in as one step, where the two apart would tell of few people."""
    flows = [each for each in steps if each.step in ("outflow", "inflow")]
    if not flows:
        return steps
    net = sum((each.amount for each in flows), ZERO)
    one = Step(
        "transfer",
        "Flows out less flows in",
        "add" if net >= 0 else "take",
        net,
        "what flows out less what flows in, which are withheld singly",
        flows[0].source,
    )
    place = steps.index(flows[0])
    return [*steps[:place], one, *(each for each in steps[place:] if each not in flows)]


def _without(row: Mapping[str, Any], lost: Mapping[str, bool]) -> dict[str, Any]:
    """A row without what is withheld, and without what that could be worked out from."""
    gone = {name for name, is_lost in lost.items() if is_lost}
    if {"host_basis", "at_home"} & gone:
        gone.add("inflow")
    if {"population_basis", "at_home"} & gone:
        gone.add("outflow")
    if {"host_basis", "population_basis"} & gone:
        gone.add("transfer")
    return {**row, **dict.fromkeys(gone), "withheld": FEW if gone else None}


def _protected(result: Result, rows: list[dict[str, Any]], without: tuple[str, ...] = ()) -> Result:
    """A result of some rows with the column that says why, and with the note on what is withheld."""
    kept = [field for field in result.table.schema if field.name not in without]
    why = pa.field("withheld", pa.string(), metadata={"unit": WITHHELD.unit, "meaning": WITHHELD.meaning})
    fields = [*kept, why]
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in fields]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    hidden = sum(row["withheld"] is not None for row in rows)
    said = f"{result.title}: something is withheld in {hidden:,} of {len(rows):,} rows."
    return Result(result.title, table, (*result.notes, NOTE, said), result.gaps, result.synthetic)
