"""Host basis and population basis drawn: the steps from one to the other, who is paid for whom, and the net by area."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from speccom.charts.axes import line
from speccom.charts.drawing import LETTER, Drawn, Figure, by_hand, element, number, text
from speccom.charts.look import ACCENT, COLOURS, GRID, INK, NARROW, QUIET, SECOND, ink_on
from speccom.charts.net_bars import NetBar, name_and_code, net_bars
from speccom.charts.tiles import SEQUENCE
from speccom.charts.units import pounds_of, short_pounds, written
from speccom.charts.words import short_name
from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.result import Result

Row = Mapping[str, Any]
AREAS_DRAWN = 10
"""How many boards the matrix shows on a telephone: those with the most money across borders."""
GAIN = COLOURS["national"]
_STEPS = (0.005, 0.02, 0.1, 0.5)
_STEPS_IN_WORDS = ("under 0.5%", "0.5% to 2%", "2% to 10%", "10% to 50%", "half and more")
_SHORT = {"OTHER NATION": "Other", "UNKNOWN": "?"}
_WATERFALL = ("step_name", "amount", "running", "formula")
_MATRIX = ("host_name", "host", "home_name", "home", "amount", "share_of_home", "share_of_host")
_BASES = ("area_name", "area", "host_basis", "population_basis", "at_home", "outflow", "inflow", "transfer")


# --- the steps from one basis to the other


def waterfall(result: Result) -> Figure | None:
    """The steps of one area, one under another, each bar from what was held to what is; none without steps.

    `result` is that of `finance.bases.waterfall_of`. A step says itself what it is and what it comes to, so
    there is no key to look for.
    """
    rows = [row for row in result.table.to_pylist() if row["amount"] is not None]
    if len(rows) < 2:
        return None
    first, last = rows[0], rows[-1]
    moved = [row for row in rows if row["kind"] in ("add", "take") and row["amount"]]
    told = (
        f"{first['step_name']} is {short_pounds(pounds_of(first['amount']))}; {_lower(last['step_name'])} is "
        f"{short_pounds(pounds_of(last['amount']))}."
    )
    if moved:
        told += " Between them: " + "; ".join(f"{_lower(row['step_name'])} {_signed(row)}" for row in moved)
        told += "."
    return by_hand(
        "bases-waterfall",
        result.title,
        told,
        written(result, _WATERFALL, result.title),
        lambda width, _: _draw_waterfall(rows, width),
        synthetic=result.synthetic,
    )


def _draw_waterfall(rows: Sequence[Row], width: int) -> Drawn:
    narrow = width <= NARROW
    size = 13.0
    left = 0.0 if narrow else 330.0
    step, bar = (44.0, 18.0) if narrow else (33.0, 20.0)
    drop = 20.0 if narrow else 4.0
    spans = [_span(row) for row in rows]
    low = min(0.0, *(begin for begin, _ in spans))
    high = max(0.0, *(end for _, end in spans)) or 1.0
    room = 84.0
    scale = (width - left - room) / (high - low)
    parts = []
    for place, (row, (begin, end)) in enumerate(zip(rows, spans, strict=True)):
        top = 4 + place * step
        whole = row["kind"] in ("start", "sum", "end")
        weight = {"font_weight": "700"} if whole else {}
        at, base = (0.0, top + size) if narrow else (left - 12, top + drop + bar * 0.72)
        anchor = "start" if narrow else "end"
        parts.append(text(at, base, row["step_name"], size, INK, text_anchor=anchor, **weight))
        x, length = left + (begin - low) * scale, max((end - begin) * scale, 1.0)
        colour = ACCENT if whole else GAIN if row["amount"] >= 0 else SECOND
        box = {"x": number(x), "y": number(top + drop), "width": number(length), "height": number(bar)}
        parts.append(element("rect", fill=colour, **box))
        words = short_pounds(pounds_of(row["amount"])) if whole else _signed(row)
        parts.append(text(x + length + 6, top + drop + bar * 0.72, words, size, INK, **weight))
        if place + 1 < len(rows) and not narrow:  # there the next step's words stand in between
            held = left + (pounds_of(row["running"]) - low) * scale
            parts.append(line(held, top + drop + bar, held, top + step + drop, QUIET, stroke_width="1"))
    bottom = 4 + len(rows) * step
    zero = left - low * scale
    parts.append(line(zero, 2, zero, bottom, GRID))
    return Drawn(bottom, tuple(parts))


def _span(row: Row) -> tuple[float, float]:
    """From where to where a step's bar reaches."""
    after, amount = pounds_of(row["running"]), pounds_of(row["amount"])
    before = after - amount if row["kind"] in ("add", "take") else 0.0
    return min(before, after), max(before, after)


