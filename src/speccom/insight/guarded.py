"""What of volatility and tiers everybody may see: nothing made of few patients, and what is shown made coarse.

The numbers here are means, shares and chances rather than counts, so they are not cells that add up, and the linear
programmes of `disclosure` do not fit them. Each is shown only where it is of many patients, and none is exact
enough for the patients or pounds of few to be had back from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from speccom.insight.areas import Footprint
from speccom.insight.coarse import ROUNDING, SMALL, one_figure, share_band, to_nearest
from speccom.insight.result import Column, Result, described, meaning
from speccom.insight.tiers import LADDER
from speccom.insight.yearly import Yearly

if TYPE_CHECKING:
    from speccom.insight.volatility import Tiers

FEWEST_UNITS = 3
"""Units that a rung with a small one has at least, for a mean over them to be shown."""
MOST_SMALL = 0.1
"""The most of a rung's spend that may lie in small units: tiers look at the units of the other nine tenths."""
CONCENTRATIONS = (0.1, 0.25, 0.5, 0.8)

FEW = f"fewer than {SMALL + 1} patients in one of the years"
FEW_IN_UNITS = f"too much of it is in areas that had 1 to {SMALL} patients in one of the years"
WITHHELD = Column("", "why the row's numbers are not shown; empty where they are")
NOTE = (
    f"Numbers are withheld where a line has 1 to {SMALL} patients in a year, or where units that have hold more than "
    f"{MOST_SMALL:.0%} of a rung's spend, or are among fewer than {FEWEST_UNITS}. Patients are rounded to the nearest "
    f"{ROUNDING}, pounds to their first figure, shares and chances to a tenth of a percent; shares of spend out of "
    "area and concentration are bands."
)
_BANDS = {
    "out_of_area_share": Column("", "band of the share of spend at providers outside the unit"),
    "concentration": Column("", "band of the Herfindahl–Hirschman index of a unit's spend (0 to 1)"),
}
_COUNTED = ("units", "units_left_out", "units_meeting", "fewest_providers")
_TOLD = ("recommended", "met", "decided_by", "by_chance_alone", "footprint_below")
_GIVES_AWAY = ("spend_meeting", "worst_chance", "between_years")
"""What would tell of one small unit by itself, whatever it is rounded to."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Why the numbers of a line, and of a line at a footprint, are withheld; those that are shown are not here.

    `sums` are lines whose patients and pounds of England are withheld: few boards have them, or one board alone is
    small, which England less the others would tell of.
    """

    lines: Mapping[str, str]
    rungs: Mapping[tuple[str, str], str]
    sums: frozenset[str]

    def table(self) -> pa.Table:
        """All of it as one table, to be kept."""
        rows: list[dict[str, str | None]] = [
            {"line": line, "rung": None, "why": why} for line, why in self.lines.items()
        ]
        rows += [{"line": line, "rung": rung, "why": why} for (line, rung), why in self.rungs.items()]
        rows += [{"line": line, "rung": None, "why": None} for line in sorted(self.sums)]
        return pa.Table.from_pylist(
            rows, pa.schema([(name, pa.string()) for name in ("line", "rung", "why")])
        )

    @classmethod
    def of_table(cls, table: pa.Table) -> Shown:
        rows = table.to_pylist()
        return cls(
            {row["line"]: row["why"] for row in rows if row["why"] and row["rung"] is None},
            {(row["line"], row["rung"]): row["why"] for row in rows if row["rung"]},
            frozenset(row["line"] for row in rows if row["why"] is None),
        )

    def why(self, line: str, footprint: str | None = None) -> str | None:
        return self.lines.get(line) or (self.rungs.get((line, footprint)) if footprint else None)


def shown_of(held: Yearly, boards: Mapping[str, Footprint]) -> Shown:
    """What may be shown of each line, by the patients of every unit of every rung in every year."""
    lines: dict[str, str] = {}
    rungs: dict[tuple[str, str], str] = {}
    sums: set[str] = set()
    for rung in LADDER:
        names, of_board = held.units(boards, rung)
        member = np.equal.outer(of_board, np.arange(len(names))).astype(float)
        patients = np.einsum("lby,bu->luy", held.patients, member)
        spend = np.maximum(np.einsum("lby,bu->lu", held.cost, member), 0.0)
        few = (patients > 0) & (patients <= SMALL)
        small, alone = few.any(axis=2), (few.sum(axis=1) == 1).any(axis=1)
        # Pounds in a year without a patient are of few as much as any: credits, and corrections of earlier years.
        active = (patients > 0).any(axis=2) | (spend > 0)
        share = np.where(small, spend, 0.0).sum(axis=1) / np.maximum(spend.sum(axis=1), 1e-9)
        for place, line in enumerate(held.lines):
            if rung == LADDER[-1] and small[place].any():
                lines[line] = FEW
            too_few = active[place].sum() < FEWEST_UNITS
            if small[place].any() and (too_few or share[place] > MOST_SMALL):
                rungs[line, rung] = FEW_IN_UNITS
            if rung == LADDER[0] and small[place].any() and (too_few or alone[place]):
                sums.add(line)
    return Shown(lines, rungs, frozenset(sums))


