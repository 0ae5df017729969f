"""Explain this number: values in words, and allocations that follow from what their explanation shows."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from tests.finance.worlds import WORKED_BASELINE, WORKED_MONEY, WORKED_SHARE, World, limits, rate, worlds

from speccom.finance.explained import Confidence, Explained, as_dict, given, say
from speccom.finance.explained_allocations import NUMBERS, OF_A_YEAR, Origins, explain, explain_year
from speccom.finance.pace import Allocated, AllocationError, Parameters, allocate
from speccom.finance.penny import PENNY

ORIGINS = Origins(
    ("the ledger", Confidence.STATED), ("core shares", Confidence.INFERRED), ("the file", Confidence.CHOSEN)
)


def year(**parameters: Decimal) -> Allocated:
    return allocate(WORKED_BASELINE, WORKED_SHARE, WORKED_MONEY, Parameters(**parameters))  # type: ignore[arg-type]


def number(explained: Explained, symbol: str) -> Decimal:
    found = explained.find(symbol)
    assert found is not None, symbol
    assert isinstance(found.value, Decimal)
    return found.value


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (rate("-1234.5"), "£", "−£1,234.50"),
        (rate("0.0123456789"), "share", "1.23457%"),
        (rate("-0.1"), "share", "−10%"),
        (rate("-0.000000001"), "share", "0%"),
        (rate("1234567.8"), "people", "1,234,568"),
        (rate("1.14054"), "index", "1.14054"),
        (42, "areas", "42 areas"),
        ("none", "share", "none"),
        (None, "£", "–"),
    ],
)
def test_a_value_is_said_as_a_reader_reads_it(
    value: Decimal | int | str | None, unit: str, said: str
) -> None:
    assert say(value, unit) == said


def test_an_allocation_opens_down_to_every_input_with_its_source() -> None:
    asked = {"k": rate("0.2"), "cmax": rate("0.01"), "floor": rate("0.05"), "gmin": rate("0.01")}
    found = explain(year(**asked), "E1", "allocation", ORIGINS)
    assert found.said == "£103.92"
    assert {"B", "g", "g0", "c", "d", "s", "Q", "T", "k", "cmax", "f", "gmin"} <= {
        each.symbol for _, each in found.walk()
    }
    assert set(found.sources()) >= {"the ledger", "core shares", "the file"}
    assert all(each.source or each.inputs for _, each in found.walk())
    assert json.loads(json.dumps(as_dict(found)))["inputs"][0]["value"] == "100"


@for_any(worlds(most_areas=5), limits(no_overshoot=False))
def test_an_allocation_follows_from_the_numbers_that_its_explanation_shows(
    world: World, asked: Parameters
) -> None:
    try:
        solved = allocate(*world, asked)
    except AllocationError:
        return
    for each in solved.areas:
        found = explain(solved, each.area, "allocation", ORIGINS)
        amount = number(found, "B") * (1 + number(found, "g"))
        if asked.floor is not None and each.baseline:
            target = number(found, "s") * number(found, "Q")
            amount = max(amount, (1 - number(found, "f")) * target)
        if each.baseline:
            assert abs(amount - each.allocation) <= PENNY


def test_every_number_of_an_area_and_of_a_year_is_explained_with_its_own_value() -> None:
    solved = year(k=rate("0.2"))
    for name in NUMBERS:
        assert explain(solved, "E2", name, ORIGINS).value == getattr(solved.area("E2"), name)
    assert explain_year(solved, OF_A_YEAR[0], ORIGINS).name == "Money to be shared"
    assert explain_year(solved, "g0", ORIGINS).value == solved.g0
    above = explain_year(solved, "above_target", ORIGINS)
    assert above.value == number(above, "Σ max(0, A − T)") / WORKED_MONEY


def test_a_faded_guarantee_shows_from_where_to_where_it_fades() -> None:
    asked = Parameters(gmin=rate("0.02"), taper=(rate("0.05"), rate("0.2")), k=rate("0.1"))
    solved = allocate(WORKED_BASELINE, WORKED_SHARE, WORKED_MONEY, asked)
    faded = explain(solved, "E1", "allocation", ORIGINS).find("gmin of the area")
    assert faded is not None
    assert number(faded, "gmin") == rate("0.02")
    assert faded.value == solved.area("E1").guarantee


def test_an_explanation_of_its_own_stands_in_the_place_of_words() -> None:
    own = given("From a better place", "B", rate("100"), "£", "a better place", Confidence.RECALLED)
    origins = Origins(
        ORIGINS.baseline, ORIGINS.share, ORIGINS.money, baselines={"E1": own}, names={"E1": "East"}
    )
    found = explain(year(k=rate("0.2")), "E1", "allocation", origins)
    assert found.find("B") is own
    assert found.name == "Allocation of East"
    assert found.weakest() == Confidence.CHOSEN


@pytest.mark.parametrize(("area", "of"), [("E9", "allocation"), ("E1", "luck")])
def test_what_is_not_there_cannot_be_explained(area: str, of: str) -> None:
    with pytest.raises(AllocationError, match="choose from"):
        explain(year(), area, of, ORIGINS)
    with pytest.raises(AllocationError, match="money, g0"):
        explain_year(year(), "luck", ORIGINS)
