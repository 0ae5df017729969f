"""England as square tiles, one for each ICB, placed roughly where it lies; coloured by what is asked."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import altair as alt

from speccom.charts.figure import INK, NARROW, Chart, values
from speccom.period import Interval, parse_date

_COLUMNS, _ROWS, _GAP = 8, 10, 0.06
_KEY_COLUMN = 5.2  # the sea off the north east is free: the key stands there
SEQUENCE = ("#e3eef4", "#b7d3e3", "#7fb0cd", "#276b95", "#0b4f7a")
"""Five steps from little to much, one hue, each darker than the last: it also reads in grey."""
NOTHING = "#f1f1f1"


@dataclass(frozen=True, slots=True)
class Tile:
    """Where one area stands in the grid, and how many cells it covers after a merger."""

    area: str
    short_name: str
    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Paint:
    """What one tile carries: its colour, and what is written under its code."""

    colour: str
    label: str


@cache
def _all_tiles() -> list[tuple[Interval, Tile]]:
    text = resources.files("speccom.charts").joinpath("content", "area_tiles.csv").read_text(encoding="utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        valid = Interval(
            parse_date(row["valid_from"]), parse_date(row["valid_to"]) if row["valid_to"] else None
        )
        place = (int(row[name]) for name in ("column", "row", "width", "height"))
        found.append((valid, Tile(row["area"], row["short_name"], *place)))
    return found


def tiles(on: date) -> list[Tile]:
    """The tiles of the ICBs that exist on a date: 42 before April 2026, 36 from then."""
    return [tile for valid, tile in _all_tiles() if on in valid]


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
    cell = width / _COLUMNS if width <= NARROW else 68
    squares, texts = [], []
    for tile in tiles(on):
        painted = paint.get(tile.area, Paint(NOTHING, "–"))
        ink = ink_on(painted.colour)
        squares.append(
            {
                "x": tile.column + _GAP / 2,
                "x2": tile.column + tile.width - _GAP / 2,
                "y": tile.row + _GAP / 2,
                "y2": tile.row + tile.height - _GAP / 2,
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
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _COLUMNS], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, _ROWS], nice=False, reverse=True))
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
    return alt.layer(*layers).properties(width=cell * _COLUMNS, height=cell * _ROWS, padding=0)


def _key(key: Sequence[tuple[str, str]], title: str, x: alt.X, y: alt.Y, step: float) -> list[alt.Chart]:
    swatches = [
        {
            "x": _KEY_COLUMN,
            "x2": _KEY_COLUMN + 0.34,
            "y": 0.5 + number * step,
            "y2": 0.84 + number * step,
            "colour": colour,
        }
        for number, (colour, _) in enumerate(key)
    ]
    words = [
        {"x": _KEY_COLUMN + 0.44, "y": 0.67 + number * step, "text": text}
        for number, (_, text) in enumerate(key)
    ]
    heading = [{"x": _KEY_COLUMN, "y": 0.2, "text": title}]
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


def ink_on(colour: str) -> str:
    """Dark or white, whichever stands out more on a colour."""
    return max(("#ffffff", INK), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as the accessibility guidelines (WCAG 2.2) define it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
