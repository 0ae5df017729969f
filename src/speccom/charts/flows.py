"""Where people are cared for, drawn: a board's providers as bands, boards against boards, and the net by board."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.layout import tiles
from speccom.charts.look import ACCENT, GRID, INK, NARROW, QUIET, SECOND, ink_on
from speccom.charts.net_bars import NetBar, name_and_code, net_bars, signed_pounds
from speccom.charts.tiles import SEQUENCE
from speccom.charts.units import percent, pounds_of, said, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.result import Result

Row = Mapping[str, Any]
PROVIDERS_DRAWN = 8
BOARDS_DRAWN = 10
"""How many boards the matrix shows on a telephone: those with the most spend across borders."""
_STEPS = (0.005, 0.02, 0.1, 0.5)
_STEPS_IN_WORDS = ("under 0.5%", "0.5% to 2%", "2% to 10%", "10% to 50%", "half and more")
_CENTRE = "★ neuroscience centre"
_BOLD = 1.14  # how much wider a bold letter is

_BANDS = (
    "provider_name",
    "provider",
    "host_icb",
    "neuroscience_centre",
    "patients",
    "lines",
    "spend",
    "share_of_board",
    "share_of_provider",
    "kilometres",
)
_MATRIX = ("icb_name", "icb", "host_name", "host", "patients", "spend", "share_of_board", "share_of_host")
_BALANCES = (
    "icb_name",
    "icb",
    "spend",
    "income",
    "at_home",
    "outflow",
    "inflow",
    "net",
    "outflow_share",
    "import_share",
    "neuroscience_centres",
)


# --- a board's providers


def flow_bands(result: Result, icb: str) -> Figure | None:
    """The spend on one board's people as bands to the providers that care for them; none for a board without.

    `result` is that of `insight.flows.by_provider`. The greatest stand alone, the rest as one. A provider
    elsewhere has a hatched band, and its words say where it lies.
    """
    rows = result.table.filter(pc.field("icb") == icb).to_pylist()
    shown = [row for row in rows if row["spend"] is not None and row["spend"] > 0]
    if not shown:
        return None
    hidden = sum(row["spend"] is None for row in rows)
    names = {row["icb"]: short_name(row["icb_name"]) for row in result.table.to_pylist()}
    bands = _bands(shown, icb, hidden, names)
    name = short_name(rows[0]["icb_name"])
    return by_hand(
        "flow-bands",
        f"Where people of {name} are cared for",
        _bands_in_words(name, shown, bands, icb, hidden),
        written(result, _BANDS, f"Providers of people of {name}", rows),
        lambda width, key: _draw_bands(name, bands, width, key),
        synthetic=result.synthetic,
    )


@dataclass(frozen=True, slots=True)
class _Band:
    """One band: its provider in words, its pounds, its part of the board's, and where it lies."""

    name: str
    spend: float
    share: float
    where: str
    home: bool
    centre: bool
    hidden: bool = False


def whole_of(rows: Sequence[Row]) -> float:
    """A board's pounds, those of withheld rows with them, from the part that each of its rows is."""
    told = max(rows, key=lambda row: row["share_of_board"] or 0)
    if told["share_of_board"]:
        return pounds_of(told["spend"]) / float(told["share_of_board"])
    return sum(pounds_of(row["spend"]) for row in rows)


def _bands(rows: Sequence[Row], icb: str, hidden: int, names: Mapping[str, str]) -> list[_Band]:
    total = whole_of(rows)
    ordered = sorted(rows, key=lambda row: -row["spend"])
    alone, rest = ordered[:PROVIDERS_DRAWN], ordered[PROVIDERS_DRAWN:]
    if len(rest) == 1:
        alone, rest = ordered, []
    bands = [
        _Band(
            short_name(row["provider_name"] or "Provider not stated"),
            pounds_of(row["spend"]),
            pounds_of(row["spend"]) / total,
            _where(row, icb, names),
            row["host_icb"] == icb,
            bool(row["neuroscience_centre"]),
        )
        for row in alone
    ]
    bands.sort(key=lambda band: (not band.home, -band.spend))
    if rest:
        spend = sum(pounds_of(row["spend"]) for row in rest)
        own = sum(row["host_icb"] == icb for row in rest)
        where = f"{own} in the area, {len(rest) - own} elsewhere"
        if own in (0, len(rest)):
            where = "in the area" if own else "elsewhere"
        bands.append(
            _Band(f"{len(rest)} other providers", spend, spend / total, where, own == len(rest), False)
        )
    if hidden:
        spend = max(total - sum(pounds_of(row["spend"]) for row in rows), 0.0)
        bands.append(_Band(f"{hidden} not shown", spend, spend / total, "small numbers", False, False, True))
    return bands


