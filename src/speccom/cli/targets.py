"""The command `target`: what each area's fair share would be, and the file that `allocate` moves money by."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.insight import OutputOption, YearOption
from speccom.cli.ledger import choose_format
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.finance.target import Need
    from speccom.finance.targets import Boundary
    from speccom.insight.result import Result
    from speccom.register import Register

FORMATS = ("text", "csv", "xlsx", "json", "svg")
PICTURES = ("weights", "distance")
CORE_WORDS = "core services, not specialised"
CORE, IMPORTED, NONE, THEN = "core", "imported", "none", "then"


def add_commands(app: typer.Typer) -> None:
    """Add the command of this file to the command line."""
    app.command("target")(target)


def target(
    need: Annotated[
        list[str],
        typer.Option(
            "--need",
            metavar="core|FILE",
            help="core: need for core services stands in. Or files that speccom needs --weighted wrote, one for "
            "each service: give --need again for each.",
        ),
    ],
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight",
            metavar="NAME=SHARE",
            help="A service’s share of spend, such as 'mental health=0.3'; all sum to 1. Again for each. One file "
            "alone has 1.",
        ),
    ] = None,
    health_inequality: Annotated[
        str | None,
        typer.Option(
            "--health-inequality",
            metavar="H",
            help="The share of the money that follows avoidable mortality, 0 to 1. No default: none is published.",
        ),
    ] = None,
    market_forces: Annotated[
        str | None,
        typer.Option(
            "--market-forces",
            metavar="imported|none|FILE",
            help="Unavoidable costs by area: as imported, of a file, or none.",
        ),
    ] = None,
    baselines: Annotated[
        str | None,
        typer.Option(
            "--baselines", metavar="imported|FILE", help="What areas have, for the distance from target."
        ),
    ] = None,
    year: YearOption = None,
    boundaries: Annotated[
        str,
        typer.Option(
            "--boundaries", metavar="WHEN", help="then: boards of the need source; or those of a date."
        ),
    ] = THEN,
    part: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            metavar="BOARD:SUCCESSOR=WEIGHT",
            help="The weight of a part of a board that was split, such as its people. Again for each part.",
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE.json", help="Also write what speccom allocate takes."),
    ] = None,
    money: Annotated[
        str | None,
        typer.Option("--money", metavar="POUNDS", help="With --write: the money to be shared in the year."),
    ] = None,
    picture: Annotated[
        str, typer.Option("--picture", metavar="NAME", help="With --format svg: weights or distance.")
    ] = "weights",
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx, json or svg.")
    ] = "text",
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Target shares of areas: people weighted by need, by health inequalities and by unavoidable costs.

    Nothing that policy has not published is assumed: the shares of spend, h and the market forces factor are
    yours to give. A target is a calculation, and no allocation.
    """
    choose_format(format, FORMATS)
    if picture not in PICTURES:
        raise typer.BadParameter(f"{picture!r} is no picture of this: choose from {', '.join(PICTURES)}.")
    if picture == "distance" and format == "svg" and baselines is None:
        raise typer.BadParameter("The picture of distances needs --baselines.")
    if (write is None) != (money is None):
        raise typer.BadParameter("--write and --money belong together: give both, or neither.")
    if write is not None and baselines is None:
        raise typer.BadParameter("--write needs --baselines: money moves from what areas have.")
    from speccom.finance.inputs import BASELINES, MARKET_FORCES
    from speccom.finance.target import Weights
    from speccom.finance.targets import table_of, targets
    from speccom.register import Register

    place = Workspace.locate(workspace)
    register = Register.load(place)
    asked, need_of = _need(register, need, year)
    forces = None if market_forces in (None, NONE) else _list(place, register, market_forces, MARKET_FORCES)
    weights = Weights(
        _weights(asked, weight or []),
        _share(health_inequality, "--health-inequality") if health_inequality else None,
        forces,
        market_forces == NONE,
    )
    held = None if baselines is None else _list(place, register, baselines, BASELINES)
    boundary = _boundary(register, asked, boundaries, part or [], held or {})
    found = targets(asked, weights, need_of, baselines=held, boundary=boundary)
    if write is not None and money is not None:
        from speccom.cli.output import write_text
        from speccom.finance.allocation_file import written

        write_text(write, written(found.request(_money(money))))
    _leave(table_of(found, register), format, picture, output)


