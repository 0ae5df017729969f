"""Pounds at challenge: what was billed to one body and belongs to another by the decision table, by provider."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import quote, run_steps
from speccom.finance.position.months import YearToDate, register_payers
from speccom.finance.position.standing import MONEY
from speccom.insight.result import Column, Gap, Result, described
from speccom.ledger.names import NOT_KNOWN
from speccom.ledger.summaries import summaries

OUT = "billed to it, and another pays"
IN = "billed to another, and it pays"
WITHIN = "it pays either way: only the category, or the place within it, differs"
COLUMNS = {
    "commissioner": Column("code", "the body whose pounds are at challenge"),
    "commissioner_name": Column("", "its name"),
    "direction": Column("", "which way the pounds would go"),
    "provider": Column("code", "provider"),
    "provider_name": Column("", "its name"),
    "other": Column("code", "the other body: who pays, or who was billed; empty where none resolves"),
    "other_name": Column("", "its name"),
    "reasons": Column("codes", "rows of the decision table that decided"),
    "lines": Column("lines", "patient-level lines"),
    "cost": Column("£", "their pounds"),
    "effect": Column("£", "what it would do to the body's spend: less where another pays"),
}


@dataclass
class _Sum:
    """Lines, pounds and reasons of one body, direction, provider and other body."""

    lines: int = 0
    cost: Decimal = Decimal(0)
    reasons: set[str] | None = None


def at_challenge(held: YearToDate, commissioner: str | None = None) -> Result:
    """Pounds at challenge in the year to date, of one body or of all; the most costly first.

    The ledger already counts every row with the body that the decision table names: `effect` is what a provider's
    bill would change by, not a change to the position. Columns: those of `COLUMNS`.
    """
    with summaries(held.workspace, [held.year]) as (engine, _):
        register_payers(engine, held.register, held.year)
        run_steps(engine, __package__, ["at_challenge"])
        of_body = f"and {quote(commissioner)} in (billed, named)" if commissioner else ""
        found = engine.fetch(
            "select billed, named, provider, reason, sum(lines) as lines, sum(cost) as cost from at_challenge "
            f"where month <= {held.month.number} {of_body} group by billed, named, provider, reason"
        ).to_pylist()
    sums: dict[tuple[str, str, str, str], _Sum] = defaultdict(_Sum)
    for row in found:
        billed, named = str(row["billed"] or ""), str(row["named"] or "")
        ways = [(named, WITHIN, billed)] if billed == named else [(billed, OUT, named), (named, IN, billed)]
        for body, direction, other in ways:
            if body and commissioner in (None, body):
                sum_ = sums[body, direction, str(row["provider"] or ""), other]
                sum_.lines += int(row["lines"])
                sum_.cost += row["cost"]
                sum_.reasons = {*(sum_.reasons or ()), str(row["reason"])}
    rows = [_row(held, key, sum_) for key, sum_ in sums.items()]
    rows.sort(
        key=lambda row: (-row["cost"], row["commissioner"], row["direction"], row["provider"], row["other"])
    )
    kinds: dict[str, pa.DataType] = {"lines": pa.int64(), "cost": MONEY, "effect": MONEY}
    of = f", {held.name(commissioner)}" if commissioner else ""
    of_what = held.name(commissioner) if commissioner else "The ledger"
    why = "no line names another payer or category than the decision table"
    return Result(
        f"Pounds at challenge{of}, April to {held.month.start:%B %Y}",
        described(
            {
                name: (column, [row[name] for row in rows], kinds.get(name, pa.string()))
                for name, column in COLUMNS.items()
            }
        ),
        (
            "A challenge is a question to the provider, not a finding of fault. The position counts each line with "
            "the body that the decision table names, whoever was billed; lines for which none resolves are with none.",
        ),
        () if rows else (Gap(of_what, "challenge", why),),
        held.synthetic,
    )


def _row(held: YearToDate, key: tuple[str, str, str, str], sum_: _Sum) -> dict[str, Any]:
    body, direction, provider, other = key
    known = held.register.providers.get(provider)
    return {
        "commissioner": body,
        "commissioner_name": held.name(body),
        "direction": direction,
        "provider": provider,
        "provider_name": known.name if known else NOT_KNOWN,
        "other": other,
        "other_name": held.name(other) if other else "Nobody: it does not resolve",
        "reasons": " ".join(sorted(sum_.reasons or ())),
        "lines": sum_.lines,
        "cost": sum_.cost,
        "effect": {OUT: -sum_.cost, IN: sum_.cost, WITHIN: Decimal(0)}[direction],
    }
