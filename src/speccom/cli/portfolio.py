"""The command `portfolio`: the criteria of every line measured, and what is recommended of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import LinesOption, OutputOption, write_result
from speccom.cli.ledger import choose_format
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.insight.result import Result

FORMATS = ("text", "csv", "xlsx", "json")
SHOWN = ("measures", "recommendations")
_TELLING = {
    "measures": (
        "service_line",
        "service_line_name",
        "outturn",
        "activity",
        "provider_income_volatility",
        "change_in_volume",
        "change_in_cost",
        "providers",
        "out_of_area_share",
    ),
    "recommendations": (
        "service_line",
        "service_line_name",
        "recommendation",
        "suitability",
        "readiness",
        "against",
    ),
}


def add_commands(app: typer.Typer) -> None:
    """Add `portfolio`."""
    app.command("portfolio")(portfolio)


def portfolio(
    lines: LinesOption = "all",
    show: Annotated[
        str,
        typer.Option("--show", metavar="TABLE", help="measures, or recommendations by the stated rule."),
    ] = "measures",
    judgements: Annotated[
        Path | None,
        typer.Option(
            "--judgements",
            metavar="FILE",
            help="A CSV file of judgements: service_line, criterion, person, answer, reason.",
        ),
    ] = None,
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx or json.")
    ] = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Which service lines suit leadership by integrated care boards: criteria measured, and what follows.

    A workbook holds the measures, every recommendation, and the lists of lines as a Board is given them.
    """
    from speccom.portfolio.measures import measured
    from speccom.portfolio.table import judgements_in, recommended

    choose_format(format, FORMATS)
    if show not in SHOWN:
        raise typer.BadParameter(f"{show!r} is no table: choose from {', '.join(SHOWN)}.")
    located = Workspace.locate(workspace)
    held = measured(located, lines)
    given = judgements_in(judgements) if judgements else []
    found = held if show == "measures" and not given else recommended(held, given)
    if format == "xlsx":
        _write_workbook(located, held, recommended(held, given), output)
        return
    write_result(
        located,
        found,
        found.table,
        _TELLING["measures" if found is held else "recommendations"],
        format,
        output,
    )


def _write_workbook(located: Workspace, held: Result, found: Result, output: Path | None) -> None:
    from speccom.cli.ledger import stale
    from speccom.cli.output import file_name, write_workbook
    from speccom.ledger.manifest import require_manifest
    from speccom.portfolio.table import in_lists

    title = found.title
    path = output or Path(file_name(title, "xlsx", synthetic=found.synthetic))
    sheets = [("Measures", held.table), ("Recommendations", found.table), *in_lists(found.table)]
    notes = [*found.said(), *stale(located, require_manifest(located))]
    write_workbook(path, sheets, title=title, synthetic=found.synthetic, notes=notes)
    print(f"Written: {path}", file=sys.stderr)
