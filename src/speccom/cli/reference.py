"""The command `reference import` for places: GP practices and boundaries of boards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.errors import SpeccomError
from speccom.workspace import Workspace


class UnknownKind(SpeccomError):
    """A kind of list that cannot be imported."""

    code = "reference"


def add_commands(app: typer.Typer) -> None:
    """Add `reference import`."""
    lists = typer.Typer(help="Lists that others publish and Speccom does not ship.", no_args_is_help=True)

    @lists.callback()
    def reference() -> None:
        pass

    lists.command("import")(import_list)
    app.add_typer(lists, name="reference")


def import_list(
    kind: Annotated[str, typer.Argument(help="practices or boundaries.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="epraccur.csv, or ICB boundaries as GeoJSON.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Import a list in place of the one before."""
    if kind not in PLACES:
        raise UnknownKind(f"{kind!r} is no kind of list: choose {' or '.join(PLACES)}.")
    print(PLACES[kind](Workspace.locate(workspace), file))


def import_practices(workspace: Workspace, file: Path) -> str:
    """Take in an `epraccur` file and say what was kept."""
    from speccom.places import practices
    from speccom.register import Register

    taken = practices.import_practices(workspace, Register.load(workspace), file)
    return (
        f"Imported {taken.practices:,} open GP practices from {taken.name}; "
        f"left out {taken.closed:,} closed, {taken.not_practices:,} that are no GP practice, "
        f"and {taken.elsewhere:,} outside the register's areas."
    )


def import_boundaries(workspace: Workspace, file: Path) -> str:
    """Take in a boundary file and say what was kept."""
    from speccom.places import boundaries
    from speccom.register import Register

    taken = boundaries.import_boundaries(workspace, Register.load(workspace), file)
    return (
        f"Imported the boundaries of {len(taken.shapes)} boards, as from {taken.since}, from {taken.name}: "
        f"{taken.points:,} points after simplifying."
    )


PLACES: dict[str, Callable[[Workspace, Path], str]] = {
    "practices": import_practices,
    "boundaries": import_boundaries,
}
"""Kind → what takes it in and says so; the other lists are those of `contracts.reference`."""
