"""The states of a review round and the moves between them, drawn from their tables as an SVG picture."""

from __future__ import annotations

from xml.sax.saxutils import escape

from speccom.portfolio.course import WITHDRAWN, Move, moves, states

_WIDE, _HIGH, _GAP, _LEFT, _TOP = 190, 52, 72, 20, 10
_ASIDE = _LEFT + _WIDE + 270
_INK, _PAPER, _ON = "#212b32", "#ffffff", "#005eb8"


def svg() -> str:
    """The round from above to below, with what ends it early beside it; each arrow carries its move's name."""
    order = [state for state in states() if state != WITHDRAWN]
    height = _TOP * 2 + len(order) * _HIGH + (len(order) - 1) * _GAP
    boxes = "".join(_box(state, _LEFT, _y(place)) for place, state in enumerate(order))
    aside = _y(0) + (_HIGH + _GAP) // 2
    arrows = "".join(_arrow(each, order, aside) for each in moves() if each.from_state)
    told = "; ".join(
        f"{each.name}: from “{states()[each.from_state].name}” to “{states()[each.to_state].name}”"
        for each in moves()
        if each.from_state
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 {height}" role="img" '
        f'aria-label="{escape(told)}" font-family="Arial, sans-serif" font-size="15">'
        f'<rect width="700" height="{height}" fill="{_PAPER}"/>{boxes}{_box(WITHDRAWN, _ASIDE, aside)}{arrows}</svg>'
    )


def _y(place: int) -> int:
    return _TOP + place * (_HIGH + _GAP)


def _box(state: str, left: int, top: int) -> str:
    return (
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="{_PAPER}" '
        f'stroke="{_INK}" stroke-width="2"/><text x="{left + _WIDE // 2}" y="{top + _HIGH // 2 + 5}" '
        f'text-anchor="middle" fill="{_INK}" font-weight="bold">{escape(states()[state].name)}</text>'
    )


def _arrow(move: Move, order: list[str], aside: int) -> str:
    """Down to the next state; or to the side, where the round is given up."""
    start = _y(order.index(move.from_state))
    if move.to_state == WITHDRAWN:
        x, y = _LEFT + _WIDE, start + _HIGH // 2
        end = aside + _HIGH // 2
        return (
            f'<path d="M {x} {y} L {_ASIDE - 8} {end}" stroke="{_ON}" stroke-width="2" fill="none"/>'
            f'<circle cx="{_ASIDE - 5}" cy="{end}" r="5" fill="{_ON}"/>'
            f'<text x="{x + 24}" y="{y - 4 if y < end else y + 22}" fill="{_ON}">{escape(move.name)}</text>'
        )
    x, begin, stop = _LEFT + _WIDE // 2, start + _HIGH, _y(order.index(move.to_state))
    return (
        f'<line x1="{x}" y1="{begin}" x2="{x}" y2="{stop - 9}" stroke="{_ON}" stroke-width="2"/>'
        f'<path d="M {x - 6} {stop - 9} L {x + 6} {stop - 9} L {x} {stop} Z" fill="{_ON}"/>'
        f'<text x="{x + 12}" y="{(begin + stop) // 2 + 5}" fill="{_ON}">{escape(move.name)}</text>'
    )
