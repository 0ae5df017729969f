"""One command goes from files to a report, and says at the end whether everything was accounted for."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from speccom.cli import main
from speccom.contracts import book
from speccom.ledger.manifest import require_manifest
from speccom.workspace import Workspace

LINES = 20_000


def speccom(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small demonstration, run once."""
    place = tmp_path_factory.mktemp("run") / "demonstration"
    assert speccom("run", "--demo", "--lines", str(LINES), "--workspace", str(place)) == 0
    return Workspace(place)


def test_the_demonstration_ends_with_conservation_the_report_and_what_to_ask_next(
    demonstration: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert speccom("run", "--workspace", str(demonstration.root)) == 0
    said = capsys.readouterr()
    assert "SYNTHETIC" in said.out
    assert "Conserved: " in said.out
    assert f"Report: {demonstration.results / 'synthetic-report.html'}" in said.out
    assert "who NCBPS11B QNC --on 2025-05-01" in said.out
    assert "Building the ledger" in said.err


def test_the_report_is_marked_and_whole(demonstration: Workspace) -> None:
    report = (demonstration.results / "synthetic-report.html").read_text(encoding="utf-8")
    assert "SYNTHETIC DATA." in report
    assert "2025/26 months 1 to 6" in report
    assert require_manifest(demonstration).snapshot in report
    assert report.count("<figure>") == 9
    assert len(report.encode()) < 1_500_000


def test_every_result_is_named_synthetic(demonstration: Workspace) -> None:
    names = sorted(path.name for path in demonstration.results.iterdir())
    assert all(name.startswith("synthetic-") for name in names)
    assert "synthetic-positions.xlsx" in names
    assert "synthetic-challenges.csv" in names
    assert "synthetic-position-by-commissioner.csv" in names


def test_every_position_comes_to_the_same_pounds(demonstration: Workspace) -> None:
    totals = set()
    for path in demonstration.results.glob("synthetic-position-by-*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            totals.add(sum(Decimal(row["actual"]) for row in csv.DictReader(handle)))
    assert len(totals) == 1
    assert totals.pop() > 10**10


def test_running_again_receives_nothing_and_makes_no_month_anew(
    demonstration: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = book.read(demonstration)
    ledger = require_manifest(demonstration).months
    assert speccom("run", "--demo", "--lines", str(LINES), "--workspace", str(demonstration.root)) == 0
    assert "made before" in capsys.readouterr().err
    assert book.read(demonstration) == before
    assert require_manifest(demonstration).months == ledger


def test_a_refused_file_is_named_and_the_others_go_on(
    demonstration: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    good = next((demonstration.root / "synthetic").glob("*_PLCM_*.csv"))
    (files / good.name).write_bytes(good.read_bytes())
    (files / "SYNTHETIC_broken.csv").write_bytes(b"not,a,submission\n1,2,3\n")
    place = tmp_path / "workspace"
    assert speccom("run", str(files), "--workspace", str(place)) == 2
    said = capsys.readouterr()
    assert "Conserved: " in said.out
    assert "1 file was refused" in said.err
    assert "SYNTHETIC_broken.csv" in said.err
    assert len(book.read(Workspace(place))) == 1


def test_the_demonstration_keeps_out_of_a_workspace_with_real_files(
    tmp_path: Path, demonstration: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Workspace(tmp_path / "workspace").make()
    line = json.loads(book.path_of(demonstration).read_text(encoding="utf-8").splitlines()[0])
    book.path_of(place).write_text(json.dumps({**line, "synthetic": False}) + "\n", encoding="utf-8")
    assert speccom("run", "--demo", "--workspace", str(place.root)) == 2
    assert "were not made up" in capsys.readouterr().err
    assert not (place.root / "synthetic").exists()


def test_a_run_is_told_one_thing_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert speccom("run", str(tmp_path), "--demo", "--workspace", str(tmp_path / "w")) == 2
    assert "leave out" in capsys.readouterr().err
    assert speccom("run", "--workspace", str(tmp_path / "w")) == 2
    assert not (tmp_path / "w" / "results").exists()
