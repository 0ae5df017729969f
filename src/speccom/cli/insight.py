"""The commands `variation`, `equity`, `flows` and `peers`: why spend a head differs, between whom, and where to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.ledger import choose_format, stale
from speccom.period import FinancialYear
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.charts.drawing import Figure
    from speccom.insight.result import Result

FORMATS = ("text", "csv", "xlsx", "json", "svg")

LinesOption = Annotated[
    str,
    typer.Option(
        "--lines",
        metavar="LINES",
        help="all, codes of service lines, service:REF, programme:NAME or pathway:KEY; several with commas.",
    ),
]
YearOption = Annotated[
    str | None,
    typer.Option(
        "--year", metavar="YEAR", help="A financial year, such as 2025/26 (default: the last held)."
    ),
]
BoundariesOption = Annotated[
    str,
    typer.Option(
        "--boundaries",
        metavar="WHEN",
        help="then: boards as they were; today or a date: the boards of that day.",
    ),
]
BoardOption = Annotated[
    str | None, typer.Option("--icb", metavar="CODE", help="The board to show first, such as QKS.")
]
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx, json or svg.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("variation")(variation)
    app.command("equity")(equity)
    app.command("flows")(flows)
    app.command("peers")(peers)


def variation(
    lines: LinesOption = "all",
    year: YearOption = None,
    boundaries: BoundariesOption = "then",
    peers: Annotated[
        str,
        typer.Option(
            "--peers",
            metavar="WHOM",
            help="Hold against: england, region, nearest (need and age), group:NAME, or boards' codes with commas.",
        ),
    ] = "england",
    icb: BoardOption = None,
    picture: Annotated[
        str, typer.Option("--picture", metavar="NAME", help="With --format svg: access or funnel.")
    ] = "access",
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Spend a head of each board as access times intensity, against others of its kind."""
    from speccom.insight.variation import variation as variation_of

    choose_format(format, FORMATS)
    _choose_picture(picture, ("access", "funnel"))
    located = Workspace.locate(workspace)
    result = variation_of(located, lines, _year(year), boundaries=boundaries_of(boundaries), peers=peers)
    board = _board(result, icb)
    if format == "svg":
        from speccom.charts import variation as drawings

        draw = {"access": drawings.access_by_intensity, "funnel": drawings.funnel}[picture]
        write_picture(result, draw(result, board), output)
        return
    table = _first(result.table, ["ENG", *([board] if board else [])]) if format == "text" else result.table
    write_result(located, result, table, _TELLING["variation"], format, output)


def equity(
    lines: LinesOption = "all",
    year: YearOption = None,
    boundaries: BoundariesOption = "then",
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="WHAT", help="fifth (rates by fifth of deprivation) or board (gradients)."
        ),
    ] = "fifth",
    icb: Annotated[
        str | None,
        typer.Option(
            "--icb", metavar="CODE", help="The board where people live, such as QKS (default: England)."
        ),
    ] = None,
    picture: Annotated[
        str | None,
        typer.Option(
            "--picture",
            metavar="NAME",
            help="With --format svg: patients or spend (by fifth), or boards; the default goes with --by.",
        ),
    ] = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Patients and spend by fifth of deprivation, and how steep the gradient is: is access fair?"""
    from speccom.insight.equity import equity as equity_of

    choose_format(format, FORMATS)
    if by not in ("fifth", "board"):
        raise typer.BadParameter(f"{by!r} is nothing to show equity by: choose from fifth, board.")
    name = picture or {"fifth": "patients", "board": "boards"}[by]
    _choose_picture(name, ("patients", "spend", "boards"))
    located = Workspace.locate(workspace)
    found = equity_of(located, lines, _year(year), boundaries=boundaries_of(boundaries))
    result = found.fifths if by == "fifth" else found.gradients
    board = _board(result, icb)
    if format == "svg":
        from speccom.charts import equity as drawings

        figure = (
            drawings.boards_picture(found.gradients, board)
            if name == "boards"
            else drawings.gradient_picture(found.fifths, found.gradients, board or "ENG", name)
        )
        write_picture(result, figure, output)
        return
    table = result.table
    if by == "fifth" and (board or format == "text"):
        table = _only(table, board or "ENG")
    elif by == "board":
        table = _first(table, ["ENG", *([board] if board else [])])
    write_result(located, result, table, _TELLING[f"equity by {by}"], format, output)


def flows(
    by: Annotated[
        str, typer.Option("--by", metavar="WHAT", help="provider, board, or balance (what flows out and in).")
    ] = "provider",
    lines: LinesOption = "all",
    year: YearOption = None,
    boundaries: BoundariesOption = "then",
    icb: BoardOption = None,
    picture: Annotated[
        str | None,
        typer.Option(
            "--picture",
            metavar="NAME",
            help="With --format svg: bands (of one board), map, matrix or balance; the default goes with --by.",
        ),
    ] = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Where the people of each board are cared for, by provider or board, and what flows out and in."""
    from speccom.insight import flows as flows_of

    choose_format(format, FORMATS)
    asked: dict[str, Callable[..., Result]] = {
        "provider": flows_of.by_provider,
        "board": flows_of.by_board,
        "balance": flows_of.balances,
    }
    if by not in asked:
        raise typer.BadParameter(f"{by!r} is nothing to show flows by: choose from {', '.join(asked)}.")
    name = picture or {"provider": "bands" if icb else "map", "board": "matrix", "balance": "balance"}[by]
    _choose_picture(name, tuple(_DRAWN))
    located = Workspace.locate(workspace)
    question = _Question(located, lines, _year(year), boundaries_of(boundaries))
    if format == "svg":
        result, figure = _DRAWN[name](question, icb)
        write_picture(result, figure, output)
        return
    result = question.ask(asked[by])
    board = _board(result, icb)
    table = result.table
    if board:
        table = _first(table, [board]) if by == "balance" else _only(table, board)
    write_result(located, result, table, _TELLING[by], format, output)


