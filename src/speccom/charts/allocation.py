"""Allocations in pictures: distance from target before and after, growth by area, distances over years."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from speccom.charts.axes import Frame, Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND
from speccom.charts.tables import Column, Table
from speccom.charts.units import NOTHING
from speccom.charts.words import short_name
from speccom.insight.result import Result

Row = Mapping[str, Any]
NAMED = 6
"""Areas named in the picture of years: those furthest from target at the start."""
_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}
_OTHERS = "#9aa7af"


def points(share: float | None, places: int = 1) -> str:
    """A distance or growth as a reader reads it: +1.2%, −0.4%, 0.0%."""
    if share is None:
        return NOTHING
    said = f"{share * 100:+.{places}f}%".replace("-", "−")
    return said if any(digit in said for digit in "123456789") else f"{0:.{places}f}%"


def name_of(row: Row) -> str:
    """What an area is called in a picture: its name without what all share, or its code."""
    return short_name(str(row.get("area_name") or row["area"]))


def distances(result: Result) -> Figure:
    """Each area's distance from target before the first year and after the last, furthest below first."""
    rows = _ends(result)
    last = max(row["year"] for row in result.table.to_pylist())
    when = "after the year" if last == 1 else f"after {last} years"
    under = sum(row["before"] < 0 for row in rows)
    widest_before = max(rows, key=lambda row: abs(row["before"]))
    widest_after = max(rows, key=lambda row: abs(row["after"]))
    told = (
        f"Before the first year {under} of {len(rows)} areas are below their target; furthest from it is "
        f"{name_of(widest_before)}, at {points(widest_before['before'])}. {when[0].upper()}{when[1:]} furthest is "
        f"{name_of(widest_after)}, at {points(widest_after['after'])}. Hollow: before; full: {when}."
    )
    table = Table(
        f"Distance from target before and {when}",
        (Column("Area"), Column("Before", "percent"), Column(when.capitalize(), "percent")),
        tuple((name_of(row), points(row["before"], 2), points(row["after"], 2)) for row in rows),
    )

    axis = _axis([value for row in rows for value in (row["before"], row["after"], 0.0)])
    return by_hand(
        "distance",
        f"Distance from target before and {when}",
        told,
        table,
        lambda width, _: _rows(rows, axis, _two_ends, "Distance from target: below it", "above it", width),
        synthetic=result.synthetic,
    )


def growth(result: Result) -> Figure:
    """Each area's growth in the first year, those below target first, beside the growth of all the money."""
    rows = [row for row in _year(result, 1) if row["growth"] is not None]
    rows.sort(key=lambda row: (row["opening_distance"], row["area"]))
    money = sum(row["allocation"] for row in rows) / sum(row["baseline"] for row in rows) - 1
    least, most = (pick(rows, key=lambda row: row["growth"]) for pick in (min, max))
    told = (
        f"All areas together grow by {points(float(money), 2)}: {name_of(most)} most, by {points(most['growth'], 2)}, "
        f"and {name_of(least)} least, by {points(least['growth'], 2)}. A square is an area that a bound holds. "
        "Furthest below target first."
    )
    table = Table(
        "Growth in the first year",
        (Column("Area"), Column("Growth", "percent"), Column("Held by")),
        tuple((name_of(row), points(row["growth"], 2), row["held_by"] or NOTHING) for row in rows),
    )

    def mark(row: Row, x: Callable[[float], float], y: float, size: float) -> list[str]:
        at, start = x(row["growth"]), x(float(money))
        colour = SECOND if row["opening_distance"] < 0 else ACCENT
        stem = line(start, y, at, y, colour, stroke_width="3", stroke_opacity="0.5")
        if row["held_by"]:
            box = {"x": number(at - 4.5), "y": number(y - 4.5), "width": "9", "height": "9"}
            return [stem, element("rect", fill=INK, **box)]
        return [stem, element("circle", cx=number(at), cy=number(y), r="4.5", fill=colour)]

    axis = _axis([*(row["growth"] for row in rows), float(money)])
    return by_hand(
        "growth",
        "Growth in the first year, by area",
        told,
        table,
        lambda width, _: _rows(rows, axis, mark, "Growth", "", width, (float(money), "all the money")),
        synthetic=result.synthetic,
    )