def _where(row: Row, icb: str, names: Mapping[str, str]) -> str:
    host = row["host_icb"]
    if host == icb:
        return "in the area"
    return f"elsewhere, in {names.get(host, host)}" if host else "elsewhere"


def _bands_in_words(name: str, rows: Sequence[Row], bands: Sequence[_Band], icb: str, hidden: int) -> str:
    total = whole_of(rows)
    home = sum(pounds_of(row["spend"]) for row in rows if row["host_icb"] == icb)
    away = sum(pounds_of(row["spend"]) for row in rows if row["host_icb"] != icb)
    first = max(rows, key=lambda row: row["spend"])
    told = (
        f"{short_pounds(total)} is spent on people of {name}: {percent(home / total)} at providers in its area, "
        f"{percent(away / total)} elsewhere"
    )
    told += f", and {percent(1 - (home + away) / total)} at {hidden} that are withheld." if hidden else "."
    most = percent(pounds_of(first["spend"]) / total)
    told += f" The most, {most}, is at {short_name(first['provider_name'] or 'a provider not stated')}."
    centres = [row for row in rows if row["neuroscience_centre"]]
    if centres:
        own = [short_name(row["provider_name"]) for row in centres if row["host_icb"] == icb]
        spent = sum(pounds_of(row["spend"]) for row in centres) / total
        told += f" {percent(spent)} is at neuroscience centres"
        told += f"; its own is {', '.join(own)}." if own else ", none of those shown in its area."
    return f"{told} A plain band stays in the area, a hatched one leaves it."


def _draw_bands(name: str, bands: Sequence[_Band], width: int, key: str) -> Drawn:
    narrow = width <= NARROW
    size = 12.0 if narrow else 13.5
    least = 4 * size + 10 if narrow else 3 * size + 14
    start, end = (14.0, 96.0) if narrow else (150.0, 430.0)
    top = 28.0 if narrow else 10.0
    drawn = max(260.0, len(bands) * least * 1.05)
    heights = [band.share * drawn for band in bands]
    slots = [max(height, least) for height in heights]
    total = sum(slots)
    left_top = top + max((total - drawn) / 2, 0)
    parts = [_hatching(key)]
    parts.append(
        element("rect", x=number(start - 12), y=number(left_top), width="12", height=number(drawn), fill=INK)
    )
    if narrow:
        parts.append(
            text(0, 14, f"People of {name}"[: int(width / size / LETTER)], size, INK, font_weight="700")
        )
    else:
        for place, words in enumerate(textwrap.wrap(f"People of {name}", 16)):
            parts.append(text(0, left_top + 16 + place * 18, words, size, INK, font_weight="700"))
    y_left, y_right = left_top, top
    for band, height, slot in zip(bands, heights, slots, strict=True):
        middle = y_right + (slot - height) / 2
        fill = QUIET if band.hidden else ACCENT if band.home else f"url(#{key}-away)"
        parts.append(_ribbon(start, y_left, end, middle, height, fill))
        colour = QUIET if band.hidden else ACCENT if band.home else SECOND
        parts.append(
            element(
                "rect",
                x=number(end),
                y=number(middle),
                width="8",
                height=number(max(height, 1)),
                fill=colour,
            )
        )
        parts += _band_words(band, end + 16, y_right + slot / 2, width, size)
        y_left, y_right = y_left + height, y_right + slot
    return Drawn(max(y_right, left_top + drawn) + 8, tuple(parts))


