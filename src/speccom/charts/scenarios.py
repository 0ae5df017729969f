"""Scenarios drawn: who gains and loses, where in England, how steady lines are, and two beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from speccom.charts.axes import Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.layout import COLUMNS, GAP, KEY_COLUMN, ROWS, Tile
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND, ink_on
from speccom.charts.tiles import tiles
from speccom.charts.units import pounds_of, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.result import Result

Row = Mapping[str, Any]
LINES_DRAWN = 20
"""Lines in the picture of volatility: those whose chance changes most. The table has them all."""
_AREAS = ("area_name", "area", "without", "came", "allocation", "gain", "gain_share", "closing_distance")
_CHANCES = (
    "service_line_name",
    "service_line",
    "footprint_before",
    "units_before",
    "chance_before",
    "footprint_after",
    "units_after",
    "chance_after",
)
_COMPARED = ("area_name", "area", "allocation", "other_allocation", "difference", "closing_distance")
_SHADES = (
    (-0.005, "#b4530a", "loses 0.5% and more"),
    (-0.001, "#e6a56e", "loses 0.1% to 0.5%"),
    (0.001, "#f1f1f1", "within 0.1%"),
    (0.005, "#7fb0cd", "gains 0.1% to 0.5%"),
    (float("inf"), "#0b5d8f", "gains 0.5% and more"),
)
"""Up to which gain, as a share, a tile has which colour: orange loses, blue gains, each darker for more."""


def gains(result: Result) -> Figure | None:
    """A bar for each board in the first year: what the formula gives it or takes, the largest gain first.

    `result` is that of `finance.scenarios.results.areas_of`. None where nobody gains or loses.
    """
    rows = _first(result)
    if not any(row["gain"] for row in rows):
        return None
    rows.sort(key=lambda row: (-row["gain"], row["area"]))
    up = [row for row in rows if row["gain"] > 0]
    down = [row for row in rows if row["gain"] < 0]
    told = f"In {rows[0]['year']} {len(up)} boards gain and {len(down)} lose. "
    if up:
        told += f"Most gains {_name(up[0])}, {_signed(up[0]['gain'])}. "
    if down:
        told += f"Most loses {_name(down[-1])}, {_signed(down[-1]['gain'])}."
    return by_hand(
        "scenario-gains",
        "Who gains and who loses",
        told.strip(),
        written(result, _AREAS, "Who gains and who loses", rows),
        lambda width, _: _bars(rows, width),
        synthetic=result.synthetic,
    )


def _bars(rows: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    left, step, tall = (0.0, 32.0, 12.0) if narrow else (300.0, 20.0, 13.0)
    values = [pounds_of(row["gain"]) for row in rows]
    low, high = min(0.0, *values), max(0.0, *values)
    room = 70.0
    begin = left + (room if low < 0 else 4.0)
    end = width - (room if high > 0 else 4.0)
    scale = (end - begin) / (high - low)
    zero = begin - low * scale
    parts = []
    for place, (row, value) in enumerate(zip(rows, values, strict=True)):
        top = 6 + place * step
        bar = top + (15 if narrow else 3)
        words = _fit(_name(row), (width if narrow else left - 12) / (size * LETTER))
        at, anchor = (0.0, "start") if narrow else (left - 10, "end")
        parts.append(text(at, top + size - 1, words, size, INK, text_anchor=anchor))
        length = max(abs(value) * scale, 1.0)
        x = zero if value >= 0 else zero - length
        colour = ACCENT if value >= 0 else SECOND
        box = {"x": number(x), "y": number(bar), "width": number(length), "height": number(tall)}
        parts.append(element("rect", fill=colour, **box))
        label, hook = (x + length + 5, "start") if value >= 0 else (x - 5, "end")
        parts.append(text(label, bar + tall - 2, _signed(row["gain"]), size - 1, INK, text_anchor=hook))
    bottom = 6 + len(rows) * step
    parts.append(line(zero, 2, zero, bottom, QUIET))
    return Drawn(bottom + 4, tuple(parts))


# --- where


def gain_map(result: Result, on: date) -> Figure | None:
    """England in tiles: each board of a day, with what the board that it is a part of gains in the first year.

    None where no board of the day is told of.
    """
    rows = _first(result)
    of: dict[str, Row] = {}
    for row in rows:
        for code in [row["area"], *str(row["made_of"]).split(", ")]:
            of.setdefault(code, row)
    drawn = [(tile, of[tile.area]) for tile in tiles(on) if tile.area in of]
    if not drawn:
        return None
    counts = [0] * len(_SHADES)
    for row in rows:
        counts[_shade(row)] += 1
    told = "Gain or loss of each board by the formula, in percent of what it would have: " + "; ".join(
        f"{words}: {count}" for (_, _, words), count in zip(_SHADES, counts, strict=True) if count
    )
    return by_hand(
        "scenario-map",
        "Gain and loss across England",
        f"{told}. A tile is a board as it was in the base year, with what the board gains that it is now a part of.",
        written(result, _AREAS, "Gain and loss across England", rows),
        lambda width, _: _tiles(drawn, counts, width),
        synthetic=result.synthetic,
    )


def _tiles(drawn: Sequence[tuple[Tile, Row]], counts: Sequence[int], width: int) -> Drawn:
    narrow = width <= NARROW
    cell = width / COLUMNS if narrow else 68.0
    left = 0.0 if narrow else (width - cell * COLUMNS) / 2
    parts = []
    for tile, row in drawn:
        colour = _SHADES[_shade(row)][1]
        x, y = left + (tile.column + GAP / 2) * cell, (tile.row + GAP / 2) * cell
        box = {
            "x": number(x),
            "y": number(y),
            "width": number((tile.width - GAP) * cell),
            "height": number((tile.height - GAP) * cell),
        }
        parts.append(element("rect", fill=colour, rx="3", stroke="#8b98a0", stroke_width="0.5", **box))
        ink, middle = ink_on(colour), x + (tile.width - GAP) * cell / 2
        size = 12.0 if narrow else 14.0
        half = y + (tile.height - GAP) * cell / 2
        parts.append(text(middle, half - 2, tile.area, size, ink, text_anchor="middle", font_weight="700"))
        parts.append(
            text(middle, half + size, _points(row["gain_share"]), size - 1.5, ink, text_anchor="middle")
        )
    top = 0.0
    at = left + KEY_COLUMN * cell
    if narrow:
        at, top = 0.0, ROWS * cell + 6
    for place, ((_, colour, words), count) in enumerate(zip(_SHADES, counts, strict=True)):
        y = top + 6 + place * 21
        parts.append(
            element("rect", x=number(at), y=number(y), width="15", height="15", fill=colour, stroke="#8b98a0")
        )
        parts.append(text(at + 21, y + 12, f"{words} ({count})", 12.0, INK))
    return Drawn(max(ROWS * cell, top + 6 + len(_SHADES) * 21), tuple(parts))


def _shade(row: Row) -> int:
    share = row["gain_share"] or 0.0
    return next(place for place, (bound, _, _) in enumerate(_SHADES) if share <= bound)


# --- how steady


def chances(result: Result) -> Figure | None:
    """Each line's chance of missing what was expected, before and after; the lines that change most. None for none."""
    rows = [row for row in result.table.to_pylist() if row["chance_before"] is not None][:LINES_DRAWN]
    if not rows:
        return None
    steadier = sum(row["chance_after"] < row["chance_before"] for row in rows)
    told = (
        f"Of {len(rows)} lines drawn, {steadier} are steadier after. Most changes "
        f"{_line(rows[0])}: {rows[0]['chance_before']:.0%} before, {rows[0]['chance_after']:.0%} after. "
        "Hollow: before; full: after."
    )
    return by_hand(
        "scenario-chances",
        "Chance of missing the expected cost, before and after",
        told,
        written(result, _CHANCES, "Chance of missing the expected cost, before and after"),
        lambda width, _: _dots(
            rows, width, _line, "chance_before", "chance_after", lambda value: f"{value:.0%}", (0.0, 1.0)
        ),
        synthetic=result.synthetic,
    )


