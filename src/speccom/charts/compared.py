"""Two numbers for one thing, side by side: host and population basis, and plan and actual."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from speccom.charts.bars import Bar, bars
from speccom.charts.figure import Figure, draw
from speccom.charts.tables import Column, records, total, write_out
from speccom.charts.words import pounds_short, short_name


def host_and_population(table: pa.Table) -> Figure:
    """Spend by region twice: where the providers lie, and where the patients live."""
    rows = sorted(records(table), key=lambda row: (-(row["population"] or 0), row["region"] or ""))
    placed = [row for row in rows if (row["region"] or "").startswith("Y")]
    elsewhere = [row for row in rows if row not in placed]
    drawn = [
        Bar(
            short_name(row["region_name"] or row["region"]),
            {"population": row["population"] or Decimal(0)},
            f"{_signed((row['host'] or Decimal(0)) - (row['population'] or Decimal(0)))} on the host basis",
            row["host"],
        )
        for row in placed
    ]
    description = (
        "The bar is what is spent on a region's own people; the dark line is what its providers charge, "
        "whoever the patient is. Where the line lies past the bar, the region treats more than its own."
    )
    written = write_out(
        "Spend by region on the host basis and on the population basis, in pounds",
        [
            Column("Region"),
            Column("Code", "code"),
            Column("Population basis", "pounds"),
            Column("Host basis", "pounds"),
            Column("Host less population", "pounds"),
        ],
        [
            [
                short_name(row["region_name"] or row["region"] or "Not known"),
                row["region"],
                row["population"],
                row["host"],
                (row["host"] or Decimal(0)) - (row["population"] or Decimal(0)),
            ]
            for row in (*placed, *elsewhere)
        ],
        [
            "All",
            None,
            total(rows, "population"),
            total(rows, "host"),
            total(rows, "host") - total(rows, "population"),
        ],
    )
    return draw(
        "bases",
        "Host basis and population basis, by region",
        description,
        written,
        lambda width: bars(drawn, {"population": "Population basis"}, width, mark_name="Host basis"),
    )


def plan_and_actual(table: pa.Table) -> Figure:
    """Actual against plan by month: the plan is the aggregate set's, the actual the patient-level sets'."""
    rows = records(table)
    drawn = [
        Bar(
            row["month_name"],
            {"actual": row["actual"] or Decimal(0)},
            _against(row["actual"] or Decimal(0), row["plan"]),
            row["plan"],
        )
        for row in rows
    ]
    actual, plan = total(rows, "actual"), total(rows, "plan")
    description = (
        f"The bar is actual spend from patient-level lines, {pounds_short(actual)} in all; the dark line is "
        "the "
        f"plan in the aggregate returns, {pounds_short(plan)}."
    )
    written = write_out(
        "Plan and actual by month, in pounds",
        [
            Column("Month"),
            Column("Lines", "count"),
            Column("Patients", "count"),
            Column("Actual", "pounds"),
            Column("Plan", "pounds"),
            Column("Actual less plan", "pounds"),
        ],
        [
            [
                row["month_name"],
                row["lines"],
                row["patients"],
                row["actual"],
                row["plan"] or None,
                (row["actual"] or Decimal(0)) - row["plan"] if row["plan"] else None,
            ]
            for row in rows
        ],
        ["All months", sum(row["lines"] for row in rows), None, actual, plan, actual - plan],
    )
    return draw(
        "months",
        "Plan and actual, by month",
        description,
        written,
        lambda width: bars(drawn, {"actual": "Actual"}, width, mark_name="Plan"),
    )


def _against(actual: Decimal, plan: Decimal | None) -> str:
    return f"{pounds_short(actual)}, {_signed(actual - plan)} on plan" if plan else pounds_short(actual)


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else ''}{pounds_short(value)}"
