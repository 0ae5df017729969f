"""Patients of each board against those that its ages would have at England's rates; limits and funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from speccom.engine import run_steps
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
    """Indirectly standardised ratios of patients by age, where a population by age was imported.

    Expected patients are those that a board's people would have at the rates by age of all boards that have a
    population: Σ persons × patients ÷ persons of them all. A patient without an age is left out of both. Sexes
    are taken together. Source: Public Health England, Technical Guide 3.
    """
    held = imported_population(asked.workspace)
    if held is None:
        return Standardised({}, (), (Gap("Every board", "age-standardised ratio", NOT_IMPORTED),))
    by_date = on_boundaries(held, asked.register, asked.on)
    people, lowest = _people(by_date)
    seen, without_age = _patients(asked, lowest)
    counted = [board for board in boards if board in people]
    gaps = [
        Gap(name_of(asked.register, board), "age-standardised ratio", "no imported population is of it whole")
        for board in boards
        if board not in people
    ]
    nothing = np.zeros(len(lowest))
    events = np.array([seen.get(board, nothing) for board in counted])
    if not counted or not events.sum():
        gaps.append(
            Gap(asked.lines.name, "age-standardised ratio", "no patient with an age is in the ledger")
        )
        return Standardised({}, (), tuple(gaps))
    population = np.array([people[board] for board in counted])
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
        "Expected patients: the imported population by age at the rates of all its boards together. Age alone "
        "is allowed for, neither sex nor deprivation."
    ]
    if without_age:
        notes.append(f"{without_age:,} patients have no age and are in no standardised ratio.")
    return Standardised(rows, tuple(notes), tuple(gaps))


def _people(by_date: PopulationTable) -> tuple[dict[str, Numbers], Numbers]:
    """Persons of each board by age band, and the first age of each band in order; the sexes together."""
    rows = by_date.table.to_pylist()
    lowest = sorted({row["lower"] for row in rows})
    place = {lower: number for number, lower in enumerate(lowest)}
    by_sex = any(row["sex"] in ("male", "female") for row in rows)
    people: dict[str, Numbers] = {}
    for row in rows:
        if by_sex and row["sex"] not in ("male", "female"):
            continue
        own = people.setdefault(row["area"], np.zeros(len(lowest)))
        own[place[row["lower"]]] += row["persons"]
    return people, np.array(lowest, dtype=float)


def _patients(asked: Opened, lowest: Numbers) -> tuple[dict[str, Numbers], int]:
    """Patients of each board by age band, each once, and how many have no age."""
    run_steps(asked.engine, __package__, ["board_ages"])
    seen: dict[str, Numbers] = {}
    without = 0
    for row in asked.engine.fetch("select * from board_ages").to_pylist():
        if row["age"] is None:
            without += row["patients"]
            continue
        own = seen.setdefault(row["area"], np.zeros(len(lowest)))
        own[int(np.searchsorted(lowest, row["age"], side="right")) - 1] += row["patients"]
    return seen, without
