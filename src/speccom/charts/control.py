"""The chart of one series over months with the limits of common variation, and the biggest changes of many."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from speccom.charts.axes import Frame, Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box, Labels
from speccom.charts.look import ACCENT, INK, NARROW, QUIET, SECOND
from speccom.charts.units import percent, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.areas import ENGLAND
from speccom.insight.result import Result
from speccom.insight.statistics.control_chart import Rule
from speccom.insight.trends import WORDS

Row = Mapping[str, Any]
CHANGES_DRAWN = 12
_BAND, _GROUND = "#e6eef3", "#f4efe6"
_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}
_SHORT = {
    WORDS[Rule.OUTSIDE]: {"up": "above the limit", "down": "below the limit"},
    WORDS[Rule.TREND]: {"up": "seven rising", "down": "seven falling"},
    WORDS[Rule.TWO_IN_THREE]: {"up": "two of three near the limit", "down": "two of three near the limit"},
    WORDS[Rule.SHIFT]: {"up": "seven above the mean", "down": "seven below the mean"},
}
"""What a label in the picture says of a point, by its rule and direction."""
_SIDES = {WORDS[Rule.OUTSIDE]: 4, WORDS[Rule.TREND]: 3, WORDS[Rule.TWO_IN_THREE]: 40, WORDS[Rule.SHIFT]: 0}
"""How each rule's points are drawn: corners of the shape (40 a square on its side, 0 a circle)."""

_POINTS = ("month_name", "value", "mean", "lower", "upper", "signal", "direction")
_LISTED = (
    "service_line_name",
    "icb_name",
    "direction",
    "since",
    "size",
    "change_share",
    "signal",
    "new",
    "note",
)
_CHANGED = (
    "rank",
    "service_line_name",
    "icb_name",
    "direction",
    "since",
    "change",
    "change_share",
    "mean",
    "level",
    "signal",
    "note",
)


def control_chart(result: Result) -> Figure | None:
    """Values by month, their mean, the process limits as a band, and what is no common variation marked.

    `result` is that of `insight.trends.chart_of`. A month without a value is a gap in the line. None where
    no month has one.
    """
    rows = result.table.to_pylist()
    if not any(row["value"] is not None for row in rows):
        return None
    return by_hand(
        "control-chart",
        result.title,
        _chart_in_words(rows, _is_money(result)),
        written(result, _POINTS, result.title),
        lambda width, _: _draw_chart(rows, _is_money(result), width),
        synthetic=result.synthetic,
    )


def changes(result: Result) -> Figure | None:
    """The biggest changes up and down, a bar to a line of a board; `result` is that of `insight.trends.trends`."""
    rows = [row for row in result.table.to_pylist() if row["change"] is not None]
    if not rows:
        return None
    shown = rows[:CHANGES_DRAWN]
    ups = sum(row["direction"] == "up" for row in rows)
    told = (
        f"{len(rows):,} lines of boards have a last month that is no common variation: {ups:,} up, "
        f"{len(rows) - ups:,} down. The biggest: {_of(shown[0])}, {_change_in_words(shown[0])}."
    )
    return by_hand(
        "changes",
        f"{result.title}: the biggest changes",
        told,
        written(result, _CHANGED, result.title, rows),
        lambda width, _: _draw_changes(shown, len(rows), width),
        synthetic=result.synthetic,
    )


def small_charts(result: Result, rows: Sequence[Row]) -> Figure | None:
    """A small chart for each of some rows of a public result of `insight.trends.trends`, in their order.

    Each month is a part of the baseline's mean, which is 100; no pounds are drawn.
    """
    if not rows:
        return None
    told = " ".join(f"{_of(row)}: {_small_in_words(row)}." for row in rows)
    return by_hand(
        "small-charts",
        f"{result.title}: month by month",
        told,
        written(result, _LISTED, result.title, rows),
        lambda width, _: _draw_small(rows, width),
        synthetic=result.synthetic,
    )


def _small_in_words(row: Row) -> str:
    share = row["change_share"]
    return f"{'up' if share > 0 else 'down'} {percent(abs(share))} on its mean since {row['since']}"