def _band_words(band: _Band, x: float, middle: float, width: int, size: float) -> list[str]:
    letters = int((width - x) / size / LETTER)
    name = textwrap.shorten(band.name, int(letters / _BOLD), placeholder="…")
    lines = textwrap.wrap(f"{short_pounds(band.spend)}, {percent(band.share)}; {band.where}", letters)
    if band.centre:
        if len(lines[-1]) + len(_CENTRE) + 2 <= letters:
            lines[-1] += f"; {_CENTRE}"
        else:
            lines.append(_CENTRE)
    first = middle - (len(lines) * (size + 2)) / 2 + size * 0.35
    parts = [text(x, first, name, size, INK, font_weight="700")]
    parts += [
        text(x, first + (place + 1) * (size + 2), words, size - 1, QUIET) for place, words in enumerate(lines)
    ]
    return parts


def _ribbon(x1: float, y1: float, x2: float, y2: float, height: float, fill: str) -> str:
    middle = (x1 + x2) / 2
    a, b, m = number(x1), number(x2), number(middle)
    path = (
        f"M{a},{number(y1)}C{m},{number(y1)} {m},{number(y2)} {b},{number(y2)}V{number(y2 + height)}"
        f"C{m},{number(y2 + height)} {m},{number(y1 + height)} {a},{number(y1 + height)}Z"
    )
    return element("path", d=path, fill=fill, fill_opacity="0.55")


def _hatching(key: str) -> str:
    pattern = element(
        "pattern",
        None,
        element("rect", width="8", height="8", fill=SECOND),
        element("path", d="M-2,2l4,-4M0,8l8,-8M6,10l4,-4", stroke="#fff", stroke_width="2.2"),
        id=f"{key}-away",
        width="8",
        height="8",
        patternUnits="userSpaceOnUse",
    )
    return element("defs", None, pattern)


# --- boards against boards


def flow_matrix(result: Result, icb: str | None = None) -> Figure | None:
    """Each board's spend by the board in whose area its people were cared for, the darker the more of it.

    `result` is that of `insight.flows.by_board`. On a telephone only the boards with the most spend across
    borders are drawn, the chosen one among them; the table has them all.
    """
    every = result.table.to_pylist()
    rows = [row for row in every if row["share_of_board"] is not None]
    boards = north_to_south({row["icb"] for row in every} | {row["host"] for row in every})
    if not rows or not boards:
        return None
    cells = {(row["icb"], row["host"]): row for row in rows}
    withheld = frozenset((row["icb"], row["host"]) for row in every if row["spend"] is None)
    names = {row["icb"]: row["icb_name"] for row in every} | {row["host"]: row["host_name"] for row in every}
    crossing: dict[str, float] = defaultdict(float)
    for row in rows:
        if row["icb"] != row["host"]:
            crossing[row["icb"]] += pounds_of(row["spend"])
            crossing[row["host"]] += pounds_of(row["spend"])
    few = sorted(boards, key=lambda board: (board != icb, -crossing[board]))[:BOARDS_DRAWN]
    few = [board for board in boards if board in few]
    return by_hand(
        "flow-matrix",
        f"{result.title}: the part of each board's spend by where its people are cared for",
        _matrix_in_words(cells, withheld, boards, names, icb),
        written(result, _MATRIX, result.title),
        lambda width, _: _draw_matrix(
            cells, withheld, few if width <= NARROW else boards, names, icb, width, len(boards)
        ),
        synthetic=result.synthetic,
    )


def north_to_south(codes: set[str]) -> list[str]:
    """Boards roughly as they lie, from the north west down; what is no board stands last."""
    place = {tile.area: (tile.row, tile.column) for on in (_FIRST, _LATER) for tile in tiles(on)}
    boards = sorted((code for code in codes if code in place), key=lambda code: place[code])
    return boards + sorted(code for code in codes if code not in place and code not in NOT_A_BOARD)


