"""What is asked of bases: both bases of each area, who is paid for whom, who holds what, and from one to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.bases.money import LEVELS, ZERO, BasesError, Crossing, Money, total
from speccom.finance.bases.rules import (
    BASES,
    CENTRAL,
    HOST,
    OTHER,
    POPULATION,
    Rule,
    pots,
    rule_on,
    source_of,
)
from speccom.finance.bases.rules import LEVELS as SHARED_BY
from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.result import Column, Gap, Result, described
from speccom.period import FinancialYear
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND

MONEY, TEXT, SHARE = pa.decimal128(38, 8), pa.string(), pa.float64()
SPECIALISED = tuple(pot for pot in pots() if pot != OTHER)
"""Every pot of specialised commissioning."""
START, ADD, TAKE, SUM, END = "start", "add", "take", "sum", "end"

_AREA = {
    "area": Column("code", "the region or board; `OTHER NATION` and `UNKNOWN` are none of England"),
    "area_name": Column("", "its name"),
}
_POT = {
    "pot": Column("code", "the kind of money"),
    "pot_name": Column("", "its name"),
    "basis": Column("", "the basis that this money is on in the year"),
    "level": Column("", "the areas that share it on that basis"),
}
_SIDES = {
    "host_basis": Column("£", "what providers in the area cost, whoever the patient is"),
    "population_basis": Column("£", "what the area's people cost, wherever they are cared for"),
    "at_home": Column("£", "what the area's people cost at providers in the area; a part of both"),
    "outflow": Column("£", "what its people cost at providers elsewhere: the population basis less at home"),
    "inflow": Column("£", "what its providers cost for people of elsewhere: the host basis less at home"),
    "transfer": Column(
        "£", "population basis less host basis, which is outflow less inflow; over all areas nothing"
    ),
}
BASES_COLUMNS = {**_AREA, **_POT, **_SIDES}
TRANSFER_COLUMNS = {
    "host": Column("code", "where the providers are: who was paid on the host basis"),
    "host_name": Column("", "its name"),
    "home": Column("code", "whose people they are: who pays on the population basis"),
    "home_name": Column("", "its name"),
    "amount": Column("£", "what these people cost at these providers"),
    "share_of_home": Column("share", "of what these people cost anywhere"),
    "share_of_host": Column("share", "of what these providers cost for anybody"),
}
STEP_COLUMNS = {
    "step": Column("code", "one step from the host basis to the population basis"),
    "step_name": Column("", "what it is called"),
    "kind": Column("", "start, add, take, sum (of all above) or end"),
    "amount": Column(
        "£", "what the step adds, below nothing where it takes; of a start, sum or end what is held"
    ),
    "running": Column("£", "what is held after it: that before and the amount"),
    "formula": Column("", "how the amount is worked out"),
    "source": Column("", "why: the rule that holds in the year, and where it is read"),
}
HELD_COLUMNS = {
    **_POT,
    **_AREA,
    "holder": Column("code", "who holds the money; empty where nobody here does"),
    "holder_name": Column("", "its name"),
    "amount": Column("£", "what it comes to"),
    "share": Column("share", "of all money of the year"),
}


# --- both bases


def bases_of(
    money: Money,
    year: FinancialYear,
    by: str = "region",
    *,
    each_pot: bool = False,
    only: Collection[str] = SPECIALISED,
) -> Result:
    """A row for each area, or with `each_pot` for each area and pot: both bases and the transfer between them.

    `by` is `region` or `icb`; columns are those of `BASES_COLUMNS`, the pot's only with `each_pot`, when
    every pot is told and the rows add up to every pound of the patient-level sets. Else the money of `only`
    is taken together. Transfers sum to nothing. Source: finance.md, "Bases".
    """
    areas = money.areas(by)
    wanted = set(pots()) if each_pot else set(only)
    groups: dict[tuple[str, str, str], list[Crossing]] = defaultdict(list)
    for each in money.of(year):
        if each.pot in wanted:
            groups[(each.pot, each.basis, each.level) if each_pot else ("", "", "")].append(each)
    rows: list[dict[str, Any]] = []
    for (pot, basis, level), crossings in sorted(groups.items(), key=_by_pot):
        for area, sides in _sides(crossings, by, areas).items():
            rows.append(
                {
                    "area": area,
                    "area_name": name_of(money.register, area),
                    "pot": pot,
                    "pot_name": pots()[pot].name if pot else "",
                    "basis": BASES.get(basis, ""),
                    "level": SHARED_BY.get(level, ""),
                    **sides,
                }
            )
    if each_pot:
        rows.sort(key=lambda row: (areas.index(row["area"]), list(pots()).index(row["pot"])))
    columns = BASES_COLUMNS if each_pot else {**_AREA, **_SIDES}
    return Result(
        f"Host and population basis by {LEVELS[by]}{', each pot' if each_pot else ''}, {year}",
        _table(columns, rows),
        (*money.scope(year), *_left_out(money, year, each_pot), *_rule_notes(money, year)),
        money.gaps_of(year),
        money.synthetic,
    )


def _sides(crossings: Iterable[Crossing], by: str, areas: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """Both bases, their common part and their difference, of each area that has any of the money."""
    found: dict[str, dict[str, Decimal]] = {}
    for each in crossings:
        host, home = each.host(by), each.home(by)
        for area in (host, home):
            found.setdefault(area, dict.fromkeys(_SIDES, ZERO))
        found[host]["host_basis"] += each.cost
        found[home]["population_basis"] += each.cost
        if host == home:
            found[host]["at_home"] += each.cost
        else:
            found[host]["inflow"] += each.cost
            found[home]["outflow"] += each.cost
    for sides in found.values():
        sides["transfer"] = sides["population_basis"] - sides["host_basis"]
    return {area: found[area] for area in areas if area in found}


def _by_pot(item: tuple[tuple[str, str, str], object]) -> tuple[int, str, str]:
    (pot, basis, level), _ = item
    return list(pots()).index(pot) if pot else -1, basis, level


# --- from host to home


def transfers_of(
    money: Money, year: FinancialYear, by: str = "region", *, only: Collection[str] = SPECIALISED
) -> Result:
    """A row for each area of providers and area of people between which money flows; see `TRANSFER_COLUMNS`.

    Over the rows of a host they add up to its host basis, over those of a home to its population basis.
    """
    areas = money.areas(by)
    cells: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for each in money.of(year):
        if each.pot in only:
            cells[each.host(by), each.home(by)] += each.cost
    hosts, homes = _margin(cells, 0), _margin(cells, 1)
    rows = [
        {
            "host": host,
            "host_name": name_of(money.register, host),
            "home": home,
            "home_name": name_of(money.register, home),
            "amount": cells[host, home],
            "share_of_home": _share(cells[host, home], homes[home]),
            "share_of_host": _share(cells[host, home], hosts[host]),
        }
        for host in areas
        for home in areas
        if (host, home) in cells
    ]
    return Result(
        f"From host to home by {LEVELS[by]}, {year}",
        _table(TRANSFER_COLUMNS, rows),
        (*money.scope(year), *_left_out(money, year, each_pot=False)),
        money.gaps_of(year),
        money.synthetic,
    )


def _margin(cells: Mapping[tuple[str, str], Decimal], side: int) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for pair, amount in cells.items():
        found[pair[side]] += amount
    return found


# --- who holds what


def held_of(money: Money, year: FinancialYear, by: str | None = None) -> Result:
    """What each commissioner holds in a year under the rules of that year: a row for each pot and area.

    Money on the host basis lies with the area of the providers, money on the population basis with that of
    the people, at the level that the rule names; what is central lies with England. `by` tells all of it at
    one level instead. The rows add up to every pound of the patient-level sets; see `HELD_COLUMNS`.
    """
    cells: dict[tuple[str, str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for each in money.of(year):
        cells[each.pot, each.basis, each.level, _lies_with(each, by)] += each.cost
    whole = sum(cells.values(), ZERO)
    order = [ENGLAND, *money.areas("region"), *money.areas("icb"), ""]
    keys = sorted(cells, key=lambda key: (*_by_pot((key[:3], None)), order.index(key[3])))
    rows = []
    for pot, basis, level, area in keys:
        holder = _holder(pot, basis, area)
        rows.append(
            {
                "pot": pot,
                "pot_name": pots()[pot].name,
                "basis": BASES[basis],
                "level": SHARED_BY[level],
                "area": area,
                "area_name": name_of(money.register, area) if area else "",
                "holder": holder,
                "holder_name": name_of(money.register, holder) if holder else "",
                "amount": cells[pot, basis, level, area],
                "share": _share(cells[pot, basis, level, area], whole),
            }
        )
    return Result(
        f"What each commissioner holds, {year}",
        _table(HELD_COLUMNS, rows),
        (*money.scope(year), *_rule_notes(money, year)),
        money.gaps_of(year),
        money.synthetic,
    )


def _lies_with(each: Crossing, by: str | None) -> str:
    level = by if by and each.level in LEVELS else each.level
    if level == "england":
        return ENGLAND
    if level not in LEVELS:
        return ""
    return each.host(level) if each.basis == HOST else each.home(level)


def _holder(pot: str, basis: str, area: str) -> str:
    """A board holds what is delegated to it, NHS England the rest; other nations' and others' money neither."""
    if not area or pot == "unplaced":
        return ""
    return area if pot == "delegated" and basis == POPULATION and area not in NOT_A_BOARD else NHS_ENGLAND


# --- from the host basis to the population basis


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall; `amount` is what it adds, or of a start, sum and end what is held."""

    step: str
    step_name: str
    kind: str
    amount: Decimal
    formula: str
    source: str


