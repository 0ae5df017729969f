"""The working of each number of a position: it adds up to the number that the table shows."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.position.worlds import budgets_of, lines, plans, stood, world
from tests.ledger.worlds import build_in, receive, workspace_in

from speccom.finance.position.completion import measure
from speccom.finance.position.course import by_month
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
    for goal in ("plan", "budget"):
        row[f"forecast_less_{goal}"] = row["forecast"] - row[f"year_{goal}"]
    shown = row[number]
    value = explain(of, BY, ("RJ1",), number).value
    assert value == (Decimal(repr(shown)) if isinstance(shown, float) else shown)


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
    assert "L" not in held  # nothing measured how months grow


def test_the_end_of_an_interval_counts_what_late_months_lack(tmp_path: Path) -> None:
    """A year sent month by month, first submissions of 75% to 85%; by its end two of the next year's months stand."""
    workspace = workspace_in(tmp_path)
    for last in range(1, 13):
        first = 750 + 10 * (last % 9)
        receive(
            workspace,
            lines(
                range(1, last + 1),
                lambda at, last=last, first=first: first if at == last else 1000,
                year="202425",
            ),
        )
    for last in range(1, 5):
        receive(
            workspace, lines(range(1, last + 1), lambda at, last=last: 800 if at == last else 1000 + 5 * at)
        )
    build_in(workspace)
    measure(workspace)
    of = stood(workspace, 4)
    found = explain(of, BY, ("RJ1",), "forecast_upper")
    held = {each.symbol: float(str(each.value)) for each in found.inputs}
    assert held["L"] > 50
    variance = held["φ"] * (held["W"] + held["W"] ** 2 / held["V"]) + held["L"] ** 2
    assert held["F"] + held["t"] * variance**0.5 == pytest.approx(float(str(found.value)), rel=1e-4)


def test_a_year_that_is_in_is_in_doubt_while_its_last_month_is(tmp_path: Path) -> None:
    """March holds what first submissions of earlier months held: the year has an interval until all is past freeze."""
    workspace = workspace_in(tmp_path)
    for last in range(1, 13):
        first = 750 + 10 * (last % 9)
        receive(
            workspace,
            lines(range(1, last + 1), lambda at, last=last, first=first: first if at == last else 1000),
        )
    build_in(workspace)
    unknown = stood(workspace, 12)
    [row] = position(unknown).table.to_pylist()
    assert row["forecast_lower"] is None
    assert "nothing measures what the last ones lack" in row["note"]
    measure(workspace)
    of = stood(workspace, 12)
    [row] = position(of).table.to_pylist()
    assert row["forecast_lower"] < row["forecast"] < row["forecast_upper"]
    *earlier, last_month = by_month(of).table.to_pylist()
    assert all(each["lower"] is None for each in earlier)
    assert (last_month["lower"], last_month["upper"]) == (row["forecast_lower"], row["forecast_upper"])
    for _ in range(3):  # sent again until all of it is past its freeze
        receive(workspace, lines(range(1, 13)))
    build_in(workspace)
    measure(workspace)
    [row] = position(stood(workspace, 12)).table.to_pylist()
    assert row["forecast_lower"] == row["forecast"] == row["forecast_upper"] == 12_000


def test_a_row_or_number_that_is_not_there_is_refused(of: Standing) -> None:
    with pytest.raises(PositionError, match="There is no row R1H"):
        explain(of, BY, ("R1H",), "actual")
    with pytest.raises(PositionError, match="no number of a position"):
        explain(of, BY, ("RJ1",), "luck")
