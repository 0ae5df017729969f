"""Spells of time as bars, one row to a region: how a service was arranged, and the days that changed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from speccom.charts.drawing import (
    INITIALS,
    LETTER,
    WORDS,
    element,
    fill,
    number,
    patterns,
    picture,
    text,
)
from speccom.charts.look import COLOURS, GRID, INK, NARROW, QUIET, WIDE

FIRST, LAST = date(2013, 4, 1), date(2028, 1, 1)
"""The days between which time is drawn: from the first national commissioning to the end of 2027."""

_LEVEL, _TOP = 19, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` up to `end` (open when empty) one arrangement held, a word of `drawing.WORDS`."""

    start: date
    end: date | None
    arrangement: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A day with a line through every row and words beside it; `certain` ones are drawn whole."""

    day: date
    words: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things stand at one width: the names' column, the rows, the size of the text."""

    width: float
    left: float
    row: float
    bar: float
    bar_top: float
    size: float
    key_columns: int

    def x(self, day: date) -> float:
        day = min(max(day, FIRST), LAST)
        return self.left + (self.width - self.left - 2) * (day - FIRST).days / (LAST - FIRST).days

    def room(self, bar: Bar) -> float:
        """How wide the word of a bar may be."""
        return self.x(bar.end or LAST) - self.x(bar.start) - 6


# On a telephone each region's name stands above its bar.
_WIDE = _Frame(WIDE, 178, 34, 26, 4, 14, 4)
_NARROW = _Frame(NARROW, 0, 45, 22, 20, 13, 1)


def spell_pictures(
    key: str, title: str, description: str, rows: Mapping[str, Sequence[Bar]], marks: Sequence[Mark]
) -> tuple[str, str]:
    """The picture for a desk and the one for a telephone.

    `rows` is a region's name → its spells, oldest first.
    """
    frames = ((_WIDE, "wide"), (_NARROW, "narrow"))
    wide, narrow = (
        _picture(f"{key}-{name}", title, description, rows, marks, frame) for frame, name in frames
    )
    return wide, narrow


def _picture(
    key: str,
    title: str,
    description: str,
    rows: Mapping[str, Sequence[Bar]],
    marks: Sequence[Mark],
    frame: _Frame,
) -> str:
    # The latest mark is written highest: its words reach left over lines that begin below them.
    days = sorted(marks, key=lambda mark: mark.day, reverse=True)
    top = _TOP + _LEVEL * len(days) + 6
    bottom = top + frame.row * len(rows)
    parts = [patterns(key, (bar.arrangement for bars in rows.values() for bar in bars))]
    parts += _years(frame, top, bottom)
    for level, mark in enumerate(days):  # before the bars, so that no line runs through a bar's word
        parts += _mark(frame, mark, _TOP + _LEVEL * level, bottom)
    for place, (name, bars) in enumerate(rows.items()):
        parts += _row(key, frame, top + place * frame.row, name, bars)
    used = _said(frame, (bar for bars in rows.values() for bar in bars))
    parts += _key(key, frame, bottom + 32, used)
    height = bottom + 32 + 24 * -(-len(used) // frame.key_columns)
    return picture(key, title, description, frame.width, height, parts)


def _said(frame: _Frame, bars: Iterable[Bar]) -> dict[str, str]:
    """Each arrangement of the bars → what the key calls it, with its initials where a bar has room for no more."""
    said: dict[str, str] = {}
    for bar in bars:
        words, initials = WORDS[bar.arrangement], INITIALS[bar.arrangement]
        short = _fitting(bar.arrangement, frame.room(bar), frame.size) == initials
        said[bar.arrangement] = f"{words} ({initials})" if short else said.get(bar.arrangement, words)
    return said


def _key(key: str, frame: _Frame, top: float, used: Mapping[str, str]) -> Iterator[str]:
    """What each pattern and its initials mean, in as many columns as there is room for."""
    for place, (arrangement, words) in enumerate(used.items()):
        row, column = divmod(place, frame.key_columns)
        x, y = column * frame.width / frame.key_columns, top + 24 * row
        square = {"x": number(x), "y": number(y), "width": "17", "height": "17", "rx": "2"}
        yield element("rect", fill=fill(key, arrangement), **square)
        yield text(x + 24, y + 14, words, frame.size, INK)


def _row(key: str, frame: _Frame, y: float, name: str, bars: Sequence[Bar]) -> Iterator[str]:
    name_y = y + frame.bar_top + frame.bar / 2 + 5 if frame.left else y + 15
    yield text(0, name_y, name, frame.size, INK)
    for bar in bars:
        x, end = frame.x(bar.start), frame.x(bar.end or LAST)
        if end <= x:
            continue
        words = _fitting(bar.arrangement, frame.room(bar), frame.size)
        square = element(
            "rect",
            x=number(x),
            y=number(y + frame.bar_top),
            width=number(end - x - 1),
            height=number(frame.bar),
            fill=fill(key, bar.arrangement),
        )
        colour = COLOURS[bar.arrangement]
        halo = {"stroke": colour, "stroke_width": "5", "paint_order": "stroke", "text_anchor": "middle"}
        said = text((x + end) / 2, y + frame.bar_top + frame.bar / 2 + 5, words, frame.size, "#fff", **halo)
        hover = element("title", f"{name}: {WORDS[bar.arrangement].lower()} from {_day(bar.start)}")
        yield element("g", None, hover, square, said if words else "")


def _fitting(arrangement: str, width: float, size: float) -> str:
    """The word of an arrangement, else its initials, whichever fits if any does."""
    choices = (WORDS[arrangement], INITIALS[arrangement])
    return next((words for words in choices if len(words) * size * LETTER <= width), "")


def _mark(frame: _Frame, mark: Mark, y: float, bottom: float) -> Iterator[str]:
    x = frame.x(mark.day)
    dashes = {} if mark.certain else {"stroke_dasharray": "4 3"}
    yield element(
        "path",
        d=f"M{number(x)},{number(y)}V{number(bottom)}",
        stroke=INK,
        stroke_width="1.5",
        fill="none",
        **dashes,
    )
    yield text(x - 5, y + 13, mark.words, frame.size, INK, text_anchor="end", font_weight="600")


def _years(frame: _Frame, top: float, bottom: float) -> Iterator[str]:
    """A thin line at each new year, and the years that there is room for under the rows."""
    every = 1 if frame.left else 3
    for year in range(FIRST.year + 1, LAST.year + 1):
        x = frame.x(date(year, 1, 1))
        yield element("path", d=f"M{number(x)},{number(top)}V{number(bottom)}", stroke=GRID, fill="none")
        if year < LAST.year and (year - FIRST.year - 1) % every == 0:
            middle = (x + frame.x(date(year + 1, 1, 1))) / 2
            yield text(middle, bottom + 17, str(year), frame.size - 1, QUIET, text_anchor="middle")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
