"""The commands `decision` and `replay`: what a decision would change, and the real ones made again."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.ledger import choose_format
from speccom.cli.output import write_table
from speccom.errors import CheckFailed
from speccom.period import long_date
from speccom.register import Register
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.register.decided import Preview
    from speccom.register.replay import Difference

FORMATS = ("text", "csv", "xlsx", "json")
_SHOWN = 20


def add_commands(app: typer.Typer) -> None:
    """Add `decision` and `replay`."""
    decision_app = typer.Typer(help="Decisions that would change the register.", no_args_is_help=True)

    @decision_app.callback()
    def decision() -> None:
        pass

    decision_app.command("preview")(preview)
    decision_app.command("effects")(effects)
    app.add_typer(decision_app, name="decision")
    app.command("replay")(replay)


def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The decision, as JSON.")],
    format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, csv, xlsx or json.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What adopting a decision would change: facts, and answers by day, line and area. Adopts nothing."""
    from speccom.register import decided

    choose_format(format, FORMATS)
    found = decided.preview(Register.load(Workspace.locate(workspace)), decided.read(file))
    if format == "text" and output is None:
        _say(found)
        return
    title = f"What {found.decision.decision_id} would change"
    write_table(found.answers, format, output, title=title, synthetic=False, notes=[found.decision.title])


def effects() -> None:
    """The kinds of effect that a decision may have, and the words of each, as JSON."""
    from speccom.register.decided import EFFECTS

    told = {name: {"meaning": each.words, "takes": dict(each.takes)} for name, each in EFFECTS.items()}
    print(json.dumps(told, ensure_ascii=False, indent=2))


def replay(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", metavar="DIR", help="Where to keep the replayed register (default: nowhere)."
        ),
    ] = None,
) -> None:
    """Make the real decisions of 2022 to 2026 again on a register of July 2022; compare with the shipped one.

    Ends with 1 where any answer differs: of any line in any area on any day, as known now or then.
    """
    if workspace is not None:
        _replay(Workspace(workspace.resolve()))
        return
    with TemporaryDirectory(prefix="speccom-") as directory:
        _replay(Workspace(Path(directory, "replayed")))


def _replay(workspace: Workspace) -> None:
    from speccom.register.replay import replay as replayed

    differences = replayed(workspace, _say)
    if differences:
        _say_differences(differences)
        raise typer.Exit(CheckFailed.exit_code)
    print(
        "The replayed register answers as the shipped one: every line, every area, every day, as known then."
    )


def _say(found: Preview) -> None:
    decision = found.decision
    print(f"{decision.decision_id}  {decision.body}, {long_date(decision.made_on)}: {decision.title}")
    if not found.days:
        print("  On record; no answer changes.")
    for day in found.days:
        rows = [row for row in found.answers.to_pylist() if row["on"] == day]
        print(f"  {long_date(day)}: {len(found.facts):,} facts; {len(rows):,} parts of answers change")
        passed = Counter(
            (row["part"], row["before"], row["after"]) for row in rows if row["part"] == "arrangement"
        )
        for (_, before, after), number in passed.most_common():
            print(f"    {number:>7,} lines × areas from {before or 'no answer'} to {after or 'no answer'}")


def _say_differences(differences: list[Difference]) -> None:
    print(f"{len(differences):,} answers differ from the shipped register:", file=sys.stderr)
    for each in differences[:_SHOWN]:
        known = f", as known on {each.known}" if each.known else ""
        print(
            f"  {each.line} {each.area} on {each.on}{known}: {each.part} is {each.replayed or 'none'}, "
            f"shipped {each.shipped or 'none'}",
            file=sys.stderr,
        )