def peers(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="What the group is called.")] = None,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="CODES", help="Codes of boards, with commas or spaces.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Keep a group of boards to hold others against (--peers group:NAME), or list those kept."""
    from speccom.insight.peers import groups_of, save_group
    from speccom.insight.result import InsightError
    from speccom.register import Register

    located = Workspace.locate(workspace)
    if name is None:
        kept = groups_of(located)
        for group, boards in kept.items():
            print(f"{group}: {', '.join(boards)}")
        if not kept:
            print("No group is kept yet: speccom peers NAME QHM,QWO keeps one.")
        return
    wanted = [code.strip().upper() for each in codes or [] for code in each.split(",") if code.strip()]
    register = Register.load(located)
    unknown = [
        code
        for code in wanted
        if code not in register.organisations or register.organisations[code].role != "integrated care board"
    ]
    if unknown or not wanted:
        raise InsightError(
            f"{', '.join(unknown) or 'Nothing'} is no board: name boards by their codes, such as QHM,QWO."
        )
    located.make()
    save_group(located, name, wanted)
    print(f"Kept: {name} ({', '.join(wanted)}). Use it with --peers group:{name}")


# --- what was asked


class _Question(NamedTuple):
    """What flows are asked of."""

    workspace: Workspace
    lines: str
    year: FinancialYear | None
    boundaries: date | None

    def ask(self, analysis: Callable[..., Result]) -> Result:
        return analysis(self.workspace, self.lines, self.year, boundaries=self.boundaries)


def _year(text: str | None) -> FinancialYear | None:
    return FinancialYear.parse(text) if text else None


def boundaries_of(text: str) -> date | None:
    """The date whose boards are meant by an option; none for boards as they were."""
    from speccom.insight import areas

    return areas.boundaries_of(text, date.today())  # noqa: DTZ011  # the day of whoever asks


def _board(result: Result, icb: str | None) -> str | None:
    """The code of a board that the result has a row of. Raises `InsightError` for another."""
    from speccom.insight.result import InsightError

    if icb is None:
        return None
    code = icb.strip().upper()
    held = [str(each) for each in dict.fromkeys(result.table["icb"].to_pylist()) if each != "ENG"]
    if code not in held:
        raise InsightError(
            f"{icb!r} is no board with a row here: "
            + (
                f"choose from {', '.join(sorted(held))}."
                if held
                else "no board has one, and without --icb the notes say why."
            )
        )
    return code


def _choose_picture(picture: str, allowed: Sequence[str]) -> None:
    if picture not in allowed:
        raise typer.BadParameter(f"{picture!r} is no picture of this: choose from {', '.join(allowed)}.")


# --- what is given back

