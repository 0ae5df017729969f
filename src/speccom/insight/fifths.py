"""People and patients of one question by fifth of deprivation, board and group of age; computes no rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speccom.engine import run_steps
from speccom.insight.ages import Groups
from speccom.insight.areas import ENGLAND
from speccom.insight.opened import Opened
from speccom.insight.statistics.numbers import Numbers
from speccom.places.deprivation import SmallAreas

FIFTHS = (1, 2, 3, 4, 5)
"""1 is the most deprived fifth of England's small areas."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some patients: how many, their lines and exact pounds."""

    patients: int = 0
    lines: int = 0
    spend: Decimal = Decimal(0)

    def and_(self, other: Part) -> Part:
        return Part(self.patients + other.patients, self.lines + other.lines, self.spend + other.spend)

    def less(self, other: Part) -> Part:
        return Part(self.patients - other.patients, self.lines - other.lines, self.spend - other.spend)


@dataclass(frozen=True, eq=False)
class ByHome:
    """Who lives where and who of them are patients, by the small area of each.

    `areas` are England, then boards by where people live. Arrays are areas × fifths (× groups): `persons`, and
    `events`, which are patients of a known group; `squares` are sums of each patient's pounds squared; `grouped` and
    `grouped_squares` are pounds and squares of patients of a known group; `by_group` is England's pounds by group.
    `parts` hold every patient placed, of a known group or not, by area and fifth. `nowhere` have a small area
    that the lists lack, `unstated` have none, `withheld` are lines without a patient.
    """

    areas: tuple[str, ...]
    persons: Numbers
    events: Numbers
    squares: Numbers
    grouped: Numbers
    grouped_squares: Numbers
    by_group: Numbers
    parts: dict[tuple[str, int], Part]
    nowhere: Part
    unstated: Part
    withheld: Part

    @property
    def unplaced(self) -> Part:
        return self.nowhere.and_(self.unstated).and_(self.withheld)

    @property
    def everybody(self) -> Part:
        total = self.unplaced
        for fifth in FIFTHS:
            total = total.and_(self.parts.get((ENGLAND, fifth), Part()))
        return total


@dataclass(frozen=True, eq=False)
class ByBoard:
    """Who is whose patient, where no home is known: `persons` are boards × fifths × groups; `events` boards × groups;
    `patients`, `spend` and `squares` are of each board."""

    boards: tuple[str, ...]
    persons: Numbers
    events: Numbers
    patients: Numbers
    spend: Numbers
    squares: Numbers


def nearest_census(asked: Opened, held: Sequence[SmallAreas]) -> tuple[SmallAreas | None, dict[str, int]]:
    """The small areas of the census that places most patients (the later of equals), and how many each would.

    Needs `equity_board` on the engine.
    """
    run_steps(asked.engine, __package__, ["equity_lines", "equity_homes"], frozenset({"equity_homes"}))
    homes = asked.engine.fetch("select lsoa, count(*) as patients from equity_homes group by lsoa")
    placed = {
        each.sort: int(
            pc.sum(
                homes.filter(pc.is_in(homes["lsoa"], each.table["lsoa"].combine_chunks()))["patients"]
            ).as_py()
            or 0
        )
        for each in held
    }
    if not held:
        return None, placed
    # Where nobody has a home, the census with most lists says most.
    return max(held, key=lambda each: (placed[each.sort], each.by_board, each.sort)), placed


def register_areas(asked: Opened, areas: SmallAreas, left_out: Sequence[str]) -> None:
    """Make `small_area` and `lsoa_people` readable, without the people of boards that are left out."""
    table = areas.table
    if left_out:
        gone = {*left_out}
        table = table.filter(pa.array([area not in gone for area in table["area"].to_pylist()]))
    asked.engine.register("small_area", table)
    asked.engine.register("lsoa_people", areas.population.select(["area", "lower", "sex", "persons"]))


