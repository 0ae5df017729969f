"""`speccom verify statistics`: what it prints, how it ends, and what it writes."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from speccom.cli import main

HEADER = "id,function,inputs_json,measure,expected,rel_tolerance"
RIGHT = 'A1,byars_lower,"{""x"":65}",lower,50.163187710459454,1e-8'
WRONG = 'A2,byars_upper,"{""x"":65}",upper,99,1e-8'
UNKNOWN = "A3,magic,{},lower,1,1e-8"

Speccom = Callable[..., tuple[int, str, str]]


@pytest.fixture
def speccom(capsys: pytest.CaptureFixture[str]) -> Speccom:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["verify", "statistics", *map(str, arguments)])
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, said.out, said.err

    return run


def file_of(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "vectors.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_it_ends_with_nought_when_every_row_agrees(speccom: Speccom, tmp_path: Path) -> None:
    code, out, _ = speccom(file_of(tmp_path, RIGHT), "--output", tmp_path / "out.csv")
    assert (code, out) == (0, "1 of 1 rows agree.\n")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert float(row["computed"]) == pytest.approx(50.163187710459454, rel=1e-12)


def test_it_lists_what_differs_and_what_is_not_known_and_ends_with_one(
    speccom: Speccom, tmp_path: Path
) -> None:
    code, out, _ = speccom(file_of(tmp_path, RIGHT, WRONG, UNKNOWN))
    assert code == 1
    assert out.startswith("1 of 3 rows agree.")
    assert "row 2, A2, byars_upper, upper: expected 99, computed 82.849" in out
    assert "row 3, A3, magic, lower: the function 'magic' is not known" in out


def test_values_met_only_to_their_decimal_places_agree_and_are_listed(
    speccom: Speccom, tmp_path: Path
) -> None:
    code, out, _ = speccom(file_of(tmp_path, 'A4,byars_lower,"{""x"":1}",lower,0.0130721,1e-7'))
    assert code == 0
    assert out.startswith("1 of 1 rows agree.\nAgrees to its decimal places: 1\n  row 1, A4")


def test_a_program_reads_the_same_as_json(speccom: Speccom, tmp_path: Path) -> None:
    code, out, _ = speccom(file_of(tmp_path, RIGHT, WRONG, UNKNOWN), "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert (told["rows"], told["agrees"], told["differs"], told["not_computed"]) == (3, 1, 1, 1)
    assert [each["id"] for each in told["problems"]] == ["A2", "A3"]


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["A1,byars_lower,{x:1},lower,1,1e-8"], HEADER, "Row 1 (A1): inputs_json is not JSON"),
        ([], "id,expected", "lacks the columns function, inputs_json, measure, rel_tolerance"),
    ],
)
def test_a_bad_file_ends_with_two_and_one_sentence(
    speccom: Speccom, tmp_path: Path, rows: list[str], header: str, said: str
) -> None:
    code, out, err = speccom(file_of(tmp_path, *rows, header=header), "--format", "json")
    assert code == 2
    assert said in err
    assert json.loads(out) == {"error": "vectors", "message": err.strip()}


def test_a_file_that_is_not_there_or_cannot_be_written_ends_with_two(
    speccom: Speccom, tmp_path: Path
) -> None:
    assert speccom(tmp_path / "none.csv")[0] == 2
    code, _, err = speccom(file_of(tmp_path, RIGHT), "--output", tmp_path / "no" / "folder.csv")
    assert code == 2 and "cannot be written" in err
    assert speccom(file_of(tmp_path, RIGHT), "--format", "yaml")[0] == 2
