"""The receipt book: one line for each file received, in order; what is not in it was not received."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from speccom.workspace import Workspace, WorkspaceError, sync_directory


class CoveredMonth(NamedTuple):
    """A financial year as files write it (`202526`) and a month of it (1 is April)."""

    financial_year: str
    month: int


class Quarantined(NamedTuple):
    """Rows held back, and the sum of those of their costs that could be read."""

    rows: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows and cost that a receipt holds for one key. Its rows of an earlier receipt count no more."""

    provider: str
    financial_year: str
    month: int
    rows: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """One received file. `received` is UTC; `cost` sums every cost that could be read, exactly.

    rows = checked + quarantined. `coverage` counts all rows whose key can be read, quarantined or not.
    `findings` counts by check. `key_fingerprint` tells which patient key was used.
    """

    receipt: int
    received: str
    sha256: str
    name: str
    data_set: str
    providers: tuple[str, ...]
    financial_years: tuple[str, ...]
    months: tuple[CoveredMonth, ...]
    rows: int
    cost: Decimal
    unread_costs: int
    quarantined: Quarantined
    findings: dict[str, int]
    synthetic: bool
    coverage: tuple[Coverage, ...]
    key_fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """As the book's line has it."""
        line = asdict(self)
        line["cost"] = plain(self.cost)
        line["months"] = [each._asdict() for each in self.months]
        line["quarantined"] = {"rows": self.quarantined.rows, "cost": plain(self.quarantined.cost)}
        line["coverage"] = [{**asdict(each), "cost": plain(each.cost)} for each in self.coverage]
        return line

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Receipt:
        """A line of the book."""
        return cls(
            **{
                **line,
                "providers": tuple(line["providers"]),
                "financial_years": tuple(line["financial_years"]),
                "months": tuple(CoveredMonth(**each) for each in line["months"]),
                "cost": Decimal(line["cost"]),
                "quarantined": Quarantined(line["quarantined"]["rows"], Decimal(line["quarantined"]["cost"])),
                "coverage": tuple(
                    Coverage(**{**each, "cost": Decimal(each["cost"])}) for each in line["coverage"]
                ),
            }
        )

    def directory(self, workspace: Workspace) -> Path:
        """Where the submission, its checked rows and its findings lie."""
        return workspace.receipts / self.sha256


def path_of(workspace: Workspace) -> Path:
    return workspace.receipts / "book.jsonl"


def read(workspace: Workspace) -> list[Receipt]:
    """Every receipt, in the order of its number. A last line that a kill cut off does not count."""
    path = path_of(workspace)
    if not path.exists():
        return []
    *whole, _torn = path.read_bytes().split(b"\n")
    try:
        return [Receipt.from_json(json.loads(line)) for line in whole]
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"The receipt book {path} is damaged: restore it from a copy.") from error


def append(workspace: Workspace, receipts: Iterable[Receipt]) -> None:
    """Write receipts at the end, lasting when this returns. The caller holds the workspace's lock."""
    path = path_of(workspace)
    lines = "".join(json.dumps(receipt.to_json(), ensure_ascii=False) + "\n" for receipt in receipts)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as book:
        book.truncate(book.seek(_end_of_whole_lines(book.read())))
        book.write(lines.encode("utf-8"))
        book.flush()
        os.fsync(book.fileno())
    sync_directory(path.parent)


def plain(money: Decimal) -> str:
    """Money as text: no exponent, no digits lost, at least two decimals."""
    text = f"{money:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _end_of_whole_lines(content: bytes) -> int:
    return content.rfind(b"\n") + 1
