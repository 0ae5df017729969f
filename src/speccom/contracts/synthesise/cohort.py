"""How the made-up people go on from one year to the next: some move home, some stop, areas are succeeded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import effects, shapes
from speccom.contracts.synthesise.patients import EPOCH, Floats, Ints, Mask, Patients, firsts
from speccom.period import FinancialYear

Persons = npt.NDArray[np.int32]

# The age in days at which a kind no longer fits: infants after their year, children at 18, adults at 96.
_OUTGROWN = np.array([0.0, 18 * 365.25, 96 * 365.25, 96 * 365.25])


def advance(patients: Patients, year: FinancialYear, english: int, renewed: Floats) -> Patients:
    """The people of `year`, from those of the year before; areas stay as they are.

    People move between the first `english` areas. Each offer's stretch moves back by the share of all places
    that is `renewed`: people come anew as those who come often, then come less, then no more.
    """
    area, kind, use = _places(patients)
    movers = (area < english) & (
        patients.chance(patients.person, f"moves {year}") < effects.turnover("moves_home")
    )
    person = _moved(patients.person, np.flatnonzero(movers), kind, use)
    moves = patients.moves.copy()
    moves[person[movers]] += 1
    stopping = _stopping(patients, person, year)
    newcomers = int(stopping.sum())
    kinds = np.concatenate([patients.kinds, patients.kinds[person[stopping]]])
    person[stopping] = len(patients.kinds) + np.arange(newcomers)
    entered = np.full(newcomers, (year.start - EPOCH).days, dtype=np.int32)
    return replace(
        patients,
        person=person,
        kinds=kinds,
        entered=np.concatenate([patients.entered, entered]),
        moves=np.concatenate([moves, np.zeros(newcomers, dtype=np.int8)]),
        stretch_start=patients.stretch_start - renewed,
    )


def resettle(
    patients: Patients, before: list[str], after: list[str], followed_by: dict[str, list[str]]
) -> Patients:
    """The same people in the areas `after`; an area that is not among them is `followed_by` some that are.

    The people of such an area are dealt out among those. Everyone goes on using about the same services.
    """
    area, kind, use = _places(patients)
    chosen = [[after.index(code) for code in followed_by.get(code, [code])] for code in before]
    width = max(map(len, chosen))
    turns = np.array([(own * width)[:width] for own in chosen])
    lengths = np.array([len(own) for own in chosen])
    home = turns[area, np.arange(len(area)) % lengths[area]]
    count = np.zeros((len(after), len(shapes.PEOPLE)), dtype=np.int64)
    np.add.at(count, (home, kind), 1)
    blocks = {code: int(block) for code, block in zip(before, patients.blocks, strict=True)}
    for code in after:
        blocks.setdefault(code, max(blocks.values()) + 1)
    settled = replace(
        patients, first=firsts(count), count=count, blocks=np.array([blocks[code] for code in after])
    )
    order = np.lexsort(((use + settled.turn[home]) % 1, kind, home))
    return replace(settled, person=patients.person[order])


def _places(patients: Patients) -> tuple[Ints, Ints, Floats]:
    """The area and kind of each place, and which services it uses, as where stretches of offers would be."""
    group = np.repeat(np.arange(patients.count.size), patients.count.ravel())
    within = np.arange(len(group)) - patients.first.ravel()[group]
    area, kind = np.divmod(group, len(shapes.PEOPLE))
    return area, kind, ((within + 0.5) / patients.count.ravel()[group] - patients.turn[area]) % 1


def _moved(person: Persons, movers: Ints, kind: Ints, use: Floats) -> Persons:
    """Each mover takes the place of the next mover in kind and use of services, mostly in another area."""
    person = person.copy()
    order = movers[np.lexsort((use[movers], kind[movers]))]
    for number in range(len(shapes.PEOPLE)):
        own = order[kind[order] == number]
        person[own] = np.roll(person[own], 1)
    return person


def _stopping(patients: Patients, person: Persons, year: FinancialYear) -> Mask:
    """The places whose person is seen no more, by chance or for having outgrown the kind."""
    kind = patients.kind(person)
    age = (year.start - EPOCH).days - patients.birth_day(person, kind)
    by_chance = patients.chance(person, f"stops {year}") < effects.turnover("stops")
    return by_chance | (age >= _OUTGROWN[kind])
