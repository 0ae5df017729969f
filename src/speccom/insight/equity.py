"""Whether people of poor and of rich areas are treated alike: rates by fifth of deprivation, and their gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from speccom.insight import equity_public
from speccom.insight.ages import Groups
from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.equity_public import UNPLACED, WHOLE, Shown
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
    CRUDE,
    Measured,
    patients_apportioned,
    patients_measured,
    spend_apportioned,
    spend_measured,
)
from speccom.insight.heads import heads
from speccom.insight.opened import Opened, opened, register_hosts
from speccom.insight.public import WITHHELD, Count
from speccom.insight.public import public as published
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.statistics.numbers import GAP_WORDS, Estimate
from speccom.insight.statistics.numbers import Gap as Reason
from speccom.insight.variation import MONEY
from speccom.period import FinancialYear
from speccom.places.deprivation import LISTS, VINTAGES, SmallAreas, lists_held, small_areas
from speccom.register import Register
from speccom.workspace import Workspace

HOMES, BOARDS = "where each patient lives", "boards alone"
"""What fifths are told by: each patient's own small area, or nothing but whose board they are of."""
UNPLACED_WARNING = 0.05
"""Share of patients who cannot be placed from which the numbers are warned of."""
FEWEST_BOARDS = 2

FIFTH_NAMES = {
    1: "1 (most deprived)",
    2: "2",
    3: "3",
    4: "4",
    5: "5 (least deprived)",
    UNPLACED: "not placed",
    WHOLE: "all",
}
PATIENTS, SPEND = "patients per 100,000", "spend per head"
MORE, FEWER, NEITHER = (
    "higher in deprived areas",
    "lower in deprived areas",
    "no more than chance would give",
)
UNTOLD = "boards alone cannot tell"

COLUMNS = {
    "icb": Column("code", "`ENG` for England, or the integrated care board in whose area people live"),
    "icb_name": Column("", "its name"),
    "fifth": Column(
        "",
        "fifth of England's small areas by deprivation, 1 the most deprived; `not placed`: nobody can say; `all`",
    ),
    "population": Column("people", "people of the imported population who live there"),
    "patients": Column(
        "people", "distinct patients over the lines who live there; none where boards alone tell"
    ),
    "spend": Column(
        "£", "their pounds in the patient-level sets; for `not placed` also lines without a patient"
    ),
    "access": Column("patients per 100,000", "patients ÷ population (crude)"),
    "access_lower": Column("patients per 100,000", "its lower 95% limit (Byar, or exact below ten)"),
    "access_upper": Column("patients per 100,000", "its upper 95% limit"),
    "expected_patients": Column("people", "patients if each group of age (and sex) had England's rate"),
    "standardised_ratio": Column("ratio", "patients ÷ expected patients (indirect)"),
    "ratio_lower": Column("ratio", "its lower 95% limit (Byar, or exact below ten)"),
    "ratio_upper": Column("ratio", "its upper 95% limit"),
    "direct_rate": Column(
        "patients per 100,000", "rate if ages (and sexes) were as England's (direct); none below ten patients"
    ),
    "direct_lower": Column("patients per 100,000", "its lower 95% limit (Dobson)"),
    "direct_upper": Column("patients per 100,000", "its upper 95% limit"),
    "rate": Column("patients per 100,000", "the rate that the gradient is fitted to"),
    "rate_lower": Column("patients per 100,000", "its lower 95% limit"),
    "rate_upper": Column("patients per 100,000", "its upper 95% limit"),
    "fitted": Column("patients per 100,000", "the rate on the fitted line"),
    "spend_per_head": Column("£ per person", "spend ÷ population (crude)"),
    "standardised_spend": Column("£ per person", "spend per head that the gradient of spend is fitted to"),
    "spend_lower": Column("£ per person", "its lower 95% limit (compound Poisson, normal approximation)"),
    "spend_upper": Column("£ per person", "its upper 95% limit"),
    "note": Column("", "what weakens the row's numbers"),
}
GRADIENT_COLUMNS = {
    "icb": Column("code", "`ENG` for England, or the integrated care board in whose area people live"),
    "icb_name": Column("", "its name"),
    "measure": Column("", f"{PATIENTS}, or {SPEND} in pounds"),
    "rates": Column("", "how the rates were standardised: directly, indirectly, or not (crude)"),
    "told_by": Column("", f"what places people in fifths: {HOMES}, or {BOARDS} (weak)"),
    "patients": Column("people", "patients placed in a fifth"),
    "slope_index": Column(
        "rate", "fitted rate at the most deprived end less that at the least, in the unit of the measure"
    ),
    "slope_lower": Column("rate", "its lower 95% limit"),
    "slope_upper": Column("rate", "its upper 95% limit"),
    "relative_index": Column(
        "ratio", "fitted rate at the most deprived end ÷ that at the least; 1 is no gradient"
    ),
    "relative_lower": Column("ratio", "its lower 95% limit"),
    "relative_upper": Column("ratio", "its upper 95% limit"),
    "least_deprived": Column("rate", "the fitted rate at the least deprived end"),
    "most_deprived": Column("rate", "the fitted rate at the most deprived end"),
    "reading": Column("", f"{MORE}, {FEWER}, or {NEITHER}, by the limits of the slope index; or {UNTOLD}"),
    "note": Column("", "what weakens it, or why there is none"),
}


