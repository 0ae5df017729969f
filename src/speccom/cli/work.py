"""The command that does what the site leaves for the background: `work`."""

from __future__ import annotations

from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.serve import site
from speccom.workspace import Workspace


def add_commands(app: typer.Typer) -> None:
    """Add `work`."""
    app.command("work")(work)


def work(
    workspace: WorkspaceOption = None,
    beside: Annotated[int | None, typer.Option("--beside", hidden=True)] = None,
) -> None:
    """Do the site's work in the background, such as e-mails. `speccom serve` starts one of these itself."""
    held = Workspace.locate(workspace)
    site(held, make=True)
    from speccom.site.jobs.worker import work as run

    run(held, lambda sentence: print(sentence, flush=True), beside=beside)
