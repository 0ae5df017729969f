"""`speccom scenario`: every form that it leaves in, what it keeps, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of, text_of
from tests.insight.worlds import ledger

from speccom.cli import main

SHOWN = ("areas", "pots", "volatility", "changes")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ledger(tmp_path_factory.mktemp("scenario"), a_year()).root


@pytest.fixture
def home(held: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPECCOM_HOME", str(held))
    return held


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.json"
    path.write_text(text_of(DELEGATE, MERGE, pace={"k": 0.1}, years=2), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(["scenario", *arguments])
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("show", SHOWN)
def test_each_leaves_as_text_csv_and_json_marked_synthetic(
    capsys: pytest.CaptureFixture[str], file: Path, show: str
) -> None:
    asked = (str(file), "--show", show)
    text, _ = run(capsys, *asked)
    assert text.startswith("SYNTHETIC")
    told, said = run(capsys, *asked, "--format", "csv")
    assert said.startswith("SYNTHETIC")
    whole = json.loads(run(capsys, *asked, "--format", "json")[0])
    assert whole["synthetic"] is True
    assert len(whole["rows"]) == len(list(csv.DictReader(io.StringIO(told)))) > 0
    assert any("Scenario " in note for note in whole["notes"])


@pytest.mark.usefixtures("home")
def test_pounds_leave_exactly(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(capsys, str(file), "--format", "csv")[0])))
    assert {row["area"] for row in rows} == {"XXN"}
    assert [Decimal(row["allocation"]) for row in rows] == [3516, 3516]
    assert [Decimal(row["came"]) for row in rows] == [1116, 1116]
    pots = list(csv.DictReader(io.StringIO(run(capsys, str(file), "--show", "pots", "--format", "csv")[0])))
    assert sum(Decimal(row["before"]) for row in pots) == sum(Decimal(row["after"]) for row in pots) == 3600


@pytest.mark.usefixtures("home")
def test_a_workbook_and_pictures_are_written_where_they_are_wanted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(
        text_of(
            {"change": "set", "parameter": "k", "value": 1, "on": "2026-04-01"},
            DELEGATE,
        ),
        encoding="utf-8",
    )
    run(capsys, str(path), "--format", "xlsx", "--output", str(tmp_path / "out.xlsx"))
    assert zipfile.is_zipfile(tmp_path / "out.xlsx")
    for show in ("areas", "volatility"):
        drawn = run(capsys, str(path), "--show", show, "--format", "svg")[0]
        assert ET.fromstring(drawn).tag.endswith("svg")
    other = tmp_path / "other.json"
    other.write_text(text_of(pace={"k": 0.2}), encoding="utf-8")
    drawn = run(capsys, str(path), "--compare", str(other), "--format", "svg")[0]
    assert "Distance from target in both" in drawn


@pytest.mark.usefixtures("home")
def test_two_stand_side_by_side(capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(text_of(MERGE, years=2), encoding="utf-8")
    whole = json.loads(run(capsys, str(file), "--compare", str(other), "--format", "json")[0])
    assert [row["difference"] for row in whole["rows"]] == ["1116.00", "1116.00"]
    assert any("Only here: Delegate NCBPS06A" in note for note in whole["notes"])


def test_what_is_saved_is_found_by_its_hash_and_told_as_its_file(
    home: Path, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    told, said = run(capsys, str(file), "--save", "--show", "file")
    wanted = scenario_of(DELEGATE, MERGE, pace={"k": 0.1}, years=2).hash
    assert f"Kept as {wanted}" in said
    assert (home / "finance" / "scenarios" / f"{wanted}.json").read_text(encoding="utf-8") == told
    assert run(capsys, "--shipped", wanted, "--show", "file")[0] == told


@pytest.mark.usefixtures("home")
def test_what_ships_runs_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(run(capsys, "--shipped", "april-2026-mergers", "--format", "json")[0])
    assert len(whole["rows"]) == 39
    assert sum(Decimal(row["allocation"]) for row in whole["rows"]) == 2496


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name a scenario"),
        (("FILE", "--shipped", "x"), "and not both"),
        (("--shipped", "nothing"), "There is no scenario 'nothing'"),
        (("FILE", "--show", "luck"), "'luck' is nothing to show"),
        (("FILE", "--show", "pots", "--format", "svg"), "no picture of pots"),
        (("FILE", "--show", "pots", "--compare", "FILE"), "--compare sets areas side by side"),
        (("FILE", "--format", "pdf"), "pdf"),
        (("none.json",), "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], file: Path, arguments: tuple[str, ...], said: str
) -> None:
    _, refused = run(capsys, *(str(file) if each == "FILE" else each for each in arguments), leaves=2)
    assert said in refused


def test_a_workspace_without_a_ledger_says_what_to_do(
    capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    _, refused = run(capsys, str(file), "--workspace", str(tmp_path / "none"), leaves=2)
    assert "speccom" in refused
