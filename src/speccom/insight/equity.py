"""Whether people of poor and of rich areas are treated alike: rates by fifth of deprivation, and their gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from speccom.contracts.reference import path_of
from speccom.engine import run_steps
from speccom.insight import equity_public
from speccom.insight.ages import Groups
from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.equity_public import WHOLE, Shown
from speccom.insight.equity_tables import (
    BOARDS,
    COLUMNS,
    FIFTH_NAMES,
    GRADIENT_COLUMNS,
    HOMES,
    Read,
    fifth_table,
    finding,
    gradient_table,
    line_gaps,
    over,
    table_of,
)
from speccom.insight.fifths import (
    FIFTHS,
    ByBoard,
    ByHome,
    Part,
    by_board,
    by_home,
    nearest_census,
    register_areas,
)
from speccom.insight.gradients import (
    patients_apportioned,
    patients_measured,
    spend_apportioned,
    spend_measured,
)
from speccom.insight.heads import heads
from speccom.insight.kept import kept_of_lines, packed, unpacked
from speccom.insight.opened import Opened, opened, register_hosts, year_asked
from speccom.insight.public import Count
from speccom.insight.public import public as published
from speccom.insight.result import Gap, Result
from speccom.insight.statistics.numbers import Flags
from speccom.period import FinancialYear
from speccom.places.deprivation import LISTS, VINTAGES, SmallAreas, lists_held, small_areas
from speccom.register import Register
from speccom.workspace import Workspace

__all__ = ["BOARDS", "COLUMNS", "GRADIENT_COLUMNS", "HOMES", "Equity", "Need", "equity", "needed"]

UNPLACED_WARNING = 0.05
"""Share of patients who cannot be placed from which the numbers are warned of."""
FEWEST_BOARDS = 2
"""Boards from which a gradient can be told by boards alone."""


@dataclass(frozen=True, slots=True)
class Equity:
    """`fifths` (columns of `COLUMNS`) and `gradients` (of `GRADIENT_COLUMNS`), and what they are told by: `HOMES`,
    `BOARDS`, or nothing where lists are lacking."""

    fifths: Result
    gradients: Result
    told_by: str | None


class Need(NamedTuple):
    """A list that is needed: its kind, what it is, and the censuses of the LSOAs that it was imported for."""

    kind: str
    words: str
    held: tuple[str, ...]

    @property
    def command(self) -> str:
        return f"speccom reference import {self.kind} FILE"


def equity(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
) -> Equity:
    """Patients and pounds of a set of lines by fifth of deprivation in a financial year, and their gradients.

    People are placed by the small area (LSOA) where they live, in England and in the area of each board, whoever
    pays for them. Where no patient has a small area that the lists hold, boards alone tell: everybody is taken to
    have the rate of their own board, which hides all difference within boards. Where lists are lacking there is
    England's row alone, and gaps say what to import. With `public`, counts are protected before anything is
    made of them. Sources: the ledger; lists imported as `population`, `deprivation` and `lsoa-areas`; OHID's technical
    guidance on standardised rates and the slope index of inequality.
    """
    known = register or Register.load(workspace)

    def make() -> Equity:
        with opened(workspace, lines, [year] if year else None, boundaries, known) as asked:
            return _equity(asked, public)

    if not public:
        return make()

    def tables() -> list[pa.Table]:
        found = make()
        return [
            packed(found.fifths),
            packed(found.gradients),
            pa.table({"told_by": pa.array([found.told_by], pa.string())}),
        ]

    asked_for = {"year": year_asked(workspace, year), "boundaries": boundaries}
    fifths, gradients, told = kept_of_lines(workspace, known, "equity", lines, asked_for, tables)
    return Equity(unpacked(fifths), unpacked(gradients), told["told_by"][0].as_py())


def needed(workspace: Workspace) -> tuple[Need, ...]:
    """What rates by fifth of deprivation need, in the order in which to import it, and what of it is held."""
    held = lists_held(workspace)
    postcodes = path_of(workspace, "postcodes").exists()
    return (
        Need(
            "postcodes", "the LSOA of each postcode, imported before files are received", ("any",) * postcodes
        ),
        *(Need(kind, words, held[kind]) for kind, words in LISTS.items()),
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """One question with whose patients count (`boards`), which are England's elsewhere (`counted`), and for whom."""

    asked: Opened
    boards: Sequence[str]
    counted: Sequence[str]
    public: bool

    def answer(self, read: Read | None, notes: Sequence[str], gaps: Sequence[Gap]) -> Equity:
        """Both results; without anything read, England's row alone."""
        asked = self.asked
        if read is None:
            fifths, protection = _england(self)
            gradients = table_of([], GRADIENT_COLUMNS, False)
            notes = [*notes, *protection]
        else:
            fifths = fifth_table(asked.register, read, self.public)
            gradients = gradient_table(asked.register, read)
            notes = [*finding(read), *notes, *([read.shown.note] if read.shown.note else [])]
            gaps = [*gaps, *line_gaps(asked.register, read)]
        of = asked.lines.name
        return Equity(
            Result(
                f"Patients and spend by deprivation: {of}", fifths, tuple(notes), tuple(gaps), asked.synthetic
            ),
            Result(f"Gradient by deprivation: {of}", gradients, tuple(notes), tuple(gaps), asked.synthetic),
            read.told_by if read else None,
        )