def _draw_small(rows: Sequence[Row], width: int) -> Drawn:
    across = 1 if width <= NARROW else 3
    gap = 22.0
    wide = (width - gap * (across - 1)) / across
    tall = 150.0
    parts: list[str] = []
    down = 0.0
    for first in range(0, len(rows), across):
        own = rows[first : first + across]
        names = [textwrap.wrap(_of(row), int(wide / 12 / LETTER))[:3] for row in own]
        below = down + 15 * max(map(len, names)) + 18
        for place, (row, lines_of) in enumerate(zip(own, names, strict=True)):
            left = place * (wide + gap)
            parts += [
                text(left, down + 13 + 15 * nth, words, 12, INK, font_weight="700")
                for nth, words in enumerate(lines_of)
            ]
            parts.append(text(left, below - 4, _small_in_words(row), 12, QUIET))
            parts += _small(row, Box(left + 30, below + 8, left + wide - 6, below + tall - 20))
        down = below + tall
    return Drawn(down, tuple(parts))


def _small(row: Row, box: Box) -> list[str]:
    """One series: limits as a band, the mean at 100, and the months of the signal marked."""
    values = row["index"]
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    low = min(*(value for _, value in known), max(row["index_lower"], 0), 90)
    high = max(*(value for _, value in known), row["index_upper"], 110)
    room = (high - low) * 0.08
    frame = Frame(
        box,
        Measure(-0.5, len(values) - 0.5, "", str),
        Measure(max(low - room, 0), high + room, "", str),
        12,
    )
    edge = frame.y(max(row["index_lower"], frame.up.low))
    top = frame.y(row["index_upper"])
    size = {"width": number(box.right - box.left), "height": number(max(edge - top, 0))}
    parts = [element("rect", x=number(box.left), y=number(top), fill=_BAND, **size)]
    parts.append(line(box.left, frame.y(100), box.right, frame.y(100), QUIET))
    parts.append(text(box.left - 4, frame.y(100) + 4, "100", 12, INK, text_anchor="end"))
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    for run in runs:
        points = " ".join(f"{number(frame.x(place))},{number(frame.y(value))}" for place, value in run)
        parts.append(element("polyline", points=points, fill="none", stroke=INK, stroke_width="1.5"))
    up = row["direction"] == "up"
    for place, value in known[-row["months"] :]:
        x, y = frame.x(place), frame.y(value)
        flip = 1 if up else -1
        points = " ".join(
            f"{number(x + dx)},{number(y + dy)}"
            for dx, dy in ((0, -5 * flip), (4.5, 3.5 * flip), (-4.5, 3.5 * flip))
        )
        parts.append(element("polygon", points=points, fill=ACCENT if up else SECOND))
    return parts


# --- one series


def _is_money(result: Result) -> bool:
    return not result.title.lower().startswith("lines")


def _amount(value: float, money: bool) -> str:
    return short_pounds(value) if money else f"{value:,.0f}"


def _chart_in_words(rows: Sequence[Row], money: bool) -> str:
    held = [row for row in rows if row["value"] is not None]
    last, first = held[-1], held[0]
    parts = [
        f"{len(held)} months from {first['month_name']} to {last['month_name']}; the last is "
        f"{_amount(last['value'], money)}."
    ]
    if last["mean"] is not None:
        parts.append(f"The mean is {_amount(last['mean'], money)}.")
    if last["lower"] is not None:
        parts.append(
            f"Common variation lies between {_amount(max(last['lower'], 0), money)} and "
            f"{_amount(last['upper'], money)}."
        )
    for run in _runs(rows):
        until = f" to {run[-1]['month_name']}" if len(run) > 1 else ""
        parts.append(f"{run[0]['month_name']}{until}: {run[0]['signal']}, {run[0]['direction']}.")
    if not _runs(rows) and last["lower"] is not None:
        parts.append("No month stands out.")
    missing = sum(row["value"] is None for row in rows)
    if missing:
        parts.append(f"{missing} of the months have no value and are gaps in the line.")
    return " ".join(parts)


def _runs(rows: Sequence[Row]) -> list[list[Row]]:
    """The special points, those that follow one another with the same rule and direction together."""
    runs: list[list[Row]] = []
    before: tuple[str, str] | None = None
    for row in rows:
        signal = (row["signal"], row["direction"]) if row["signal"] else None
        if signal and signal == before:
            runs[-1].append(row)
        elif signal:
            runs.append([row])
        before = signal
    return runs