def _leave(result: Result, format: str, picture: str, output: Path | None) -> None:
    if format == "svg":
        from speccom.charts.allocation import openings, weights
        from speccom.cli.insight import write_picture

        write_picture(result, {"weights": weights, "distance": openings}[picture](result), output)
        return
    from speccom.cli.output import write_table

    table = _in_percent(result.table) if format == "text" else result.table
    write_table(table, format, output, title=result.title, synthetic=result.synthetic, notes=result.said())


def _in_percent(table: pa.Table) -> pa.Table:
    """Shares in percent, as a person reads them; whose need it is stands in the notes below."""
    import pyarrow.compute as pc

    table = table.drop_columns(["need_of"])
    for place, field in enumerate(table.schema):
        if (field.metadata or {}).get(b"unit") == b"share":
            table = table.set_column(place, f"{field.name}_%", pc.multiply(table.column(place), 100))
    return table


def _need(register: Register, asked: Sequence[str], year: str | None) -> tuple[Need, str]:
    """The need asked for and whose it is, in words."""
    from speccom.finance.target import core_need, core_years
    from speccom.period import FinancialYear

    if CORE in asked:
        if len(asked) > 1:
            raise typer.BadParameter(
                "--need core stands alone: core need and need files are of other people."
            )
        of = FinancialYear.parse(year) if year else core_years(register)[-1]
        return core_need(register, of), f"{CORE_WORDS}, {of}"
    if year:
        raise typer.BadParameter("--year is of --need core: a need file has its own year.")
    from speccom.finance.needs.weighted import read_weighted

    found = read_weighted([Path(each) for each in asked])
    return found, ", ".join(found.weighted)


def _weights(need: Need, said: Sequence[str]) -> dict[str, Decimal]:
    """Each service's share of spend; the one service of a single file has all of it."""
    if not said and len(need.weighted) == 1:
        return dict.fromkeys(need.weighted, Decimal(1))
    found: dict[str, Decimal] = {}
    for each in said:
        name, _, share = each.rpartition("=")
        if not name:
            raise typer.BadParameter(f"--weight is {each!r}: give NAME=SHARE, such as 'maternity=0.1'.")
        if name in found:
            raise typer.BadParameter(f"--weight gives {name} twice: give each service once.")
        found[name] = _share(share, f"--weight of {name}")
    return found


def _list(place: Workspace, register: Register, named: str, kind: str) -> dict[str, Decimal]:
    """A list by area: as imported, or of a file."""
    from speccom.finance import inputs
    from speccom.finance.target import TargetError

    if named != IMPORTED:
        return inputs.read_list(register, Path(named), kind)
    read = {inputs.BASELINES: inputs.baselines, inputs.MARKET_FORCES: inputs.market_forces}
    found = read[kind](place)
    if found is None:
        raise TargetError(f"No {kind} are imported: speccom reference import {kind} FILE, or name a file.")
    return found


def _boundary(
    register: Register, need: Need, when: str, said: Sequence[str], held: dict[str, Decimal]
) -> Boundary | None:
    """The day whose boards are wanted; weights of parts have no use without one."""
    from speccom.finance.split_boards import parts_of, split_boards
    from speccom.finance.targets import Boundary
    from speccom.period import parse_date

    if when == THEN:
        if said:
            raise typer.BadParameter("--part needs --boundaries DATE: boards are split as from a day.")
        return None
    on = parse_date(when)
    parts = {}
    for each in said:
        pair, _, weight = each.rpartition("=")
        board, _, heir = pair.partition(":")
        if not board or not heir:
            raise typer.BadParameter(f"--part is {each!r}: give BOARD:SUCCESSOR=WEIGHT, as QNQ:QRL=350000.")
        parts[board.upper(), heir.upper()] = weight
    splits = split_boards(register, dict.fromkeys([*need.population, *held]), on)
    return Boundary(register, on, parts_of(splits, parts))


def _share(text: str, what: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise typer.BadParameter(f"{what} is {text!r}: give a share such as 0.1.") from error


def _money(text: str) -> Decimal:
    try:
        return Decimal(text.removeprefix("£").replace(",", "").strip())
    except InvalidOperation as error:
        raise typer.BadParameter(f"--money is {text!r}: give pounds, such as 14000000000.") from error
