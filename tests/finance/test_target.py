"""Target shares: the formula, what has no default, core need standing in, and boards that merge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.finance.worlds import rate

from speccom.finance.explained import Confidence
from speccom.finance.target import (
    CORE_COMPONENTS,
    Need,
    TargetError,
    Weights,
    core_boards,
    core_need,
    core_shares,
    core_years,
    on_boundaries,
    target_shares,
)
from speccom.period import FinancialYear
from speccom.register import Register

YEAR = FinancialYear(2025)
MERGED = date(2026, 4, 1)
A_HAIR = Decimal(1).scaleb(-20)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


def people(*numbers: int) -> dict[str, Decimal]:
    return {area: Decimal(number) for area, number in zip(("N", "S"), numbers, strict=True)}


def two_areas() -> Need:
    """A hundred people in the north and three hundred in the south; each weighting sums to all of them."""
    return Need(
        people(100, 300),
        {"acute": people(120, 280), "community": people(160, 240)},
        people(200, 200),
        "a small world",
        Confidence.STATED,
    )


def even(**changes: object) -> Weights:
    half = {"acute": rate("0.75"), "community": rate("0.25")}
    return replace(Weights(half, rate("0.1"), None, True), **changes)  # type: ignore[arg-type]


def test_need_inequalities_and_costs_are_weighted_as_the_formula_says() -> None:
    found = target_shares(two_areas(), even(market_forces=people(1, 2), without_market_forces=False))
    north = found["N"]
    assert north.need_weighted == rate("130")  # .75 · 120 + .25 · 160
    assert north.need_index == rate("1.3")  # 130 for 100 people, against England's 1
    assert north.with_inequalities == rate("137")  # .9 · 130 + .1 · 200
    assert abs(north.weighted - rate("137") * 400 / (137 + 2 * 263)) < A_HAIR
    assert abs(north.share - north.weighted / 400) < A_HAIR


def test_without_market_forces_the_share_is_that_of_weighted_people() -> None:
    assert target_shares(two_areas(), even())["N"].share == rate("137") / 400


@given(st.integers(1, 50), st.integers(1, 50))
def test_the_scale_of_a_weighting_changes_nothing(times: int, others: int) -> None:
    need = two_areas()
    scaled = replace(
        need,
        weighted={
            "acute": {area: held * times for area, held in need.weighted["acute"].items()},
            "community": {area: held * others for area, held in need.weighted["community"].items()},
        },
    )
    for area, each in target_shares(need, even()).items():
        assert abs(target_shares(scaled, even())[area].share - each.share) < A_HAIR


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (even(health_inequalities=None), "health-inequality share h is not given.*no default"),
        (even(health_inequalities=rate("1.5")), "h is 1.5"),
        (even(without_market_forces=False), "market forces factor is not given"),
        (even(spend={}), "No spend weight is given.*acute, community"),
        (even(spend={"acute": rate("0.5")}), "sum to 0.5"),
        (even(spend={"acute": rate("2"), "community": rate("-1")}), "community is -1"),
        (even(spend={"dental": rate("1")}), "no weighted population for dental"),
        (even(market_forces={"N": rate("1")}), "no market forces factor of S"),
    ],
)
def test_what_is_not_given_is_refused_by_name(weights: Weights, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        target_shares(two_areas(), weights)


def test_avoidable_mortality_is_needed_only_where_money_follows_it() -> None:
    without = replace(two_areas(), avoidable_mortality=None)
    assert target_shares(without, even(health_inequalities=rate("0")))["N"].share == rate("130") / 400
    with pytest.raises(TargetError, match="no people weighted by avoidable mortality"):
        target_shares(without, even())


def test_a_share_opens_to_every_weight_and_source() -> None:
    share = target_shares(two_areas(), even())["N"].explained
    assert share.value == rate("137") / 400
    h = share.find("h")
    assert h is not None
    assert (h.value, h.confidence) == (rate("0.1"), Confidence.CHOSEN)
    assert share.sources() == ("set in what was asked", "a small world")
    assert share.weakest() == Confidence.CHOSEN


def test_core_need_stands_in_for_every_board_and_says_so(register: Register) -> None:
    need = core_need(register, YEAR)
    assert core_years(register) == (FinancialYear(2024), YEAR)
    assert len(need.population) == len(core_boards(register, YEAR)) == 42
    assert "stands in" in need.notes[0] and "specialised" in need.notes[0]
    assert need.confidence == Confidence.INFERRED
    assert "core services, 2025/26" in need.source
    assert abs(sum(core_shares(register, YEAR).values()) - 1) <= rate("0.000001")
    one = rate("1") / len(CORE_COMPONENTS)
    found = target_shares(need, Weights(dict.fromkeys(CORE_COMPONENTS, one), rate("0"), None, True))
    assert abs(sum(each.share for each in found.values()) - 1) < A_HAIR
    with pytest.raises(TargetError, match=r"no weighted populations of 2019/20: choose 2024/25, 2025/26"):
        core_need(register, FinancialYear(2019))


def test_boards_that_merged_add_and_those_that_were_split_wait_for_weights(register: Register) -> None:
    shares = core_shares(register, YEAR)
    moved = on_boundaries(shares, register, MERGED)
    assert sum(moved.values.values()) == sum(shares.values())
    assert moved.values["Z9B2Z"] == shares["QMJ"] + shares["QRV"]
    assert [gap[:3] for gap in moved.gaps] == ["QJG", "QM7", "QNQ"]
    assert moved.values["QNQ"] == shares["QNQ"]
    assert len(moved.values) == 39


def test_a_split_board_is_shared_out_by_the_weights_of_its_parts(register: Register) -> None:
    shares = core_shares(register, YEAR)
    parts = {
        ("QNQ", "QRL"): rate("1"),
        ("QNQ", "S0E4D"): rate("2"),
        ("QNQ", "S9B9J"): rate("1"),
        ("QM7", "D7T5G"): rate("1"),
        ("QM7", "S1Y5D"): rate("1"),
        ("QJG", "D7T5G"): rate("1"),
        ("QJG", "T6Y0W"): rate("1"),
    }
    moved = on_boundaries(shares, register, MERGED, parts)
    assert moved.gaps == ()
    assert len(moved.values) == 36
    assert abs(sum(moved.values.values()) - sum(shares.values())) < A_HAIR
    assert moved.values["QRL"] == shares["QRL"] + shares["QNQ"] / 4
    assert ("QNQ", rate("0.5")) in moved.made_of["S0E4D"]


def test_the_day_before_the_mergers_nothing_has_moved(register: Register) -> None:
    shares = core_shares(register, YEAR)
    assert on_boundaries(shares, register, date(2026, 3, 31)).values == shares