def _draw_chart(rows: Sequence[Row], money: bool, width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 330 if narrow else 430
    box = Box(60 if narrow else 70, 40, width - (12 if narrow else 84), height - 3.4 * size)
    values = [row["value"] for row in rows if row["value"] is not None]
    levels = [row[name] for row in rows for name in ("lower", "mean", "upper") if row[name] is not None]
    low, high = min([*values, *levels]), max([*values, *levels])
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    # What cannot be below nought is not drawn below it, even where its lower limit is.
    never_below = min(values) >= 0 and low < 0.4 * high
    floor = 0.0 if never_below else low - room
    frame = Frame(
        box,
        Measure(-0.5, len(rows) - 0.5, "", str),
        Measure(floor, high + room, "£ a month" if money else "lines a month", str),
        size,
    )
    up = [(value, _amount(value, money)) for value in ticks(frame.up, 4 if narrow else 6)]
    parts = [*_band(frame, rows), *frame.drawn_at(_months(rows, narrow), up)]
    parts += _not_held(frame, rows)
    parts += _levels(frame, rows, narrow, money)
    parts += _line_of(frame, rows)
    labels = Labels(Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2), size)
    for place, row in enumerate(rows):
        if row["value"] is not None:
            labels.take(frame.x(place), frame.y(row["value"]), 5)
    places = {id(row): place for place, row in enumerate(rows)}
    for run in _runs(rows):
        for row in run:
            parts.append(_special(frame.x(places[id(row)]), frame.y(row["value"]), row))
        first = run[0]
        words = _SHORT[first["signal"]][first["direction"]]
        x, y = frame.x(places[id(first)]), frame.y(first["value"])
        if placed := labels.place(words, x, y, 10, must=len(run) > 2):
            parts.append(
                text(
                    placed.x,
                    placed.y,
                    words,
                    size,
                    INK,
                    text_anchor=placed.anchor,
                    font_weight="700",
                    **_HALO,
                )
            )
    return Drawn(height, tuple(parts))


def _months(rows: Sequence[Row], narrow: bool) -> list[tuple[float, str]]:
    """Where the months are named: as many as there is room for, each April with its year."""
    step = next(each for each in (1, 2, 3, 6, 12) if len(rows) / each <= (5 if narrow else 12))
    return [
        (place, f"{row['month_name'][:3]} {row['month_name'][-2:]}")
        for place, row in enumerate(rows)
        if place % step == 0
    ]


def _band(frame: Frame, rows: Sequence[Row]) -> list[str]:
    known = [place for place, row in enumerate(rows) if row["lower"] is not None]
    if not known:
        return []
    upper = [(frame.x(place), frame.y(rows[place]["upper"])) for place in known]
    lower = [(frame.x(place), frame.y(max(rows[place]["lower"], frame.up.low))) for place in known]
    points = " ".join(f"{number(x)},{number(y)}" for x, y in (*upper, *reversed(lower)))
    return [element("polygon", points=points, fill=_BAND)]


def _levels(frame: Frame, rows: Sequence[Row], narrow: bool, money: bool) -> list[str]:
    """The mean and both limits, named at their right end; inside the picture where it is narrow."""
    parts: list[str] = []
    last: Row = next((row for row in reversed(rows) if row["mean"] is not None), {})
    ends: list[float] = []
    for name, words in (("upper", "upper limit"), ("mean", "mean"), ("lower", "lower limit")):
        if last.get(name) is None:
            continue
        known = [(place, row[name]) for place, row in enumerate(rows) if row[name] is not None]
        if known[-1][1] < frame.up.low:  # a limit below nought limits nothing
            continue
        points = " ".join(f"{number(frame.x(place))},{number(frame.y(value))}" for place, value in known)
        dashes = {} if name == "mean" else {"stroke_dasharray": "6 4"}
        parts.append(
            element("polyline", points=points, fill="none", stroke=QUIET, stroke_width="1.3", **dashes)
        )
        y = frame.y(known[-1][1])
        if narrow:
            end = {"x": frame.box.left + 4, "y": y - 4}
        else:
            y = max(y, ends[-1] + frame.size) if ends else y
            ends.append(y)
            end = {"x": frame.box.right + 5, "y": y + frame.size * 0.35}
        parts.append(text(end["x"], end["y"], words, frame.size - 1, QUIET, **_HALO))
    return parts


