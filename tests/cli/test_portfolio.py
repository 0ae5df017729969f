"""`speccom portfolio`: every form that it leaves in, the Board's lists, and what it refuses."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.cli.test_planning import run
from tests.insight.test_volatility import year_of
from tests.ledger.worlds import RENAL, build_in, receive, workspace_in


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace = workspace_in(tmp_path)
    receive(workspace, [*year_of("202425", 40), *year_of("202526", 44)])
    build_in(workspace)
    monkeypatch.setenv("SPECCOM_HOME", str(workspace.root))
    return workspace.root


def test_it_leaves_as_text_csv_and_json_marked_synthetic(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, _ = run(capsys, "portfolio", "--lines", RENAL)
    assert text.startswith("SYNTHETIC") and "4,400.00" in text
    held, said = run(capsys, "portfolio", "--lines", RENAL, "--format", "csv")
    [row] = csv.DictReader(io.StringIO(held))
    assert "SYNTHETIC" in said and row["outturn"] == "4400.00"
    told = json.loads(run(capsys, "portfolio", "--format", "json")[0])
    assert told["columns"]["outturn"]["unit"] == "£"


def test_a_workbook_has_a_sheet_for_each_of_the_boards_lists(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lists.xlsx"
    run(capsys, "portfolio", "--format", "xlsx", "--output", str(path))
    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
    for name in ("Measures", "Suitable and ready", "Suitable, not yet ready", "Retained"):
        assert name in names


def test_judgements_of_a_file_come_into_the_recommendation(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text(
        f"service_line,criterion,person,answer,reason\n{RENAL},destabilisation,Ann,yes,One provider only\n"
    )
    held, _ = run(capsys, "portfolio", "--lines", RENAL, "--judgements", str(path), "--format", "csv")
    [row] = csv.DictReader(io.StringIO(held))
    assert "Destabilising the service" in row["against"]


def test_another_table_or_format_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "measures" in run(capsys, "portfolio", "--show", "all", leaves=2)[1]
    assert "xlsx" in run(capsys, "portfolio", "--format", "svg", leaves=2)[1]
