"""Patients of each board against those that its ages would have at England's rates; limits and funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from speccom.insight.ages import Groups
from speccom.insight.areas import name_of
from speccom.insight.opened import Opened
from speccom.insight.result import Gap
from speccom.insight.statistics import funnel
from speccom.insight.statistics.numbers import Numbers
from speccom.insight.statistics.rates import expected_events, standardised_ratio
from speccom.places.populations import PopulationTable, imported_population, on_boundaries

NOT_IMPORTED = "no population by age is imported: speccom reference import population FILE"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Observed over expected patients, with 95% limits and its place in the funnel."""

    expected: float
    ratio: float
    lower: float
    upper: float
    funnel: str


@dataclass(frozen=True, slots=True)
class Standardised:
    """The ratio of each board that has one, what was used, and why others have none."""

    rows: Mapping[str, Ratio]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]


def standardised(asked: Opened, boards: Sequence[str]) -> Standardised:
    """Indirectly standardised ratios of patients by age, where a population by age was imported, and by sex
    where that population has the sexes apart.

    Expected patients are those that a board's people would have at the rates by group of all boards that have a
    population: Σ persons × patients ÷ persons of them all. A patient without an age (or sex) is left out of
    both. Source: Public Health England, Technical Guide 3.
    """
    held = imported_population(asked.workspace)
    if held is None:
        return Standardised({}, (), (Gap("Every board", "age-standardised ratio", NOT_IMPORTED),))
    by_date = on_boundaries(held, asked.register, asked.on)
    groups = Groups.of(by_date.table)
    people = _people(by_date, groups)
    seen, without = _patients(asked, groups)
    counted = [board for board in boards if board in people]
    gaps = [
        Gap(name_of(asked.register, board), "age-standardised ratio", "no imported population is of it whole")
        for board in boards
        if board not in people
    ]
    nothing = np.zeros(groups.size)
    events = np.array([seen.get(board, nothing) for board in counted])
    if not counted or not events.sum():
        gaps.append(
            Gap(
                asked.lines.name,
                "age-standardised ratio",
                f"no patient with an {groups.words.replace('or', 'and')} is in the ledger",
            )
        )
        return Standardised({}, (), tuple(gaps))
    population = np.array([people[board] for board in counted])
    # Of a group in which nobody lives there is no rate; who is in it all the same is in no ratio.
    lived_in = population.sum(axis=0) > 0
    nowhere = int(events[:, ~lived_in].sum())
    events, population = events[:, lived_in], population[:, lived_in]
    expected = expected_events(population, events.sum(axis=0), population.sum(axis=0))
    found = standardised_ratio(events.sum(axis=1), expected)
    places = funnel.words(funnel.ratio_significance(events.sum(axis=1), expected))
    rows = {
        board: Ratio(float(awaited), float(value), float(low), float(high), place)
        for board, awaited, value, low, high, place in zip(
            counted, expected, found.value, found.lower, found.upper, places, strict=True
        )
    }
    notes = [
        "Expected patients: the imported population by age at the rates of all its boards together. "
        + groups.allowed_for
    ]
    if without:
        notes.append(f"{without:,} patients have no {groups.words} and are in no standardised ratio.")
    if nowhere:
        notes.append(
            f"{nowhere:,} patients are of an {groups.words.replace('or', 'and')} at which the imported population "
            "has nobody, and are in no standardised ratio."
        )
    return Standardised(rows, tuple(notes), tuple(gaps))


def _people(by_date: PopulationTable, groups: Groups) -> dict[str, Numbers]:
    """Persons of each board by group. A board that lacks a group is left out: its list is not of it whole."""
    rows = by_date.table.to_pylist()
    places = groups.of_people([row["lower"] for row in rows], [row["sex"] for row in rows])
    people: dict[str, Numbers] = {}
    for row, place in zip(rows, places.tolist(), strict=True):
        if place < 0:
            continue
        own = people.setdefault(row["area"], np.full(groups.size, np.nan))
        own[place] = np.nansum([own[place], row["persons"]])
    return {board: own for board, own in people.items() if np.isfinite(own).all()}


def _patients(asked: Opened, groups: Groups) -> tuple[dict[str, Numbers], int]:
    """Patients of each board by group, each once, and how many have none."""
    rows = asked.seen.by_age()
    places = groups.of_patients([row["age"] for row in rows], [row["gender"] for row in rows])
    seen: dict[str, Numbers] = {}
    without = 0
    for row, place in zip(rows, places.tolist(), strict=True):
        if place < 0:
            without += row["patients"]
            continue
        seen.setdefault(row["area"], np.zeros(groups.size))[place] += row["patients"]
    return seen, without
