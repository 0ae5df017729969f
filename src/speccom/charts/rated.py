"""A grid of boards and tests with a mark for each rating, told apart by its shape and not by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from speccom.charts.drawing import LETTER, element, number, picture, text
from speccom.charts.look import GRID, INK, NARROW, QUIET

_COLOURS = ("#007f3b", "#8a6100", "#b3261e")
"""Of the best rating, a middle one and the lowest; each stands out on white, and has a shape of its own."""
_SIZE, _LINE = 12, 15
_NOTHING = len(_COLOURS)


def rated_grid(
    key: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[int | None]]],
    tests: Sequence[str],
    ratings: Sequence[str],
    width: int,
) -> str:
    """An SVG with a row for each board: its name, and for each of `tests` the place in `ratings`, the best first.

    None is no rating that is seen. Tests are numbered over their columns and named above, as are the marks.
    """
    names = width * (0.5 if width <= NARROW else 0.4)
    step = (width - names) / len(tests)
    parts, down = _key([*ratings, "Not rated, or not shown"], tests, width)
    down += 24
    parts += [
        text(
            names + (at + 0.5) * step, down, str(at + 1), _SIZE, INK, text_anchor="middle", font_weight="600"
        )
        for at in range(len(tests))
    ]
    down += 8
    for name, rated in rows:
        lines = wrap(name, int(names / (_SIZE * LETTER)))
        height = len(lines) * _LINE + 9
        parts.append(
            element("path", d=f"M0,{number(down)}h{width}", stroke=GRID, stroke_width="1", fill="none")
        )
        parts += [text(0, down + 16 + at * _LINE, line, _SIZE, INK) for at, line in enumerate(lines)]
        middle = down + height / 2
        parts += [
            _mark(names + (at + 0.5) * step, middle, _NOTHING if place is None else place)
            for at, place in enumerate(rated)
        ]
        down += height
    return picture(key, title, description, width, down + 4, parts)


def _key(marks: Sequence[str], tests: Sequence[str], width: int) -> tuple[list[str], float]:
    """What each mark and each number means, and how far down that goes."""
    parts, across = [], 2 if width <= NARROW else 4
    for at, words in enumerate(marks):
        left, down = (at % across) * width / across, 12 + (at // across) * 22
        lines = wrap(words, 18)
        parts += [_mark(left + 8, down, at)]
        parts += [
            text(left + 20, down + 4 + place * 14, line, _SIZE, INK) for place, line in enumerate(lines)
        ]
    top = 12 + ((len(marks) - 1) // across + 1) * 22 + 20
    across = 1 if width <= NARROW else 2
    down_each = -(-len(tests) // across)
    for at, words in enumerate(tests):
        left, down = (at // down_each) * width / across, top + (at % down_each) * 18
        parts.append(text(left, down, f"{at + 1}  {words}", _SIZE, QUIET))
    return parts, top + down_each * 18


def _mark(x: float, y: float, place: int) -> str:
    """A full circle, a diamond, a square that is crossed out, or a dash for nothing."""
    at = f"M{number(x)},{number(y)}"
    if place == _NOTHING:
        return element("path", d=f"{at}m-4,0h8", stroke=QUIET, stroke_width="2", fill="none")
    if place == 0:
        return element("circle", cx=number(x), cy=number(y), r="7", fill=_COLOURS[0])
    if place == 1:
        return element(
            "path", d=f"{at}m0,-7l7,7l-7,7l-7,-7z", stroke=_COLOURS[1], stroke_width="2", fill="#fff"
        )
    return element("path", d=f"{at}m-7,-7h14v14h-14z", fill=_COLOURS[2]) + element(
        "path", d=f"{at}m-4,-4l8,8m0,-8l-8,8", stroke="#fff", stroke_width="2", fill="none"
    )
