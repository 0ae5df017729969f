"""The commands `reference import` and `reference list`: lists that others publish and a user brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.contracts import FormatOption
from speccom.errors import SpeccomError
from speccom.workspace import Workspace

if TYPE_CHECKING:
    from speccom.places.lists import Imported
    from speccom.register import Register


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
            help="hrg, prison-practices, armed-forces-practices, postcodes, providers, practices, boundaries, "
            "population, deprivation, lsoa-areas, baselines, market-forces, budgets, contracts or targets."
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


def import_population(workspace: Workspace, file: Path) -> str:
    """Take in a population by age and say what was kept."""
    from speccom.places.populations import import_population

    return _said("the population of", workspace, file, import_population)


def import_deprivation(workspace: Workspace, file: Path) -> str:
    """Take in an index of deprivation and say what was kept."""
    from speccom.places.deprivation import import_deprivation

    return _said("the deprivation of", workspace, file, import_deprivation)


def import_lsoa_areas(workspace: Workspace, file: Path) -> str:
    """Take in which board each LSOA lies in and say what was kept."""
    from speccom.places.deprivation import import_lsoa_areas

    return _said("the boards of", workspace, file, import_lsoa_areas)


def import_budgets(workspace: Workspace, file: Path) -> str:
    """Take in budgets and say what was kept."""
    from speccom.finance.position.budgets import import_budgets
    from speccom.register import Register

    return import_budgets(workspace, Register.load(workspace), file)


def import_targets(workspace: Workspace, file: Path) -> str:
    """Take in commissioners' targets and say what was kept."""
    from speccom.finance.position.targets import import_targets
    from speccom.register import Register

    return import_targets(workspace, Register.load(workspace), file)


def import_contracts(workspace: Workspace, file: Path) -> str:
    """Take in contract forms and say what was kept."""
    from speccom.finance.position.forms import import_contracts
    from speccom.register import Register

    return import_contracts(workspace, Register.load(workspace), file)


def import_baselines(workspace: Workspace, file: Path) -> str:
    """Take in the baselines of allocations and say what was kept."""
    from speccom.finance.inputs import import_baselines

    return _said("the baselines of", workspace, file, import_baselines)


def import_market_forces(workspace: Workspace, file: Path) -> str:
    """Take in the market forces factor and say what was kept."""
    from speccom.finance.inputs import import_market_forces

    return _said("the market forces factor of", workspace, file, import_market_forces)


def _said(
    what: str, workspace: Workspace, file: Path, take_in: Callable[[Workspace, Register, Path], Imported]
) -> str:
    from speccom.register import Register

    taken = take_in(workspace, Register.load(workspace), file)
    areas = "boards" if taken.sort == "icb" else f"LSOAs of 20{taken.sort[-2:]}"
    return f"Imported {what} {taken.areas:,} {areas} from {taken.name}."


PLACES: dict[str, Callable[[Workspace, Path], str]] = {
    "practices": import_practices,
    "boundaries": import_boundaries,
    "population": import_population,
    "deprivation": import_deprivation,
    "lsoa-areas": import_lsoa_areas,
    "budgets": import_budgets,
    "contracts": import_contracts,
    "targets": import_targets,
    "baselines": import_baselines,
    "market-forces": import_market_forces,
}
"""Kind → what takes it in and says so; the other lists are those of `contracts.reference`."""
