"""The command that assigns a file of records: `assign`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption


def add_commands(app: typer.Typer) -> None:
    """Add `assign`."""
    app.command("assign")(assign)


def assign(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Records, CSV or Parquet; short or Data Dictionary headers."),
    ],
    output: Annotated[Path, typer.Option("--output", metavar="OUT", help="Where they go, with who pays.")],
    engine: Annotated[
        str, typer.Option("--engine", metavar="duckdb|spark", help="What runs the SQL.")
    ] = "duckdb",
    workspace: WorkspaceOption = None,
) -> None:
    """Say who pays for each record of a file, and why, without receiving it.

    Keeps every column and row as it came, runs no checks, and adds assigned_commissioner,
    assigned_category and assigned_reason (blank is none).
    """
    from speccom.assignment.files import Practices, assign_file
    from speccom.contracts import reference
    from speccom.engine import open_engine
    from speccom.register import Register
    from speccom.workspace import Workspace

    at = Workspace.locate(workspace)
    practices = Practices(reference.prison_practices(at), reference.armed_forces_practices(at))
    with open_engine(engine) as opened:
        done = assign_file(file, output, engine=opened, register=Register.load(at), practices=practices)
    print(f"{done.rows:,} records assigned, of which {done.unresolved:,} could not be resolved: {output}")
    for name, listed in {"prison": practices.prison, "armed-forces": practices.armed_forces}.items():
        if not listed:
            print(f"The list of {name} practices is empty, so no record was assigned by it.")
