"""How many people each board has in a year, from the register or an imported list; a gap where nobody says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from speccom.insight.areas import name_of
from speccom.insight.opened import Opened
from speccom.insight.result import Gap

NO_POPULATION = (
    "its population is in neither the register nor an imported list: speccom reference import population"
)


@dataclass(frozen=True, slots=True)
class Heads:
    """People of each board, the source in words, and the boards that have none."""

    people: dict[str, float]
    source: str
    gaps: tuple[Gap, ...]


def heads(asked: Opened) -> Heads:
    """The projected registered population of each board in the last year asked.

    Source: NHS England's allocation practice file, summed to boards (inferred). A board made of whole
    boards has their sum; one that took a part of a board has a gap, because the parts are not known.
    """
    year = asked.years[-1]
    people: dict[str, float] = {}
    gaps = []
    for area in asked.boards:
        held = asked.register.population(area, year)
        if held is None:
            parts = asked.register.predecessors(area)
            divided = [each for each in parts if asked.register.board_on(each, asked.on) != area]
            counted = [asked.register.population(each, year) for each in parts]
            whole = [each for each in counted if each is not None]
            if divided:
                gaps.append(_divided(asked, area, divided))
                continue
            if not whole or len(whole) < len(counted):
                gaps.append(Gap(name_of(asked.register, area), f"population of {year}", NO_POPULATION))
                continue
            held = sum(whole, Decimal(0))
        people[area] = float(held)
    return Heads(
        people,
        f"Population of {year}: NHS England's allocation practice file, summed to boards (inferred).",
        tuple(gaps),
    )


def _divided(asked: Opened, area: str, divided: list[str]) -> Gap:
    named = " and ".join(name_of(asked.register, each) for each in divided)
    return Gap(
        name_of(asked.register, area),
        f"population of {asked.years[-1]}",
        f"it took a part of {named}, and no population of that part is held",
    )
