"""Who pays: spend by responsible commissioner, by arrangement and by service line, drawn and tabled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.charts.bars import Bar, bars
from speccom.charts.figure import Figure, draw
from speccom.charts.tables import Column, records, total, write_out
from speccom.charts.words import pounds_short, share, short_name

ARRANGEMENTS = {
    "delegated": "Delegated to the ICB",
    "joint": "Joint, with the ICBs",
    "retained": "Retained by NHS England",
    "national": "National",
    "none": "Outside specialised arrangements",
}
_DRAWN_PAYERS, _DRAWN_LINES, _TABLED_LINES = 24, 15, 60
_NOBODY = "No commissioner"


def by_payer(table: pa.Table) -> Figure:
    """Spend by responsible commissioner, its bar parted by arrangement, the highest first."""
    rows = records(table)
    parts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    names: dict[str, str] = {}
    for row in rows:
        code = row["commissioner"] or ""
        names[code] = short_name(row["commissioner_name"] or code) or _NOBODY
        parts[code][row["arrangement"] or "none"] += row["actual"] or 0
    order = sorted(parts, key=lambda code: (-sum(parts[code].values()), code))
    drawn = [_bar(_named(names[code], code), parts[code]) for code in order[:_DRAWN_PAYERS]]
    spent = total(rows, "actual")
    description = (
        f"{_payers_in_words(order, names, parts, spent)} Each bar is one commissioner, parted by how the "
        "service line is arranged; sub-ICB locations stand under their ICB."
    )
    shown = [key for key in ARRANGEMENTS if any(parts[code].get(key) for code in order)]
    written = write_out(
        "Spend by responsible commissioner and arrangement, in pounds",
        [
            Column("Commissioner"),
            Column("Code", "code"),
            *(Column(ARRANGEMENTS[key], "pounds") for key in shown),
            Column("All", "pounds"),
        ],
        [
            [
                names[code],
                code,
                *(parts[code].get(key) for key in shown),
                sum(parts[code].values(), Decimal(0)),
            ]
            for code in order
        ],
        [
            "All commissioners",
            None,
            *(sum((parts[code].get(key, Decimal(0)) for code in order), Decimal(0)) for key in shown),
            spent,
        ],
    )
    title = "Spend by responsible commissioner and arrangement"
    return draw(
        "payers",
        title,
        description,
        written,
        lambda width: bars(drawn, ARRANGEMENTS, width),
        hatched=True,
    )


def _payers_in_words(
    order: Sequence[str], names: dict[str, str], parts: dict[str, dict[str, Decimal]], spent: Decimal
) -> str:
    if not order:
        return "Nothing has been spent."
    most = sum(parts[order[0]].values(), Decimal(0))
    rest = order[_DRAWN_PAYERS:]
    said = (
        f"{len(order)} commissioners pay for {pounds_short(spent)} between them. The most falls to "
        f"{names[order[0]]}: {pounds_short(most)}, {share(most, spent)}."
    )
    if rest:
        left = sum((sum(parts[code].values(), Decimal(0)) for code in rest), Decimal(0))
        said += f" The {len(rest)} with the least, {pounds_short(left)} together, are in the table only."
    return said


def by_arrangement(table: pa.Table) -> Figure:
    """Spend by arrangement, in the order of the arrangements themselves."""
    rows = {row["arrangement"] or "none": row for row in records(table)}
    spent = total(list(rows.values()), "actual")
    order = [key for key in ARRANGEMENTS if key in rows]
    drawn = [_bar(ARRANGEMENTS[key], {key: rows[key]["actual"] or Decimal(0)}) for key in order]
    largest = max(order, key=lambda key: rows[key]["actual"] or 0, default="")
    description = "How the spend divides by the arrangement that was in force in each month" + (
        f": “{ARRANGEMENTS[largest]}” is the largest part, {share(rows[largest]['actual'], spent)} of it."
        if order
        else "."
    )
    written = write_out(
        "Lines, patients and spend by arrangement",
        [
            Column("Arrangement"),
            Column("Lines", "count"),
            Column("Patients", "count"),
            Column("Actual (£)", "pounds"),
            Column("Share", "percent"),
        ],
        [
            [
                ARRANGEMENTS[key],
                rows[key]["lines"],
                rows[key]["patients"],
                rows[key]["actual"],
                share(rows[key]["actual"] or 0, spent),
            ]
            for key in order
        ],
    )
    title = "Spend by arrangement"
    # One bar for each arrangement needs no key: the name stands beside it.
    return draw(
        "arrangements",
        title,
        description,
        written,
        lambda width: bars(drawn, ARRANGEMENTS, width, key=False),
        hatched=True,
    )


def by_line(table: pa.Table) -> Figure:
    """The service lines on which most is spent."""
    rows = sorted(records(table), key=lambda row: (-(row["actual"] or 0), row["service_line"] or ""))
    lines = [row for row in rows if (row["service_line"] or "").startswith("NCB")]
    spent = total(rows, "actual")
    drawn = [
        Bar(
            _line_name(row),
            {"actual": row["actual"] or Decimal(0)},
            pounds_short(row["actual"] or Decimal(0)),
        )
        for row in lines[:_DRAWN_LINES]
    ]
    top = total(lines[:_DRAWN_LINES], "actual")
    description = (
        f"The {len(drawn)} specialised service lines with the highest spend; together {pounds_short(top)}, "
        f"{share(top, spent)} of everything in the ledger."
    )
    written = write_out(
        f"The {min(len(lines), _TABLED_LINES)} service lines with the highest spend",
        [
            Column("Service line"),
            Column("Code", "code"),
            Column("Lines", "count"),
            Column("Patients", "count"),
            Column("Actual (£)", "pounds"),
            Column("Plan (£)", "pounds"),
        ],
        [
            [_line_name(row), row["service_line"], row["lines"], row["patients"], row["actual"], row["plan"]]
            for row in lines[:_TABLED_LINES]
        ],
    )
    title = "Service lines with the highest spend"
    return draw(
        "service-lines", title, description, written, lambda width: bars(drawn, {"actual": "Actual"}, width)
    )


def of_specialised(rows: Sequence[dict[str, Any]]) -> Decimal:
    """The spend that falls under an arrangement, which is what specialised means here."""
    return sum((row["actual"] or Decimal(0) for row in rows if row["arrangement"]), Decimal(0))


def _bar(name: str, parts: dict[str, Decimal]) -> Bar:
    return Bar(name, parts, pounds_short(sum(parts.values(), Decimal(0))))


def _named(name: str, code: str) -> str:
    return f"{name} ({code})" if code and code != name else name


def _line_name(row: dict[str, Any]) -> str:
    return row["service_line_name"] or row["service_line"] or "No service line"
