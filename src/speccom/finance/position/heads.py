"""How many people each board has at a position's month, and what that makes a head; no body but a board has any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from speccom.finance.position.months import YearToDate
from speccom.insight.heads import NO_POPULATION
from speccom.places.lists import file_of
from speccom.places.populations import imported_population, on_boundaries

NO_BOARD = "it is no board, and has no people of its own"
_TOGETHER = (None, "persons")


@dataclass(frozen=True)
class Heads:
    """People by board, where they were read, and why a body has none."""

    people: Mapping[str, Decimal]
    source: str
    lacking: Mapping[str, str]


def heads(held: YearToDate) -> Heads:
    """The people of every body that pays, by the boards of the month.

    From the list of populations that was imported, read on those boards; where none was imported, the projected
    registered population that the register has of the year. A board without either has a reason in `lacking`.
    """
    on = held.month.start
    boards = held.register.areas(on)
    imported = imported_population(held.workspace)
    people: dict[str, Decimal] = {}
    why: dict[str, str] = {}
    if imported is not None:
        found = on_boundaries(imported, held.register, on)
        rows = found.table.to_pylist()
        # A list may have the sexes apart, or the persons beside them: nobody is counted twice.
        whole = {row["area"] for row in rows if row["sex"] in _TOGETHER}
        for row in rows:
            if (row["sex"] in _TOGETHER) == (row["area"] in whole):
                people[row["area"]] = people.get(row["area"], Decimal(0)) + row["persons"]
        why = {area: gap.said.rstrip(".") for gap in found.gaps for area in gap.successors}
        source = f"Population of boards: {file_of(imported)}, as imported, on the boards of {on:%-d %B %Y}."
    else:
        for board in held.commissioners():
            if (number := held.register.population(board, held.year)) is not None:
                people[board] = number
        source = (
            f"Population of boards in {held.year}: NHS England's allocation practice file, summed to boards "
            "(inferred)."
        )
    bodies = held.commissioners()
    lacking = {
        body: why.get(body, NO_POPULATION) if body in boards else NO_BOARD
        for body in bodies
        if not people.get(body)
    }
    return Heads({body: people[body] for body in bodies if people.get(body)}, source, lacking)
