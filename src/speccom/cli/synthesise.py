"""`speccom synthesise`: made-up contract-monitoring files, for demonstrations, tests and training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.period import parse_months, parse_years


def add_commands(app: typer.Typer) -> None:
    @app.command()
    def synthesise(
        directory: Annotated[
            Path, typer.Argument(metavar="DIR", help="Where to write: an empty or a new directory.")
        ],
        year: Annotated[
            str,
            typer.Option(
                metavar="2025/26",
                help="The financial year, or a range of years (2022/23-2025/26) in which people stay the same "
                "and trends, variation and flows are planted.",
            ),
        ],
        lines: Annotated[
            int,
            typer.Option(metavar="N", help="Patient-level lines in all, of all years together; ACM follows."),
        ],
        months: Annotated[
            str, typer.Option(metavar="1-6", help="Financial months of each year; 1 is April.")
        ] = "1-12",
        seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same files.")] = 1,
        dirt: Annotated[
            str, typer.Option(metavar="none|typical", help="Whether to spoil the files as real ones are.")
        ] = "none",
        workspace: WorkspaceOption = None,
    ) -> None:
        """Make up files of all four data sets in the standard's own form, for every open English trust."""
        from speccom.contracts.synthesise import synthesise as make_up
        from speccom.contracts.synthesise.run import default_workers
        from speccom.register import Register
        from speccom.workspace import Workspace

        first, last = parse_years(year)
        with _progress(lines) as progress:
            made = make_up(
                directory,
                year=first,
                last_year=last,
                months=parse_months(months),
                lines=lines,
                seed=seed,
                dirt=dirt,
                workers=default_workers(),
                register=Register.load(Workspace.locate(workspace)) if workspace else None,
                progress=progress,
            )
        typer.echo(
            f"Made up {made.lines:,} lines of {made.providers} providers in {made.files:,} files "
            f"({made.rows:,} rows, {made.bytes / 1e6:,.0f} MB) in {directory}."
        )


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("making up lines"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("lines", total=lines)
        yield lambda done: bar.advance(task, done)
