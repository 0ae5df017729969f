"""Access against intensity with curves of equal spend, and the funnel of standardised ratios; decides nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from speccom.charts.axes import Frame, Measure, line, ticks
from speccom.charts.codes import codes_in_words
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.labels import Box, Labels
from speccom.charts.look import ACCENT, INK, NARROW, QUIET, SECOND
from speccom.charts.units import said, written
from speccom.charts.words import short_name
from speccom.insight.areas import ENGLAND
from speccom.insight.result import Result
from speccom.insight.statistics.funnel import THREE_SIGMA, TWO_SIGMA, expected_on_ratio_limits

Row = Mapping[str, Any]
PER = 100_000
LIMITS = ((TWO_SIGMA, "(0.025)", "2.5%"), (THREE_SIGMA, "(0.001)", "0.1%"))
"""The limits that a funnel draws: their confidence, what a row outside them says, and each tail in words."""

_SHOWN = (
    "icb_name",
    "icb",
    "population",
    "patients",
    "spend",
    "spend_per_head",
    "access",
    "intensity",
    "compared_with",
    "spend_ratio",
    "access_ratio",
    "intensity_ratio",
    "access_effect",
    "intensity_effect",
)
_FUNNEL = (
    "icb_name",
    "icb",
    "patients",
    "expected_patients",
    "standardised_ratio",
    "ratio_lower",
    "ratio_upper",
    "funnel",
)
_OTHERS = "#9aa7ae"


def access_by_intensity(result: Result, icb: str | None = None) -> Figure | None:
    """Patients for each 100,000 people across, pounds for each patient up, curves of equal spend a head.

    `result` is that of `insight.variation`. A board that lacks either is not drawn; none at all, no figure.
    """
    rows = [row for row in result.table.to_pylist() if row["access"] and row["intensity"]]
    boards = [row for row in rows if row["icb"] != ENGLAND]
    if not boards:
        return None
    chosen = next((row for row in boards if row["icb"] == icb), None)
    peers = _peers(boards, chosen)
    description = _access_in_words(rows, boards, chosen, peers)
    return by_hand(
        "access-by-intensity",
        f"{result.title}: access and intensity",
        description,
        written(result, _SHOWN, f"{result.title}, by board"),
        lambda width, _: _scatter(rows, chosen, peers, width),
        synthetic=result.synthetic,
    )


def funnel(result: Result, icb: str | None = None) -> Figure | None:
    """Patients over expected patients against expected patients, with the limits that chance alone keeps to.

    None where no board has a standardised ratio: the result's gaps say why.
    """
    rows = [
        row
        for row in result.table.to_pylist()
        if row["standardised_ratio"] is not None and row["icb"] != ENGLAND
    ]
    if not rows:
        return None
    outside = [row for row in rows if _outside(row)]
    described = (
        f"{len(rows)} boards by patients over those expected from their ages. "
        f"{len(outside)} lie outside the limits that chance keeps to in 95 of 100 boards"
    )
    far = [row for row in rows if _outside(row, far=True)]
    described += f", {len(far)} of them outside those of 998 in 1,000." if outside else "."
    if chosen := next((row for row in rows if row["icb"] == icb), None):
        described += (
            f" {short_name(chosen['icb_name'])} has {said(chosen['standardised_ratio'], 'ratio')} times "
            "the patients expected."
        )
    return by_hand(
        "funnel",
        f"{result.title}: patients over those expected",
        described,
        written(
            result,
            _FUNNEL,
            "Patients and expected patients by board",
            [r for r in rows if r["icb"] != ENGLAND],
        ),
        lambda width, _: _funnel(rows, icb, width),
        synthetic=result.synthetic,
    )


def limit_curves(
    most: float, confidence: float
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """The lower and the upper limit as points (expected, ratio), up to `most` expected.

    They are the points at which a whole count lies just on the limit, so that a board drawn outside a line is
    one that the statistics class as outside it.
    """
    counts = np.unique(np.geomspace(1, 3 * most + 30, 90).round())
    limits = expected_on_ratio_limits(counts, confidence)
    curves = []
    for expected in (limits.lower, limits.upper):
        ratios = counts / expected
        points = [(x, y) for x, y in zip(expected.tolist(), ratios.tolist(), strict=True) if x < most]
        curves.append([*points, (most, float(np.interp(most, expected, ratios)))])
    return curves[0], curves[1]


def _outside(row: Row, far: bool = False) -> bool:
    """Whether the statistics class a board as outside the limits, or the far ones."""
    return any(tail in (row["funnel"] or "") for _, tail, _ in (LIMITS[1:] if far else LIMITS))


# --- access and intensity


def _peers(boards: Sequence[Row], chosen: Row | None) -> list[Row]:
    """Those that the chosen board is held against, as its row says."""
    if chosen is None or chosen["compared_with"] == "England":
        return []
    named = set(re.findall(r"\w+", chosen["compared_with"]))
    if chosen["compared_with"].startswith("other boards of"):
        return [row for row in boards if row["region"] == chosen["region"] and row is not chosen]
    return [row for row in boards if row["icb"] in named]


def _access_in_words(
    rows: Sequence[Row], boards: Sequence[Row], chosen: Row | None, peers: Sequence[Row]
) -> str:
    most, least = max(boards, key=_per_head), min(boards, key=_per_head)
    parts = [
        f"Spend a head runs from £{_per_head(least):,.2f} in {short_name(least['icb_name'])} to "
        f"£{_per_head(most):,.2f} in {short_name(most['icb_name'])}."
    ]
    england = next((row for row in rows if row["icb"] == ENGLAND), None)
    if england is not None:
        parts.append(
            f"England: £{_per_head(england):,.2f} a head, {england['access']:,.1f} patients for each 100,000 "
            f"people and £{england['intensity']:,.0f} for each patient."
        )
    if chosen is not None:
        name = short_name(chosen["icb_name"])
        parts.append(
            f"{name}: £{_per_head(chosen):,.2f} a head, {chosen['access']:,.1f} patients for each 100,000 "
            f"people and £{chosen['intensity']:,.0f} for each patient."
        )
        if chosen["spend_ratio"] is not None:
            against = "England" if not peers else "its peers"
            parts.append(
                f"Against {against} it spends {chosen['spend_ratio']:.2f} times as much a head: "
                f"{chosen['access_ratio']:.2f} times the patients, {chosen['intensity_ratio']:.2f} times the "
                "pounds for each."
            )
    parts.append("On a curve every point spends the same a head.")
    return " ".join(parts)


def _per_head(row: Row) -> float:
    return float(row["access"]) * float(row["intensity"]) / PER


def _scatter(rows: Sequence[Row], chosen: Row | None, peers: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 380 if narrow else 540
    left = 44 if narrow else 58
    top = 66 if narrow else 58
    box = Box(left, top, width - (48 if narrow else 66), height - 3.2 * size)
    frame = Frame(
        box,
        _measure([row["access"] for row in rows], "Patients for each 100,000 people", _thousands),
        _measure([row["intensity"] for row in rows], "£ for each patient", _short),
        size,
    )
    labels = Labels(Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2), size)
    parts = [*_key(chosen, peers, width), *frame.drawn(4 if narrow else 6)]
    parts += _curves(frame, labels, [_per_head(row) for row in rows], 4 if narrow else 6)
    others = [
        row
        for row in rows
        if row["icb"] != ENGLAND and row is not chosen and not any(row is p for p in peers)
    ]
    england = [row for row in rows if row["icb"] == ENGLAND]
    marked = [*([chosen] if chosen else []), *england, *peers]
    for row in (*others, *marked):
        labels.take(frame.x(row["access"]), frame.y(row["intensity"]), 5 if row in marked else 3.5)
    parts += [_mark(frame, row, "other") for row in others]
    parts += [_mark(frame, row, "peer") for row in peers]
    parts += [_mark(frame, row, "england") for row in england]
    coded: dict[str, str] = {}
    if chosen:
        parts.append(_mark(frame, chosen, "chosen"))
        parts.append(_label(frame, labels, chosen, coded, must=True, font_weight="700"))
    parts += [_label(frame, labels, row, coded, must=True, font_weight="700") for row in england]
    parts += [_label(frame, labels, row, coded, must=False) for row in peers]
    parts += [_label(frame, labels, row, coded, must=False, ink=QUIET) for row in _extremes(others)]
    key, bottom = codes_in_words(coded, width, height)
    return Drawn(bottom, tuple(part for part in (*parts, *key) if part))


def _extremes(rows: Sequence[Row]) -> list[Row]:
    """Of the boards that are neither chosen nor peers, the furthest out each way, once each."""
    if not rows:
        return []
    found: list[Row] = []
    for measure in (_per_head, lambda row: row["access"], lambda row: row["intensity"]):
        for row in (max(rows, key=measure), min(rows, key=measure)):
            if not any(row is each for each in found):
                found.append(row)
    return found


def _measure(values: Sequence[float], title: str, wording: Any) -> Measure:
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or high * 0.2
    return Measure(max(low - room, 0), high + room, title, wording)


def _thousands(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"


def _short(value: float) -> str:
    return f"£{value / 1000:,.4g}k" if value >= 1000 else f"£{value:,.4g}"


def _curves(frame: Frame, labels: Labels, heads: Sequence[float], steps: int) -> list[str]:
    """Curves of equal spend a head, each with its pounds where it leaves the frame."""
    parts, ends = [], []
    for pounds in _round_pounds(heads, steps):
        low = max(frame.across.low, pounds * PER / frame.up.high)
        high = frame.across.high
        if frame.up.low > 0:
            high = min(high, pounds * PER / frame.up.low)
        if high <= low or low <= 0:
            continue
        xs = [low + (high - low) * place / 40 for place in range(41)]
        points = " ".join(f"{number(frame.x(x))},{number(frame.y(pounds * PER / x))}" for x in xs)
        parts.append(element("polyline", points=points, fill="none", stroke=_OTHERS, stroke_dasharray="5 4"))
        words = f"£{pounds:,.4g}"
        y = frame.y(pounds * PER / high)
        if high >= frame.across.high * (1 - 1e-9):
            ends.append((frame.box.right + 4, y + frame.size * 0.35, words, "start"))
        else:
            ends.append((frame.x(high), frame.box.bottom - 5, words, "end"))
    for x, y, words, anchor in ends:
        box = Box(x - 40, y - frame.size, x + 40, y + 2)
        if anchor == "end":
            box = Box(x - len(words) * frame.size * LETTER - 2, y - frame.size, x + 2, y + 3)
        if any(box.meets(other) for other in labels.taken):
            continue
        labels.taken.append(box)
        halo = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}
        parts.append(text(x, y, words, frame.size - 1, QUIET, text_anchor=anchor, **halo))
    parts.append(
        text(
            frame.box.right + 4,
            frame.box.top - 14,
            "a head:",
            frame.size - 1,
            QUIET,
        )
    )
    return parts


def _round_pounds(heads: Sequence[float], most: int) -> list[float]:
    """Round pounds a head for curves: where they differ little by equal steps, else each about twice the last."""
    ordered = sorted(heads)
    low, high = ordered[len(ordered) // 10], ordered[-1]
    if high <= 3 * low:
        return [each for each in ticks(Measure(ordered[0] * 0.95, high * 1.05, "", str), most) if each > 0]
    powers = range(math.floor(math.log10(low or high)) - 1, math.ceil(math.log10(high)) + 1)
    series = [times * 10.0**power for power in powers for times in (1, 2, 5)]
    return [pounds for pounds in series if low * 0.8 <= pounds <= high * 1.2][-most:]


def _mark(frame: Frame, row: Row, kind: str) -> str:
    return _shape(frame.x(row["access"]), frame.y(row["intensity"]), kind)


def _shape(x: float, y: float, kind: str) -> str:
    """A circle, a diamond or a cross: told apart by shape and size as well as by colour."""
    if kind == "chosen":
        ring = element(
            "circle", cx=number(x), cy=number(y), r="9", fill="none", stroke=SECOND, stroke_width="2"
        )
        return ring + element("circle", cx=number(x), cy=number(y), r="5.5", fill=SECOND)
    if kind == "peer":
        points = " ".join(
            f"{number(x + dx)},{number(y + dy)}" for dx, dy in ((0, -6.5), (6.5, 0), (0, 6.5), (-6.5, 0))
        )
        return element("polygon", points=points, fill=ACCENT)
    if kind == "england":
        arms = f"M{number(x - 7)},{number(y)}h14M{number(x)},{number(y - 7)}v14"
        return element("path", d=arms, stroke=INK, stroke_width="3.5", fill="none")
    return element(
        "circle", cx=number(x), cy=number(y), r="3.5", fill="#fff", stroke=QUIET, stroke_width="1.3"
    )


def _label(
    frame: Frame,
    labels: Labels,
    row: Row,
    coded: dict[str, str],
    *,
    must: bool,
    ink: str = INK,
    **attributes: str,
) -> str:
    """A board's name beside its mark; where there is no room its code, which is then noted in `coded`."""
    name, code = short_name(row["icb_name"]), row["icb"]
    x, y = frame.x(row["access"]), frame.y(row["intensity"])
    wordings = [name] if code == ENGLAND else [name, code]
    placed = labels.place_one_of(wordings, x, y, 11 if must else 8, must=must)
    if placed is None:
        return ""
    if placed.words == code:
        coded[code] = name
    halo = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke", "stroke_linejoin": "round"}
    return text(
        placed.x, placed.y, placed.words, frame.size, ink, text_anchor=placed.anchor, **halo, **attributes
    )


