"""The states of an assessment and the moves between them, drawn from their tables as an SVG picture."""

from __future__ import annotations

from xml.sax.saxutils import escape

from speccom.readiness.tables import Move, moves, sides, states

_WIDE, _HIGH, _GAP, _LEFT, _TOP = 200, 56, 84, 270, 10
_INK, _PAPER, _ON, _BACK = "#212b32", "#ffffff", "#005eb8", "#8a3a00"


def svg() -> str:
    """A picture for wide and narrow pages; each arrow carries the move's name and who makes it."""
    order = list(states())
    height = _TOP * 2 + len(order) * _HIGH + (len(order) - 1) * _GAP
    boxes = "".join(_box(number, state) for number, state in enumerate(order))
    arrows = "".join(_arrow(move, order) for move in moves().values())
    told = "; ".join(
        f"{move.name}: from “{states()[move.from_state].name}” to “{states()[move.to_state].name}”"
        for move in moves().values()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" role="img" '
        f'aria-label="{escape(told)}" font-family="Arial, sans-serif" font-size="15">'
        f'<rect width="740" height="{height}" fill="{_PAPER}"/>{boxes}{arrows}</svg>'
    )


def _y(number: int) -> int:
    return _TOP + number * (_HIGH + _GAP)


def _box(number: int, state: str) -> str:
    middle = _LEFT + _WIDE // 2
    return (
        f'<rect x="{_LEFT}" y="{_y(number)}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="{_PAPER}" '
        f'stroke="{_INK}" stroke-width="2"/><text x="{middle}" y="{_y(number) + _HIGH // 2 + 5}" '
        f'text-anchor="middle" fill="{_INK}" font-weight="bold">{escape(states()[state].name)}</text>'
    )


def _arrow(move: Move, order: list[str]) -> str:
    """On the right going on, on the left going back."""
    start, end = order.index(move.from_state), order.index(move.to_state)
    on = end > start
    x = _LEFT + (_WIDE * 3 // 4 if on else _WIDE // 4)
    begin, stop = (_y(start) + _HIGH, _y(end)) if on else (_y(start), _y(end) + _HIGH)
    colour, tip = (_ON, stop - 9) if on else (_BACK, stop + 9)
    side, anchor = (x + 12, "start") if on else (x - 12, "end")
    middle, dashes = (begin + stop) // 2, "" if on else ' stroke-dasharray="6 4"'
    return (
        f'<line x1="{x}" y1="{begin}" x2="{x}" y2="{tip}" stroke="{colour}" stroke-width="2"{dashes}/>'
        f'<path d="M {x - 6} {tip} L {x + 6} {tip} L {x} {stop} Z" fill="{colour}"/>'
        f'<text x="{side}" y="{middle - 3}" text-anchor="{anchor}" fill="{colour}">{escape(move.name)}</text>'
        f'<text x="{side}" y="{middle + 15}" text-anchor="{anchor}" fill="{_INK}" font-size="12">'
        f"{escape(_by(move))}</text>"
    )


def _by(move: Move) -> str:
    kind = {"icb": "the board's lead", "region": "the regional team", "national": "the national team"}
    return f"by {kind[sides()[move.side].kind]}"
