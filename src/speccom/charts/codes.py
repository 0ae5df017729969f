"""What stands under a picture whose marks carry codes: each code with its name, so that nobody looks for a legend."""

from __future__ import annotations

from collections.abc import Mapping

from speccom.charts.drawing import LETTER, text
from speccom.charts.look import INK, NARROW

_SIZE, _STEP = 12.0, 17.0
_COLUMN = 350.0  # room for the longest names of boards


def codes_in_words(names: Mapping[str, str], width: int, top: float) -> tuple[list[str], float]:
    """A line for each code in the order given, in as many columns as fit; and how far down they go.

    Nothing, and `top` itself, where there is no code.
    """
    columns = 1 if width <= NARROW else max(int(width // _COLUMN), 1)
    deep = -(-len(names) // columns)
    room = width / columns
    after = max((len(code) for code in names), default=0) * _SIZE * 0.85 + 8
    parts = []
    for place, (code, name) in enumerate(names.items()):
        x, y = place // deep * room, top + 10 + (place % deep + 1) * _STEP
        letters = int((room - after - 6) / _SIZE / LETTER)
        told = name if len(name) <= letters else name[: letters - 1].rstrip() + "…"
        parts += [text(x, y, code, _SIZE, INK, font_weight="700"), text(x + after, y, told, _SIZE, INK)]
    return parts, top + (10 + deep * _STEP + 6 if names else 0)
