"""The commands `trends`, `volatility` and `tiers`: what changed, how steady it is, and at which size to plan it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import (
    FORMATS,
    BoundariesOption,
    FormatOption,
    LinesOption,
    OutputOption,
    boundaries_of,
    write_picture,
    write_result,
)
from speccom.cli.ledger import choose_format
from speccom.period import FinancialYear, Month
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.insight.volatility import Tiers

YearsOption = Annotated[
    str | None,
    typer.Option(
        "--year",
        metavar="YEARS",
        help="Financial years: 2025/26, several with commas, or 2022/23-2025/26 (default: all held).",
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("trends")(trends)
    app.command("volatility")(volatility)
    app.command("tiers")(tiers)


def trends(
    lines: LinesOption = "all",
    measure: Annotated[
        str, typer.Option("--measure", metavar="WHAT", help="spend (pounds a month) or lines (a month).")
    ] = "spend",
    icb: Annotated[
        str | None,
        typer.Option("--icb", metavar="CODE", help="Only this board, such as QKS; ENG is all together."),
    ] = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="The months of the lines together, with mean and limits.")
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="YEAR-MONTH", help="What had changed by a month: 2025/26-6 is September."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="YEAR-MONTH",
            help="The month that charts begin with (default: 24 months before the last).",
        ),
    ] = None,
    boundaries: BoundariesOption = "then",
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What changed: lines of boards whose last month is no common variation, the biggest first."""
    from speccom.insight.trends import chart_of
    from speccom.insight.trends import trends as trends_of

    choose_format(format, FORMATS)
    located, on = Workspace.locate(workspace), boundaries_of(boundaries)
    board = icb.strip().upper() if icb else None
    first, last = Month.parse(start) if start else None, Month.parse(until) if until else None
    asked = chart_of if chart else trends_of
    result = asked(located, lines, icb=board, measure=measure, boundaries=on, start=first, until=last)
    if format == "svg":
        from speccom.charts import control

        write_picture(result, control.control_chart(result) if chart else control.changes(result), output)
        return
    telling = result.table.column_names if chart else _CHANGES
    write_result(located, result, result.table, telling, format, output)