def _key(chosen: Row | None, peers: Sequence[Row], width: int) -> list[str]:
    """One line above the picture that names the shapes."""
    shown = [("chosen", "the board")] if chosen else []
    shown += [("peer", "its peers")] if peers else []
    shown += [("england", "England"), ("other", "other boards")]
    parts, x, y = [], 10.0, 14.0
    for kind, words in shown:
        needed = 30 + len(words) * 12 * LETTER
        if x + needed > width:
            x, y = 10.0, y + 20
        parts += [_shape(x, y - 4, kind), text(x + 14, y, words, 12, INK)]
        x += needed
    return parts


# --- the funnel


def _funnel(rows: Sequence[Row], icb: str | None, width: int) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.0
    height = 360 if narrow else 480
    most = max(row["expected_patients"] for row in rows) * 1.06
    seen = [row["standardised_ratio"] for row in rows]
    # For the smallest boards the limits run off the picture: the points decide what is in it.
    sizes = sorted(row["expected_patients"] for row in rows)
    widest = limit_curves(sizes[len(sizes) // 4], THREE_SIGMA)
    edge_low, edge_high = (curve[-1][1] for curve in widest)
    low, high = min(*seen, edge_low), max(*seen, edge_high)
    room = (high - low) * 0.06
    frame = Frame(
        Box(40 if narrow else 50, 36, width - (44 if narrow else 60), height - 3.2 * size),
        Measure(0, most, "Expected patients", _thousands),
        Measure(
            max(low - room, 0), high + room, "Patients ÷ expected patients", lambda value: f"{value:.3g}"
        ),
        size,
    )
    box = frame.box
    labels = Labels(Box(box.left, box.top, box.right, box.bottom), size)
    parts = frame.drawn(4 if narrow else 6)
    parts.append(line(box.left, frame.y(1), box.right, frame.y(1), INK, stroke_width="1.5"))
    ends: list[tuple[float, str]] = [(frame.y(1), "1")]
    for confidence, _, words in LIMITS:
        dashes = {} if confidence == THREE_SIGMA else {"stroke_dasharray": "6 4"}
        for curve in limit_curves(most, confidence):
            points = " ".join(
                f"{number(frame.x(x))},{number(frame.y(y))}"
                for x, y in curve
                if frame.up.low <= y <= frame.up.high
            )
            parts.append(element("polyline", points=points, fill="none", stroke=QUIET, **dashes))
            ends.append((frame.y(curve[-1][1]), words))
    parts += _ends(frame, ends)
    for row in rows:
        labels.take(frame.x(row["expected_patients"]), frame.y(row["standardised_ratio"]), 4)
    for row in rows:
        x, y = frame.x(row["expected_patients"]), frame.y(row["standardised_ratio"])
        kind = "chosen" if row["icb"] == icb else "peer" if _outside(row, far=True) else "other"
        parts.append(_shape(x, y, kind))
    coded: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row["icb"] != icb, -abs(row["standardised_ratio"] - 1))):
        if row["icb"] != icb and not _outside(row):
            continue
        placed = labels.place_one_of(
            [short_name(row["icb_name"]), row["icb"]],
            frame.x(row["expected_patients"]),
            frame.y(row["standardised_ratio"]),
            9,
            must=row["icb"] == icb,
        )
        if placed:
            if placed.words == row["icb"]:
                coded[row["icb"]] = short_name(row["icb_name"])
            halo = {"stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}
            parts.append(text(placed.x, placed.y, placed.words, size, INK, text_anchor=placed.anchor, **halo))
    key, bottom = codes_in_words(coded, width, height)
    return Drawn(bottom, (*parts, *key))


def _ends(frame: Frame, ends: Sequence[tuple[float, str]]) -> list[str]:
    """What stands at the right end of each line, moved apart where they would touch."""
    placed: list[tuple[float, str]] = []
    for y, words in sorted(ends):
        placed.append((max(y, placed[-1][0] + frame.size if placed else y), words))
    pushed = (placed[-1][0] - max(ends)[0]) / 2  # moved down as a whole: half of it back
    return [
        text(frame.box.right + 4, y - pushed + frame.size * 0.35, words, frame.size - 1, QUIET)
        for y, words in placed
    ]
