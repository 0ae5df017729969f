"""The states of a course and the moves between them, as an SVG picture; it knows no course by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from speccom.charts.look import ACCENT, INK, SECOND

_WIDE, _HIGH, _GAP, _EDGE, _TOP, _WORDS = 240, 56, 84, 20, 10, 270


class Arrow(NamedTuple):
    """One move: its words, from which state to which, and who makes it."""

    name: str
    start: str
    end: str
    by: str = ""


def course(states: Mapping[str, str], arrows: Sequence[Arrow], aside: str = "") -> str:
    """States (key → words) from above to below, with `aside` beside them, where a course is given up.

    Each arrow carries its words: to the right going on, to the left and dashed going back.
    """
    order = [state for state in states if state != aside]
    back = any(each.end != aside and order.index(each.end) < order.index(each.start) for each in arrows)
    left = _WORDS if back else _EDGE
    right = left + _WIDE + _WORDS
    across, height = right + (_WIDE + _EDGE if aside else 0), _y(len(order)) - _GAP + _TOP
    middle = _y(0) + (_HIGH + _GAP) // 2
    boxes = [_box(states[state], left, _y(place)) for place, state in enumerate(order)]
    drawn = [
        _out(each, left + _WIDE, _y(order.index(each.start)), right, middle)
        if each.end == aside
        else _along(each, left, order.index(each.start), order.index(each.end))
        for each in arrows
    ]
    if aside:
        boxes.append(_box(states[aside], right, middle))
    told = "; ".join(f"{each.name}: from “{states[each.start]}” to “{states[each.end]}”" for each in arrows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{height}" viewBox="0 0 {across} {height}" '
        f'role="img" aria-label="{escape(told)}" font-family="Arial, sans-serif" font-size="15">'
        f'<rect width="{across}" height="{height}" fill="#ffffff"/>{"".join(boxes)}{"".join(drawn)}</svg>'
    )


def _y(place: int) -> int:
    return _TOP + place * (_HIGH + _GAP)


def _box(words: str, left: int, top: int) -> str:
    return (
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="#ffffff" '
        f'stroke="{INK}" stroke-width="2"/><text x="{left + _WIDE // 2}" y="{top + _HIGH // 2 + 5}" '
        f'text-anchor="middle" fill="{INK}" font-weight="bold">{escape(words)}</text>'
    )


def _along(arrow: Arrow, left: int, start: int, end: int) -> str:
    on = end > start
    x = left + (_WIDE * 3 // 4 if on else _WIDE // 4)
    begin, stop = (_y(start) + _HIGH, _y(end)) if on else (_y(start), _y(end) + _HIGH)
    colour, tip = (ACCENT, stop - 9) if on else (SECOND, stop + 9)
    side, anchor = (x + 12, "start") if on else (x - 12, "end")
    middle, dashes = (begin + stop) // 2, "" if on else ' stroke-dasharray="6 4"'
    by = (
        f'<text x="{side}" y="{middle + 15}" text-anchor="{anchor}" fill="{INK}" font-size="12">'
        f"{escape(arrow.by)}</text>"
        if arrow.by
        else ""
    )
    return (
        f'<line x1="{x}" y1="{begin}" x2="{x}" y2="{tip}" stroke="{colour}" stroke-width="2"{dashes}/>'
        f'<path d="M {x - 6} {tip} L {x + 6} {tip} L {x} {stop} Z" fill="{colour}"/>'
        f'<text x="{side}" y="{middle - 3}" text-anchor="{anchor}" fill="{colour}">{escape(arrow.name)}</text>{by}'
    )


def _out(arrow: Arrow, x: int, top: int, right: int, aside: int) -> str:
    """To the box beside the others."""
    y, end = top + _HIGH // 2, aside + _HIGH // 2
    return (
        f'<path d="M {x} {y} L {right - 8} {end}" stroke="{ACCENT}" stroke-width="2" fill="none"/>'
        f'<circle cx="{right - 5}" cy="{end}" r="5" fill="{ACCENT}"/>'
        f'<text x="{x + 24}" y="{y - 4 if y < end else y + 22}" fill="{ACCENT}">{escape(arrow.name)}</text>'
    )
