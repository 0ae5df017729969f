"""Reads a question of positions from an address: whose, up to which month, and which number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speccom.finance.position.explained import NUMBERS, OF_CHALLENGES
from speccom.finance.position.explained_months import OF_MONTHS
from speccom.period import FinancialYear, Month
from speccom.site.explore.forms import AskedWrong, text
from speccom.site.finance.forms.rows import row

BY = ("", "service_line", "provider", "month", "challenge")


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
    """One number of a position: of the row `code` by `by` (a month: its number), or of everything together."""

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
    by, code = text(asked, "by"), text(asked, "code").upper()
    number = text(asked, "number") or {"month": "recorded", "challenge": "cost"}.get(by, "actual")
    if by not in BY:
        raise AskedWrong(f"{by!r} is nothing that a position opens by: choose from {', '.join(BY[1:])}.")
    known = {"month": OF_MONTHS, "challenge": OF_CHALLENGES}.get(by, NUMBERS)
    if number not in known:
        raise AskedWrong(f"{number!r} is no number of a position: choose from {', '.join(known)}.")
    if by == "month" and not (code.isascii() and code.isdigit() and 1 <= int(code) <= 12):
        raise AskedWrong(f"{code!r} is no month: give a number from 1 to 12; 1 is April.")
    if by == "challenge":
        row(asked, "code")
    return Opened(by, code, number)


def written(month: Month) -> str:
    """A month as an address has it: `2025/26-6`."""
    return f"{month.year}-{month.number}"


def _month(value: str) -> Month:
    year, _, number = value.rpartition("-")
    if not year or not (number.isascii() and number.isdigit()):
        raise AskedWrong(f"{value!r} is no month: give 2025/26-6 for September 2025 (1 is April).")
    return Month(FinancialYear.parse(year), int(number))