_FIRST, _LATER = date(2024, 4, 1), date(2026, 4, 1)


def _matrix_in_words(
    cells: Mapping[tuple[str, str], Row],
    withheld: frozenset[tuple[str, str]],
    boards: Sequence[str],
    names: Mapping[str, str],
    icb: str | None,
) -> str:
    home = {board: cells[board, board]["share_of_board"] for board in boards if (board, board) in cells}
    away = [
        (row["share_of_board"], row["icb"], row["host"])
        for row in cells.values()
        if row["icb"] != row["host"] and row["icb"] in boards and row["host"] in boards
    ]
    parts = []
    if home:
        least = min(home, key=home.__getitem__)
        parts.append(
            f"{sum(value >= 0.5 for value in home.values())} of the {len(home)} boards of which it is shown have "
            f"half and more of the spend on their people in their own area; the least is {short_name(names[least])}, "
            f"{percent(home[least])}."
        )
    if away:
        share, board, host = max(away)
        parts.append(
            f"The largest part that leaves is {percent(share)} of {short_name(names[board])}'s spend, to "
            f"{short_name(names[host])}."
        )
    if icb is not None and icb in names:
        own = sorted(
            ((row["share_of_board"], row["host"]) for row in cells.values() if row["icb"] == icb),
            reverse=True,
        )
        told = ", ".join(f"{short_name(names[host])} {percent(share)}" for share, host in own[:4])
        if told:
            parts.append(f"{short_name(names[icb])}: {told}.")
    if withheld:
        parts.append(f"{len(withheld)} pairs are withheld; a dot stands for each.")
    return " ".join(parts)


def _draw_matrix(
    cells: Mapping[tuple[str, str], Row],
    withheld: frozenset[tuple[str, str]],
    boards: Sequence[str],
    names: Mapping[str, str],
    icb: str | None,
    width: int,
    everybody: int,
) -> Drawn:
    narrow = width <= NARROW
    size = 11.0 if narrow else 10.5
    left = 0.0 if narrow else 218.0
    above = 16.0 if narrow else 0.0  # where each row's name stands above it
    top = 108.0 if narrow else 84.0
    cell = (width - left - 2) / max(len(boards), 1)
    cell = min(cell, 28.0)
    pitch = cell + above
    parts = [text(0, 14, "Share of the board's spend", 12, INK, font_weight="700"), *_steps(width)]
    if narrow and everybody > len(boards):
        parts.append(text(0, 68, f"The {len(boards)} with the most across borders", 12, QUIET))
    for nth, board in enumerate(boards):
        room = width if narrow else left - 10
        named = name_and_code(short_name(names.get(board, board)), board, room, size)
        weight = {"font_weight": "700"} if board == icb else {}
        at, anchor = (0.0, "start") if narrow else (left - 5, "end")
        base = top + nth * pitch + (size + 1 if narrow else cell / 2 + size * 0.35)
        parts.append(text(at, base, named, size, INK, text_anchor=anchor, **weight))
        x, y = left + (nth + 0.5) * cell + size * 0.35, top - 4
        turn = f"rotate(-90 {number(x)} {number(y)})"
        parts.append(text(x, y, board, size, INK, transform=turn, **weight))
    for down, board in enumerate(boards):
        for across, host in enumerate(boards):
            row = cells.get((board, host))
            if (board, host) in withheld:
                x, y = left + (across + 0.5) * cell, top + down * pitch + above + cell / 2
                parts.append(element("circle", cx=number(x), cy=number(y), r="1.8", fill=QUIET))
            if row is None or not row["share_of_board"] or row["share_of_board"] < 0.0005:
                continue
            colour = _colour(row["share_of_board"])
            x, y = left + across * cell, top + down * pitch + above
            box = {
                "x": number(x + 0.5),
                "y": number(y + 0.5),
                "width": number(cell - 1),
                "height": number(cell - 1),
            }
            parts.append(element("rect", fill=colour, **box))
            if cell >= 22 and row["share_of_board"] >= 0.01:
                words = f"{row['share_of_board'] * 100:.0f}"
                parts.append(
                    text(x + cell / 2, y + cell / 2 + 4, words, 10.5, ink_on(colour), text_anchor="middle")
                )
    side, tall = len(boards) * cell, len(boards) * pitch
    frame = {
        "fill": "none",
        "stroke": GRID,
        "height": number(cell if narrow else tall),
        "width": number(side),
    }
    for top_of in [top + nth * pitch + above for nth in range(len(boards))] if narrow else [top]:
        parts.append(element("rect", x=number(left), y=number(top_of), **frame))
    if icb in boards:
        place = list(boards).index(str(icb))
        ring = {"fill": "none", "stroke": SECOND, "stroke_width": "2"}
        row = {"y": number(top + place * pitch + above), "width": number(side), "height": number(cell)}
        column = {"y": number(top), "width": number(cell), "height": number(tall)}
        parts.append(element("rect", x=number(left), **row, **ring))
        parts.append(element("rect", x=number(left + place * cell), **column, **ring))
    ways = ["Down: whose people.", "Across: where they are cared for."]
    ways += ["Dot: withheld."] if withheld else []
    parts += [text(left, top + tall + 17 + nth * 16, each, 12, QUIET) for nth, each in enumerate(ways)]
    return Drawn(top + tall + 24 + 16 * len(ways), tuple(parts))


