"""A risk pool in pictures: each area’s year alone and in the pool, its costly years, and who pays whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from speccom.charts.axes import Measure, line, ticks
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND
from speccom.charts.tables import Column, Table
from speccom.charts.units import percent, short_pounds
from speccom.charts.words import pounds, short_name
from speccom.finance.pool_results import ALONE, POOLED, WHOLE
from speccom.insight.result import Result

Row = Mapping[str, Any]
_BAR, _GAP = 9.0, 4.0
_ALONE_COLOUR, _POOL_COLOUR = SECOND, ACCENT
_MOST_WIDE, _MOST_NARROW = 6, 4


def spreads(result: Result) -> Figure:
    """Nine years of ten of each area, against its budget: alone above, in the pool below, the median marked."""
    areas = _areas(result)
    calmest = max(areas, key=lambda each: (_narrowed(each), each.code))
    whole = next(row for row in result.table.to_pylist() if row["area"] == WHOLE)
    calmer = [each for each in areas if _narrowed(each) > 0.005]
    told = (
        f"In nine years of ten, each area’s cost lies within its bar, said as a share of its budget; the gap in a "
        f"bar is the median. The pool narrows the bars of {len(calmer)} of {len(areas)} areas, most that of "
        f"{calmest.name}: from {_ends(calmest, ALONE)} alone to {_ends(calmest, POOLED)} in the pool. All areas "
        f"together vary from {_away(whole['p5'] / float(whole['budget']) - 1)} to "
        f"{_away(whole['p95'] / float(whole['budget']) - 1)}, with a pool or without."
    )
    table = Table(
        "Cost in nine years of ten, against budget",
        (
            Column("Area"),
            Column("Budget (£)", "count"),
            *(
                Column(f"{arrangement.capitalize()}: {name}", "percent")
                for arrangement in (ALONE, POOLED)
                for name in ("low", "median", "high")
            ),
        ),
        tuple(
            (
                each.name,
                f"{each.budget:,.0f}",
                *(
                    _away(each.share(arrangement, name))
                    for arrangement in (ALONE, POOLED)
                    for name in ("p5", "p50", "p95")
                ),
            )
            for each in areas
        ),
    )
    values = [
        each.share(arrangement, name)
        for each in areas
        for arrangement in (ALONE, POOLED)
        for name in ("p5", "p95")
    ]
    return by_hand(
        "pool-spread",
        "A year’s cost against budget, alone and in the pool",
        told,
        table,
        lambda width, _: _rows(areas, values, _interval, "Nine years of ten: cost against budget", width),
        synthetic=result.synthetic,
    )


def tails(result: Result) -> Figure:
    """The costly years of each area: from the median to one year of twenty, and the mean beyond it."""
    areas = _areas(result)
    worst = max(areas, key=lambda each: (each.share(ALONE, "shortfall"), each.code))
    told = (
        "In one year of twenty an area’s cost passes the end of its bar; the dot is the mean of those years (expected "
        f"shortfall). Costliest alone is {worst.name}: {_away(worst.share(ALONE, 'p95'))} against budget in one "
        f"year of twenty, {_away(worst.share(ALONE, 'shortfall'))} on average in such years; in the pool "
        f"{_away(worst.share(POOLED, 'p95'))} and {_away(worst.share(POOLED, 'shortfall'))}."
    )
    names = (("p90", "1 in 10"), ("p95", "1 in 20"), ("p99", "1 in 100"), ("shortfall", "worst 5%"))
    table = Table(
        "Cost above budget in costly years",
        (
            Column("Area"),
            *(
                Column(f"{arrangement.capitalize()}: {said}", "percent")
                for arrangement in (ALONE, POOLED)
                for _, said in names
            ),
            Column("Chance of overspending, alone", "percent"),
            Column("In the pool", "percent"),
        ),
        tuple(
            (
                each.name,
                *(
                    _away(each.share(arrangement, name))
                    for arrangement in (ALONE, POOLED)
                    for name, _ in names
                ),
                percent(each.of[ALONE]["over"]),
                percent(each.of[POOLED]["over"]),
            )
            for each in areas
        ),
    )
    values = [
        value
        for each in areas
        for arrangement in (ALONE, POOLED)
        for value in (0.0, each.share(arrangement, "p95"), each.share(arrangement, "shortfall"))
    ]
    return by_hand(
        "pool-tail",
        "Costly years, alone and in the pool",
        told,
        table,
        lambda width, _: _rows(areas, values, _tail, "One year of twenty, and the mean beyond (dot)", width),
        synthetic=result.synthetic,
    )


def settlements(result: Result) -> Figure:
    """Who receives and who pays for a settled year, largest first; the bars sum to nothing."""
    rows = [row for row in result.table.to_pylist() if row["area"] != WHOLE]
    rows.sort(key=lambda row: (-row["settlement"], row["area"]))
    moved = sum((row["settlement"] for row in rows if row["settlement"] > 0), Decimal(0))
    first, last = rows[0], rows[-1]
    told = f"£{pounds(moved)} moves between areas, and all of it sums to nothing."
    if moved:
        told += (
            f" {short_name(first['area_name'])} receives most, £{pounds(first['settlement'])}; "
            f"{short_name(last['area_name'])} pays most, £{pounds(-last['settlement'])}."
        )
    table = Table(
        "Settlements",
        (
            Column("Area"),
            Column("Cost (£)", "count"),
            Column("Handed over (£)", "count"),
            Column("Pays (£)", "count"),
            Column("Receives (£)", "count"),
        ),
        tuple(
            (
                short_name(row["area_name"]),
                *(pounds(row[name]) for name in ("cost", "handed_over", "pays", "settlement")),
            )
            for row in rows
        ),
    )
    return by_hand(
        "pool-settlement",
        "Who receives and who pays",
        told,
        table,
        lambda width, _: _settled(rows, width),
        synthetic=result.synthetic,
    )


class _Area:
    """One area's two rows of outcomes."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.of = rows
        self.code = str(rows[ALONE]["area"])
        self.name = short_name(str(rows[ALONE]["area_name"]))
        self.budget = float(rows[ALONE]["budget"])

    def share(self, arrangement: str, name: str) -> float:
        """A number of an arrangement as a share of the budget, less 1."""
        return float(self.of[arrangement][name]) / self.budget - 1


