"""The command `bases`: host basis against population basis, who holds what, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import (
    BoundariesOption,
    FormatOption,
    OutputOption,
    YearOption,
    boundaries_of,
    write_picture,
    write_result,
)
from speccom.cli.ledger import choose_format
from speccom.period import FinancialYear
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.charts.drawing import Figure
    from speccom.finance.bases import Money
    from speccom.insight.result import Result

FORMATS = ("text", "csv", "xlsx", "json", "svg")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("bases")(bases)


def bases(
    show: Annotated[
        str,
        typer.Option(
            "--show",
            metavar="WHAT",
            help="bases (both of each area), pots (the same for each kind of money), transfers (from host to "
            "home), waterfall (of one area), held (who holds what) or rules (which basis applies when).",
        ),
    ] = "bases",
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHAT", help="region or icb (default: region).")
    ] = None,
    year: YearOption = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="YEAR",
            help="The year that a waterfall starts in, such as 2022/23 (default: the first held).",
        ),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option("--area", metavar="CODE", help="One region or board, such as Y56 or QKS."),
    ] = None,
    boundaries: BoundariesOption = "then",
    format: FormatOption = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What each area's providers cost, what its people cost, and which of the two it is given money by."""
    choose_format(format, FORMATS)
    if show not in _SHOWN:
        raise typer.BadParameter(f"{show!r} is nothing to show: choose from {', '.join(_SHOWN)}.")
    located = Workspace.locate(workspace)
    if show == "rules":
        _write_rules(located, format, output)
        return
    asked = _Asked(
        show,
        by,
        FinancialYear.parse(year) if year else None,
        FinancialYear.parse(start) if start else None,
        area,
    )
    money = _money(located, asked, boundaries)
    result, telling = _SHOWN[show].ask(money, asked), _SHOWN[show].telling
    if format == "svg":
        write_picture(result, _drawn(result, asked), output)
        return
    table = _only(result, asked) if area and show != "waterfall" else result.table
    write_result(
        located,
        result,
        table,
        [name for name in telling if name in table.column_names],
        format,
        output,
    )


class _Asked(NamedTuple):
    """What is asked for; years are empty where none was named."""

    show: str
    by: str | None
    year: FinancialYear | None
    start: FinancialYear | None
    area: str | None


class _Shown(NamedTuple):
    """How one thing is asked of the money, and the columns of it that a terminal shows; a file has them all."""

    ask: Callable[[Money, _Asked], Result]
    telling: tuple[str, ...]


def _money(workspace: Workspace, asked: _Asked, boundaries: str) -> Money:
    """The money of the years asked for: one, or all from the first to the last of a waterfall."""
    from speccom.finance.bases import money_of
    from speccom.ledger.manifest import require_manifest
    from speccom.ledger.summaries import years_held

    if asked.by not in (None, "region", "icb"):
        raise typer.BadParameter(f"{asked.by!r} is nothing to show bases by: choose from region, icb.")
    if asked.show == "waterfall" and asked.area is None:
        raise typer.BadParameter(
            "A waterfall is of one region or board: name it with --area, such as --area Y56."
        )
    if asked.start is not None and asked.show != "waterfall":
        raise typer.BadParameter("--from is for --show waterfall alone: everything else is of one year.")
    held = years_held(require_manifest(workspace))
    last = asked.year or (held[-1] if held else None)
    years = [last] if last else None
    if asked.show == "waterfall" and last:
        first = asked.start or min([*held, last])
        years = [each for each in held if first <= each <= last] if first < last else [last]
        years = sorted({first, last, *years})
    return money_of(workspace, years, boundaries_of(boundaries))


def _waterfall(money: Money, asked: _Asked) -> Result:
    from speccom.finance.bases import waterfall_of

    year = asked.year or money.years[-1]
    return waterfall_of(money, str(asked.area), year, asked.start or money.years[0])


def _both(money: Money, asked: _Asked) -> Result:
    from speccom.finance.bases import bases_of

    return bases_of(money, money.years[-1], _by(money, asked), each_pot=asked.show == "pots")


def _transfers(money: Money, asked: _Asked) -> Result:
    from speccom.finance.bases import transfers_of

    return transfers_of(money, money.years[-1], _by(money, asked))


def _held(money: Money, asked: _Asked) -> Result:
    from speccom.finance.bases import held_of

    return held_of(money, money.years[-1], asked.by)


def _by(money: Money, asked: _Asked) -> str:
    """By what areas are told: as asked, else as the area that was named is, else by region."""
    from speccom.finance.bases import level_of

    if asked.by is not None:
        return asked.by
    return level_of(money, asked.area) if asked.area else "region"


def _only(result: Result, asked: _Asked) -> pa.Table:
    """The rows of one area, as host or as home. Raises `BasesError` where there is none."""
    from speccom.finance.bases import BasesError

    code = str(asked.area).strip().upper()
    sides = [name for name in ("area", "host", "home") if _is_code(result, name)]
    rows = result.table.to_pylist()
    places = [place for place, row in enumerate(rows) if any(row[side] == code for side in sides)]
    if not places:
        held = sorted({str(row[side]) for row in rows for side in sides if row[side]})
        raise BasesError(f"{asked.area!r} has no row here: choose from {', '.join(held) or 'none'}.")
    return result.table.take(places)


def _is_code(result: Result, name: str) -> bool:
    from speccom.insight.result import meaning

    return name in result.table.column_names and meaning(result.table.schema.field(name)).unit == "code"


def _drawn(result: Result, asked: _Asked) -> Figure | None:
    from speccom.charts import bases as drawings

    area = asked.area.strip().upper() if asked.area else None
    if asked.show == "waterfall":
        return drawings.waterfall(result)
    if asked.show == "transfers":
        return drawings.transfer_matrix(result, area)
    if asked.show == "bases":
        return drawings.transfer_bars(result, area)
    raise typer.BadParameter(
        f"There is no picture of {asked.show}: choose --show bases, transfers or waterfall."
    )


def _write_rules(workspace: Workspace, format: str, output: Path | None) -> None:
    """The rules alone, which need no ledger."""
    from speccom.cli.output import write_table
    from speccom.finance.bases import rules_result
    from speccom.register import Register

    if format == "svg":
        raise typer.BadParameter("There is no picture of rules: choose text, csv, xlsx or json.")
    result = rules_result(Register.load(workspace))
    table = result.table
    notes = tuple(dict.fromkeys(f"Read in: {each}." for each in table["source"].to_pylist()))
    if format == "text":
        table = table.select([name for name in table.column_names if name not in ("pot", "source")])
    write_table(table, format, output, title=result.title, synthetic=False, notes=notes)


_SHOWN: dict[str, _Shown] = {
    "bases": _Shown(
        _both,
        ("area", "area_name", "host_basis", "population_basis", "at_home", "outflow", "inflow", "transfer"),
    ),
    "pots": _Shown(
        _both, ("area", "pot_name", "basis", "level", "host_basis", "population_basis", "transfer")
    ),
    "transfers": _Shown(
        _transfers, ("host", "host_name", "home", "home_name", "amount", "share_of_home", "share_of_host")
    ),
    "waterfall": _Shown(_waterfall, ("step_name", "amount", "running", "formula")),
    "held": _Shown(_held, ("pot_name", "basis", "area", "area_name", "holder", "amount", "share")),
    "rules": _Shown(_both, ()),
}
