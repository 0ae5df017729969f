"""The commands `build`, `position` and `challenges`: from receipts to a ledger, and what it says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.month_end import LevelOption, LowVolumeOption
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.ledger.build import BuildResult
    from speccom.ledger.manifest import Manifest

_PLACES = ("received", "ledger", "quarantined", "superseded")

FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx or json.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
]
MonthOption = Annotated[
    int | None, typer.Option("--month", metavar="N", help="Only this financial month: 1 is April.")
]
YearOption = Annotated[
    str | None, typer.Option("--year", metavar="YEAR", help="Only this financial year, such as 2025/26.")
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("build")(build)
    app.command("position")(position)
    app.command("challenges")(challenges)


def build(
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    workspace: WorkspaceOption = None,
) -> None:
    """Make the ledger of everything received; prove that it conserves, then publish it."""
    from speccom.finance.position.completion import measure
    from speccom.ledger.build import BuildNotConserved
    from speccom.ledger.build import build as build_ledger

    choose_format(format, ("text", "json"))
    located = Workspace.locate(workspace)
    try:
        result = build_ledger(located, progress=_tell)
        measure(located)
    except BuildNotConserved as error:
        if format != "json":
            print(conservation_line(error.result))
            raise
        print(json.dumps({**as_json(error.result), "error": error.code, "message": str(error)}))
        print(error, file=sys.stderr)
        raise typer.Exit(error.exit_code) from error
    _prepare(located)
    if format == "json":
        print(json.dumps(as_json(result)))
        return
    for note in result.notes:
        _tell(note)
    print(conservation_line(result))
    made = f"{len(result.built)} of {len(result.months)} months made in {result.seconds:.1f} s"
    print(f"Ledger built: {made}.")


def _prepare(workspace: Workspace) -> None:
    """Work out what pages show first. Whatever goes wrong with it, the ledger is there and whole."""
    from speccom.finance.bases.prepared import prepare as prepare_bases
    from speccom.finance.position.prepared import prepare as prepare_positions
    from speccom.insight.prepared import prepare
    from speccom.ledger.manifest import require_manifest
    from speccom.register import Register

    if not require_manifest(workspace).summaries:
        return
    _tell("Working out what pages show first")
    register = Register.load(workspace)
    for work in (prepare, prepare_bases, prepare_positions):
        try:
            work(workspace, register)
        except Exception as error:
            _tell(f"Not worked out, so that the first visitor of a page waits for it: {error}")


def position(
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="DIMENSIONS",
            help="One or more, with commas: commissioner, icb, region, programme, service, service_line, "
            "provider, month, point_of_delivery (or pod), arrangement. With --forecast: commissioner, service_line, "
            "programme, provider, form, or month alone.",
        ),
    ],
    month: MonthOption = None,
    year: YearOption = None,
    forecast: Annotated[
        bool,
        typer.Option(
            "--forecast",
            help="Year to date up to --month, with budget, what is due, and the full year forecast.",
        ),
    ] = False,
    commissioner: Annotated[
        str | None,
        typer.Option("--commissioner", metavar="CODE", help="With --forecast: only this board, hub or body."),
    ] = None,
    level: LevelOption = 0.8,
    low_volume: LowVolumeOption = False,
    format: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx or json; with --forecast svg too."),
    ] = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Lines, patients, actual and plan by any dimensions of the ledger; or budget, due and forecast."""
    if forecast:
        from speccom.cli.month_end import write_forecast

        wanted_by = [each.strip().lower() for each in by.split(",")]
        asked = Workspace.locate(workspace)
        write_forecast(asked, wanted_by, month, year, commissioner, level, low_volume, format, output)
        return
    if commissioner is not None or low_volume:
        raise typer.BadParameter("--commissioner and --low-volume are of a forecast: add --forecast.")
    from speccom.cli.output import Format, write_table
    from speccom.ledger.manifest import require_manifest
    from speccom.ledger.position import dimensions
    from speccom.ledger.position import position as position_of

    choose_format(format, tuple(Format))
    located = Workspace.locate(workspace)
    wanted = dimensions(by.split(","))
    table = position_of(located, wanted, month, year)
    manifest = require_manifest(located)
    write_table(
        table,
        format,
        output,
        title=f"Position by {', '.join(name.replace('_', ' ') for name in wanted)}",
        synthetic=manifest.synthetic,
        notes=[
            _scope(manifest, month, year),
            "Actual: patient-level activity, drugs and devices. Plan: aggregate contract monitoring. "
            "Pounds; patients are distinct.",
            *stale(located, manifest),
        ],
    )