@dataclass(frozen=True, slots=True)
class Equity:
    """`fifths` (columns of `COLUMNS`) and `gradients` (of `GRADIENT_COLUMNS`), and what they are told by: `HOMES`,
    `BOARDS`, or nothing where lists are lacking."""

    fifths: Result
    gradients: Result
    told_by: str | None


class _Read(NamedTuple):
    """What the rows of one question are made of."""

    areas: tuple[str, ...]
    persons: np.ndarray[Any, np.dtype[np.float64]]
    shown: Shown
    patients: Measured
    spend: Measured
    told_by: str
    exact: bool
    everybody: float


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
    with opened(workspace, lines, [year] if year else None, boundaries, register) as asked:
        return _equity(asked, public)


def needed(workspace: Workspace) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """What deprivation by small area needs: kind of list, what it is, and the censuses it was imported for."""
    held = lists_held(workspace)
    return tuple((kind, words, held[kind]) for kind, words in LISTS.items())


def _equity(asked: Opened, public: bool) -> Equity:
    boards, counted = _boards(asked, public)
    asked.engine.register("equity_board", pa.table({"area": pa.array(boards, pa.string())}))
    held = small_areas(asked.workspace, asked.register, asked.on)
    census, placed = nearest_census(asked, held)
    notes = [*asked.scope()]
    gaps = list(asked.gaps)
    if public and len(boards) < len(_every_board(asked)):
        notes.append(f"England here is the {len(boards)} boards that have a population.")
    if census is None:
        return _nothing(asked, boards, counted, notes, [*gaps, *_lacking(asked)], public)
    left_out = sorted(set(_every_board(asked)) - set(boards)) if public else []
    register_areas(asked, census, left_out)
    groups = Groups.of(census.population)
    notes += _sources(census, groups)
    gaps += _areas_gaps(asked, census)
    lived_in = [board for board in asked.boards if board in boards and census.by_board]
    if not _inhabited(asked):
        gaps.append(
            Gap("England", "rate by deprivation", "nobody lives in the small areas of the population")
        )
        return _nothing(asked, boards, counted, notes, gaps, public)
    home = by_home(asked, groups, lived_in if placed[census.sort] else [])
    if placed[census.sort]:
        shown = equity_public.protected(asked, home, counted) if public else equity_public.exact(home)
        read = _from_homes(home, shown, public)
        notes += _placed_words(home, census, placed, public)
        notes += _unaged(home, groups, public)
    else:
        gaps.append(_no_homes(asked, census, home, public))
        if not census.by_board:
            gaps.append(_no_lookup(census))
            return _nothing(asked, boards, counted, notes, gaps, public)
        found = _from_boards(asked, groups, home, [b for b in lived_in if b in boards], counted, public)
        if found is None:
            why = f"fewer than {FEWEST_BOARDS} boards have both people by fifth and patients that can be told"
            gaps.append(Gap(asked.lines.name, "gradient", why))
            return _nothing(asked, boards, counted, notes, gaps, public)
        read, said = found
        notes += said
    if read.shown.note:
        notes.append(read.shown.note)
    gaps += _line_gaps(asked, read)
    return Equity(
        _result(
            asked,
            "Patients and spend by deprivation",
            _fifth_table(asked, read, public),
            [*_finding(read), *notes],
            gaps,
        ),
        _result(
            asked, "Gradient by deprivation", _gradient_table(asked, read), [*_finding(read), *notes], gaps
        ),
        read.told_by,
    )


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


