"""Rates by fifth of deprivation with the line through them, and boards by their relative index; decides nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from speccom.charts.axes import Frame, Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND
from speccom.charts.units import said, written
from speccom.charts.words import short_name
from speccom.insight.areas import ENGLAND
from speccom.insight.equity_tables import (
    BOARDS,
    FEWER,
    FIFTH_NAMES,
    MORE,
    PATIENTS,
    SPEND,
)
from speccom.insight.fifths import FIFTHS
from speccom.insight.result import Result

Row = Mapping[str, Any]
MEASURES = {
    "patients": (PATIENTS, "rate", "rate", "Patients for each 100,000 people", "patients per 100,000"),
    "spend": (SPEND, "standardised_spend", "spend", "Pounds for each person", "£ per person"),
}
"""What can be drawn: the measure's name, its column, the stem of its limits, its axis and its unit."""

_BAND = "#eef2f4"
_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}
_FIFTHS = ("fifth", "population", "patients", "access", "rate", "rate_lower", "rate_upper", "fitted")
_SPENT = (
    "fifth",
    "population",
    "patients",
    "spend",
    "spend_per_head",
    "standardised_spend",
    "spend_lower",
    "spend_upper",
)
_LINES = (
    "icb_name",
    "icb",
    "patients",
    "slope_index",
    "slope_lower",
    "slope_upper",
    "relative_index",
    "relative_lower",
    "relative_upper",
    "reading",
)


def gradient_picture(
    fifths: Result, gradients: Result, icb: str = ENGLAND, measure: str = "patients"
) -> Figure | None:
    """One area's rates by fifth, each as wide as its people, with limits and the fitted line; most deprived left.

    `fifths` and `gradients` are those of `insight.equity`; `measure` is of `MEASURES`. None where no fifth has a rate.
    """
    name, column, stem, axis, unit = MEASURES[measure]
    of_area = {row["fifth"]: row for row in fifths.table.to_pylist() if row["icb"] == icb}
    rows = [of_area[FIFTH_NAMES[fifth]] for fifth in FIFTHS if FIFTH_NAMES[fifth] in of_area]
    if len(rows) < len(FIFTHS) or not any(row[column] is not None for row in rows):
        return None
    found = [row for row in gradients.table.to_pylist() if row["icb"] == icb and row["measure"] == name]
    fitted = found[0] if found and found[0]["slope_index"] is not None else None
    area = short_name(rows[0]["icb_name"])
    shown = _FIFTHS if measure == "patients" else _SPENT
    return by_hand(
        f"gradient-{measure}",
        f"{fifths.title}: {axis.lower()} by fifth, {area}",
        _gradient_words(rows, found[0] if found else None, column, unit, axis, area),
        written(fifths, shown, f"{axis} by fifth of deprivation, {area}", rows),
        lambda width, _: _gradient(rows, fitted, column, stem, axis, unit, width),
        synthetic=fifths.synthetic,
    )


def boards_picture(gradients: Result, icb: str | None = None) -> Figure | None:
    """Boards in order of the relative index of patients, each with its limits, against no gradient and England.

    None where no board has an index.
    """
    rows = [
        row
        for row in gradients.table.to_pylist()
        if row["measure"] == PATIENTS and row["relative_index"] is not None
    ]
    boards = sorted((row for row in rows if row["icb"] != ENGLAND), key=lambda row: -row["relative_index"])
    if not boards:
        return None
    england = next((row for row in rows if row["icb"] == ENGLAND), None)
    return by_hand(
        "gradient-boards",
        f"{gradients.title}: boards by their relative index",
        _boards_words(boards, england, _not_drawn(gradients)),
        written(gradients, _LINES, "Gradient of patients by deprivation, by board", boards),
        lambda width, _: _caterpillar(boards, england, icb, width),
        synthetic=gradients.synthetic,
    )


# --- in words


