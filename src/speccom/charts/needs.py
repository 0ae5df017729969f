"""A need model in pictures: coefficients with their limits, calibration, what is left and the index by board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from speccom.charts.axes import Frame, Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box
from speccom.charts.layout import COLUMNS, GAP, KEY_COLUMN, ROWS, Tile, tiles
from speccom.charts.look import ACCENT, INK, NARROW, QUIET, SECOND, ink_on
from speccom.charts.tiles import NOTHING, SEQUENCE, colour_of, five_steps
from speccom.charts.units import written
from speccom.insight.result import Result

Row = Mapping[str, Any]
Painted = tuple[str, str]
"""The colour of a tile, and what is written under its code."""
FROM_MERGERS = date(2026, 4, 1)
_BOUNDARIES = (date(2025, 4, 1), FROM_MERGERS)
_BANDS = (
    (0.95, "#0b4f7a", "under 0.95"),
    (0.98, "#9cc5dc", "0.95 to 0.98"),
    (1.02, "#efefef", "0.98 to 1.02"),
    (1.05, "#f3b27a", "1.02 to 1.05"),
    (float("inf"), "#a34508", "1.05 and more"),
)
"""Observed over predicted up to a bound → colour and words; the number stands in each tile as well."""
_COEFFICIENTS = (
    "term",
    "part",
    "coefficient",
    "standard_error",
    "lower",
    "upper",
    "effect",
    "effect_lower",
    "effect_upper",
    "inflation",
)
_CALIBRATION = ("tenth", "areas", "population", "predicted_ratio", "observed_over_predicted")
_INDEX = (
    "area",
    "population",
    "age_index",
    "additional_index",
    "need_index",
    "need_weighted_population",
    "share",
)
_LEFT = ("of", "areas", "population", "observed_over_predicted")


def coefficients_picture(result: Result) -> Figure | None:
    """The effect of a standard deviation of each need and supply variable, with 95% limits; dummies are not drawn."""
    rows = [row for row in result.table.to_pylist() if row["part"] in ("need", "supply")]
    if not rows:
        return None
    told = "Effect of one standard deviation of each variable, with 95% limits. " + " ".join(
        f"{row['term']} ({row['part']}): {_signed(row['effect'])} ({_signed(row['effect_lower'])} to "
        f"{_signed(row['effect_upper'])})."
        for row in rows
    )
    if any(row["part"] == "supply" for row in rows):
        told += " Hollow squares are supply, which is held at its mean when need is told."
    return by_hand(
        "need-coefficients",
        result.title,
        told,
        written(result, _COEFFICIENTS, result.title, rows),
        lambda width, _: _forest(rows, width),
        synthetic=result.synthetic,
    )


def calibration_picture(result: Result) -> Figure | None:
    """Observed against predicted ratio of each tenth of the prediction, beside the line of equality.

    A tenth without an observed value, withheld from public pages, is not drawn.
    """
    rows = [row for row in result.table.to_pylist() if row["observed_over_predicted"] is not None]
    if not rows:
        return None
    furthest = max(rows, key=lambda row: abs(row["observed_over_predicted"] - 1))
    told = (
        f"Observed against predicted outcome of {len(rows)} tenths of people by prediction. On the line they are "
        f"equal. Furthest from it is tenth {furthest['tenth']}, with {furthest['observed_over_predicted']:.3f} times "
        "what was predicted."
    )
    return by_hand(
        "need-calibration",
        result.title,
        told,
        written(result, _CALIBRATION, result.title, rows),
        lambda width, _: _calibrated(rows, width),
        synthetic=result.synthetic,
    )


def residual_map(result: Result) -> Figure | None:
    """Observed over predicted by board, as tiles; none where the rows are of no boards."""
    rows = [
        row
        for row in result.table.to_pylist()
        if row["kind"] == "board" and row["observed_over_predicted"] is not None
    ]
    held = {row["of"]: row["observed_over_predicted"] for row in rows}
    painted = {code: (_band(value), f"{value:.2f}") for code, value in held.items()}
    if (on := _on(held)) is None:
        return None
    low, high = min(held, key=held.__getitem__), max(held, key=held.__getitem__)
    told = (
        f"Observed over predicted outcome by board, supply included: from {held[low]:.2f} in {_name(on, low)} to "
        f"{held[high]:.2f} in {_name(on, high)}. What is left after the model’s variables."
    )
    key = [(colour, words) for _, colour, words in _BANDS]
    return by_hand(
        "need-residuals",
        result.title,
        told,
        written(result, _LEFT, result.title, rows),
        lambda width, _: _tiled(on, painted, key, "Observed ÷\npredicted", width),
        synthetic=result.synthetic,
    )


def index_map(result: Result) -> Figure | None:
    """The need index by board, as tiles; none where the rows are of no boards."""
    rows = result.table.to_pylist()
    held = {row["area"]: row["need_index"] for row in rows}
    if (on := _on(held)) is None:
        return None
    bounds = five_steps(list(held.values()))
    painted = {code: (colour_of(value, bounds), f"{value:.2f}") for code, value in held.items()}
    low, high = min(held, key=held.__getitem__), max(held, key=held.__getitem__)
    told = (
        f"Need for each head by board against England’s 1, with supply at its mean: from {held[low]:.3f} in "
        f"{_name(on, low)} to {held[high]:.3f} in {_name(on, high)}."
    )
    ends = [
        f"under {bounds[0]:.3f}",
        *(f"{one:.3f} to {other:.3f}" for one, other in pairwise(bounds)),
        f"{bounds[-1]:.3f} and more",
    ]
    key = list(zip(SEQUENCE[-len(ends) :], ends, strict=True))
    return by_hand(
        "need-index",
        result.title,
        told,
        written(result, _INDEX, result.title, rows),
        lambda width, _: _tiled(on, painted, key, "Need index", width),
        synthetic=result.synthetic,
    )


PICTURES: dict[str, Callable[[Result], Figure | None]] = {
    "coefficients": coefficients_picture,
    "calibration": calibration_picture,
    "residuals": residual_map,
    "index": index_map,
}
"""The tables that can be drawn, each with what draws it."""


# --- coefficients


def _forest(rows: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    step, top = (46, 40) if narrow else (34, 40)
    names = 0 if narrow else min(max(len(row["term"]) for row in rows) * size * LETTER + 20, 300)
    height = top + step * len(rows) + 3.2 * size
    ends = [value for row in rows for value in (row["effect_lower"], row["effect_upper"], 0.0)]
    room = (max(ends) - min(ends)) * 0.06 or 0.01
    frame = Frame(
        Box(max(names, 18), top, width - 22, top + step * len(rows)),
        Measure(min(ends) - room, max(ends) + room, "Effect of one standard deviation", _signed),
        Measure(0, 1, "", str),
        size,
    )
    marks = [(value, _signed(value)) for value in ticks(frame.across, 3 if narrow else 7)]
    parts = frame.drawn_at(marks, ())
    parts.append(line(frame.x(0), frame.box.top, frame.x(0), frame.box.bottom, INK, stroke_width="1.5"))
    parts += _parts_key(size)
    for place, row in enumerate(rows):
        y = top + step * (place + 0.5) + (8 if narrow else 0)
        colour = ACCENT if row["part"] == "need" else SECOND
        x = frame.x(row["effect"])
        parts.append(
            line(frame.x(row["effect_lower"]), y, frame.x(row["effect_upper"]), y, colour, stroke_width="2.5")
        )
        parts.append(_point(x, y, row["part"]))
        if narrow:
            parts.append(text(0, y - 12, _cut(row["term"], 44), size, INK, **_HALO))
        else:
            parts.append(text(0, y + size * 0.35, _cut(row["term"], 40), size, INK))
    return Drawn(height, tuple(parts))


_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}


def _point(x: float, y: float, part: str) -> str:
    if part == "need":
        return element("circle", cx=number(x), cy=number(y), r="5.5", fill=ACCENT)
    return element(
        "rect",
        x=number(x - 5),
        y=number(y - 5),
        width="10",
        height="10",
        fill="#fff",
        stroke=SECOND,
        stroke_width="2.2",
    )


def _parts_key(size: float) -> list[str]:
    return [
        _point(8, 12, "need"),
        text(20, 16, "need", size, INK),
        _point(76, 12, "supply"),
        text(88, 16, "supply, held at its mean", size, INK),
    ]


# --- calibration


def _calibrated(rows: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 330 if narrow else 460
    points = [
        (row["tenth"], row["predicted_ratio"], row["predicted_ratio"] * row["observed_over_predicted"])
        for row in rows
    ]
    values = [value for _, told, seen in points for value in (told, seen)]
    room = (max(values) - min(values)) * 0.08 or 0.1
    low, high = min(values) - room, max(values) + room
    frame = Frame(
        Box(48 if narrow else 56, 34, width - 16, height - 3.2 * size),
        Measure(low, high, "Predicted, national = 1", _plain),
        Measure(low, high, "Observed, national = 1", _plain),
        size,
    )
    parts = frame.drawn(4 if narrow else 6)
    parts.append(
        line(frame.x(low), frame.y(low), frame.x(high), frame.y(high), QUIET, stroke_dasharray="6 4")
    )
    for tenth, told, seen in points:
        x, y = frame.x(told), frame.y(seen)
        parts.append(element("circle", cx=number(x), cy=number(y), r="5.5", fill=ACCENT))
        above = seen >= told
        parts.append(
            text(
                x + (-8 if above else 8),
                y + (-6 if above else size),
                str(tenth),
                size - 1,
                INK,
                text_anchor="end" if above else "start",
            )
        )
    return Drawn(height, tuple(parts))


# --- tiles


def _on(held: Mapping[str, float]) -> date | None:
    """The date whose boards the rows are of; none where hardly any is a board of either."""
    if not held:
        return None
    counts = {on: sum(tile.area in held for tile in tiles(on)) for on in _BOUNDARIES}
    on = max(counts, key=counts.__getitem__)
    return on if counts[on] >= len(held) / 2 else None


def _name(on: date, board: str) -> str:
    return next((f"{tile.short_name} ({board})" for tile in tiles(on) if tile.area == board), board)


def _band(value: float) -> str:
    return next(colour for bound, colour, _ in _BANDS if value < bound)


def _tiled(on: date, painted: Mapping[str, Painted], key: Sequence[Painted], title: str, width: int) -> Drawn:
    cell = width / COLUMNS if width <= NARROW else 62.0
    parts = [part for tile in tiles(on) for part in _tile(tile, cell, painted)]
    x, size = KEY_COLUMN * cell, 11.0 if width <= NARROW else 13.0
    heading = title.split("\n")
    parts += [
        text(x, (size + 3) * (place + 1), words, size, INK, font_weight="600")
        for place, words in enumerate(heading)
    ]
    for place, (colour, words) in enumerate(key):
        y = (size + 3) * len(heading) + 7 + place * (size + 6)
        parts.append(
            element(
                "rect",
                x=number(x),
                y=number(y),
                width=number(size),
                height=number(size),
                fill=colour,
                stroke="#8b98a0",
                stroke_width="0.5",
            )
        )
        parts.append(text(x + size + 6, y + size - 1, words, size, INK))
    return Drawn(ROWS * cell, tuple(parts))


def _tile(tile: Tile, cell: float, painted: Mapping[str, Painted]) -> list[str]:
    colour, words = painted.get(tile.area, (NOTHING, "–"))
    x, y = (tile.column + tile.width / 2) * cell, (tile.row + tile.height / 2) * cell
    ink = ink_on(colour)
    short = len(tile.area) <= 3 or tile.width > 1
    code, under = cell * (0.27 if short else 0.22), cell * 0.24
    square = element(
        "rect",
        x=number((tile.column + GAP / 2) * cell),
        y=number((tile.row + GAP / 2) * cell),
        width=number((tile.width - GAP) * cell),
        height=number((tile.height - GAP) * cell),
        rx="3",
        fill=colour,
        stroke="#8b98a0",
        stroke_width="0.5",
    )
    return [
        square,
        text(x, y - cell * 0.03, tile.area, code, ink, text_anchor="middle", font_weight="700"),
        text(x, y + cell * 0.27, words, under, ink, text_anchor="middle"),
    ]


# --- words


def _signed(value: float) -> str:
    said = f"{value:+.3f}".replace("-", "−")
    return "0" if said.strip("+−0.") == "" else said.rstrip("0")


def _plain(value: float) -> str:
    return f"{value:.3g}"


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
