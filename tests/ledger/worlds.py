"""Small workspaces for the ledger tests: receipts as receiving leaves them, and what they add up to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from speccom.contracts import book
from speccom.contracts.book import Coverage, CoveredMonth, Quarantined, Receipt
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger import open_ledger
from speccom.ledger.build import BuildResult, build
from speccom.workspace import Workspace

BARTS, GUYS, LEEDS = "R1H", "RJ1", "RR8"  # in Y56, Y56 and Y63
LONDON, LEEDS_AREA = "A3A8R", "15F"  # sub-ICB locations of QMF (Y56) and QWO (Y63)
RENAL, SPINAL = "NCBPS11B", "NCBPS06A"  # in 2025/26 green and red


@dataclass(frozen=True)
class Row:
    """One line of a submission as checked; a `quarantined` one never reaches checked.parquet."""

    data_set: str = "PLCM"
    financial_year: str = "202526"
    month: int = 1
    provider: str = BARTS
    site: str | None = None
    gp_responsibility: str | None = LONDON
    residence_responsibility: str | None = None
    practice: str | None = None
    submitted_commissioner: str | None = LONDON
    submitted_category: str | None = "25"
    service_code: str | None = RENAL
    point_of_delivery: str | None = "OPFUP"
    treatment_function: str | None = "361"
    tariff_code: str | None = None
    patient_id: int | None = None
    withheld_identity_reason: str | None = None
    age: int | None = None
    gender: str | None = None
    ethnic_category: str | None = None
    lsoa: str | None = None
    activity_date: date | None = None
    item_code: str | None = None
    item_name: str | None = None
    activity: Decimal | None = Decimal(1)
    unit_price: Decimal | None = None
    cost: Decimal | None = Decimal("100.00")
    planned_activity: Decimal | None = None
    planned_cost: Decimal | None = None
    quarantined: bool = field(default=False, compare=False)


_KINDS: dict[str, pa.DataType] = {
    "month": pa.int32(),
    "patient_id": pa.int64(),
    "age": pa.int32(),
    "activity_date": pa.date32(),
    "activity": pa.decimal128(18, 3),
    "planned_activity": pa.decimal128(18, 3),
    "unit_price": pa.decimal128(26, 8),
    "cost": pa.decimal128(26, 8),
    "planned_cost": pa.decimal128(26, 8),
}
COLUMNS = [each.name for each in fields(Row) if each.name != "quarantined"]


def receive(
    workspace: Workspace, rows: Sequence[Row], *, name: str = "a.csv", synthetic: bool = True
) -> Receipt:
    """Receive rows of one data set as one file: its directory first, then its line in the book."""
    number = len(book.read(workspace)) + 1
    [data_set] = {row.data_set for row in rows}
    held, passed = [row for row in rows if row.quarantined], [row for row in rows if not row.quarantined]
    keys = sorted({(row.provider, row.financial_year, row.month) for row in rows})
    receipt = Receipt(
        receipt=number,
        received=f"2025-10-{number % 28 + 1:02d}T09:00:00+00:00",
        sha256=hashlib.sha256(f"{number}".encode()).hexdigest(),
        name=name,
        data_set=data_set,
        providers=tuple(sorted({provider for provider, _, _ in keys})),
        financial_years=tuple(sorted({year for _, year, _ in keys})),
        months=tuple(CoveredMonth(*pair) for pair in sorted({key[1:] for key in keys})),
        rows=len(rows),
        cost=cost_of(rows),
        unread_costs=sum(row.cost is None for row in rows),
        quarantined=Quarantined(len(held), cost_of(held)),
        findings={},
        synthetic=synthetic,
        coverage=tuple(_coverage(key, rows) for key in keys),
        key_fingerprint="0" * 16,
    )
    workspace.make()
    directory = receipt.directory(workspace)
    directory.mkdir()
    numbered = {id(row): number for number, row in enumerate(rows, start=2)}
    pq.write_table(checked(passed, [numbered[id(row)] for row in passed]), directory / "checked.parquet")
    if held:
        (workspace.quarantine / receipt.sha256).mkdir()
        pq.write_table(
            checked(held, [numbered[id(row)] for row in held]),
            workspace.quarantine / receipt.sha256 / "rows.parquet",
        )
    book.append(workspace, [receipt])
    return receipt


def _coverage(key: tuple[str, str, int], rows: Iterable[Row]) -> Coverage:
    own = [row for row in rows if (row.provider, row.financial_year, row.month) == key]
    return Coverage(*key, len(own), cost_of(own))


def cost_of(rows: Iterable[Row]) -> Decimal:
    return sum((row.cost for row in rows if row.cost is not None), Decimal(0))


def checked(rows: Sequence[Row], numbers: Sequence[int]) -> pa.Table:
    """Rows as checked.parquet has them."""
    columns = {"row": pa.array(numbers, pa.int64())}
    for name in COLUMNS:
        columns[name] = pa.array([getattr(row, name) for row in rows], _KINDS.get(name, pa.string()))
    return pa.table(columns)


def ledger_rows(workspace: Workspace) -> list[dict[str, object]]:
    """The published ledger, in order of receipt and row."""
    with DuckDBEngine() as engine:
        open_ledger(engine, workspace)
        return engine.fetch("select * from ledger order by receipt, row").to_pylist()


def build_in(workspace: Workspace) -> BuildResult:
    return build(workspace, threads=1)


def workspace_in(directory: Path) -> Workspace:
    return Workspace(directory / "workspace").make()


# --- generated sequences of receipts

_rows = st.builds(
    Row,
    provider=st.sampled_from([BARTS, LEEDS]),
    month=st.integers(1, 3),
    service_code=st.sampled_from([RENAL, SPINAL, "99999999", None]),
    gp_responsibility=st.sampled_from([LONDON, LEEDS_AREA, None, "7A4"]),
    submitted_category=st.sampled_from(["12", "21", "25"]),
    patient_id=st.one_of(st.none(), st.integers(1, 4)),
    cost=st.decimals(-(10**6), 10**6, places=8, allow_nan=False, allow_infinity=False),
    quarantined=st.booleans(),
)


@st.composite
def files(draw: st.DrawFn) -> list[Row]:
    """The rows of one file: of one data set, some of them held back, some of those with an unread cost."""
    data_set = draw(st.sampled_from(["ACM", "PLCM", "DrPLCM", "DePLCM"]))
    unread = draw(st.booleans())
    return [
        replace(
            row,
            data_set=data_set,
            patient_id=None if data_set == "ACM" else row.patient_id,
            planned_cost=row.cost if data_set == "ACM" else None,
            cost=None if row.quarantined and unread else row.cost,
            quarantined=row.quarantined,
        )
        for row in draw(st.lists(_rows, min_size=1, max_size=6))
    ]


def law(sequence: Sequence[Sequence[Row]]) -> list[tuple[int, int]]:
    """The (receipt, row) that the ledger of files received in this order holds: the restatement law."""
    latest = {
        (row.data_set, row.provider, row.financial_year, row.month): receipt
        for receipt, rows in enumerate(sequence, start=1)
        for row in rows
    }
    return [
        (receipt, number)
        for receipt, rows in enumerate(sequence, start=1)
        for number, row in enumerate(rows, start=2)
        if not row.quarantined
        and latest[row.data_set, row.provider, row.financial_year, row.month] == receipt
    ]