def _gradient_words(
    rows: Sequence[Row], found: Row | None, column: str, unit: str, axis: str, area: str
) -> str:
    each = [
        f"{'withheld' if row.get('withheld') else said(row[column], unit, 'not known')} in fifth {row['fifth']}"
        for row in rows
    ]
    told = f"{axis} in {area}, {found['rates'] if found else 'crude'}: {', '.join(each)}."
    if found is None or found["slope_index"] is None:
        return f"{told} No line is fitted{': ' + found['note'] if found and found['note'] else ''}."
    told += (
        f" The fitted line goes from {said(found['most_deprived'], unit)} at the most deprived end to "
        f"{said(found['least_deprived'], unit)} at the least deprived."
    )
    if found["reading"]:
        told += f" {found['reading'][:1].upper()}{found['reading'][1:]}."
    if found["told_by"] == BOARDS:
        told += " Told by boards alone: all difference within boards is hidden."
    return told


def _not_drawn(gradients: Result) -> int:
    rows = gradients.table.to_pylist()
    return sum(
        row["measure"] == PATIENTS and row["icb"] != ENGLAND and row["relative_index"] is None for row in rows
    )


def _boards_words(boards: Sequence[Row], england: Row | None, left_out: int) -> str:
    more = sum(row["reading"] == MORE for row in boards)
    fewer = sum(row["reading"] == FEWER for row in boards)
    told = (
        f"{_plural(len(boards), 'board')} by the fitted rate of patients at the most deprived end over that at the "
        f"least. In {more} the rate is higher in deprived areas by more than chance would give, in {fewer} lower."
    )
    if england:
        told += f" England: {england['relative_index']:.2f}."
    if left_out:
        told += f" {_plural(left_out, 'board')} without an index: the table says why."
    first, last = boards[0], boards[-1]
    return (
        f"{told} The highest is {short_name(first['icb_name'])} ({first['relative_index']:.2f}), the lowest "
        f"{short_name(last['icb_name'])} ({last['relative_index']:.2f})."
    )


# --- one area's fifths


def _gradient(
    rows: Sequence[Row], fitted: Row | None, column: str, stem: str, axis: str, unit: str, width: int
) -> Drawn:
    narrow = width <= NARROW
    size, height = (12.0, 330) if narrow else (14.0, 430)
    people = [row["population"] or 0.0 for row in rows]
    most = max(
        value
        for row in rows
        for value in (row[column], row[f"{stem}_upper"], *_ends_of(fitted))
        if value is not None
    )
    up = Measure(min(0.0, *_lowest(rows, stem)), most * 1.12 or 1, axis, lambda value: f"{value:,g}")
    marks = [f"{value:,g}" for value in ticks(up, 4 if narrow else 6)]
    left_of = max(len(words) for words in marks) * size * LETTER + 12
    box = Box(left_of, 34, width - 8, height - (3.4 if narrow else 3.6) * size)
    frame = Frame(box, Measure(0, sum(people) or 1, "Width: people who live in each fifth", str), up, size)
    parts, left = _bands(frame, rows, people, narrow), 0.0
    if fitted:
        ends = [frame.y(fitted["most_deprived"]), frame.y(fitted["least_deprived"])]
        parts.append(line(box.left, ends[0], box.right, ends[1], SECOND, stroke_width="2.5"))
    for row, wide in zip(rows, people, strict=True):
        if row[column] is not None and wide:
            parts += _point(frame, left + wide / 2, row, column, stem)
        elif row.get("withheld"):
            parts.append(
                text(frame.x(left + wide / 2), box.bottom - 8, "withheld", size, QUIET, text_anchor="middle")
            )
        left += wide
    if fitted:
        parts += _fitted_words(frame, fitted, rows, column, stem)
    return Drawn(height, tuple(parts))


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _ends_of(fitted: Row | None) -> tuple[float, ...]:
    return (fitted["most_deprived"], fitted["least_deprived"]) if fitted else ()


def _lowest(rows: Sequence[Row], stem: str) -> list[float]:
    """Where limits of pounds go below nought, the picture does too."""
    return [row[f"{stem}_lower"] for row in rows if row[f"{stem}_lower"] is not None] or [0.0]


