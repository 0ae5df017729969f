"""Whatever is wrong in a file of finance is refused in words that name it, and nothing ends in a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.finance.scenario_worlds import BASE, MERGE, text_of

from speccom.cli import main
from speccom.errors import SpeccomError
from speccom.finance.allocation_file import parse_request
from speccom.finance.pace import allocate
from speccom.finance.pool_file import parse_pool
from speccom.finance.pool_results import pool
from speccom.finance.pools import Arrangement
from speccom.finance.scenarios import parse

ALLOCATION: dict[str, Any] = {
    "baseline": {"E1": 100_000_000, "E2": 200_000_000},
    "target_share": {"E1": 0.4, "E2": 0.6},
    "money": 310_000_000,
    "parameters": {"k": 0.2, "cmax": 0.01, "gmin": 0, "gmax": 0.1, "floor": 0.2, "taper": [0.05, 0.1]},
    "notes": ["made up"],
    "synthetic": True,
}
POOL: dict[str, Any] = {
    "name": "Made up",
    "between_years": 0.01,
    "correlation": 0.5,
    "cost": {"mean": 1000, "variation": 1},
    "areas": {
        "A": {"name": "One", "cases": 10, "population": 1000, "share": 0.5},
        "B": {"cases": 20, "cost": {"probabilities": [0, 0.5, 1], "values": [1, 2, 3]}},
        "C": {"cases": 3, "cost": {"costs": [1, 2, 3]}},
    },
    "actual": {code: {"cost": 10, "above": 1} for code in "ABC"},
}
SCENARIO: dict[str, Any] = BASE | {
    "years": 3,
    "money": {"growth": [0.04, 0.03, 0.03]},
    "pace": ALLOCATION["parameters"],
    "target": {
        "source": "built",
        "year": "2025/26",
        "spend": {"general acute": 0.7, "mental health": 0.3},
        "h": 0.1,
        "market_forces": "without",
    },
    "changes": [
        MERGE,
        {
            "change": "split",
            "board": "QKK",
            "into": {"QAA": 0.5, "QAB": 0.5},
            "members": {"A3A8R": "QAA"},
            "names": {"QAA": "A part"},
            "on": "2026-04-01",
        },
        {"change": "successions", "on": "2026-04-01", "weights": {"QJG": {"D7T5G": 0.35, "T6Y0W": 0.65}}},
        {
            "change": "tier",
            "lines": ["NCBPS01P"],
            "areas": "all",
            "tier": "region",
            "on": "2026-04-01",
            "until": "2027-04-01",
        },
        {"change": "set", "parameter": "k", "value": 0.1, "on": "2027-04-01"},
    ],
}
NEVER = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "1e99999999999999999999",
    "9" * 70,
    '"\\ud800"',
    '"\\u0000"',
]
"""What no value of such a file may be."""
PERHAPS = ["-1", "0", "1e29", "1e-29", "null", "true", '""', '"1"', "[]", "{}", "[null]", "[[]]", '{"a": 1}']
"""What a value may be in one place and not in another."""


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*before, key))


def with_there(whole: Any, place: tuple[Any, ...], text: str) -> str:
    """The JSON text of a value in which another text stands in one place."""
    if not place:
        return text
    copy = json.loads(json.dumps(whole))
    part = copy
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = "here"
    return json.dumps(copy).replace('"here"', text)


def allocated(text: str) -> None:
    asked = parse_request(text)
    allocate(asked.baseline, asked.target_share, asked.money, asked.parameters)


def pooled(text: str) -> None:
    read = parse_pool(text)
    pool(
        read.name,
        read.members,
        Arrangement(retention=Decimal(500)),
        read.chances,
        actual=read.actual,
        settled_of="a year",
        source="a file",
        notes=(),
        simulations=1000,
    )


@pytest.mark.parametrize(
    ("whole", "use"),
    [(ALLOCATION, allocated), (POOL, pooled), (SCENARIO, parse)],
    ids=["allocation", "pool", "scenario"],
)
def test_every_value_of_a_file_is_used_or_refused_in_words(
    whole: dict[str, Any], use: Callable[[str], object]
) -> None:
    use(json.dumps(whole))
    for place in places(whole):
        for text in NEVER:
            with pytest.raises(SpeccomError) as refused:
                use(with_there(whole, place, text))
            assert str(refused.value).encode().endswith(b"."), (place, text)
        for text in PERHAPS:
            try:
                use(with_there(whole, place, text))
            except SpeccomError as error:
                assert len(str(error).encode()) < 1000, (place, text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target_share": {"E1": 0.4, "E2": 0.5}}, ["sum to 0.9", "-0.1 from 1"]),
        ({"baseline": {"E1": -100, "E2": 5}}, ["baseline of E1 is -100"]),
        ({"baseline": {"E1": 100}}, ["E2 has no baseline"]),
        ({"baseline": {"E1": 1, "": 2}}, ["an area without a code"]),
        ({"baseline": {"E1": 1, "e1 ": 2}}, ["'E1' as 1 and 'e1 ' as 2", "keep one"]),
        ({"money": 310000000.001}, ["310000000.001", "whole pennies"]),
        ({"money": "310"}, ["money", "is a text"]),
        ({"parameters": {"gmin": 0.5}}, ["£450,000,000.00", "£140,000,000.00 more", "£310,000,000.00"]),
        ({"parameters": {"gmax": 1001}}, ["gmax is 1001", "from -1 to 1000"]),
        ({"parameters": {"speed": 1}}, ["'speed'", "not known"]),
    ],
    ids=str,
)
def test_what_clashes_in_an_allocation_is_named_with_its_numbers(
    change: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(SpeccomError) as refused:
        allocated(json.dumps(ALLOCATION | change))
    assert all(each in str(refused.value) for each in said), str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"areas": {"A": {"cases": -1}}}, "expects -1.0 cases a year"),
        ({"areas": {"A": {"cases": 2e9}}}, "expects 2e+09 cases a year of £1000 each"),
        ({"areas": {"A": {"cases": 9}}, "cost": {"mean": 1e29, "variation": 1}}, "of £1e+29 each"),
        ({"between_years": 101}, "variance between years is 101.0: give zero or more, up to 100"),
        ({"correlation": 7}, "correlation is 7.0"),
        ({"name": ["a"]}, 'name is ["a"]: it must be a text'),
        ({"actual": {"A": {"cost": 5, "above": 9}}}, "actual, A: above is 9 of a cost of 5"),
        ({"actual": []}, "actual is []: it must be an object"),
    ],
    ids=str,
)
def test_what_clashes_in_a_pool_is_named_with_its_numbers(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SpeccomError) as refused:
        pooled(json.dumps(POOL | change))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (text_of(speccom_scenario=True), "speccom_scenario is true"),
        (text_of({**MERGE, "change": ["merge"]}), 'change is ["merge"]'),
        (text_of(target={"source": {"core": 1}}), "source is"),
        (
            text_of(
                {
                    "change": "split",
                    "board": "QKK",
                    "into": {"QAA": 0.5, "qaa": 0.2, "QAB": 0.5},
                    "on": "2026-04-01",
                }
            ),
            "QAA twice, as 0.5 and as 0.2",
        ),
        (text_of(pace={}), "pace has no k, and there is no default"),
        (text_of({**MERGE, "name": "A\u0007"}), "characters that cannot be printed"),
    ],
)
def test_a_slip_in_a_scenario_is_refused_and_never_guessed(text: str, said: str) -> None:
    with pytest.raises(SpeccomError) as refused:
        parse(text)
    assert said in str(refused.value)


@pytest.mark.parametrize("retention", ["nan", "snan", "inf", "1e400", "-1", "1e30%", "ten"])
def test_a_retention_on_the_command_line_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, retention: str
) -> None:
    path = tmp_path / "pool.json"
    path.write_text(json.dumps(POOL))
    with pytest.raises(SystemExit) as left:
        main(["pool", str(path), f"--retention={retention}", "--by", "area", "--simulations", "1000"])
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert "retention is" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [["allocate"], ["pool", "--retention", "5"], ["scenario"], ["needs"]])
@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00{", b"", b"[" * 100_000, b"\x00" * 50, b'{"a": 1, "a": 2}']
)
def test_what_is_no_file_of_this_kind_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str], content: bytes
) -> None:
    path = tmp_path / "asked.json"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as left:
        main([command[0], str(path), *command[1:]])
    assert left.value.code == 2
    assert capsys.readouterr().err.strip()
