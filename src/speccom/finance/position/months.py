"""One financial year of the ledger as a position needs it, up to a month: read once, remembered until a new build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa

from speccom.engine import Engine, quote, run_steps
from speccom.finance.position.budgets import Budget, budgets
from speccom.finance.position.completion import Completion, kept
from speccom.finance.position.forms import Contracts, contracts
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.seasons import Seasons, seasons
from speccom.insight.result import Gap
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.ledger.reading import reading
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

REMEMBERED = 8


class Paid(NamedTuple):
    """What one body paid for at one provider in one month; a code that is not stated is ''."""

    commissioner: str
    service_line: str
    provider: str
    point_of_delivery: str
    data_set: str
    month: int
    lines: int
    actual: Decimal
    plan: Decimal | None
    guessed_home: Decimal


@dataclass(frozen=True)
class YearToDate:
    """A year of the ledger up to a month, with the budgets, contracts, seasons and completion that go with it.

    `paid` has every month held of the year, those after `month` too, since their plans were agreed before;
    `to_date` leaves out what came after. `sent` is, for each provider, the months it has sent anything for.
    """

    workspace: Workspace
    register: Register
    manifest: Manifest
    month: Month
    paid: tuple[Paid, ...]
    held: tuple[int, ...]
    sent: Mapping[str, frozenset[int]]
    budgets: tuple[Budget, ...] | None
    contracts: Contracts
    seasons: Seasons
    completion: Completion
    gaps: tuple[Gap, ...]

    @property
    def year(self) -> FinancialYear:
        return self.month.year

    @property
    def synthetic(self) -> bool:
        return self.manifest.synthetic

    @cached_property
    def whole_year_planned(self) -> bool:
        """Whether every month of the year has plans, so that their sum is the year's."""
        return len({row.month for row in self.paid if row.plan is not None}) == 12

    @property
    def to_date(self) -> list[Paid]:
        """The patient-level rows of the months up to the one asked for."""
        return [row for row in self.paid if row.month <= self.month.number and row.data_set != "ACM"]

    def commissioners(self) -> list[str]:
        """Every body that pays for anything, in the order of the codes."""
        return sorted({row.commissioner for row in self.paid if row.commissioner})

    def active(self, commissioner: str) -> list[bool]:
        """Whether a body is there in each month of the year, by its first day."""
        body = self.register.organisations.get(commissioner)
        if body is None:
            return [True] * 12
        return [
            body.valid_from <= month.start and (body.valid_to is None or month.start < body.valid_to)
            for month in self.year.months()
        ]

    def name(self, commissioner: str) -> str:
        """What a body is called."""
        if not commissioner:
            return "Not resolved"
        body = self.register.organisations.get(commissioner)
        return body.name if body else f"Not in the register ({commissioner})"

    def holds(self, provider: str, month: int) -> bool:
        """Whether a provider's month is in: it, or a later one, was sent. Files are the year to date, so a month
        without rows before one that has some is a month without activity."""
        return month <= max(self.sent.get(provider, ()), default=0) and month in self.held


_remembered: dict[tuple[object, ...], YearToDate] = {}


def year_to_date(
    workspace: Workspace,
    month: Month,
    *,
    commissioner: str | None = None,
    completion: Completion | None = None,
    register: Register | None = None,
) -> YearToDate:
    """The ledger's year up to a month, of one commissioner (a board, hub or other body) or of all.

    `completion` is what was measured; without it what the last measurement kept. Raises `PositionError` for a
    month that is not held or a commissioner that the year has nothing of, `LedgerError` before the first build.
    """
    manifest = require_manifest(workspace)
    key = (
        workspace.root,
        manifest.built,
        month,
        commissioner,
        *(_changed(workspace, name) for name in ("reference/budgets.parquet", "reference/contracts.parquet")),
        _changed(workspace, "ledger/completion.parquet"),
        id(completion) if completion else None,
    )
    found = _remembered.get(key)
    if found is None:
        found = _read(
            workspace, manifest, month, commissioner, completion, register or Register.load(workspace)
        )
        while len(_remembered) >= REMEMBERED:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[key] = found
    return found


def last_month(workspace: Workspace) -> Month:
    """The last month that the ledger holds patient-level rows of. Raises `PositionError` where there is none."""
    held = _months_held(require_manifest(workspace))
    if not held:
        raise PositionError(
            "The ledger has plans and no patient-level row: receive the patient-level files and run speccom build."
        )
    return max(held)


def register_payers(engine: Engine, register: Register, year: FinancialYear) -> None:
    """Make `payer` readable: the board through which each sub-ICB location pays, in each month of a year."""
    rows = [
        (area.code, month.number, area.icb)
        for month in year.months()
        for area in register.areas(month.start).values()
        if area.kind == "sub_icb"
    ]
    codes, months, bodies = zip(*rows, strict=True) if rows else ((), (), ())
    engine.register(
        "payer",
        pa.table(
            {
                "commissioner": pa.array(list(codes), pa.string()),
                "month": pa.array(list(months), pa.int32()),
                "body": pa.array(list(bodies), pa.string()),
            }
        ),
    )


