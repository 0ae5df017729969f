"""The working of each number of a position: it adds up to the number that the table shows."""

from decimal import Decimal

import pytest
from tests.finance.position.worlds import budgets_of, lines, plans, stood, world

from speccom.finance.position.explained import NUMBERS, explain
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.standing import Standing
from speccom.finance.position.table import position

BY = ("provider",)


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    workspace = world(
        tmp_path_factory.mktemp("working"),
        lines(range(1, 7), lambda at: Decimal("1000.10") + 7 * at),
        plans(range(1, 13)),
    )
    budgets_of(workspace, "commissioner,provider,from,to,pounds\nQKS,RJ1,2025-04-01,2026-04-01,11111.11\n")
    return stood(workspace)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_opens_to_what_the_table_shows(of: Standing, number: str) -> None:
    [row] = position(of, BY).table.to_pylist()
    assert explain(of, BY, ("RJ1",), number).value == row[number]


@pytest.mark.parametrize("number", ["actual", "plan", "budget", "year_plan", "year_budget"])
def test_a_sum_of_months_is_the_sum_of_the_months_shown(of: Standing, number: str) -> None:
    found = explain(of, BY, ("RJ1",), number)
    assert sum(Decimal(str(each.value)) for each in found.inputs) == found.value


def test_the_months_of_a_forecast_add_up_to_it_within_a_penny_each(of: Standing) -> None:
    found = explain(of, BY, ("RJ1",), "forecast")
    months = [Decimal(str(each.value)) for each in found.inputs if each.symbol[0] in "ce"]
    assert len(months) == 12
    assert abs(sum(months) - Decimal(str(found.value))) <= Decimal("0.06")


def test_the_end_of_an_interval_follows_from_its_formula(of: Standing) -> None:
    found = explain(of, BY, ("RJ1",), "forecast_upper")
    held = {each.symbol: float(str(each.value)) for each in found.inputs}
    reach = held["t"] * (held["φ"] * (held["W"] + held["W"] ** 2 / held["V"])) ** 0.5
    assert held["F"] + reach == pytest.approx(float(str(found.value)), rel=1e-4)


def test_a_row_or_number_that_is_not_there_is_refused(of: Standing) -> None:
    with pytest.raises(PositionError, match="There is no row R1H"):
        explain(of, BY, ("R1H",), "actual")
    with pytest.raises(PositionError, match="no number of a position"):
        explain(of, BY, ("RJ1",), "luck")
