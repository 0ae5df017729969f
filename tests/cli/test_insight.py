"""The commands variation, flows and peers: what they print, what they write, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.test_output import sheets
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, two_boards
from tests.ledger.test_commands import Shell

from speccom.cli.output import SYNTHETIC, write_table
from speccom.insight.flows import BALANCE_COLUMNS
from speccom.insight.result import Column, described
from speccom.insight.variation import COLUMNS, variation
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return ledger(tmp_path, two_boards())


@pytest.fixture
def speccom(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(workspace, capsys)


def test_variation_in_text_begins_with_england_and_the_board(speccom: Shell) -> None:
    code, out, _ = speccom("variation", "--icb", "qwo")
    rows = [line.split()[0] for line in out.splitlines() if line.startswith((" ENG", " Q"))]
    assert code == 0
    assert rows[:2] == ["ENG", WEST_YORKSHIRE]
    assert out.startswith(SYNTHETIC)
    assert "no population by age is imported" in out
    assert "standardised" not in out.splitlines()[4]


def test_variation_in_csv_and_json_keeps_every_digit_and_says_what_columns_are(
    speccom: Shell, workspace: Workspace
) -> None:
    _, out, err = speccom("variation", "--format", "csv")
    rows = {row["icb"]: row for row in csv.DictReader(io.StringIO(out))}
    truth = {row["icb"]: row for row in variation(workspace).table.to_pylist()}
    assert SYNTHETIC in err
    assert list(rows["ENG"]) == list(COLUMNS)
    for icb in (NORTH_EAST_LONDON, "ENG"):
        assert float(rows[icb]["access"]) == truth[icb]["access"]
        assert Decimal(rows[icb]["spend"]) == truth[icb]["spend"]
    _, out, _ = speccom("variation", "--format", "json")
    told = json.loads(out)
    assert told["synthetic"] is True
    assert told["columns"]["access"] == {"unit": "patients per 100,000", "meaning": "patients ÷ population"}
    assert {row["icb"]: row["access"] for row in told["rows"]}["ENG"] == truth["ENG"]["access"]


def test_a_workbook_lists_units_and_meanings(speccom: Shell, tmp_path: Path) -> None:
    path = tmp_path / "balances.xlsx"
    code, _, _ = speccom("flows", "--by", "balance", "--format", "xlsx", "--output", str(path))
    assert code == 0
    about = [text for row in sheets(path)["About"] for _, text in row]
    net = BALANCE_COLUMNS["net"]
    assert f"net ({net.unit}): {net.meaning}" in about


@pytest.mark.parametrize("by", ["provider", "board", "balance"])
def test_flows_by_each_way_are_of_the_board_that_is_named(speccom: Shell, by: str) -> None:
    code, out, _ = speccom("flows", "--by", by, "--icb", NORTH_EAST_LONDON, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert rows[0]["icb"] == NORTH_EAST_LONDON
    assert {row["icb"] for row in rows} == {NORTH_EAST_LONDON} or by == "balance"


@pytest.mark.parametrize(
    "asked",
    [
        ["variation"],
        ["flows", "--icb", NORTH_EAST_LONDON],
        ["flows", "--by", "board"],
        ["flows", "--by", "balance"],
        ["flows", "--picture", "map"],
    ],
)
def test_every_picture_stands_alone_and_says_that_it_is_synthetic(
    speccom: Shell, tmp_path: Path, asked: list[str]
) -> None:
    path = tmp_path / "picture.svg"
    code, _, _ = speccom(*asked, "--format", "svg", "--output", str(path))
    picture = ET.fromstring(path.read_text(encoding="utf-8"))
    assert code == 0
    assert picture.get("role") == "img"
    assert "Synthetic data" in "".join(picture.itertext())
    _, out, _ = speccom(*asked, "--format", "svg")
    assert ET.fromstring(out).get("viewBox") == picture.get("viewBox")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["variation", "--lines", "nope"], "is no service line, service, programme or pathway"),
        (["variation", "--year", "1999/00"], "2025/26"),
        (["variation", "--year", "soon"], "is not a financial year"),
        (["variation", "--peers", "moon"], "is no board"),
        (["variation", "--peers", "group:none"], "There is no group"),
        (["variation", "--icb", "QZZ"], "is no board with a row here"),
        (["variation", "--boundaries", "2001-01-01"], "There were no integrated care boards"),
        (["variation", "--format", "pdf"], "is not a format"),
        (["variation", "--picture", "cat"], "is no picture of this"),
        (["variation", "--format", "svg", "--picture", "funnel"], "no population by age is imported"),
        (["flows", "--by", "moon"], "choose from provider, board, balance"),
        (["flows", "--format", "svg", "--picture", "bands"], "name it with --icb"),
        (["peers", "mine", "QZZ"], "is no board"),
        (["peers", "mine"], "is no board"),
        (["peers", "not a name", "QMF"], "cannot be a group"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(speccom: Shell, asked: list[str], said: str) -> None:
    code, _, err = speccom(*asked)
    assert code == 2
    assert said in err


def test_without_a_ledger_every_command_says_how_to_build_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(Workspace(tmp_path / "empty").make(), capsys)
    for command in ("variation", "flows"):
        code, _, err = shell(command)
        assert code == 2
        assert "speccom build" in err


def test_a_group_is_kept_listed_and_held_against(speccom: Shell) -> None:
    assert "No group is kept yet" in speccom("peers")[1]
    assert speccom("peers", "north", "qwo,QF7")[0] == 0
    assert "north: QWO, QF7" in speccom("peers")[1]
    _, out, _ = speccom("variation", "--peers", "group:north", "--format", "json")
    compared = {row["icb"]: row["compared_with"] for row in json.loads(out)["rows"]}
    assert compared[NORTH_EAST_LONDON] == "QWO, QF7"


def test_floats_are_readable_in_text_and_whole_in_files(capsys: pytest.CaptureFixture[str]) -> None:
    import pyarrow as pa

    values = [0.123456789, 12.3456789, 1234567.891, float("nan"), None]
    table = described({"ratio": (Column("ratio", "one by another"), values, pa.float64())})
    write_table(table, "text", None, title="Ratios", synthetic=False)
    out = capsys.readouterr().out
    for shown in ("0.123", "12.35", "1,234,568"):
        assert f" {shown} " in out
    assert "nan" not in out
    write_table(table, "csv", None, title="Ratios", synthetic=False)
    assert "0.123456789" in capsys.readouterr().out