def _read(
    workspace: Workspace,
    manifest: Manifest,
    month: Month,
    commissioner: str | None,
    completion: Completion | None,
    register: Register,
) -> YearToDate:
    months = _months_held(manifest)
    if month not in months:
        known_months = ", ".join(str(each) for each in sorted(months))
        raise PositionError(f"The ledger does not hold {month}: choose one of {known_months}.")
    with reading(workspace, year=str(month.year)) as (engine, _):
        register_payers(engine, register, month.year)
        run_steps(engine, __package__, ["paid"])
        sent = _sent(engine.fetch("select distinct provider, month from ledger where data_set <> 'ACM'"))
        rows = _chosen(engine, commissioner, month).to_pylist()
    held = tuple(sorted(each.number for each in months if each.year == month.year))
    imported = budgets(workspace)
    return YearToDate(
        workspace,
        register,
        manifest,
        month,
        tuple(map(_row, rows)),
        held,
        sent,
        None if imported is None else tuple(imported),
        contracts(workspace),
        seasons_before(workspace, manifest, month.year),
        completion or kept(workspace, manifest),
        tuple(_missing(month, held)),
    )


def _chosen(engine: Engine, commissioner: str | None, month: Month) -> pa.Table:
    """What was paid for by all, or by one, whose lines alone are then summed."""
    if commissioner is None:
        return engine.fetch("select * from paid")
    found = engine.fetch(f"select * from paid where commissioner = {quote(commissioner)}")
    if not found.num_rows:
        bodies = engine.fetch("select distinct commissioner from paid where commissioner is not null")
        known = ", ".join(sorted(map(str, bodies["commissioner"].to_pylist())))
        raise PositionError(f"{commissioner} pays for nothing in {month.year}: choose one of {known}.")
    return found


def _row(row: Mapping[str, object]) -> Paid:
    return Paid(
        str(row["commissioner"] or ""),
        str(row["service_line"] or ""),
        str(row["provider"] or ""),
        str(row["point_of_delivery"] or ""),
        str(row["data_set"]),
        _whole(row["month"]),
        _whole(row["lines"]),
        _pounds(row["actual"]),
        None if row["plan"] is None else _pounds(row["plan"]),
        _pounds(row["guessed_home"]),
    )


def _whole(value: object) -> int:
    return int(str(value))


def _pounds(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


def _sent(found: pa.Table) -> dict[str, frozenset[int]]:
    months: dict[str, set[int]] = {}
    for row in found.to_pylist():
        months.setdefault(str(row["provider"] or ""), set()).add(int(row["month"]))
    return {provider: frozenset(held) for provider, held in months.items()}


def seasons_before(workspace: Workspace, manifest: Manifest, year: FinancialYear) -> Seasons:
    """The season of the whole years that the ledger holds before one."""
    whole = whole_years(manifest, before=year)
    if not whole:
        return seasons((), (), year)
    with summaries(workspace, whole) as (engine, _):
        run_steps(engine, __package__, ["earlier_seasons"])
        found = engine.fetch("select * from earlier_seasons").to_pylist()
    rows = (
        (
            str(row["service_line"] or ""),
            str(row["financial_year"]),
            int(row["month"]),
            float(row["pounds"]),
            int(row["lines"]),
        )
        for row in found
    )
    return seasons(rows, whole, year)


def whole_years(manifest: Manifest, before: FinancialYear) -> list[FinancialYear]:
    """The years before one of which the ledger holds every month, in order."""
    held = _months_held(manifest)
    summed = {each.financial_year for each in manifest.summaries}
    return [
        year
        for year in sorted({month.year for month in held})
        if year < before and year.code in summed and all(month in held for month in year.months())
    ]


def _months_held(manifest: Manifest) -> set[Month]:
    """The months with patient-level rows: one that has only plans is a month to come, not one of nothing."""
    return {
        each.period
        for each in manifest.months
        if any("/data_set=ACM/" not in f"/{name}" for name in each.files)
    }


def _missing(month: Month, held: Iterable[int]) -> list[Gap]:
    return [
        Gap(f"{Month(month.year, number).start:%B %Y}", "actual", "the ledger does not hold that month")
        for number in range(1, month.number)
        if number not in held
    ]


def _changed(workspace: Workspace, name: str) -> int | None:
    path = workspace.root / name
    return path.stat().st_mtime_ns if path.is_file() else None


def payers(workspace: Workspace, register: Register, year: FinancialYear) -> tuple[str, ...]:
    """The boards and hubs of the register that pay for anything in a year, in the order of the codes."""
    with reading(workspace, year=str(year)) as (engine, _):
        register_payers(engine, register, year)
        found = engine.fetch(
            "select distinct coalesce(payer.body, ledger.assigned_commissioner) as body from ledger "
            "left join payer on payer.commissioner = ledger.assigned_commissioner and payer.month = ledger.month "
            "where ledger.data_set <> 'ACM'"
        )
    return tuple(sorted({str(body) for body in found["body"].to_pylist()} & register.organisations.keys()))


def months_held(workspace: Workspace) -> list[Month]:
    """The months that a position can be asked for, in order."""
    return sorted(_months_held(require_manifest(workspace)))
