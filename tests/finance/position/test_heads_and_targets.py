"""What a position comes to a head and of the target: by the same commissioner's people and target, or a gap."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.position.worlds import REGISTER, lines, month, plans, stood, world

from speccom.finance.position.explained import explain
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.months import year_to_date
from speccom.finance.position.standing import standing
from speccom.finance.position.table import position
from speccom.finance.position.targets import import_targets
from speccom.places.populations import import_population
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return world(
        tmp_path,
        lines(range(1, 7), lambda at: 1000 + at),
        lines(range(1, 7), lambda at: 500 + at, provider="R1H"),
        plans(range(1, 13)),
    )


def targets_of(workspace: Workspace, text: str) -> str:
    path = workspace.root / "targets.csv"
    path.write_text(text)
    return import_targets(workspace, REGISTER, path)


def test_pounds_a_head_are_of_the_people_imported(workspace: Workspace) -> None:
    path = workspace.root / "people.csv"
    path.write_text("icb_ods_code,sex,a0,a1plus\nQKS,male,10,490\nQKS,female,5,495\nQWO,male,1,2\n")
    import_population(workspace, REGISTER, path)
    found = position(stood(workspace), ("provider",))
    rows = {row["provider"]: row for row in found.table.to_pylist()}
    assert {row["people"] for row in rows.values()} == {1000}
    assert rows["RJ1"]["actual_per_head"] == Decimal("6.0210")
    assert rows["R1H"]["actual_per_head"] == Decimal("3.0210")
    [whole] = position(stood(workspace)).table.to_pylist()
    assert whole["actual_per_head"] == Decimal("9.0420")
    assert whole["forecast_per_head"] == (whole["forecast"] / 1000).quantize(Decimal("0.0001"))
    assert "people.csv, as imported, on the boards of 1 September 2025" in " ".join(found.notes)


def test_without_an_imported_list_the_registers_people_count_and_it_is_said(workspace: Workspace) -> None:
    found = position(stood(workspace))
    [row] = found.table.to_pylist()
    assert row["people"] == REGISTER.population("QKS", "2025/26")
    assert "NHS England's allocation practice file" in " ".join(found.notes)


def test_a_board_that_the_list_has_not_is_a_gap_and_no_nought(workspace: Workspace) -> None:
    path = workspace.root / "people.csv"
    path.write_text("icb_ods_code,a0,a1plus\nQWO,10,490\n")
    import_population(workspace, REGISTER, path)
    found = position(stood(workspace))
    [row] = found.table.to_pylist()
    assert (row["people"], row["actual_per_head"], row["forecast_per_head"]) == (None, None, None)
    assert "NHS Kent and Medway ICB: no sum per head, because its population is in neither" in " ".join(
        found.said()
    )


def test_shares_of_the_target_add_up_to_that_of_everything(workspace: Workspace) -> None:
    said = targets_of(workspace, "commissioner,year,target\nQKS,2025/26,20000.00\nQKS,2024/25,1.00\n")
    assert said == "Imported 2 targets of 1 commissioners from targets.csv."
    of = stood(workspace)
    [whole] = position(of).table.to_pylist()
    assert whole["target"] == 20_000
    assert whole["target_share"] == pytest.approx(float(whole["forecast"]) / 20_000)
    parts = position(of, ("provider",)).table.to_pylist()
    assert sum(row["target_share"] for row in parts) == pytest.approx(whole["target_share"], abs=1e-6)
    opened = explain(of, (), (), "target_share")
    assert {each.symbol: each.value for each in opened.inputs} == {"F": whole["forecast"], "T": 20_000}
    assert explain(of, (), (), "forecast_per_head").value == whole["forecast_per_head"]


def test_a_target_that_is_not_there_is_a_gap(workspace: Workspace) -> None:
    [row] = position(stood(workspace)).table.to_pylist()
    assert (row["target"], row["target_share"]) == (None, None)
    assert "no share of target, because no targets were imported" in " ".join(
        position(stood(workspace)).said()
    )
    targets_of(workspace, "commissioner,year,target\nQWO,2025/26,9.00\n")
    assert "none of the targets imported is of it in 2025/26" in " ".join(position(stood(workspace)).said())


def test_of_everybody_together_all_their_people_count(tmp_path: Path) -> None:
    workspace = world(
        tmp_path,
        [
            *lines(range(1, 4)),
            *lines(range(1, 4), gp_responsibility="15F", submitted_commissioner="15F"),
        ],
    )
    path = workspace.root / "people.csv"
    path.write_text("icb_ods_code,a0,a1plus\nQWO,0,3000\nQKS,0,1000\n")
    import_population(workspace, REGISTER, path)
    of = standing(year_to_date(workspace, month(3)))
    by_line = position(of, ("service_line",)).table.to_pylist()
    assert [(row["people"], row["actual_per_head"]) for row in by_line] == [(4000, Decimal("1.5000"))]
    by_body = {row["commissioner"]: row for row in position(of, ("commissioner",)).table.to_pylist()}
    assert by_body["QKS"]["actual_per_head"] == 3
    assert by_body["QWO"]["actual_per_head"] == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "QKS,2025/26,20000.00\nQKS,2025/26,21000.50\n",
            "rows 2 and 3: both are the target of QKS in 2025/26, £20,000.00 and £21,000.50; keep one",
        ),
        ("QKS,soon,1.00\n", "row 2, field year"),
        ("QKS,2025/26,0.00\n", "row 2, field target: a target is above nothing"),
        ("QKS,2025/26,1e9\n", "row 2, field target: '1e9' is no sum in pounds"),
        ("QZZ,2025/26,1.00\n", "row 2, field commissioner: 'QZZ' is no body of the register"),
        ("91Q,2025/26,1.00\n", "91Q is a location within QKS, which pays"),
    ],
)
def test_targets_that_cannot_be_are_refused(workspace: Workspace, rows: str, said: str) -> None:
    with pytest.raises(PositionError, match=r"targets\.csv") as refused:
        targets_of(workspace, f"commissioner,year,target\n{rows}")
    assert said in str(refused.value)
