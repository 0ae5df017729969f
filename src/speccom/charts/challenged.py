"""Where the submitted payer or category is not the assigned one: by reason and by provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.charts.bars import Bar, bars
from speccom.charts.figure import SECOND, Figure, draw
from speccom.charts.matrix import matrix
from speccom.charts.tables import Column, Table, records, write_out
from speccom.charts.words import count, pounds_short, reasons, short_name

_DRAWN_PROVIDERS = 14
_SOME = tuple[int, Decimal]


def by_reason(table: pa.Table) -> Figure:
    """Value and number of challenged lines by the step of the decision table that assigned them."""
    found = _summed(records(table), "step")
    order = [step for step in reasons() if step in found]
    drawn = [
        Bar(
            f"{reasons()[step].name} ({step})",
            {"cost": found[step][1]},
            f"{pounds_short(found[step][1])}, {count(found[step][0])} lines",
        )
        for step in sorted(order, key=lambda step: (-found[step][1], step))
    ]
    lines, cost = _all(found)
    description = (
        f"{count(lines)} lines worth {pounds_short(cost)} carry another commissioner or category than the "
        "rules "
        "assign. Each bar is the rule that the lines should have followed."
    )
    written = write_out(
        "Challenged lines by the rule that assigns them",
        [Column("Rule"), Column("Code", "code"), Column("Lines", "count"), Column("Value (£)", "pounds")],
        [[reasons()[step].name, step, *found[step]] for step in order],
        ["All challenged lines", None, lines, cost],
    )
    return draw(
        "challenge-reasons",
        "Value of challenged lines, by reason",
        description,
        written,
        lambda width: bars(drawn, {"cost": "Value"}, width, colours={"cost": SECOND}),
    )


def by_provider(table: pa.Table) -> Figure:
    """The providers with the highest value of challenged lines, against the reasons."""
    rows = records(table)
    names = {row["provider"]: short_name(row["provider_name"] or row["provider"]) for row in rows}
    whole = _summed(rows, "provider")
    order = sorted(whole, key=lambda code: (-whole[code][1], code))
    top = order[:_DRAWN_PROVIDERS]
    pairs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        pairs[row["provider"], row["step"]] += row["cost"] or 0
    steps = [step for step in reasons() if any((code, step) in pairs for code in top)]
    cells = {pair: (value, _millions(value)) for pair, value in pairs.items() if pair[0] in top}
    description = (
        f"The {len(top)} providers with the highest value of challenged lines, in millions of pounds by "
        "reason code. "
        "The darker the cell, the more; an empty cell had none."
    )
    down = [(code, f"{names[code]} ({code})") for code in top]
    return draw(
        "challenge-providers",
        "Where lines were challenged: provider by reason, £m",
        description,
        _by_provider_table(order, names, whole, pairs),
        lambda width: matrix(down, steps, cells, width),
    )


def _by_provider_table(
    order: Sequence[str],
    names: dict[str, str],
    whole: dict[str, _SOME],
    pairs: dict[tuple[str, str], Decimal],
) -> Table:
    steps = [step for step in reasons() if any(step == each for _, each in pairs)]
    return write_out(
        "Challenged lines by provider, and their value in pounds by reason code",
        [
            Column("Provider"),
            Column("Code", "code"),
            Column("Lines", "count"),
            Column("Value (£)", "pounds"),
            *(Column(step, "pounds") for step in steps),
        ],
        [[names[code], code, *whole[code], *(pairs.get((code, step)) for step in steps)] for code in order],
        [
            "All providers",
            None,
            *_all(whole),
            *(sum((pairs.get((code, step), Decimal(0)) for code in order), Decimal(0)) for step in steps),
        ],
    )


def _millions(value: Decimal) -> str:
    millions = f"{value / 10**6:,.1f}".replace("-", "−")
    return "<0.1" if millions == "0.0" and value > 0 else millions


def _summed(rows: Sequence[dict[str, Any]], by: str) -> dict[str, _SOME]:
    found: dict[str, _SOME] = {}
    for row in rows:
        lines, cost = found.get(row[by], (0, Decimal(0)))
        found[row[by]] = (lines + row["lines"], cost + (row["cost"] or 0))
    return found


def _all(found: dict[str, _SOME]) -> _SOME:
    return sum(lines for lines, _ in found.values()), sum((cost for _, cost in found.values()), Decimal(0))