def _equity(asked: Opened, public: bool) -> Equity:
    boards, counted = _boards(asked, public)
    question = _Question(asked, boards, counted, public)
    areas, numbers = pa.array(sorted(boards), pa.string()), pa.array(list(range(len(boards))), pa.int64())
    asked.engine.register("equity_board", pa.table({"area": areas, "number": numbers}))
    census, placed = nearest_census(asked, small_areas(asked.workspace, asked.register, asked.on))
    notes, gaps = [*asked.scope()], list(asked.gaps)
    left_out = sorted({*_every_board(asked)} - {*boards})
    if left_out:
        notes.append(f"England here is the {len(boards)} boards that have a population.")
    if census is None:
        return question.answer(None, notes, [*gaps, *_lacking(asked)])
    register_areas(asked, census, left_out)
    groups = Groups.of(census.population)
    notes += _sources(census, groups)
    gaps += _areas_gaps(asked, census)
    inhabited = _inhabited(asked)
    if not inhabited:
        why = "nobody lives in the small areas of the population"
        return question.answer(None, notes, [*gaps, Gap("England", "rate by deprivation", why)])
    lived_in = [board for board in asked.boards if board in boards and board in inhabited]
    gaps += _boards_without_people(asked, census, inhabited)
    if not placed[census.sort]:
        read, said, missing = _by_boards(question, census, groups, lived_in)
        return question.answer(read, [*notes, *said], [*gaps, *missing])
    home = by_home(asked, groups, lived_in)
    shown = equity_public.protected(asked, home, counted) if public else equity_public.exact(home)
    notes += _placed_words(home, census, placed, public)
    notes += _unaged(home, groups, public)
    return question.answer(_from_homes(home, shown, public), notes, gaps)


# --- whose patients, and which lists


def _every_board(asked: Opened) -> list[str]:
    found = asked.engine.fetch("select distinct area from board order by area").to_pylist()
    return [
        *asked.boards,
        *(row["area"] for row in found if row["area"] not in {*asked.boards, *NOT_A_BOARD}),
    ]


def _boards(asked: Opened, public: bool) -> tuple[list[str], list[str]]:
    """The boards whose patients count, and those that are England's on the variation page.

    In public they are the same: two Englands that differ by a small board would give it away.
    """
    every, people = _every_board(asked), heads(asked).people
    counted = [area for area in every if area in people]
    return (counted if public else every), counted


def _inhabited(asked: Opened) -> set[str | None]:
    """The boards that some of the population lives in; none among them for people of no board."""
    run_steps(asked.engine, __package__, ["fifth_people"])
    found = asked.engine.fetch("select distinct area from fifth_people where persons > 0")
    return {row["area"] for row in found.to_pylist()}


def _lacking(asked: Opened) -> list[Gap]:
    """That lists are lacking, and what to run."""
    held = lists_held(asked.workspace)
    absent = [kind for kind in ("population", "deprivation") if not held[kind]]
    if absent:
        named = "; ".join(f"{LISTS[kind]} (speccom reference import {kind} FILE)" for kind in absent)
        return [Gap("England", "rate by deprivation", f"lists are not imported: {named}")]
    why = (
        f"people are of LSOAs of {' and '.join(held['population'])} and deprivation is of those of "
        f"{' and '.join(held['deprivation'])}: import both for one census"
    )
    return [Gap("England", "rate by deprivation", why)]


def _sources(census: SmallAreas, groups: Groups) -> list[str]:
    apart = "age and sex" if groups.by_sex else "age alone, because the imported population has no sexes"
    return [
        f"Fifths are of England's small areas (LSOAs of {census.census}) by the Index of Multiple Deprivation "
        f"({census.files['deprivation']}), 1 the most deprived. People: {census.files['population']}, of whatever "
        f"year that file is. Rates are standardised by {apart}.",
        "People count where they live, whoever is responsible for them, so a board here is not the board of "
        "other tables. Rates are of people treated, not of people in need: equal rates are not fair where "
        "need is unequal.",
    ]


