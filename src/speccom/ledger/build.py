"""Builds the ledger: settles restatements, assigns every row, proves conservation, only then publishes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from speccom import assignment
from speccom.contracts import book, reference
from speccom.contracts.book import Receipt
from speccom.engine import read_step, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.conservation import Account, NotConserved, Tally, faults, total
from speccom.ledger.manifest import LedgerError, LedgerMonth, Manifest, publish, read_manifest
from speccom.ledger.restatements import Covered, resolve
from speccom.ledger.summaries import summarise
from speccom.period import Month
from speccom.register import Register
from speccom.workspace import Workspace, remove_tree, sync_directory

PARTITIONS = ["financial_year", "month", "data_set"]
# Raise it when the ledger's columns change in a way that no SQL text shows: every month is then made anew.
FORM_OF_THE_LEDGER = 1

Period: TypeAlias = tuple[str, int]
"""A financial year (`202526`) and a month of it (1 is April)."""


class NothingReceived(LedgerError):
    """There is no receipt to build from."""

    code = "nothing_received"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A finished build: the account of every receipt, what was made anew, and what a reader should know.

    `seconds` is all of it, `summing_seconds` the part that made the summaries.
    """

    accounts: tuple[Account, ...]
    months: tuple[Month, ...]
    built: tuple[Month, ...]
    synthetic: bool
    notes: tuple[str, ...]
    seconds: float
    summing_seconds: float = 0.0

    @property
    def received(self) -> Tally:
        return total(account.received for account in self.accounts)

    @property
    def ledger(self) -> Tally:
        return total(account.ledger for account in self.accounts)

    @property
    def quarantined(self) -> Tally:
        return total(account.quarantined for account in self.accounts)

    @property
    def superseded(self) -> Tally:
        return total(account.superseded for account in self.accounts)

    @property
    def unread_costs(self) -> int:
        return sum(account.unread_costs for account in self.accounts)

    @property
    def conserved(self) -> bool:
        return all(account.conserved for account in self.accounts)


class BuildNotConserved(NotConserved):
    """A build that lost or gained rows or pounds, with its accounts; the ledger before it stands."""

    def __init__(self, result: BuildResult) -> None:
        found = faults(result.accounts)
        more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
        super().__init__(
            f"The build does not conserve, so nothing of it was published: what was received differs from "
            f"ledger + quarantined + superseded in {'; '.join(found[:5])}{more}. "
            f"Receive the original files into a new workspace and build there."
        )
        self.result = result


def build(
    workspace: Workspace,
    *,
    threads: int | None = None,
    memory_limit: str = "2GB",
    progress: Callable[[str], None] = lambda _: None,
) -> BuildResult:
    """Make the ledger of everything received; only months whose inputs changed are made anew.

    The inputs of a month are the receipts that count in it, what its assignment looks up in the register and
    the practice lists, and the text of the assignment. Raises `NothingReceived`; `BuildNotConserved`, after which the
    ledger is what it was. Killed at any point, it leaves the old ledger or the new one, whole.
    """
    started = time.perf_counter()
    with workspace.require().lock("the build"):
        inputs = _inputs(workspace)
        published = read_manifest(workspace)
        _sweep(workspace, published)
        wanted = _fingerprints(inputs)
        kept = _still_good(workspace, published, wanted)
        anew = sorted(wanted.keys() - kept.keys())
        with _stage(workspace) as stage, _engine(stage, threads, memory_limit) as engine:
            if anew:
                progress(f"Assigning {len(anew)} of {len(wanted)} months")
            made = _make_months(engine, workspace, stage, inputs, {period: wanted[period] for period in anew})
            months = tuple(sorted([*kept.values(), *made], key=_period_of))
            progress("Counting every row and penny")
            superseded = _superseded(engine, workspace, inputs.covered)
            result = BuildResult(
                accounts=_accounts(workspace, inputs.receipts, months, superseded),
                months=tuple(each.period for each in months),
                built=tuple(each.period for each in months if _period_of(each) in anew),
                synthetic=any(receipt.synthetic for receipt in inputs.receipts),
                notes=_notes(inputs),
                seconds=time.perf_counter() - started,
            )
            if not result.conserved:
                raise BuildNotConserved(result)
            progress("Summing up the years that changed")
            held = published.summaries if published else ()
            summing = time.perf_counter()
            summaries = summarise(engine, workspace, stage, months, held, inputs.register.specialised)
            summing = time.perf_counter() - summing
            _settle(stage)
            publish(workspace, replace(_manifest(inputs, result, months), summaries=summaries))
    return replace(result, seconds=time.perf_counter() - started, summing_seconds=summing)


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that a ledger is made from, read once."""

    receipts: list[Receipt]
    covered: list[Covered]
    register: Register
    prison_practices: frozenset[str]
    armed_forces_practices: frozenset[str]


def _inputs(workspace: Workspace) -> _Inputs:
    receipts = book.read(workspace)
    if not receipts:
        raise NothingReceived(f"Nothing has been received into {workspace.root}: run speccom receive first.")
    return _Inputs(
        receipts,
        resolve(receipts),
        Register.load(workspace),
        frozenset(reference.prison_practices(workspace)),
        frozenset(reference.armed_forces_practices(workspace)),
    )


def _engine(stage: Path, threads: int | None, memory_limit: str) -> DuckDBEngine:
    # The order of rows means nothing in a ledger, and keeping it costs memory.
    return DuckDBEngine(
        threads=threads,
        memory_limit=memory_limit,
        temp_directory=stage / "spill",
        preserve_order=False,
    )


def _manifest(inputs: _Inputs, result: BuildResult, months: tuple[LedgerMonth, ...]) -> Manifest:
    return Manifest(
        built=datetime.now(UTC),
        receipt=max(receipt.receipt for receipt in inputs.receipts),
        snapshot=inputs.register.snapshot,
        synthetic=result.synthetic,
        prison_practices=len(inputs.prison_practices),
        armed_forces_practices=len(inputs.armed_forces_practices),
        months=months,
        accounts=result.accounts,
    )


# --- what has to be made


def _fingerprints(inputs: _Inputs) -> dict[Period, str]:
    """For each month that anything covers, a digest of all that its part of the ledger is made from."""
    counting: dict[Period, list[list[str | int]]] = defaultdict(list)
    for receipt, key, counts in inputs.covered:
        if counts:
            counting[key.financial_year, key.month].append([*key, receipt.receipt, receipt.sha256])
    rules = _rules()
    return {
        period: _digest(json.dumps([rules, _looked_up(inputs, period), sorted(made_of)]))
        for period, made_of in counting.items()
    }


def _looked_up(inputs: _Inputs, period: Period) -> str:
    """A digest of what the register and the practice lists say that decides who pays in one month.

    Not the register's snapshot: a decision that begins in October leaves September's part as it is.
    """
    return assignment.digest_of_lookups(
        inputs.register, [period], inputs.prison_practices, inputs.armed_forces_practices
    )


def _rules() -> str:
    """A digest of how it is decided who pays: the assignment's own text."""
    return _digest(
        json.dumps(
            [
                FORM_OF_THE_LEDGER,
                [path.read_text(encoding="utf-8") for path in _texts(files(assignment))],
                read_step(__package__, "records"),
            ]
        )
    )


