"""Bars to either side of nought, one to an area, each with its name and pounds; knows nothing of what is netted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from speccom.charts.axes import line
from speccom.charts.drawing import LETTER, Drawn, element, number, text
from speccom.charts.look import INK, NARROW, QUIET, SECOND
from speccom.charts.units import short_pounds

HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}


class NetBar(NamedTuple):
    """One area and its net pounds; a chosen one is drawn heavier."""

    code: str
    name: str
    pounds: float
    chosen: bool


def net_bars(bars: Sequence[NetBar], ends: tuple[str, str], colour: str, width: int) -> Drawn:
    """The bars one under another, in the order given. `ends` say what lies left and right of nought.

    `colour` is of bars to the right. On a narrow page each name stands above its bar.
    """
    narrow = width <= NARROW
    size, step = (11.5, 34.0) if narrow else (13.0, 22.0)
    names, room = (0.0, 62.0) if narrow else (250.0, 76.0)
    drop = 15.0 if narrow else 0.0
    most = max((abs(bar.pounds) for bar in bars), default=1.0) or 1.0
    half = (width - names - 2 * room) / 2
    zero, top = names + room + half, 28.0
    bottom = top + len(bars) * step
    parts = [
        text(zero - 8, 14, ends[0], 12, QUIET, text_anchor="end"),
        text(zero + 8, 14, ends[1], 12, QUIET),
        line(zero, top - 4, zero, bottom, INK),
    ]
    for place, bar in enumerate(bars):
        y = top + place * step
        length = abs(bar.pounds) / most * half
        weight = {"font_weight": "700"} if bar.chosen else {}
        named = name_and_code(bar.name, bar.code, width if narrow else names - 4, size)
        parts.append(text(0, y + size, named, size, INK, **weight, **HALO))
        box = {
            "x": number(zero if bar.pounds >= 0 else zero - length),
            "y": number(y + drop + 2),
            "width": number(max(length, 0.5)),
            "height": "15",
        }
        ring = {"stroke": INK, "stroke_width": "2"} if bar.chosen else {}
        parts.append(element("rect", fill=colour if bar.pounds >= 0 else SECOND, **box, **ring))
        at, anchor = (zero + length + 5, "start") if bar.pounds >= 0 else (zero - length - 5, "end")
        said = signed_pounds(bar.pounds)
        parts.append(text(at, y + drop + size + 1, said, size - 0.5, INK, text_anchor=anchor, **weight))
    return Drawn(bottom + 6, tuple(parts))


def signed_pounds(value: float) -> str:
    """`+£1.2m` or `−£1.2m`."""
    return f"+{short_pounds(value)}" if value > 0 else short_pounds(value)


def name_and_code(name: str, code: str, room: float, size: float) -> str:
    """`North East London QMF`, the name cut where there is no room for all of it."""
    letters = int(room / size / LETTER) - len(code) - 1
    return f"{name if len(name) <= letters else name[: letters - 1].rstrip() + '…'} {code}".rstrip()
