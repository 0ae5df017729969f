"""Positions: what is counted, what is summed, what groups are called and in which order they come."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import (
    BARTS,
    LEEDS,
    LEEDS_AREA,
    RENAL,
    SPINAL,
    Row,
    build_in,
    files,
    law,
    ledger_rows,
    receive,
    workspace_in,
)

from speccom.ledger import LedgerError
from speccom.ledger.names import DIMENSIONS
from speccom.ledger.position import UnknownDimension, position, positions
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def acm(plan: str, **named: object) -> Row:
    return Row(data_set="ACM", planned_cost=Decimal(plan), cost=Decimal(999), **named)  # type: ignore[arg-type]


def test_a_position_has_code_name_lines_patients_actual_and_plan(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=1), Row(patient_id=1), Row(patient_id=2, cost=Decimal("0.5"))])
    receive(workspace, [acm("250.25")])
    build_in(workspace)
    assert position(workspace, ["commissioner"]).to_pylist() == [
        {
            "commissioner": "A3A8R",
            "commissioner_name": "NHS North East London ICB - A3A8R",
            "lines": 3,
            "patients": 2,
            "actual": Decimal("200.50000000"),
            "plan": Decimal("250.25000000"),
        }
    ]


def test_a_patient_of_activity_drugs_and_devices_is_one_patient(workspace: Workspace) -> None:
    for data_set in ("PLCM", "DrPLCM", "DePLCM"):
        receive(workspace, [Row(data_set=data_set, patient_id=5), Row(data_set=data_set, patient_id=None)])
    build_in(workspace)
    [row] = position(workspace, ["service_line"]).to_pylist()
    assert (row["lines"], row["patients"], row["actual"]) == (6, 1, 600)


def test_aggregate_rows_give_the_plan_and_nothing_else(workspace: Workspace) -> None:
    receive(workspace, [acm("10")])
    build_in(workspace)
    [row] = position(workspace, ["provider"]).to_pylist()
    assert [row[name] for name in ("lines", "patients", "actual", "plan")] == [0, 0, 0, 10]


def test_groups_with_only_a_plan_or_only_an_actual_are_both_there(workspace: Workspace) -> None:
    receive(workspace, [Row(service_code=RENAL)])
    receive(workspace, [acm("10", service_code=SPINAL)])
    build_in(workspace)
    found = position(workspace, ["service_line"]).to_pylist()
    assert [(row["service_line"], row["actual"], row["plan"]) for row in found] == [
        (SPINAL, 0, 10),
        (RENAL, 100, 0),
    ]


def test_what_does_not_resolve_comes_last_with_an_empty_code(workspace: Workspace) -> None:
    receive(workspace, [Row(), Row(provider="8HK42", gp_responsibility=None)])
    build_in(workspace)
    for name in ("commissioner", "icb", "region"):
        found = position(workspace, [name]).to_pylist()
        assert found[0][name] != ""
        assert (found[1][name], found[1][f"{name}_name"]) == ("", "Not resolved")


def test_each_dimension_has_its_code_and_name(workspace: Workspace) -> None:
    receive(workspace, [Row(gp_responsibility=LEEDS_AREA)])
    build_in(workspace)
    [row] = position(workspace, list(DIMENSIONS)).to_pylist()
    del row["lines"], row["patients"], row["actual"], row["plan"]
    assert row == {
        "commissioner": "15F",
        "commissioner_name": "NHS West Yorkshire ICB - 15F",
        "icb": "QWO",
        "icb_name": "NHS West Yorkshire ICB",
        "region": "Y63",
        "region_name": "NHS England North East and Yorkshire",
        "programme": "Internal Medicine",
        "programme_name": "Internal Medicine",
        "service": "15",
        "service_name": Register.load().services["15"].name,
        "service_line": RENAL,
        "service_line_name": "Adult specialist renal services: renal dialysis",
        "provider": BARTS,
        "provider_name": "Barts Health NHS Trust",
        "month": "1",
        "month_name": "April 2025",
        "point_of_delivery": "OPFUP",
        "point_of_delivery_name": "Outpatient follow-up",
        "arrangement": "delegated",
        "arrangement_name": "Delegated to integrated care boards",
    }


def test_codes_that_nobody_knows_are_shown_and_said_to_be_unknown(workspace: Workspace) -> None:
    receive(workspace, [Row(provider="8HK42", service_code="NCBPSZZZ", submitted_category="12")])
    build_in(workspace)
    [row] = position(workspace, ["provider", "service_line", "service", "arrangement"]).to_pylist()
    assert (row["provider"], row["provider_name"]) == ("8HK42", "Not in the register")
    assert (row["service_line"], row["service_line_name"]) == ("NCBPSZZZ", "Not in the register")
    assert (row["service"], row["service_name"]) == ("", "Not a line of any prescribed service")
    assert (row["arrangement"], row["arrangement_name"]) == ("", "Not specialised commissioning")


def test_months_come_in_the_order_of_the_calendar(workspace: Workspace) -> None:
    receive(workspace, [Row(month=month) for month in (10, 2, 1)])
    build_in(workspace)
    assert position(workspace, ["month"])["month"].to_pylist() == ["1", "2", "10"]


def test_months_of_several_years_name_their_year(workspace: Workspace) -> None:
    receive(workspace, [Row(month=2, financial_year="202627"), Row(month=11)])
    build_in(workspace)
    assert position(workspace, ["month"])["month"].to_pylist() == ["2025/26 M11", "2026/27 M02"]
    assert position(workspace, ["month"], year="2026/27")["month"].to_pylist() == ["2"]


def test_one_month_can_be_asked_for_and_one_not_held_is_refused(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1, patient_id=1), Row(month=2, patient_id=1), Row(month=2, patient_id=2)])
    build_in(workspace)
    [row] = position(workspace, ["provider"], month=2).to_pylist()
    assert (row["lines"], row["patients"]) == (2, 2)
    with pytest.raises(LedgerError, match="2025/26 month 1, 2025/26 month 2"):
        position(workspace, ["provider"], month=3)


@pytest.mark.parametrize("by", [["ward"], [], ["pod", "point_of_delivery"]])
def test_what_cannot_be_summed_by_is_refused_with_the_list(workspace: Workspace, by: list[str]) -> None:
    with pytest.raises(UnknownDimension, match="commissioner, icb, region, programme"):
        position(workspace, by)


def test_pod_is_short_for_point_of_delivery(workspace: Workspace) -> None:
    receive(workspace, [Row()])
    build_in(workspace)
    assert position(workspace, ["pod"]).equals(position(workspace, ["point_of_delivery"]))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(files(), min_size=1, max_size=4).filter(law),
    st.lists(st.sampled_from(list(DIMENSIONS)), min_size=1, max_size=3, unique=True),
)
def test_every_position_is_what_counting_the_ledger_by_hand_gives(
    sequence: list[list[Row]], by: list[str]
) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for rows in sequence:
            receive(workspace, rows)
        build_in(workspace)
        expected = by_hand(ledger_rows(workspace), by)
        alone = position(workspace, by)
        assert counted(alone, by) == expected
        # Asked for together with others, a table is what it is when asked for alone.
        together = positions(workspace, [by, *([name] for name in DIMENSIONS), by])
        assert together[0].equals(alone)
        assert together[-1].equals(alone)


def counted(table: pa.Table, by: list[str]) -> dict[tuple[object, ...], tuple[object, ...]]:
    measures = ("lines", "patients", "actual", "plan")
    return {
        tuple(row[name] for name in by): tuple(row[measure] for measure in measures)
        for row in table.to_pylist()
    }


def by_hand(rows: list[dict[str, object]], by: list[str]) -> dict[tuple[object, ...], tuple[object, ...]]:
    lines = Register.load().lines
    column = {
        "commissioner": "assigned_commissioner",
        "icb": "home_icb",
        "region": "home_region",
        "service_line": "service_code",
    }

    def code(row: dict[str, object], name: str) -> object:
        line = lines.get(str(row["service_code"]))
        if name == "service":
            return (line.service_ref if line else None) or ""
        if name == "programme":
            return (line.programme if line else None) or ""
        value = row[column.get(name, name)]
        return "" if value is None else str(value)

    groups = defaultdict(list)
    for row in rows:
        groups[tuple(code(row, name) for name in by)].append(row)
    return {group: _measures(members) for group, members in groups.items()}


def _measures(rows: list[dict[str, object]]) -> tuple[object, ...]:
    patient_level = [row for row in rows if row["data_set"] != "ACM"]
    plans = [row["planned_cost"] for row in rows if row["data_set"] == "ACM"]
    return (
        len(patient_level),
        len({row["patient_id"] for row in patient_level} - {None}),
        sum((Decimal(str(row["cost"])) for row in patient_level if row["cost"] is not None), Decimal(0)),
        sum((Decimal(str(plan)) for plan in plans if plan is not None), Decimal(0)),
    )


def test_leeds_is_in_yorkshire() -> None:
    """The worlds rest on it: two providers in two regions."""
    assert Register.load().providers[LEEDS].region == "Y63"
