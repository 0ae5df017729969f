"""Reads a question of positions from an address: whose, up to which month, and which number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speccom.finance.position.explained import NUMBERS
from speccom.period import FinancialYear, Month
from speccom.site.explore.forms import AskedWrong, text

BY = ("", "service_line", "provider")


@dataclass(frozen=True, slots=True)
class Question:
    """Whose position, up to which month; an empty commissioner was not said."""

    commissioner: str
    month: Month

    @property
    def query(self) -> dict[str, str]:
        """The question as an address has it."""
        return {"commissioner": self.commissioner, "month": written(self.month)}


@dataclass(frozen=True, slots=True)
class Opened:
    """One number of a position: of the row `code` by `by`, or of everything together where both are empty."""

    by: str
    code: str
    number: str


def question(asked: Mapping[str, str], held: list[Month]) -> Question:
    """The question of the page; the last month held where none is said. Raises `AskedWrong` and `PeriodError`."""
    said = text(asked, "month")
    month = _month(said) if said else held[-1]
    if month not in held:
        named = f"{written(held[0])} to {written(held[-1])}"
        raise AskedWrong(f"The ledger does not hold {month}: it holds months of {named}.")
    return Question(text(asked, "commissioner").upper(), month)


def opened(asked: Mapping[str, str]) -> Opened:
    """The number that is to be opened. Raises `AskedWrong`."""
    by, code, number = text(asked, "by"), text(asked, "code").upper(), text(asked, "number") or "actual"
    if by not in BY:
        raise AskedWrong(
            f"{by!r} is nothing that a position opens by: choose from service_line and provider."
        )
    if number not in NUMBERS:
        raise AskedWrong(f"{number!r} is no number of a position: choose from {', '.join(NUMBERS)}.")
    return Opened(by, code, number)


def written(month: Month) -> str:
    """A month as an address has it: `2025/26-6`."""
    return f"{month.year}-{month.number}"


def _month(value: str) -> Month:
    year, _, number = value.rpartition("-")
    if not year or not (number.isascii() and number.isdigit()):
        raise AskedWrong(f"{value!r} is no month: give 2025/26-6 for September 2025 (1 is April).")
    return Month(FinancialYear.parse(year), int(number))
