"""Challenges, and the reconciliation of aggregate with patient-level sets."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger.worlds import (
    BARTS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    receive,
    workspace_in,
)

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
