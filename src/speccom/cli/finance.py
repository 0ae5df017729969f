"""The command `allocate`: money shared between areas from their baselines towards their target shares."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speccom.cli.insight import OutputOption
from speccom.cli.ledger import choose_format

if TYPE_CHECKING:
    from speccom.finance.allocation_file import Request
    from speccom.finance.paths import Path as Years

FORMATS = ("text", "csv", "xlsx", "json", "svg")
PICTURES = ("distance", "growth", "path")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command("allocate")(allocate)


def allocate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSON: baseline (pounds by area), target_share (by area, summing to 1), money (pounds), parameters. "
            "- reads it from the standard input.",
        ),
    ],
    years: Annotated[
        int, typer.Option("--years", metavar="N", help="How many years, each from what the one before left.")
    ] = 1,
    money_growth: Annotated[
        str | None,
        typer.Option(
            "--money-growth",
            metavar="SHARES",
            help="By how much the money grows in each year after the first: 0.03, or one for each year with commas.",
        ),
    ] = None,
    picture: Annotated[
        str, typer.Option("--picture", metavar="NAME", help="With --format svg: distance, growth or path.")
    ] = "distance",
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="json, text, csv, xlsx or svg.")
    ] = "text",
    output: OutputOption = None,
) -> None:
    """Share money between areas: from what they have, towards their target shares, at a pace that you set.

    Parameters, all shares and each without effect where it is absent: k, cmax, deadband, gmin, gmax, floor,
    taper ([u0, u1]) and no_overshoot. The same file gives the same pennies on every machine.
    """
    choose_format(format, FORMATS)
    if picture not in PICTURES:
        raise typer.BadParameter(f"{picture!r} is no picture of this: choose from {', '.join(PICTURES)}.")
    from speccom.finance.allocation_file import parse_request, read_request
    from speccom.finance.paths import growing_money, path

    asked = parse_request(sys.stdin.read()) if str(file) == "-" else read_request(file)
    growth = _growth(money_growth, years)
    found = path(asked.baseline, asked.target_share, growing_money(asked.money, growth), asked.parameters)
    said = [*asked.notes, *asked.parameters.idle()]
    if years > 1 and money_growth is None:
        said.append(
            f"The money stays at £{asked.money:,.2f} in every year, since no --money-growth was given."
        )
    for sentence in said:
        print(sentence, file=sys.stderr)
    if format == "json":
        _write_json(found, output, asked)
    elif format == "svg":
        _write_picture(found, picture, output, asked.synthetic)
    else:
        _write_table(found, format, output, said, asked.synthetic)


def _growth(text: str | None, years: int) -> list[Decimal]:
    """The growth of money after the first year, one share for each further year."""
    if years < 1:
        raise typer.BadParameter(f"--years is {years}: give 1 or more.")
    if text is None:
        return [Decimal(0)] * (years - 1)
    try:
        shares = [Decimal(part.strip()) for part in text.split(",")]
    except InvalidOperation as error:
        raise typer.BadParameter(
            f"--money-growth is {text!r}: give shares such as 0.03 or 0.03,0.02."
        ) from error
    if len(shares) == 1:
        shares *= years - 1
    if len(shares) != years - 1:
        raise typer.BadParameter(
            f"--money-growth has {len(shares)} shares, and {years} years have {years - 1} after the first: "
            "give one for all, or one for each."
        )
    return shares


def _write_json(found: Years, output: Path | None, asked: Request) -> None:
    from speccom.cli.output import write_text
    from speccom.finance.allocation_file import as_json

    told: dict[str, Any] = as_json(found.years[0])
    if len(found.years) > 1:
        told = {
            "years": [
                {"year": number, "money": f"{year.money:.2f}", **as_json(year)}
                for number, year in enumerate(found.years, start=1)
            ]
        }
    if asked.synthetic:
        told = {"synthetic": True, **told}
    if asked.notes:
        told["notes"] = list(asked.notes)
    write_text(output, json.dumps(told, ensure_ascii=False, indent=2) + "\n")


def _write_table(found: Years, format: str, output: Path | None, said: list[str], synthetic: bool) -> None:
    from speccom.cli.output import write_table
    from speccom.finance.allocations import allocations

    result = allocations(found)
    table = result.table.drop_columns(["year"]) if len(found.years) == 1 else result.table
    notes = [*result.said(), *said]
    write_table(table, format, output, title=result.title, synthetic=synthetic, notes=notes)


def _write_picture(found: Years, picture: str, output: Path | None, synthetic: bool) -> None:
    from speccom.charts.allocation import distances, growth, paths
    from speccom.cli.output import write_text
    from speccom.finance.allocations import allocations

    draw = {"distance": distances, "growth": growth, "path": paths}[picture]
    write_text(output, draw(allocations(found, synthetic=synthetic)).wide + "\n")
