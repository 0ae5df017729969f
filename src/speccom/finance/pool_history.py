"""What a pool's areas may expect, told from the ledger: cases a year, what a case costs, and how years differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.engine import run_steps
from speccom.finance.pool_costs import banded
from speccom.finance.pool_years import Chances
from speccom.finance.pools import Actual, Member, PoolError
from speccom.insight.areas import Footprint, name_of
from speccom.insight.case_costs import CaseCosts
from speccom.insight.chance import variance_between_years
from speccom.insight.heads import heads
from speccom.insight.observed import detrended_variation
from speccom.insight.opened import Opened, opened
from speccom.insight.peers import groups_of
from speccom.insight.result import Gap
from speccom.insight.volatility import FEWEST_YEARS
from speccom.insight.yearly import MONTHS_OF_A_YEAR, UNEVEN, whole_years
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import years_held
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

EVERYBODY = "england"
FEWEST_PATIENTS = 8
"""Patients a year, or in a band of costs, from which a public page may say anything of them."""
ROUNDED_TO = 5
FEWEST_PUBLIC_YEARS = 3
"""Years whose mean a public page shows. A mean of fewer would tell, beside the pages of each year, a year's count
that is withheld there; of three, what it was rounded by is more than such a count."""
_BANDS_PER_LOGARITHM = 16
_DIGITS = 3


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """What the ledger says of a pool: its areas as members, one distribution of a case's cost, and how years differ.

    `own_cost` is the mean of what each area's patients cost in a year, to hold its expected cost against.
    `patient_years` are those that the distribution rests on. `left_out` says of each area that was asked for and has
    no place why not. `actual` is the year that is settled, if one is.
    """

    name: str
    members: tuple[Member, ...]
    costs: CaseCosts
    chances: Chances
    years: tuple[FinancialYear, ...]
    own_cost: Mapping[str, Decimal | None]
    patient_years: int
    actual: Mapping[str, Actual]
    settled: FinancialYear | None
    notes: tuple[str, ...]
    left_out: Mapping[str, Gap]
    other_gaps: tuple[Gap, ...]
    source: str
    synthetic: bool

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not said, and why."""
        return (*self.other_gaps, *self.left_out.values())

    def among(self, codes: Collection[str]) -> History:
        """The same of some of its areas. Raises `PoolError` where none of them has a place."""
        members = tuple(each for each in self.members if each.code in codes)
        if not members:
            raise PoolError(
                f"None of {', '.join(sorted(codes))} has patients enough of {self.name} in "
                f"{', '.join(map(str, self.years))}: there is nothing to pool. Choose other areas, lines or years."
            )
        left_out = {code: gap for code, gap in self.left_out.items() if code in codes}
        return replace(self, members=members, left_out=left_out)


def history(
    workspace: Workspace,
    lines: str,
    areas: str = EVERYBODY,
    years: Sequence[FinancialYear] | None = None,
    *,
    settle: FinancialYear | None = None,
    retention: Decimal | None = None,
    correlation: float = 1.0,
    between_years: float | None = None,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
) -> History:
    """Expected cases and case costs of the areas of a pool, over whole years (all held, or those named).

    `areas` are codes of boards, `region:CODE`, `committee:CODE`, `group:NAME` or `england`, several with commas. A
    case is a patient's cost in a year over all the lines together. With `settle`, that year is left out of what is
    expected unless it is named, and what it came to is read, with the pounds of patients above `retention`.
    `between_years` replaces the variance between years that four whole years or more show. With `public`, counts are
    rounded, few patients are withheld, and no band of costs is of fewer than eight. Raises `PoolError`, `LedgerError`
    and `InsightError`.
    """
    manifest = require_manifest(workspace)
    held = years_held(manifest)
    chosen = _chosen(held, years, settle)
    wanted = sorted({*chosen, *([settle] if settle else [])})
    with opened(workspace, lines, wanted, boundaries, register) as asked:
        codes = areas_of(asked.boards, areas, asked.on, groups_of(workspace))
        held_whole = [year for year in whole_years(asked) if year in chosen] or chosen
        if settle:
            _check_whole(asked, settle)
        left = _Left.read(asked)
        used = tuple(held_whole if years else left.even(held_whole))
        if public and len(used) < FEWEST_PUBLIC_YEARS:
            raise PoolError(
                f"A public page says what areas expect from {FEWEST_PUBLIC_YEARS} whole years on, and {len(used)} "
                "are held here. An analyst who holds the data can ask for less: speccom pool --help."
            )
        found = _Found.read(asked, used, left, public)
        members, left_out = _members(asked, codes, found)
        variance = found.between_years() if between_years is None else between_years
        whole = History(
            asked.lines.name,
            members,
            found.costs,
            Chances(variance, correlation),
            used,
            {each.code: None if public else found.own_cost(each.code) for each in members},
            found.patient_years,
            _actual(asked, settle, retention, members) if settle else {},
            settle,
            _notes(asked, found, between_years),
            left_out,
            asked.gaps,
            f"the ledger built on {manifest.built:%-d %B %Y}: {asked.lines.name}, "
            f"{', '.join(map(str, used))}, {found.patient_years:,} patient-years",
            asked.synthetic,
        )
    return whole.among(codes)


