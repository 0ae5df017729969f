"""The commands `receive` and `status`: files in, and what was received."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.synthesise import add_commands as add_synthesise
from speccom.errors import SpeccomError
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.contracts.book import Receipt
    from speccom.contracts.receive import Outcome

_LISTED = 20  # more files than this are counted, not listed
FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file, and `synthesise`."""
    app.command("receive")(receive)
    app.command("status")(status)
    add_synthesise(app)


def receive(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE... | DIR", help="CSV files, or directories of them.")
    ],
    data_set: Annotated[
        str | None,
        typer.Option(
            "--data-set", metavar="SET", help="ACM, PLCM, DrPLCM or DePLCM, if the columns do not tell."
        ),
    ] = None,
    format: FormatOption = "text",
    workspace: WorkspaceOption = None,
) -> None:
    """Take files in: check every row, keep what can be placed, hold back the rest with reasons."""
    from speccom.contracts.receive import files_of
    from speccom.contracts.receive import receive as take_in

    _choose(format)
    place = Workspace.locate(workspace)
    with _progress(sum(len(files_of(path)) for path in paths)) as progress:
        outcomes = take_in(place, paths, data_set=data_set, progress=progress)
    refused = [outcome.refusal for outcome in outcomes if outcome.refusal is not None]
    for path in paths:
        for other in _left_alone(path):
            print(f"Not a CSV file, so left alone: {other}", file=sys.stderr)
    if any(outcome.demonstration_key for outcome in outcomes):
        print(
            f"Warning: made-up patients were hashed with the demonstration's key, {place.demonstration_key}. "
            "Real ones need a key of their own in SPECCOM_PATIENT_KEY.",
            file=sys.stderr,
        )
    if format == "json":
        _print_json(outcomes)
    else:
        _print_text(outcomes)
    for refusal in refused:
        print(refusal, file=sys.stderr)
    if refused:
        raise typer.Exit(2)


def status(
    workbook: Annotated[
        int | None,
        typer.Option(
            metavar="RECEIPT", help="Write the workbook of findings that goes back to the provider."
        ),
    ] = None,
    format: FormatOption = "text",
    workspace: WorkspaceOption = None,
) -> None:
    """List what was received: each receipt with its rows, findings and cost."""
    from speccom.contracts import book

    _choose(format)
    place = Workspace.locate(workspace).require()
    receipts = book.read(place)
    if workbook is not None:
        _write_workbook(place, receipts, workbook)
        return
    states = _states(receipts)
    if format == "json":
        listed = [{**receipt.to_json(), "state": states[receipt.receipt]} for receipt in receipts]
        print(json.dumps({"receipts": listed}, ensure_ascii=False))
        return
    _print_status(receipts, states)


# --- how it is said


def _print_json(outcomes: list[Outcome]) -> None:
    refused = [
        {"path": str(outcome.path), "error": outcome.refusal.code, "message": str(outcome.refusal)}
        for outcome in outcomes
        if outcome.refusal is not None
    ]
    received = [
        {"path": str(outcome.path), "already_received": outcome.already, **outcome.receipt.to_json()}
        for outcome in outcomes
        if outcome.receipt is not None
    ]
    # A program that looks for an error finds the first where it always is.
    first = {name: refused[0][name] for name in ("error", "message")} if refused else {}
    print(json.dumps({**first, "received": received, "refused": refused}, ensure_ascii=False))


def _print_text(outcomes: list[Outcome]) -> None:
    received = [outcome for outcome in outcomes if outcome.receipt is not None]
    fresh = [outcome.receipt for outcome in received if outcome.receipt and not outcome.already]
    if len(received) <= _LISTED:
        for outcome in received:
            print(_line(outcome))
    if len(outcomes) > 1:
        again = sum(outcome.already for outcome in received)
        print(
            f"{len(fresh):,} files received, {again:,} received before, "
            f"{len(outcomes) - len(received):,} refused; {sum(each.rows for each in fresh):,} rows, of which "
            f"{sum(each.quarantined.rows for each in fresh):,} held back."
        )


def _line(outcome: Outcome) -> str:
    from speccom.contracts.book import plain

    receipt = outcome.receipt
    assert receipt is not None
    if outcome.already:
        return f"{outcome.path.name} was received before, as receipt {receipt.receipt}."
    found = sum(receipt.findings.values())
    return (
        f"Receipt {receipt.receipt}: {receipt.name}, {receipt.data_set}, {receipt.rows:,} rows, "
        f"£{plain(receipt.cost)}; {receipt.quarantined.rows:,} rows held back, {found:,} findings"
        + (f" (speccom status --workbook {receipt.receipt})." if found else ".")
    )


def _states(receipts: list[Receipt]) -> dict[int, str]:
    """Whether a receipt's months still count: `counts`, `partly superseded` or `superseded`."""
    from speccom.ledger.restatements import resolve

    counting: dict[int, list[bool]] = {receipt.receipt: [] for receipt in receipts}
    for cover in resolve(receipts):
        counting[cover.receipt.receipt].append(cover.counts)
    return {
        number: "counts" if all(counts) else "partly superseded" if any(counts) else "superseded"
        for number, counts in counting.items()
    }


def _print_status(receipts: list[Receipt], states: dict[int, str]) -> None:
    import pyarrow as pa

    from speccom.cli.output import write_table

    columns: dict[str, list[Any]] = {
        "receipt": [each.receipt for each in receipts],
        "received": [each.received[:16].replace("T", " ") for each in receipts],
        "provider": [_few(each.providers) for each in receipts],
        "data_set": [each.data_set for each in receipts],
        "year": [_few(each.financial_years) for each in receipts],
        "months": [_ranges([month for _, month in each.months]) for each in receipts],
        "rows": [each.rows for each in receipts],
        "held_back": [each.quarantined.rows for each in receipts],
        "findings": [sum(each.findings.values()) for each in receipts],
        "cost": pa.array([each.cost for each in receipts], pa.decimal128(38, 8)),  # type: ignore[dict-item]
        "state": [states[each.receipt] for each in receipts],
        "file": [each.name for each in receipts],
    }
    synthetic = any(receipt.synthetic for receipt in receipts)
    write_table(pa.table(columns), "text", None, title="Receipts", synthetic=synthetic)


def _write_workbook(place: Workspace, receipts: list[Receipt], number: int) -> None:
    from speccom.contracts.workbook import write

    for receipt in receipts:
        if receipt.receipt == number:
            print(f"Written: {write(place, receipt)}")
            return
    raise SpeccomError(
        f"There is no receipt {number}: `speccom status` lists those there are.", code="receipt"
    )


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _ranges(numbers: list[int]) -> str:
    """Months as people write them: 1-3, 5."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][-1] == number - 1:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ", ".join("-".join(map(str, each)) for each in found)


def _left_alone(path: Path) -> list[Path]:
    """Workbooks and the like in a directory, which somebody may have meant to send."""
    if not path.is_dir():
        return []
    return sorted(file for file in path.iterdir() if file.suffix.lower() in (".xlsx", ".xls", ".zip", ".tsv"))


def _choose(format: str) -> None:
    if format not in ("text", "json"):
        raise SpeccomError(f"{format!r} is not a format: write text or json.", code="output")


@contextmanager
def _progress(files: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar on a terminal when there are several files, nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("receiving files"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal or files < 2,
        transient=True,
    )
    with bar:
        task = bar.add_task("files", total=files)
        yield lambda _: bar.advance(task)
