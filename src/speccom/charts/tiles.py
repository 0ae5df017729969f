"""England as square tiles, one for each ICB, placed roughly where it lies; coloured by what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from speccom.charts.figure import INK, NARROW, Chart, values
from speccom.charts.layout import COLUMNS, GAP, KEY_COLUMN, ROWS, Tile, tiles
from speccom.charts.look import contrast, ink_on

__all__ = [
    "NOTHING",
    "SEQUENCE",
    "Paint",
    "Tile",
    "colour_of",
    "contrast",
    "five_steps",
    "ink_on",
    "tile_map",
    "tiles",
]

SEQUENCE = ("#e3eef4", "#b7d3e3", "#7fb0cd", "#276b95", "#0b4f7a")
"""Five steps from little to much, one hue, each darker than the last: it also reads in grey."""
NOTHING = "#f1f1f1"


@dataclass(frozen=True, slots=True)
class Paint:
    """What one tile carries: its colour, and what is written under its code."""

    colour: str
    label: str


def five_steps(numbers: Sequence[float]) -> list[float]:
    """The four bounds that part numbers into five groups of like size, ascending and without repeats."""
    ordered = sorted(numbers)
    if not ordered:
        return []
    return sorted({ordered[len(ordered) * step // 5] for step in range(1, 5)})


def colour_of(number: float, bounds: Sequence[float]) -> str:
    """The step of the sequence in which a number lies; the darkest is always the highest."""
    step = sum(number >= bound for bound in bounds)
    return SEQUENCE[len(SEQUENCE) - 1 - len(bounds) + step]


def tile_map(
    on: date, paint: Mapping[str, Paint], key: Sequence[tuple[str, str]], key_title: str, width: int
) -> Chart:
    """The areas of `on`, each painted as `paint` says; `key` is (colour, words), top to bottom."""
    cell = width / COLUMNS if width <= NARROW else 68
    squares, texts = [], []
    for tile in tiles(on):
        painted = paint.get(tile.area, Paint(NOTHING, "–"))
        ink = ink_on(painted.colour)
        squares.append(
            {
                "x": tile.column + GAP / 2,
                "x2": tile.column + tile.width - GAP / 2,
                "y": tile.row + GAP / 2,
                "y2": tile.row + tile.height - GAP / 2,
                "colour": painted.colour,
            }
        )
        middle = {"x": tile.column + tile.width / 2, "y": tile.row + tile.height / 2, "ink": ink}
        # The codes given from 2026 have five characters: smaller, or they would leave their tile.
        size = (
            (15 if width > NARROW else 12)
            if len(tile.area) <= 3 or tile.width > 1
            else (14 if width > NARROW else 10)
        )
        texts.append({**middle, "code": tile.area, "label": painted.label, "size": size})
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, COLUMNS], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, ROWS], nice=False, reverse=True))
    label_size = 10.5 if width <= NARROW else 13
    text = alt.Chart(values(texts)).encode(x=x, y=y, color=alt.Color("ink:N", scale=None))
    layers = [
        alt.Chart(values(squares))
        .mark_rect(cornerRadius=3, stroke="#8b98a0", strokeWidth=0.5)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("colour:N", scale=None)),
        text.mark_text(dy=-cell * 0.13, fontWeight=700).encode(
            text="code:N", size=alt.Size("size:Q", scale=None)
        ),
        text.mark_text(dy=cell * 0.2, fontSize=label_size).encode(text="label:N"),
        *_key(key, key_title, x, y, 0.46),
    ]
    return alt.layer(*layers).properties(width=cell * COLUMNS, height=cell * ROWS, padding=0)


def _key(key: Sequence[tuple[str, str]], title: str, x: alt.X, y: alt.Y, step: float) -> list[alt.Chart]:
    swatches = [
        {
            "x": KEY_COLUMN,
            "x2": KEY_COLUMN + 0.34,
            "y": 0.5 + number * step,
            "y2": 0.84 + number * step,
            "colour": colour,
        }
        for number, (colour, _) in enumerate(key)
    ]
    words = [
        {"x": KEY_COLUMN + 0.44, "y": 0.67 + number * step, "text": text}
        for number, (_, text) in enumerate(key)
    ]
    heading = [{"x": KEY_COLUMN, "y": 0.2, "text": title}]
    return [
        alt.Chart(values(swatches))
        .mark_rect(stroke="#8b98a0", strokeWidth=0.5)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("colour:N", scale=None)),
        alt.Chart(values(words))
        .mark_text(align="left", fontSize=11.5, color=INK)
        .encode(x=x, y=y, text="text:N"),
        alt.Chart(values(heading))
        .mark_text(align="left", fontSize=11.5, color=INK, fontWeight=600)
        .encode(x=x, y=y, text="text:N"),
    ]
