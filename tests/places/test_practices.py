"""Practice lists in the layout of the Organisation Data Service: what is kept, left out and refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from speccom.cli import main
from speccom.places.practices import Practice, PracticeListError, import_practices, practices
from speccom.register import Register
from speccom.workspace import Workspace

REGISTER = Register.load()


def row(
    code: str,
    area: str = "05W",
    *,
    status: str = "A",
    closed: str = "",
    setting: str = "4",
    name: str = "THE SURGERY",
) -> list[str]:
    """One row of `epraccur`: 27 columns, those that are not read left empty."""
    cells = [""] * 27
    cells[0], cells[1], cells[9], cells[11], cells[12] = code, name, "ST1 1AA", closed, status
    cells[14], cells[25] = area, setting
    return cells


def written(path: Path, *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_open_practices_of_known_areas_are_kept_and_the_rest_is_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = written(
        tmp_path / "epraccur.csv",
        row("M83001", name="ORCHARD SURGERY"),
        row("M83002", status="C"),
        row("M83003", closed="20200331"),
        row("Y00001", setting="9"),
        row("W91001", "7A3"),
    )
    taken = import_practices(workspace, REGISTER, path)
    assert (taken.practices, taken.closed, taken.not_practices, taken.elsewhere) == (1, 2, 1, 1)
    assert practices(workspace).by_code == {"M83001": Practice("M83001", "ORCHARD SURGERY", "ST1 1AA", "05W")}


def test_a_new_list_takes_the_place_of_the_old(workspace: Workspace, tmp_path: Path) -> None:
    assert not practices(workspace).by_code
    import_practices(workspace, REGISTER, written(tmp_path / "a.csv", row("M83001")))
    assert practices(workspace) is practices(workspace)
    import_practices(workspace, REGISTER, written(tmp_path / "b.csv", row("M83002")))
    assert list(practices(workspace).by_code) == ["M83002"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["code", "name"]], "row 1: 2 columns where epraccur has 27"),
        ([row("Organisation Code")], "row 1, column 1"),
        ([row("M83001"), row("M8")], "row 2, column 1: 'M8'"),
        ([row("M83001", "XXX")], "no open GP practice"),
        ([], "no open GP practice"),
    ],
)
def test_what_is_not_that_layout_is_refused_by_row(
    workspace: Workspace, tmp_path: Path, rows: list[list[str]], said: str
) -> None:
    with pytest.raises(PracticeListError, match=said):
        import_practices(workspace, REGISTER, written(tmp_path / "wrong.csv", *rows))
    assert not practices(workspace).by_code


def test_a_file_that_is_no_text_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(PracticeListError, match="not a CSV file in UTF-8"):
        import_practices(workspace, REGISTER, path)


def test_the_command_says_what_it_took_in(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "epraccur.csv", row("M83001"))
    with pytest.raises(SystemExit) as left:
        main(["reference", "import", "practices", str(path), "--workspace", str(workspace.root)])
    assert left.value.code == 0
    assert "Imported 1 open GP practices from epraccur.csv" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main(["reference", "import", "surgeries", str(path), "--workspace", str(workspace.root)])
    assert left.value.code == 2
    assert "practices, boundaries" in capsys.readouterr().err