def _areas_gaps(asked: Opened, census: SmallAreas) -> list[Gap]:
    gaps = []
    if census.without:
        why = "their LSOAs are not in the index of deprivation: import lists of one census"
        gaps.append(Gap(f"{census.without:,} people of the population", "fifth", why))
    if not census.by_board:
        gaps.append(_no_lookup(census))
    return gaps


def _boards_without_people(asked: Opened, census: SmallAreas, inhabited: set[str | None]) -> list[Gap]:
    """Boards of the day that no small area is placed in, and why."""
    if not census.by_board:
        return []
    parts: dict[str, list[str]] = {}
    for area, heirs in census.split.items():
        for heir in heirs:
            parts.setdefault(heir, []).append(area)
    gaps = []
    for board in asked.boards:
        if board in inhabited:
            continue
        why = "nobody of the imported population lives there"
        if board in parts:
            divided = " and ".join(name_of(asked.register, area) for area in parts[board])
            why = f"it took a part of {divided}, and which small areas went where is not held"
        gaps.append(Gap(name_of(asked.register, board), "gradient", why))
    return gaps


def _no_lookup(census: SmallAreas) -> Gap:
    run = "speccom reference import lsoa-areas FILE"
    return Gap(
        "Every board", "gradient", f"no look-up of boards for LSOAs of {census.census} is imported: {run}"
    )


# --- by each patient's home


def _from_homes(home: ByHome, shown: Shown, public: bool) -> Read:
    counts = np.array([[_or_nan(shown.of(area, fifth).patients) for fifth in FIFTHS] for area in home.areas])
    spend = np.array([[_or_nan(shown.of(area, fifth).spend) for fifth in FIFTHS] for area in home.areas])
    return Read(
        home.areas,
        home.persons,
        shown,
        patients_measured(home, counts),
        spend_measured(home, spend, counts),
        HOMES,
        not public,
        float(home.persons[0].sum()),
    )


def _or_nan(value: int | Decimal | None) -> float:
    return float("nan") if value is None else float(value)


def _placed_words(home: ByHome, census: SmallAreas, placed: Mapping[str, int], public: bool) -> list[str]:
    """How many could be placed. In public the row of those who could not says it, protected."""
    everybody, found = home.everybody.patients, placed[census.sort]
    share = 1 - found / everybody
    warned = " That is enough to bend the rates." if share > UNPLACED_WARNING else ""
    if public:
        return [
            f"Patients whose home could not be placed are the row “not placed”.{warned}",
            "Pounds by board and fifth are not public.",
        ]
    said = (
        f"{found:,} of {everybody:,} patients ({found / everybody:.1%}) are placed, by the LSOA of most of their "
        f"lines. {home.unstated.patients:,} have no LSOA; {home.nowhere.patients:,} have one that is not among the "
        f"LSOAs of {census.census} with people and deprivation; {home.withheld.lines:,} lines have no patient.{warned}"
    )
    others = [
        f"Lists of {VINTAGES[sort]} would place {number:,}."
        for sort, number in placed.items()
        if sort != census.sort
    ]
    return [said, *others]


def _unaged(home: ByHome, groups: Groups, public: bool) -> list[str]:
    held = sum(home.parts.get((ENGLAND, fifth), Part()).patients for fifth in FIFTHS)
    lived = home.persons[0].sum(axis=0) > 0
    without = held - int(home.events[0][:, lived].sum())
    if not without or public:
        return []
    return [
        f"{without:,} patients placed have no {groups.words}, or one at which nobody lives: they are in crude "
        "rates and in no standardised one."
    ]


# --- by boards alone

_BY_BOARDS = (
    "Fifths are told by boards alone: everybody is taken to have the rate of their own board, weighted by how "
    "many of its people live in each fifth. All difference within boards is hidden, so a gradient is likely to be "
    "steeper than this one, and none here is no sign of none. Limits are of chance alone. Do not judge a service by it."
)


