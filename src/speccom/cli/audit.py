"""The command that reads the site's audit table: `audit verify`."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.serve import site
from speccom.errors import SpeccomError
from speccom.workspace import Workspace


class NotedWrong(SpeccomError):
    """What was given as noted earlier is no number and hash."""

    code = "usage"


def add_commands(app: typer.Typer) -> None:
    """Add `audit verify`."""
    audit = typer.Typer(help="The site's record of who did what, when and why.", no_args_is_help=True)

    @audit.callback()
    def record() -> None:
        pass

    audit.command("verify")(verify)
    app.add_typer(audit, name="audit")


def verify(
    noted: Annotated[
        str | None,
        typer.Option("--noted", metavar="ROW:HASH", help="What an earlier run said, kept elsewhere."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Walk the audit table's chain: each row is as it was written, and none is gone. Leaves with 1 if not."""
    expected = _noted(noted)
    site(Workspace.locate(workspace))
    from speccom.site.audit.actions import verify as walk

    found = walk(expected)
    if not found.entries:
        print("The audit table is empty.")
        return
    print(f"The audit table holds: {found.entries:,} {'row' if found.entries == 1 else 'rows'}.")
    print(f"Keep this outside the database, for --noted next time: {found.entries}:{found.last}")


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip())
    if found is None:
        raise NotedWrong(f"--noted is {text!r}: give what an earlier run printed, such as 12:9f86… in full.")
    return int(found[1]), found[2]
