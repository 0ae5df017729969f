"""Challenges, host and population bases, and the reconciliation of aggregate with patient-level sets."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import (
    BARTS,
    LEEDS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    files,
    law,
    receive,
    workspace_in,
)

from speccom.ledger.bases import host_and_population
from speccom.ledger.challenges import by_reason, challenges
from speccom.ledger.reconciliation import reconcile
from speccom.workspace import Workspace

LONDON_HUB, YORKSHIRE_HUB = "13R", "85J"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


# --- challenges


def test_a_challenge_says_what_was_submitted_what_is_right_why_and_what_it_is_worth(
    workspace: Workspace,
) -> None:
    receive(workspace, [Row(), Row(submitted_commissioner=LONDON_HUB, submitted_category="21", patient_id=3)])
    build_in(workspace)
    assert challenges(workspace).to_pylist() == [
        {
            "receipt": 1,
            "row": 3,
            "provider": BARTS,
            "month": "1",
            "data_set": "PLCM",
            "service_line": RENAL,
            "submitted_commissioner": LONDON_HUB,
            "assigned_commissioner": LONDON,
            "submitted_category": "21",
            "assigned_category": "25",
            "reason": "G1-1",
            "cost": Decimal("100.00000000"),
        }
    ]


def test_a_commissioner_sees_what_was_sent_to_it_and_what_it_should_pay(workspace: Workspace) -> None:
    receive(
        workspace,
        [
            Row(submitted_commissioner=LONDON_HUB),  # theirs to refuse
            Row(
                service_code=SPINAL, submitted_commissioner=LONDON, submitted_category="21"
            ),  # theirs to take on
            Row(submitted_commissioner=LEEDS_AREA),
        ],
    )
    build_in(workspace)
    assert challenges(workspace, LONDON_HUB.lower())["row"].to_pylist() == [2, 3]
    assert challenges(workspace, "QWO").num_rows == 0


def test_aggregate_and_unresolved_rows_are_not_challenged(workspace: Workspace) -> None:
    receive(workspace, [Row(data_set="ACM", submitted_commissioner="QWO")])
    receive(workspace, [Row(provider="8HK42", gp_responsibility=None, submitted_commissioner="QWO")])
    build_in(workspace)
    assert challenges(workspace).num_rows == 0


def test_challenges_by_reason_put_the_most_costly_first(workspace: Workspace) -> None:
    cheap = Row(submitted_commissioner="QWO", cost=Decimal(1))
    dear = Row(submitted_commissioner="QWO", service_code=SPINAL, submitted_category="21", cost=Decimal(9))
    receive(workspace, [cheap, cheap, dear])
    build_in(workspace)
    assert by_reason(challenges(workspace)).to_pylist() == [
        {"reason": "C2-H", "lines": 1, "cost": 9},
        {"reason": "G1-1", "lines": 2, "cost": 2},
    ]


# --- bases


def basis(workspace: Workspace) -> dict[str, tuple[int, int, int]]:
    rows = host_and_population(workspace).to_pylist()
    return {row["region"]: (int(row["host"]), int(row["population"]), int(row["transfer"])) for row in rows}


def test_a_patient_treated_in_another_region_moves_money_on_a_population_basis(workspace: Workspace) -> None:
    receive(
        workspace, [Row(provider=LEEDS, gp_responsibility=LONDON, cost=Decimal(30)), Row(cost=Decimal(5))]
    )
    build_in(workspace)
    assert basis(workspace) == {"Y56": (5, 35, 30), "Y63": (30, 0, -30)}
    first = host_and_population(workspace).to_pylist()[0]
    assert first["region_name"] == "NHS England London"
    assert (first["outflow"], first["inflow"]) == (30, 0)


def test_other_nations_and_the_unknown_have_rows_of_their_own(workspace: Workspace) -> None:
    receive(
        workspace,
        [
            Row(gp_responsibility="7A4", cost=Decimal(1)),  # a Welsh patient in London
            Row(provider="RQF", cost=Decimal(2)),  # a Londoner at a Welsh trust
            Row(provider="8HK42", gp_responsibility=None, cost=Decimal(4)),  # nobody knows where or whose
        ],
    )
    receive(workspace, [Row(data_set="ACM", cost=Decimal(500))])
    build_in(workspace)
    assert list(basis(workspace)) == ["Y56", "OTHER NATION", "UNKNOWN"]
    assert basis(workspace) == {"Y56": (1, 2, 1), "OTHER NATION": (2, 1, -1), "UNKNOWN": (4, 4, 0)}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(files(), min_size=1, max_size=4).filter(law))
def test_transfers_sum_to_nothing_and_the_two_bases_to_the_same(sequence: list[list[Row]]) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for rows in sequence:
            receive(workspace, rows)
        build_in(workspace)
        rows = host_and_population(workspace).to_pylist()
        assert sum(row["transfer"] for row in rows) == 0
        assert sum(row["host"] for row in rows) == sum(row["population"] for row in rows)
        assert all(row["transfer"] == row["outflow"] - row["inflow"] for row in rows)


# --- reconciliation


def test_aggregate_is_set_against_activity_drugs_and_devices(workspace: Workspace) -> None:
    receive(workspace, [Row(data_set="ACM", cost=Decimal(700), planned_cost=Decimal(1))])
    receive(workspace, [Row(), Row()])
    receive(workspace, [Row(data_set="DrPLCM", cost=Decimal(300))])
    receive(workspace, [Row(data_set="DePLCM", cost=Decimal(150), submitted_category="21")])
    build_in(workspace)
    rows = reconcile(workspace).to_pylist()
    names = ("category", "aggregate", "activity", "drugs", "devices", "patient_level", "difference")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("21", 0, 0, 0, 150, 150, -150),
        ("25", 700, 200, 300, 0, 500, 200),
    ]
    assert rows[0]["provider_name"] == "Barts Health NHS Trust"
    assert (rows[0]["month"], rows[0]["month_name"]) == ("1", "April 2025")