def volatility(result: Result, shown: Shown) -> Result:
    """A result of `volatility` as everybody may see it; the column `withheld` says why a row has no numbers."""
    rows = _rungs(result.table, shown)
    for row in rows:
        if row["service_line"] in shown.sums:
            row |= dict.fromkeys(("patients", "spend"))
    return _told(result, rows)


def tiers(found: Tiers, shown: Shown) -> Tiers:
    """The result of `tiers` as everybody may see it. Units have no row, since a chance tells how many patients."""

    def rungs(table: pa.Table) -> pa.Table:
        return _like(table, [row for row in _rungs(table, shown) if row["service_line"] not in shown.lines])

    lines = [_line(row, shown) for row in found.lines.table.to_pylist()]
    sensitivity = [row for row in found.sensitivity.to_pylist() if row["service_line"] not in shown.lines]
    return replace(
        found,
        lines=_told(found.lines, lines),
        rungs=rungs(found.rungs),
        units=found.units.slice(0, 0),
        sensitivity=pa.Table.from_pylist(sensitivity, found.sensitivity.schema),
        tried=rungs(found.tried),
    )


def _rungs(table: pa.Table, shown: Shown) -> list[dict[str, Any]]:
    """Rows of lines by footprint; a gain over single boards goes with those boards' numbers."""
    rows = [_row(row, shown.why(row["service_line"], row["footprint"])) for row in table.to_pylist()]
    for row in rows:
        if "pooling_gain" in row and shown.why(row["service_line"], LADDER[0]):
            row["pooling_gain"] = None
    return rows


def _line(row: Mapping[str, Any], shown: Shown) -> dict[str, Any]:
    """A line's recommendation, without the numbers of a rung that is withheld."""
    code = row["service_line"]
    if code in shown.lines:
        return {**_row(row, shown.lines[code]), **dict.fromkeys(_TOLD), "note": ""}
    told = _row(row, None)
    hidden = {rung for rung in LADDER if shown.why(code, rung)}
    if row["recommended"] in hidden:
        told |= dict.fromkeys(("chance", "margin", "no_longer_if_q_below", "providers", "out_of_area_share"))
        told["withheld"] = shown.why(code, row["recommended"])
    if row["footprint_below"] in hidden:
        told["chance_below"] = None
    # The smallest of several rungs' numbers may be that of a withheld one.
    if hidden:
        told["smaller_if_q_from"] = None
    if code in shown.sums:
        told |= dict.fromkeys(("patients", "spend"))
    return told


def _row(row: Mapping[str, Any], why: str | None) -> dict[str, Any]:
    """A row with each number coarse, or with none where it is withheld."""
    told = {name: _coarse(name, value, why) for name, value in row.items()}
    told["withheld"] = why
    return told


def _coarse(name: str, value: Any, why: str | None) -> Any:
    if isinstance(value, str | bool) or value is None or name in ("q", "years"):
        return value
    if name in _COUNTED and why != FEW:  # areas are no patients
        return value
    if why or name in _GIVES_AWAY:
        return None
    if name == "out_of_area_share":
        return share_band(value)
    if name == "concentration":
        return _concentration(value)
    if name == "patients":
        return to_nearest(value)
    if name == "spend":
        return one_figure(value)
    if name == "providers":
        return float(round(value))
    # A small chance is not none.
    return round(value, 3) or one_figure(value)


def _concentration(value: float) -> str:
    below = [end for end in CONCENTRATIONS if end <= value]
    above = [end for end in CONCENTRATIONS if end > value]
    if not below:
        return f"under {above[0]:g}"
    return f"{below[-1]:g} to {above[0]:g}" if above else f"{below[-1]:g} or more"


def _told(result: Result, rows: list[dict[str, Any]]) -> Result:
    hidden = sum(row["withheld"] is not None for row in rows)
    columns = {}
    for field in result.table.schema:
        if field.name in _GIVES_AWAY:
            continue
        about = _BANDS.get(field.name, meaning(field))
        kind = pa.string() if field.name in _BANDS else field.type
        columns[field.name] = (about, [row[field.name] for row in rows], kind)
    columns["withheld"] = (WITHHELD, [row["withheld"] for row in rows], pa.string())
    note = f"{NOTE} Withheld here: {hidden:,} of {len(rows):,} rows."
    return replace(result, table=described(columns), notes=(*result.notes, note))


def _like(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table like another, bands being words, with `withheld` beside."""
    fields = [
        field.with_type(pa.string()) if field.name in _BANDS else field
        for field in table.schema
        if field.name not in _GIVES_AWAY
    ]
    return pa.Table.from_pylist(rows, pa.schema([*fields, pa.field("withheld", pa.string())]))
