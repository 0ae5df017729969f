"""The command `verify statistics`: the statistical methods against a file of published values."""

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
    """Add `verify statistics`."""
    group = typer.Typer(help="Compare what Speccom computes with published values.", no_args_is_help=True)
    group.command("statistics")(statistics)
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
