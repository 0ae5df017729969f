"""Dates are half-open: every changeover day belongs to exactly one side."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.period import (
    FinancialYear,
    Interval,
    Month,
    PeriodError,
    long_date,
    parse_date,
    parse_months,
    parse_years,
)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
years = st.integers(1990, 2090).map(FinancialYear)
months = st.builds(Month, years, st.integers(1, 12))


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_a_changeover_day_belongs_to_what_begins_on_it(year: int) -> None:
    changeover = date(year, 4, 1)
    before = Interval(date(year - 1, 4, 1), changeover)
    after = Interval(changeover)
    assert changeover - timedelta(days=1) in before and changeover not in before
    assert changeover in after and changeover - timedelta(days=1) not in after
    assert before.meets(after) and not before.overlaps(after)


@given(days, days, days)
def test_adjoining_intervals_share_no_day_and_leave_none_out(first: date, second: date, on: date) -> None:
    if first == second:
        return
    start, end = sorted((first, second))
    held = [on in each for each in (Interval(start, end), Interval(end))]
    assert sum(held) == (on >= start)


@given(days, days, days, days)
def test_intervals_overlap_when_and_only_when_they_share_a_day(a: date, b: date, c: date, d: date) -> None:
    if a == b or c == d:
        return
    one, other = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    shared = max(one.start, other.start)
    assert one.overlaps(other) == other.overlaps(one) == (shared in one and shared in other)


def test_an_open_interval_has_no_end() -> None:
    assert date(9999, 12, 31) in Interval(date(2025, 4, 1))
    assert Interval(date(2025, 4, 1)).overlaps(Interval(date(2050, 1, 1)))
    assert not Interval(date(2025, 4, 1)).meets(Interval(date(2050, 1, 1)))


def test_an_interval_of_no_days_is_refused() -> None:
    for end in (date(2025, 4, 1), date(2025, 3, 31)):
        with pytest.raises(PeriodError, match="empty"):
            Interval(date(2025, 4, 1), end)


@pytest.mark.parametrize("text", ["2025/26", "202526", " 2025/26 "])
def test_a_financial_year_is_read_in_both_spellings(text: str) -> None:
    year = FinancialYear.parse(text)
    assert (str(year), year.code) == ("2025/26", "202526")
    assert (year.start, year.end) == (date(2025, 4, 1), date(2026, 4, 1))


@pytest.mark.parametrize("text", ["", "2025", "2025/27", "202525", "2025-26", "25/26", "2025/26x", "000001"])
def test_what_is_no_financial_year_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError, match="write it as 2025/26"):
        FinancialYear.parse(text)


def test_the_century_turns() -> None:
    assert (str(FinancialYear(1999)), FinancialYear(1999).code) == ("1999/00", "199900")
    assert FinancialYear.parse("199900") == FinancialYear(1999)


@given(years)
def test_a_year_is_read_back_as_it_was_written(year: FinancialYear) -> None:
    assert FinancialYear.parse(str(year)) == FinancialYear.parse(year.code) == year


@given(days)
def test_every_day_lies_in_one_year_and_one_month_of_it(on: date) -> None:
    year, month = FinancialYear.containing(on), Month.containing(on)
    assert on in year.interval and on in month.interval
    assert month.year == year
    assert sum(on in each.interval for each in year.months()) == 1


@given(years)
def test_the_months_of_a_year_meet_and_fill_it(year: FinancialYear) -> None:
    twelve = list(year.months())
    assert (twelve[0].start, twelve[-1].end) == (year.start, year.end)
    assert all(one.interval.meets(other.interval) for one, other in pairwise(twelve))


@given(months)
def test_a_month_contains_its_first_day_and_not_the_next_ones(month: Month) -> None:
    assert Month.containing(month.start) == month
    assert Month.containing(month.end) != month
    assert Month.containing(month.end - timedelta(days=1)) == month


def test_months_are_financial() -> None:
    year = FinancialYear(2025)
    assert Month.containing(date(2025, 4, 1)) == Month(year, 1)
    assert Month.containing(date(2026, 3, 31)) == Month(year, 12)
    assert (Month(year, 9).end, Month(year, 10).start) == (date(2026, 1, 1), date(2026, 1, 1))
    assert str(Month(year, 10)) == "2025/26 month 10"
    for number in (0, 13):
        with pytest.raises(PeriodError, match="1 \\(April\\) to 12 \\(March\\)"):
            Month(year, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1-6", [1, 2, 3, 4, 5, 6]), ("3", [3]), ("1,2,5-7", [1, 2, 5, 6, 7]), (" 12 , 11-12", [11, 12])],
)
def test_lists_of_months_are_read(text: str, expected: list[int]) -> None:
    assert parse_months(text) == expected


@pytest.mark.parametrize("text", ["", "0", "13", "6-1", "1-", "a", "1,,2", "1-13"])
def test_what_is_no_list_of_months_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="list of financial months"):
        parse_months(text)


@given(days)
def test_a_date_is_read_back_as_it_was_written(on: date) -> None:
    assert parse_date(on.isoformat()) == on


@pytest.mark.parametrize(
    "text", ["", "01/04/2025", "2025-02-30", "20250401", "2025-4-1", "2025-04-01T00:00", "٢٠٢٥-٠٤-٠١"]
)
def test_what_is_no_date_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(PeriodError, match="year-month-day"):
        parse_date(text)


def test_sentences_write_dates_in_full() -> None:
    assert long_date(date(2024, 4, 1)) == "1 April 2024"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2022/23-2025/26", 2022, 2025), ("202223-202324", 2022, 2023), ("2025/26", 2025, 2025)],
)
def test_a_range_of_years_has_a_first_and_a_last(text: str, first: int, last: int) -> None:
    assert parse_years(text) == (FinancialYear(first), FinancialYear(last))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2025/26-2022/23", "for example 2022/23-2025/26"),
        ("2022/23-", "not a financial year"),
        ("2022/23-2025", "not a financial year"),
        ("2022-2025", "not a financial year"),
    ],
)
def test_what_is_no_range_of_years_is_refused(text: str, said: str) -> None:
    with pytest.raises(PeriodError, match=said):
        parse_years(text)
