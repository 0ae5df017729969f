"""The small tables that a build keeps: what they count, that they add up, and when they are made anew."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import (
    GUYS,
    LEEDS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    files,
    ledger_rows,
    receive,
    workspace_in,
)

from speccom.ledger import LedgerError
from speccom.ledger.manifest import YearSummary, manifest_path, require_manifest
from speccom.ledger.summaries import summaries, years_held
from speccom.period import FinancialYear
from speccom.workspace import Workspace

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def rows_of(
    workspace: Workspace, table: str, years: Sequence[FinancialYear] | None = None
) -> list[dict[str, object]]:
    with summaries(workspace, years) as (engine, _):
        return engine.fetch(f"select * from {table}").to_pylist()


def test_a_patient_has_one_row_for_each_line_home_and_provider(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1, age=40), Row(patient_id=1, age=41, month=2), Row(patient_id=2)])
    receive(workspace, [Row(patient_id=1, data_set="DrPLCM", point_of_delivery="OPFUP")])
    build_in(workspace)
    people = sorted(rows_of(workspace, "people"), key=lambda row: str(row["patient_id"]))
    assert [(row["patient_id"], row["lines"], row["actual"], row["age"]) for row in people] == [
        (1, 3, Decimal(300), 41),
        (2, 1, Decimal(100), None),
    ]
    assert {(row["icb"], row["home"], row["service_line"]) for row in people} == {("QMF", LONDON, RENAL)}


def test_a_patient_is_one_case_of_a_line_whatever_the_providers(workspace: Workspace) -> None:
    receive(
        workspace, [Row(patient_id=1, cost=Decimal(60)), Row(patient_id=1, provider=GUYS, cost=Decimal(40))]
    )
    receive(
        workspace,
        [Row(patient_id=2, data_set="DrPLCM", cost=Decimal(-5)), Row(patient_id=None, data_set="DrPLCM")],
    )
    build_in(workspace)
    found = sorted(rows_of(workspace, "cases"), key=lambda row: str(row["band"]))
    assert [(row["band"], row["patients"], row["actual"], row["squares"]) for row in found] == [
        (18, 1, Decimal(100), 10_000.0),  # 4 ln 100 is 18.4
        (None, 1, Decimal(-5), 25.0),
    ]


def test_lines_whose_identity_is_withheld_are_together_and_not_lost(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=None), Row(patient_id=None), Row(patient_id=1)])
    build_in(workspace)
    withheld = [row["lines"] for row in rows_of(workspace, "people") if row["patient_id"] is None]
    assert withheld == [2]


def test_aggregate_pounds_stand_beside_patient_level_ones_and_are_never_added(workspace: Workspace) -> None:
    receive(workspace, [Row(cost=Decimal(70))])
    receive(workspace, [Row(data_set="ACM", cost=Decimal(90), planned_cost=Decimal(80))])
    build_in(workspace)
    [month] = rows_of(workspace, "months")
    assert [month[name] for name in ("lines", "actual", "aggregate", "plan")] == [
        1,
        Decimal(70),
        Decimal(90),
        Decimal(80),
    ]


def test_drugs_and_devices_stand_apart_from_other_activity_the_aggregate_by_its_point_of_delivery(
    workspace: Workspace,
) -> None:
    receive(workspace, [Row(cost=Decimal(1))])
    receive(workspace, [Row(data_set="DrPLCM", point_of_delivery="DRUG", cost=Decimal(2))])
    receive(workspace, [Row(data_set="DePLCM", point_of_delivery="DEVICE", cost=Decimal(3))])
    aggregate = {"data_set": "ACM", "planned_cost": Decimal(9)}
    receive(workspace, [Row(**aggregate), Row(**aggregate, point_of_delivery="DRUG")])  # type: ignore[arg-type]
    build_in(workspace)
    found = {row["kind"]: (row["actual"], row["plan"]) for row in rows_of(workspace, "months")}
    assert found == {"activity": (1, 9), "drugs": (2, 9), "devices": (3, 0)}


DRUG = Row(patient_id=1, data_set="DrPLCM", gp_responsibility=None, submitted_commissioner="Y56")


def test_a_drug_line_without_an_area_is_of_its_patients_home(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1, provider=LEEDS, gp_responsibility=LEEDS_AREA, month=2)])
    receive(workspace, [DRUG])
    build_in(workspace)
    for table in ("months", "people", "cases"):
        assert {(row["icb"], row["home"]) for row in rows_of(workspace, table)} == {("QWO", LEEDS_AREA)}
    assert {row["icb"] for row in rows_of(workspace, "everyone") if row["level"] == "board"} == {"QWO"}
    assert {row["home_icb"] for row in ledger_rows(workspace) if row["data_set"] == "DrPLCM"} == {"QMF"}


def test_a_drug_line_is_of_the_home_that_its_patient_had_last(workspace: Workspace) -> None:
    moved = Row(patient_id=1, provider=LEEDS, gp_responsibility=LEEDS_AREA, month=10)
    receive(workspace, [moved, Row(patient_id=1, month=9)])
    receive(workspace, [DRUG])
    build_in(workspace)
    [drug] = [row for row in rows_of(workspace, "months") if row["month"] == 1]
    assert (drug["icb"], drug["home"]) == ("QWO", LEEDS_AREA)


@pytest.mark.parametrize("patient", [2, None])
def test_a_drug_line_of_a_patient_with_no_other_line_stays_with_the_providers_board(
    workspace: Workspace, patient: int | None
) -> None:
    receive(workspace, [Row(patient_id=1, provider=LEEDS, gp_responsibility=LEEDS_AREA)])
    receive(workspace, [replace(DRUG, patient_id=patient)])
    build_in(workspace)
    assert {row["icb"] for row in rows_of(workspace, "people") if row["patient_id"] == patient} == {"QMF"}


def test_a_drug_line_of_a_patient_of_another_nation_is_of_that_nation(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1, gp_responsibility="7A4")])
    receive(workspace, [DRUG])
    build_in(workspace)
    assert {row["icb"] for row in rows_of(workspace, "months")} == {"OTHER NATION"}


def test_people_of_other_nations_and_unknown_homes_keep_rows_of_their_own(workspace: Workspace) -> None:
    receive(workspace, [Row(gp_responsibility="7A4"), Row(provider="ZZZ", gp_responsibility=None)])
    build_in(workspace)
    assert {row["icb"] for row in rows_of(workspace, "people")} == {"OTHER NATION", "UNKNOWN"}


@SLOW
@given(st.lists(files(), min_size=1, max_size=4))
def test_summaries_hold_every_line_and_penny_of_the_ledger(sequence: list[list[Row]]) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for rows in sequence:
            receive(workspace, rows)
        if not build_in(workspace).ledger.rows:
            return
        ledger = [row for row in ledger_rows(workspace) if row["data_set"] != "ACM"]
        spent = sum((row["cost"] or Decimal(0) for row in ledger), Decimal(0))  # type: ignore[misc]
        for table in ("months", "people"):
            held = rows_of(workspace, table)
            assert sum(int(str(row["lines"])) for row in held) == len(ledger)
            assert sum((Decimal(str(row["actual"])) for row in held), Decimal(0)) == spent


def test_a_year_whose_months_did_not_change_keeps_its_tables(workspace: Workspace) -> None:
    receive(workspace, [Row(), Row(financial_year="202627", service_code=SPINAL)])
    build_in(workspace)
    before = files_of(workspace)
    receive(workspace, [Row(financial_year="202627", provider=GUYS)])
    build_in(workspace)
    after = files_of(workspace)
    assert before["202526"] == after["202526"]
    assert before["202627"] != after["202627"]


def test_a_lost_table_is_made_anew(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=7)])
    build_in(workspace)
    (workspace.ledger / files_of(workspace)["202526"]["people"]).unlink()
    with pytest.raises(LedgerError, match="speccom build"):
        rows_of(workspace, "people")
    build_in(workspace)
    assert [row["patient_id"] for row in rows_of(workspace, "people")] == [7]


def test_patients_of_a_month_are_counted_once_by_board_and_once_together(workspace: Workspace) -> None:
    receive(
        workspace, [Row(patient_id=1), Row(patient_id=1), Row(patient_id=2, month=2), Row(patient_id=None)]
    )
    receive(workspace, [Row(patient_id=1, provider=LEEDS, gp_responsibility=LEEDS_AREA)])
    build_in(workspace)
    found = {(row["icb"], row["month"]): row["patients"] for row in rows_of(workspace, "seen")}
    assert found == {("QMF", 1): 1, ("QWO", 1): 1, (None, 1): 1, ("QMF", 2): 1, (None, 2): 1}


def test_summaries_of_another_version_are_refused_and_made_anew(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1)])
    build_in(workspace)
    path = manifest_path(workspace)
    told = json.loads(path.read_text())
    for each in told["summaries"]:
        del each["files"]["seen"]
        each["fingerprint"] = "0"
    path.write_text(json.dumps(told))
    with pytest.raises(LedgerError, match="another version of Speccom: run speccom build"):
        rows_of(workspace, "people")
    build_in(workspace)
    assert rows_of(workspace, "seen")


def test_a_year_that_is_not_held_is_refused_with_those_that_are(workspace: Workspace) -> None:
    receive(workspace, [Row(), Row(provider=LEEDS, gp_responsibility=LEEDS_AREA)])
    build_in(workspace)
    assert years_held(require_manifest(workspace)) == [FinancialYear(2025)]
    with pytest.raises(LedgerError, match="nothing of 2024/25: choose from 2025/26"):
        rows_of(workspace, "people", [FinancialYear(2024)])


def test_a_ledger_of_held_back_rows_has_no_summaries_and_says_so(workspace: Workspace) -> None:
    receive(workspace, [Row(quarantined=True)])
    build_in(workspace)
    with pytest.raises(LedgerError, match="no summaries"):
        rows_of(workspace, "people")


def files_of(workspace: Workspace) -> dict[str, dict[str, str]]:
    held: tuple[YearSummary, ...] = require_manifest(workspace).summaries
    return {each.financial_year: each.files for each in held}
