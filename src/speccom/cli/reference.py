"""The commands `reference import` and `reference list`: lists that others publish and a user brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.contracts import FormatOption
from speccom.errors import SpeccomError
from speccom.workspace import Workspace


def add_commands(app: typer.Typer) -> None:
    """Add `reference import` and `reference list`."""
    lists = typer.Typer(help="Lists that others publish and Speccom does not ship.", no_args_is_help=True)
    lists.command("import")(import_list)
    lists.command("list")(list_imported)
    app.add_typer(lists, name="reference")


def import_list(
    kind: Annotated[
        str,
        typer.Argument(
            help="hrg, prison-practices, armed-forces-practices, postcodes, providers, practices or boundaries."
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list, as its publisher gives it.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Import a list in place of the one before."""
    place = Workspace.locate(workspace)
    if kind in PLACES:
        print(PLACES[kind](place, file))
        return
    from speccom.contracts.reference import KINDS
    from speccom.contracts.reference import import_list as take_in

    if kind not in KINDS:
        raise SpeccomError(
            f"{kind!r} is no kind of list: choose {', '.join([*KINDS, *PLACES])}.", code="reference"
        )
    imported = take_in(place, kind, file)
    print(f"Imported {imported.rows:,} {KINDS[kind].title} from {imported.name}.")


def list_imported(format: FormatOption = "text", workspace: WorkspaceOption = None) -> None:
    """Say which lists were imported, from which files and when."""
    from dataclasses import asdict

    from speccom.contracts.reference import KINDS, imported

    if format not in ("text", "json"):
        raise SpeccomError(f"{format!r} is not a format: write text or json.", code="output")
    found = {each.kind: each for each in imported(Workspace.locate(workspace))}
    if format == "json":
        print(json.dumps({"lists": [asdict(each) for each in found.values()]}))
        return
    for name, kind in KINDS.items():
        each = found.get(name)
        said = f"{each.rows:,} from {each.name}, imported {each.imported}" if each else "not imported"
        print(f"{name}: {kind.title}, {said}")
    for name in PLACES:
        held = any(Workspace.locate(workspace).reference.glob(f"{name}[.-]*"))
        print(f"{name}: {'imported' if held else 'not imported'}")


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
