"""Half-open dates, financial years and their months; knows nothing of services or money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from speccom.errors import SpeccomError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"(\d{4})(?:/(\d{2})|(\d{2}))")


class PeriodError(SpeccomError):
    """A date, financial year or month that cannot be read; the message says what would be."""

    code = "bad_period"


def parse_date(text: str) -> date:
    """Read an ISO date (`2025-04-01`); anything else is refused."""
    if _DATE.fullmatch(text.strip()):
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            pass
    raise PeriodError(f"{text!r} is not a date: write it as year-month-day, for example 2025-04-01.")


def long_date(day: date) -> str:
    """`1 April 2024`, as sentences write it."""
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Dates from `start` up to but not including `end`; an empty `end` is open."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise PeriodError(
                f"The interval [{self.start}, {self.end}) is empty: its end must be after its start."
            )

    def __contains__(self, on: date) -> bool:
        return self.start <= on and (self.end is None or on < self.end)

    def overlaps(self, other: Interval) -> bool:
        """Whether any day lies in both."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def meets(self, other: Interval) -> bool:
        """Whether `other` begins on the day that this one ends."""
        return self.end == other.start


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """An NHS financial year, 1 April to 31 March, named by the year in which it starts."""

    start_year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2025/26` or `202526`; the second pair of digits must follow the first."""
        match = _YEAR.fullmatch(text.strip())
        if match:
            start, second = int(match[1]), int(match[2] or match[3])
            if second == (start + 1) % 100 and start > 0:
                return cls(start)
        raise PeriodError(f"{text!r} is not a financial year: write it as 2025/26 or 202526.")

    @classmethod
    def containing(cls, on: date) -> Self:
        return cls(on.year if on.month >= 4 else on.year - 1)

    @property
    def start(self) -> date:
        return date(self.start_year, 4, 1)

    @property
    def end(self) -> date:
        """The first day after it: half-open, as every interval here."""
        return date(self.start_year + 1, 4, 1)

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    @property
    def code(self) -> str:
        """As contract-monitoring files write it: `202526`."""
        return f"{self.start_year:04d}{(self.start_year + 1) % 100:02d}"

    def __str__(self) -> str:
        return f"{self.start_year:04d}/{(self.start_year + 1) % 100:02d}"

    def months(self) -> Iterator[Month]:
        return (Month(self, number) for number in range(1, 13))


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a financial year: 1 is April, 12 is March."""

    year: FinancialYear
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise PeriodError(
                f"Financial month {self.number} does not exist: months run from 1 (April) to 12 (March)."
            )

    @classmethod
    def containing(cls, on: date) -> Self:
        return cls(FinancialYear.containing(on), (on.month - 4) % 12 + 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2025/26-6`, which is September 2025."""
        year, _, number = text.strip().rpartition("-")
        if not year or not number.isdecimal():
            raise PeriodError(f"{text!r} is no month: write 2025/26-6 for September 2025 (1 is April).")
        return cls(FinancialYear.parse(year), int(number))

    @property
    def short(self) -> str:
        """As `parse` reads it."""
        return f"{self.year}-{self.number}"

    @property
    def start(self) -> date:
        return _first_of(self.year.start_year, self.number)

    @property
    def end(self) -> date:
        """The first day after it."""
        return _first_of(self.year.start_year, self.number + 1)

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    def __str__(self) -> str:
        return f"{self.year} month {self.number}"


def _first_of(start_year: int, number: int) -> date:
    calendar = number + 2  # months after January of the starting year
    return date(start_year + calendar // 12, calendar % 12 + 1, 1)


def parse_years(text: str) -> tuple[FinancialYear, FinancialYear]:
    """Read `2022/23-2025/26` as its first and last year; one year alone is both."""
    first, dash, last = text.partition("-")
    years = FinancialYear.parse(first), FinancialYear.parse(last if dash else first)
    if years[1] < years[0]:
        raise PeriodError(
            f"{text!r} runs backwards: write the earlier year first, for example {years[1]}-{years[0]}."
        )
    return years


def parse_months(text: str) -> list[int]:
    """Read `1-6`, `3` or `1,2,5-7` as financial month numbers, ascending and without repeats."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,2})(?:\s*-\s*(\d{1,2}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= 12:
            raise PeriodError(
                f"{text!r} is not a list of financial months: write 1-6, 3 or 1,2,5-7 (1 is April)."
            )
        numbers.update(range(first, last + 1))
    return sorted(numbers)