def _areas(result: Result) -> list[_Area]:
    held: dict[str, dict[str, Row]] = {}
    for row in result.table.to_pylist():
        if row["area"] != WHOLE:
            held.setdefault(row["area"], {})[row["arrangement"]] = row
    areas = [_Area(rows) for rows in held.values()]
    return sorted(areas, key=lambda each: (each.budget, each.code))


def _narrowed(area: _Area) -> float:
    wide = {
        arrangement: area.share(arrangement, "p95") - area.share(arrangement, "p5")
        for arrangement in (ALONE, POOLED)
    }
    return 1 - wide[POOLED] / wide[ALONE] if wide[ALONE] > 0 else 0.0


def _ends(area: _Area, arrangement: str) -> str:
    return f"{_away(area.share(arrangement, 'p5'))} to {_away(area.share(arrangement, 'p95'))}"


def _away(share: float) -> str:
    """A share above or below budget in whole percent: +12%, −8%, 0%; below ten to one place."""
    said = f"{share * 100:+.0f}%" if abs(share) >= 0.0995 else f"{share * 100:+.1f}%"
    return said.replace("-", "−") if any(digit in said for digit in "123456789") else "0%"


# --- rows of two bars


Mark = Callable[[_Area, str, str, Callable[[float], float], float], list[str]]


def _rows(areas: Sequence[_Area], values: Sequence[float], mark: Mark, title: str, width: int) -> Drawn:
    """Areas one under another, the smallest budget first, each with a bar alone and a bar in the pool."""
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    names = 0.0 if narrow else min(250.0, max(len(each.name) for each in areas) * size * LETTER + 12)
    step = 2 * _BAR + _GAP + (2.0 * size if narrow else 12)
    top = 2 * size + (36 if narrow else 22)
    edge = 3.5 * size * LETTER  # half of what the widest step takes
    left, right = max(names + 6, edge), width - edge
    low, high = min([*values, 0.0]), max([*values, 0.0])
    room = (high - low) * 0.04 or 0.05
    axis = Measure(low - room if low < 0 else low, high + room, title, _away)

    def x(value: float) -> float:
        return left + (value - axis.low) / (axis.high - axis.low) * (right - left)

    bottom = top + step * len(areas)
    parts = [*_key(size, narrow), text(left, top - 22 if narrow else top - 24, title, size, QUIET)]
    for value in ticks(axis, _MOST_NARROW if narrow else _MOST_WIDE):
        strong = abs(value) < 1e-9
        parts.append(line(x(value), top - 4, x(value), bottom, INK if strong else GRID))
        said = "budget" if strong else _away(value)
        parts.append(text(x(value), bottom + size + 4, said, size, INK, text_anchor="middle"))
    for place, each in enumerate(areas):
        y = top + place * step
        if narrow:
            parts.append(text(0, y + size, each.name, size, INK, font_weight="600", **_HALO))
            y += size + 6
        else:
            parts.append(text(names, y + _BAR + size * 0.45, each.name, size, INK, text_anchor="end"))
        parts += mark(each, ALONE, _ALONE_COLOUR, x, y)
        parts += mark(each, POOLED, _POOL_COLOUR, x, y + _BAR + _GAP)
    return Drawn(bottom + 2 * size, tuple(parts))