def waterfall_of(money: Money, area: str, year: FinancialYear, start: FinancialYear | None = None) -> Result:
    """The steps from an area's host basis in one year to what its people's services come to in another.

    Starts from everything at the area's providers in `start` (default: the same year), adds the change in
    spend between the years, takes what is held centrally and what stays on the host basis in `year`, adds
    what flows out and takes what flows in of the rest. The steps sum exactly to the end. Columns are those
    of `STEP_COLUMNS`. Raises `BasesError` for an area that no pound is of, and for years the wrong way round.
    """
    first = start or year
    _, steps = steps_of(money, area, year, first)
    return result_of_steps(money, area.strip().upper(), year, first, steps)


def steps_of(money: Money, area: str, year: FinancialYear, start: FinancialYear) -> tuple[str, list[Step]]:
    """Whether an area is told by region or board, and the steps of its waterfall; raises as `waterfall_of`."""
    code, by = _known_area(money, area)
    if year < start:
        raise BasesError(f"{start} comes after {year}: a waterfall runs from the earlier to the later.")
    return by, _steps(money, code, by, start, year)


def result_of_steps(
    money: Money,
    area: str,
    year: FinancialYear,
    start: FinancialYear,
    steps: Sequence[Step],
    *,
    withheld: str = "",
    note: str = "",
) -> Result:
    """Steps as a result, each with what is held after it; `withheld` says why there are none."""
    rows, running = [], ZERO
    for each in steps:
        running = running + each.amount if each.kind in (ADD, TAKE) else each.amount
        rows.append({name: getattr(each, name) for name in Step.__slots__} | {"running": running})
    years = tuple(dict.fromkeys((start, year)))
    name = name_of(money.register, area)
    return Result(
        f"{name}: from host to population basis, {' to '.join(map(str, years))}",
        _table(STEP_COLUMNS, rows),
        (
            *money.scope(*years),
            *_left_out(money, year, each_pot=False),
            *_rule_notes(money, year),
            *([note] if note else []),
        ),
        (
            *([Gap(name, "steps", withheld)] if withheld else []),
            *money.gaps_of(*years),
            *_unequal(money, years),
        ),
        money.synthetic,
    )