def challenges(
    commissioner: Annotated[
        str | None,
        typer.Option(
            "--commissioner", metavar="CODE", help="Rows submitted to this body, or that it should pay."
        ),
    ] = None,
    month: MonthOption = None,
    year: YearOption = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Rows whose submitted commissioner or category is not the one the decision table gives."""
    from speccom.cli.output import Format, write_table
    from speccom.ledger.challenges import by_reason
    from speccom.ledger.challenges import challenges as challenges_of
    from speccom.ledger.manifest import require_manifest

    choose_format(format, tuple(Format))
    located = Workspace.locate(workspace)
    table = challenges_of(located, commissioner, month, year)
    manifest = require_manifest(located)
    about = f" of {commissioner.strip().upper()}" if commissioner else ""
    notes = [_scope(manifest, month, year), *stale(located, manifest)]
    if format == Format.TEXT and output is None:
        write_table(
            by_reason(table), format, None, title=f"Challenges{about} by reason", synthetic=manifest.synthetic
        )
    write_table(table, format, output, title=f"Challenges{about}", synthetic=manifest.synthetic, notes=notes)


def conservation_line(result: BuildResult) -> str:
    """What was received and where it is now, in rows and exact pounds, on one line."""
    from speccom.cli.output import exact

    received, ledger, quarantined, superseded = (getattr(result, place) for place in _PLACES)
    verdict = "Conserved" if result.conserved else "NOT CONSERVED"
    return (
        f"{verdict}: {received.rows:,} rows received = {ledger.rows:,} in the ledger "
        f"+ {quarantined.rows:,} in quarantine + {superseded.rows:,} superseded; "
        f"£{exact(received.cost)} = £{exact(ledger.cost)} + £{exact(quarantined.cost)} "
        f"+ £{exact(superseded.cost)}; {result.unread_costs:,} costs could not be read."
    )


def as_json(result: BuildResult) -> dict[str, Any]:
    """A build for programs; money as exact decimal text."""
    from speccom.cli.output import exact

    return {
        "rows": {place: getattr(result, place).rows for place in _PLACES},
        "cost": {place: exact(getattr(result, place).cost) for place in _PLACES},
        "unread_costs": result.unread_costs,
        "conserved": result.conserved,
        "months_built": len(result.built),
        "seconds": round(result.seconds, 3),
    }


def stale(workspace: Workspace, manifest: Manifest) -> list[str]:
    """A note when files have been received that the ledger does not know yet."""
    from speccom.contracts import book

    newer = sum(receipt.receipt > manifest.receipt for receipt in book.read(workspace))
    said = f"Files received since this ledger was built: {newer}. Run speccom build to count them."
    return [said] if newer else []


def choose_format(format: str, allowed: tuple[str, ...]) -> None:
    """Refuse a format before any work is done."""
    if format not in allowed:
        raise typer.BadParameter(f"{format!r} is not a format: choose from {', '.join(allowed)}.")


def _scope(manifest: Manifest, month: int | None, year: str | None) -> str:
    months = ", ".join(str(each.period) for each in manifest.choose(month, year).months)
    return f"Months: {months}. Register {manifest.snapshot}."


def _tell(message: str) -> None:
    print(message, file=sys.stderr)
