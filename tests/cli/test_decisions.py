"""The commands about decisions: a preview in words and as rows, and the replay."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger.worlds import Row, build_in, receive, workspace_in

from speccom.cli import main as speccom
from speccom.ledger.effect import TABLES
from speccom.register import replay
from speccom.workspace import Workspace


def main(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        speccom(arguments)
    return int(left.value.code or 0)


DECISION = {
    "decision_id": "W2027-01",
    "title": "The Midlands come back",
    "body": "A board of a test",
    "made_on": "2026-12-01",
    "effects": [{"kind": "arrange", "regions": ["Y60"], "arrangement": "national", "from": "2027-04-01"}],
}


RETAINED = DECISION | {
    "title": "Renal dialysis comes back",
    "effects": [{"kind": "status", "lines": ["NCBPS11B"], "status": "RED", "from": "2027-04-01"}],
}


def test_a_preview_says_what_passes_from_where_to_where_and_adopts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(DECISION), encoding="utf-8")
    workspace = Workspace(tmp_path / "workspace").make()
    assert main(["decision", "preview", str(path), "--workspace", str(workspace.root)]) == 0
    said = capsys.readouterr().out
    assert "W2027-01" in said and "from delegated to national" in said and "1 April 2027" in said
    assert list(workspace.register.iterdir()) == []
    rows = tmp_path / "rows.csv"
    assert main(["decision", "preview", str(path), "--format", "csv", "--output", str(rows)]) == 0
    assert rows.read_text(encoding="utf-8").startswith("on,line,area,part,before,after\n2027-04-01,")


def test_a_preview_tells_people_and_money_of_the_ledger_and_says_when_they_are_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(RETAINED), encoding="utf-8")
    workspace = workspace_in(tmp_path)
    receive(workspace, [Row(patient_id=1, cost=Decimal("1234.56"))])
    build_in(workspace)
    asked = ["decision", "preview", str(path), "--workspace", str(workspace.root)]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "£1,234.56 passes, with 1 patient, in 1 service line of 1 area at 1 provider" in said
    assert "SYNTHETIC" in said and "1 of 12 months" in said
    book = tmp_path / "preview.xlsx"
    assert main([*asked, "--format", "xlsx", "--output", str(book)]) == 0
    sheets = zipfile.ZipFile(book).read("xl/workbook.xml").decode()
    assert all(f'name="{name}"' in sheets for name in ("answers", *TABLES))
    capsys.readouterr()
    assert main([*asked, "--show", "moves", "--format", "json"]) == 0
    moves = json.loads(capsys.readouterr().out)
    assert moves["synthetic"] is True and moves["columns"]["pounds"]["unit"] == "£"
    assert [row["pounds"] for row in moves["rows"]] == ["1234.56"]
    assert main([*asked, "--show", "everything"]) == 2


def test_a_preview_without_a_ledger_says_that_people_and_money_are_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(RETAINED), encoding="utf-8")
    workspace = Workspace(tmp_path / "workspace").make()
    assert main(["decision", "preview", str(path), "--workspace", str(workspace.root)]) == 0
    assert "There is no ledger" in capsys.readouterr().out


def test_effects_tell_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decision", "effects"]) == 0
    assert "regions" in json.loads(capsys.readouterr().out)["arrange"]["takes"]


def test_a_replay_that_agrees_ends_with_nothing_and_one_that_differs_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["replay", "--register-only"]) == 0
    assert "answers as the shipped one" in capsys.readouterr().out
    without_the_last = replay.sequence()[:4]
    monkeypatch.setattr(replay, "sequence", lambda: without_the_last)
    assert main(["replay", "--register-only", "--workspace", str(tmp_path / "kept")]) == 1
    assert "answers differ from the shipped register" in capsys.readouterr().err
