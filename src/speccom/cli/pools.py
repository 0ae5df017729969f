"""The command `pool`: a risk shared between areas, what each would pay, and how much calmer its years become."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import BoundariesOption, OutputOption, boundaries_of, write_picture, write_result
from speccom.cli.ledger import choose_format
from speccom.cli.planning import years_of
from speccom.period import FinancialYear
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.finance.pool_results import Pool
    from speccom.finance.pools import Arrangement
    from speccom.insight.result import Result

FORMATS = ("text", "csv", "xlsx", "json", "svg")
SHOW = ("overview", "outcomes", "settlement")
PICTURES = ("spread", "tail", "settlement")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("pool")(pool)


def pool(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="JSON of areas with their cases and what a case costs, in place of the ledger; see the reference.",
        ),
    ] = None,
    lines: Annotated[
        str | None,
        typer.Option(
            "--lines",
            metavar="LINES",
            help="Codes of service lines, service:REF, programme:NAME, pathway:KEY or all; several with commas.",
        ),
    ] = None,
    areas: Annotated[
        str,
        typer.Option(
            "--areas",
            metavar="AREAS",
            help="Codes of boards, region:CODE, committee:CODE, group:NAME or england; several with commas.",
        ),
    ] = "england",
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", help="excess (above a retention) or share (of every pound)."),
    ] = "excess",
    retention: Annotated[
        str | None,
        typer.Option(
            "--retention",
            metavar="POUNDS",
            help="What stays with an area; with --by area also a share of what it expects, such as 110%.",
        ),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="WHAT", help="Retention of each patient's year, or each area's.")
    ] = "patient",
    part: Annotated[
        str, typer.Option("--part", metavar="SHARE", help="With --kind share: the part of every pound.")
    ] = "1",
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="WHAT",
            help="What areas share by: premium, expected, population, or given (shares in the file).",
        ),
    ] = None,
    correlation: Annotated[
        float | None,
        typer.Option(
            "--correlation",
            metavar="0 TO 1",
            help="How much of what differs between years all areas have in common (default: 1).",
        ),
    ] = None,
    between_years: Annotated[
        float | None,
        typer.Option(
            "--between-years",
            metavar="VARIANCE",
            help="Variance of a year's rate, relative to its square (default: what four years or more show).",
        ),
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(
            "--years",
            metavar="YEARS",
            help="What is expected comes from these: 2024/25, several with commas, or 2022/23-2024/25 (default: all "
            "held, or those before the year that is settled).",
        ),
    ] = None,
    settle: Annotated[
        str | None,
        typer.Option(
            "--settle", metavar="YEAR", help="Settle this year, from what the years before led to expect."
        ),
    ] = None,
    simulations: Annotated[
        int,
        typer.Option("--simulations", metavar="N", help="Years of the pool to draw, 1,000 to 10,000,000."),
    ] = 100_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed gives the same numbers.")
    ] = 1,
    q: Annotated[float, typer.Option("--q", metavar="SHARE", help="How far a budget may be missed.")] = 0.05,
    show: Annotated[
        str | None,
        typer.Option(
            "--show",
            metavar="TABLE",
            help="overview, outcomes (every number with its error) or settlement; the default goes with --settle.",
        ),
    ] = None,
    picture: Annotated[
        str | None,
        typer.Option("--picture", metavar="NAME", help="With --format svg: spread, tail or settlement."),
    ] = None,
    boundaries: BoundariesOption = "then",
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx, json or svg.")
    ] = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """A risk pool of areas: premiums, each area's years alone and in the pool, and a year settled to the penny."""
    choose_format(format, FORMATS)
    _choose("--show", show, SHOW)
    _choose("--picture", picture, PICTURES)
    arrangement = arrangement_of(kind, by, retention, part, weights)
    asked: dict[str, Any] = {"simulations": simulations, "seed": seed, "q": q}
    if file is not None:
        if lines is not None or settle is not None or years is not None:
            raise typer.BadParameter(
                "--lines, --years and --settle are of a ledger: leave them out, or the file."
            )
        found = _from_file(file, arrangement, correlation, between_years, asked)
        located = None
    else:
        if lines is None:
            raise typer.BadParameter(
                "Name the lines to pool with --lines, such as service:11, or give a file."
            )
        located = Workspace.locate(workspace)
        question: dict[str, Any] = {
            "years": years_of(years),
            "settle": FinancialYear.parse(settle) if settle else None,
            "correlation": 1.0 if correlation is None else correlation,
            "between_years": between_years,
            "boundaries": boundaries_of(boundaries),
        }
        found = _from_ledger(located, lines, areas, arrangement, question, asked)
    _write(found, located, show, picture, format, output)


def arrangement_of(kind: str, by: str, retention: str | None, part: str, weights: str | None) -> Arrangement:
    """The arrangement that options say. Raises `PoolError` and `BadParameter`."""
    from speccom.finance.pools import Arrangement, By, Kind, Weighting

    _choose("--kind", kind, tuple(Kind))
    _choose("--by", by, tuple(By))
    _choose("--weights", weights, tuple(Weighting))
    if kind == Kind.EXCESS and retention is None:
        raise typer.BadParameter("An excess pool needs --retention: pounds that stay with an area.")
    usual = Weighting.PREMIUM if kind == Kind.EXCESS else Weighting.EXPECTED
    as_share = retention is not None and retention.strip().endswith("%")
    return Arrangement(
        Kind(kind),
        By(by),
        None if retention is None or as_share else _number(retention, "--retention"),
        _number(retention, "--retention") if retention is not None and as_share else None,
        _number(part, "--part"),
        Weighting(weights) if weights else usual,
    )


