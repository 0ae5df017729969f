"""The manifest: which files are the ledger, what they were made from, and how they conserve."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from speccom.engine import Engine
from speccom.errors import SpeccomError
from speccom.ledger.conservation import Account, Tally
from speccom.period import FinancialYear, Month
from speccom.workspace import Workspace, write_atomically


class LedgerError(SpeccomError):
    """The ledger cannot be read as asked."""

    code = "ledger"


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """One month of the ledger: its files, the fingerprint of what made them, each receipt's part."""

    financial_year: str
    month: int
    fingerprint: str
    files: tuple[str, ...]
    receipts: dict[int, Tally]

    @property
    def period(self) -> Month:
        return Month(FinancialYear.parse(self.financial_year), self.month)


@dataclass(frozen=True, slots=True)
class YearSummary:
    """The small tables of one financial year: the fingerprint of what made them, and each table's file."""

    financial_year: str
    fingerprint: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A whole ledger. Files are named from the ledger's directory; `snapshot` is the register's.

    `receipt` is the last that it knows of. `synthetic` is true when any receipt in it is made up.
    """

    built: datetime
    receipt: int
    snapshot: str
    synthetic: bool
    prison_practices: int
    armed_forces_practices: int
    months: tuple[LedgerMonth, ...]
    accounts: tuple[Account, ...]
    summaries: tuple[YearSummary, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that counts, from the ledger's directory."""
        of_months = (name for month in self.months for name in month.files)
        return (*of_months, *(name for each in self.summaries for name in each.files.values()))

    def choose(self, month: int | None = None, year: str | None = None) -> Manifest:
        """The ledger of one month number (1 is April), one financial year (`2025/26`), or both.

        Raises `LedgerError`, naming the months held, when it has none of what was asked.
        """
        code = FinancialYear.parse(year).code if year else None
        chosen = tuple(
            each
            for each in self.months
            if month in (None, each.month) and code in (None, each.financial_year)
        )
        if not chosen:
            held = ", ".join(str(each.period) for each in self.months)
            raise LedgerError(f"The ledger does not hold that month: choose one of {held}.")
        return replace(self, months=chosen)


REMEMBERED = 4
"""How many workspaces' manifests a process keeps: some megabytes each."""
_read: dict[Path, tuple[tuple[int, ...], Manifest]] = {}


def manifest_path(workspace: Workspace) -> Path:
    return workspace.ledger / "manifest.json"


def read_manifest(workspace: Workspace) -> Manifest | None:
    """The published ledger's manifest, or none before the first build; read once, and again when it is replaced."""
    path = manifest_path(workspace)
    try:
        with path.open("rb") as handle:
            # Of the file that is open: another may take its name meanwhile, which the next reader then sees.
            found = os.fstat(handle.fileno())
            identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
            held = _read.get(path)
            if held is not None and held[0] == identity:
                return held[1]
            text = handle.read()
    except FileNotFoundError:
        return None
    try:
        manifest = _manifest(json.loads(text))
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise LedgerError(f"{path} cannot be read: remove it and run speccom build.") from error
    while len(_read) >= REMEMBERED:
        _read.pop(next(iter(_read)), None)
    _read[path] = identity, manifest
    return manifest


def require_manifest(workspace: Workspace) -> Manifest:
    """The published ledger's manifest. Raises `LedgerError` before the first build."""
    manifest = read_manifest(workspace)
    if manifest is None:
        raise LedgerError(f"There is no ledger in {workspace.root} yet: run speccom build.")
    return manifest


def publish(workspace: Workspace, manifest: Manifest) -> None:
    """Make a built ledger the one that readers see: one act, after all its files are in place."""
    write_atomically(
        manifest_path(workspace), json.dumps(manifest, default=_plain, indent=1).encode() + b"\n"
    )


def open_ledger(
    engine: Engine, workspace: Workspace, month: int | None = None, year: str | None = None
) -> Manifest:
    """Define the relation `ledger` on an engine, whole or of a month or year; give its manifest.

    Columns: receipt, those of a receipt's checked.parquet, those of `assignment.ASSIGNED_COLUMNS`.
    A build that is published while this is read does not remove what is being read; the one after may.
    """
    manifest = require_manifest(workspace).choose(month, year)
    paths = [workspace.ledger / name for each in manifest.months for name in each.files]
    if not paths:
        raise LedgerError(
            "There is nothing in the ledger to sum: every row of it is in quarantine. "
            "See speccom status, and receive corrected files."
        )
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise LedgerError(f"{missing} is gone: run speccom build, which makes that month anew.")
    engine.parquet("ledger", paths)
    return manifest


def _plain(value: object) -> object:
    to_json = _PLAIN.get(type(value))
    if to_json is None:
        raise TypeError(f"{type(value).__name__} has no place in a manifest")
    return to_json(value)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


_PLAIN: dict[type, Callable[[Any], object]] = {
    Manifest: _fields,
    LedgerMonth: _fields,
    YearSummary: _fields,
    Account: _fields,
    Tally: _fields,
    Decimal: lambda value: f"{value:f}",
    datetime: lambda value: value.isoformat(),
}


def _tally(value: dict[str, Any]) -> Tally:
    return Tally(value["rows"], Decimal(value["cost"]))


def _month(value: dict[str, Any]) -> LedgerMonth:
    receipts = {int(receipt): _tally(tally) for receipt, tally in value["receipts"].items()}
    return LedgerMonth(**value | {"files": tuple(value["files"]), "receipts": receipts})


def _account(value: dict[str, Any]) -> Account:
    places = ("received", "ledger", "quarantined", "superseded")
    return Account(**value | {place: _tally(value[place]) for place in places})


def _manifest(value: dict[str, Any]) -> Manifest:
    return Manifest(
        **value
        | {
            "built": datetime.fromisoformat(value["built"]),
            "months": tuple(_month(each) for each in value["months"]),
            "accounts": tuple(_account(each) for each in value["accounts"]),
            "summaries": tuple(YearSummary(**each) for each in value.get("summaries", ())),
        }
    )
