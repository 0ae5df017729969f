"""What everybody may see of a position: groups of few patients are put together until nobody's cost stands out.

A year to date of one month, less that of the month before, is one month's pounds. So a line or provider stands by
itself only if in every month that the ledger holds of the year it had no patient or `FEWEST` and more; the rest are
one row, which is held to the same and takes in more until it passes. Nothing is left out, so every table adds up to
the same total. Patients whose identity was withheld count as none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import quote, read_step, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.months import YearToDate, register_payers
from speccom.finance.position.standing import Standing
from speccom.finance.position.table import position
from speccom.insight.kept import kept
from speccom.insight.result import Result
from speccom.ledger.manifest import require_manifest
from speccom.ledger.reading import reading
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

FEWEST = 8
"""Patients in a month below which it is not shown: counts of 1 to 7 are withheld everywhere."""
OTHERS = "OTHERS"
_COLUMN = {"service_line": "service_code", "provider": "provider"}
_WHOLE = "whole"
_KEPT = {"commissioner": pa.string(), "dimension": pa.string(), "code": pa.string(), "together": pa.bool_()}
_ADDED = (
    "actual",
    "plan",
    "plan_variance",
    "budget",
    "budget_variance",
    "completed",
    "forecast",
    "year_plan",
    "year_budget",
    "forecast_variance",
    "actual_per_head",
    "forecast_per_head",
)


@dataclass(frozen=True)
class Shown:
    """Which codes of each dimension stand by themselves; the others are together, if there are any."""

    alone: Mapping[str, frozenset[str]]
    together: Mapping[str, frozenset[str]]


class TooFew(PositionError):
    """A position of so few patients that nothing of it can be shown to everybody."""

    code = "disclosure"


def shown(held: YearToDate, commissioner: str) -> Shown:
    """What of one commissioner's year may be shown. Raises `TooFew` where not even its total may."""
    of_all = shown_of_all(held.workspace, held.register, held.year)
    found = of_all.get(commissioner)
    if found is None:
        raise TooFew(
            f"{held.name(commissioner)} has a month of {held.year} with 1 to {FEWEST - 1} patients, so nothing of "
            "its position is shown to everybody: speccom position --forecast --help."
        )
    return found


def shown_of_all(workspace: Workspace, register: Register, year: FinancialYear) -> dict[str, Shown | None]:
    """What of a year may be shown of each body that pays for anything; none where not even its total may.

    Kept for as long as the ledger is the same.
    """
    rows = kept_of_year(workspace, register, "position-shown", year, _of_all)
    found: dict[str, Shown | None] = {}
    codes: dict[tuple[str, str, bool], set[str]] = defaultdict(set)
    for body, dimension, code, together in zip(*(rows[name].to_pylist() for name in _KEPT), strict=True):
        found[body] = None
        codes[body, dimension, together].add(code)
    for body in found:
        if (body, _WHOLE, True) not in codes:
            ways = ({name: frozenset(codes[body, name, way]) for name in _COLUMN} for way in (False, True))
            found[body] = Shown(*ways)
    return found


def kept_of_year(
    workspace: Workspace,
    register: Register,
    name: str,
    year: FinancialYear,
    make: Callable[[Workspace, Register, FinancialYear], pa.Table],
) -> pa.Table:
    """What may be shown of a year, as `make` gives it; kept for as long as the ledger is the same."""
    asked = {"year": year.code, "fewest": FEWEST}
    manifest = require_manifest(workspace)
    [rows] = kept(workspace, manifest, register, name, asked, lambda: [make(workspace, register, year)])
    return rows


def _of_all(workspace: Workspace, register: Register, year: FinancialYear) -> pa.Table:
    """Of each body each code of each dimension, and whether it is together with others: as a whole, not shown."""
    rows: list[tuple[str, str, str, bool]] = []
    with reading(workspace, year=str(year)) as (engine, _):
        register_payers(engine, register, year)
        run_steps(engine, __package__, ["seen"], frozenset(["seen"]))
        whole = _by_code(engine, "commissioner")
        rows += [(body, _WHOLE, body, not _enough(held[body])) for body, held in sorted(whole.items())]
        bodies = [body for _, _, body, few in rows if not few]
        for dimension, column in _COLUMN.items():
            by_code = _by_code(engine, column)
            for body in bodies:
                few = _put_together(engine, body, column, by_code[body])
                rows += [(body, dimension, code, code in few) for code in sorted(by_code[body])]
    columns = list(zip(*rows, strict=True)) or [()] * len(_KEPT)
    return pa.table(
        {
            name: pa.array(list(column), kind)
            for (name, kind), column in zip(_KEPT.items(), columns, strict=True)
        }
    )


