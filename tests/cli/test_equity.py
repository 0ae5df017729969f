"""The command equity: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.test_output import sheets
from tests.insight.deprived import two_gradients, world
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger
from tests.ledger.test_commands import Shell

from speccom.cli.output import SYNTHETIC
from speccom.insight.equity import COLUMNS, GRADIENT_COLUMNS, equity
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return world(tmp_path_factory.mktemp("equity"), two_gradients())


@pytest.fixture
def speccom(built: Workspace, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(built, capsys)


def test_text_is_of_england_by_fifth_with_the_gradient_in_a_sentence(speccom: Shell) -> None:
    code, out, _ = speccom("equity")
    rows = [line.split() for line in out.splitlines() if line.startswith(" ENG")]
    assert code == 0
    assert out.startswith(SYNTHETIC)
    assert [row[1] for row in rows] == ["1", "2", "3", "4", "5", "not", "all"]
    assert "slope index" in out
    assert "relative index" in out
    assert "340 of 340 patients (100.0%) are placed" in out


def test_a_board_is_asked_by_its_code(speccom: Shell) -> None:
    _, out, _ = speccom("equity", "--icb", "qwo", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["icb"] for row in rows} == {WEST_YORKSHIRE}
    assert [row["patients"] for row in rows] == ["12", "20", "28", "36", "44", "140"]


def test_csv_and_json_hold_every_area_and_digit(speccom: Shell, built: Workspace) -> None:
    _, out, err = speccom("equity", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    truth = equity(built).fifths.table.to_pylist()
    assert SYNTHETIC in err
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(truth) == 7 + 6 + 6
    assert [Decimal(row["spend"]) for row in rows] == [row["spend"] for row in truth]
    assert float(rows[0]["rate"]) == truth[0]["rate"]
    _, out, _ = speccom("equity", "--by", "board", "--format", "json")
    told = json.loads(out)
    assert told["synthetic"] is True
    assert told["columns"]["relative_index"]["unit"] == "ratio"
    assert list(told["rows"][0]) == list(GRADIENT_COLUMNS)
    assert [row["icb"] for row in told["rows"]][:2] == ["ENG", "ENG"]


def test_boards_begin_with_england_and_the_board_named(speccom: Shell) -> None:
    _, out, _ = speccom("equity", "--by", "board", "--icb", WEST_YORKSHIRE)
    rows = [line.split()[0] for line in out.splitlines() if line.startswith((" ENG", " Q"))]
    assert rows == ["ENG", "ENG", WEST_YORKSHIRE, WEST_YORKSHIRE, NORTH_EAST_LONDON, NORTH_EAST_LONDON]


def test_a_workbook_says_what_each_column_is(speccom: Shell, tmp_path: Path) -> None:
    path = tmp_path / "equity.xlsx"
    code, _, _ = speccom("equity", "--format", "xlsx", "--output", str(path))
    about = [text for row in sheets(path)["About"] for _, text in row]
    assert code == 0
    assert f"rate ({COLUMNS['rate'].unit}): {COLUMNS['rate'].meaning}" in about


@pytest.mark.parametrize(
    "asked",
    [[], ["--picture", "spend"], ["--by", "board"], ["--picture", "boards"], ["--icb", NORTH_EAST_LONDON]],
)
def test_each_picture_is_written(speccom: Shell, asked: list[str]) -> None:
    code, out, _ = speccom("equity", "--format", "svg", *asked)
    assert code == 0
    assert ET.fromstring(out).get("role") == "img"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (["--by", "age"], "'age' is nothing to show equity by"),
        (["--icb", "QHM"], "'QHM' is no board with a row here"),
        (["--format", "svg", "--picture", "funnel"], "'funnel' is no picture of this"),
        (["--lines", "NCBPS99X"], "is no service line"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    speccom: Shell, asked: list[str], refused: str
) -> None:
    code, out, err = speccom("equity", *asked)
    assert code != 0
    assert refused in " ".join((out + err).replace("│", " ").split())


def test_without_lists_a_picture_is_refused_with_what_to_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speccom = Shell(ledger(tmp_path, two_gradients()), capsys)
    code, _, err = speccom("equity", "--format", "svg")
    assert code != 0
    assert "speccom reference import deprivation FILE" in err
    code, out, _ = speccom("equity")
    assert code == 0
    assert "340" in out
    code, out, _ = speccom("equity", "--by", "board")
    assert code == 0
    assert "No rows." in out
