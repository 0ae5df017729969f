"""Small submissions for the tests of contracts: rows that every check passes, to be spoilt one cell at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from speccom.contracts.book import Receipt
from speccom.contracts.receive import receive
from speccom.contracts.schemas import DataSet, column_names, fields
from speccom.workspace import Workspace

KEY = "a key for tests, of no patients"
GUYS = "RJ1"
LONDON = "36L"  # a sub-ICB location of QWE in London, where services are delegated from April 2025
RED, GREEN, UNUSED = "NCBPS01A", "NCBPS11B", "NCBPS01E"
NHS_NUMBERS = ("9434765919", "9434765870")

Row = Mapping[str, str]

_COMMON = {
    "month": "1",
    "financial_year": "202526",
    "created": "2025-05-20 10:00:00",
    "provider": GUYS,
    "site": "RJ101",
    "gp_responsibility": LONDON,
    "residence_responsibility": LONDON,
    "submitted_commissioner": "13R",
    "practice": "H85001",
    "submitted_category": "21",
    "service_code": RED,
    "point_of_delivery": "EL",
    "treatment_function": "100",
}
_PATIENT = {
    "nhs_number": NHS_NUMBERS[0],
    "local_patient": "L0001",
    "postcode": "SE1 9RT",
    "birth_date": "1970-06-15",
    "age": "54",
    "gender": "1",
    "ethnic_category": "A",
    "activity_date": "2025-04-10",
    "activity": "2",
    "unit_price": "50.00",
    "cost": "100.00",
}
_OWN: dict[str, dict[str, str]] = {
    "ACM": {
        "tariff_code": "LB01A",
        "activity": "3",
        "cost": "300.00",
        "planned_activity": "4",
        "planned_cost": "400.00",
    },
    "PLCM": {**_PATIENT, "tariff_code": "LB01A", "activity_end": "2025-04-12"},
    "DrPLCM": {
        **_PATIENT,
        "point_of_delivery": "DRUG",
        "site": "",
        "gp_responsibility": "",
        "residence_responsibility": "",
        "treatment_function": "",
        "item_code": "123456",
        "item_name": "A drug",
    },
    "DePLCM": {
        **_PATIENT,
        "point_of_delivery": "DEVICE",
        "site": "",
        "gp_responsibility": "",
        "residence_responsibility": "",
        "treatment_function": "",
        "item_code": "DEV01",
        "item_name": "A device",
    },
}


def row(data_set: DataSet = "PLCM", **cells: str) -> dict[str, str]:
    """A row that passes every check, with some cells of its own; cells are named by our columns."""
    return {**_COMMON, **_OWN[data_set], **cells}


def header(data_set: DataSet = "PLCM") -> list[str]:
    """Every field of the data set, in the standard's order."""
    return [field.name for field in fields(data_set)]


def text(
    rows: Iterable[Row], data_set: DataSet = "PLCM", names: Sequence[str] | None = None, newline: str = "\n"
) -> str:
    """The rows as a CSV file of a data set, with the columns `names` (all, if not given)."""
    columns = {name: column for column, name in column_names(data_set).items()}
    names = header(data_set) if names is None else names
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(names)
    for each in rows:
        writer.writerow([each.get(columns.get(name, name), "") for name in names])
    return out.getvalue()


def file_in(directory: Path, content: str | bytes, name: str = "plcm.csv") -> Path:
    """A file to submit."""
    path = directory / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def received(workspace: Workspace, *paths: Path, **options: Any) -> list[Receipt]:
    """Receive files that must all be accepted."""
    outcomes = receive(workspace, paths, **options)
    for outcome in outcomes:
        assert outcome.receipt is not None, outcome.refusal
    return [outcome.receipt for outcome in outcomes if outcome.receipt is not None]


def refused(workspace: Workspace, path: Path, **options: Any) -> str:
    """Receive a file that must be refused; the sentence that the user reads."""
    (outcome,) = receive(workspace, [path], **options)
    assert outcome.receipt is None
    assert outcome.refusal is not None
    return str(outcome.refusal)


def checked(workspace: Workspace, receipt: Receipt) -> list[dict[str, Any]]:
    """The rows of a receipt that count."""
    return pq.read_table(receipt.directory(workspace) / "checked.parquet").to_pylist()


def findings(workspace: Workspace, receipt: Receipt) -> list[dict[str, Any]]:
    return pq.read_table(receipt.directory(workspace) / "findings.parquet").to_pylist()


def held_back(workspace: Workspace, receipt: Receipt) -> list[dict[str, Any]]:
    """The rows of a receipt that are in quarantine."""
    path = workspace.quarantine / receipt.sha256 / "rows.parquet"
    return pq.read_table(path).to_pylist() if path.exists() else []


def left_behind(workspace: Workspace) -> list[str]:
    """Everything in the workspace that belongs to submissions."""
    parents = (workspace.receipts, workspace.quarantine)
    return sorted(str(path.relative_to(workspace.root)) for each in parents for path in each.rglob("*"))