def _put_together(
    engine: DuckDBEngine, body: str, column: str, found: Mapping[str, Mapping[int, int]]
) -> set[str]:
    """The codes that are one row: all of few patients, and the smallest others until together they are enough."""
    few = {code for code, months in found.items() if not _enough(months)}
    larger = sorted(found.keys() - few, key=lambda code: (sum(found[code].values()), code))
    while few and larger and (len(few) < 2 or not _enough_together(engine, body, column, few, found)):
        few.add(larger.pop(0))
    return few


def _enough_together(
    engine: DuckDBEngine,
    body: str,
    column: str,
    few: Collection[str],
    found: Mapping[str, Mapping[int, int]],
) -> bool:
    """Whether some codes have patients enough in each month; where one of them alone has, nobody need be counted."""
    most: dict[int, int] = defaultdict(int)
    for code in few:
        for month, patients in found[code].items():
            most[month] = max(most[month], patients)
    return _enough(most) or _enough(_union(engine, body, column, few))


def _union(engine: DuckDBEngine, body: str, column: str, codes: Collection[str]) -> Mapping[int, int]:
    engine.register("few", pa.table({"code": pa.array(sorted(codes), pa.string())}))
    together = f"case when coalesce({column}, '') in (select code from few) then 'few' end"
    return _by_code(engine, together, f"where commissioner = {quote(body)}")[body].get("few", {})


def _by_code(engine: DuckDBEngine, column: str, where: str = "") -> dict[str, dict[str, dict[int, int]]]:
    """Patients of each body and code by month; a month with lines and no patient known counts one: too few."""
    sql = read_step(__package__, "seen_by").replace("dimension", column)
    engine.step("seen_by", sql.replace("group by", f"{where} group by"))
    found: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in engine.fetch("select * from seen_by").to_pylist():
        found[row["commissioner"]][str(row["code"] or "")][int(row["month"])] = int(row["patients"]) or 1
    return found


def _enough(months: Mapping[int, int]) -> bool:
    return bool(months) and all(patients >= FEWEST for patients in months.values())


def shown_position(of: Standing, dimension: str, may: Shown) -> Result:
    """The position by one dimension as everybody may see it: what is together as the last row, without an interval."""
    result = position(of, (dimension,))
    rows = result.table.to_pylist()
    alone = [row for row in rows if row[dimension] not in may.together[dimension]]
    rest = [row for row in rows if row[dimension] in may.together[dimension]]
    if rest:
        alone.append(_added(rest, dimension))
    table = pa.Table.from_pylist(alone, schema=result.table.schema)
    note = (
        f"A {dimension.replace('_', ' ')} with 1 to {FEWEST - 1} patients in any month of the year is not shown by "
        f"itself: {len(rest):,} of {len(rows):,} are one row together."
    )
    return Result(result.title, table, (*result.notes, note), result.gaps, result.synthetic)


def _added(rows: list[dict[str, Any]], dimension: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(rows[0])
    row |= {
        dimension: OTHERS,
        f"{dimension}_name": f"{len(rows):,} others of few patients, together",
        "note": "",
    }
    for name in _ADDED:
        values = [each[name] for each in rows if each[name] is not None]
        row[name] = sum(values, Decimal(0)) if values else None
    for name in ("plan", "budget"):
        row[f"{name}_variance_share"] = _part(row[f"{name}_variance"], row[name])
    row |= {name: rows[0][name] for name in ("people", "target")}
    row["target_share"] = _part(row["forecast"], row["target"])
    against = {each["forecast_against"] for each in rows} - {""}
    row["forecast_against"] = against.pop() if len(against) == 1 else ""
    against_year = row[f"year_{row['forecast_against']}"] if row["forecast_against"] else None
    row["forecast_variance_share"] = _part(row["forecast_variance"], against_year)
    return row


def _part(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole else None
