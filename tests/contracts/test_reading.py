"""Cells as people write them: what is read exactly, and what is left unread rather than guessed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.contracts import reading
from speccom.engine.duckdb import DuckDBEngine


def read(sql: str, cells: list[str]) -> list[Any]:
    """Cells read by a SQL expression over trimmed `text`."""
    with DuckDBEngine(threads=1) as engine:
        found = engine.execute(
            f"select {sql} from (select {reading.trimmed('cell', 'odd')} as text from (select unnest(?) as cell))",
            [cells],
        )
    return [value for (value,) in found]


AMOUNTS: dict[str, str | None] = {
    "1": "1",
    " -1.5\t": "-1.5",
    "\u00a01,234.56": "1234.56",
    "1,234,567": "1234567",
    "(1,234.56)": "-1234.56",
    "£1,234.50": "1234.50",
    "Â£1,234.50": "1234.50",
    "Ã‚Â£7": "7",
    "\ufffd12": "12",
    "-£5": "-5",
    "£-5": "-5",
    "£(5)": "-5",
    "5-": "-5",
    "\u22125.10": "-5.10",
    "GBP 5": "5",
    "+5": "5",
    ".5": "0.5",
    "5.": "5",
    "1" * 18 + "." + "1" * 8: "1" * 18 + "." + "1" * 8,
    "0" * 5 + "1" * 18: "1" * 18,
    "1" * 19: None,
    "1.123456789": None,
    "1,23": None,
    "1,2345": None,
    "12,34.5": None,
    "1.234,56": None,
    "1e5": None,
    "1_000": None,
    "1 234": None,
    "$5": None,
    "€5": None,
    "(5": None,
    "--5": None,
    "-": None,
    ".": None,
    "TBC": None,
    "N/A": None,
    "": None,
    "  ": None,
}


def test_amounts_are_read_exactly_or_not_at_all() -> None:
    found = read(reading.money("text"), list(AMOUNTS))
    assert dict(zip(AMOUNTS, found, strict=True)) == {
        cell: None if amount is None else Decimal(amount) for cell, amount in AMOUNTS.items()
    }


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.decimals(min_value=-(10**18) + 1, max_value=10**18 - 1, places=8), min_size=1, max_size=20)
)
def test_every_amount_that_fits_comes_back_to_the_last_digit(amounts: list[Decimal]) -> None:
    written = [form for amount in amounts for form in _written(amount)]
    expected = [amount for amount in amounts for _ in _written(amount)]
    assert read(reading.money("text"), written) == expected


def _written(amount: Decimal) -> list[str]:
    """An amount as a program, a spreadsheet and an accountant write it."""
    grouped = f"{abs(amount):,f}"
    sign = "-" if amount < 0 else ""
    return [f"{amount:f}", f"{sign}£{grouped}", f"({grouped})" if amount < 0 else grouped]


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("2", "2"),
        ("2.5000000", "2.5"),
        ("-1.125", "-1.125"),
        ("1,000", "1000"),
        ("9999999999.999", "9999999999.999"),
        ("1.2345", None),
        ("10000000000", None),
        ("2 vials", None),
    ],
)
def test_counts_have_ten_digits_and_three_decimals(cell: str, count: str | None) -> None:
    assert read(reading.quantity("text"), [cell]) == [None if count is None else Decimal(count)]


def test_a_number_too_long_to_count_is_still_a_number() -> None:
    assert read(reading.is_number("text"), ["1.2345", "1e5", "two", ""]) == [True, False, False, None]


DAYS: dict[str, date | None] = {
    "2025-04-03": date(2025, 4, 3),
    "2025-04-03 10:11": date(2025, 4, 3),
    "2025-04-03T10:11:12": date(2025, 4, 3),
    "2025-04-03 10:11:12.5": date(2025, 4, 3),
    "03/04/2025": date(2025, 4, 3),
    "3/4/2025 10:00": date(2025, 4, 3),
    "03.04.2025": date(2025, 4, 3),
    "04/03/2025 10:00 AM": date(2025, 4, 3),
    "4/3/2025 1:00:00 PM": date(2025, 4, 3),
    "12/11/2025": date(2025, 11, 12),
    "12/11/2025 9:00 pm": date(2025, 12, 11),
    "03-Apr-25": date(2025, 4, 3),
    "3-apr-2025": date(2025, 4, 3),
    "45750": date(2025, 4, 3),
    "45750.75": date(2025, 4, 3),
    "13/13/2025": None,
    "04/13/2025": None,
    "13/04/2025 10:00 AM": None,
    "2025-13-01": None,
    "2025-02-29": None,
    "31-Apr-25": None,
    "03/04/25": None,
    "2025-04-03 25:00": None,
    "20250403": None,
    "April 2025": None,
    "": None,
}


def test_dates_are_read_in_every_form_met_and_no_other() -> None:
    assert dict(zip(DAYS, read(reading.activity_day("text"), list(DAYS)), strict=True)) == DAYS


def test_a_birth_date_of_two_digits_could_be_of_either_century() -> None:
    cells = ["03-Apr-25", "03-Apr-1925", "2025-04-03"]
    assert read(reading.birth_day("text"), cells) == [None, date(1925, 4, 3), date(2025, 4, 3)]


@settings(deadline=None, max_examples=40)
@given(st.dates(date(1928, 1, 1), date(2099, 12, 31)))
def test_a_date_is_the_same_in_every_form(day: date) -> None:
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day:%d/%m/%Y}",
        f"{day.month}/{day.day}/{day.year} 8:00 AM",
        f"{day:%d-%b-%Y}",
        str((day - date(1899, 12, 30)).days),
    ]
    assert read(reading.activity_day("text"), forms) == [day] * len(forms)


def test_years_and_months_are_the_standards_own_or_unread() -> None:
    years = ["202526", "209900", "2025/26", "202527", "2526", "2025", "192526", "20252X"]
    assert read(reading.financial_year("text"), years) == ["202526", "209900", *[None] * 6]
    months = ["1", "01", "12", "0", "13", "1.0", "Apr", "-1"]
    assert read(reading.financial_month("text"), months) == [1, 1, 12, *[None] * 5]


def _check_digit(nine: str) -> int:
    """The standard's own words: weigh 10 to 2, sum, take from 11 the remainder by 11; 11 is 0, 10 is none."""
    digit = 11 - sum(int(each) * weight for each, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return 0 if digit == 11 else digit


@settings(deadline=None, max_examples=40)
@given(st.lists(st.from_regex(r"[0-9]{9}", fullmatch=True), min_size=1, max_size=20))
def test_an_nhs_number_is_valid_by_its_check_digit(nines: list[str]) -> None:
    numbers = [nine + str(last) for nine in nines for last in range(10)]
    expected = [
        number if _check_digit(number[:9]) == int(number[9]) and len(set(number)) > 1 else None
        for number in numbers
    ]
    digits = reading.digits_only("text")
    valid = reading.nhs_number(f"({digits})", f"try_cast({digits} as bigint)")
    assert read(valid, numbers) == expected


def test_nhs_numbers_are_written_with_spaces_or_hyphens() -> None:
    digits = reading.digits_only("text")
    valid = reading.nhs_number(f"({digits})", f"try_cast({digits} as bigint)")
    cells = ["943 476 5919", "943-476-5919", "9434765919", "943476591", "94347659190", "+434765919"]
    assert read(valid, cells) == ["9434765919"] * 3 + [None] * 3
