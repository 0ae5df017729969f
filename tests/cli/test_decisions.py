"""The commands about decisions: a preview in words and as rows, and the replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from speccom.cli import main as speccom
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


def test_effects_tell_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decision", "effects"]) == 0
    assert "regions" in json.loads(capsys.readouterr().out)["arrange"]["takes"]


def test_a_replay_that_agrees_ends_with_nothing_and_one_that_differs_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["replay"]) == 0
    assert "answers as the shipped one" in capsys.readouterr().out
    without_the_last = replay.sequence()[:4]
    monkeypatch.setattr(replay, "sequence", lambda: without_the_last)
    assert main(["replay", "--workspace", str(tmp_path / "kept")]) == 1
    assert "answers differ from the shipped register" in capsys.readouterr().err
