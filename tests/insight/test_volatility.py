"""Volatility and tiers from the ledger: counted by hand in small worlds, with every gap said."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tests.ledger.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    receive,
    workspace_in,
)

from speccom.insight.result import Result
from speccom.insight.tiers import LADDER, Thresholds
from speccom.insight.volatility import tiers, volatility
from speccom.period import FinancialYear
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def year_of(code: str, patients: int, pounds: int = 100, **named: object) -> list[Row]:
    """So many patients in a year, every month of which has a line."""
    return [
        Row(
            financial_year=code,
            month=number % 12 + 1,
            patient_id=number % patients,
            cost=(Decimal(pounds) * patients / max(patients, 12)).quantize(Decimal("1e-8")),
            **named,  # type: ignore[arg-type]
        )
        for number in range(max(patients, 12))
    ]


def rung(result: Result, line: str, footprint: str) -> dict[str, object]:
    [found] = [
        row
        for row in result.table.to_pylist()
        if (row["service_line"], row["footprint"]) == (line, footprint)
    ]
    return found


def test_every_line_has_the_four_rungs_of_the_ladder_in_order(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202526", 4), *year_of("202526", 2, service_code=SPINAL)])
    build_in(workspace)
    rows = volatility(workspace).table.to_pylist()
    assert [row["footprint"] for row in rows] == [*LADDER, *LADDER]


def test_chance_alone_is_told_from_patients_and_what_each_costs(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 16))
    build_in(workspace)
    found = rung(volatility(workspace), RENAL, "icb")
    assert found["patients"] == 16
    assert found["case_variation"] == pytest.approx(0, abs=1e-6)  # all cost alike
    assert found["chance_variation"] == pytest.approx(1 / np.sqrt(16))


def test_two_boards_pooled_vary_less_by_chance_than_either(workspace: Workspace) -> None:
    receive(
        workspace,
        [
            *year_of("202526", 16),
            *year_of("202526", 16, gp_responsibility=LEEDS_AREA, provider=LEEDS),
        ],
    )
    build_in(workspace)
    england = rung(volatility(workspace), RENAL, "england")
    # The same patients' numbers are used in both places: sixteen people, a case of each board.
    assert england["patients"] == 32
    assert england["chance_variation"] == pytest.approx(1 / np.sqrt(32))
    assert england["pooling_gain"] == pytest.approx(1 - np.sqrt(1 / 2))


def test_what_is_treated_outside_a_unit_shrinks_as_units_grow(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 12, gp_responsibility=LEEDS_AREA, provider=BARTS))
    build_in(workspace)
    result = volatility(workspace)
    shares = [rung(result, RENAL, footprint)["out_of_area_share"] for footprint in LADDER]
    assert shares == [1, 1, 1, 0]


def test_concentration_and_providers_are_of_spend(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202526", 12), *year_of("202526", 12, provider=GUYS)])
    build_in(workspace)
    found = rung(volatility(workspace), RENAL, "england")
    assert (found["providers"], found["concentration"]) == (2, pytest.approx(0.5))


def test_a_steady_rise_is_no_variation_and_three_years_are_needed_to_see_any(workspace: Workspace) -> None:
    receive(
        workspace, [*year_of("202324", 12, 100), *year_of("202425", 12, 110), *year_of("202526", 12, 120)]
    )
    build_in(workspace)
    found = rung(volatility(workspace), RENAL, "icb")
    assert found["observed_variation"] == pytest.approx(0, abs=1e-9)
    assert found["change_in_cost"] == pytest.approx((0.1 + 10 / 110) / 2)
    two = volatility(workspace, years=[FinancialYear(2024), FinancialYear(2025)])
    assert rung(two, RENAL, "icb")["observed_variation"] is None
    assert any("2 of the 3 whole years" in said for said in two.said())


def test_a_year_of_which_months_are_missing_does_not_count_as_one(workspace: Workspace) -> None:
    receive(workspace, [*year_of("202425", 12), Row(financial_year="202526", patient_id=1)])
    build_in(workspace)
    assert rung(volatility(workspace), RENAL, "icb")["years"] == 1
    assert any("Whole years: 2024/25." in said for said in volatility(workspace).said())


def test_a_line_without_activity_is_a_gap_and_one_patient_gets_no_tier(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 1))
    build_in(workspace)
    found = tiers(workspace, f"{RENAL},{SPINAL}")
    [row] = found.lines.table.to_pylist()
    assert row["recommended"] is None
    assert "how much patients differ in cost" in str(row["note"])
    assert any("no line of it in these years" in said for said in found.lines.said())


def test_a_line_of_many_patients_alike_in_cost_suits_the_smallest_footprint(workspace: Workspace) -> None:
    rows = [Row(patient_id=number, month=number % 12 + 1, cost=Decimal(100)) for number in range(2400)]
    rows += [
        Row(patient_id=9000 + number, month=1, cost=Decimal(100), provider=GUYS) for number in range(600)
    ]
    receive(workspace, rows)
    build_in(workspace)
    bars = Thresholds(most_out_of_area=1)
    [row] = tiers(workspace, RENAL, thresholds=bars).lines.table.to_pylist()
    assert (row["recommended"], row["met"]) == ("icb", True)
    strict = Thresholds(q=0.005, most_out_of_area=1)
    [row] = tiers(workspace, RENAL, thresholds=strict).lines.table.to_pylist()
    assert (row["recommended"], row["met"]) == ("england", False)


def test_the_home_of_patients_and_not_of_providers_makes_the_unit(workspace: Workspace) -> None:
    receive(workspace, year_of("202526", 12, gp_responsibility=LONDON, provider=LEEDS))
    build_in(workspace)
    units = tiers(workspace, RENAL).units.to_pylist()
    assert {row["unit"] for row in units if row["footprint"] == "icb" and row["expected_cases"]} == {"QMF"}