def paths(result: Result) -> Figure:
    """Each area's distance from target at the start and after every year; the furthest at the start are named."""
    lines = _lines(result)
    years = max(len(values) for values in lines.values()) - 1
    named = sorted(lines, key=lambda area: (-abs(lines[area][0]), area))[:NAMED]
    names = {row["area"]: name_of(row) for row in _year(result, 1)}
    furthest = [max(abs(values[year]) for values in lines.values()) for year in range(years + 1)]
    told = (
        f"The furthest area is {furthest[0]:.1%} from its target at the start, and {furthest[-1]:.1%} after "
        f"{years} year{'s' * (years > 1)}. Named: {', '.join(names[area] for area in named)}."
    )
    headings = ["Start", *(f"After year {year}" for year in range(1, years + 1))]
    table = Table(
        "Distance from target over years",
        (Column("Area"), *(Column(heading, "percent") for heading in headings)),
        tuple(
            (names[area], *(points(value, 2) for value in lines[area]))
            for area in sorted(lines, key=lambda area: (lines[area][0], area))
        ),
    )
    return by_hand(
        "path",
        "Distance from target over years",
        told,
        table,
        lambda width, _: _draw_paths(lines, named, names, width),
        synthetic=result.synthetic,
    )


def weights(result: Result) -> Figure:
    """People as they count for the target, for each head, against 1: by need alone (hollow), and after all weights."""
    rows = [
        {**row, "before": row["need_index"] - 1, "after": row["weighted_population"] / row["population"] - 1}
        for row in result.table.to_pylist()
    ]
    rows.sort(key=lambda row: (-row["after"], row["area"]))
    most, least = rows[0], rows[-1]
    told = (
        f"For each head most counts {name_of(most)}, {points(most['after'])} against all areas, and least "
        f"{name_of(least)}, {points(least['after'])}. Hollow: by need alone; full: with health inequalities and "
        f"unavoidable costs. {_whose(most)}"
    )
    table = Table(
        "Weighted people for each head, against all areas",
        (Column("Area"), Column("By need alone", "percent"), Column("After all weights", "percent")),
        tuple((name_of(row), points(row["before"], 2), points(row["after"], 2)) for row in rows),
    )
    axis = _axis([value for row in rows for value in (row["before"], row["after"], 0.0)])
    return by_hand(
        "weights",
        f"Weighted people for each head; need of {most['need_of']}",
        told,
        table,
        lambda width, _: _rows(
            rows,
            axis,
            _two_ends,
            "Against all areas: counts less",
            "more",
            width,
            (0.0, "as many as heads"),
            _whose(most),
        ),
        synthetic=result.synthetic,
    )


def openings(result: Result) -> Figure:
    """Each area's distance from target with what it has, furthest below first."""
    rows = [{**row, "before": 0.0, "after": row["opening_distance"]} for row in result.table.to_pylist()]
    rows.sort(key=lambda row: (row["after"], row["area"]))
    under = sum(row["after"] < 0 for row in rows)
    widest = max(rows, key=lambda row: abs(row["after"]))
    told = (
        f"{under} of {len(rows)} areas are below their target; furthest from it is {name_of(widest)}, at "
        f"{points(widest['after'])}. {_whose(widest)}"
    )
    table = Table(
        "Distance from target",
        (Column("Area"), Column("Distance", "percent")),
        tuple((name_of(row), points(row["after"], 2)) for row in rows),
    )
    axis = _axis([*(row["after"] for row in rows), 0.0])
    return by_hand(
        "openings",
        f"Distance from target; need of {widest['need_of']}",
        told,
        table,
        lambda width, _: _rows(
            rows, axis, _stem, "Distance from target: below it", "above it", width, foot=_whose(widest)
        ),
        synthetic=result.synthetic,
    )


