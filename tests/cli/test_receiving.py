"""`speccom receive`, `status` and `reference` as a user meets them: what is printed, and how they end."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.worlds import KEY, file_in, row, text

from speccom.cli import main
from speccom.contracts.identity import KEY_VARIABLE


class Shell:
    """A command line in a workspace of its own."""

    def __init__(self, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._workspace, self._capsys = workspace, capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, and what was printed and said."""
        with pytest.raises(SystemExit) as end:
            main([*map(str, arguments), "--workspace", str(self._workspace)])
        printed = self._capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture
def speccom(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return Shell(tmp_path / "workspace", capsys)


def test_a_received_file_is_told_in_a_line(speccom: Shell, tmp_path: Path) -> None:
    path = file_in(tmp_path, text([row(), row(cost="TBC")]))
    code, out, err = speccom("receive", path)
    assert (code, err) == (0, "")
    assert out == (
        "Receipt 1: plcm.csv, PLCM, 2 rows, £100.00; 1 rows held back, 2 findings (speccom status --workbook 1).\n"
    )
    assert speccom("receive", path) == (0, "plcm.csv was received before, as receipt 1.\n", "")


def test_a_refused_file_ends_with_2_and_a_sentence(speccom: Shell, tmp_path: Path) -> None:
    good, bad = file_in(tmp_path, text([row()]), "good.csv"), file_in(tmp_path, "a,b\n", "bad.csv")
    code, out, err = speccom("receive", bad, good)
    assert code == 2
    assert err.startswith("bad.csv, row 1: has no header row that we know; ")
    assert "Receipt 1: good.csv" in out
    assert "1 files received, 0 received before, 1 refused" in out


def test_a_refusal_in_json_is_where_every_error_is(speccom: Shell, tmp_path: Path) -> None:
    code, out, _ = speccom(
        "receive", file_in(tmp_path, ""), file_in(tmp_path, text([row()]), "b.csv"), "--format", "json"
    )
    found: dict[str, Any] = json.loads(out)
    assert code == 2
    assert (found["error"], found["message"]) == (
        "empty_file",
        "plcm.csv: is empty; export it again and send the whole file.",
    )
    assert [each["name"] for each in found["received"]] == ["b.csv"]
    assert [each["error"] for each in found["refused"]] == ["empty_file"]


def test_files_that_are_no_csv_are_named(speccom: Shell, tmp_path: Path) -> None:
    directory = tmp_path / "files"
    directory.mkdir()
    file_in(directory, text([row()]))
    file_in(directory, b"PK\x03\x04", "plan.xlsx")
    code, _, err = speccom("receive", directory)
    assert code == 0
    assert err.startswith("Not a CSV file, so left alone: ")


def test_the_demonstrations_key_is_warned_of(
    speccom: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    path = file_in(tmp_path, text([row(additional_detail="SYNTHETIC")]), "SYNTHETIC.csv")
    code, _, err = speccom("receive", path)
    assert code == 0
    assert err.startswith("Warning: made-up patients")
    assert "workspace.key" in err
    real = file_in(tmp_path, text([row()]), "real.csv")
    code, _, err = speccom("receive", real)
    assert code == 2
    assert f"set {KEY_VARIABLE}" in err


def test_status_lists_receipts_and_what_superseded_them(speccom: Shell, tmp_path: Path) -> None:
    assert speccom("status")[0] == 2
    for number, months in enumerate((("1", "2"), ("1",), ("2",)), start=1):
        rows = [row(month=month, cost=f"{number}.00") for month in months]
        speccom("receive", file_in(tmp_path, text(rows), f"{number}.csv"))
        states = [each["state"] for each in json.loads(speccom("status", "--format", "json")[1])["receipts"]]
        assert (
            states
            == [
                ["counts"],
                ["partly superseded", "counts"],
                ["superseded", "counts", "counts"],
            ][number - 1]
        )
    code, out, _ = speccom("status")
    assert code == 0
    for words in ("RJ1", "PLCM", "202526", "1-2", "superseded"):
        assert words in out


def test_a_workbook_is_written_for_a_receipt(speccom: Shell, tmp_path: Path) -> None:
    speccom("receive", file_in(tmp_path, text([row(cost="TBC")])))
    code, out, _ = speccom("status", "--workbook", 1)
    assert code == 0
    assert Path(out.removeprefix("Written: ").strip()).is_file()
    code, _, err = speccom("status", "--workbook", 7)
    assert (code, err) == (2, "There is no receipt 7: `speccom status` lists those there are.\n")


def test_lists_are_imported_and_listed(speccom: Shell, tmp_path: Path) -> None:
    path = file_in(tmp_path, "HRG\nLB01A\n", "hrg.csv")
    assert speccom("reference", "import", "hrg", path) == (
        0,
        "Imported 1 healthcare resource groups from hrg.csv.\n",
        "",
    )
    _, out, _ = speccom("reference", "list")
    assert "hrg: healthcare resource groups, 1 from hrg.csv, imported 20" in out
    assert "postcodes: postcodes with their LSOA, not imported" in out
    lists = json.loads(speccom("reference", "list", "--format", "json")[1])["lists"]
    assert [each["kind"] for each in lists] == ["hrg"]
    assert speccom("reference", "import", "hrg", tmp_path / "nowhere.csv")[0] == 2