def _bands(frame: Frame, rows: Sequence[Row], people: Sequence[float], narrow: bool) -> list[str]:
    """The fifths as columns as wide as their people, every other one shaded, with their names below."""
    box, parts, left = frame.box, [], 0.0
    for place, wide in enumerate(people):
        x, across = frame.x(left), frame.x(left + wide) - frame.x(left)
        if place % 2 == 0:
            parts.append(
                element(
                    "rect",
                    x=number(x),
                    y=number(box.top),
                    width=number(across),
                    height=number(box.bottom - box.top),
                    fill=_BAND,
                )
            )
        middle = x + across / 2
        if wide:
            parts.append(
                text(
                    middle, box.bottom + frame.size + 4, str(place + 1), frame.size, INK, text_anchor="middle"
                )
            )
        left += wide
    for value in ticks(frame.up, 4 if narrow else 6):
        y = frame.y(value)
        parts.append(line(box.left, y, box.right, y, GRID))
        parts.append(
            text(
                box.left - 6,
                y + frame.size * 0.35,
                frame.up.written(value),
                frame.size,
                INK,
                text_anchor="end",
            )
        )
    parts.append(text(0, 14, frame.up.title, frame.size, QUIET))
    below = box.bottom + 2 * frame.size + 10
    parts.append(text(box.left, below, "← most deprived", frame.size, INK))
    parts.append(text(box.right, below, "least deprived →", frame.size, INK, text_anchor="end"))
    if not narrow:
        middle = (box.left + box.right) / 2
        parts.append(text(middle, below, frame.across.title, frame.size, QUIET, text_anchor="middle"))
    return parts


def _point(frame: Frame, at: float, row: Row, column: str, stem: str) -> list[str]:
    """A fifth's rate with its limits, and its value beside it."""
    x, y, parts = frame.x(at), frame.y(row[column]), []
    low, high = row[f"{stem}_lower"], row[f"{stem}_upper"]
    top = y
    if low is not None and high is not None:
        top, bottom = frame.y(high), frame.y(low)
        parts.append(line(x, top, x, bottom, ACCENT, stroke_width="2"))
        parts += [line(x - 5, end, x + 5, end, ACCENT, stroke_width="2") for end in (top, bottom)]
    parts.append(element("circle", cx=number(x), cy=number(y), r="5.5", fill=ACCENT))
    words = _figure(row[column])
    parts.append(text(x, top - 8, words, frame.size, INK, text_anchor="middle", **_HALO))
    return parts


def _fitted_words(frame: Frame, fitted: Row, rows: Sequence[Row], column: str, stem: str) -> list[str]:
    """What the line is at both ends, below the limits of the fifth there."""
    box, parts = frame.box, []
    for row, x, value, anchor in (
        (rows[0], box.left + 4, fitted["most_deprived"], "start"),
        (rows[-1], box.right - 4, fitted["least_deprived"], "end"),
    ):
        lowest = [value, *(row[name] for name in (column, f"{stem}_lower") if row[name] is not None)]
        y = frame.y(min(lowest)) + frame.size * 1.4
        if y > box.bottom - 4:
            y = frame.y(max(value, row[f"{stem}_upper"] or value)) - frame.size * 2
        words = f"line {_figure(value)}"
        parts.append(text(x, y, words, frame.size, SECOND, text_anchor=anchor, **_HALO))
    return parts


def _figure(value: float) -> str:
    """A rate to three figures, in full from a hundred on."""
    words = f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")
    return words.replace("-", "−")


# --- boards by their index


