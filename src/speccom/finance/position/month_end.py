"""Everything that a month-end pack says of one commissioner and month, gathered once; words it, draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from speccom.finance.position.challenged import IN, OUT, at_challenge
from speccom.finance.position.course import by_month
from speccom.finance.position.dues import by_form
from speccom.finance.position.months import year_to_date
from speccom.finance.position.risks import risks
from speccom.finance.position.standing import Standing, standing
from speccom.finance.position.table import position
from speccom.insight.result import Result
from speccom.period import Month
from speccom.workspace import Workspace


@dataclass(frozen=True)
class MonthEnd:
    """One commissioner's month-end: the standing, and every table of it as a result."""

    of: Standing
    commissioner: str
    name: str
    whole: Result
    lines: Result
    providers: Result
    programmes: Result
    forms: Result
    course: Result
    challenges: Result
    risks: Result

    @property
    def month(self) -> Month:
        return self.of.held.month

    @property
    def synthetic(self) -> bool:
        return self.of.held.synthetic

    @property
    def total(self) -> Mapping[str, Any]:
        """The one row of everything together."""
        [row] = self.whole.table.to_pylist()
        return row

    @property
    def tables(self) -> dict[str, Result]:
        """Every table, by the name of its sheet."""
        return {
            "Position": self.whole,
            "By month": self.course,
            "By service line": self.lines,
            "By provider": self.providers,
            "By programme": self.programmes,
            "Contract forms": self.forms,
            "Challenges": self.challenges,
            "Risks": self.risks,
        }


def month_end(
    workspace: Workspace,
    commissioner: str,
    month: Month,
    *,
    level: float = 0.8,
    with_low_volume: bool = False,
) -> MonthEnd:
    """A commissioner's month-end. Raises `PositionError` for a month or commissioner that the ledger has not."""
    code = commissioner.strip().upper()
    held = year_to_date(workspace, month, commissioner=code)
    of = standing(held, level=level, with_low_volume=with_low_volume)
    return MonthEnd(
        of,
        code,
        held.name(code),
        position(of, ("commissioner",)),
        position(of, ("service_line",)),
        position(of, ("provider",)),
        position(of, ("programme",)),
        by_form(of),
        by_month(of),
        at_challenge(held, code),
        risks(of, code),
    )


def challenged_ways(of: MonthEnd) -> tuple[Decimal, Decimal]:
    """Pounds billed to the commissioner that others pay, and billed to others that it pays."""
    rows = of.challenges.table.to_pylist()
    out, in_ = (
        sum((row["cost"] for row in rows if row["direction"] == way), Decimal(0)) for way in (OUT, IN)
    )
    return out, in_
