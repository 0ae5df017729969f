"""On today's boundaries: whole successions carry over, part ones need weights, and shares sum to one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.register import Register
from speccom.register.reorganisation import WeightsNeeded, shares_on

REGISTER = Register.load()
EVE, AFTER = date(2026, 3, 31), date(2026, 4, 1)
FRIMLEY = ("QRL", "S0E4D", "S9B9J")


def test_a_board_that_carries_on_answers_for_itself() -> None:
    assert shares_on(REGISTER, "QNC", AFTER) == {"QNC": 1}
    assert shares_on(REGISTER, "QMJ", EVE) == {"QMJ": 1}


def test_a_whole_succession_carries_everything_over() -> None:
    assert shares_on(REGISTER, "QMJ", AFTER) == {"Z9B2Z": 1}


def test_a_split_board_is_refused_without_all_its_weights() -> None:
    with pytest.raises(WeightsNeeded, match="QNQ was split between QRL, S0E4D, S9B9J"):
        shares_on(REGISTER, "QNQ", AFTER)
    with pytest.raises(WeightsNeeded):
        shares_on(REGISTER, "QNQ", AFTER, {("QNQ", "QRL"): Decimal(1), ("QNQ", "S0E4D"): Decimal(2)})


@given(st.lists(st.integers(1, 10**9), min_size=3, max_size=3))
def test_the_shares_of_a_split_board_sum_to_one(people: list[int]) -> None:
    weights = {("QNQ", part): Decimal(each) for part, each in zip(FRIMLEY, people, strict=True)}
    shares = shares_on(REGISTER, "QNQ", AFTER, weights)
    assert set(shares) == set(FRIMLEY)
    assert abs(sum(shares.values()) - 1) < Decimal("1e-20")


def test_shares_follow_the_weights() -> None:
    weights = {("QNQ", part): Decimal(each) for part, each in zip(FRIMLEY, (1, 1, 2), strict=True)}
    assert shares_on(REGISTER, "QNQ", AFTER, weights) == {
        "QRL": Decimal("0.25"),
        "S0E4D": Decimal("0.25"),
        "S9B9J": Decimal("0.5"),
    }