def _inhabited(asked: Opened) -> bool:
    asked.engine.step("inhabited", "select sum(persons) as persons from lsoa_people")
    [row] = asked.engine.fetch("select persons from inhabited").to_pylist()
    return bool(row["persons"])


def _lacking(asked: Opened) -> list[Gap]:
    """That lists are lacking, and what to run."""
    held = lists_held(asked.workspace)
    absent = [kind for kind in ("population", "deprivation") if not held[kind]]
    if absent:
        named = " and ".join(LISTS[kind] for kind in absent)
        run = "; ".join(f"speccom reference import {kind} FILE" for kind in absent)
        return [Gap("England", "rate by deprivation", f"{named} is not imported: {run}")]
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
    gaps = [
        Gap(
            name_of(asked.register, area),
            "gradient of its own",
            f"it was split between {', '.join(heirs)}, and which small areas went where is not held",
        )
        for area, heirs in census.split.items()
    ]
    if census.without:
        why = "their LSOAs are not in the index of deprivation: import lists of one census"
        gaps.append(Gap(f"{census.without:,} people of the population", "fifth", why))
    if not census.by_board:
        gaps.append(_no_lookup(census))
    return gaps


def _no_lookup(census: SmallAreas) -> Gap:
    run = "speccom reference import lsoa-areas FILE"
    return Gap(
        "Every board", "gradient", f"no look-up of boards for LSOAs of {census.census} is imported: {run}"
    )


# --- by each patient's home


