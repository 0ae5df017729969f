"""Where each integrated care board stands when England is drawn as square tiles, roughly as it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from speccom import content
from speccom.period import Interval, parse_date

COLUMNS, ROWS, GAP = 8, 10, 0.06
KEY_COLUMN = 5.2  # the sea off the north east is free: the key stands there


@dataclass(frozen=True, slots=True)
class Tile:
    """Where one area stands in the grid, and how many cells it covers after a merger."""

    area: str
    short_name: str
    column: int
    row: int
    width: int
    height: int


@cache
def _all_tiles() -> list[tuple[Interval, Tile]]:
    found = []
    for row in content.rows(__package__, "area_tiles"):
        valid = Interval(
            parse_date(row["valid_from"]), parse_date(row["valid_to"]) if row["valid_to"] else None
        )
        place = (int(row[name]) for name in ("column", "row", "width", "height"))
        found.append((valid, Tile(row["area"], row["short_name"], *place)))
    return found


def tiles(on: date) -> list[Tile]:
    """The tiles of the ICBs that exist on a date: 42 before April 2026, 36 from then."""
    return [tile for valid, tile in _all_tiles() if on in valid]
