"""The commands build, position and challenges: what they print, what they write and how they leave."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.ledger.worlds import BARTS, SPINAL, Row, receive, workspace_in

from speccom.cli import main
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


class Shell:
    """Runs commands in one workspace and keeps what they said."""

    def __init__(self, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
        self._workspace, self._capsys = workspace, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--workspace", str(self._workspace.root)])
        said = self._capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, said.out, said.err


@pytest.fixture
def speccom(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(workspace, capsys)


def test_build_prints_the_conservation_line(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row(), Row(cost=None, quarantined=True)])
    receive(workspace, [Row(cost=Decimal("70.125"))])
    code, out, err = speccom("build")
    assert code == 0
    assert (
        "Conserved: 3 rows received = 1 in the ledger + 1 in quarantine + 1 superseded; "
        "£170.125 = £70.125 + £0.00 + £100.00; 1 costs could not be read." in out
    )
    assert "The list of prison practices is empty" in err


def test_build_works_out_what_pages_show_first(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    code, _, err = speccom("build")
    assert code == 0
    assert "Working out what pages show first" in err
    assert "Not worked out" not in err
    [directory] = workspace.kept.iterdir()
    held = {path.name.rpartition("-")[0]: path.stat().st_mtime_ns for path in directory.iterdir()}
    assert held.keys() == {
        "bases",
        "charts",
        "crossings",
        "equity",
        "flows-balance",
        "flows-board",
        "flows-provider",
        "position-challenged",
        "position-everybody",
        "position-shown",
        "tiers",
        "trends",
        "variation",
        "volatility",
    }
    speccom("build")  # of the same files, and so nothing is worked out anew
    assert {path.name.rpartition("-")[0]: path.stat().st_mtime_ns for path in directory.iterdir()} == held


def test_what_pages_show_first_is_no_part_of_the_ledger_that_was_built(
    workspace: Workspace, speccom: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(workspace: Workspace, register: object) -> None:
        raise MemoryError("no room is left")

    monkeypatch.setattr("speccom.insight.prepared.prepare", fails)
    receive(workspace, [Row()])
    code, out, err = speccom("build")
    assert code == 0
    assert "Ledger built" in out
    assert "Not worked out, so that the first visitor of a page waits for it: no room is left" in err
    assert speccom("position", "--by", "month")[0] == 0


def test_build_in_json_is_for_programs(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row(month=1), Row(month=2, cost=Decimal("1.5"))])
    code, out, _ = speccom("build", "--format", "json")
    result = json.loads(out)
    assert code == 0
    assert result.pop("seconds") > 0
    assert result == {
        "rows": {"received": 2, "ledger": 2, "quarantined": 0, "superseded": 0},
        "cost": {"received": "101.50", "ledger": "101.50", "quarantined": "0.00", "superseded": "0.00"},
        "unread_costs": 0,
        "conserved": True,
        "months_built": 2,
    }


def test_a_build_that_does_not_conserve_leaves_with_one(workspace: Workspace, speccom: Shell) -> None:
    receipt = receive(workspace, [Row(), Row()], name="spoilt.csv")
    path = receipt.directory(workspace) / "checked.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    code, out, err = speccom("build")
    assert (code, out.startswith("NOT CONSERVED: 2 rows received = 1 in the ledger")) == (1, True)
    assert "receipt 1 (spoilt.csv) by 1 rows and £100.00" in err
    code, out, err = speccom("build", "--format", "json")
    result = json.loads(out)
    assert (code, result["conserved"], result["error"]) == (1, False, "not_conserved")
    assert result["rows"]["ledger"] == 1
    assert result["message"] in err


def test_nothing_received_leaves_with_two(speccom: Shell) -> None:
    code, out, _ = speccom("build", "--format", "json")
    assert (code, json.loads(out)["error"]) == (2, "nothing_received")


def test_position_needs_a_ledger_and_known_dimensions(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row()])
    code, _, err = speccom("position", "--by", "provider")
    assert (code, "run speccom build" in err) == (2, True)
    speccom("build")
    code, _, err = speccom("position", "--by", "provider,ward")
    assert (code, "'ward' is not something to sum by" in err) == (2, True)
    code, _, err = speccom("position", "--by", "provider", "--format", "pdf")
    assert (code, "text, csv, xlsx, json" in err) == (2, True)


def test_position_in_csv_and_json_is_exact_and_says_synthetic(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row(patient_id=1, cost=Decimal("0.12345678"))])
    receive(workspace, [Row(data_set="ACM", planned_cost=Decimal(3), point_of_delivery="OPFA")])
    speccom("build")
    code, out, err = speccom("position", "--by", "provider,pod", "--format", "csv")
    assert (code, "SYNTHETIC" in err) == (0, True)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == [
        *("provider", "provider_name", "point_of_delivery", "point_of_delivery_name"),
        *("lines", "patients", "actual", "plan"),
    ]
    assert [(row["point_of_delivery"], row["actual"], row["plan"]) for row in rows] == [
        ("OPFA", "0.00", "3.00"),
        ("OPFUP", "0.12345678", "0.00"),
    ]
    _, out, _ = speccom("position", "--by", "provider", "--month", "1", "--format", "json")
    result = json.loads(out)
    assert result["synthetic"] is True
    assert [(row["provider"], row["lines"], row["plan"]) for row in result["rows"]] == [(BARTS, 1, "3.00")]


def test_real_data_is_not_called_synthetic(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row()], synthetic=False)
    speccom("build")
    _, out, err = speccom("position", "--by", "provider", "--format", "json")
    assert (json.loads(out)["synthetic"], "SYNTHETIC" in err) == (False, False)


def test_a_position_says_when_later_receipts_are_not_in_it(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row()])
    speccom("build")
    receive(workspace, [Row(month=2)])
    _, out, _ = speccom("position", "--by", "provider")
    assert "Files received since this ledger was built: 1. Run speccom build to count them." in out


def test_challenges_in_text_come_with_a_summary_by_reason(workspace: Workspace, speccom: Shell) -> None:
    receive(workspace, [Row(submitted_commissioner="QWO"), Row(service_code=SPINAL, cost=Decimal(7))])
    speccom("build")
    code, out, _ = speccom("challenges")
    assert code == 0
    assert out.index("Challenges by reason") < out.rindex("Challenges")
    _, out, _ = speccom("challenges", "--commissioner", "13R", "--format", "csv")
    [row] = csv.DictReader(io.StringIO(out))
    assert (row["row"], row["reason"], row["assigned_commissioner"], row["cost"]) == (
        "3",
        "C2-H",
        "13R",
        "7.00",
    )


def test_a_result_can_be_written_to_a_file(workspace: Workspace, speccom: Shell, tmp_path: Path) -> None:
    receive(workspace, [Row()])
    speccom("build")
    for name in ("position.csv", "position.xlsx", "position.json"):
        output = tmp_path / name
        code, out, err = speccom(
            *("position", "--by", "region", "--format", output.suffix[1:], "--output", str(output))
        )
        assert (code, out, output.stat().st_size > 50, str(output) in err) == (0, "", True, True)
