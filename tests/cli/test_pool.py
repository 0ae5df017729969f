"""`speccom pool`: every form that it leaves in, a year settled, areas of a file, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.finance.pool_worlds import pooled
from tests.ledger.worlds import RENAL

from speccom.cli import main
from speccom.workspace import Workspace

ASKED = ["pool", "--lines", RENAL, "--areas", "QMF,QWO", "--retention", "£1,000", "--simulations", "2000"]
FILE: dict[str, Any] = {
    "name": "Two areas",
    "cost": {"mean": 20000, "variation": 1.5},
    "areas": {
        "N": {"name": "North", "cases": 12, "share": 1},
        "S": {"name": "South", "cases": 40.5, "share": 3},
    },
    "between_years": 0.01,
    "correlation": 0.5,
    "actual": {"N": {"cost": 300000.01, "above": 90000}, "S": {"cost": 700000, "above": 50000.5}},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return pooled(tmp_path_factory.mktemp("pool"))


@pytest.fixture
def home(built: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPECCOM_HOME", str(built.root))
    return built.root


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "areas.json"
    path.write_text(json.dumps(FILE))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("more", [[], ["--show", "outcomes"], ["--settle", "2026/27"]], ids=str)
def test_a_pool_leaves_as_text_csv_and_json_marked_synthetic(
    capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    text, _ = run(capsys, *ASKED, *more)
    assert text.startswith("SYNTHETIC")
    assert "Each area pays the first £1,000 of each patient's cost" in text
    held, said = run(capsys, *ASKED, *more, "--format", "csv")
    assert said.startswith("SYNTHETIC")
    rows = list(csv.DictReader(io.StringIO(held)))
    whole = json.loads(run(capsys, *ASKED, *more, "--format", "json")[0])
    assert whole["synthetic"] is True
    assert len(whole["rows"]) == len(rows) >= 3
    assert "2,000 simulated years, seed 1" in " ".join(whole["notes"])


@pytest.mark.usefixtures("home")
def test_the_settlements_of_a_year_sum_to_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    held, _ = run(capsys, *ASKED, "--settle", "2026/27", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(held)))
    assert [row["area"] for row in rows] == ["QMF", "QWO", "POOL"]
    moved = [Decimal(row["settlement"]) for row in rows]
    assert moved[0] == -moved[1] != 0
    assert moved[2] == 0
    # Of 43 patients five cost £10,000, and of 93 ten: each above £1,000 by £9,000.
    assert [Decimal(row["handed_over"]) for row in rows] == [45_000, 90_000, 135_000]


@pytest.mark.usefixtures("home")
def test_a_workbook_has_a_sheet_for_each_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "pool.xlsx"
    run(capsys, *ASKED, "--settle", "2026/27", "--format", "xlsx", "--output", str(path))
    sheets = [name for name in zipfile.ZipFile(path).namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 4  # what it is, overview, outcomes, settlement


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("picture", ["spread", "tail", "settlement"])
def test_each_picture_leaves_as_svg(capsys: pytest.CaptureFixture[str], picture: str) -> None:
    drawn, _ = run(capsys, *ASKED, "--settle", "2026/27", "--format", "svg", "--picture", picture)
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert "made up" in drawn


@pytest.mark.usefixtures("home")
def test_the_same_seed_gives_the_same_file(capsys: pytest.CaptureFixture[str]) -> None:
    once, again = (run(capsys, *ASKED, "--format", "csv")[0] for _ in range(2))
    assert once == again
    assert run(capsys, *ASKED, "--format", "csv", "--seed", "2")[0] != once


@pytest.mark.usefixtures("home")
def test_a_share_pool_and_a_retention_by_area_are_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    base = ["pool", "--lines", RENAL, "--areas", "QMF,QWO", "--simulations", "1000"]
    text, _ = run(
        capsys, *base, "--kind", "share", "--part", "50%", "--weights", "population", "--years", "2025/26"
    )
    assert "pay 50.0% of every pound of these services together, by their populations" in text
    assert "expected to move money" in text
    text, _ = run(capsys, *base, "--by", "area", "--retention", "110%")
    assert "up to 110.0% of what it expects" in text
    text, _ = run(capsys, *base[:4], "QMF", *base[5:], "--retention", "5000")
    assert "A pool of one area equals going alone" in text


def test_areas_of_a_file_are_pooled_without_a_ledger(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    options = ["--retention", "50000", "--weights", "given", "--simulations", "1000", "--format", "csv"]
    held, said = run(capsys, "pool", str(file), *options)
    assert not said
    rows = list(csv.DictReader(io.StringIO(held)))
    # South is given three parts of four of the 140,000.50 that both handed over.
    assert [row["pays"] for row in rows] == ["35000.13", "105000.37", "140000.50"]
    assert [row["settlement"] for row in rows] == ["54999.87", "-54999.87", "0.00"]
    text, _ = run(capsys, "pool", str(file), *options[:-2], "--show", "overview")
    assert "Two areas" in text
    assert "of which 50% is common" in text


def test_a_file_comes_from_the_standard_input_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(FILE)))
    text, _ = run(capsys, "pool", "-", "--kind", "share", "--simulations", "1000", "--show", "overview")
    assert "South" in text


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--retention", "-5"], "The retention is -5: give zero or more"),
        (["--retention", "much"], "--retention is 'much': give a number"),
        (["--retention", "110%"], "only one for each area can be a share"),
        (["--areas", "QZZ"], "'QZZ' names no board"),
        (["--kind", "hope"], "--kind is 'hope': choose from excess, share"),
        (["--by", "day"], "--by is 'day'"),
        (["--weights", "given"], "of shares in a file"),
        (["--correlation", "2"], "The correlation is 2.0"),
        (["--between-years", "-1"], "variance between years is -1.0"),
        (["--settle", "2023/24"], "Nothing is held of years before 2023/24"),
        (["--settle", "2031/32"], "holds nothing of 2031/32"),
        (["--simulations", "3"], "3 simulations were asked for"),
        (["--show", "settlement"], "No year was settled"),
        (["--lines", "NCBPS06A"], "has 0 patient-years"),
        (["--picture", "cake"], "--picture is 'cake'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_the_numbers_that_clash(
    capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    out, error = run(capsys, *ASKED, *more, leaves=2)
    assert said in error
    assert not out


def test_a_question_without_lines_or_with_both_is_refused(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    assert "Name the lines" in run(capsys, "pool", "--retention", "5", leaves=2)[1]
    assert "needs --retention" in run(capsys, "pool", str(file), leaves=2)[1]
    both = run(capsys, "pool", str(file), "--lines", RENAL, "--retention", "5", leaves=2)[1]
    assert "are of a ledger" in both


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"areas": {}}, "has no areas"),
        ({"areas": {"N": {"cost": FILE["cost"]}}}, "areas, N has no cases, or a blank one"),
        ({"areas": {"N": {"cases": ""}}}, "areas, N has no cases, or a blank one"),
        ({"areas": {"N": {"cases": 0}}}, "expects 0.0 cases a year"),
        ({"areas": {"N": {"cases": "ten"}}}, 'areas, N, cases is "ten": it must be a number'),
        ({"areas": {"N": {"cases": 5, "patients": 5}}}, "areas, N has 'patients', not known"),
        ({"areas": {" ": {"cases": 5}}}, "an area without a code"),
        ({"cost": None}, "and the file has none for all"),
        ({"cost": {"mean": 5}}, "cost has mean: give mean and variation"),
        ({"cost": {"mean": -5, "variation": 1}}, "cost: A case cannot cost -5.0"),
        ({"cost": {"probabilities": [0, 0.9], "values": [1, 2]}}, "must rise from 0 to 1"),
        ({"cost": {"costs": [5]}}, "cannot be told from 1 of them"),
        ({"between_years": -1}, "variance between years is -1.0"),
        ({"between_years": None}, "between_years is null"),
        ({"actual": {"N": {"cost": 5, "above": 1}}}, "no actual cost of S"),
        ({"colour": "blue"}, "has 'colour', not known"),
    ],
    ids=str,
)
def test_a_slip_in_a_file_is_refused_by_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = tmp_path / "slip.json"
    path.write_text(json.dumps({**FILE, **change}))
    assert said in run(capsys, "pool", str(path), "--retention", "5", "--simulations", "1000", leaves=2)[1]


def test_what_is_no_json_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "slip.json"
    for text, said in (
        ("{", "not JSON"),
        ("[]", "The file is []"),
        ('{"areas": {"A": {"cases": NaN}}}', "says NaN"),
        ('{"areas": {}, "areas": {}}', "'areas' is there twice"),
    ):
        path.write_text(text)
        assert said in run(capsys, "pool", str(path), "--retention", "5", leaves=2)[1]
    assert "cannot be read" in run(capsys, "pool", str(tmp_path / "none"), "--retention", "5", leaves=2)[1]