def by_home(asked: Opened, groups: Groups, boards: Sequence[str]) -> ByHome:
    """Patients by where they live. Needs `small_area`, `lsoa_people` and `equity_homes` on the engine."""
    areas = (ENGLAND, *boards)
    persons = _persons(asked, groups, areas)
    asked.once("equity_patient")
    run_steps(asked.engine, __package__, ["equity_patients", "equity_sums", "equity_withheld"])
    rows = asked.engine.fetch("select * from equity_sums").to_pylist()
    places = groups.of_patients([row["age"] for row in rows], [row["gender"] for row in rows])
    number = {area: place for place, area in enumerate(areas)}
    shape = (len(areas), len(FIFTHS))
    events, by_group = np.zeros((*shape, groups.size)), np.zeros(groups.size)
    squares, grouped, grouped_squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    parts: dict[tuple[str, int], Part] = {}
    apart = {True: Part(), False: Part()}
    for row, group in zip(rows, places.tolist(), strict=True):
        part = Part(row["patients"], int(row["lines"]), row["actual"])
        if row["quintile"] is None:
            apart[row["has_lsoa"]] = apart[row["has_lsoa"]].and_(part)
            continue
        spend, fifth = float(row["actual"]), row["quintile"] - 1
        for area in (ENGLAND, row["area"]):
            if area not in number:
                continue
            at = number[area], fifth
            parts[area, fifth + 1] = parts.get((area, fifth + 1), Part()).and_(part)
            squares[at] += row["squares"]
            if group >= 0:
                events[at][group] += row["patients"]
                grouped[at] += spend
                grouped_squares[at] += row["squares"]
        if group >= 0:
            by_group[group] += spend
    [withheld] = asked.engine.fetch("select * from equity_withheld").to_pylist()
    return ByHome(
        areas,
        persons,
        events,
        squares,
        grouped,
        grouped_squares,
        by_group,
        parts,
        nowhere=apart[True],
        unstated=apart[False],
        withheld=Part(0, int(withheld["lines"]), withheld["actual"]),
    )


def by_board(asked: Opened, groups: Groups, boards: Sequence[str]) -> ByBoard:
    """Patients by the board that is responsible for them. Needs the same on the engine as `by_home`."""
    persons = _persons(asked, groups, boards)
    asked.once("equity_patient")
    run_steps(asked.engine, __package__, ["equity_boards"])
    rows = asked.engine.fetch("select * from equity_boards").to_pylist()
    places = groups.of_patients([row["age"] for row in rows], [row["gender"] for row in rows])
    number = {board: place for place, board in enumerate(boards)}
    events = np.zeros((len(boards), groups.size))
    patients, spend, squares = (np.zeros(len(boards)) for _ in range(3))
    for row, group in zip(rows, places.tolist(), strict=True):
        if row["area"] not in number:
            continue
        at = number[row["area"]]
        patients[at] += row["patients"]
        spend[at] += float(row["actual"])
        squares[at] += row["squares"]
        if group >= 0:
            events[at, group] += row["patients"]
    return ByBoard(tuple(boards), persons, events, patients, spend, squares)


def _persons(asked: Opened, groups: Groups, areas: Sequence[str]) -> Numbers:
    """People by area, fifth and group; England is everybody, of a board or not."""
    run_steps(asked.engine, __package__, ["fifth_people"])
    rows: list[dict[str, Any]] = asked.engine.fetch("select * from fifth_people").to_pylist()
    places = groups.of_people([row["lower"] for row in rows], [row["sex"] for row in rows])
    number = {area: place for place, area in enumerate(areas)}
    persons = np.zeros((len(areas), len(FIFTHS), groups.size))
    for row, group in zip(rows, places.tolist(), strict=True):
        for area in (ENGLAND, row["area"]):
            if group >= 0 and area in number:
                persons[number[area], row["quintile"] - 1, group] += row["persons"]
    return persons
