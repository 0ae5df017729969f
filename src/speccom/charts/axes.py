"""A frame for two measures drawn by hand: round steps, grid lines, their words; knows no subject."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from speccom.charts.drawing import element, number, text
from speccom.charts.labels import Box
from speccom.charts.look import GRID, INK, QUIET


@dataclass(frozen=True, slots=True)
class Measure:
    """One axis: its ends in its own unit, what it is called, and how a value on it is written."""

    low: float
    high: float
    title: str
    written: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where two measures lie in a picture: across from left to right, up from bottom to top."""

    box: Box
    across: Measure
    up: Measure
    size: float

    def x(self, value: float) -> float:
        share = (value - self.across.low) / (self.across.high - self.across.low)
        return self.box.left + share * (self.box.right - self.box.left)

    def y(self, value: float) -> float:
        share = (value - self.up.low) / (self.up.high - self.up.low)
        return self.box.bottom - share * (self.box.bottom - self.box.top)

    def drawn(self, steps: int) -> list[str]:
        """Grid lines with their values, and the names of both measures."""
        across = [(value, self.across.written(value)) for value in ticks(self.across, steps)]
        up = [(value, self.up.written(value)) for value in ticks(self.up, steps)]
        return self.drawn_at(across, up)

    def drawn_at(self, across: Sequence[tuple[float, str]], up: Sequence[tuple[float, str]]) -> list[str]:
        """The same with grid lines at values of one's own, each with its words."""
        box, parts = self.box, []
        for value, words in across:
            x = self.x(value)
            parts.append(line(x, box.top, x, box.bottom, GRID))
            parts.append(text(x, box.bottom + self.size + 5, words, self.size, INK, text_anchor="middle"))
        for value, words in up:
            y = self.y(value)
            parts.append(line(box.left, y, box.right, y, GRID))
            parts.append(text(box.left - 6, y + self.size * 0.35, words, self.size, INK, text_anchor="end"))
        below = box.bottom + 2 * self.size + 12
        parts.append(text(box.right, below, self.across.title, self.size, QUIET, text_anchor="end"))
        parts.append(text(0, box.top - 14, self.up.title, self.size, QUIET))
        return parts


def line(x1: float, y1: float, x2: float, y2: float, colour: str, **attributes: str) -> str:
    """A straight line."""
    return element(
        "line", x1=number(x1), y1=number(y1), x2=number(x2), y2=number(y2), stroke=colour, **attributes
    )


def ticks(measure: Measure, steps: int) -> list[float]:
    """Round values between the ends of a measure, about as many as `steps`."""
    step = round_step((measure.high - measure.low) / max(steps, 1))
    first = math.ceil(measure.low / step - 1e-9)
    last = math.floor(measure.high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a number."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * (1 - 1e-9))
