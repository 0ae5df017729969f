"""A position as pictures: what stands above or below its plan or budget, and the course of the year with its fan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from speccom.charts.axes import Frame, Measure, line, round_step
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND
from speccom.charts.tables import Table
from speccom.charts.units import percent, pounds_of, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.result import Result

Row = Mapping[str, Any]
MOST = 10
"""Bars of a picture of variances: the widest, on either side."""
_FAN = "#c9dcea"
_BOLD = 0.66  # the width of a bold letter, as a part of its size
_MONTHS = "AMJJASONDJFM"
_SHORT = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}
VARIANCES = ("actual", "plan", "plan_variance", "budget", "budget_variance", "note")


def against(rows: Sequence[Row]) -> str:
    """What rows are held against: the budget where most of them have one, else the plan."""
    budgeted = sum(row["budget"] is not None for row in rows)
    return "budget" if budgeted and budgeted >= sum(row["plan"] is not None for row in rows) / 2 else "plan"


def variances(
    result: Result, dimension: str, table: Callable[[str, Sequence[Row]], Table] | None = None
) -> Figure | None:
    """The widest variances of a position by one dimension, over to the right and under to the left.

    `result` is that of `finance.position.table.position` by `dimension`; `table` writes out the rows that are
    drawn, under a caption. None where no row has a variance.
    """
    rows = result.table.to_pylist()
    goal = against(rows)
    name = f"{goal}_variance"
    held = [row for row in rows if row[name]]
    if not held:
        return None
    widest = sorted(held, key=lambda row: (-abs(row[name]), row[dimension]))[:MOST]
    widest.sort(key=lambda row: (-row[name], row[dimension]))
    over = sum((row[name] for row in held if row[name] > 0), Decimal(0))
    under = sum((row[name] for row in held if row[name] < 0), Decimal(0))
    first, last = widest[0], widest[-1]
    told = (
        f"Actual less {goal}, year to date: {short_pounds(float(over))} over in {sum(row[name] > 0 for row in held):,} "
        f"rows and {short_pounds(float(-under))} under in {sum(row[name] < 0 for row in held):,}."
    )
    if first[name] > 0:
        told += f" Furthest over: {_called(first, dimension)}, {_signed(first[name])}{_by(first, goal)}."
    if last[name] < 0:
        told += f" Furthest under: {_called(last, dimension)}, {_signed(last[name])}{_by(last, goal)}."
    what = dimension.replace("_", " ")
    columns = (dimension, f"{dimension}_name", "actual", goal, name, f"{name}_share")
    caption = f"The widest variances from {goal} by {what}, year to date, in pounds"
    return by_hand(
        f"variance-{dimension.replace('_', '-')}",
        f"The widest variances from {goal} by {what}",
        told,
        table(caption, widest) if table else written(result, columns, caption, widest),
        lambda width, _: _draw_variances(widest, name, dimension, goal, width),
        synthetic=result.synthetic,
    )


def course(result: Result, goal: str) -> Figure | None:
    """The year added up: recorded, forecast with its fan, and the budget or plan. `result` is that of `by_month`."""
    rows = result.table.to_pylist()
    if not any(row["recorded"] is not None for row in rows):
        return None
    last = max(at for at, row in enumerate(rows) if row["recorded"] is not None)
    end, aim = rows[-1], rows[-1][f"{goal}_to_date"]
    told = (
        f"Recorded to {rows[last]['month_name']}: {short_pounds(pounds_of(rows[last]['recorded_to_date']))}. "
        f"Forecast of the full year: {short_pounds(pounds_of(end['expected_to_date']))}"
    )
    if end["lower"] is not None:
        told += (
            f", between {short_pounds(pounds_of(end['lower']))} and {short_pounds(pounds_of(end['upper']))}"
        )
    told += "."
    if aim is not None:
        told += f" {goal.capitalize()} of the full year: {short_pounds(pounds_of(aim))}."
    columns = ("month_name", "recorded", "plan", "budget", "expected", "expected_to_date", "lower", "upper")
    return by_hand(
        "course",
        "The year added up month by month",
        told,
        written(result, columns, "Month by month and added up from April, in pounds"),
        lambda width, _: _draw_course(rows, last, goal, width),
        synthetic=result.synthetic,
    )


# --- variances


def _draw_variances(rows: Sequence[Row], name: str, dimension: str, goal: str, width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    step, bar = (44.0, 14.0) if narrow else (28.0, 16.0)
    names = 0.0 if narrow else 320.0
    reach = max(abs(pounds_of(row[name])) for row in rows)
    room = 62.0 if narrow else 76.0  # for what is written at a bar's end
    over, under = any(row[name] > 0 for row in rows), any(row[name] < 0 for row in rows)
    left, right = names + (room if under else 4.0), width - (room if over else 4.0)
    low, high = (-reach if under else 0.0), (reach if over else 0.0)
    scale = (right - left) / (high - low)
    zero = left + (0 - low) * scale
    top = 24.0
    parts, named = [], []
    if over:
        parts.append(text(zero + 6, 12, f"over {goal}", size, QUIET))
    if under:
        parts.append(text(zero - 6, 12, f"under {goal}", size, QUIET, text_anchor="end"))
    bottom = top + step * len(rows)
    for at, row in enumerate(rows):
        value, middle = pounds_of(row[name]), top + step * at + (step * 0.68 if narrow else step / 2)
        colour, length = (SECOND if value > 0 else ACCENT), abs(value) * scale
        start = zero if value > 0 else zero - length
        parts.append(
            element(
                "rect",
                x=number(start),
                y=number(middle - bar / 2),
                width=number(max(length, 1)),
                height=number(bar),
                fill=colour,
            )
        )
        end, anchor = (zero + length + 5, "start") if value > 0 else (zero - length - 5, "end")
        parts.append(text(end, middle + size * 0.35, _signed(row[name]), size, INK, text_anchor=anchor))
        words = _cut(
            _called(row, dimension), width / (size * _BOLD) if narrow else (names - 12) / (size * LETTER)
        )
        above = middle - bar / 2 - 5 if narrow else middle + size * 0.35
        named.append(text(0, above, words, size, INK, **(_HALO | {"font_weight": "600"} if narrow else {})))
    parts.append(line(zero, top - 4, zero, bottom, INK, stroke_width="1.4"))
    return Drawn(bottom + 4, (*parts, *named))


def _called(row: Row, dimension: str) -> str:
    name = short_name(row[f"{dimension}_name"])
    coded = row[dimension] not in ("", "OTHERS") and dimension not in ("programme", "form")
    return f"{name} ({row[dimension]})" if coded else name


def _cut(name: str, most: float) -> str:
    if len(name) <= most:
        return name
    words, _, code = name.rpartition(" (")
    kept = int(most) - len(code) - 4
    return f"{words[:kept].rstrip()}… ({code}" if words and kept > 8 else f"{name[: int(most) - 1].rstrip()}…"


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{short_pounds(float(value))}"


def _by(row: Row, goal: str) -> str:
    share = row[f"{goal}_variance_share"]
    return f" ({percent(abs(share))})" if share is not None and abs(share) < 10 else ""


# --- the course of a year


def _draw_course(rows: Sequence[Row], last: int, goal: str, width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 300.0 if narrow else 380.0
    aims = [row[f"{goal}_to_date"] for row in rows]
    ends = [
        pounds_of(row[name])
        for row in rows
        for name in ("expected_to_date", "upper")
        if row[name] is not None
    ]
    top = max([*ends, *(pounds_of(each) for each in aims if each is not None)], default=1.0) or 1.0
    step = round_step(top / 5)
    box = Box(54 if narrow else 64, 40, width - (20 if narrow else 200), height - 2 * size)
    frame = Frame(
        box,
        Measure(0, 12, "", str),
        Measure(0, step * (int(top / step) + 1), "Pounds, added up from April", str),
        size,
    )
    marks = [(value * step, short_pounds(value * step)) for value in range(int(top / step) + 2)]
    parts = frame.drawn_at((), marks)
    for at in range(12):
        words = _MONTHS[at] if narrow else _SHORT[at]
        x = frame.x(at + 1)
        parts.append(line(x, box.bottom, x, box.bottom + 4, GRID))
        parts.append(text(x, box.bottom + size + 7, words, size, INK, text_anchor="middle"))
    recorded = [(0.0, 0.0)] + [
        (at + 1.0, pounds_of(row["recorded_to_date"])) for at, row in enumerate(rows[: last + 1])
    ]
    later = [(at + 1.0, row) for at, row in enumerate(rows) if at > last]
    fan = [(at + 1.0, row) for at, row in enumerate(rows) if row["lower"] is not None]
    if fan:
        before = int(fan[0][0]) - 1
        start = (before + 0.0, pounds_of(rows[before - 1]["expected_to_date"]) if before else 0.0)
        upper = [start, *((at, pounds_of(row["upper"])) for at, row in fan)]
        lower = [start, *((at, pounds_of(row["lower"])) for at, row in fan)]
        parts.append(element("polygon", points=_points(frame, [*upper, *reversed(lower)]), fill=_FAN))
    if all(each is not None for each in aims):
        goals = [(0.0, 0.0), *((at + 1.0, pounds_of(each)) for at, each in enumerate(aims))]
        parts.append(
            _path(frame, goals, SECOND, stroke_width="2", stroke_dasharray="2 4", stroke_linecap="round")
        )
    if later:
        expected = [
            (0.0, 0.0),
            *((at + 1.0, pounds_of(row["expected_to_date"])) for at, row in enumerate(rows)),
        ]
        parts.append(_path(frame, expected, ACCENT, stroke_width="2.4", stroke_dasharray="8 5"))
    parts.append(_path(frame, recorded, ACCENT, stroke_width="3.2"))
    x, y = frame.x(recorded[-1][0]), frame.y(recorded[-1][1])
    parts.append(element("circle", cx=number(x), cy=number(y), r="4.5", fill=ACCENT))
    said = f"Recorded {short_pounds(recorded[-1][1])}"
    parts.append(text(x - 10, y - 8, said, size, INK, text_anchor="end", font_weight="600", **_HALO))
    parts += _ends(frame, rows[-1], goal, later, size, narrow)
    return Drawn(height + (3.4 * size if narrow else 6), tuple(parts))


def _ends(frame: Frame, end: Row, goal: str, later: Sequence[Any], size: float, narrow: bool) -> list[str]:
    """What the lines come to, beside their ends or, on a narrow page, below."""
    said = []
    if later or end["lower"] is not None:
        said.append(
            (
                pounds_of(end["expected_to_date"]),
                f"Forecast {short_pounds(pounds_of(end['expected_to_date']))}",
                ACCENT,
            )
        )
    if end["lower"] is not None:
        words = f"{short_pounds(pounds_of(end['lower']))} to {short_pounds(pounds_of(end['upper']))}"
        said.append((pounds_of(end["expected_to_date"]), words, QUIET))
    if end[f"{goal}_to_date"] is not None:
        aim = pounds_of(end[f"{goal}_to_date"])
        said.append((aim, f"{goal.capitalize()} {short_pounds(aim)}", SECOND))
    parts = []
    if narrow:
        for nth, (_, words, colour) in enumerate(said):
            y = frame.box.bottom + (2.5 + 1.25 * nth) * size + 6
            parts.append(text(frame.box.left, y, words, size, colour, font_weight="600"))
        return parts
    above, goals = [each for each in said if each[2] != SECOND], [each for each in said if each[2] == SECOND]
    block = len(above) * (size + 4)
    if above and goals and goals[0][0] < above[0][0]:
        groups = [(above, 0.0), (goals, block)]
    else:
        groups = [(goals, 0.0), (above, size + 4)]
    free = float("-inf")
    for group, _ in groups:
        for nth, (value, words, colour) in enumerate(group):
            y = max(frame.y(value) + size * 0.35 + (size + 4) * (nth if nth else 0), free)
            parts.append(text(frame.box.right + 10, y, words, size, colour, font_weight="600"))
            free = y + size + 4
    return parts


def _path(frame: Frame, points: Sequence[tuple[float, float]], colour: str, **attributes: str) -> str:
    return element("polyline", points=_points(frame, points), fill="none", stroke=colour, **attributes)


def _points(frame: Frame, points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(frame.x(x))},{number(frame.y(y))}" for x, y in points)