def _by_boards(
    question: _Question, census: SmallAreas, groups: Groups, lived_in: Sequence[str]
) -> tuple[Read | None, list[str], list[Gap]]:
    """What boards alone tell, what is said of it, and why there is no better; nothing where they tell nothing."""
    asked = question.asked
    home = by_home(asked, groups, [])
    gaps = [_no_homes(asked, census, home, question.public)]
    if not census.by_board:
        return None, [], gaps
    held, shown = by_board(asked, groups, lived_in), equity_public.exact(home)
    if question.public:
        register_hosts(asked)
        cells = published(asked, question.counted)
        shown = Shown({(ENGLAND, WHOLE): cells.england}, cells.words(cells.boards.values()))
        held = _as_published(held, cells.boards)
    # Boards of which nobody is in the population have no fifths to be told by.
    held = _kept(held, held.persons.sum(axis=(1, 2)) > 0)
    if len(held.boards) < FEWEST_BOARDS or not held.patients.sum():
        why = f"fewer than {FEWEST_BOARDS} boards have people by fifth and patients that can be told"
        if not home.everybody.patients:
            why = "the ledger has no patient of it"
        return None, [], [*gaps, Gap(asked.lines.name, "gradient", why)]
    read = Read(
        (ENGLAND,),
        held.persons.sum(axis=0)[None, :, :],
        shown,
        patients_apportioned(held),
        spend_apportioned(held),
        BOARDS,
        not question.public,
        float(home.persons[0].sum()),
    )
    return read, [_BY_BOARDS], [*gaps, *_without_a_fifth(read, census)]


def _without_a_fifth(read: Read, census: SmallAreas) -> list[Gap]:
    """People of England's row who are of no fifth's, since the boards that they live in cannot tell of them."""
    left = read.everybody - float(read.persons[0].sum())
    if round(left) <= 0:
        return []
    why = "they live in boards that have no patients to be told by"
    if census.split:
        why = (
            "they live in boards that were divided, or that took a part of one, and which small areas went where "
            "is not held; the rates and gradients by fifth are without them and their patients"
        )
    return [Gap(f"{left:,.0f} of {read.everybody:,.0f} people of England", "fifth", why)]


def _no_homes(asked: Opened, census: SmallAreas, home: ByHome, public: bool) -> Gap:
    why = (
        "no patient of these lines has an LSOA in the ledger: import a list of postcodes before files are received "
        "(speccom reference import postcodes FILE)"
    )
    if home.nowhere.patients:
        some = "patients" if public else f"{home.nowhere.patients:,} patients"
        why = (
            f"the LSOAs of {some} are none of those of {census.census} with people and deprivation: import lists of "
            "the census that your list of postcodes is of"
        )
    return Gap(asked.lines.name, "rate by where patients live", why)


def _as_published(held: ByBoard, boards: Mapping[str, Count]) -> ByBoard:
    """Boards with rounded patients; those that are withheld are left out, people and all."""
    counts = [boards.get(board, Count(0, 0, Decimal(0))) for board in held.boards]
    kept = np.array([count.withheld is None for count in counts], dtype=bool)
    patients = 5 * np.floor((held.patients + 2) / 5)
    scale = patients / np.where(held.patients > 0, held.patients, 1)
    rounded = replace(held, events=held.events * scale[:, None], patients=patients)
    return _kept(rounded, kept)


def _kept(held: ByBoard, kept: Flags) -> ByBoard:
    return ByBoard(
        tuple(board for board, keep in zip(held.boards, kept.tolist(), strict=True) if keep),
        *(each[kept] for each in (held.persons, held.events, held.patients, held.spend, held.squares)),
    )


# --- where no rate can be made


def _england(question: _Question) -> tuple[pa.Table, list[str]]:
    """England's patients and pounds, which need no list, and what is said of them."""
    asked = question.asked
    if question.public:
        register_hosts(asked)
        cells = published(asked, question.counted)
        count, said = cells.england, [cells.words([cells.england])]
    else:
        count, said = _patients_of_england(asked), []
    row: dict[str, Any] = {
        "icb": ENGLAND,
        "icb_name": name_of(asked.register, ENGLAND),
        "fifth": FIFTH_NAMES[WHOLE],
        "patients": count.patients,
        "spend": count.spend,
        "withheld": count.withheld,
    }
    people = heads(asked).people
    if people.keys() >= set(question.boards):
        row["population"] = population = sum(people[board] for board in question.boards)
        row["access"] = over(count.patients, population, 100_000)
        row["spend_per_head"] = over(count.spend, population, 1)
        said.append("England's population here is the registered one, because none by small area is held.")
    return table_of([row], COLUMNS, question.public), said


def _patients_of_england(asked: Opened) -> Count:
    run_steps(asked.engine, __package__, ["equity_england"])
    [row] = asked.engine.fetch("select * from equity_england").to_pylist()
    return Count(row["patients"], int(row["lines"]), row["actual"])