def _whose(row: Row) -> str:
    return f"Weighted by need of: {row['need_of']}. A calculation, and no allocation."


# --- rows of an analysis


def _year(result: Result, year: int) -> list[dict[str, Any]]:
    return [row for row in result.table.to_pylist() if row["year"] == year]


def _ends(result: Result) -> list[dict[str, Any]]:
    rows = result.table.to_pylist()
    last = max(row["year"] for row in rows)
    after = {row["area"]: row["closing_distance"] for row in rows if row["year"] == last}
    found = [
        {**row, "before": row["opening_distance"], "after": after[row["area"]]}
        for row in rows
        if row["year"] == 1
    ]
    return sorted(found, key=lambda row: (row["before"], row["area"]))


def _lines(result: Result) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in result.table.to_pylist():
        found.setdefault(row["area"], [row["opening_distance"]]).append(row["closing_distance"])
    return found


# --- drawn


def _two_ends(row: Row, x: Callable[[float], float], y: float, size: float) -> list[str]:
    """From before (hollow) to after (full), below the line of the measure in one colour and above it in another."""
    start, end = x(row["before"]), x(row["after"])
    colour = SECOND if row["before"] < 0 else ACCENT
    hollow = {"fill": "#fff", "stroke": colour, "stroke_width": "2"}
    return [
        line(start, y, end, y, colour, stroke_width="3", stroke_opacity="0.5"),
        element("circle", cx=number(start), cy=number(y), r="4.5", **hollow),
        element("circle", cx=number(end), cy=number(y), r="5", fill=colour),
    ]


def _stem(row: Row, x: Callable[[float], float], y: float, size: float) -> list[str]:
    """From the line of the measure to a point."""
    end = x(row["after"])
    colour = SECOND if row["after"] < 0 else ACCENT
    return [
        line(x(0.0), y, end, y, colour, stroke_width="3", stroke_opacity="0.5"),
        element("circle", cx=number(end), cy=number(y), r="5", fill=colour),
    ]


def _axis(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * 0.06, 0.0005)
    return low - room, high + room


def _rows(
    rows: Sequence[Row],
    ends: tuple[float, float],
    mark: Callable[[Row, Callable[[float], float], float, float], list[str]],
    left_words: str,
    right_words: str,
    width: int,
    at: tuple[float, str] = (0.0, "target"),
    foot: str = "",
) -> Drawn:
    """A row for each area under one measure, with a line at one value of it; names beside, or above where narrow.

    `foot` is written below it all: what must be seen wherever the picture goes.
    """
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    names = 8.0 if narrow else 290.0
    step, top = (31.0, 52.0) if narrow else (21.0, 50.0)
    right = width - 14.0
    bottom = top + step * len(rows)
    measure = Measure(*ends, "", lambda value: points(value, 1))

    def x(value: float) -> float:
        return names + (value - ends[0]) / (ends[1] - ends[0]) * (right - names)

    parts = [text(names if not narrow else 0, 14, left_words, size, QUIET)]
    if right_words:
        parts.append(text(right, 14, right_words, size, QUIET, text_anchor="end"))
    for value in ticks(measure, 4 if narrow else 8):
        parts.append(line(x(value), top - 6, x(value), bottom, GRID))
        if names - 4 <= x(value) <= right:
            words = measure.written(value)
            off = len(words) * size * LETTER / 2
            middle = min(max(x(value), names - 8 + off), width - off)
            parts.append(text(middle, bottom + size + 6, words, size, INK, text_anchor="middle"))
    where = x(at[0])
    parts.append(line(where, top - 10, where, bottom, INK, stroke_width="1.5"))
    half = len(at[1]) * size * LETTER / 2
    middle = min(max(where, half), width - half)
    parts.append(text(middle, top - 16, at[1], size, INK, text_anchor="middle", font_weight="700", **_HALO))
    for place, row in enumerate(rows):
        y = top + place * step + (step * 0.72 if narrow else step / 2)
        words = name_of(row)
        if narrow:
            parts.append(text(0, y - 9, words, size - 0.5, INK, **_HALO))
        else:
            room = int((names - 12) / (size * LETTER))
            shown = words if len(words) <= room else f"{words[: room - 1]}…"
            parts.append(text(names - 12, y + size * 0.35, shown, size, INK, text_anchor="end"))
        parts += mark(row, x, y, size)
    end = bottom + size + 14
    for words in textwrap.wrap(foot, int(width / (size * LETTER))):
        end += size + 5
        parts.append(text(0, end - 5, words, size, QUIET))
    return Drawn(end, tuple(parts))