def _number(text: str, option: str) -> Decimal:
    """Pounds, a number, or a percentage as a share."""
    plain = text.strip().removeprefix("£").replace(",", "")
    try:
        number = Decimal(plain.removesuffix("%"))
    except InvalidOperation as error:
        raise typer.BadParameter(f"{option} is {text!r}: give a number, such as 250000 or 110%.") from error
    return number / 100 if plain.endswith("%") else number


def _choose(option: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise typer.BadParameter(f"{option} is {value!r}: choose from {', '.join(choices)}.")


def _from_file(
    file: Path,
    arrangement: Arrangement,
    correlation: float | None,
    between_years: float | None,
    asked: dict[str, Any],
) -> Pool:
    from speccom.finance.pool_file import parse_pool, read_pool
    from speccom.finance.pool_results import pool as pool_of
    from speccom.finance.pool_years import Chances

    read = parse_pool(sys.stdin.read()) if str(file) == "-" else read_pool(file)
    chances = Chances(
        read.chances.between_years if between_years is None else between_years,
        read.chances.correlation if correlation is None else correlation,
    )
    with _progress() as progress:
        return pool_of(
            read.name,
            read.members,
            arrangement,
            chances,
            actual=read.actual,
            settled_of="the year in the file",
            source=f"{file.name}",
            notes=(f"Areas, cases and costs are those of {file.name}, as given.",),
            progress=progress,
            **asked,
        )


def _from_ledger(
    workspace: Workspace,
    lines: str,
    areas: str,
    arrangement: Arrangement,
    question: dict[str, Any],
    asked: dict[str, Any],
) -> Pool:
    from speccom.finance.pool_history import history
    from speccom.finance.pool_results import pool as pool_of
    from speccom.finance.pools import Weighting

    if arrangement.weighting == Weighting.GIVEN:
        raise typer.BadParameter("--weights given is of shares in a file: give one, or share by another.")
    held = history(workspace, lines, areas, retention=arrangement.retention, **question)
    with _progress() as progress:
        return pool_of(
            held.name,
            held.members,
            arrangement,
            held.chances,
            actual=held.actual,
            settled_of=str(held.settled or "the year"),
            own_cost=held.own_cost,
            notes=held.notes,
            gaps=held.gaps,
            source=held.source,
            synthetic=held.synthetic,
            progress=progress,
            **asked,
        )


def _write(
    found: Pool,
    workspace: Workspace | None,
    show: str | None,
    picture: str | None,
    format: str,
    output: Path | None,
) -> None:
    from speccom.finance import pool_results

    shown = show or ("settlement" if found.settled else "overview")
    if format == "svg":
        _write_picture(found, picture or ("settlement" if shown == "settlement" else "spread"), output)
        return
    makers: dict[str, Callable[[Pool], Result]] = {
        "overview": pool_results.overview,
        "outcomes": pool_results.outcomes,
        "settlement": pool_results.settlement,
    }
    if format == "xlsx" and show is None:
        _write_sheets(
            found, [makers[name](found) for name in SHOW if name != "settlement" or found.settled], output
        )
        return
    result = makers[shown](found)
    names = [name for name in _TELLING[shown] if name in result.table.column_names]
    if workspace is not None:
        write_result(workspace, result, result.table, names, format, output)
        return
    from speccom.cli.output import write_table

    table = result.table.select(names) if format == "text" else result.table
    write_table(table, format, output, title=result.title, synthetic=result.synthetic, notes=result.said())


def _write_picture(found: Pool, picture: str, output: Path | None) -> None:
    from speccom.charts import pools as drawings
    from speccom.finance import pool_results

    if picture == "settlement":
        result = pool_results.settlement(found)
        write_picture(result, drawings.settlements(result), output)
        return
    result = pool_results.outcomes(found)
    draw = {"spread": drawings.spreads, "tail": drawings.tails}[picture]
    write_picture(result, draw(result), output)


def _write_sheets(found: Pool, results: list[Result], output: Path | None) -> None:
    """One workbook with a sheet for each table."""
    from speccom.cli.output import file_name, write_workbook

    first = results[0]
    path = output or Path(file_name(first.title, "xlsx", synthetic=found.synthetic))
    sheets = [(name, result.table) for name, result in zip(SHOW, results, strict=False)]
    write_workbook(path, sheets, title=first.title, synthetic=found.synthetic, notes=first.said())
    print(f"Written: {path} ({', '.join(name for name, _ in sheets)})", file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("drawing years"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("years", total=1.0)
        yield lambda done: bar.update(task, completed=done)


_TELLING = {
    "overview": (
        "area",
        "area_name",
        "expected_cases",
        "expected_cost",
        "retained",
        "premium",
        "share",
        "transfer",
        "sd_alone",
        "sd_pool",
        "over_alone",
        "over_pool",
        "calmer",
    ),
    "outcomes": (
        "area",
        "arrangement",
        "budget",
        "mean",
        "sd",
        "p5",
        "p50",
        "p90",
        "p95",
        "p99",
        "shortfall",
        "over",
        "missed",
        "p95_error",
    ),
    "settlement": (
        "area",
        "area_name",
        "cost",
        "handed_over",
        "share",
        "pays",
        "settlement",
        "cost_after",
        "missed_before",
        "missed_after",
    ),
}
"""The columns that a terminal shows; a file has them all."""
