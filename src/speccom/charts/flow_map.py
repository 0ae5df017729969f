"""Flows on a map: lines from each board to the areas where its people are cared for, as wide as their pounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from speccom.charts.codes import codes_in_words
from speccom.charts.drawing import Drawn, Figure, by_hand, element, number, text
from speccom.charts.flows import named_shares, whole_of
from speccom.charts.labels import Box, Labels
from speccom.charts.layout import COLUMNS, GAP, KEY_COLUMN, ROWS, tiles
from speccom.charts.look import ACCENT, INK, NARROW, QUIET, SECOND
from speccom.charts.units import percent, pounds_of, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.result import Result

CAPITAL = 0.78
"""How wide a heavy capital of a code is, as a share of its size."""

Row = Mapping[str, Any]
Shapes = Mapping[str, Sequence[Sequence[tuple[float, float]]]]
"""The outlines of boards: rings in kilometres east and north, as `places.boundaries` holds them."""

LEAST = 0.02
"""The part of a board's spend below which a flow is not drawn when one board is shown."""
MOST = 40
"""How many flows are drawn when all boards are: the greatest."""

_LAND, _EDGE = "#eef2f4", "#c3cdd3"
_COLUMNS = (
    "icb_name",
    "icb",
    "provider_name",
    "provider",
    "host_icb",
    "neuroscience_centre",
    "patients",
    "spend",
    "share_of_board",
    "kilometres",
)


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where things lie at one width: what is drawn under the flows, and the middle of each area.

    `codes` says where an area's code stands, where that is laid down.
    """

    height: float
    parts: tuple[str, ...]
    middles: Mapping[str, tuple[float, float]]
    codes: Mapping[str, tuple[float, float]]
    key_left: float


@dataclass(frozen=True, slots=True)
class _Flow:
    """Pounds from one board's people to the providers of another's area."""

    icb: str
    host: str
    spend: float


def flow_map(
    by_provider: Result,
    on: date,
    icb: str | None = None,
    *,
    balances: Result | None = None,
    shapes: Shapes | None = None,
) -> Figure | None:
    """One board's flows, or with none the greatest between any two, on the boards of a date.

    `by_provider` and `balances` are those of `insight.flows`. With `shapes` boards are in their outlines,
    else tiles. A line ends in the middle of the area in which the provider lies. Boards that host no
    neuroscience centre are named, with where their people go, when `balances` is given.
    """
    every = by_provider.table.to_pylist()
    rows = [row for row in every if row["spend"] is not None and row["spend"] > 0]
    flows = _flows(rows, icb)
    if not flows:
        return None
    centres: dict[str, int] = defaultdict(int)
    for _, host in {(row["provider"], row["host_icb"]) for row in rows if row["neuroscience_centre"]}:
        if host:
            centres[host] += 1
    names = {row["icb"]: short_name(row["icb_name"]) for row in rows}
    shown = [row for row in every if icb is None or row["icb"] == icb]
    hidden = any(row["spend"] is None for row in shown)
    told = _in_words(rows, flows, names, icb, hidden)
    without = _without_centre(balances, rows, icb) if balances is not None else ()
    if icb is not None:
        told += "".join(f" {sentence}" for sentence in without)
    elif without:
        told += f" {len(without)} boards host no neuroscience centre."
    title = f"Flows of people of {names.get(icb, icb)}" if icb else "The greatest flows between boards"
    return by_hand(
        "flow-map",
        title,
        told,
        written(by_provider, _COLUMNS, title, shown),
        lambda width, _: _draw(_ground(on, shapes, width), flows, centres, names, icb, width),
        synthetic=by_provider.synthetic,
    )


def _flows(rows: Sequence[Row], icb: str | None) -> list[_Flow]:
    pounds: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        if row["host_icb"] and (icb is None or row["icb"] == icb):
            pounds[row["icb"], row["host_icb"]] += pounds_of(row["spend"])
    total = sum(pounds.values())
    flows = [_Flow(*pair, spend) for pair, spend in pounds.items()]
    if icb is not None:
        flows = [flow for flow in flows if flow.spend >= LEAST * total]
    else:
        flows = sorted((flow for flow in flows if flow.icb != flow.host), key=lambda flow: -flow.spend)[:MOST]
    return sorted(flows, key=lambda flow: flow.spend)


def _in_words(
    rows: Sequence[Row], flows: Sequence[_Flow], names: Mapping[str, str], icb: str | None, hidden: bool
) -> str:
    if icb is None:
        top = flows[-1]
        return (
            f"The {len(flows)} greatest flows from a board to another's area are drawn, down to "
            f"{short_pounds(flows[0].spend)}; the greatest is {short_pounds(top.spend)}, from "
            f"{names.get(top.icb, top.icb)} to {names.get(top.host, top.host)}. A line is thick at the people's "
            "own board and ends in the area where they are cared for; it is as wide as its pounds."
        )
    total = whole_of([row for row in rows if row["icb"] == icb])
    home = sum(flow.spend for flow in flows if flow.host == icb)
    away = [flow for flow in reversed(flows) if flow.host != icb]
    told = f"{percent(home / total)} of its spend " + (
        "stays in the area." if home else "is shown to stay in the area."
    )
    if away:
        told += " Lines lead to " + ", ".join(
            f"{names.get(flow.host, flow.host)} ({percent(flow.spend / total)})" for flow in away
        )
        told += "; each is as wide as its pounds."
    told += f" Flows of less than {percent(LEAST)} of what is shown are not drawn."
    return f"{told} What is withheld is not drawn either." if hidden else told


def without_centre(balances: Result, by_provider: Result, icb: str | None = None) -> tuple[str, ...]:
    """A sentence for each board, or the one, that hosts no neuroscience centre: where its people go instead."""
    rows = [row for row in by_provider.table.to_pylist() if row["spend"] is not None]
    return _without_centre(balances, rows, icb)


def _without_centre(balances: Result, rows: Sequence[Row], icb: str | None) -> tuple[str, ...]:
    said = []
    for board in balances.table.to_pylist():
        if not board["region"] or board["neuroscience_centres"] or icb not in (None, board["icb"]):
            continue
        name = short_name(board["icb_name"])
        going = [row for row in rows if row["icb"] == board["icb"]]
        centres = [row for row in going if row["neuroscience_centre"]]
        told = f"{name} hosts no neuroscience centre"
        if centres:
            told += f"; of its spend, the centres elsewhere have {', '.join(named_shares(centres))}"
        elif going:
            told += f" and none is shown to care for its people; they go to {', '.join(named_shares(going))}"
        said.append(f"{told}.")
    return tuple(said)


def _ground(on: date, shapes: Shapes | None, width: int) -> _Ground:
    return _outlines(shapes, width) if shapes else _tiles(on, width)


def _tiles(on: date, width: int) -> _Ground:
    across = width if width <= NARROW else 560
    cell = across / COLUMNS
    parts, middles, codes = [], {}, {}
    for tile in tiles(on):
        x, y = (tile.column + GAP / 2) * cell, (tile.row + GAP / 2) * cell
        parts.append(
            element(
                "rect",
                x=number(x),
                y=number(y),
                width=number((tile.width - GAP) * cell),
                height=number((tile.height - GAP) * cell),
                rx="3",
                fill=_LAND,
                stroke=_EDGE,
            )
        )
        x, y = (tile.column + tile.width / 2) * cell, (tile.row + tile.height / 2) * cell
        middles[tile.area] = (x, y - cell * 0.12)
        codes[tile.area] = (x, y + cell * 0.4)
    return _Ground(ROWS * cell, tuple(parts), middles, codes, KEY_COLUMN * cell + 6)


def _outlines(shapes: Shapes, width: int) -> _Ground:
    across = width if width <= NARROW else 560
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = (across - 4) / (east - west)
    parts, middles = [], {}
    for board, rings in shapes.items():
        placed = [[(2 + (x - west) * scale, 2 + (north - y) * scale) for x, y in ring] for ring in rings]
        path = "".join("M" + "L".join(f"{number(x)},{number(y)}" for x, y in ring) + "Z" for ring in placed)
        parts.append(element("path", d=path, fill=_LAND, stroke=_EDGE, fill_rule="evenodd"))
        middles[board] = max(map(_middle, placed))[1:]
    return _Ground((north - south) * scale + 4, tuple(parts), middles, {}, across * 0.62)


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The area of a ring and its centre of gravity."""
    twice = east = north = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        twice += cross
        east += (x1 + x2) * cross
        north += (y1 + y2) * cross
    if not twice:
        return 0.0, *ring[0]
    return abs(twice) / 2, east / (3 * twice), north / (3 * twice)


