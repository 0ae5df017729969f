"""The commands `needs`, `need-areas` and `need-example`: from area data to a need index without supply in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import LinesOption, OutputOption, YearOption
from speccom.cli.ledger import choose_format
from speccom.workspace import Workspace

FORMATS = ("text", "csv", "xlsx", "json", "svg")
_SHOWN = (
    "coefficients",
    "measures",
    "index",
    "areas",
    "residuals",
    "calibration",
    "influence",
    "sensitivity",
    "movers",
    "means",
)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("needs")(needs)
    app.command("need-areas")(need_areas)
    app.command("need-example")(need_example)


def needs(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL.json", help="Which column of which area table is what, and the form."),
    ],
    show: Annotated[
        str, typer.Option("--show", metavar="TABLE", help=f"{', '.join(_SHOWN)}.")
    ] = "coefficients",
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep the fitted model in the workspace, where the site and targets find it."
        ),
    ] = False,
    weighted: Annotated[
        Path | None,
        typer.Option(
            "--weighted",
            metavar="FILE",
            help="Also write people weighted by need, as target shares take them.",
        ),
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text, csv, xlsx (every table), json, or svg (coefficients, calibration, residuals, index).",
        ),
    ] = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Fit a need model on areas and predict need with supply held at its mean.

    Needs the extra: pip install 'speccom[needs]'.
    """
    choose_format(format, FORMATS)
    if show not in _SHOWN:
        raise typer.BadParameter(f"{show!r} is no table of this: choose from {', '.join(_SHOWN)}.")
    if format == "svg":
        _drawn(show)
    from speccom.cli.output import write_table, write_text, write_workbook
    from speccom.finance.needs import read_model, work_through
    from speccom.finance.needs.kept import keep as keep_in
    from speccom.finance.needs.weighted import written

    found = work_through(read_model(model))
    result = found.results[show]
    if weighted is not None:
        write_text(weighted, written(found))
    if format == "svg":
        from speccom.charts.needs import PICTURES
        from speccom.cli.insight import write_picture

        write_picture(result, PICTURES[show](result), output)
    elif format == "xlsx" and output is not None:
        tables = [(name, found.results[name].table) for name in _SHOWN]
        notes = list(dict.fromkeys(note for name in _SHOWN for note in found.results[name].said()))
        write_workbook(output, tables, title=found.model.name, synthetic=result.synthetic, notes=notes)
    else:
        write_table(
            result.table,
            format,
            output,
            title=result.title,
            synthetic=result.synthetic,
            notes=result.said(),
        )
    if keep:
        kept = keep_in(Workspace.locate(workspace), found)
        typer.echo(f"Kept: {kept.key}, version {kept.version} ({kept.weighted})", err=True)


def need_areas(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Where areas.csv and a model.json to start from are written."),
    ],
    lines: LinesOption = "all",
    year: YearOption = None,
    by: Annotated[
        str, typer.Option("--by", metavar="AREAS", help="icb (boards) or lsoa (small areas).")
    ] = "icb",
    supply: Annotated[
        str,
        typer.Option(
            "--supply",
            metavar="COLUMNS",
            help="Columns of supply, with commas: km_to_provider, local_activity_per_head.",
        ),
    ] = "",
    coordinates: Annotated[
        Path | None,
        typer.Option(
            "--coordinates",
            metavar="FILE",
            help="For km_to_provider: CSV of area, longitude, latitude (degrees), a point of each area.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the area table of a need model from the ledger and imported people and deprivation."""
    from speccom.finance.needs.area_tables import area_table, starting_model, write_area_table
    from speccom.finance.needs.supply import read_points
    from speccom.period import FinancialYear

    located = Workspace.locate(workspace)
    supplied = [name.strip() for name in supply.split(",") if name.strip()]
    result = area_table(
        located,
        lines,
        FinancialYear.parse(year) if year else None,
        by,
        supplied=supplied,
        points=read_points(coordinates) if coordinates else None,
    )
    of = result.title.partition(": ")[2]
    when = year or "the last year held"
    write_area_table(directory, result, starting_model(result, "areas.csv", of, when, by))
    for note in result.said():
        typer.echo(note)
    typer.echo(
        f"Written: {directory / 'areas.csv'} ({result.table.num_rows:,} areas). Name need and supply in "
        f"{directory / 'model.json'}, then: speccom needs {directory / 'model.json'}"
    )


def need_example(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where areas.csv and model.json are written.")
    ],
) -> None:
    """Write made-up areas of every board with known coefficients, and a model of them, to learn on."""
    from speccom.finance.needs.example import MADE_UP, write_example

    path = write_example(directory)
    typer.echo(f"{MADE_UP} Written: {path}. Fit it: speccom needs {path} --keep")


def _drawn(show: str) -> None:
    from speccom.charts.needs import PICTURES

    if show not in PICTURES:
        raise typer.BadParameter(f"{show!r} has no picture: choose --show {', '.join(PICTURES)}.")
