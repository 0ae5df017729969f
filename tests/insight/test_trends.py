"""What changed: steps are found with their month, months that are not held are no noughts."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger.worlds import LEEDS, LEEDS_AREA, RENAL, SPINAL, Row, build_in, receive, workspace_in

from speccom.insight.result import InsightError
from speccom.insight.trends import chart_of, trends
from speccom.period import FinancialYear, Month
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def months(pounds: list[int | None], **named: object) -> list[Row]:
    """A line a month from April 2024, none in a month without pounds; a little up and down each second month."""
    rows = []
    for place, amount in enumerate(pounds):
        if amount is not None:
            year, month = divmod(place, 12)
            wobble = 2 if place % 2 else -2
            rows.append(
                Row(
                    financial_year=("202425", "202526")[year],
                    month=month + 1,
                    patient_id=place,
                    cost=Decimal(amount + wobble),
                    **named,  # type: ignore[arg-type]
                )
            )
    return rows


def test_a_step_up_is_found_with_the_month_in_which_it_began(workspace: Workspace) -> None:
    receive(workspace, [*months([100] * 12 + [160] * 4), *months([100] * 16, service_code=SPINAL)])
    build_in(workspace)
    [found] = trends(workspace).table.to_pylist()
    assert (found["service_line"], found["icb"], found["direction"]) == (RENAL, "QMF", "up")
    assert (found["since"], found["months"]) == ("April 2025", 4)
    assert found["mean"] == pytest.approx(100)
    assert found["change"] == pytest.approx(60)
    assert found["change_share"] == pytest.approx(0.6)


def test_the_biggest_change_in_pounds_comes_first_whichever_way_it_went(workspace: Workspace) -> None:
    receive(
        workspace,
        [
            *months([100] * 12 + [150] * 2),
            *months([900] * 12 + [300] * 2, service_code=SPINAL),
        ],
    )
    build_in(workspace)
    rows = trends(workspace).table.to_pylist()
    assert [(row["rank"], row["service_line"], row["direction"]) for row in rows] == [
        (1, SPINAL, "down"),
        (2, RENAL, "up"),
    ]


def test_what_had_changed_by_an_earlier_month_can_be_asked(workspace: Workspace) -> None:
    receive(workspace, months([100] * 12 + [160] * 4))
    build_in(workspace)
    before = trends(workspace, until=Month(FinancialYear(2024), 12))
    assert before.table.num_rows == 0
    assert any("common variation" in said for said in before.said())


def test_a_month_that_the_ledger_does_not_hold_is_a_gap_and_no_nought(workspace: Workspace) -> None:
    receive(workspace, months([100, 100, 100, None, 100, 100, 100, 100, 100, 100]))
    build_in(workspace)
    result = chart_of(workspace, RENAL)
    assert result.table["value"].to_pylist()[3] is None
    assert set(result.table["signal"].to_pylist()) == {""}
    assert any("July 2024" in said and "does not hold" in said for said in result.said())


def test_a_month_held_in_which_a_line_had_nothing_is_a_true_nought(workspace: Workspace) -> None:
    other = months([100] * 10, provider=LEEDS, gp_responsibility=LEEDS_AREA)
    receive(workspace, [*months([100, 100, 100, None, 100, 100, 100, 100, 100, 100]), *other])
    build_in(workspace)
    assert chart_of(workspace, RENAL, "QMF").table["value"].to_pylist()[3] == 0


def test_with_few_months_there_is_a_gap_in_place_of_a_chart(workspace: Workspace) -> None:
    receive(workspace, months([100] * 7))
    build_in(workspace)
    result = trends(workspace)
    assert result.table.num_rows == 0
    assert any("fewer than 8 of their months" in said for said in result.said())


def test_a_board_or_measure_that_is_not_there_is_refused_with_what_is(workspace: Workspace) -> None:
    receive(workspace, months([100] * 9))
    build_in(workspace)
    with pytest.raises(InsightError, match="choose from QMF"):
        chart_of(workspace, RENAL, "QWO")
    with pytest.raises(InsightError, match="spend or lines"):
        trends(workspace, measure="pounds")
