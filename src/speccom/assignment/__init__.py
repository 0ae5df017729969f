"""Who pays for a record, and why: the decision table in SQL, one row of it per WHEN.

`sql/matched.sql` holds the table's conditions and `sql/payer.sql` its results; the steps before
them look up the patient's home, the provider's host and the service line, and `sql/assigned.sql`
sets aside what does not resolve. `oracle` says the same again, slowly, in Python.
"""

from __future__ import annotations

from speccom.assignment.lookups import digest_of_lookups, register_lookups
from speccom.engine import Engine, run_steps

__all__ = ["ASSIGNED_COLUMNS", "DECIDING_COLUMNS", "STEPS", "assign", "digest_of_lookups", "register_lookups"]

STEPS = ["dated", "home", "place", "line", "matched", "payer", "assigned"]

# What the table reads of a record: codes trimmed and in upper case, a blank as null, the month a number.
DECIDING_COLUMNS = [
    "financial_year",
    "month",
    "provider",
    "submitted_commissioner",
    "submitted_category",
    "service_code",
    "point_of_delivery",
    "treatment_function",
    "gp_responsibility",
    "residence_responsibility",
    "practice",
]

ASSIGNED_COLUMNS = [
    "home_area",
    "home_icb",
    "home_region",
    "host_icb",
    "host_region",
    "assigned_commissioner",
    "assigned_category",
    "reason",
    "arrangement",
    "commissioner_differs",
    "category_differs",
]


def assign(engine: Engine) -> None:
    """Define `assigned` on an engine that holds `records` and the look-ups.

    `records` has the deciding columns and any others; `assigned` has one row for each of them, with
    every column of it and then those of `ASSIGNED_COLUMNS`. The order of rows is the engine's affair:
    carry a row number where it matters. Source: contract-monitoring's decision table.
    """
    run_steps(engine, __name__, STEPS)