def _draw_paths(
    lines: Mapping[str, Sequence[float]], named: Sequence[str], names: Mapping[str, str], width: int
) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    years = max(len(values) for values in lines.values()) - 1
    low, high = _axis([value for values in lines.values() for value in (*values, 0.0)])
    height = 320.0 if narrow else 420.0
    box = Box(60.0, 34.0, width - (12.0 if narrow else 230.0), height)
    across = Measure(0, years, "End of year", str)
    frame = Frame(
        box, across, Measure(low, high, "Distance from target", lambda value: points(value, 1)), size
    )
    every = [year for year in range(years + 1) if year in (0, years) or years <= 6 or year % 2 == 0]
    parts = frame.drawn_at(
        [(year, "start" if year == 0 else str(year)) for year in every],
        [(value, points(value, 1)) for value in ticks(frame.up, 6)],
    )
    parts.append(line(box.left, frame.y(0), box.right, frame.y(0), INK, stroke_width="1.5"))
    for area in [*(area for area in lines if area not in named), *reversed(named)]:
        parts.append(_one_path(frame, lines[area], area in named))
    if narrow:
        below = height + 2 * size + 34
        highest = sorted(named, key=lambda area: -lines[area][-1])
        told = f"Dark lines, from the top: {'; '.join(names[area] for area in highest)}."
        key = textwrap.wrap(told, int(width / (size * LETTER)))
        parts += [text(0, below + nth * (size + 5), words, size, INK) for nth, words in enumerate(key)]
        return Drawn(below + len(key) * (size + 5), tuple(parts))
    return Drawn(height + 2 * size + 18, (*parts, *_path_names(frame, lines, named, names, width)))


def _one_path(frame: Frame, values: Sequence[float], named: bool) -> str:
    marks = " ".join(f"{number(frame.x(year))},{number(frame.y(value))}" for year, value in enumerate(values))
    colour = (SECOND if values[0] < 0 else ACCENT) if named else _OTHERS
    weight = {"stroke_width": "2.4"} if named else {"stroke_width": "1", "stroke_opacity": "0.7"}
    return element("polyline", points=marks, fill="none", stroke=colour, **weight)


def _path_names(
    frame: Frame,
    lines: Mapping[str, Sequence[float]],
    named: Sequence[str],
    names: Mapping[str, str],
    width: int,
) -> list[str]:
    """Names at the right end of their lines, moved down or up so that none covers another."""
    size = frame.size
    room = int((width - frame.box.right - 8) / (size * LETTER))
    wanted = sorted(named, key=lambda area: -lines[area][-1])
    places: list[float] = []
    for area in wanted:
        y = frame.y(lines[area][-1])
        places.append(max(y, places[-1] + size + 3) if places else y)
    over = max(0.0, places[-1] - frame.box.bottom)
    parts = []
    for area, place in zip(wanted, places, strict=True):
        words = names[area] if len(names[area]) <= room else f"{names[area][: room - 1]}…"
        y = place - over
        parts.append(line(frame.box.right, frame.y(lines[area][-1]), frame.box.right + 5, y, _OTHERS))
        parts.append(text(frame.box.right + 8, y + size * 0.35, words, size, INK))
    return parts