def volatility(
    lines: LinesOption = "all",
    year: YearsOption = None,
    footprint: Annotated[
        str,
        typer.Option(
            "--footprint",
            metavar="RUNG",
            help="With --format svg: the rung to draw, icb, multi_icb, region or england.",
        ),
    ] = "england",
    boundaries: BoundariesOption = "then",
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """How much each line varies from year to year at each footprint, against chance alone."""
    from speccom.insight.tiers import LADDER
    from speccom.insight.volatility import volatility as volatility_of

    choose_format(format, FORMATS)
    if footprint not in LADDER:
        raise typer.BadParameter(f"{footprint!r} is no rung: choose from {', '.join(LADDER)}.")
    located = Workspace.locate(workspace)
    result = volatility_of(located, lines, years_of(year), boundaries=boundaries_of(boundaries))
    if format == "svg":
        from speccom.charts.volatility import volatility_picture

        write_picture(result, volatility_picture(result, footprint), output)
        return
    write_result(located, result, result.table, _VOLATILITY, format, output)


def tiers(
    lines: LinesOption = "all",
    year: YearsOption = None,
    q: Annotated[float, typer.Option("--q", help="How far a year's cost may stray, as a share.")] = 0.05,
    alpha: Annotated[float, typer.Option("--alpha", help="With what chance it may stray further.")] = 0.05,
    providers: Annotated[int, typer.Option("--providers", help="The fewest providers of a unit.")] = 2,
    out_of_area: Annotated[
        float,
        typer.Option("--out-of-area", help="The most of a unit's cost that may lie outside, as a share."),
    ] = 0.5,
    share: Annotated[
        float, typer.Option("--share", help="The share of spend whose units must meet the bars.")
    ] = 0.9,
    show: Annotated[
        str,
        typer.Option(
            "--show",
            metavar="WHAT",
            help="lines (the recommendation), rungs, units, or sensitivity to the bars.",
        ),
    ] = "lines",
    boundaries: BoundariesOption = "then",
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """The smallest footprint at which each line is steady enough to plan, and what decided it."""
    from speccom.insight.result import Result
    from speccom.insight.tiers import Thresholds
    from speccom.insight.volatility import tiers as tiers_of

    choose_format(format, FORMATS)
    if show not in _SHOWN:
        raise typer.BadParameter(f"{show!r} is nothing to show: choose from {', '.join(_SHOWN)}.")
    bars = Thresholds(
        q=q, alpha=alpha, fewest_providers=providers, most_out_of_area=out_of_area, share_of_spend=share
    )
    located = Workspace.locate(workspace)
    with _progress() as progress:
        found = tiers_of(
            located,
            lines,
            years_of(year),
            thresholds=bars,
            boundaries=boundaries_of(boundaries),
            progress=progress,
        )
    if format == "svg":
        _write_tiers_picture(found, show, output)
        return
    table = _SHOWN[show](found)
    of = found.lines
    title = of.title if show == "lines" else f"{of.title}, {show}"
    result = Result(title, table, of.notes, of.gaps, of.synthetic)
    if format == "xlsx" and show == "lines":
        _write_sheets(found, output)
        return
    write_result(located, result, table, _TIERS if show == "lines" else table.column_names, format, output)


def _write_sheets(found: Tiers, output: Path | None) -> None:
    """One workbook with a sheet for each of the four tables."""
    from speccom.cli.output import file_name, write_workbook

    of = found.lines
    path = output or Path(file_name(of.title, "xlsx", synthetic=of.synthetic))
    sheets = [(name, table_of(found)) for name, table_of in _SHOWN.items()]
    write_workbook(path, sheets, title=of.title, synthetic=of.synthetic, notes=of.said())
    print(f"Written: {path} ({', '.join(_SHOWN)})", file=sys.stderr)


def _write_tiers_picture(found: Tiers, show: str, output: Path | None) -> None:
    """Of one line its ladder, or the grid of other bars; of several how many stand at each rung."""
    from speccom.charts.tiers import ladder, sensitivity, tiers_overview

    codes = [str(code) for code in found.lines.table["service_line"].to_pylist()]
    if len(codes) != 1 and show != "lines":
        raise typer.BadParameter(
            f"A picture of {show} is of one line: name it with --lines, such as NCBPS11B."
        )
    if len(codes) != 1:
        figure = tiers_overview(found)
    elif show == "sensitivity":
        figure = sensitivity(found, codes[0])
    else:
        figure = ladder(found, codes[0])
    write_picture(found.lines, figure, output)


_SHOWN: dict[str, Callable[[Tiers], pa.Table]] = {
    "lines": lambda found: found.lines.table,
    "rungs": lambda found: found.rungs,
    "units": lambda found: found.units,
    "sensitivity": lambda found: found.sensitivity,
}
_CHANGES = (
    "rank",
    "service_line",
    "service_line_name",
    "icb",
    "icb_name",
    "direction",
    "since",
    "months",
    "mean",
    "level",
    "change",
    "change_share",
    "signal",
    "new",
    "note",
)
_VOLATILITY = (
    "service_line",
    "footprint",
    "units",
    "patients",
    "spend",
    "observed_variation",
    "chance_variation",
    "change_in_cost",
    "providers",
    "concentration",
    "out_of_area_share",
    "pooling_gain",
    "note",
)
_TIERS = (
    "service_line",
    "service_line_name",
    "recommended",
    "met",
    "decided_by",
    "chance",
    "margin",
    "footprint_below",
    "chance_below",
    "smaller_if_q_from",
    "providers",
    "out_of_area_share",
    "settings_that_agree",
    "note",
)
"""The columns that a terminal shows; a file has them all."""


def years_of(text: str | None) -> Sequence[FinancialYear] | None:
    """Years from `2025/26`, `2023/24,2025/26` or `2022/23-2025/26`; none for all held."""
    if text is None:
        return None
    years: list[FinancialYear] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = FinancialYear.parse(first)
        end = FinancialYear.parse(last) if last else start
        if end < start:
            raise typer.BadParameter(f"{part.strip()} runs backwards: write {end}-{start}.")
        years += [FinancialYear(year) for year in range(start.start_year, end.start_year + 1)]
    return sorted(set(years))


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("judging lines: {task.completed:,.0f}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("lines", total=None)
        yield lambda done: bar.update(task, completed=done)
