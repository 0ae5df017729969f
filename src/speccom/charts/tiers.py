"""Recommended tiers in pictures: one line's ladder, all lines at a glance, and other bars tried; decides nothing."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from speccom.charts.axes import line
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND, ink_on
from speccom.charts.tables import Column, Table
from speccom.charts.tiles import SEQUENCE
from speccom.charts.units import NOTHING, percent, said, short_pounds
from speccom.insight.tiers import CHANCE, LADDER, OUT_OF_AREA, PROVIDERS
from speccom.insight.volatility import Tiers

Row = Mapping[str, Any]
RUNGS = {
    "icb": "One board",
    "multi_icb": "Several boards",
    "region": "Region",
    "england": "England",
}
NONE_MEETS, NOT_TOLD = "none", "gap"
CONDITIONS = {CHANCE: "chance", PROVIDERS: "too few providers", OUT_OF_AREA: "too much out of area"}
_TICKS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
_GROUND, _DOT = "#e6eef3", "#7d8d96"
_COLOURS = dict(zip(LADDER, (SEQUENCE[1], SEQUENCE[2], SEQUENCE[3], SEQUENCE[4]), strict=True))
_LETTERS = {"icb": "Board", "multi_icb": "Several", "region": "Region", "england": "England"}


def bar_in_words(share: float) -> str:
    """A threshold as it was set: 5%, 2.5%."""
    return f"{share * 100:g}%"


def chance_in_words(chance: float) -> str:
    """A chance to a whole percent, below ten to one place; never a nought that it is not."""
    return "under 0.1%" if 0 < chance < 0.0005 else percent(chance)


def fails_in_words(fails: str | None) -> str:
    """What a rung fails, in words; empty where nothing."""
    return ", ".join(CONDITIONS.get(each, each) for each in (fails or "").split(", ") if each)


def _line_of(found: Tiers, code: str) -> Row | None:
    return next((row for row in found.lines.table.to_pylist() if row["service_line"] == code), None)


def _of(rows: Sequence[Row], code: str) -> list[Row]:
    return [row for row in rows if row["service_line"] == code]


# --- one line's ladder


def ladder(found: Tiers, code: str) -> Figure | None:
    """For one line, the chance of missing its expected cost at each rung, its units as dots, and what is asked.

    None where nothing is recommended for the line: its note says why.
    """
    row = _line_of(found, code)
    rungs = [each for each in _of(found.rungs.to_pylist(), code) if each["gap"] is None]
    if row is None or row["recommended"] is None or not rungs:
        return None
    units = [each for each in _of(found.units.to_pylist(), code) if each["chance"] is not None]
    return by_hand(
        "ladder",
        f"{row['service_line_name']}: chance of missing a year’s cost at each rung",
        _ladder_in_words(found, row, rungs),
        _ladder_table(row, rungs),
        lambda width, _: _draw_ladder(found, row, rungs, units, width),
        synthetic=found.lines.synthetic,
    )


def _margin_in_words(rung: Row) -> str:
    """How far a rung is from alpha, and what else it fails."""
    others = fails_in_words(
        ", ".join(each for each in (rung["fails"] or "").split(", ") if each not in ("", CHANCE))
    )
    if rung["margin"] is None:
        close = "its chance is withheld"
    elif rung["margin"] >= 0:
        close = f"meets alpha with {_points(rung['margin'])} to spare"
    else:
        close = f"misses alpha by {_points(-rung['margin'])}"
    return f"{close}; {others}" if others else close


def _points(share: float) -> str:
    return f"{share * 100:.1f} points" if share < 0.0995 else f"{share * 100:.0f} points"


def _ladder_in_words(found: Tiers, row: Row, rungs: Sequence[Row]) -> str:
    bars = found.thresholds
    chosen = RUNGS[row["recommended"]]
    parts = [
        f"Recommended: {chosen}."
        if row["met"]
        else f"No rung meets the bars; the largest is given: {chosen}.",
        f"Asked: a year’s cost misses the expected one by more than {bar_in_words(bars.q)} with a chance of "
        f"{bar_in_words(bars.alpha)} at most.",
    ]
    for rung in rungs:
        chance = f"chance {chance_in_words(rung['chance'])}, " if rung["chance"] is not None else ""
        parts.append(f"{RUNGS[rung['footprint']]}: {chance}{_margin_in_words(rung)}.")
    return " ".join(parts)


def _ladder_table(row: Row, rungs: Sequence[Row]) -> Table:
    columns = (
        Column("Rung"),
        *(Column(name, "count") for name in ("Units", "Chance", "Providers", "Out of area")),
        Column("How close"),
    )
    return Table(
        f"{row['service_line_name']}, rung by rung",
        columns,
        tuple(
            (
                RUNGS[rung["footprint"]]
                + (" (recommended)" if rung["footprint"] == row["recommended"] else ""),
                said(rung["units"] - rung["units_left_out"], "units"),
                said(rung["chance"], "chance"),
                said(rung["providers"], "providers"),
                said(rung["out_of_area_share"], "share"),
                _margin_in_words(rung),
            )
            for rung in rungs
        ),
    )


def _across(chance: float, left: float, right: float) -> float:
    """The place of a chance: by its square root, so that one and five in a hundred stand apart."""
    return left + float(max(chance, 0.0) ** 0.5) * (right - left)


def _draw_ladder(found: Tiers, row: Row, rungs: Sequence[Row], units: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    left, right = (12.0, width - 14.0) if narrow else (250.0, width - 24.0)
    step = 92.0 if narrow else 78.0
    top = 44.0
    bottom = top + step * len(rungs)
    what = "by" if narrow else "the expected cost by"
    heading = f"Chance of missing {what} more than {bar_in_words(found.thresholds.q)}"
    parts: list[str] = [text(0, 14, heading, size, INK, font_weight="700")]
    ground: list[str] = []
    for place, rung in enumerate(rungs):
        if rung["footprint"] == row["recommended"]:
            box = {"y": number(top + place * step + 2), "height": number(step - 4), "width": number(width)}
            ground.append(element("rect", x="0", fill=_GROUND, **box))
    parts += ground
    for chance in _TICKS:
        x = _across(chance, left, right)
        parts.append(line(x, top, x, bottom, GRID if not ground else "#c6d0d6"))
        if not (narrow and chance in (0.01, 0.1, 0.75)):
            anchor = "end" if chance == 1 else "middle"
            words = bar_in_words(chance)
            parts.append(
                text(x + 10 * (chance == 1), bottom + size + 5, words, size, INK, text_anchor=anchor)
            )
    alpha = _across(found.thresholds.alpha, left, right)
    parts.append(line(alpha, top - 8, alpha, bottom, SECOND, stroke_width="2", stroke_dasharray="6 3"))
    parts.append(
        text(
            alpha + 4,
            top - 12,
            f"at most {bar_in_words(found.thresholds.alpha)} is asked",
            size,
            SECOND,
            font_weight="700",
        )
    )
    for place, rung in enumerate(rungs):
        own = [unit for unit in units if unit["footprint"] == rung["footprint"]]
        y = top + place * step
        parts += _rung(rung, own, row, y, step, (left, right), width)
    return Drawn(bottom + size + 12, tuple(parts))


def _rung(
    rung: Row,
    units: Sequence[Row],
    row: Row,
    y: float,
    step: float,
    ends: tuple[float, float],
    width: int,
) -> list[str]:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    chosen = rung["footprint"] == row["recommended"]
    weight = {"font_weight": "700"} if chosen else {}
    said_here = "recommended" if row["met"] else "the largest; not met"
    name = RUNGS[rung["footprint"]] + (f" – {said_here}" if chosen else "")
    words = _margin_in_words(rung)
    halo = {"stroke": _GROUND if chosen else "#fff", "stroke_width": "4", "paint_order": "stroke"}
    parts = [text(6, y + size + 8, name, size, INK, **weight, **halo)]
    room = int((width - 12 if narrow else ends[0] - 14) / (size - 0.5) / LETTER)
    wrapped = textwrap.wrap(words, room)[:2]
    parts += [
        text(6, y + size + 24 + 15 * nth, each, size - 0.5, QUIET, **halo) for nth, each in enumerate(wrapped)
    ]
    middle = y + (step - 17 if narrow else step / 2)
    for nth, unit in enumerate(sorted(units, key=lambda unit: -(unit["share_of_cost"] or 0))):
        # Apart a little, in a fixed order, since many units have like chances.
        off = ((nth * 5) % 7 - 3) * (1.6 if narrow else 3.0)
        radius = 2.2 + 4.5 * float(unit["share_of_cost"] or 0) ** 0.5
        x = number(_across(unit["chance"], *ends))
        dot = {"r": number(radius), "fill": _DOT, "fill_opacity": "0.55", "stroke": "#fff"}
        parts.append(element("circle", cx=x, cy=number(middle + off), **dot))
    if rung["chance"] is not None:
        at = _across(rung["chance"], *ends)
        meets = rung["margin"] >= 0
        points = " ".join(
            f"{number(at + dx)},{number(middle + dy)}" for dx, dy in ((0, -9), (7, 0), (0, 9), (-7, 0))
        )
        fill = {
            "fill": ACCENT if meets else "#fff",
            "stroke": ACCENT if meets else SECOND,
            "stroke_width": "2.4",
        }
        parts.append(element("polygon", points=points, **fill))
        late = at > ends[1] - 80
        parts.append(
            text(
                at - 12 if late else at + 12,
                middle + size * 0.36,
                chance_in_words(rung["chance"]),
                size,
                INK,
                text_anchor="end" if late else "start",
                font_weight="700",
                **halo,
            )
        )
    return parts


# --- all lines


def tiers_overview(found: Tiers) -> Figure | None:
    """How many lines, and pounds, each rung is recommended for, and what kept them from the rung below."""
    rows = found.lines.table.to_pylist()
    if not rows:
        return None
    groups = list(_groups(rows))
    lines = sum(group["lines"] for group in groups)
    told = (
        " ".join(
            f"{group['name']}: {group['lines']:,} of {lines:,} lines, {short_pounds(group['spend'])} a year."
            for group in groups
            if group["lines"]
        )
        + " A rung is the smallest that meets every bar."
    )
    columns = (
        Column("Rung"),
        Column("Lines", "count"),
        Column("Spend (£ a year)", "count"),
        Column("What decided"),
    )
    table = Table(
        f"{found.lines.title}, by rung",
        columns,
        tuple(
            (group["name"], f"{group['lines']:,}", f"{group['spend']:,.0f}", group["decided"] or NOTHING)
            for group in groups
        ),
    )
    return by_hand(
        "tiers",
        f"{found.lines.title}: lines and pounds by rung",
        told,
        table,
        lambda width, _: _draw_overview(groups, width),
        synthetic=found.lines.synthetic,
    )


def _groups(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    names = {**RUNGS, NONE_MEETS: "Not even England", NOT_TOLD: "Cannot be told"}
    for key, name in names.items():
        own = [row for row in rows if _group(row) == key]
        decided: Counter[str] = Counter()
        for row in own:
            if key == NOT_TOLD:
                decided[row["note"] or "small numbers are withheld"] += 1
            for each in (row["decided_by"] or "").split(", "):
                if each in CONDITIONS:
                    decided[CONDITIONS[each]] += 1
        told = "; ".join(f"{words} {count:,}" for words, count in decided.most_common(3))
        yield {
            "key": key,
            "name": name,
            "lines": len(own),
            "spend": sum(max(row["spend"] or 0.0, 0.0) for row in own),
            "decided": told,
        }


def _group(row: Row) -> str:
    if row["recommended"] is None:
        return NOT_TOLD
    return str(row["recommended"]) if row["met"] else NONE_MEETS


def _draw_overview(groups: Sequence[Mapping[str, Any]], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    names = 0.0 if narrow else 150.0
    half = (width - names) / 2
    room = 58.0 if narrow else 64.0
    lines = max(group["lines"] for group in groups) or 1
    spend = max(group["spend"] for group in groups) or 1.0
    parts = [
        text(names, 14, "Lines", size, QUIET),
        text(names + half, 14, "£ a year", size, QUIET),
    ]
    y = 22.0
    for group in groups:
        if narrow:
            y += size + 4
            parts.append(text(0, y, group["name"], size, INK, font_weight="700"))
            y += 4
        else:
            parts.append(text(0, y + 15, group["name"], size, INK, font_weight="700"))
        for start, share, words, colour in (
            (names, group["lines"] / lines, f"{group['lines']:,}", ACCENT),
            (names + half, group["spend"] / spend, short_pounds(group["spend"]), SECOND),
        ):
            length = share * (half - room)
            bar = {"height": "18", "width": number(max(length, 0.5)), "fill": colour}
            parts.append(element("rect", x=number(start), y=number(y + 1), **bar))
            parts.append(text(start + length + 5, y + 15, words, size, INK))
        y += 24
        if group["decided"]:
            label = "because: " if group["key"] == NOT_TOLD else "decided by: "
            around = int((width - names) / (size - 0.5) / LETTER)
            for each in textwrap.wrap(label + group["decided"], around)[:2]:
                y += 13
                parts.append(text(names, y, each, size - 0.5, QUIET))
            y += 6
        y += 6
    return Drawn(y, tuple(parts))


# --- other bars


def sensitivity(found: Tiers, code: str) -> Figure | None:
    """For one line, the recommended rung at other q (across) and alpha (down), with the fewest providers as asked."""
    row = _line_of(found, code)
    tried = _of(found.sensitivity.to_pylist(), code)
    if row is None or not tried:
        return None
    asked = found.thresholds
    fewest = min({each["fewest_providers"] for each in tried}, key=lambda n: abs(n - asked.fewest_providers))
    cells = {(each["q"], each["alpha"]): each for each in tried if each["fewest_providers"] == fewest}
    qs, alphas = sorted({q for q, _ in cells}), sorted({alpha for _, alpha in cells})
    count = Counter(_cell_in_words(cell) for cell in cells.values())
    told = (
        f"With at least {fewest} provider{'s' * (fewest != 1)} a unit: "
        + ", ".join(
            f"{words} at {number_of} of {len(cells)} bars" for words, number_of in count.most_common()
        )
        + "."
    )
    table = Table(
        f"{row['service_line_name']}: the rung at other bars",
        (Column("Chance at most (alpha)"), *(Column(f"Within {bar_in_words(q)}") for q in qs)),
        tuple((bar_in_words(alpha), *(_cell_in_words(cells[q, alpha]) for q in qs)) for alpha in alphas),
    )
    return by_hand(
        "sensitivity",
        f"{row['service_line_name']}: the rung at other bars",
        told,
        table,
        lambda width, _: _draw_grid(cells, qs, alphas, (asked.q, asked.alpha), width),
        synthetic=found.lines.synthetic,
    )


def _cell_in_words(cell: Row) -> str:
    return RUNGS[cell["recommended"]] if cell["met"] else "Not even England"


def _draw_grid(
    cells: Mapping[tuple[float, float], Row],
    qs: Sequence[float],
    alphas: Sequence[float],
    asked: tuple[float, float],
    width: int,
) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    left, top, tall = (54.0, 58.0, 44.0) if narrow else (150.0, 58.0, 48.0)
    wide = min((width - left - 2) / len(qs), 190.0)
    parts = [
        text(left, 14, "How far a year’s cost may stray (q)", size, QUIET),
        text(0, top - 8, "Chance" if narrow else "Chance at most (alpha)", size, QUIET),
    ]
    parts += [
        text(left + (nth + 0.5) * wide, top - 8, bar_in_words(q), size, INK, text_anchor="middle")
        for nth, q in enumerate(qs)
    ]
    ring = ""
    for down, alpha in enumerate(alphas):
        y = top + down * tall
        parts.append(text(left - 8, y + tall / 2 + 5, bar_in_words(alpha), size, INK, text_anchor="end"))
        for across, q in enumerate(qs):
            cell = cells[q, alpha]
            colour = _COLOURS[cell["recommended"]] if cell["met"] else "#ffffff"
            x = left + across * wide
            box = {
                "x": number(x + 1),
                "y": number(y + 1),
                "width": number(wide - 2),
                "height": number(tall - 2),
            }
            parts.append(element("rect", fill=colour, stroke=QUIET, stroke_width="1", **box))
            words = _LETTERS[cell["recommended"]] if cell["met"] else "None"
            parts.append(
                text(x + wide / 2, y + tall / 2 + 5, words, size, ink_on(colour), text_anchor="middle")
            )
            if (q, alpha) == asked:
                ring = element("rect", fill="none", stroke=SECOND, stroke_width="4", **box)
    y = top + len(alphas) * tall
    notes = ["Ringed: the bars asked for."] if ring else []
    notes.append("None: not even England meets the bars.")
    parts += [ring, *(text(0, y + 20 + 16 * nth, each, 12, QUIET) for nth, each in enumerate(notes))]
    return Drawn(y + 14 + 16 * len(notes), tuple(part for part in parts if part))