def _signed(row: Row) -> str:
    value = pounds_of(row["amount"])
    return f"+{short_pounds(value)}" if value > 0 else short_pounds(value)


def _lower(words: str) -> str:
    """A step within a sentence; a name keeps its capital."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


# --- from host to home


def transfer_matrix(result: Result, area: str | None = None) -> Figure | None:
    """Areas of people against areas of providers, the darker the more of what the people cost; none for no money.

    `result` is that of `finance.bases.transfers_of`. Cells with room for it say millions of pounds; a withheld
    one has a dot. A telephone shows the areas with the most money across borders.
    """
    rows = result.table.to_pylist()
    cells = {(row["home"], row["host"]): row for row in rows if row["amount"] is not None}
    if not cells:
        return None
    withheld = frozenset((row["home"], row["host"]) for row in rows if row["amount"] is None)
    names = {row[side]: row[f"{side}_name"] for row in rows for side in ("home", "host")}
    order = sorted(names, key=lambda each: (each in NOT_A_BOARD, each))
    across = {
        each: sum(
            pounds_of(row["amount"])
            for (home, host), row in cells.items()
            if home != host and each in (home, host)
        )
        for each in order
    }
    most = set(sorted(order, key=lambda each: -across[each])[:AREAS_DRAWN]) | {area}
    few = [each for each in order if each in most]
    return by_hand(
        "bases-matrix",
        result.title,
        _matrix_in_words(cells, withheld, names),
        written(result, _MATRIX, result.title),
        lambda width, _: _draw_matrix(
            cells,
            withheld,
            few if width <= NARROW and len(order) > AREAS_DRAWN else order,
            names,
            area,
            width,
        ),
        synthetic=result.synthetic,
    )


def _matrix_in_words(
    cells: Mapping[tuple[str, str], Row], withheld: Collection[tuple[str, str]], names: Mapping[str, str]
) -> str:
    home = {
        each: row for (each, host), row in cells.items() if each == host and row["share_of_home"] is not None
    }
    parts = []
    if home:
        most = max(home, key=lambda each: home[each]["share_of_home"])
        least = min(home, key=lambda each: home[each]["share_of_home"])
        parts.append(
            f"{short_name(names[most])} spends most at home, {home[most]['share_of_home']:.0%} of what its people "
            f"cost; {short_name(names[least])} least, {home[least]['share_of_home']:.0%}."
        )
    away = [row for (each, host), row in cells.items() if each != host]
    if away:
        largest = max(away, key=lambda row: pounds_of(row["amount"]))
        parts.append(
            f"The largest sum across a border is {short_pounds(pounds_of(largest['amount']))}, at providers in "
            f"{short_name(largest['host_name'])} for people of {short_name(largest['home_name'])}."
        )
    if withheld:
        parts.append(f"{len(withheld)} sums are withheld; a dot stands for each.")
    return " ".join(parts)


def _draw_matrix(
    cells: Mapping[tuple[str, str], Row],
    withheld: Collection[tuple[str, str]],
    areas: Sequence[str],
    names: Mapping[str, str],
    area: str | None,
    width: int,
) -> Drawn:
    narrow = width <= NARROW
    size = 11.0 if narrow or len(areas) > 12 else 13.0
    left = 0.0 if narrow else 236.0
    above = 16.0 if narrow else 0.0  # where each row's name stands above it
    cell = (width - left - 2) / max(len(areas), 1)
    tall = cell if len(areas) > 12 else max(min(cell, 34.0), 26.0)
    upright = cell < 44
    parts, top = _key(width)
    top += 54.0 if upright else 26.0
    pitch = tall + above
    for nth, each in enumerate(areas):
        named = name_and_code(short_name(names[each]), _code(each), width if narrow else left - 10, size)
        weight = {"font_weight": "700"} if each == area else {}
        start, side = (0.0, "start") if narrow else (left - 6, "end")
        base = top + nth * pitch + (size + 1 if narrow else tall / 2 + size * 0.35)
        parts.append(text(start, base, named, size, INK, text_anchor=side, **weight))
        x = left + (nth + 0.5) * cell
        turn = {"transform": f"rotate(-90 {number(x + size * 0.35)} {number(top - 5)})"} if upright else {}
        anchor, at = ("start", x + size * 0.35) if upright else ("middle", x)
        parts.append(text(at, top - 5, _code(each), size, INK, text_anchor=anchor, **turn, **weight))
    for down, home in enumerate(areas):
        for along, host in enumerate(areas):
            x, y = left + along * cell, top + down * pitch + above
            if (home, host) in withheld:
                spot = {"cx": number(x + cell / 2), "cy": number(y + tall / 2)}
                parts.append(element("circle", r="1.8", fill=QUIET, **spot))
            parts += _cell(cells.get((home, host)), x, y, cell, tall)
    bottom = top + len(areas) * pitch
    frame = {"width": number(len(areas) * cell), "height": number(tall if narrow else len(areas) * tall)}
    for top_of in [top + nth * pitch + above for nth in range(len(areas))] if narrow else [top]:
        parts.append(element("rect", x=number(left), y=number(top_of), fill="none", stroke=GRID, **frame))
    ways = ["Down: whose people.", "Across: where they are cared for."]
    ways += ["Numbers: millions of pounds."] if cell >= 28 else []
    ways += ["Dot: withheld."] if withheld else []
    ways += ["?: not known."] if "UNKNOWN" in areas else []
    ways += [f"The {len(areas)} with the most across borders."] if narrow and len(names) > len(areas) else []
    parts += [text(0, bottom + 18 + nth * 17, each, 12, QUIET) for nth, each in enumerate(ways)]
    return Drawn(bottom + 10 + 17 * len(ways), tuple(parts))


def _cell(row: Row | None, x: float, y: float, width: float, height: float) -> list[str]:
    """One cell: its shade by the share of what the people cost, and millions where there is room."""
    if row is None or not row["amount"]:
        return []
    colour = SEQUENCE[sum((row["share_of_home"] or 0) >= step for step in _STEPS)]
    box = {
        "x": number(x + 0.5),
        "y": number(y + 0.5),
        "width": number(width - 1),
        "height": number(height - 1),
    }
    parts = [element("rect", fill=colour, **box)]
    millions = pounds_of(row["amount"]) / 1e6
    if width >= 28 and abs(millions) >= 0.05:
        words = f"{millions:,.0f}" if abs(millions) >= 9.95 else f"{millions:.1f}"
        size = min(12.0, (width - 2) / max(len(words), 1) / LETTER)
        parts.append(
            text(x + width / 2, y + height / 2 + 4, words, size, ink_on(colour), text_anchor="middle")
        )
    return parts


def _code(area: str) -> str:
    return _SHORT.get(area, area)


def _key(width: int) -> tuple[list[str], float]:
    """The key of the five shades, on as many lines as it takes, and how far down it reaches."""
    parts, x, y = [text(0, 12, "Share of what the people cost", 12, INK, font_weight="700")], 0.0, 30.0
    for colour, words in zip(SEQUENCE, _STEPS_IN_WORDS, strict=True):
        needed = 26 + len(words) * 12 * LETTER
        if x + needed > width:
            x, y = 0.0, y + 18
        box = {"x": number(x), "y": number(y - 10), "width": "12", "height": "12"}
        parts.append(element("rect", fill=colour, stroke="#8b98a0", **box))
        parts.append(text(x + 16, y, words, 12, INK))
        x += needed
    return parts, y


# --- the net of each area


def transfer_bars(result: Result, area: str | None = None) -> Figure | None:
    """What each area gains on the population basis, a bar to an area, the greatest gain first; none for no money.

    `result` is that of `finance.bases.bases_of`, its pots together; an area whose transfer is withheld has no bar.
    """
    rows = [row for row in result.table.to_pylist() if row["transfer"] is not None]
    if not rows:
        return None
    rows.sort(key=lambda row: -row["transfer"])
    gain = [row for row in rows if row["transfer"] > 0 and row["area"] not in NOT_A_BOARD]
    lose = [row for row in rows if row["transfer"] < 0 and row["area"] not in NOT_A_BOARD]
    told = f"Money goes to {len(gain)} areas and from {len(lose)} when the basis changes from host to population."
    for words, ends in (("The most goes to", gain[:1]), ("The most comes from", lose[-1:])):
        told += "".join(
            f" {words} {short_name(row['area_name'])}: {short_pounds(abs(pounds_of(row['transfer'])))}."
            for row in ends
        )
    bars = [
        NetBar(
            _code(row["area"]), short_name(row["area_name"]), pounds_of(row["transfer"]), row["area"] == area
        )
        for row in rows
    ]
    return by_hand(
        "bases-transfers",
        f"{result.title}: what moves",
        told,
        written(result, _BASES, result.title),
        lambda width, _: net_bars(bars, ("gives", "gets"), GAIN, width),
        synthetic=result.synthetic,
    )