def _caterpillar(boards: Sequence[Row], england: Row | None, icb: str | None, width: int) -> Drawn:
    narrow = width <= NARROW
    size, step = (12.0, 33.0) if narrow else (13.0, 20.0)
    left = 8.0 if narrow else 320.0
    top = 14 + 3 * (size + 4) + 30
    box = Box(left, top, width - (44 if narrow else 60), top + step * len(boards))
    rows = [*boards, *([england] if england else [])]
    values = [row["relative_index"] for row in rows]
    # A board of few patients has limits off any page: the indices decide what is in the picture.
    ends = sorted(row["relative_upper"] for row in rows if row["relative_upper"] is not None)
    low, high = min(*values, 0.9) * 0.8, max(*values, 1.1) * 1.2
    if ends:
        high = max(high, min(ends[len(ends) * 3 // 4], high * 2))
    measure = Measure(math.log(low), math.log(high), "", str)
    frame = Frame(box, measure, Measure(0, 1, "", str), size)
    parts = _index_axis(frame, low, high)
    parts.append(line(frame.x(0), top - 6, frame.x(0), box.bottom, INK, stroke_width="1.5"))
    if england:
        x = frame.x(math.log(england["relative_index"]))
        parts.append(line(x, top - 6, x, box.bottom, SECOND, stroke_width="1.5", stroke_dasharray="5 4"))
        parts.append(
            text(
                x,
                top - 10,
                f"England {england['relative_index']:.2f}",
                size,
                SECOND,
                text_anchor="middle",
                **_HALO,
            )
        )
    for place, row in enumerate(boards):
        parts += _board(frame, row, top + step * (place + (0.72 if narrow else 0.5)), icb, narrow)
    return Drawn(box.bottom + size + 16, tuple(parts))


def _index_axis(frame: Frame, low: float, high: float) -> list[str]:
    box, size = frame.box, frame.size
    marks = (0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10)
    held = [value for value in marks if low <= value <= high]
    explained = (
        "Line’s rate: most deprived ÷ least deprived.",
        "Above 1: more patients in deprived areas.",
        "Filled: more than chance would give.",
    )
    parts = [text(0, 14 + place * (size + 4), words, size, QUIET) for place, words in enumerate(explained)]
    parts += [
        line(frame.x(math.log(value)), box.top, frame.x(math.log(value)), box.bottom, GRID) for value in held
    ]
    taken: list[float] = []
    for value in sorted(held, key=lambda value: (value != 1, value not in (0.5, 2), abs(math.log(value)))):
        x = frame.x(math.log(value))
        if all(abs(x - other) > size * 2.8 for other in taken):
            taken.append(x)
            parts.append(text(x, box.bottom + size + 6, f"{value:g}", size, INK, text_anchor="middle"))
    return parts


def _board(frame: Frame, row: Row, y: float, icb: str | None, narrow: bool) -> list[str]:
    """A board's name, its index filled where its limits leave chance out, and the limits, cut at the frame."""
    box, size = frame.box, frame.size
    name = short_name(row["icb_name"])
    chosen = row["icb"] == icb
    weight = {"font_weight": "bold"} if chosen else {}
    if narrow:
        parts = [text(0, y - size * 0.85, name, size, INK, **weight, **_HALO)]
    else:
        parts = [text(box.left - 8, y + size * 0.35, _cut(name), size, INK, text_anchor="end", **weight)]
    x = frame.x(math.log(row["relative_index"]))
    clear = row["reading"] in (MORE, FEWER)
    colour = SECOND if chosen else ACCENT if clear else QUIET
    low, high = row["relative_lower"], row["relative_upper"]
    if low is not None and high is not None:
        start, end = (min(max(frame.x(math.log(value)), box.left), box.right) for value in (low, high))
        parts.append(line(start, y, end, y, colour, stroke_width="2"))
        parts += [
            element(
                "path",
                d=f"M{number(edge + back)},{number(y - 4)}L{number(edge)},{number(y)}l{back},4",
                fill="none",
                stroke=colour,
            )
            for edge, back, cut in (
                (box.left, 5, frame.x(math.log(low)) < box.left),
                (box.right, -5, frame.x(math.log(high)) > box.right),
            )
            if cut
        ]
    ring = {"fill": colour} if clear else {"fill": "#fff", "stroke": colour, "stroke_width": "2"}
    parts.append(element("circle", cx=number(x), cy=number(y), r="5", **ring))
    parts.append(text(box.right + 6, y + size * 0.35, f"{row['relative_index']:.2f}", size, INK))
    return parts


def _cut(name: str, most: int = 42) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
