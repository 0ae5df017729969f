"""The commands `verify statistics` and `verify allocations`: what Speccom computes against published values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli.contracts import FormatOption
from speccom.errors import SpeccomError

if TYPE_CHECKING:
    from speccom.insight.statistics.verify import Verification


def add_commands(app: typer.Typer) -> None:
    """Add `verify statistics` and `verify allocations`."""
    group = typer.Typer(help="Compare what Speccom computes with published values.", no_args_is_help=True)
    group.command("statistics")(statistics)
    group.command("allocations")(allocations)
    app.add_typer(group, name="verify")


def statistics(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A CSV file: id, function, inputs_json, measure, expected, rel_tolerance. "
            "Inputs it names lie beside it.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="OUT", help="Where the rows go, with what was computed."),
    ] = None,
    format: FormatOption = "text",
) -> None:
    """Compute every row of a file of published statistics and say which agree.

    OUT keeps every column and adds `computed`, blank for a function or measure that is not known. Ends with 0
    when every row agrees, 1 when one does not.
    """
    if format not in ("text", "json"):
        raise SpeccomError(f"{format!r} is not a format: write text or json.", code="output")
    from speccom.insight.statistics.verify import verify, write

    verification = verify(file)
    if output is not None:
        write(verification, output)
    print(_as_json(verification) if format == "json" else _as_text(verification))
    if not verification.all_agree:
        raise typer.Exit(1)


def allocations(format: FormatOption = "text") -> None:
    """Compare the formulae of allocations with published distances from target and weighted populations.

    The figures are shipped, each with the page on which it was read. Ends with 0 when every one agrees, else 1.
    """
    if format not in ("text", "json"):
        raise SpeccomError(f"{format!r} is not a format: write text or json.", code="output")
    from speccom.finance.published import compare

    found = compare()
    agree = sum(each.agrees for each in found)
    if format == "json":
        rows = [
            {
                "year": each.published.year,
                "area": each.published.area,
                "measure": each.published.measure,
                "published": str(each.published.value),
                "computed": str(each.computed),
                "tolerance": str(each.tolerance),
                "agrees": each.agrees,
                "source": each.published.source,
                "confidence": each.published.confidence,
            }
            for each in found
        ]
        print(
            json.dumps({"rows": len(found), "agree": agree, "compared": rows}, ensure_ascii=False, indent=2)
        )
    else:
        print(f"{agree} of {len(found)} published figures agree with the formulae.")
        for each in found:
            of = each.published
            print(
                f"  {'agrees' if each.agrees else 'DIFFERS'}: {of.year}, {of.area}, {of.measure}: "
                f"published {of.value}, computed {each.computed} (within {each.tolerance})"
            )
    if agree < len(found):
        raise typer.Exit(1)


def _as_text(verification: Verification) -> str:
    from speccom.insight.statistics.verify import Verdict

    lines = [f"{verification.agree:,} of {len(verification.rows):,} rows agree."]
    for verdict in (Verdict.DIFFERS, Verdict.NOT_COMPUTED, Verdict.AGREES_IN_PLACES):
        found = [checked for checked in verification.rows if checked.verdict == verdict]
        if found:
            lines.append(f"{verdict.capitalize()}: {len(found):,}")
        for checked in found:
            row = checked.row
            lines.append(
                f"  row {checked.number}, {row['id']}, {row['function']}, {row['measure']}: {checked.reason}"
            )
    return "\n".join(lines)


def _as_json(verification: Verification) -> str:
    from speccom.insight.statistics.verify import Verdict

    return json.dumps(
        {
            "rows": len(verification.rows),
            **{verdict.replace(" ", "_"): verification.count(verdict) for verdict in Verdict},
            "problems": [
                {
                    "row": checked.number,
                    "id": checked.row["id"],
                    "function": checked.row["function"],
                    "measure": checked.row["measure"],
                    "verdict": checked.verdict,
                    "reason": checked.reason,
                }
                for checked in verification.rows
                if checked.verdict != Verdict.AGREES
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
