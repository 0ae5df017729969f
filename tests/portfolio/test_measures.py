"""The measured criteria from a ledger: counted by hand in a small world, with every gap said."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.insight.test_volatility import year_of
from tests.ledger.worlds import BARTS, GUYS, LEEDS, RENAL, SPINAL, Row, build_in, receive, workspace_in

from speccom.ledger.manifest import LedgerError
from speccom.portfolio.criteria import PortfolioError, measures
from speccom.portfolio.measures import COLUMNS, measured, unmeasured, values_of
from speccom.portfolio.table import Judgement, in_lists, recommended
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def row(workspace: Workspace, line: str, lines: str = "all") -> dict[str, object]:
    [found] = [each for each in measured(workspace, lines).table.to_pylist() if each["service_line"] == line]
    return found


def test_outturn_and_activity_are_of_the_latest_whole_year_to_the_penny(workspace: Workspace) -> None:
    half = [Row(financial_year="202627", month=month, patient_id=1) for month in range(1, 7)]
    receive(workspace, [*year_of("202526", 24, pounds=100), *half])
    receive(workspace, [Row(data_set="ACM", cost=Decimal("0.01"), activity=None)], name="b.csv")
    build_in(workspace)
    found = row(workspace, RENAL)
    assert (found["outturn"], found["activity"]) == (Decimal("2400.01"), Decimal(24))
    assert measured(workspace).notes[0] == "Outturn and activity: 2025/26, everybody's."


def test_people_of_no_board_are_in_the_outturn(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202526", 12), Row(gp_responsibility="7A4", patient_id=99, cost=Decimal(7))])
    build_in(workspace)
    assert row(workspace, RENAL)["outturn"] == Decimal(1207)


def test_change_from_year_to_year_is_that_of_england(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202425", 20), *year_of("202526", 22)])
    build_in(workspace)
    found = row(workspace, RENAL)
    assert found["change_in_volume"] == pytest.approx(2 / 20)
    assert found["change_in_cost"] == pytest.approx(2 / 20)
    assert "3 whole years needed, 2 held" in str(found["note"])


def test_providers_and_care_outside_the_committees_area_are_counted(workspace: Workspace) -> None:
    own = year_of("202526", 12, provider=BARTS)
    near = [Row(patient_id=each, provider=GUYS, month=each + 1) for each in range(12)]
    far = [Row(patient_id=each, provider=LEEDS, month=each + 1) for each in range(12)]
    receive(workspace, [*own, *near, *far])
    build_in(workspace)
    found = row(workspace, RENAL)
    assert found["providers"] == 3
    assert found["out_of_board_share"] == pytest.approx(2 / 3)
    assert 1 / 3 <= found["out_of_area_share"] <= 2 / 3  # type: ignore[operator]


def test_one_year_leaves_variation_a_gap_that_says_how_many_are_needed(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 12))
    build_in(workspace)
    found = row(workspace, RENAL)
    assert found["change_in_cost"] is None and found["provider_income_volatility"] is None
    assert "2 whole years needed, 1 held" in str(found["note"])


def test_a_line_without_activity_has_its_row_and_its_reason(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 12))
    build_in(workspace)
    found = row(workspace, SPINAL)
    assert found["outturn"] is None and "no line of it" in str(found["note"])
    assert measured(workspace).table.num_rows == len(Register.load(workspace).specialised)


def test_a_year_in_part_gives_no_outturn_and_says_so(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1)])
    build_in(workspace)
    assert row(workspace, RENAL)["outturn"] is None
    assert any(gap.missing == "outturn" for gap in measured(workspace).gaps)


def test_some_lines_are_measured_as_they_are_among_all(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202425", 20), *year_of("202526", 22)])
    build_in(workspace)
    assert row(workspace, RENAL, RENAL) == row(workspace, RENAL)


def test_without_a_ledger_the_command_says_what_to_do_and_every_line_can_still_be_judged(
    workspace: Workspace,
) -> None:
    with pytest.raises(LedgerError):
        measured(workspace)
    held = unmeasured(Register.load(workspace), "all", "no ledger is built")
    assert {each["note"] for each in held.table.to_pylist()} == {"no ledger is built"}
    assert all(value is None for value in values_of(held.table.to_pylist()[0]).values())


def test_every_measured_criterion_is_a_documented_column() -> None:
    assert {each.column for each in measures().values()} <= set(COLUMNS)


def test_the_lists_hold_every_line_once(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202425", 20), *year_of("202526", 22)])
    build_in(workspace)
    found = recommended(measured(workspace), [Judgement(RENAL, "quality", "Ann", "yes", "Shorter waits")])
    lists = in_lists(found.table)
    listed = [code for _, table in lists for code in table["service_line"].to_pylist()]
    assert sorted(listed) == sorted(found.table["service_line"].to_pylist())
    [own] = [each for each in found.table.to_pylist() if each["service_line"] == RENAL]
    assert own["readiness_known"] == 2  # the judgement, and the flows


def test_a_judgement_of_a_line_that_is_not_asked_is_refused(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 12))
    build_in(workspace)
    with pytest.raises(PortfolioError, match=SPINAL):
        recommended(measured(workspace, RENAL), [Judgement(SPINAL, "quality", "Ann", "yes", "So")])
