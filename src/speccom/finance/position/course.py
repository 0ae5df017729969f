"""The course of a year, month by month and added up: recorded, expected, planned, budgeted."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.finance.position.budgeted import budgeted
from speccom.finance.position.forecast import project
from speccom.finance.position.months import YearToDate
from speccom.finance.position.standing import (
    ESTIMATE,
    MONEY,
    Standing,
    estimate,
    gaps,
    notes,
    title,
)
from speccom.insight.result import Column, Result, described
from speccom.period import Month

MONTHS = {
    "month": Column("month", "financial year and month, 1 is April"),
    "month_name": Column("", "the month in words"),
    "recorded": Column("£", "patient-level pounds as recorded; empty for a month that is not in"),
    "plan": Column("£", "planned pounds of the aggregate set"),
    "budget": Column("£", "budget: equal months of what was imported"),
    "expected": Column("£", "what the month is expected to come to: completed where it is in, else forecast"),
    "recorded_to_date": Column("£", "recorded, added up from April"),
    "plan_to_date": Column("£", "plan, added up from April"),
    "budget_to_date": Column("£", "budget, added up from April"),
    "expected_to_date": Column("£", "expected, added up from April"),
    "lower": Column("£", "lower end of the interval of expected to date; empty where none of it is in doubt"),
    "upper": Column("£", "upper end of the interval of expected to date"),
}


def by_month(of: Standing) -> Result:
    """The twelve months of everything in a standing: recorded, expected in the end, plan, budget; and added up.

    Columns: month, month_name, recorded, completed (expected in the end, of months that are in), forecast (of
    months that are not), plan, budget, and each added up from April, the forecast's sum with its ends.
    """
    held, of_all = of.held, of.forecast.by((), lambda series, month: (), of.level)
    projected = of_all.projected
    upto, whole = held.month.number, of_all.place.get((), -1)
    values = projected.months[whole] if whole >= 0 else np.zeros(12)
    budget = budgeted(held, (), lambda *parts: ())
    plan = _plan_by_month(held)
    recorded = _recorded_by_month(held)
    rows: list[dict[str, Any]] = []
    added: dict[str, Decimal | None] = dict.fromkeys(("recorded", "plan", "budget"), Decimal(0))
    running = 0.0
    for number in range(1, 13):
        month = Month(held.year, number)
        is_in = number <= upto and number in held.held
        running += float(values[number - 1])
        months: dict[str, Decimal | None] = {
            "recorded": recorded.get(number, Decimal(0)) if is_in else None,
            "plan": plan.get(number),
            "budget": None if budget.incomplete else budget.months.get((), {}).get(number),
        }
        for name, value in months.items():
            before = added[name]
            added[name] = (
                None if before is None or (value is None and name != "recorded") else before + (value or 0)
            )
        lower, upper = _ends(of, number) if whole >= 0 else (None, None)
        rows.append(
            {
                "month": str(month),
                "month_name": f"{month.start:%B %Y}",
                **months,
                "expected": estimate(float(values[number - 1])),
                "recorded_to_date": added["recorded"] if number <= upto else None,
                "plan_to_date": added["plan"],
                "budget_to_date": added["budget"],
                "expected_to_date": estimate(running),
                "lower": lower,
                "upper": upper,
            }
        )
    kinds: dict[str, pa.DataType] = dict.fromkeys(("month", "month_name"), pa.string())
    kinds |= dict.fromkeys(("expected", "expected_to_date", "lower", "upper"), ESTIMATE)
    table = described(
        {
            name: (column, [row[name] for row in rows], kinds.get(name, MONEY))
            for name, column in MONTHS.items()
        }
    )
    return Result(title(of, ("month",)), table, notes(of), (*gaps(of), *budget.gaps), held.synthetic)


def _plan_by_month(held: YearToDate) -> dict[int, Decimal]:
    plan: dict[int, Decimal] = defaultdict(Decimal)
    for row in held.paid():
        if row.plan is not None:
            plan[row.month] += row.plan
    return dict(plan)


def _recorded_by_month(held: YearToDate) -> dict[int, Decimal]:
    recorded: dict[int, Decimal] = defaultdict(Decimal)
    for row in held.to_date():
        recorded[row.month] += row.actual
    return dict(recorded)


def _ends(of: Standing, number: int) -> tuple[Decimal | None, Decimal | None]:
    """The interval of what is added up to a month; none where nothing of it is in doubt."""
    whole = of.forecast
    together = np.zeros(whole.run.shape, dtype=np.int64)
    found = project(whole.completed, whole.run, together, 1, of.level, whole.doubt, number)
    lower, upper = float(found.lower[0]), float(found.upper[0])
    if number <= of.held.month.number and lower == upper:
        return None, None
    return estimate(lower), estimate(upper)