_HALO = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}


def _key(size: float, narrow: bool) -> list[str]:
    """What the two bars are, each word beside a piece of its own bar; the lower one is drawn hollow besides."""
    parts = []
    at = 0.0
    for words, colour, hollow in (("Alone", _ALONE_COLOUR, True), ("In the pool", _POOL_COLOUR, False)):
        parts.append(_bar(at, 26, 2, colour, hollow))
        parts.append(text(at + 32, size * 0.5 + 5, words, size, INK))
        at += 32 + (len(words) + 3) * size * LETTER
    return parts


def _bar(left: float, width: float, top: float, colour: str, hollow: bool) -> str:
    """A bar alone is an outline and one in the pool is full, so that colour is not the only sign."""
    look = {"fill": "#fff", "stroke": colour, "stroke_width": "1.8"} if hollow else {"fill": colour}
    inset = 0.9 if hollow else 0.0
    return element(
        "rect",
        x=number(left + inset),
        y=number(top + inset),
        width=number(max(width - 2 * inset, 1.0)),
        height=number(_BAR - 2 * inset),
        **look,
    )


def _interval(area: _Area, arrangement: str, colour: str, x: Callable[[float], float], y: float) -> list[str]:
    start, middle, end = (x(area.share(arrangement, name)) for name in ("p5", "p50", "p95"))
    hollow = arrangement == ALONE
    return [
        _bar(start, max(end - start, 2.0), y, colour, hollow),
        line(middle, y, middle, y + _BAR, colour if hollow else "#fff", stroke_width="2.4"),
    ]


def _tail(area: _Area, arrangement: str, colour: str, x: Callable[[float], float], y: float) -> list[str]:
    start, end, beyond = x(0), x(area.share(arrangement, "p95")), x(area.share(arrangement, "shortfall"))
    hollow = arrangement == ALONE
    dot = {"fill": "#fff", "stroke": colour, "stroke_width": "1.8"} if hollow else {"fill": colour}
    return [
        line(end, y + _BAR / 2, beyond, y + _BAR / 2, colour, stroke_width="1.4"),
        _bar(min(start, end), max(abs(end - start), 2.0), y, colour, hollow),
        element("circle", cx=number(beyond), cy=number(y + _BAR / 2), r="4", **dot),
    ]


# --- settlements


def _settled(rows: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    name = [short_name(str(row["area_name"])) for row in rows]
    names = 0.0 if narrow else min(250.0, max(len(each) for each in name) * size * LETTER + 12)
    said = [_moved(float(row["settlement"])) for row in rows]
    room = max(len(each) for each in said) * size * LETTER + 10
    most = max((abs(float(row["settlement"])) for row in rows), default=0.0) or 1.0
    left, right = names + 6 + room, width - 6 - room
    middle = (left + right) / 2
    step = 18 + (1.4 * size if narrow else 8)
    top = 2.2 * size
    parts = [
        text(middle - 8, size, "Pays", size, QUIET, text_anchor="end"),
        text(middle + 8, size, "Receives", size, QUIET),
        line(middle, top - 6, middle, top + step * len(rows), INK),
    ]
    for place, row in enumerate(rows):
        y = top + place * step
        if narrow:
            parts.append(text(0, y + size * 0.8, name[place], size, INK, font_weight="600", **_HALO))
            y += size + 4
        else:
            parts.append(text(names, y + 9 + size * 0.35, name[place], size, INK, text_anchor="end"))
        amount = float(row["settlement"])
        length = abs(amount) / most * (right - left) / 2
        start = middle if amount >= 0 else middle - length
        colour = ACCENT if amount >= 0 else SECOND
        parts.append(_bar(start, max(length, 1.0), y + 4, colour, amount < 0))
        beside = middle + length + 6 if amount >= 0 else middle - length - 6
        parts.append(
            text(
                beside,
                y + 9 + size * 0.35,
                said[place],
                size,
                INK,
                text_anchor="start" if amount >= 0 else "end",
            )
        )
    return Drawn(top + step * len(rows) + 6, tuple(parts))


def _moved(amount: float) -> str:
    return short_pounds(abs(amount)) if round(amount, 2) else "nothing"