def side_by_side(result: Result) -> Figure | None:
    """Each board's closing distance from target in two scenarios, in the last year that both have. None for none."""
    held = result.table.to_pylist()
    last = max((row["year"] for row in held), default="")
    rows = [
        row
        for row in held
        if row["year"] == last
        and row["closing_distance"] is not None
        and row["other_closing_distance"] is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row["closing_distance"], row["area"]))
    most = max(rows, key=lambda row: abs(row["difference"]))
    told = (
        f"{last}: the largest difference is {_name(most)}’s, {_signed(most['difference'])} here against the other. "
        "Hollow: the other; full: this."
    )
    ends = [value for row in rows for value in (row["closing_distance"], row["other_closing_distance"], 0.0)]
    room = max((max(ends) - min(ends)) * 0.06, 0.0005)
    return by_hand(
        "scenario-compared",
        "Distance from target in both",
        told,
        written(result, _COMPARED, "Distance from target in both", rows),
        lambda width, _: _dots(
            rows,
            width,
            _name,
            "other_closing_distance",
            "closing_distance",
            lambda value: _points(value, 1),
            (min(ends) - room, max(ends) + room),
        ),
        synthetic=result.synthetic,
    )


def _dots(
    rows: Sequence[Row],
    width: int,
    named: Callable[[Row], str],
    before: str,
    after: str,
    said: Callable[[float], str],
    ends: tuple[float, float],
) -> Drawn:
    """A row for each subject with a hollow mark before and a full one after."""
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    left, step, top = (8.0, 34.0, 24.0) if narrow else (330.0, 22.0, 24.0)
    right, bottom = width - 22.0, top + step * len(rows)
    measure = Measure(*ends, "", said)

    def x(value: float) -> float:
        return left + (value - ends[0]) / (ends[1] - ends[0]) * (right - left)

    parts = []
    for value in ticks(measure, 4 if narrow else 8):
        parts.append(line(x(value), top - 4, x(value), bottom, GRID))
        parts.append(text(x(value), top - 9, said(value), size - 1, QUIET, text_anchor="middle"))
    for place, row in enumerate(rows):
        y = top + place * step + (25 if narrow else 12)
        words = _fit(named(row), (width if narrow else left - 14) / (size * LETTER))
        at, base, anchor = (0.0, y - 11, "start") if narrow else (left - 12, y + 4, "end")
        parts.append(text(at, base, words, size, INK, text_anchor=anchor))
        colour = ACCENT if row[after] <= row[before] else SECOND
        parts.append(
            line(x(row[before]), y, x(row[after]), y, colour, stroke_width="3", stroke_opacity="0.5")
        )
        hollow = {"fill": "#fff", "stroke": colour, "stroke_width": "2"}
        parts.append(element("circle", cx=number(x(row[before])), cy=number(y), r="4.5", **hollow))
        parts.append(element("circle", cx=number(x(row[after])), cy=number(y), r="5", fill=colour))
    return Drawn(bottom + 8, tuple(parts))


def _first(result: Result) -> list[Row]:
    rows = result.table.to_pylist()
    first = min((row["year"] for row in rows), default="")
    return [row for row in rows if row["year"] == first]


def _name(row: Row) -> str:
    return short_name(str(row["area_name"]))


def _line(row: Row) -> str:
    return f"{row['service_line'].removeprefix('NCBPS')} {row['service_line_name']}"


def _fit(words: str, room: float) -> str:
    return words if len(words) <= room else f"{words[: int(room) - 1]}…"


def _signed(value: Any) -> str:
    return f"+{short_pounds(float(value))}" if value > 0 else short_pounds(float(value))


def _points(share: float | None, places: int = 2) -> str:
    if share is None:
        return "–"
    said = f"{share * 100:+.{places}f}%".replace("-", "−")
    return said if any(digit in said for digit in "123456789") else "0%"
