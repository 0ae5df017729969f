"""`speccom trends`, `volatility` and `tiers`: every form that they leave in, and what they refuse."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.insight.test_volatility import year_of
from tests.ledger.worlds import RENAL, build_in, receive, workspace_in

from speccom.cli import main

COMMANDS = (
    ["trends", "--lines", RENAL, "--chart"],
    ["trends"],
    ["volatility"],
    ["tiers"],
    ["tiers", "--show", "sensitivity"],
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace = workspace_in(tmp_path)
    receive(workspace, [*year_of("202425", 40), *year_of("202526", 44)])
    build_in(workspace)
    monkeypatch.setenv("SPECCOM_HOME", str(workspace.root))
    return workspace.root


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_leaves_as_text_csv_and_json_marked_synthetic(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    text, _ = run(capsys, *command)
    assert text.startswith("SYNTHETIC")
    held, said = run(capsys, *command, "--format", "csv")
    assert said.startswith("SYNTHETIC")
    rows = list(csv.DictReader(io.StringIO(held)))
    whole = json.loads(run(capsys, *command, "--format", "json")[0])
    assert whole["synthetic"] is True
    assert len(whole["rows"]) == len(rows)
    assert whole["notes"]


def test_a_workbook_is_written_where_it_is_wanted(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run(capsys, "tiers", "--format", "xlsx", "--output", str(tmp_path / "tiers.xlsx"))
    assert (tmp_path / "tiers.xlsx").read_bytes().startswith(b"PK")


def test_years_go_as_a_range_or_a_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for years in ("2024/25-2025/26", "2024/25,2025/26"):
        assert "Whole years: 2024/25, 2025/26." in run(capsys, "volatility", "--year", years)[0]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["tiers", "--q", "7"], "share between 0 and 1"),
        (["tiers", "--show", "magic"], "choose from lines, rungs, units, sensitivity"),
        (["volatility", "--year", "2025/26-2024/25"], "runs backwards"),
        (["volatility", "--year", "2019/20"], "choose from 2024/25, 2025/26"),
        (["trends", "--until", "soon"], "2025/26-6"),
        (["trends", "--measure", "pounds"], "spend or lines"),
        (["trends", "--lines", "nothing"], "no service line"),
        (["trends", "--format", "svg"], "choose from text, csv, xlsx, json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_with_what_can(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    assert said in run(capsys, *command, leaves=2)[1]
