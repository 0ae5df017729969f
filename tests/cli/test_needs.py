"""`speccom needs`, `need-areas` and `need-example`: every form that they leave in, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.insight.worlds import BARTS, NORTH_EAST_LONDON, ledger, people

from speccom.cli import main
from speccom.cli.needs import _SHOWN
from speccom.finance.needs.kept import kept_models
from speccom.finance.needs.workshop import SHOWN
from speccom.places.populations import import_population
from speccom.register import Register
from speccom.workspace import Workspace


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


@pytest.fixture
def model(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SPECCOM_HOME", str(tmp_path / "workspace"))
    out, _ = run(capsys, "need-example", str(tmp_path / "example"))
    assert "no area, patient or payment in it is real" in out
    return str(tmp_path / "example" / "model.json")


def test_the_command_knows_every_table_of_the_library() -> None:
    assert tuple(SHOWN) == _SHOWN


def test_tables_leave_as_text_csv_json_and_pictures_marked_synthetic(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, _ = run(capsys, "needs", model)
    assert text.startswith("SYNTHETIC")
    assert "deprivation_score" in text
    assert "Supply, held at its mean over people" in text
    for show in ("coefficients", "index", "residuals", "sensitivity"):
        held, said = run(capsys, "needs", model, "--show", show, "--format", "csv")
        assert said.startswith("SYNTHETIC")
        whole = json.loads(run(capsys, "needs", model, "--show", show, "--format", "json")[0])
        assert whole["synthetic"] is True
        assert len(whole["rows"]) == len(list(csv.DictReader(io.StringIO(held))))
    for show in ("coefficients", "calibration", "residuals", "index"):
        assert run(capsys, "needs", model, "--show", show, "--format", "svg")[0].startswith("<svg")


def test_a_workbook_holds_every_table(model: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    book = tmp_path / "needs.xlsx"
    run(capsys, "needs", model, "--format", "xlsx", "--output", str(book))
    with zipfile.ZipFile(book) as held:
        sheets = [name for name in held.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 1 + len(SHOWN)


def test_a_model_is_kept_where_it_is_asked_for_and_people_weighted_by_need_written(
    model: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    weighted = tmp_path / "weighted.csv"
    run(capsys, "needs", model, "--weighted", str(weighted))
    place = Workspace.locate()
    assert kept_models(place) == []
    _, said = run(capsys, "needs", model, "--keep")
    [kept] = kept_models(place)
    assert f"Kept: {kept.key}, version {kept.version}" in said
    assert kept.weighted.read_bytes() == weighted.read_bytes()


def test_from_the_ledger_the_area_table_and_a_model_to_start_from_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = ledger(tmp_path, people(NORTH_EAST_LONDON, BARTS, range(12), age=40))
    monkeypatch.setenv("SPECCOM_HOME", str(held.root))
    _, said = run(capsys, "need-areas", str(tmp_path / "areas"), leaves=2)
    assert "speccom reference import population" in said
    listed = tmp_path / "people.csv"
    listed.write_text("icb_ods_code,a0_64,a65plus\nQMF,900,100\nQWO,800,200\n", encoding="utf-8")
    import_population(held, Register.load(held), listed)
    out, _ = run(capsys, "need-areas", str(tmp_path / "areas"), "--year", "2025/26")
    assert "2 areas" in out
    rows = list(csv.DictReader((tmp_path / "areas" / "areas.csv").read_text().splitlines()))
    assert [(row["area"], row["patients"], row["cost"]) for row in rows] == [
        ("QMF", "12", "1200.00"),
        ("QWO", "0", "0.00"),
    ]
    _, refused = run(capsys, "needs", str(tmp_path / "areas" / "model.json"), leaves=2)
    assert "areas.csv, deprivation_score: is missing in 2 rows: row 2 (QMF" in refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--show", "everything"], "is no table of this: choose from coefficients"),
        (["--show", "measures", "--format", "svg"], "has no picture: choose --show coefficients"),
        (["--format", "pdf"], "pdf"),
    ],
)
def test_what_is_not_there_is_refused(
    model: str, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    _, refused = run(capsys, "needs", model, *arguments, leaves=2)
    assert said in refused
