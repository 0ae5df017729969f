"""Challenges: the rows whose submitted commissioner or category is not the one the decision table gives."""

from __future__ import annotations

import pyarrow as pa

from speccom.engine import quote, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.names import months_of
from speccom.ledger.reading import reading
from speccom.workspace import Workspace


def challenges(
    workspace: Workspace, commissioner: str | None = None, month: int | None = None, year: str | None = None
) -> pa.Table:
    """Every patient-level row that a commissioner could challenge, in order of receipt and row.

    Columns: receipt, row (of the submitted file, its header being 1), provider, month, data_set,
    service_line, submitted_commissioner, assigned_commissioner, submitted_category, assigned_category,
    reason, cost (pounds). With `commissioner`, rows submitted to it or assigned to it. ACM rows and
    unresolved rows are never challenged; nothing here says who a patient is.
    """
    concerned = "true"
    if commissioner is not None:
        code = quote(commissioner.strip().upper())
        concerned = f"submitted_commissioner = {code} or assigned_commissioner = {code}"
    with reading(workspace, month, year) as (engine, _):
        run_steps(engine, __package__, ["challenged"])
        found = engine.fetch(f"select * from challenged where {concerned} order by receipt, row")
    codes, _ = months_of(found)
    found = found.set_column(
        found.column_names.index("month"), "month", pa.chunked_array([codes], pa.string())
    )
    return found.drop_columns(["financial_year"])


def by_reason(challenged: pa.Table) -> pa.Table:
    """Challenges summed by reason: reason, lines, cost (pounds); the most costly first."""
    with DuckDBEngine() as engine:
        engine.register("challenged", challenged)
        return engine.fetch(
            "select reason, count(*) as lines, coalesce(sum(cost), 0) as cost from challenged "
            "group by reason order by cost desc, reason"
        )
