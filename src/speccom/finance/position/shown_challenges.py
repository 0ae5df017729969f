"""What everybody may see of pounds at challenge: rows of many patients alone, to their first figure.

The same pounds stand on the pages of two bodies, and in sums over others; exact sums could be taken from each other
until few people's are left. So a row stands only where each month of the year has no patient or `FEWEST` and more of
it, and lines and pounds are given to the first figure, from which nothing exact can be had back.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.finance.position.challenged import IN, OUT, WITHIN, at_challenge
from speccom.finance.position.months import YearToDate, register_payers
from speccom.finance.position.shown import FEWEST, kept_of_year
from speccom.insight.coarse import one_figure
from speccom.insight.result import Gap, Result
from speccom.ledger.reading import reading
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

ALL = "ALL"
_DIRECTIONS = {"out": OUT, "in": IN, "within": WITHIN}
_KEPT = ("body", "direction", "other", "provider")
_NOTE = (
    f"Only rows of which each month of the year has no patient or {FEWEST} and more are listed, and lines and pounds "
    "are to their first figure: the same pounds stand on two bodies’ pages."
)
Row = tuple[str, str, str, str]


def shown_challenges(held: YearToDate, commissioner: str) -> Result:
    """Pounds at challenge of one body as everybody may see them; columns are those of `at_challenge`.

    The first rows are of all providers together (`ALL`), one for each direction that may be told.
    """
    result = at_challenge(held, commissioner)
    may = challenges_of_all(held.workspace, held.register, held.year)
    rows = result.table.to_pylist()
    told: list[dict[str, Any]] = []
    gaps = list(result.gaps)
    for direction in _DIRECTIONS.values():
        of_way = [row for row in rows if row["direction"] == direction]
        if not of_way:
            continue
        if (commissioner, direction, ALL, ALL) not in may:
            why = f"a month of {held.year} has 1 to {FEWEST - 1} patients of it"
            gaps.append(Gap(held.name(commissioner), f"challenge that is {direction.partition(':')[0]}", why))
            continue
        together = dict.fromkeys(of_way[0], "") | {
            "commissioner": commissioner,
            "commissioner_name": held.name(commissioner),
            "direction": direction,
            "provider": ALL,
            "provider_name": "All providers together",
            "other": ALL,
            "other_name": "All bodies together",
        }
        for name in ("lines", "cost", "effect"):
            together[name] = sum((row[name] for row in of_way), type(of_way[0][name])(0))
        told.append(_coarse(together))
    told += [
        _coarse(row)
        for row in rows
        if (commissioner, row["direction"], row["other"], row["provider"]) in may
        and (commissioner, row["direction"], ALL, ALL) in may
    ]
    table = pa.Table.from_pylist(told, schema=result.table.schema)
    return Result(result.title, table, (*result.notes, _NOTE), tuple(gaps), result.synthetic)


def challenges_of_all(workspace: Workspace, register: Register, year: FinancialYear) -> frozenset[Row]:
    """The rows that may be shown: body, direction, other body, provider; `ALL` of a direction's sum.

    Kept for as long as the ledger is the same.
    """
    rows = kept_of_year(workspace, register, "position-challenged", year, _of_all)
    return frozenset(zip(*(rows[name].to_pylist() for name in _KEPT), strict=True))


def _of_all(workspace: Workspace, register: Register, year: FinancialYear) -> pa.Table:
    counted: dict[Row, list[int]] = defaultdict(list)
    with reading(workspace, year=str(year)) as (engine, _):
        register_payers(engine, register, year)
        run_steps(engine, __package__, ["challenged_seen", "challenged_by"], frozenset(["challenged_seen"]))
        for row in engine.fetch("select * from challenged_by").to_pylist():
            other, provider = (ALL if row[name] is None else row[name] for name in ("other", "provider"))
            key = (row["body"], _DIRECTIONS[row["direction"]], other, provider)
            counted[key].append(row["patients"])
    enough = sorted(key for key, patients in counted.items() if all(each >= FEWEST for each in patients))
    columns = list(zip(*enough, strict=True)) or [()] * len(_KEPT)
    return pa.table(
        {name: pa.array(list(column), pa.string()) for name, column in zip(_KEPT, columns, strict=True)}
    )


def _coarse(row: dict[str, Any]) -> dict[str, Any]:
    """A row with lines and pounds to their first figure."""
    lines = int(one_figure(row["lines"]) or 0)
    pounds = {name: Decimal(str(one_figure(float(row[name])) or 0)) for name in ("cost", "effect")}
    return row | {"lines": lines} | pounds