def areas_of(
    boards: Mapping[str, Footprint], text: str, on: date, groups: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """The boards of a day that a text names, in the order of their codes. Raises `PoolError`, naming what would do."""
    ways: dict[str, Callable[[str], set[str]]] = {
        "": lambda rest: set(boards) if rest.lower() == EVERYBODY else {rest.upper()} & boards.keys(),
        "region": lambda rest: {code for code, each in boards.items() if each.region == rest.upper()},
        "committee": lambda rest: {code for code, each in boards.items() if each.committee == rest.upper()},
        "group": lambda rest: set(groups.get(rest, ())),
    }
    found: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        kind, _, rest = part.rpartition(":")
        codes = ways[kind.lower()](rest) if kind.lower() in ways else set()
        unknown = sorted(codes - boards.keys())
        if not codes or unknown:
            raise PoolError(_unknown(boards, part, unknown, on, groups))
        found |= codes
    if not found:
        raise PoolError(
            "A pool needs one area at least: name boards, a region, a committee, a group or england."
        )
    return tuple(sorted(found))


def _unknown(
    boards: Mapping[str, Footprint],
    part: str,
    unknown: Sequence[str],
    on: date,
    groups: Mapping[str, Sequence[str]],
) -> str:
    regions = sorted({each.region for each in boards.values()})
    committees = sorted({each.committee for each in boards.values() if each.committee})
    of = f" ({', '.join(unknown)} is no board then)" if unknown else ""
    return (
        f"{part!r} names no board on {on:%-d %B %Y}{of}: give codes of boards such as {', '.join(list(boards)[:3])}, "
        f"region: with {', '.join(regions)}, committee: with {', '.join(committees)}, group: with "
        f"{', '.join(sorted(groups)) or 'none kept yet'}, or {EVERYBODY}."
    )


def _chosen(
    held: Sequence[FinancialYear], years: Sequence[FinancialYear] | None, settle: FinancialYear | None
) -> list[FinancialYear]:
    if years:
        return sorted(set(years))
    if settle is None:
        return list(held)
    before = [year for year in held if year < settle]
    if not before:
        raise PoolError(
            f"Nothing is held of years before {settle}, so its premiums have no history: the ledger holds "
            f"{', '.join(map(str, held)) or 'none'}. Name years with --years to expect it from itself."
        )
    return before


def _check_whole(asked: Opened, settle: FinancialYear) -> None:
    months = sum(month.year == settle for month in asked.months)
    if months < MONTHS_OF_A_YEAR:
        raise PoolError(
            f"The ledger holds {months} of the 12 months of {settle}: a pool is settled when a year is whole."
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Left:
    """Of each year, by its code, all pounds, and the shares of them that are of no board and of no patient."""

    cost: Mapping[str, float]
    of_no_board: Mapping[str, float]
    without_patient: Mapping[str, float]

    @classmethod
    def read(cls, asked: Opened) -> _Left:
        boards = pa.array(sorted(asked.boards), pa.string())
        asked.engine.register("pool_board", pa.table({"area": boards}))
        run_steps(asked.engine, __package__, ["pool_left_out"])
        rows = asked.engine.fetch("select * from pool_left_out").to_pylist()
        cost = {row["financial_year"]: float(row["cost"]) for row in rows}

        def shares(name: str) -> dict[str, float]:
            return {
                row["financial_year"]: float(row[name]) / float(row["cost"]) if row["cost"] > 0 else 0.0
                for row in rows
            }

        return cls(cost, shares("of_no_board"), shares("without_patient"))

    def even(self, years: Sequence[FinancialYear]) -> list[FinancialYear]:
        """The years of which no more is of no board than is usual; boards began in July 2022."""
        least = min((self.of_no_board.get(year.code, 0.0) for year in years), default=0.0)
        return [year for year in years if self.of_no_board.get(year.code, 0.0) - least <= UNEVEN]

    def mean(self, years: Sequence[FinancialYear], name: str) -> float:
        """A share over some years together."""
        shares: Mapping[str, float] = getattr(self, name)
        whole = sum(self.cost.get(year.code, 0.0) for year in years)
        part = sum(self.cost.get(year.code, 0.0) * shares.get(year.code, 0.0) for year in years)
        return part / whole if whole > 0 else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """What was read: patients and cost by board and year, the distribution of a case, and what has no patient."""

    years: tuple[FinancialYear, ...]
    patients: Mapping[tuple[str, str], int]
    cost: Mapping[tuple[str, str], Decimal]
    boards: frozenset[str]
    costs: CaseCosts
    patient_years: int
    left: _Left
    public: bool

    @classmethod
    def read(cls, asked: Opened, years: tuple[FinancialYear, ...], left: _Left, public: bool) -> _Found:
        codes = pa.array([year.code for year in years], pa.string())
        asked.engine.register("pool_year", pa.table({"financial_year": codes}))
        run_steps(
            asked.engine,
            __package__,
            ["pool_patients", "pool_bands", "pool_areas"],
            frozenset({"pool_patients"}),
        )
        rows = asked.engine.fetch("select * from pool_areas").to_pylist()
        bands = asked.engine.fetch("select * from pool_bands").to_pylist()
        costs, count = _case_costs(asked.lines.name, years, bands, public)
        return cls(
            years,
            {(row["area"], row["financial_year"]): row["patients"] for row in rows},
            {(row["area"], row["financial_year"]): row["cost"] for row in rows},
            frozenset(row["area"] for row in rows) & asked.boards.keys(),
            costs,
            count,
            left,
            public,
        )

    def cases(self, area: str) -> float:
        """Patients a year; rounded to five for a public page."""
        mean = sum(self.patients.get((area, year.code), 0) for year in self.years) / len(self.years)
        return ROUNDED_TO * round(mean / ROUNDED_TO) if self.public and mean >= FEWEST_PATIENTS else mean

    def own_cost(self, area: str) -> Decimal:
        """Pounds a year of its own patients."""
        whole = sum((self.cost.get((area, year.code), Decimal(0)) for year in self.years), Decimal(0))
        return (whole / len(self.years)).quantize(Decimal("0.01"))

    def between_years(self) -> float:
        """The variance of England's yearly cost beyond chance; none before there are years enough."""
        if len(self.years) < FEWEST_YEARS:
            return 0.0
        yearly = [
            float(sum((self.cost.get((area, year.code), Decimal(0)) for area in self.boards), Decimal(0)))
            for year in self.years
        ]
        observed = detrended_variation(np.array([yearly])).values[0]
        patients = sum(self.patients.get((area, year.code), 0) for area in self.boards for year in self.years)
        if np.isnan(observed) or not patients:
            return 0.0
        found = float(variance_between_years(observed, patients / len(self.years), self.costs.variation))
        return float(f"{found:.2g}") if self.public else found


def _case_costs(
    name: str, years: Sequence[FinancialYear], bands: Sequence[Mapping[str, Any]], public: bool
) -> tuple[CaseCosts, int]:
    """The distribution of a patient-year's cost, and how many patient-years it is of."""
    cells = [
        (
            float(np.exp(row["band"] / _BANDS_PER_LOGARITHM)),
            float(np.exp((row["band"] + 1) / _BANDS_PER_LOGARITHM)),
            int(row["patients"]),
            float(row["cost"]),
        )
        for row in bands
    ]
    count = sum(cell[2] for cell in cells)
    fewest = 2 * FEWEST_PATIENTS if public else 2
    if count < fewest:
        said = "fewer than can be shown" if public and count else f"{count}"
        raise PoolError(
            f"{name} has {said} patient-years in {', '.join(map(str, years))}: there is no history from which "
            "a case's cost can be told. Choose other lines or years, or give its mean and variation in a file."
        )
    if public:
        cells = _protected(cells)
        count = ROUNDED_TO * round(count / ROUNDED_TO)
    low, high, patients, cost = (np.array(each, float) for each in zip(*cells, strict=True))
    return banded(low, high, patients, cost / patients), count


def _protected(cells: Sequence[tuple[float, float, int, float]]) -> list[tuple[float, float, int, float]]:
    """Bands from the dearest down, joined until each has eight patients; counts rounded, means to three digits."""
    joined: list[tuple[float, float, int, float]] = []
    for low, high, patients, cost in reversed(cells):
        if joined and joined[-1][2] < FEWEST_PATIENTS:
            _, top, held, sum_ = joined.pop()
            joined.append((low, top, held + patients, sum_ + cost))
        else:
            joined.append((low, high, patients, cost))
    if len(joined) > 1 and joined[-1][2] < FEWEST_PATIENTS:
        low, _, patients, cost = joined.pop()
        _, top, held, sum_ = joined.pop()
        joined.append((low, top, held + patients, sum_ + cost))
    rounded = []
    for low, high, patients, cost in reversed(joined):
        shown = ROUNDED_TO * round(patients / ROUNDED_TO)
        mean = min(max(float(f"{cost / patients:.{_DIGITS}g}"), low), high)
        rounded.append((low, high, shown, mean * shown))
    return rounded


def _members(asked: Opened, codes: Sequence[str], found: _Found) -> tuple[tuple[Member, ...], dict[str, Gap]]:
    people = heads(asked)
    members: list[Member] = []
    left_out: dict[str, Gap] = {}
    for code in codes:
        name, cases = name_of(asked.register, code), found.cases(code)
        if cases == 0:
            left_out[code] = Gap(name, "place in the pool", "it has no patient of these lines in these years")
        elif found.public and cases < FEWEST_PATIENTS:
            left_out[code] = Gap(name, "place in the pool", "it has too few patients a year to be shown")
        else:
            held = people.people.get(code)
            population = None if held is None else Decimal(round(held))
            members.append(Member(code, name, cases, found.costs, population))
    return tuple(members), left_out


def _actual(
    asked: Opened, settle: FinancialYear, retention: Decimal | None, members: Sequence[Member]
) -> dict[str, Actual]:
    asked.engine.register(
        "pool_settled_year",
        pa.table(
            {
                "financial_year": pa.array([settle.code], pa.string()),
                "retention": pa.array([retention or Decimal(0)], pa.decimal128(38, 8)),
            }
        ),
    )
    run_steps(asked.engine, __package__, ["pool_settled"])
    rows = {row["area"]: row for row in asked.engine.fetch("select * from pool_settled").to_pylist()}
    nothing = {"cost": Decimal(0), "above": Decimal(0)}
    return {
        each.code: Actual(Decimal(row["cost"]), None if retention is None else Decimal(row["above"]))
        for each in members
        for row in (rows.get(each.code, nothing),)
    }


def _notes(asked: Opened, found: _Found, between_years: float | None) -> tuple[str, ...]:
    years, said = found.years, ", ".join(map(str, found.years))
    variance = found.between_years()
    if between_years is not None:
        differ = f"The variance between years was set to {between_years:g}."
    elif len(years) < FEWEST_YEARS:
        differ = (
            f"No variance between years is taken in: it needs {FEWEST_YEARS} whole years, and {len(years)} are "
            "used. Years that differ for a reason that all share would make every outcome wider."
        )
    else:
        differ = f"The variance between years beyond chance, told from England's {len(years)} years, is {variance:.4g}."
    return (
        f"Lines: {asked.lines.name} ({len(asked.lines.codes)}). Expected from {said}. Register "
        f"{asked.manifest.snapshot}.",
        f"A case is one patient's cost in a year over these lines together. Its distribution is that of "
        f"{found.patient_years:,} patient-years of all boards, for every area alike: an area whose patients cost more "
        "than England's expects too little here.",
        "Pounds are of the years as they were: neither prices nor growth since are in them.",
        differ,
        f"Of these pounds {found.left.mean(years, 'of_no_board'):.1%} are of people of no board, and "
        f"{found.left.mean(years, 'without_patient'):.1%} of lines without a patient: both are in no pool.",
        *_uneven(found, asked.years),
        *(
            (
                "Protected: cases are rounded to five, areas that expect fewer than eight a year are left out, and no "
                "band of case costs is of fewer than eight patient-years.",
            )
            if found.public
            else ()
        ),
    )


def _uneven(found: _Found, asked: Sequence[FinancialYear]) -> tuple[str, ...]:
    """What is said of years that much is left out of: that they are not used, or that they were asked for."""
    odd = [year for year in asked if year not in found.left.even(asked)]
    used = [f"{year} ({found.left.of_no_board[year.code]:.0%})" for year in odd if year in found.years]
    unused = [f"{year} ({found.left.of_no_board[year.code]:.0%})" for year in odd if year not in found.years]
    said = []
    if used:
        said.append(
            f"Much of {', '.join(used)} is of people of no board, so cases are too few there: leave it out."
        )
    if unused:
        said.append(
            f"Not used: {', '.join(unused)}, of which so much is of people of no board that boards would seem to "
            "have had fewer patients than they had."
        )
    return tuple(said)
