"""Horizontal bars with their values written at the end: stacked, paired with a mark, or plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import altair as alt

from speccom.charts.figure import ACCENT, COLOURS, INK, NARROW, QUIET, Chart, values

_NAMES = 310  # pixels for the names beside the bars
_BAR, _STEP_WIDE, _STEP_NARROW = 15, 27, 42


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its parts by category, what is written at its end, and a mark to compare with."""

    name: str
    parts: Mapping[str, Decimal]
    label: str
    mark: Decimal | None = field(default=None)

    @property
    def reach(self) -> float:
        """How far right anything of it is drawn."""
        return float(max(sum((part for part in self.parts.values() if part > 0), Decimal(0)), self.mark or 0))


def bars(
    rows: Sequence[Bar],
    categories: Mapping[str, str],
    width: int,
    *,
    colours: Mapping[str, str] = COLOURS,
    mark_name: str | None = None,
    key: bool = True,
) -> Chart:
    """Bars of pounds, one under another in the order given.

    `categories` gives the parts in stacking order with the words for each. A key of them is drawn where there
    are two or more, unless `key` is false. `mark_name` says that the marks are drawn too. On a narrow page
    the name stands above its bar, on a wide one to its left.
    """
    narrow = width <= NARROW
    names = [row.name for row in rows]
    furthest = max((row.reach for row in rows), default=1.0) or 1.0
    least = min((float(min(row.parts.values(), default=Decimal(0))) for row in rows), default=0.0)
    x = alt.Scale(domain=[min(least * 1.1, 0), _far_edge(rows, width) or 1.0], nice=False, zero=True)
    y = alt.Y("name:N", sort=names, title=None, axis=None if narrow else alt.Axis(labelLimit=_NAMES))
    drop = 9 if narrow else 0

    parts = [
        {"name": row.name, "category": categories[key], "order": order, "value": float(row.parts[key])}
        for row in rows
        for order, key in enumerate(categories)
        if row.parts.get(key)
    ]
    shown = [key for key in categories if any(row.parts.get(key) for row in rows)]
    legend = None
    if key and len(shown) > 1:
        legend = alt.Legend(orient="top", columns=1 if narrow else 2, labelLimit=320, columnPadding=24)
    layers = [
        alt.Chart(values(parts))
        .mark_bar(height=_BAR, yOffset=drop)
        .encode(
            y=y,
            x=alt.X("value:Q", scale=x, title=None, axis=_axis(furthest, narrow)),
            color=alt.Color(
                "category:N",
                scale=alt.Scale(
                    domain=[categories[key] for key in shown],
                    range=[colours.get(key, ACCENT) for key in shown],
                ),
                legend=legend,
            ),
            order="order:Q",
        )
    ]
    ends = [{"name": row.name, "end": max(row.reach, 0.0), "label": row.label} for row in rows]
    layers.append(
        alt.Chart(values(ends))
        .mark_text(align="left", dx=6, dy=drop)
        .encode(y=y, x=alt.X("end:Q", scale=x), text="label:N")
    )
    if mark_name:
        marks = [{"name": row.name, "mark": float(row.mark)} for row in rows if row.mark is not None]
        # A white edge keeps the dark line apart from the bar that it crosses.
        layers += [
            alt.Chart(values(marks))
            .mark_tick(thickness=thickness, size=_BAR + 8, color=colour, opacity=1, yOffset=drop)
            .encode(y=y, x=alt.X("mark:Q", scale=x))
            for thickness, colour in ((6, "#fff"), (3, INK))
        ]
    if narrow:
        layers.append(
            alt.Chart(values([{"name": name} for name in names]))
            .mark_text(align="left", dy=-8, color=INK, fontWeight=600, limit=width - 10)
            .encode(y=y, x=alt.XDatum(0, scale=x), text="name:N")
        )
    step = _STEP_NARROW if narrow else _STEP_WIDE
    return alt.layer(*layers).properties(
        width=width,
        height=max(len(rows), 1) * step,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def _far_edge(rows: Sequence[Bar], width: int) -> float:
    """The value at the right edge that leaves each bar room for what is written at its end."""
    plot = (
        width if width <= NARROW else width - min(_NAMES, max((len(row.name) for row in rows), default=0) * 7)
    )
    return max((row.reach * plot / (plot - 14 - 7.2 * len(row.label)) for row in rows), default=1.0)


def _axis(furthest: float, narrow: bool) -> alt.Axis:
    scale, unit = (1e9, "bn") if furthest >= 1e9 else (1e6, "m") if furthest >= 1e6 else (1e3, "k")
    return alt.Axis(
        tickCount=3 if narrow else 5,
        labelExpr=f"datum.value == 0 ? '£0' : '£' + format(datum.value / {scale:.0f}, '~g') + '{unit}'",
        labelColor=QUIET,
        orient="bottom",
    )
