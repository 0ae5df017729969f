"""What share of a year falls in each month: as earlier years had it, or by the working days of the months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from speccom import content
from speccom.period import FinancialYear

Floats = npt.NDArray[np.float64]
FEWEST_LINES = 1200
"""Patient-level lines of whole earlier years from which a service line's own season is taken; with fewer, chance
makes the months differ more than any season does, and the season of all lines together is used."""


@dataclass(frozen=True)
class Seasons:
    """The shape of a year: twelve shares that sum to one, of each service line that has its own and of all.

    `years` are the whole earlier years it was taken from; none where it is by working days.
    """

    overall: Floats
    own: Mapping[str, Floats]
    years: tuple[FinancialYear, ...]

    def of(self, service_line: str | None) -> Floats:
        """The shape for a service line."""
        return self.own.get(service_line or "", self.overall)

    def said(self) -> str:
        """Where the shape comes from, in words."""
        if not self.years:
            return (
                "Season: no whole earlier year is held, so each month has the share of the year's working days "
                "(Monday to Friday without England's bank holidays)."
            )
        named = ", ".join(map(str, self.years))
        return (
            f"Season: each month's share of the year in {named}, over all commissioners; {len(self.own):,} lines with "
            f"{FEWEST_LINES:,} or more patient-level lines have their own, the rest that of all lines together."
        )


def seasons(
    rows: Iterable[tuple[str, str, int, float, int]], years: Iterable[FinancialYear], of: FinancialYear
) -> Seasons:
    """Seasons from (service line, financial year, month, pounds, lines) of whole years before `of`.

    Each year counts alike, whatever prices were, as the mean of its months' shares. A line's own season needs
    every year's months to be above nothing.
    """
    earlier = tuple(sorted(year for year in set(years) if year < of))
    place = {year.code: at for at, year in enumerate(earlier)}
    spent: dict[str, Floats] = defaultdict(lambda: np.zeros((len(earlier), 12)))
    counted: dict[str, int] = defaultdict(int)
    for line, year, month, pounds, lines in rows:
        if year in place:
            spent[line][place[year], month - 1] += pounds
            counted[line] += lines
    total = sum(spent.values(), np.zeros((len(earlier), 12)))
    if not earlier or (total.sum(axis=1) <= 0).any() or (total < 0).any():
        return Seasons(working_days(of), {}, ())
    own = {
        line: _shares(pounds)
        for line, pounds in spent.items()
        if counted[line] >= FEWEST_LINES and (pounds > 0).all()
    }
    return Seasons(_shares(total), own, earlier)


def _shares(pounds: Floats) -> Floats:
    shares: Floats = (pounds / pounds.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def working_days(year: FinancialYear) -> Floats:
    """The share of a year's working days in each of its months."""
    days = np.array([_working_days_in(month.start, month.end) for month in year.months()], dtype=float)
    shares: Floats = days / days.sum()
    return shares


def _working_days_in(start: date, end: date) -> int:
    days = (start + timedelta(number) for number in range((end - start).days))
    return sum(day.weekday() < 5 and day not in bank_holidays(day.year) for day in days)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a calendar year: by their rules, and the changes that were proclaimed."""
    easter = _easter(year)
    held = {
        easter - timedelta(2),
        easter + timedelta(1),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
        *_with_substitutes([date(year, 1, 1)]),
        *_with_substitutes([date(year, 12, 25), date(year, 12, 26)]),
    }
    for row in _proclaimed():
        day = date.fromisoformat(row["date"])
        if day.year == year:
            (held.add if row["adds_or_removes"] == "adds" else held.discard)(day)
    return frozenset(held)


@cache
def _proclaimed() -> list[dict[str, str]]:
    return content.rows(__package__, "bank_holidays")


def _monday_from(day: date) -> date:
    return day + timedelta(-day.weekday() % 7)


def _with_substitutes(days: list[date]) -> Iterator[date]:
    """Holidays that fall on a weekend are kept on the next weekdays that are none."""
    taken: set[date] = {day for day in days if day.weekday() < 5}
    yield from taken
    for day in days:
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in taken:
                day += timedelta(1)
            taken.add(day)
            yield day


def _easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus, as Meeus, Jones and Butcher give it."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)