_TELLING = {
    "variation": [
        "icb",
        "icb_name",
        "population",
        "patients",
        "spend",
        "spend_per_head",
        "access",
        "intensity",
        "compared_with",
        "spend_ratio",
        "access_ratio",
        "intensity_ratio",
        "difference",
        "access_effect",
        "intensity_effect",
        "standardised_ratio",
        "note",
    ],
    "equity by fifth": [
        "icb",
        "fifth",
        "population",
        "patients",
        "spend",
        "access",
        "rate",
        "rate_lower",
        "rate_upper",
        "fitted",
        "spend_per_head",
        "standardised_ratio",
        "note",
    ],
    "equity by board": [
        "icb",
        "icb_name",
        "measure",
        "patients",
        "slope_index",
        "slope_lower",
        "slope_upper",
        "relative_index",
        "relative_lower",
        "relative_upper",
        "reading",
    ],
    "provider": [
        "icb",
        "provider",
        "provider_name",
        "host_icb",
        "neuroscience_centre",
        "patients",
        "spend",
        "share_of_board",
        "share_of_provider",
        "kilometres",
    ],
    "board": ["icb", "icb_name", "host", "host_name", "patients", "spend", "share_of_board", "share_of_host"],
    "balance": [
        "icb",
        "icb_name",
        "spend",
        "income",
        "at_home",
        "outflow",
        "inflow",
        "net",
        "outflow_share",
        "import_share",
        "neuroscience_centres",
    ],
}
"""The columns that a terminal shows; a file has them all."""


def write_result(
    workspace: Workspace,
    result: Result,
    table: pa.Table,
    telling: Sequence[str],
    format: str,
    output: Path | None,
) -> None:
    """Write a table of a result: on a terminal the columns that tell most, in a file all."""
    from speccom.cli.output import write_table
    from speccom.ledger.manifest import require_manifest

    if format == "text":
        # A column that no row has anything in would only take room; its gap is among the notes.
        table = table.select([name for name in telling if table[name].null_count < max(table.num_rows, 1)])
    notes = [*result.said(), *stale(workspace, require_manifest(workspace))]
    write_table(table, format, output, title=result.title, synthetic=result.synthetic, notes=notes)


def _first(table: pa.Table, codes: Sequence[str]) -> pa.Table:
    """The rows of some areas, in that order, before the rest as they are."""
    held = table["icb"].to_pylist()
    if not held:
        return table
    first = [place for code in codes for place, each in enumerate(held) if each == code]
    return table.take([*first, *(place for place in range(len(held)) if place not in first)])


def _only(table: pa.Table, code: str) -> pa.Table:
    return table.take([place for place, each in enumerate(table["icb"].to_pylist()) if each == code])


# --- pictures


def write_picture(result: Result, figure: Figure | None, output: Path | None) -> None:
    from speccom.cli.output import write_text
    from speccom.insight.result import InsightError

    if figure is None:
        said = " ".join(result.said())
        raise InsightError(f"There is nothing to draw. {said}")
    write_text(output, figure.wide + "\n")


def _bands(question: _Question, icb: str | None) -> tuple[Result, Figure | None]:
    from speccom.charts.flows import flow_bands
    from speccom.insight.flows import by_provider
    from speccom.insight.result import InsightError

    if icb is None:
        raise InsightError("Bands are of one board: name it with --icb, such as --icb QKS.")
    result = question.ask(by_provider)
    return result, flow_bands(result, str(_board(result, icb)))


def _map(question: _Question, icb: str | None) -> tuple[Result, Figure | None]:
    from speccom.charts.flow_map import flow_map
    from speccom.insight.flows import balances, by_provider
    from speccom.ledger.manifest import require_manifest
    from speccom.places.boundaries import boundaries

    result = question.ask(by_provider)
    months = require_manifest(question.workspace).months
    last = max(each.period.start for each in months if question.year in (None, each.period.year))
    on = question.boundaries or last
    outlines = boundaries(question.workspace, on)
    drawn = flow_map(
        result,
        on,
        _board(result, icb),
        balances=question.ask(balances),
        shapes=outlines.shapes if outlines else None,
    )
    return result, drawn


def _matrix(question: _Question, icb: str | None) -> tuple[Result, Figure | None]:
    from speccom.charts.flows import flow_matrix
    from speccom.insight.flows import by_board

    result = question.ask(by_board)
    return result, flow_matrix(result, _board(result, icb))


def _balance(question: _Question, icb: str | None) -> tuple[Result, Figure | None]:
    from speccom.charts.flows import balance_bars
    from speccom.insight.flows import balances

    result = question.ask(balances)
    return result, balance_bars(result, _board(result, icb))


_DRAWN: dict[str, Callable[[_Question, str | None], tuple[Result, Figure | None]]] = {
    "bands": _bands,
    "map": _map,
    "matrix": _matrix,
    "balance": _balance,
}