def _colour(share: float) -> str:
    return SEQUENCE[sum(share >= step for step in _STEPS)]


def _steps(width: int) -> list[str]:
    """The key of the five steps, on as many lines as it takes."""
    parts, x, y = [], 0.0, 30.0
    for colour, words in zip(SEQUENCE, _STEPS_IN_WORDS, strict=True):
        needed = 24 + len(words) * 12 * LETTER
        if x + needed > width:
            x, y = 0.0, y + 18
        parts.append(
            element(
                "rect", x=number(x), y=number(y - 10), width="12", height="12", fill=colour, stroke="#8b98a0"
            )
        )
        parts.append(text(x + 16, y, words, 12, INK))
        x += needed
    return parts


# --- the net of each board


def balance_bars(result: Result, icb: str | None = None) -> Figure | None:
    """Pounds that flow in less those that flow out, a bar to a board, the greatest gain first.

    `result` is that of `insight.flows.balances`; a board whose net is not shown has no bar.
    """
    rows = [row for row in result.table.to_pylist() if row["net"] is not None]
    if not rows:
        return None
    rows.sort(key=lambda row: -row["net"])
    gains = [row for row in rows if row["net"] > 0]
    losses = [row for row in rows if row["net"] < 0]
    told = (
        f"{len(gains)} earn more from other boards' people than is spent on their own people elsewhere; "
        f"for {len(losses)} it is the other way about."
    )
    for words, ends in (("The most flows in to", gains[:1]), ("The most flows out of", losses[-1:])):
        told += "".join(
            f" {words} {short_name(row['icb_name'])}: {short_pounds(abs(pounds_of(row['net'])))} net."
            for row in ends
        )
    if chosen := next((row for row in rows if row["icb"] == icb), None):
        told += f" {short_name(chosen['icb_name'])}: {signed_pounds(pounds_of(chosen['net']))}."
    bars = [
        NetBar(row["icb"][:7], short_name(row["icb_name"]), pounds_of(row["net"]), row["icb"] == icb)
        for row in rows
    ]
    return by_hand(
        "balance",
        f"{result.title}: net pounds by board",
        told,
        written(result, _BALANCES, result.title),
        lambda width, _: net_bars(bars, ("flows out", "flows in"), ACCENT, width),
        synthetic=result.synthetic,
    )


def named_shares(rows: Sequence[Row], most: int = 3) -> Iterator[str]:
    """`King's College Hospital 62%`, for the greatest of some rows of `flows.by_provider`."""
    for row in sorted(rows, key=lambda row: -pounds_of(row["spend"]))[:most]:
        yield f"{short_name(row['provider_name'] or 'provider not stated')} {said(row['share_of_board'], 'share')}"
