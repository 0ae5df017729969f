"""Money, counts and reasons in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.charts.words import pounds, pounds_in_full, pounds_short, reason_in_words, share, short_name


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("12470000000", "£12.47bn"),
        ("345612345.67", "£345.6m"),
        ("999960000", "£1.00bn"),
        ("999949999", "£999.9m"),
        ("12345", "£12k"),
        ("999.5", "£1k"),
        ("950", "£950"),
        ("0", "£0"),
        ("-0.2", "£0"),
        ("-2500000", "−£2.5m"),
    ],
)
def test_pounds_are_said_as_a_person_says_them(value: str, said: str) -> None:
    assert pounds_short(Decimal(value)) == said


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=8))
def test_pounds_in_full_lose_no_digit(value: Decimal) -> None:
    assert Decimal(pounds_in_full(value).replace(",", "").replace("−", "-")) == value


def test_pounds_in_a_table_are_to_the_penny_and_nothing_is_a_dash() -> None:
    assert pounds(Decimal("1234567.891")) == "1,234,567.89"
    assert pounds(Decimal("-0.005")) == "−0.01"
    assert pounds(None) == "–"


def test_a_share_of_nothing_is_a_dash() -> None:
    assert share(Decimal(1), Decimal(0)) == "–"
    assert share(1, 3) == "33.3%"


def test_a_reason_is_said_with_how_the_home_was_found() -> None:
    assert reason_in_words("G1-1") == "Delegated; home from the GP practice's sub-ICB location"
    assert reason_in_words("C2-H") == "Retained (red or blue) or unknown; by where the provider lies"
    assert reason_in_words("X-G1") == "Not resolved (Delegated)"
    assert reason_in_words("ZZ") == "ZZ"


def test_names_lose_what_all_their_kind_share() -> None:
    assert short_name("NHS Devon Integrated Care Board") == "Devon"
    assert short_name("Leeds Teaching Hospitals NHS Trust") == "Leeds Teaching Hospitals"