def _draw(
    ground: _Ground,
    flows: Sequence[_Flow],
    centres: Mapping[str, int],
    names: Mapping[str, str],
    icb: str | None,
    width: int,
) -> Drawn:
    narrow = width <= NARROW
    thickest = 10.0 if narrow else 16.0
    most = max(flow.spend for flow in flows)
    parts = list(ground.parts)
    for flow in flows:
        if flow.icb not in ground.middles or flow.host not in ground.middles:
            continue
        (x1, y1), (x2, y2) = ground.middles[flow.icb], ground.middles[flow.host]
        thick = max(flow.spend / most * thickest, 1.2)
        if flow.icb == flow.host:
            parts.append(
                element("circle", cx=number(x1), cy=number(y1), r=number(thick / 2 + 6), fill=ACCENT)
            )
            continue
        parts.append(_stroke(x1, y1, x2, y2, thick))
    size = 10.5 if narrow else 12.5
    labels = Labels(Box(0, 0, width, ground.height + 20), size, CAPITAL)
    touched = {flow.icb for flow in flows} | {flow.host for flow in flows}
    for area, (x, y) in ground.middles.items():
        if area in centres:
            parts.append(_star(x, y, 6 if narrow else 8))
            labels.take(x, y, 6)
    halo = {"stroke": "#fff", "stroke_width": "3.5", "paint_order": "stroke", "stroke_linejoin": "round"}
    for area in sorted(ground.middles, key=lambda each: (each != icb, each not in touched, each)):
        weight = {"font_weight": "700"} if area in touched else {}
        ink = INK if area in touched else QUIET
        if area in ground.codes:
            x, y = ground.codes[area]
            small = size if len(area) <= 3 else size * 0.85
            parts.append(text(x, y, area, small, ink, text_anchor="middle", **halo, **weight))
        elif placed := labels.place(area, *ground.middles[area], 9, must=area in touched):
            parts.append(
                text(placed.x, placed.y, area, size, ink, text_anchor=placed.anchor, **halo, **weight)
            )
    key_left = ground.key_left if narrow else max(ground.key_left, 590.0)
    # Those that lines begin and end at; others are no part of what the picture says.
    told = {area: names[area] for area in sorted(touched & ground.middles.keys()) if area in names}
    in_words, bottom = codes_in_words(told, width, max(ground.height + 6, 96))
    return Drawn(bottom, (*parts, *_key(key_left, narrow), *in_words))


