"""England's boards by arrangement: as tiles of our own layout, or in their true outlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from speccom.charts.drawing import SHORT, WORDS, element, fill, number, patterns, picture, text
from speccom.charts.layout import COLUMNS, GAP, KEY_COLUMN, ROWS, tiles
from speccom.charts.look import COLOURS, INK, ink_on

WIDTH = 464.0
"""Pixels across, also the most: on a telephone the picture is drawn smaller, its words still read."""

_CELL = WIDTH / COLUMNS
_ORDER = ("national", "joint", "part-joint", "delegated", "part-delegated", "retained", "none")
_LEAST_LABELLED = 1100.0  # square pixels of an outline that has room for its code


@dataclass(frozen=True, slots=True)
class Shown:
    """How one board is shown: its arrangement (a word of `drawing.WORDS`) and its name in full."""

    arrangement: str
    name: str


def tile_picture(key: str, title: str, description: str, on: date, boards: Mapping[str, Shown]) -> str:
    """The boards of a date as tiles, each with its code and the short word of its arrangement."""
    parts: list[str] = []
    for tile in tiles(on):
        shown = boards.get(tile.area, Shown("none", tile.short_name))
        ink = ink_on(COLOURS[shown.arrangement])
        x, y = (tile.column + tile.width / 2) * _CELL, (tile.row + tile.height / 2) * _CELL
        square = element(
            "rect",
            x=number((tile.column + GAP / 2) * _CELL),
            y=number((tile.row + GAP / 2) * _CELL),
            width=number((tile.width - GAP) * _CELL),
            height=number((tile.height - GAP) * _CELL),
            rx="3",
            fill=COLOURS[shown.arrangement],
        )
        size = 17.0 if len(tile.area) <= 3 or tile.width > 1 else 15.5
        parts.append(
            element(
                "g",
                None,
                element("title", _said(tile.area, shown)),
                square,
                text(x, y - 2, tile.area, size, ink, text_anchor="middle", font_weight="700"),
                text(x, y + 17, SHORT[shown.arrangement], 14.5, ink, text_anchor="middle"),
            )
        )
    parts += _key(boards, lambda arrangement: COLOURS[arrangement], KEY_COLUMN * _CELL)
    return picture(key, title, description, WIDTH, ROWS * _CELL, parts)


def outline_picture(
    key: str,
    title: str,
    description: str,
    shapes: Mapping[str, Sequence[Sequence[tuple[float, float]]]],
    outlined: Mapping[str, Shown],
    boards: Mapping[str, Shown],
) -> str:
    """Shapes (rings, east and north) filled by pattern, as `outlined` says of each.

    `boards` are those of the day: the key counts them, and their shapes carry their codes if there is room.
    """
    west = min(x for rings in shapes.values() for ring in rings for x, _ in ring)
    east = max(x for rings in shapes.values() for ring in rings for x, _ in ring)
    north = max(y for rings in shapes.values() for ring in rings for _, y in ring)
    south = min(y for rings in shapes.values() for ring in rings for _, y in ring)
    scale = (WIDTH - 4) / (east - west)

    def drawn(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(2 + (x - west) * scale, 2 + (north - y) * scale) for x, y in ring]

    areas, labels = [], []
    for board, rings in shapes.items():
        shown = outlined[board]
        placed = [drawn(ring) for ring in rings]
        areas.append(
            element(
                "path",
                None,
                element("title", _said(board, shown)),
                d="".join(map(_path, placed)),
                fill=fill(key, shown.arrangement),
                fill_rule="evenodd",
                stroke="#fff",
                stroke_width="1.2",
            )
        )
        area, x, y = max(map(_middle, placed))
        if board in boards and area >= _LEAST_LABELLED:
            halo = {"stroke": COLOURS[shown.arrangement], "stroke_width": "4", "paint_order": "stroke"}
            labels.append(text(x, y + 5, board, 15, "#fff", text_anchor="middle", font_weight="700", **halo))
    key_at = WIDTH * 0.66
    parts = [
        patterns(key, (shown.arrangement for shown in outlined.values())),
        *areas,
        *labels,
        *_key(boards, lambda arrangement: fill(key, arrangement), key_at),
    ]
    return picture(key, title, description, WIDTH, (north - south) * scale + 4, parts)


def counted(boards: Mapping[str, Shown]) -> dict[str, int]:
    """Arrangement → how many boards have it, in the order of the key."""
    counts = Counter(shown.arrangement for shown in boards.values())
    return {arrangement: counts[arrangement] for arrangement in _ORDER if counts[arrangement]}


def _said(board: str, shown: Shown) -> str:
    return f"{shown.name} ({board}): {WORDS[shown.arrangement].lower()}"


def _key(boards: Mapping[str, Shown], filled: Callable[[str], str], x: float) -> Iterator[str]:
    """Each arrangement that is there, with its colour, its short word and how many boards have it."""
    for place, (arrangement, count) in enumerate(counted(boards).items()):
        y = 14 + 24 * place
        yield element(
            "rect", x=number(x), y=number(y), width="17", height="17", rx="2", fill=filled(arrangement)
        )
        yield text(x + 24, y + 14, f"{WORDS[arrangement]} ({count})", 14.5, INK)


def _path(ring: Sequence[tuple[float, float]]) -> str:
    """A closed line, each point after the first said by how far it is from the one before."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(tenths)]
    start = f"M{number(tenths[0][0] / 10)},{number(tenths[0][1] / 10)}"
    return start + "l" + " ".join(f"{number(x / 10)},{number(y / 10)}" for x, y in steps if x or y) + "z"


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The area of a ring and its centre of mass."""
    doubled = across = down = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled, across, down = doubled + cross, across + (x1 + x2) * cross, down + (y1 + y2) * cross
    if not doubled:
        return 0.0, *ring[0]
    return abs(doubled) / 2, across / (3 * doubled), down / (3 * doubled)