def _not_held(frame: Frame, rows: Sequence[Row]) -> list[str]:
    """A ground under the months that have no value, so that a gap is seen to be one."""
    parts: list[str] = []
    half = (frame.x(1) - frame.x(0)) / 2 if len(rows) > 1 else 8.0
    missing = [place for place, row in enumerate(rows) if row["value"] is None]
    for place in missing:
        x = frame.x(place) - half
        size = {"width": number(2 * half), "height": number(frame.box.bottom - frame.box.top)}
        parts.append(element("rect", x=number(x), y=number(frame.box.top), fill=_GROUND, **size))
    if missing:
        x = frame.x(missing[0])
        anchor = "start" if x < (frame.box.left + frame.box.right) / 2 else "end"
        parts.append(
            text(
                x,
                frame.box.top - 2,
                "no value",
                frame.size - 1,
                QUIET,
                text_anchor=anchor,
                font_style="italic",
            )
        )
    return parts


def _line_of(frame: Frame, rows: Sequence[Row]) -> list[str]:
    parts, run = [], []
    for place, row in enumerate([*rows, {"value": None}]):
        if row["value"] is not None:
            run.append((frame.x(place), frame.y(row["value"])))
            continue
        if len(run) > 1:
            points = " ".join(f"{number(x)},{number(y)}" for x, y in run)
            parts.append(element("polyline", points=points, fill="none", stroke=INK, stroke_width="1.8"))
        parts += [element("circle", cx=number(x), cy=number(y), r="2.6", fill=INK) for x, y in run]
        run = []
    return parts


def _special(x: float, y: float, row: Row) -> str:
    """A point that is no common variation: a shape to each rule, a colour to each direction."""
    up = row["direction"] == "up"
    colour = {"fill": ACCENT if up else SECOND, "stroke": "#fff", "stroke_width": "1"}
    sides = _SIDES[row["signal"]]
    if not sides:
        return element("circle", cx=number(x), cy=number(y), r="5.5", **colour)
    flip = 1 if up else -1
    corners = {
        3: ((0, -7 * flip), (6.5, 5 * flip), (-6.5, 5 * flip)),
        4: ((0, -7), (7, 0), (0, 7), (-7, 0)),
        40: ((-5, -5), (5, -5), (5, 5), (-5, 5)),
    }[sides]
    points = " ".join(f"{number(x + dx)},{number(y + dy)}" for dx, dy in corners)
    return element("polygon", points=points, **colour)


# --- the biggest changes


def _of(row: Row) -> str:
    if row["icb"] == ENGLAND:
        return str(row["service_line_name"])
    return f"{row['service_line_name']} of {short_name(row['icb_name'])}"


def _signed(row: Row) -> str:
    amount = _amount(abs(row["change"]), row["measure"] == "spend")
    return f"{'+' if row['change'] > 0 else '−'}{amount}"


def _change_in_words(row: Row) -> str:
    share = row["change_share"]
    part = f" ({'+' if share > 0 else '−'}{percent(abs(share))})" if share is not None else ""
    return f"{_signed(row)} a month{part} since {row['since']}"


def _draw_changes(rows: Sequence[Row], everything: int, width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    most = max(abs(row["change"]) for row in rows) or 1.0
    zero = width / 2
    parts: list[str] = [
        text(zero - 8, 14, "down, a month", 12, QUIET, text_anchor="end"),
        text(zero + 8, 14, "up, a month", 12, QUIET),
    ]
    y = 26.0
    for row in rows:
        room = int(width / size / LETTER)
        name = _of(row)
        for words in textwrap.wrap(name, room):
            y += size + 3
            parts.append(text(0, y, words, size, INK, **_HALO))
        length = abs(row["change"]) / most * (zero - 1)
        x = zero if row["change"] >= 0 else zero - length
        colour = ACCENT if row["change"] >= 0 else SECOND
        bar = {"width": number(max(length, 1)), "height": "14", "fill": colour}
        parts.append(element("rect", x=number(x), y=number(y + 5), **bar))
        # The words stand on the empty side of zero, where no bar is.
        other = {"x": zero - 8, "anchor": "end"} if row["change"] >= 0 else {"x": zero + 8, "anchor": "start"}
        words = _change_in_words(row).replace(" a month", "") if narrow else _change_in_words(row)
        words = words.partition(" since ")[0] if narrow else words
        parts.append(
            text(
                float(str(other["x"])),
                y + 17,
                words,
                size,
                INK,
                text_anchor=str(other["anchor"]),
                font_weight="700",
            )
        )
        y += 27
    parts.insert(0, line(zero, 20, zero, y, QUIET))
    if everything > len(rows):
        y += 18
        parts.append(text(0, y, f"The {len(rows)} biggest of {everything:,}.", size, QUIET))
    return Drawn(y + 8, tuple(parts))