def level_of(money: Money, area: str) -> str:
    """Whether an area is told by region or by board. Raises `BasesError`, naming those that there are."""
    return _known_area(money, area)[1]


def _known_area(money: Money, area: str) -> tuple[str, str]:
    code = area.strip().upper()
    for by in LEVELS:
        if code in money.areas(by):
            return code, by
    boards = [each for each in money.areas("icb") if each not in NOT_A_BOARD]
    raise BasesError(
        f"{area!r} is no region or board that any money is of: choose from "
        f"{', '.join([*money.areas('region'), *boards])}."
    )


def _steps(money: Money, area: str, by: str, first: FinancialYear, year: FinancialYear) -> list[Step]:
    own = [each for each in money.of(year) if each.pot != OTHER]
    hosted = [each for each in own if each.host(by) == area]
    begins = total(each for each in money.of(first) if each.pot != OTHER and each.host(by) == area)
    named = name_of(money.register, area)
    steps = [
        Step(
            "host",
            f"Host basis, {first}",
            START,
            begins,
            f"the sum of all specialised spend at providers in {named}, {first}",
            "",
        )
    ]
    if first != year:
        steps.append(
            Step(
                "change",
                f"Change in spend to {year}",
                ADD,
                total(hosted) - begins,
                f"spend at providers in {named}: {year} less {first}",
                "",
            )
        )
    moving = [each for each in own if each.basis == POPULATION]
    steps += _set_aside(money, hosted, year, moves=bool(moving))
    kept = sum((each.amount for each in steps), ZERO)
    if not moving:
        return [*steps, Step("end", "Host basis, held by the region", END, kept, "the sum of all above", "")]
    gone = total(each for each in moving if each.home(by) == area and each.host(by) != area)
    come = total(each for each in moving if each.host(by) == area and each.home(by) != area)
    rule = _rule_words(money, moving[0].pot, year)
    levels = {each.level for each in moving}
    name = f"Population basis, by {' and '.join(LEVELS.get(level, level) for level in sorted(levels))}"
    return [
        *steps,
        Step("moving", "Host basis of what moves", SUM, kept, "the sum of all above", rule),
        Step(
            "outflow",
            "Flows out: its people elsewhere",
            ADD,
            gone,
            f"these services for people of {named} at providers elsewhere",
            rule,
        ),
        Step(
            "inflow",
            "Flows in: others’ people here",
            TAKE,
            -come,
            f"these services at providers in {named} for people of elsewhere",
            rule,
        ),
        Step(
            "population",
            name,
            END,
            kept + gone - come,
            f"these services for people of {named}, wherever: host basis of what moves + flows out − flows in",
            rule,
        ),
    ]