def _from_homes(home: ByHome, shown: Shown, public: bool) -> _Read:
    counts = np.array([[_or_nan(shown.of(area, fifth).patients) for fifth in FIFTHS] for area in home.areas])
    spend = np.array([[_or_nan(shown.of(area, fifth).spend) for fifth in FIFTHS] for area in home.areas])
    return _Read(
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
        said = f"Patients whose home could not be placed are the row “not placed”.{warned}"
        return [said]
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


def _no_homes(asked: Opened, census: SmallAreas, home: ByHome, public: bool) -> Gap:
    if home.nowhere.patients and not public:
        why = (
            f"the LSOAs of {home.nowhere.patients:,} patients are none of those of {census.census} with people and "
            "deprivation; import lists of the census of your postcode list"
        )
    else:
        why = (
            "no patient of these lines has an LSOA in the ledger: import a list of postcodes before files are "
            "received (speccom reference import postcodes FILE)"
        )
    return Gap(asked.lines.name, "rate by where patients live", why)


def _from_boards(
    asked: Opened, groups: Groups, home: ByHome, boards: Sequence[str], counted: Sequence[str], public: bool
) -> tuple[_Read, list[str]] | None:
    held = by_board(asked, groups, boards)
    said = [
        "Fifths are told by boards alone: everybody is taken to have the rate of their own board, weighted by how "
        "many of its people live in each fifth. All difference within boards is hidden, so a gradient is "
        "likely to be steeper than this one, and none here is no sign of none. Do not judge a service by it."
    ]
    shown = equity_public.exact(home)
    if public:
        register_hosts(asked)
        cells = published(asked, counted)
        shown = Shown({(ENGLAND, WHOLE): cells.england}, cells.words(cells.boards.values()))
        held = _as_published(held, cells.boards)
    some = held.persons.sum(axis=(1, 2)) > 0
    if some.sum() < FEWEST_BOARDS or not held.patients[some].sum():
        return None
    # Boards of which nobody is in the population have no fifths to be told by.
    held = _kept(held, some)
    persons = held.persons.sum(axis=0)[None, :, :]
    read = _Read(
        (ENGLAND,),
        persons,
        shown,
        patients_apportioned(held),
        spend_apportioned(held),
        BOARDS,
        not public,
        float(home.persons[0].sum()),
    )
    return read, said


def _as_published(held: ByBoard, boards: Mapping[str, Count]) -> ByBoard:
    """Boards with rounded patients; those that are withheld are left out, people and all."""
    counts = [boards.get(board, Count(0, 0, Decimal(0))) for board in held.boards]
    kept = np.array([count.withheld is None for count in counts], dtype=bool)
    patients = 5 * np.floor((held.patients + 2) / 5)
    scale = patients / np.where(held.patients > 0, held.patients, 1)
    rounded = replace(held, events=held.events * scale[:, None], patients=patients)
    return _kept(rounded, kept)


def _kept(held: ByBoard, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> ByBoard:
    return ByBoard(
        tuple(board for board, keep in zip(held.boards, kept.tolist(), strict=True) if keep),
        *(each[kept] for each in (held.persons, held.events, held.patients, held.spend, held.squares)),
    )


# --- what is said


def _finding(read: _Read) -> list[str]:
    """The gradient of England in a sentence, first of all notes."""
    found = []
    for measure, held in ((PATIENTS, read.patients), (SPEND, read.spend)):
        row = _gradient(read, 0, held)
        if row["slope_index"] is None:
            continue
        limits = (
            "no limits"
            if row["slope_lower"] is None
            else f"{row['slope_lower']:,.3g} to {row['slope_upper']:,.3g}"
        )
        relative = ""
        if row["relative_index"] is not None:
            relative = f"; relative index {row['relative_index']:.2f}"
            if row["relative_lower"] is not None:
                relative += f" ({row['relative_lower']:.2f} to {row['relative_upper']:.2f})"
        found.append(
            f"England, {measure} ({row['rates']}): from {row['least_deprived']:,.3g} at the least deprived end to "
            f"{row['most_deprived']:,.3g} at the most; slope index {row['slope_index']:,.3g} ({limits}){relative}. "
            f"{row['reading'][:1].upper()}{row['reading'][1:]}."
            if row["reading"]
            else f"England, {measure}: slope index {row['slope_index']:,.3g}, without limits."
        )
    return found


def _line_gaps(asked: Opened, read: _Read) -> list[Gap]:
    gaps = []
    for place, area in enumerate(read.areas):
        for measure, held in ((PATIENTS, read.patients), (SPEND, read.spend)):
            if why := _why_no_line(read, place, held):
                gaps.append(Gap(name_of(asked.register, area), f"gradient of {measure}", why))
    return gaps


def _why_no_line(read: _Read, place: int, held: Measured) -> str:
    """Why an area has no slope; empty where it has one."""
    area = read.areas[place]
    if not np.isnan(held.line.slope.value[place]):
        return ""
    empty = [fifth for fifth in FIFTHS if not read.persons[place, fifth - 1].sum()]
    if len(empty) == len(FIFTHS):
        return "nobody of the population lives there"
    if empty:
        return f"nobody there lives in fifth{'s' * (len(empty) > 1)} {', '.join(map(str, empty))}, and a gradient over the rest is another question"
    hidden = any(read.shown.of(area, fifth).withheld for fifth in FIFTHS)
    if hidden:
        return "a fifth is withheld to protect small numbers"
    if held is read.spend and not read.exact and read.told_by == HOMES and area != ENGLAND:
        return "pounds by board and fifth are not public"
    return GAP_WORDS[Reason(int(held.line.slope.gap[place]))]


def _result(asked: Opened, title: str, table: pa.Table, notes: Sequence[str], gaps: Sequence[Gap]) -> Result:
    return Result(f"{title}: {asked.lines.name}", table, tuple(notes), tuple(gaps), asked.synthetic)


# --- tables


def _fifth_table(asked: Opened, read: _Read, public: bool) -> pa.Table:
    rows = []
    for place, area in enumerate(read.areas):
        for fifth in (*FIFTHS, *((UNPLACED,) if area == ENGLAND and read.told_by == HOMES else ()), WHOLE):
            rows.append(_fifth(asked, read, place, fifth))
    return _described(rows, COLUMNS, public)


def _fifth(asked: Opened, read: _Read, place: int, fifth: int) -> dict[str, Any]:
    area = read.areas[place]
    apportioned = read.told_by == BOARDS and fifth in FIFTHS
    count = Count(None, None, None) if apportioned else read.shown.of(area, fifth)
    people = None
    if fifth != UNPLACED:
        held = read.persons[place]
        of_area = read.everybody if area == ENGLAND else held.sum()
        people = float(held[fifth - 1].sum() if fifth in FIFTHS else of_area)
    row: dict[str, Any] = {
        "icb": area,
        "icb_name": name_of(asked.register, area),
        "fifth": FIFTH_NAMES[fifth],
        "population": people,
        "patients": count.patients,
        "spend": count.spend,
        "withheld": count.withheld,
    }
    if fifth == WHOLE and people:
        row["access"] = _over(count.patients, people, 100_000)
        row["spend_per_head"] = _over(count.spend, people, 1)
    if fifth in FIFTHS:
        row |= _measures(read, place, fifth - 1)
    for name in row:
        if COLUMNS.get(name) and not read.exact and isinstance(row[name], float) and name != "population":
            row[name] = _blurred(name, row[name])
    return row


def _over(value: int | Decimal | None, people: float, per: int) -> float | None:
    return None if value is None else float(value) / people * per


def _measures(read: _Read, place: int, fifth: int) -> dict[str, Any]:
    patients, spend = read.patients, read.spend
    return {
        **_limits("access", "access", patients.crude, place, fifth),
        "expected_patients": _number(patients.expected[place, fifth]),
        **_limits("standardised_ratio", "ratio", patients.ratio, place, fifth),
        **_limits("direct_rate", "direct", patients.direct, place, fifth),
        **_limits("rate", "rate", patients.used, place, fifth),
        "fitted": _number(patients.fitted[place, fifth]),
        "spend_per_head": _number(spend.crude.value[place, fifth]),
        **_limits("standardised_spend", "spend", spend.used, place, fifth),
        "note": "" if read.told_by == HOMES else "told by boards alone",
    }


def _limits(name: str, stem: str, found: Estimate, place: int, fifth: int) -> dict[str, float | None]:
    return {
        name: _number(found.value[place, fifth]),
        f"{stem}_lower": _number(found.lower[place, fifth]),
        f"{stem}_upper": _number(found.upper[place, fifth]),
    }


def _gradient_table(asked: Opened, read: _Read) -> pa.Table:
    rows = []
    for place, area in enumerate(read.areas):
        for measure, held in ((PATIENTS, read.patients), (SPEND, read.spend)):
            if area != ENGLAND and measure == SPEND and not read.exact:
                continue
            row = _gradient(read, place, held)
            rows.append(
                {
                    "icb": area,
                    "icb_name": name_of(asked.register, area),
                    "measure": measure,
                    "told_by": read.told_by,
                    **row,
                    "note": _why_no_line(read, place, held) or _weakness(read, held.basis[place]),
                }
            )
    return _described(rows, GRADIENT_COLUMNS, False)


def _weakness(read: _Read, basis: str) -> str:
    said = []
    if read.told_by == BOARDS:
        said.append("told by boards alone: all difference within boards is hidden")
    if basis == CRUDE:
        said.append("no age is allowed for")
    return "; ".join(said)


def _gradient(read: _Read, place: int, held: Measured) -> dict[str, Any]:
    """One area's line, the slope from the least deprived end to the most."""
    line = held.line
    counts = [read.shown.of(read.areas[place], fifth).patients for fifth in FIFTHS]
    placed = None if read.told_by == BOARDS or None in counts else sum(count or 0 for count in counts)
    row: dict[str, Any] = {
        "rates": held.basis[place],
        "patients": placed,
        "slope_index": _number(line.slope.value[place]),
        "slope_lower": _number(line.slope.lower[place]),
        "slope_upper": _number(line.slope.upper[place]),
        "relative_index": _number(line.relative.value[place]),
        "relative_lower": _number(line.relative.lower[place]),
        "relative_upper": _number(line.relative.upper[place]),
        "least_deprived": _number(line.first[place]),
        "most_deprived": _number(line.last[place]),
    }
    row["reading"] = UNTOLD if read.told_by == BOARDS and row["slope_index"] is not None else ""
    if read.told_by == HOMES and row["slope_lower"] is not None:
        row["reading"] = MORE if row["slope_lower"] > 0 else FEWER if row["slope_upper"] < 0 else NEITHER
    if not read.exact:
        row |= {name: _blurred(name, value) for name, value in row.items() if isinstance(value, float)}
    return row


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _blurred(name: str, value: float) -> float:
    """Ratios to two places, expected patients whole, other rates to three figures: no count can be had back."""
    if name in ("standardised_ratio", "ratio_lower", "ratio_upper") or name.startswith("relative"):
        return round(value, 2)
    if name == "expected_patients":
        return float(round(value))
    return float(f"{value:.3g}")


def _described(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Column], public: bool) -> pa.Table:
    meant = {**columns, "withheld": WITHHELD} if public else columns
    kinds = {"": pa.string(), "code": pa.string(), "£": MONEY}
    whole = {"patients"}
    return described(
        {
            name: (
                column,
                [row.get(name) for row in rows],
                pa.int64() if name in whole else kinds.get(column.unit, pa.float64()),
            )
            for name, column in meant.items()
        }
    )


# --- where no rate can be made


def _nothing(
    asked: Opened,
    boards: Sequence[str],
    counted: Sequence[str],
    notes: Sequence[str],
    gaps: Sequence[Gap],
    public: bool,
) -> Equity:
    """England's patients and pounds, which need no list; everything else is a gap."""
    if public:
        register_hosts(asked)
        cells = published(asked, counted)
        count, protection = cells.england, [cells.words([cells.england])]
    else:
        count, protection = _england(asked), []
    row = {
        "icb": ENGLAND,
        "icb_name": name_of(asked.register, ENGLAND),
        "fifth": FIFTH_NAMES[WHOLE],
        "patients": count.patients,
        "spend": count.spend,
        "withheld": count.withheld,
    }
    people = heads(asked).people
    told = "England is the people of its boards, whatever their deprivation."
    if people.keys() >= set(boards):
        row["population"] = sum(people[board] for board in boards)
        row["access"] = _over(count.patients, row["population"], 100_000)
        row["spend_per_head"] = _over(count.spend, row["population"], 1)
        told += " Its population is the registered one, because none by small area is held."
    said = [*notes, told, *protection]
    return Equity(
        _result(asked, "Patients and spend by deprivation", _described([row], COLUMNS, public), said, gaps),
        _result(asked, "Gradient by deprivation", _described([], GRADIENT_COLUMNS, False), said, gaps),
        None,
    )


def _england(asked: Opened) -> Count:
    asked.engine.step(
        "equity_england",
        "select count(distinct patient_id) as patients, sum(lines) as lines, sum(actual) as actual from equity_lines",
    )
    [row] = asked.engine.fetch("select * from equity_england").to_pylist()
    return Count(row["patients"], int(row["lines"] or 0), row["actual"] or Decimal(0))
