"""Reconciliation: what providers charge in aggregate against what their patient-level sets add up to."""

from __future__ import annotations

import pyarrow as pa

from speccom.engine import run_steps
from speccom.ledger.names import in_order, named
from speccom.ledger.reading import reading
from speccom.register import Register
from speccom.workspace import Workspace


def reconcile(workspace: Workspace, month: int | None = None, year: str | None = None) -> pa.Table:
    """One row per provider, submitted commissioner and category, service line and month; pounds.

    Columns: each of those (provider, commissioner, service_line and month with a name beside), aggregate
    (ACM), activity, drugs, devices (PLCM, DrPLCM, DePLCM), patient_level (their sum), difference
    (aggregate less patient_level). A group that only one side has is there too. Source:
    contract-monitoring, "The four data sets": ACM = PLCM + DrPLCM + DePLCM.
    """
    with reading(workspace, month, year) as (engine, _):
        run_steps(engine, __package__, ["reconciled"])
        order = in_order(["provider", "commissioner", "service_line", "financial_year", "month", "category"])
        found = engine.fetch(f"select * from reconciled {order}")
    by = ["provider", "commissioner", "service_line", "month"]
    return named(found, by, Register.load(workspace))
