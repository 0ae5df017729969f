"""The working of each number of the course of a year: one month's, or what is added up to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.position.course import by_month
from speccom.finance.position.explained import Working
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.standing import Standing

OF_MONTHS = (
    "recorded",
    "plan",
    "budget",
    "expected",
    "recorded_to_date",
    "plan_to_date",
    "budget_to_date",
    "expected_to_date",
    "lower",
    "upper",
)
"""The numbers of a month that open to their working."""
_SIGNS = {"recorded": "a", "plan": "p", "budget": "b", "expected": "c"}


def explain_month(of: Standing, month: int, number: str) -> Explained:
    """One number of everything together in a month (1 is April). Raises `PositionError` for what is not there."""
    if number not in OF_MONTHS:
        raise PositionError(f"{number!r} is no number of a month: choose from {', '.join(OF_MONTHS)}.")
    if not 1 <= month <= 12:
        raise PositionError(f"There is no month {month}: choose from 1 to 12; 1 is April.")
    return _Months(of).explained(month, number)


class _Months:
    """The course of a year and what its numbers are made of."""

    def __init__(self, of: Standing) -> None:
        self.of = of
        self.rows = by_month(of).table.to_pylist()
        self.working = Working.of_everything(of)

    def explained(self, month: int, number: str) -> Explained:
        if self.rows[month - 1][number] is None:
            raise PositionError(
                f"There is no {number.replace('_', ' ')} of {self.rows[month - 1]['month_name']} in this position."
            )
        if number in ("lower", "upper"):
            return self._end(month, number)
        if number.endswith("_to_date"):
            return self._added(month, number)
        make: dict[str, Callable[[int], Explained]] = {
            "recorded": lambda month: self._given(
                month, "recorded", f"{self.working.ledger}: lines of patients, drugs and devices"
            ),
            "plan": lambda month: self._given(
                month, "plan", f"{self.working.ledger}: aggregate contract monitoring"
            ),
            "budget": lambda month: self._given(month, "budget", "Budgets as imported, in equal months"),
            "expected": self._expected,
        }
        return make[number](month)

    def _given(self, month: int, number: str, source: str) -> Explained:
        row = self.rows[month - 1]
        name = f"{number.capitalize()}, {row['month_name']}"
        stated = Confidence.CHOSEN if number == "budget" else Confidence.STATED
        return given(name, f"{_SIGNS[number]}{month}", row[number], "£", source, stated)

    def _expected(self, month: int) -> Explained:
        row = self.rows[month - 1]
        inputs: list[Explained] = []
        if row["recorded"] is not None:
            inputs.append(self.explained(month, "recorded"))
            inputs += self.working.shares_of(month)
        else:
            inputs += [self.working.season()[month - 1]]
        return self.working.month(month, float(row["expected"]), tuple(inputs))

    def _added(self, month: int, number: str) -> Explained:
        row, one = self.rows[month - 1], number.removesuffix("_to_date")
        inputs = tuple(
            self.explained(at, one) for at in range(1, month + 1) if self.rows[at - 1][one] is not None
        )
        symbol = _SIGNS[one].upper()
        return Explained(
            f"{one.capitalize()}, April to {row['month_name']}",
            f"{symbol}{month}",
            row[number],
            "£",
            "The months from April on, added up.",
            f"{symbol} = Σ {_SIGNS[one]}ₘ",
            inputs,
        )

    def _end(self, month: int, which: str) -> Explained:
        row: dict[str, Any] = self.rows[month - 1]
        grouped = self.of.forecast.by((), lambda series, at: (), self.of.level, until=month)
        return self.working.interval(
            f"{which.capitalize()} end of what is expected, April to {row['month_name']}",
            which,
            row[which],
            self._added(month, "expected_to_date"),
            grouped.projected,
            0,
        )