def _set_aside(money: Money, hosted: Sequence[Crossing], year: FinancialYear, *, moves: bool) -> list[Step]:
    """What is held centrally, and, where anything moves to the population basis, what stays on the host basis."""
    steps = []
    for basis, words in ((CENTRAL, "held centrally"), (HOST, "stay on the host basis")):
        if basis == HOST and not moves:
            continue
        for pot, about in pots().items():
            of_pot = [each for each in hosted if each.pot == pot and each.basis == basis]
            if of_pot:
                steps.append(
                    Step(
                        pot,
                        f"{about.name}: {words}",
                        TAKE,
                        -total(of_pot),
                        f"{about.meaning}; at the area’s providers",
                        _rule_words(money, pot, year),
                    )
                )
    return steps


def _unequal(money: Money, years: Sequence[FinancialYear]) -> list[Gap]:
    """Years of which not as many months are held cannot be held against each other."""
    held = {year: money.months_of(year) for year in years}
    if len(set(held.values())) < 2:
        return []
    words = " and ".join(f"{number} months of {year}" for year, number in held.items())
    return [Gap("Change in spend", "change that is like for like", f"the ledger holds {words}")]


# --- words and tables


def _left_out(money: Money, year: FinancialYear, each_pot: bool) -> tuple[str, ...]:
    other = total(each for each in money.of(year) if each.pot == OTHER)
    if each_pot or not other:
        return ()
    return (f"£{other:,.2f} of lines that name no specialised service is left out.",)


def _rule_notes(money: Money, year: FinancialYear) -> tuple[str, ...]:
    """The rules of the pots that a year has, with how sure each is, and where they are read."""
    held = {each.pot for each in money.of(year)}
    found = [rule for pot in pots() if pot in held and pot != OTHER and (rule := _rule(money, pot, year))]
    words = "; ".join(f"{pots()[rule.pot].name}: {rule.reading} ({rule.confidence})" for rule in found)
    sources = dict.fromkeys(source_of(money.register, rule.source_id) for rule in found)
    return (f"Bases in {year}. {words}. Read in: {'; '.join(sources)}.",) if found else ()


def _rule_words(money: Money, pot: str, year: FinancialYear) -> str:
    rule = _rule(money, pot, year)
    return f"{rule.reading} ({rule.confidence}; {source_of(money.register, rule.source_id)})" if rule else ""


def _rule(money: Money, pot: str, year: FinancialYear) -> Rule | None:
    """The rule of a pot in the last month held of a year."""
    return rule_on(pot, max(month.start for month in money.months if month.year == year))


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None


def _table(columns: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    kinds: dict[str, pa.DataType] = {"£": MONEY, "share": SHARE}
    return described(
        {
            name: (column, [row[name] for row in rows], kinds.get(column.unit, TEXT))
            for name, column in columns.items()
        }
    )
