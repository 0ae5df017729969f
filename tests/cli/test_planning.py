"""`speccom trends`, `volatility` and `tiers`: every form that they leave in, and what they refuse."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from tests.insight.test_volatility import year_of
from tests.ledger.worlds import RENAL, SPINAL, build_in, receive, workspace_in

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
    dear, rare = year_of("202526", 12, pounds=900), year_of("202526", 12, service_code=SPINAL)
    receive(workspace, [*year_of("202425", 40), *year_of("202526", 44), *dear, *rare])
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
    with zipfile.ZipFile(tmp_path / "tiers.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names[1:] == ["lines", "rungs", "units", "sensitivity"]


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (["trends", "--lines", RENAL, "--chart", "--icb", "QMF"], "control-chart-wide"),
        (["volatility"], "volatility-wide"),
        (["tiers"], "tiers-wide"),
        (["tiers", "--lines", RENAL], "ladder-wide"),
        (["tiers", "--lines", RENAL, "--show", "sensitivity"], "sensitivity-wide"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_pictures_leave_as_drawings_that_say_what_they_show(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], key: str
) -> None:
    picture = ET.fromstring(run(capsys, *command, "--format", "svg")[0])
    assert str(picture.get("aria-labelledby")).startswith(f"{key}-title")
    assert "Synthetic data" in "".join(picture.itertext())


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
        (["trends", "--format", "pdf"], "choose from text, csv, xlsx, json, svg"),
        (["trends", "--from", "2030/31-1"], "it runs from April 2024 to March 2026"),
        (["volatility", "--footprint", "county", "--format", "svg"], "icb, multi_icb, region, england"),
        (["tiers", "--show", "rungs", "--format", "svg"], "of one line: name it with --lines"),
        (
            ["trends", "--lines", SPINAL, "--until", "2024/25-12", "--format", "svg"],
            "There is nothing to draw.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_with_what_can(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    assert said in run(capsys, *command, leaves=2)[1]