def _texts(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith(".sql") or entry.name == "lookups.py":
            yield entry


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _still_good(
    workspace: Workspace, published: Manifest | None, wanted: dict[Period, str]
) -> dict[Period, LedgerMonth]:
    """The months of the published ledger whose inputs are what they were and whose files are there."""
    return {
        (each.financial_year, each.month): each
        for each in (published.months if published else ())
        if wanted.get((each.financial_year, each.month)) == each.fingerprint
        and all((workspace.ledger / name).is_file() for name in each.files)
    }


def _period_of(month: LedgerMonth) -> Period:
    return month.financial_year, month.month


# --- making it


def _make_months(
    engine: DuckDBEngine, workspace: Workspace, stage: Path, inputs: _Inputs, anew: dict[Period, str]
) -> list[LedgerMonth]:
    """Write the months asked for, given with their fingerprints, and count them from the files written."""
    assignment.register_lookups(
        engine, inputs.register, anew.keys(), inputs.prison_practices, inputs.armed_forces_practices
    )
    written: list[Path] = []
    # A year at a time: the more partitions are open, the more rows wait in memory.
    for year in sorted({year for year, _ in anew}):
        counting = [
            each
            for each in inputs.covered
            if each.counts and each.key.financial_year == year and (year, each.key.month) in anew
        ]
        _register_keys(engine, workspace, "submitted", "counting", counting)
        run_steps(engine, __package__, ["records"])
        assignment.assign(engine)
        written = engine.write_partitions("select * from assigned", stage, PARTITIONS)
    tallies = _counted(engine, written)
    return [
        LedgerMonth(
            financial_year=year,
            month=month,
            fingerprint=fingerprint,
            files=tuple(
                path.relative_to(workspace.ledger).as_posix()
                for path in written
                if path.is_relative_to(stage / f"financial_year={year}" / f"month={month}")
            ),
            receipts=tallies[year, month],
        )
        for (year, month), fingerprint in anew.items()
    ]


def _counted(engine: DuckDBEngine, written: list[Path]) -> dict[Period, dict[int, Tally]]:
    """The rows and cost of each receipt in each month, read back from the files."""
    tallies: dict[Period, dict[int, Tally]] = defaultdict(dict)
    if written:
        engine.parquet("written", written)
        run_steps(engine, __package__, ["counted"])
        for row in engine.fetch("select * from counted order by receipt").to_pylist():
            tallies[row["financial_year"], row["month"]][row["receipt"]] = _tally(row)
    return tallies


def _superseded(engine: DuckDBEngine, workspace: Workspace, covered: list[Covered]) -> dict[int, Tally]:
    """Of each receipt, the rows that a later one restates, counted from its own checked file."""
    overtaken = [each for each in covered if not each.counts]
    if not overtaken:
        return {}
    _register_keys(engine, workspace, "restated", "overtaken", overtaken)
    run_steps(engine, __package__, ["superseded"])
    return {row["receipt"]: _tally(row) for row in engine.fetch("select * from superseded").to_pylist()}


def _register_keys(
    engine: DuckDBEngine, workspace: Workspace, rows: str, keys: str, covered: list[Covered]
) -> None:
    """Make the checked files of some receipts readable as `rows`, and the keys at hand as `keys`."""
    receipts = {each.receipt.receipt: each.receipt for each in covered}
    numbers = {receipt: number for number, receipt in enumerate(receipts)}
    engine.numbered_parquet(rows, [_checked(workspace, receipt) for receipt in receipts.values()])
    engine.register(
        keys,
        pa.table(
            {
                "file_number": pa.array([numbers[each.receipt.receipt] for each in covered], pa.int64()),
                "receipt": pa.array([each.receipt.receipt for each in covered], pa.int32()),
                "provider": pa.array([each.key.provider for each in covered], pa.string()),
                "financial_year": pa.array([each.key.financial_year for each in covered], pa.string()),
                "month": pa.array([each.key.month for each in covered], pa.int32()),
            }
        ),
    )


def _checked(workspace: Workspace, receipt: Receipt) -> Path:
    path = receipt.directory(workspace) / "checked.parquet"
    if not path.is_file():
        raise LedgerError(
            f"The rows of receipt {receipt.receipt} ({receipt.name}) are gone from {path}: "
            "restore the receipts from a copy, then build again."
        )
    return path


# --- proving it


def _accounts(
    workspace: Workspace,
    receipts: Iterable[Receipt],
    months: Iterable[LedgerMonth],
    superseded: dict[int, Tally],
) -> tuple[Account, ...]:
    in_ledger: dict[int, list[Tally]] = defaultdict(list)
    for month in months:
        for receipt, tally in month.receipts.items():
            in_ledger[receipt].append(tally)
    return tuple(
        Account(
            receipt=receipt.receipt,
            name=receipt.name,
            received=Tally(receipt.rows, receipt.cost),
            ledger=total(in_ledger[receipt.receipt]),
            quarantined=_quarantined(workspace, receipt),
            superseded=superseded.get(receipt.receipt, Tally()),
            unread_costs=receipt.unread_costs,
        )
        for receipt in receipts
    )


def _quarantined(workspace: Workspace, receipt: Receipt) -> Tally:
    """The rows of a receipt in quarantine, counted from the file while it is kept; their cost as booked."""
    path = workspace.quarantine / receipt.sha256 / "rows.parquet"
    rows = pq.read_metadata(path).num_rows if path.exists() else receipt.quarantined.rows
    return Tally(rows, receipt.quarantined.cost)


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(row["row_count"], row["cost"] or Decimal(0))


def _notes(inputs: _Inputs) -> tuple[str, ...]:
    lists = {"prison": inputs.prison_practices, "armed-forces": inputs.armed_forces_practices}
    return tuple(
        f"The list of {name} practices is empty, so no row was assigned by it; see speccom reference."
        for name, practices in lists.items()
        if not practices
    )


# --- files


@contextmanager
def _stage(workspace: Workspace) -> Iterator[Path]:
    """A directory of this build's own; what comes of a build that fails is removed."""
    stage = workspace.ledger / "data" / secrets.token_hex(6)
    try:
        stage.mkdir(parents=True)
        yield stage
        remove_tree(stage / "spill")
        if not any(stage.iterdir()):
            stage.rmdir()
    except BaseException:
        # Asked of the manifest, not of our own progress: it may have been published before this.
        _sweep(workspace, read_manifest(workspace))
        raise


def _settle(stage: Path) -> None:
    """Make the written files last through a power cut, before anything names them."""
    for directory, _, names in os.walk(stage):
        for name in names:
            with Path(directory, name).open("rb") as handle:
                os.fsync(handle.fileno())
        sync_directory(Path(directory))
    sync_directory(stage.parent)


def _sweep(workspace: Workspace, published: Manifest | None) -> None:
    """Remove what the published ledger does not name: leftovers of a killed build, and replaced files.

    Replaced files are left for the next build to remove, so that whoever reads them now can finish.
    """
    named = {workspace.ledger / name for name in (published.files if published else ())}
    for aside in workspace.ledger.glob(".manifest.json.*"):
        aside.unlink()
    for directory, _, names in os.walk(workspace.ledger / "data", topdown=False):
        for name in names:
            if Path(directory, name) not in named:
                Path(directory, name).unlink()
        if not any(Path(directory).iterdir()):
            Path(directory).rmdir()
