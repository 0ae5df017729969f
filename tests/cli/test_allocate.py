"""`speccom allocate` and `verify allocations`: the contract of the file, every form, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from speccom.cli import main

WORKED = {
    "baseline": {"E1": 100, "E2": 200, "E3": 300, "E4": 400},
    "target_share": {"E1": 0.09, "E2": 0.21, "E3": 0.29, "E4": 0.41},
    "money": 1050,
    "parameters": {"k": 0.2, "cmax": 0.01},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "asked.json"
    path.write_text(json.dumps(WORKED), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


def refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> str:
    """What is said of a file that is refused, the same to programs as to people."""
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    out, err = run(capsys, "allocate", str(path), "--format", "json", leaves=2)
    assert json.loads(out)["message"] in err
    return err


def changed(**changes: Any) -> str:
    return json.dumps(WORKED | changes)


def test_json_is_alone_on_the_output_and_exactly_as_the_contract_says(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capsys, "allocate", str(file), "--format", "json")
    found = json.loads(out)
    assert err == ""
    assert list(found) == ["g0", "areas"]
    assert round(found["g0"], 7) == 0.049213
    assert found["areas"][0] == {
        "area": "E1",
        "baseline": "100.00",
        "target": "94.50",
        "opening_distance": 0.111111111111,
        "growth": 0.0392,
        "allocation": "103.92",
        "closing_distance": 0.099682539683,
    }
    assert sum(Decimal(each["allocation"]) for each in found["areas"]) == 1050


def test_a_file_may_come_from_the_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(WORKED)))
    out, _ = run(capsys, "allocate", "-", "--format", "json")
    assert json.loads(out)["areas"][1]["allocation"] == "211.75"


def test_parameters_may_be_left_out_or_null(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for parameters in ({}, None, {"k": None, "taper": None, "no_overshoot": False}):
        path = tmp_path / "few.json"
        path.write_text(changed(parameters=parameters), encoding="utf-8")
        out, _ = run(capsys, "allocate", str(path), "--format", "json")
        assert [each["allocation"] for each in json.loads(out)["areas"]] == [
            "105.00",
            "210.00",
            "315.00",
            "420.00",
        ]


def test_several_years_follow_each_other(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(
        capsys, "allocate", str(file), "--years", "3", "--money-growth", "0.03,0.02", "--format", "json"
    )
    years = json.loads(out)["years"]
    assert err == ""
    assert [(each["year"], each["money"]) for each in years] == [
        (1, "1050.00"),
        (2, "1081.50"),
        (3, "1103.13"),
    ]
    assert [each["baseline"] for each in years[1]["areas"]] == [
        each["allocation"] for each in years[0]["areas"]
    ]
    _, err = run(capsys, "allocate", str(file), "--years", "2", "--format", "json")
    assert "The money stays at £1,050.00 in every year" in err


def test_each_form_holds_the_same_pounds(
    file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    held, _ = run(capsys, "allocate", str(file), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(held)))
    assert [row["allocation"] for row in rows] == ["103.92", "211.75", "312.69", "421.64"]
    text, _ = run(capsys, "allocate", str(file))
    assert "312.69" in text and "k = 0.2, cmax = 0.01" in text
    book = tmp_path / "book.xlsx"
    run(capsys, "allocate", str(file), "--format", "xlsx", "--output", str(book))
    assert book.read_bytes()[:2] == b"PK"
    for picture in ("distance", "growth", "path"):
        drawn, _ = run(capsys, "allocate", str(file), "--years", "2", "--format", "svg", "--picture", picture)
        assert ET.fromstring(drawn).tag.endswith("svg")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            changed(target_share={"E1": 0.1, "E2": 0.2, "E3": 0.3, "E4": 0.3}),
            "sum to 0.9, which is -0.1 from 1",
        ),
        (changed(baseline={"E1": -100, "E2": 200, "E3": 300, "E4": 400}), "baseline of E1 is -100"),
        (changed(baseline=dict.fromkeys(WORKED["target_share"], 0)), "baselines of 4 areas sum to 0"),  # type: ignore[call-overload]
        (changed(baseline={"E1": 100, "E2": 200, "E3": 300}), "E4 has no baseline"),
        (changed(baseline={**WORKED["baseline"], "E5": 5}), "E5 has no target share"),  # type: ignore[dict-item]
        (changed(parameters={"gmin": 0.06}), "£1,060.00, which is £10.00 more than the money, £1,050.00"),
        (changed(parameters={"floor": 0, "gmin": 0.05}), "£1,071.00"),
        (changed(parameters={"gmax": 0.04}), "leaves £10.00"),
        (changed(parameters={"gmin": 0.03, "gmax": 0.02}), "gmin is 0.03 and gmax is 0.02"),
        (changed(parameters={"speed": 0.2}), "'speed'"),
        (changed(parameters={"k": 2}), "k is 2"),
        (changed(parameters={"k": "0.2"}), 'parameters, k: "0.2" is a text'),
        (changed(parameters={"k": True}), "parameters, k: true is true or false"),
        (changed(parameters={"taper": [0.1, 0.05]}), "taper is [0.1, 0.05]"),
        (changed(parameters={"taper": 0.1}), "must be a list of two"),
        (changed(parameters={"no_overshoot": 1}), "must be true or false"),
        (changed(parameters=[1]), "parameters is a list"),
        (changed(money="1050"), 'money: "1050" is a text'),
        (changed(money=-1), "money is -1"),
        (changed(money=1050.005), "whole pennies"),
        (changed(years=3), "'years', which is not known"),
        (changed(baseline=[100]), "baseline is a list"),
        (changed(baseline={"": 100}), "an area without a code"),
        (json.dumps({"baseline": {}, "target_share": {}}), "has no money"),
        (changed(baseline={}, target_share={}), "There is no area"),
        ('{"baseline": {"E1": 1, "E1": 2}, "target_share": {"E1": 1}, "money": 1}', "'E1' is there twice"),
        ('{"baseline": {"E1": NaN}, "target_share": {"E1": 1}, "money": 1}', "NaN"),
        ('{"baseline": {"E1": -Infinity}, "target_share": {"E1": 1}, "money": 1}', "-Infinity"),
        ('{"baseline": {"E1": 1e999}, "target_share": {"E1": 1}, "money": 1}', "too many digits"),
        ("[]", "holds a list"),
        ("7", "holds a number"),
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_cannot_be_is_refused_with_what_clashes(
    text: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said in refused(capsys, tmp_path, text)


def test_a_file_that_is_not_there_or_no_text_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, err = run(capsys, "allocate", str(tmp_path / "none.json"), leaves=2)
    assert "cannot be read" in err
    (tmp_path / "latin.json").write_bytes(b'{"baseline": "\xff"}')
    _, err = run(capsys, "allocate", str(tmp_path / "latin.json"), leaves=2)
    assert "UTF-8" in err


@pytest.mark.parametrize(
    "options",
    [
        ["--years", "0"],
        ["--years", "31"],
        ["--years", "3", "--money-growth", "0.1,0.1,0.1"],
        ["--years", "2", "--money-growth", "much"],
        ["--format", "pdf"],
        ["--picture", "map"],
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_are_refused(
    options: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, err = run(capsys, "allocate", str(file), *options, leaves=2)
    assert err.strip()


def test_published_figures_are_verified(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capsys, "verify", "allocations")
    assert out.startswith("30 of 30 published figures agree")
    found = json.loads(run(capsys, "verify", "allocations", "--format", "json")[0])
    assert found["agree"] == found["rows"] == len(found["compared"])
    assert all(each["source"].startswith("https://") for each in found["compared"])


def test_a_decimal_is_read_digit_by_digit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "exact.json"
    path.write_text(
        '{"baseline": {"A": 9007199254740.93, "B": 9007199254740.93}, '
        '"target_share": {"A": 0.5, "B": 0.5}, "money": 18014398509481.87}',
        encoding="utf-8",
    )
    out, _ = run(capsys, "allocate", str(path), "--format", "json")
    areas = json.loads(out)["areas"]
    assert areas[0]["baseline"] == "9007199254740.93"
    assert [each["allocation"] for each in areas] == ["9007199254740.94", "9007199254740.93"]