def _stroke(x1: float, y1: float, x2: float, y2: float, thick: float) -> str:
    """A tapering line, broad where people live and pointed where they are cared for."""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    across, down = -(y2 - y1) / length, (x2 - x1) / length
    half, tip = thick / 2, min(thick / 8, 1.0)
    corners = (
        (x1 + across * half, y1 + down * half),
        (x2 + across * tip, y2 + down * tip),
        (x2 - across * tip, y2 - down * tip),
        (x1 - across * half, y1 - down * half),
    )
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    return element(
        "polygon", points=points, fill=SECOND, fill_opacity="0.75", stroke="#fff", stroke_width="0.6"
    )


def _star(x: float, y: float, size: float) -> str:
    return text(
        x,
        y + size * 0.7,
        "★",
        size * 2,
        INK,
        text_anchor="middle",
        stroke="#fff",
        stroke_width="2.5",
        paint_order="stroke",
    )


def _key(x: float, narrow: bool) -> list[str]:
    """What the marks mean, in the sea off the north east."""
    size = 10.5 if narrow else 13.0
    step = size + 8
    lines = (
        ("★ neuroscience", INK),
        ("    centre there", INK),
        ("▶ leaves the area:", SECOND),
        ("    points to the care", SECOND),
        ("● stays in the area", ACCENT),
    )
    top = 12.0 if narrow else 24.0
    return [
        text(x, top + place * step * 0.8, words.replace("    ", "\u2003"), size, ink)
        for place, (words, ink) in enumerate(lines)
    ]
