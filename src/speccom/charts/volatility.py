"""What has varied against what chance alone would vary, line by line, or chance alone along the ladder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from speccom.charts.axes import Frame, Measure, line
from speccom.charts.drawing import Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box, Labels
from speccom.charts.look import ACCENT, INK, NARROW, QUIET, SECOND
from speccom.charts.tiers import RUNGS
from speccom.charts.units import percent, written
from speccom.insight.result import Result
from speccom.insight.tiers import LADDER

Row = Mapping[str, Any]
NAMED = 5
"""Lines that are named in the picture: those furthest from chance, or of the most spend."""
_BY = {
    "icb": "each board",
    "multi_icb": "several boards",
    "region": "region",
    "england": "England as a whole",
}
_DOT = "#5d6d76"
_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}
_STEPS = tuple(times * 10.0**power for power in range(-5, 3) for times in (1, 2, 5))
_SHOWN = (
    "service_line",
    "service_line_name",
    "footprint",
    "units",
    "patients",
    "spend",
    "observed_variation",
    "chance_variation",
    "volume_variation",
    "providers",
    "out_of_area_share",
    "pooling_gain",
    "note",
)


def volatility_picture(result: Result, footprint: str = "england") -> Figure | None:
    """Observed against chance-only variation where years show any; else chance-only variation by footprint.

    `result` is that of `insight.volatility.volatility`; `footprint` is the rung whose rows are dots.
    """
    rows = result.table.to_pylist()
    own = [
        row
        for row in rows
        if row["footprint"] == footprint
        and _above(row, "observed_variation")
        and _above(row, "chance_variation")
    ]
    return _scatter_figure(result, own, footprint) if own else _slopes_figure(result, rows)


def _above(row: Row, name: str) -> bool:
    return row[name] is not None and row[name] > 0


def _scatter_figure(result: Result, rows: Sequence[Row], footprint: str) -> Figure:
    beyond = sorted(rows, key=lambda row: -(row["observed_variation"] / row["chance_variation"]))
    twice = [row for row in beyond if row["observed_variation"] > 2 * row["chance_variation"]]
    told = (
        f"{len(rows):,} lines, planned by {_BY[footprint]}, by how much their yearly cost has varied "
        f"and how much it would by chance alone. {len(twice):,} have varied more than twice as much."
    )
    for row in beyond[:1]:
        told += (
            f" Furthest beyond chance: {row['service_line_name']}, {percent(row['observed_variation'])} against "
            f"{percent(row['chance_variation'])}."
        )
    return by_hand(
        "volatility",
        f"{result.title}: observed against chance",
        told,
        written(result, _SHOWN, result.title, rows),
        lambda width, _: _draw_scatter(rows, beyond[:NAMED], width),
        synthetic=result.synthetic,
    )


def _logs(values: Sequence[float], title: str) -> Measure:
    low, high = math.log10(min(values)), math.log10(max(values))
    room = (high - low) * 0.06 or 0.2
    return Measure(low - room, high + room, title, str)


def _ticks(measure: Measure, most: int) -> list[tuple[float, str]]:
    """Round percentages between the ends, thinned to as many as there is room for."""
    inside = [step for step in _STEPS if measure.low <= math.log10(step) <= measure.high]
    if len(inside) > most:
        inside = [step for step in inside if f"{step:e}".startswith("1")] or inside[
            :: len(inside) // most + 1
        ]
    return [(math.log10(step), f"{step * 100:g}%") for step in inside]


def _draw_scatter(rows: Sequence[Row], named: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 360 if narrow else 500
    box = Box(48 if narrow else 58, 40, width - 14, height - 3.2 * size)
    both = [row[name] for row in rows for name in ("chance_variation", "observed_variation")]
    measure = _logs(both, "Variation by chance alone")
    up = Measure(measure.low, measure.high, "Variation that years have shown", str)
    frame = Frame(box, measure, up, size)
    marks = _ticks(measure, 5 if narrow else 9)
    parts = frame.drawn_at(marks, marks)
    corner = (frame.x(measure.low), frame.y(measure.low), frame.x(measure.high), frame.y(measure.high))
    parts.append(line(*corner, QUIET, stroke_width="1.5"))
    labels = Labels(Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2), size)
    for row in rows:
        labels.take(*_place(frame, row), 3)
    for row in rows:
        x, y = _place(frame, row)
        mark = {"fill": SECOND} if row in named else {"fill": _DOT, "fill_opacity": "0.6"}
        parts.append(element("circle", cx=number(x), cy=number(y), r="5" if row in named else "3", **mark))
    told = labels.place(
        "as chance alone", (corner[0] + corner[2]) / 2, (corner[1] + corner[3]) / 2, 10, must=True
    )
    if told:
        parts.append(text(told.x, told.y, told.words, size, QUIET, text_anchor=told.anchor, **_HALO))
    for row in named:
        words = row["service_line"] if narrow else _cut(row["service_line_name"])
        if placed := labels.place(words, *_place(frame, row), 8):
            parts.append(text(placed.x, placed.y, words, size, INK, text_anchor=placed.anchor, **_HALO))
    return Drawn(height, tuple(parts))


def _place(frame: Frame, row: Row) -> tuple[float, float]:
    return frame.x(math.log10(row["chance_variation"])), frame.y(math.log10(row["observed_variation"]))


def _cut(name: str, most: int = 42) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


# --- chance alone along the ladder


def _slopes_figure(result: Result, rows: Sequence[Row]) -> Figure | None:
    by_line: dict[str, dict[str, Row]] = {}
    for row in rows:
        if _above(row, "chance_variation"):
            by_line.setdefault(row["service_line"], {})[row["footprint"]] = row
    lines = [held for held in by_line.values() if len(held) > 1]
    if not lines:
        return None
    greatest = sorted(lines, key=lambda held: -(max(row["spend"] or 0 for row in held.values())))[:NAMED]
    told = (
        f"How much chance alone moves the yearly cost of {len(lines):,} line{'s' * (len(lines) != 1)}, from one "
        "board to England. Too few years are held to see what has varied."
    )
    for held in greatest:
        ends = [percent(held[rung]["chance_variation"]) for rung in LADDER if rung in held]
        told += f" {next(iter(held.values()))['service_line_name']}: {ends[0]} falls to {ends[-1]}."
    shown = [row for row in rows if row["chance_variation"] is not None]
    return by_hand(
        "volatility",
        f"{result.title}: by chance alone",
        told,
        written(result, _SHOWN, result.title, shown),
        lambda width, _: _draw_slopes(lines, greatest, width),
        synthetic=result.synthetic,
    )


def _draw_slopes(lines: Sequence[Mapping[str, Row]], named: Sequence[Mapping[str, Row]], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 380 if narrow else 480
    box = Box(48 if narrow else 62, 40, width - (74 if narrow else 270), height - 3.2 * size)
    values = [row["chance_variation"] for held in lines for row in held.values()]
    frame = Frame(
        box,
        Measure(0, len(LADDER) - 1, "", str),
        _logs(values, "Variation of a year’s cost, by chance"),
        size,
    )
    short = {"multi_icb": "Several", "icb": "Board"} if narrow else {}
    across = [(float(nth), short.get(rung, RUNGS[rung])) for nth, rung in enumerate(LADDER)]
    parts = frame.drawn_at(across, _ticks(frame.up, 6 if narrow else 9))
    plain = {"stroke": _DOT, "stroke_width": "1", "stroke_opacity": "0.18"}
    strong = {"stroke": ACCENT, "stroke_width": "2.4"}
    for held in lines:
        if held not in named:
            parts.append(_slope(frame, held, plain))
    ends: list[tuple[float, str]] = []
    for held in named:
        parts.append(_slope(frame, held, strong))
        last = next(held[rung] for rung in reversed(LADDER) if rung in held)
        name = last["service_line"] if narrow else _cut(last["service_line_name"], 36)
        ends.append((frame.y(math.log10(last["chance_variation"])), name))
    below = float("-inf")
    for y, words in sorted(ends):
        below = max(y, below + size + 2)
        parts.append(text(box.right + 6, below + size * 0.35, words, size - 0.5, INK))
    return Drawn(height, tuple(parts))


def _slope(frame: Frame, held: Mapping[str, Row], stroke: Mapping[str, str]) -> str:
    points = " ".join(
        f"{number(frame.x(nth))},{number(frame.y(math.log10(held[rung]['chance_variation'])))}"
        for nth, rung in enumerate(LADDER)
        if rung in held
    )
    return element("polyline", points=points, fill="none", **stroke)
