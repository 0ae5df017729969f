"""Host basis against population basis: what each area's providers cost, what its people cost, and who holds what.

`rules` says which pot of money is on which basis when, `money` reads what each area's people cost at each
area's providers, and `answers` are sums of that. Draws and writes nothing.
"""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from speccom.finance.bases.answers import (
    bases_of,
    held_of,
    level_of,
    transfers_of,
    waterfall_of,
)
from speccom.finance.bases.money import BasesError, Crossing, Money, money_of
from speccom.finance.bases.rules import Pot, Rule, pots, rule_on, rules, rules_result
from speccom.insight.areas import name_of
from speccom.workspace import Workspace

__all__ = [
    "BasesError",
    "Crossing",
    "Money",
    "Pot",
    "Rule",
    "bases_of",
    "held_of",
    "host_and_population",
    "level_of",
    "money_of",
    "pots",
    "rule_on",
    "rules",
    "rules_result",
    "transfers_of",
    "waterfall_of",
]


def host_and_population(workspace: Workspace, boundaries: date | None = None) -> pa.Table:
    """Both bases of each region over the whole ledger, every pot together, and rows for what is no region.

    Columns: region, region_name, host, population, outflow, inflow, transfer; pounds, exact.
    """
    money = money_of(workspace, None, boundaries)
    found: dict[str, dict[str, object]] = {}
    for year in money.years:
        for row in bases_of(money, year, only=pots()).table.to_pylist():
            held = found.setdefault(row["area"], dict.fromkeys(_SUMMED, 0))
            found[row["area"]] = {name: held[name] + row[column] for name, column in _SUMMED.items()}
    areas = [area for area in money.areas("region") if area in found]
    columns: dict[str, pa.Array[pa.Scalar[pa.DataType]]] = {
        "region": pa.array(areas, pa.string()),
        "region_name": pa.array([name_of(money.register, area) for area in areas], pa.string()),
        **{name: pa.array([found[area][name] for area in areas], pa.decimal128(38, 8)) for name in _SUMMED},
    }
    return pa.table(columns)


_SUMMED = {
    "host": "host_basis",
    "population": "population_basis",
    "outflow": "outflow",
    "inflow": "inflow",
    "transfer": "transfer",
}
