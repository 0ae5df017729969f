"""Patients against what ages would have them be, with the population that was imported."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger.worlds import LEEDS, LEEDS_AREA, LONDON, RENAL, Row, build_in, receive, workspace_in

from speccom.insight.variation import variation
from speccom.places.populations import import_population
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def patients(home: str, first: int, young: int, old: int, **named: object) -> list[Row]:
    ages = [30] * young + [70] * old
    return [
        Row(patient_id=first + number, age=age, gp_responsibility=home, **named)  # type: ignore[arg-type]
        for number, age in enumerate(ages)
    ]


def with_population(
    workspace: Workspace, tmp_path: Path, rows: str, header: str = "icb22_code_h,a0_64,a65plus"
) -> None:
    file = tmp_path / "population.csv"
    file.write_text(f"{header}\n{rows}")
    import_population(workspace, Register.load(), file)


def row_of(workspace: Workspace, icb: str) -> dict[str, object]:
    return {row["icb"]: row for row in variation(workspace, RENAL).table.to_pylist()}[icb]


def test_expected_patients_are_those_that_englands_rates_would_give_each_age(
    workspace: Workspace, tmp_path: Path
) -> None:
    receive(workspace, [*patients(LONDON, 1, young=4, old=1), *patients(LEEDS_AREA, 100, young=2, old=5)])
    build_in(workspace)
    with_population(workspace, tmp_path, "QMF,2000,100\nQWO,1000,200\n")
    london = row_of(workspace, "QMF")
    assert london["expected_patients"] == pytest.approx(2000 * 6 / 3000 + 100 * 6 / 300)
    assert london["standardised_ratio"] == pytest.approx(5 / 6)
    leeds = row_of(workspace, "QWO")
    assert leeds["standardised_ratio"] == pytest.approx(7 / (1000 * 6 / 3000 + 200 * 6 / 300))
    assert leeds["funnel"] == "Not significant"


def test_a_person_counts_once_at_the_oldest_age_over_activity_drugs_and_devices(
    workspace: Workspace, tmp_path: Path
) -> None:
    receive(workspace, [*patients(LONDON, 1, young=1, old=0), *patients(LONDON, 9, young=3, old=0)])
    receive(workspace, [Row(data_set="DrPLCM", patient_id=1, age=65, point_of_delivery="OPFUP")])
    build_in(workspace)
    with_population(workspace, tmp_path, "QMF,300,100\nQWO,300,100\n")
    assert row_of(workspace, "QMF")["expected_patients"] == pytest.approx(300 * 3 / 600 + 100 * 1 / 200)


def test_without_an_imported_population_the_ratio_is_a_stated_gap(workspace: Workspace) -> None:
    receive(workspace, patients(LONDON, 1, young=2, old=0))
    build_in(workspace)
    result = variation(workspace, RENAL)
    assert {row["standardised_ratio"] for row in result.table.to_pylist()} == {None}
    assert any("speccom reference import population" in said for said in result.said())


def test_a_board_that_the_list_does_not_hold_and_a_patient_without_age_are_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    receive(workspace, [*patients(LONDON, 1, young=2, old=1), Row(patient_id=50, age=None)])
    receive(workspace, [Row(data_set="DrPLCM", provider=LEEDS, gp_responsibility=LEEDS_AREA, patient_id=60)])
    build_in(workspace)
    with_population(workspace, tmp_path, "QMF,300,100\n")
    result = variation(workspace, RENAL)
    said = " ".join(result.said())
    assert "2 patients have no age" in said
    assert "no imported population is of it whole" in said
    assert row_of(workspace, "QWO")["standardised_ratio"] is None


def test_coverage_lays_a_providers_aggregate_on_boards_as_its_pounds_are(workspace: Workspace) -> None:
    receive(
        workspace,
        [
            Row(patient_id=1, cost=Decimal(60)),
            Row(patient_id=2, cost=Decimal(20), gp_responsibility=LEEDS_AREA),
        ],
    )
    receive(workspace, [Row(data_set="ACM", cost=Decimal(160), planned_cost=Decimal(0))])
    build_in(workspace)
    for icb in ("QMF", "QWO"):
        row = row_of(workspace, icb)
        assert row["coverage"] == pytest.approx(0.5)
        assert "50% of the aggregate pounds" in str(row["note"])


BY_SEX = "icb22_code_h,sex,a0_64,a65plus"


def test_where_the_population_has_sexes_each_sex_has_its_own_rate(
    workspace: Workspace, tmp_path: Path
) -> None:
    receive(
        workspace,
        [
            *patients(LONDON, 1, young=3, old=0, gender="1"),
            *patients(LONDON, 10, young=1, old=0, gender="2"),
            *patients(LEEDS_AREA, 100, young=1, old=0, gender="1"),
            *patients(LEEDS_AREA, 110, young=5, old=0, gender="2"),
            Row(patient_id=200, age=30, gender="9"),
        ],
    )
    build_in(workspace)
    rows = "QMF,male,900,10\nQMF,female,100,10\nQWO,male,100,10\nQWO,female,900,10\n"
    with_population(workspace, tmp_path, rows, BY_SEX)
    result = variation(workspace, RENAL)
    london = {row["icb"]: row for row in result.table.to_pylist()}["QMF"]
    assert london["expected_patients"] == pytest.approx(900 * 4 / 1000 + 100 * 6 / 1000)
    assert london["standardised_ratio"] == pytest.approx(4 / 4.2)
    said = " ".join(result.said())
    assert "Age and sex are allowed for" in said
    assert "1 patients have no age or sex" in said


def test_a_board_of_one_sex_alone_is_no_whole_board(workspace: Workspace, tmp_path: Path) -> None:
    receive(workspace, patients(LONDON, 1, young=3, old=0, gender="1"))
    build_in(workspace)
    with_population(workspace, tmp_path, "QMF,male,900,10\nQMF,female,100,10\nQWO,male,100,10\n", BY_SEX)
    result = variation(workspace, RENAL)
    assert row_of(workspace, "QMF")["standardised_ratio"] is not None
    assert "no imported population is of it whole" in " ".join(result.said())
    assert row_of(workspace, "QWO")["standardised_ratio"] is None


def test_patients_of_an_age_at_which_nobody_lives_are_said_and_left_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    receive(workspace, patients(LONDON, 1, young=3, old=2))
    build_in(workspace)
    with_population(workspace, tmp_path, "QMF,900,0\nQWO,900,0\n")
    assert row_of(workspace, "QMF")["standardised_ratio"] == pytest.approx(2.0)
    assert "2 patients are of an age at which" in " ".join(variation(workspace, RENAL).said())
