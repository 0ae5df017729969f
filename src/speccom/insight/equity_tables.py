"""The rows, columns and sentences of rates by fifth of deprivation; computes no rate and asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from speccom.insight.areas import ENGLAND, name_of
from speccom.insight.equity_public import UNPLACED, WHOLE, Shown
from speccom.insight.fifths import FIFTHS
from speccom.insight.gradients import CRUDE, Measured
from speccom.insight.public import WITHHELD, Count
from speccom.insight.result import Column, Gap, described
from speccom.insight.statistics.numbers import GAP_WORDS, Estimate, Numbers
from speccom.insight.statistics.numbers import Gap as Reason
from speccom.insight.variation import MONEY
from speccom.register import Register

HOMES, BOARDS = "where each patient lives", "boards alone"
"""What fifths are told by: each patient's own small area, or nothing but whose board they are of."""

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


class Read(NamedTuple):
    """What the rows of one question are made of: `persons` are areas × fifths × groups, and `everybody` are England's
    people, also those of boards that are left out."""

    areas: tuple[str, ...]
    persons: Numbers
    shown: Shown
    patients: Measured
    spend: Measured
    told_by: str
    exact: bool
    everybody: float


def finding(read: Read) -> list[str]:
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


def line_gaps(register: Register, read: Read) -> list[Gap]:
    """Each area and measure without a line, and why."""
    gaps = []
    for place, area in enumerate(read.areas):
        for measure, held in _measures_of(read, area):
            if why := _why_no_line(read, place, held):
                gaps.append(Gap(name_of(register, area), f"gradient of {measure}", why))
    return gaps


def _measures_of(read: Read, area: str) -> list[tuple[str, Measured]]:
    """What is measured of an area: pounds by board and fifth are not public."""
    if area != ENGLAND and not read.exact:
        return [(PATIENTS, read.patients)]
    return [(PATIENTS, read.patients), (SPEND, read.spend)]


def _why_no_line(read: Read, place: int, held: Measured) -> str:
    """Why an area has no slope; empty where it has one."""
    area = read.areas[place]
    if not np.isnan(held.line.slope.value[place]):
        return ""
    empty = [fifth for fifth in FIFTHS if not read.persons[place, fifth - 1].sum()]
    if empty:
        named = f"fifth{'s' * (len(empty) > 1)} {', '.join(map(str, empty))}"
        return f"nobody there lives in {named}, and a gradient over the rest is another question"
    hidden = any(read.shown.of(area, fifth).withheld for fifth in FIFTHS)
    if hidden:
        return "a fifth is withheld to protect small numbers"
    return GAP_WORDS[Reason(int(held.line.slope.gap[place]))]


# --- tables


def fifth_table(register: Register, read: Read, public: bool) -> pa.Table:
    """A row for each area and fifth, those who are not placed and all; columns of `COLUMNS`."""
    rows = []
    for place, area in enumerate(read.areas):
        for fifth in (*FIFTHS, *((UNPLACED,) if area == ENGLAND and read.told_by == HOMES else ()), WHOLE):
            rows.append(_fifth(register, read, place, fifth))
    return table_of(rows, COLUMNS, public)


def _fifth(register: Register, read: Read, place: int, fifth: int) -> dict[str, Any]:
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
        "icb_name": name_of(register, area),
        "fifth": FIFTH_NAMES[fifth],
        "population": people,
        "patients": count.patients,
        "spend": count.spend,
        "withheld": count.withheld,
    }
    if fifth == WHOLE and people:
        row["access"] = over(count.patients, people, 100_000)
        row["spend_per_head"] = over(count.spend, people, 1)
    if fifth in FIFTHS and not count.withheld:
        row |= _measures(read, place, fifth - 1)
    for name in row:
        if COLUMNS.get(name) and not read.exact and isinstance(row[name], float) and name != "population":
            row[name] = _blurred(name, row[name])
    return row


def over(value: int | Decimal | None, people: float, per: int) -> float | None:
    """A count or pounds for each so many people; none where it is not shown."""
    return None if value is None else float(value) / people * per


def _measures(read: Read, place: int, fifth: int) -> dict[str, Any]:
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
        "note": None if read.told_by == HOMES else "told by boards alone",
    }


def _limits(name: str, stem: str, found: Estimate, place: int, fifth: int) -> dict[str, float | None]:
    return {
        name: _number(found.value[place, fifth]),
        f"{stem}_lower": _number(found.lower[place, fifth]),
        f"{stem}_upper": _number(found.upper[place, fifth]),
    }


def gradient_table(register: Register, read: Read) -> pa.Table:
    """A row for each area and measure; columns of `GRADIENT_COLUMNS`."""
    rows = []
    for place, area in enumerate(read.areas):
        for measure, held in _measures_of(read, area):
            row = _gradient(read, place, held)
            rows.append(
                {
                    "icb": area,
                    "icb_name": name_of(register, area),
                    "measure": measure,
                    "told_by": read.told_by,
                    **row,
                    "note": _why_no_line(read, place, held) or _weakness(read, held.basis[place]) or None,
                }
            )
    return table_of(rows, GRADIENT_COLUMNS, False)


def _weakness(read: Read, basis: str) -> str:
    said = []
    if read.told_by == BOARDS:
        said.append("told by boards alone: all difference within boards is hidden")
    if basis == CRUDE:
        said.append("no age is allowed for")
    return "; ".join(said)


def _gradient(read: Read, place: int, held: Measured) -> dict[str, Any]:
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


def table_of(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Column], public: bool) -> pa.Table:
    """Rows under columns, with why a row is withheld in public."""
    meant = {**columns, "withheld": WITHHELD} if public else columns
    return described(
        {
            name: (column, [row.get(name) for row in rows], _kind(name, column))
            for name, column in meant.items()
        }
    )


def _kind(name: str, column: Column) -> pa.DataType:
    if name == "patients":
        return pa.int64()
    if column.unit == "£":
        return MONEY
    return pa.string() if column.unit in ("", "code") else pa.float64()
