"""The published values: what agrees, what differs and why, and files that cannot be read."""

import csv
import json
from pathlib import Path

import pytest

from speccom.insight.statistics.verify import Checked, VectorsError, Verdict, verify, write

HEADER = "id,function,inputs_json,measure,expected,rel_tolerance"
BYAR = '1,byars_lower,"{""x"":65}",lower,50.163187710459454,1e-8'

PUBLISHED_TO_LESS = {
    "TV196": 1e-7,  # its source found it by bisection in steps of 1e-7, the file says
    "TV331": 5e-9,  # printed to eight decimal places, so to six digits
}
"""Rows whose published value is less exact than their own tolerance asks, with how exact it is."""


def file_of(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "vectors.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def row(function: str, inputs: object, measure: str, expected: str, tolerance: str = "1e-8") -> str:
    quoted = json.dumps(inputs).replace('"', '""')
    return f'1,"{function}","{quoted}",{measure},"{expected}",{tolerance}'


def only(path: Path) -> Checked:
    (checked,) = verify(path).rows
    return checked


def test_the_published_values_are_reproduced_two_of_them_only_as_exactly_as_published(shared: Path) -> None:
    verification = verify(shared / "vectors" / "statistics.csv")
    assert len(verification.rows) > 200
    assert verification.all_agree
    less = {each.row["id"]: each for each in verification.rows if each.verdict != Verdict.AGREES}
    assert set(less) == set(PUBLISHED_TO_LESS)
    for name, exact_to in PUBLISHED_TO_LESS.items():
        expected = float(less[name].row["expected"])
        assert float(less[name].computed) == pytest.approx(expected, abs=exact_to, rel=0)


@pytest.mark.parametrize(
    ("function", "inputs", "measure", "expected"),
    [
        ("exact_lower", {"x": 5}, "lower", "1.6234863901184"),
        ("phe_smr", {"area": "a", "inputs": "world.json"}, "value", "1.5"),
        ("phe_isr", {"area": "a", "inputs": "world.json", "multiplier": 1000}, "value", "150"),
        ("phe_dsr", {"area": "a", "inputs": "world.json", "stdpop": "even", "multiplier": 10}, "value", "1.5"),
        ("phe_dsr", {"area": "b", "inputs": "world.json", "stdpop": "even"}, "upper95", "NA"),
        ("assign_funnel_significance(proportion)", {"x": 9, "n": 10, "average_proportion": 0.9}, "class",
         "Not significant"),
        ("ptd_spc_standard", {"y": [1, 2, 1, 2]}, "upl", "4.16"),
        ("ptd_spc_standard", {"y": [1, 2, 5, 6], "rebase": [2]}, "mean", "[1.5, 1.5, 5.5, 5.5]"),
        ("assurance_type", {"lpl": 1, "upl": 3, "target": 2, "improvement": "decrease"}, "assurance",
         "inconsistent"),
        ("seven_point_trend", [3, 2, 1], "flags", "[0,0,0]"),
    ],
)  # fmt: skip
def test_each_function_is_found_by_the_names_that_files_give_it(
    tmp_path: Path, function: str, inputs: object, measure: str, expected: str
) -> None:
    world = {
        "reference": {"count": [10, 10], "population": [100, 100]},
        "areas": {
            "a": {"count": [15, 15], "population": [100, 100]},
            "b": {"count": [4, 5], "population": [100, 100]},
        },
        "even": [1, 1],
    }
    (tmp_path / "world.json").write_text(json.dumps(world), encoding="utf-8")
    tolerance = "1e-8" if expected[:1].isdigit() or expected[:2] == "[1" else "exact"
    checked = only(file_of(tmp_path, row(function, inputs, measure, expected, tolerance)))
    assert checked.verdict == Verdict.AGREES, checked.reason


@pytest.mark.parametrize(
    ("function", "inputs", "measure", "why"),
    [
        ("magic", {}, "lower", "the function 'magic' is not known"),
        ("byars_lower", {"x": 5}, "middle", "the measure 'middle' of 'byars_lower' is not known"),
        ("byars_lower", {"n": 5}, "lower", "the input 'x' is missing"),
        ("byars_lower", [5], "lower", "the inputs must be an object with 'x'"),
        ("byars_lower", {"x": -5}, "lower", "x must not be below 0: found -5."),
        ("phe_rate", {"x": 5, "n": 9, "multiplier": "ten"}, "value", "multiplier must be numbers"),
        ("ptd_spc_standard", {"y": [1, 2], "fix_after_n_points": "x"}, "mean", "the inputs cannot be used"),
        ("calculate_dsr", {"area": "a", "stdpop": "s"}, "value", "the input 'inputs', which names a file"),
    ],
)
def test_a_row_that_cannot_be_computed_is_left_blank_and_says_why(
    tmp_path: Path, function: str, inputs: object, measure: str, why: str
) -> None:
    checked = only(file_of(tmp_path, row(function, inputs, measure, "1")))
    assert (checked.verdict, checked.computed) == (Verdict.NOT_COMPUTED, "")
    assert why in checked.reason


def test_a_value_outside_its_tolerance_differs_and_both_are_said(tmp_path: Path) -> None:
    checked = only(file_of(tmp_path, row("byars_lower", {"x": 65}, "lower", "50.17", "1e-4")))
    assert checked.verdict == Verdict.DIFFERS
    assert checked.reason == f"expected 50.17, computed {checked.computed}"
    assert only(file_of(tmp_path, row("byars_lower", {"x": 65}, "lower", "50.17", "2e-4"))).reason == ""


def test_a_value_below_one_may_agree_to_its_decimal_places_and_is_told_apart(tmp_path: Path) -> None:
    near = only(file_of(tmp_path, row("byars_lower", {"x": 1}, "lower", "0.0130721", "1e-7")))
    assert near.verdict == Verdict.AGREES_IN_PLACES
    assert "0.0130721, computed 0.01307213" in near.reason
    assert only(file_of(tmp_path, row("byars_lower", {"x": 1}, "lower", "0.01308", "1e-7"))).verdict == (
        Verdict.DIFFERS
    )


def test_what_is_written_is_the_file_as_it_came_with_what_was_computed(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, f'{BYAR},"kept, with ""quotes"""', '2,magic,{},lower,1,1e-8,""', header=HEADER + ",note"
    )
    write(verify(path), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        first, second = csv.DictReader(handle)
    assert list(first) == [*HEADER.split(","), "note", "computed"]
    assert first["note"] == 'kept, with "quotes"' and first["inputs_json"] == '{"x":65}'
    assert float(first["computed"]) == pytest.approx(50.163187710459454, rel=1e-12)
    assert second["computed"] == ""


def test_an_earlier_computed_column_is_replaced_not_doubled(tmp_path: Path) -> None:
    path = file_of(tmp_path, BYAR + ",old", header=HEADER + ",computed")
    write(verify(path), path)
    assert path.read_text(encoding="utf-8").splitlines()[0] == HEADER + ",computed"
    assert "old" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["1,byars_lower,{x:5},lower,1,1e-8"], "Row 1 (1): inputs_json is not JSON"),
        ([BYAR, "2,byars_lower,5,lower,1,1e-8"], "Row 2 (2): inputs_json must be a JSON object or list."),
        (["1,byars_lower,{},lower,1,near"], "Row 1 (1): rel_tolerance 'near' is neither a number nor exact."),
        ([BYAR.replace("50.16", "about 50.16")], "is not a number, and its rel_tolerance is not exact"),
        (["1,byars_lower"], "row 1 has 2 values for 6 columns"),
        ([row("phe_dsr", {"inputs": "no.json"}, "value", "1")], "no.json, which the vectors name, cannot be"),
        ([row("phe_dsr", {"inputs": "../up.json"}, "value", "1")], "must be the plain name of a file"),
        ([row("phe_dsr", {"inputs": "vectors.csv"}, "value", "1")], "which the vectors name, is not JSON"),
        ([row("phe_dsr", {"inputs": 5}, "value", "1")], "inputs 5 must be the plain name of a file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_row(
    tmp_path: Path, rows: list[str], said: str
) -> None:
    with pytest.raises(VectorsError) as refused:
        verify(file_of(tmp_path, *rows))
    assert said in str(refused.value)


def test_a_file_without_the_columns_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="lacks the columns measure, expected"):
        verify(file_of(tmp_path, header="id,function,inputs_json,rel_tolerance"))
    with pytest.raises(VectorsError, match="cannot be read"):
        verify(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(VectorsError, match="not a CSV file in UTF-8"):
        verify(tmp_path / "bytes.csv")
