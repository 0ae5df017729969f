"""The command `pack`: a commissioner's month-end as a page, on paper and in a workbook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.period import FinancialYear, Month
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.charts.drawing import Figure
    from speccom.finance.position.month_end import MonthEnd
    from speccom.insight.result import Result

FORMATS = ("html", "xlsx", "pdf")
POSITION_FORMATS = ("text", "csv", "xlsx", "json", "svg")
_TELLING = (
    "actual",
    "plan",
    "plan_variance",
    "budget",
    "budget_variance",
    "due",
    "forecast",
    "forecast_lower",
    "forecast_upper",
    "forecast_variance",
    "forecast_per_head",
    "target_share",
    "note",
)
"""The columns that a terminal shows; a file has them all."""

LevelOption = Annotated[
    float, typer.Option("--level", metavar="SHARE", help="How sure the forecast’s interval is to be.")
]
LowVolumeOption = Annotated[
    bool,
    typer.Option(
        "--low-volume",
        help="Pay low-volume pairs a fixed sum; that this covers delegated specialised activity is not established.",
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Add the command of this file to the command line."""
    app.command("pack")(pack)


def pack(
    commissioner: Annotated[
        str, typer.Option("--commissioner", metavar="CODE", help="A board or hub, such as QKS or 13R.")
    ],
    month: Annotated[
        str | None,
        typer.Option(
            "--month", metavar="YEAR-MONTH", help="2025/26-6 is September (default: the last that is held)."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="The directory to write into; it is made.")
    ] = Path(),
    format: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help="html, xlsx and pdf, with commas.")
    ] = ",".join(FORMATS),
    level: LevelOption = 0.8,
    low_volume: LowVolumeOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """The month-end pack of one commissioner: HTML, PDF and XLSX that a finance lead can send on."""
    from speccom.cli.output import SYNTHETIC
    from speccom.finance.position.completion import measure
    from speccom.finance.position.month_end import month_end
    from speccom.finance.position.months import last_month

    wanted = [each.strip().lower() for each in format.split(",") if each.strip()]
    if not wanted or any(each not in FORMATS for each in wanted):
        raise typer.BadParameter(f"{format!r} is no list of formats: choose from {', '.join(FORMATS)}.")
    located = Workspace.locate(workspace)
    chosen = month_of(month) if month else last_month(located)
    measure(located)
    made = month_end(located, commissioner, chosen, level=level, with_low_volume=low_volume)
    if made.synthetic:
        print(SYNTHETIC, file=sys.stderr)
    # The PDF last: where it cannot be made, the others are there.
    for each in FORMATS:
        if each in wanted:
            path = output / _name(made, each)
            _write(made, each, path)
            print(path)


def write_forecast(
    workspace: Workspace,
    by: Sequence[str],
    number: int | None,
    year: str | None,
    commissioner: str | None,
    level: float,
    low_volume: bool,
    format: str,
    output: Path | None,
) -> None:
    """The position with budget, what is due and the full year, by some dimensions or by month."""
    from speccom.cli.insight import write_picture, write_result
    from speccom.finance.position.completion import measure
    from speccom.finance.position.course import by_month
    from speccom.finance.position.months import last_month, year_to_date
    from speccom.finance.position.standing import standing
    from speccom.finance.position.table import position

    if format not in POSITION_FORMATS:
        raise typer.BadParameter(f"{format!r} is not a format: choose from {', '.join(POSITION_FORMATS)}.")
    last = last_month(workspace)
    of_year = FinancialYear.parse(year) if year else last.year
    month = Month(of_year, number or (last.number if of_year == last.year else 12))
    code = commissioner.strip().upper() if commissioner else None
    held = year_to_date(workspace, month, commissioner=code, completion=measure(workspace))
    of = standing(held, level=level, with_low_volume=low_volume)
    months = list(by) == ["month"]
    result = by_month(of) if months else position(of, by)
    if format == "svg":
        write_picture(result, _drawn(result, by), output)
        return
    telling = result.table.column_names
    if not months:
        telling = [*(name for name in by for name in (name, f"{name}_name")), *_TELLING]
    write_result(workspace, result, result.table, telling, format, output)


def _drawn(result: Result, by: Sequence[str]) -> Figure | None:
    from speccom.charts import position as pictures

    if list(by) == ["month"]:
        whole = result.table["budget_to_date"].to_pylist()[-1] is not None
        return pictures.course(result, "budget" if whole else "plan")
    if len(by) != 1:
        raise typer.BadParameter("A picture is by month, or by one dimension: name one with --by.")
    return pictures.variances(result, by[0])


def month_of(text: str) -> Month:
    """A month from `2025/26-6`. Raises `typer.BadParameter`."""
    year, _, number = text.rpartition("-")
    if not year or not number.isdigit():
        raise typer.BadParameter(f"{text!r} is no month: write 2025/26-6 for September 2025 (1 is April).")
    return Month(FinancialYear.parse(year), int(number))


def _name(made: MonthEnd, suffix: str) -> str:
    from speccom.cli.output import file_name

    title = f"month-end {made.commissioner} {made.month.year} month {made.month.number:02d}"
    return file_name(title, suffix, synthetic=made.synthetic)


def _write(made: MonthEnd, format: str, path: Path) -> None:
    from speccom.charts import pack as pages
    from speccom.cli.output import write_workbook
    from speccom.workspace import write_atomically

    if format == "xlsx":
        said = dict.fromkeys(text for result in made.tables.values() for text in result.said())
        write_workbook(
            path,
            [(name, result.table) for name, result in made.tables.items()],
            title=pages.title(made),
            synthetic=made.synthetic,
            notes=[*pages.headline(made), *said],
        )
        return
    content = pages.pdf(made) if format == "pdf" else pages.html(made).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
