"""`speccom bases`: every form that it leaves in, exact sums, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.test_bases import small_world
from tests.insight.worlds import ledger
from tests.ledger.worlds import workspace_in

from speccom.cli import main

SHOWN = ("bases", "pots", "transfers", "held")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace = ledger(tmp_path, [*small_world("202223"), *small_world()])
    monkeypatch.setenv("SPECCOM_HOME", str(workspace.root))
    return workspace.root


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(["bases", *arguments])
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


def rows_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(capsys, *arguments, "--format", "csv")[0])))


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("by", ["region", "icb"])
@pytest.mark.parametrize("show", SHOWN)
def test_each_leaves_as_text_csv_and_json_marked_synthetic(
    capsys: pytest.CaptureFixture[str], show: str, by: str
) -> None:
    asked = ("--show", show, "--by", by)
    assert run(capsys, *asked)[0].startswith("SYNTHETIC")
    whole = json.loads(run(capsys, *asked, "--format", "json")[0])
    assert whole["synthetic"] is True
    assert len(whole["rows"]) == len(rows_of(capsys, *asked)) > 1
    assert whole["columns"]
    assert any("2025/26: 1 of 12 months" in note for note in whole["notes"])


@pytest.mark.usefixtures("home")
def test_sums_leave_exact_and_conserved(capsys: pytest.CaptureFixture[str]) -> None:
    spent = sum((row.cost or Decimal(0) for row in small_world()), Decimal(0))
    assert sum(Decimal(row["amount"]) for row in rows_of(capsys, "--show", "held")) == spent
    pots = rows_of(capsys, "--show", "pots")
    assert sum(Decimal(row["host_basis"]) for row in pots) == spent
    assert sum(Decimal(row["transfer"]) for row in rows_of(capsys)) == 0
    steps = rows_of(capsys, "--show", "waterfall", "--area", "y56", "--from", "2022/23")
    assert [row["step"] for row in steps[:2]] == ["host", "change"]
    assert Decimal(steps[-1]["amount"]) == 35


@pytest.mark.usefixtures("home")
def test_one_area_is_told_alone_and_at_its_own_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["area"] for row in rows_of(capsys, "--area", "QMF")] == ["QMF"]
    assert {row["area"] for row in rows_of(capsys, "--show", "pots", "--area", "Y63")} == {"Y63"}
    pairs = rows_of(capsys, "--show", "transfers", "--area", "Y63")
    assert all("Y63" in (row["host"], row["home"]) for row in pairs)


def test_rules_are_told_without_a_ledger(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECCOM_HOME", str(workspace_in(tmp_path).root))
    said, _ = run(capsys, "--show", "rules")
    assert "Retained services" in said
    assert "A guide to specialised commissioning in 2023/24" in said
    assert "speccom build" in run(capsys, leaves=2)[1]


@pytest.mark.usefixtures("home")
def test_a_workbook_is_written_where_it_is_wanted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(capsys, "--format", "xlsx", "--output", str(tmp_path / "bases.xlsx"))
    assert zipfile.is_zipfile(tmp_path / "bases.xlsx")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (("--show", "bases"), "bases-transfers-wide"),
        (("--show", "transfers", "--by", "icb"), "bases-matrix-wide"),
        (("--show", "waterfall", "--area", "QMF"), "bases-waterfall-wide"),
    ],
)
def test_pictures_leave_as_drawings_that_say_what_they_show(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], key: str
) -> None:
    picture = ET.fromstring(run(capsys, *asked, "--format", "svg")[0])
    assert str(picture.get("aria-labelledby")).startswith(f"{key}-title")
    assert "Synthetic data" in "".join(picture.itertext())


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--show", "magic"), "choose from bases, pots, transfers, waterfall, held, rules"),
        (("--by", "county"), "choose from region, icb"),
        (("--show", "waterfall"), "name it with --area"),
        (("--show", "waterfall", "--area", "Y99"), "no region or board"),
        (
            ("--show", "waterfall", "--area", "Y56", "--year", "2022/23", "--from", "2025/26"),
            "from the earlier",
        ),
        (("--from", "2022/23"), "--from is for --show waterfall alone"),
        (("--year", "2019/20"), "choose from 2022/23, 2025/26"),
        (("--area", "QKS"), "'QKS' is no region or board"),
        (("--by", "region", "--area", "QMF"), "has no row here: choose from Y56, Y63"),
        (("--show", "held", "--format", "svg"), "no picture of held"),
        (("--boundaries", "2020-01-01"), "no integrated care boards"),
        (("--format", "pdf"), "choose from text, csv, xlsx, json, svg"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_with_what_can(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], said: str
) -> None:
    assert said in run(capsys, *asked, leaves=2)[1]
