"""One financial year of the ledger as a position needs it, up to a month: read once, remembered until a new build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from speccom.engine import Engine, quote, run_steps
from speccom.finance.position.budgets import Budget, budgets
from speccom.finance.position.completion import Completion, kept
from speccom.finance.position.forms import Contracts, contracts
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.seasons import Seasons, seasons
from speccom.insight.result import Gap
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

REMEMBERED = 8
_SUMMED = ("lines", "actual", "plan", "guessed_home")


class Paid(NamedTuple):
    """What one body paid for at one provider in one month; a code that is not stated, or not asked for, is ''."""

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

    `table` has the columns of `Paid` for every month held of the year, those after `month` too, since their plans
    were agreed before; `paid` and `to_date` are sums of it, the second of what did not come after. `sent` is, for
    each provider, the months it has sent anything for.
    """

    workspace: Workspace
    register: Register
    manifest: Manifest
    month: Month
    table: pa.Table
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
        return len({row.month for row in self.paid() if row.plan is not None}) == 12

    def paid(self, *by: str) -> tuple[Paid, ...]:
        """What was paid for, summed by some of the codes of `Paid`, by month, and apart for plans (`ACM`)."""
        if by not in self._sums:
            self._sums[by] = _rows(_summed(self.table, by))
        return self._sums[by]

    def to_date_table(self, *by: str) -> pa.Table:
        """As `to_date`, as a table with those codes, month and the sums."""
        sums = _summed(self.table, by)
        in_time = pc.less_equal(sums["month"], pa.scalar(self.month.number, sums["month"].type))
        return sums.filter(pc.and_(in_time, pc.not_equal(sums["data_set"], pa.scalar("ACM"))))

    def to_date(self, *by: str) -> list[Paid]:
        """The patient-level rows of `paid` of the months up to the one asked for."""
        return [row for row in self.paid(*by) if row.month <= self.month.number and row.data_set != "ACM"]

    @cached_property
    def _sums(self) -> dict[tuple[str, ...], tuple[Paid, ...]]:
        return {}

    def commissioners(self) -> list[str]:
        """Every body that pays for anything, in the order of the codes."""
        return sorted({row.commissioner for row in self.paid("commissioner") if row.commissioner})

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
    whole = whole_years(manifest, before=month.year)
    with summaries(workspace, [*whole, month.year]) as (engine, _):
        register_payers(engine, register, month.year)
        engine.step("of_year", f"select * from paid_for where financial_year = {quote(month.year.code)}")
        sent = _sent(engine.fetch("select distinct provider, month from of_year where data_set <> 'ACM'"))
        table = _chosen(engine, register, commissioner, month)
        seasonal = _seasons(engine, whole, month.year)
    held = tuple(sorted(each.number for each in months if each.year == month.year))
    imported = budgets(workspace)
    return YearToDate(
        workspace,
        register,
        manifest,
        month,
        table,
        held,
        sent,
        None if imported is None else tuple(imported),
        contracts(workspace),
        seasonal,
        completion or kept(workspace, manifest),
        tuple(_missing(month, held)),
    )


def _chosen(engine: Engine, register: Register, commissioner: str | None, month: Month) -> pa.Table:
    """What was paid for by all, or by one, whose lines alone are then summed."""
    if commissioner is None:
        engine.step("asked_of", "select * from of_year")
        run_steps(engine, __package__, ["paid"])
        return engine.fetch("select * from paid")
    codes = {commissioner} | {
        area.code
        for each in month.year.months()
        for area in register.areas(each.start).values()
        if area.icb == commissioner
    }
    named = ", ".join(quote(code) for code in sorted(codes))
    engine.step("asked_of", f"select * from of_year where commissioner in ({named})")
    run_steps(engine, __package__, ["paid"])
    found = engine.fetch(f"select * from paid where commissioner = {quote(commissioner)}")
    if not found.num_rows:
        known = ", ".join(_bodies(engine))
        raise PositionError(f"{commissioner} pays for nothing in {month.year}: choose one of {known}.")
    return found


def _summed(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """Sums by some codes and month, those of the aggregate set apart; the columns of `Paid`."""
    apart = pc.if_else(pc.equal(table["data_set"], pa.scalar("ACM")), "ACM", "")
    if "data_set" not in by:
        table = table.set_column(table.schema.get_field_index("data_set"), "data_set", apart)
    keys = [*(name for name in by if name != "data_set"), "data_set", "month"]
    sums = table.group_by(keys).aggregate([(name, "sum") for name in _SUMMED])
    return sums.rename_columns([*keys, *_SUMMED])


def _rows(found: pa.Table) -> tuple[Paid, ...]:
    """A table as rows, column after column, which is faster than row after row."""
    nothing = {"lines": 0, "actual": Decimal(0), "plan": None, "guessed_home": Decimal(0), "month": 0}
    columns = []
    for name in Paid._fields:
        default = nothing.get(name, "")
        if name not in found.column_names:
            columns.append([default] * found.num_rows)
            continue
        values = found[name].to_pylist()
        columns.append([default if value is None else value for value in values])
    return tuple(map(Paid._make, zip(*columns, strict=True)))


def _sent(found: pa.Table) -> dict[str, frozenset[int]]:
    months: dict[str, set[int]] = {}
    for row in found.to_pylist():
        months.setdefault(str(row["provider"] or ""), set()).add(int(row["month"]))
    return {provider: frozenset(held) for provider, held in months.items()}


def _seasons(engine: Engine, whole: Sequence[FinancialYear], year: FinancialYear) -> Seasons:
    """The season of the whole years that the ledger holds before one."""
    found = engine.fetch(f"select * from seasons where financial_year < {quote(year.code)}").to_pylist()
    rows = (
        (
            str(row["service_line"] or ""),
            str(row["financial_year"]),
            int(row["month"]),
            float(row["actual"]),
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


def _bodies(engine: Engine) -> list[str]:
    """Who pays for anything in a year, in the order of the codes."""
    found = engine.fetch(
        "select distinct coalesce(payer.body, of_year.commissioner) as body from of_year left join payer on "
        "payer.commissioner = of_year.commissioner and payer.month = of_year.month"
    )
    return sorted(str(body) for body in found["body"].to_pylist() if body is not None)


def months_held(workspace: Workspace) -> list[Month]:
    """The months that a position can be asked for, in order."""
    return sorted(_months_held(require_manifest(workspace)))
