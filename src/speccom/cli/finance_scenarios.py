"""The command `scenario`: what would be otherwise if boards merged, lines moved or the pace changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import FormatOption, OutputOption, write_picture, write_result
from speccom.cli.ledger import choose_format
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.charts.drawing import Figure
    from speccom.finance.scenarios import Ran, Scenario
    from speccom.insight.result import Result

FORMATS = ("text", "csv", "xlsx", "json", "svg")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("scenario")(scenario)


def scenario(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.json", help="A scenario; - reads it from the standard input."),
    ] = None,
    shipped: Annotated[
        str | None,
        typer.Option(
            "--shipped",
            metavar="NAME",
            help="One that ships or was saved: april-2026-mergers, delegate-one-line, or the hash of its content.",
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OTHER.json", help="Another scenario, to be set beside it."),
    ] = None,
    show: Annotated[
        str,
        typer.Option(
            "--show",
            metavar="WHAT",
            help="areas (what each board is given), pots (who holds what), volatility, changes or file (its canonical "
            "text).",
        ),
    ] = "areas",
    save: Annotated[
        bool, typer.Option("--save", help="Keep it in the workspace, under the hash of its content.")
    ] = False,
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Run a scenario on the ledger: boards that merge, lines that move, another pace or other money.

    The base is the same file without its changes. Numbers are as they are: see disclosure before you publish them.
    """
    choose_format(format, FORMATS)
    if show not in (*_SHOWN, "file"):
        raise typer.BadParameter(f"{show!r} is nothing to show: choose from {', '.join(_SHOWN)}, file.")
    if (file is None) == (shipped is None):
        raise typer.BadParameter("Name a scenario: FILE.json, or --shipped NAME, and not both.")
    if compare is not None and show != "areas":
        raise typer.BadParameter("--compare sets areas side by side: leave --show out.")
    located = Workspace.locate(workspace)
    asked = _read(located, file, shipped)
    if save:
        _save(located, asked)
    if show == "file":
        from speccom.cli.output import write_text

        write_text(output, asked.canonical)
        return
    _write(located, asked, show, _read(located, compare, None) if compare else None, format, output)


class _Shown(NamedTuple):
    """How one thing is told of a scenario that was run, and the columns that a terminal shows of it."""

    ask: Callable[[Workspace, Ran], Result]
    telling: tuple[str, ...]


def _read(workspace: Workspace, file: Path | None, name: str | None) -> Scenario:
    from speccom.finance.scenarios import find, parse, read_scenario

    if name is not None:
        return find(workspace, name)
    return parse(sys.stdin.read()) if str(file) == "-" else read_scenario(Path(str(file)))


def _save(workspace: Workspace, asked: Scenario) -> None:
    from speccom.finance.scenarios import save

    path = save(workspace, asked)
    print(f"Kept as {asked.hash}: {path}", file=sys.stderr)


def _write(
    workspace: Workspace,
    asked: Scenario,
    show: str,
    other: Scenario | None,
    format: str,
    output: Path | None,
) -> None:
    from speccom.finance.scenarios import results, run
    from speccom.register import Register

    register = Register.load(workspace)
    ran = run(workspace, asked, register)
    if other is not None:
        result = results.compare(ran, run(workspace, other, register))
        telling: tuple[str, ...] = (
            "year",
            "area",
            "area_name",
            "allocation",
            "other_allocation",
            "difference",
            "closing_distance",
            "other_closing_distance",
        )
    else:
        result, telling = _SHOWN[show].ask(workspace, ran), _SHOWN[show].telling
    if format == "svg":
        write_picture(result, _drawn(result, "compare" if other else show), output)
        return
    write_result(workspace, result, result.table, list(telling), format, output)


def _areas(workspace: Workspace, ran: Ran) -> Result:
    from speccom.finance.scenarios.results import areas_of

    return areas_of(ran)


def _pots(workspace: Workspace, ran: Ran) -> Result:
    from speccom.finance.scenarios.results import pots_of

    return pots_of(ran)


def _volatility(workspace: Workspace, ran: Ran) -> Result:
    from speccom.finance.scenarios.chances import chances
    from speccom.finance.scenarios.results import volatility_of

    return volatility_of(ran, chances(workspace, ran))


def _changes(workspace: Workspace, ran: Ran) -> Result:
    from speccom.finance.scenarios.results import changes_of

    return changes_of(ran)


def _drawn(result: Result, show: str) -> Figure | None:
    from speccom.charts import scenarios as drawings

    draw: dict[str, Callable[[Result], Figure | None]] = {
        "areas": drawings.gains,
        "volatility": drawings.chances,
        "compare": drawings.side_by_side,
    }
    if show not in draw:
        raise typer.BadParameter(f"There is no picture of {show}: choose --show areas or volatility.")
    return draw[show](result)


_SHOWN: dict[str, _Shown] = {
    "areas": _Shown(
        _areas,
        (
            "year",
            "area",
            "area_name",
            "without",
            "came",
            "allocation",
            "gain",
            "gain_share",
            "closing_distance",
        ),
    ),
    "pots": _Shown(_pots, ("pot_name", "basis", "area", "area_name", "holder", "before", "after", "change")),
    "volatility": _Shown(
        _volatility,
        (
            "service_line",
            "service_line_name",
            "footprint_before",
            "units_before",
            "chance_before",
            "footprint_after",
            "units_after",
            "chance_after",
        ),
    ),
    "changes": _Shown(
        _changes, ("number", "change", "on", "until", "lines", "moves_in_first_year", "moves_in_last_year")
    ),
}
