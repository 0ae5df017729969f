"""A scenario's file: one canonical form, known by its content, and every slip refused with what to do."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.finance.scenario_worlds import BASE, DELEGATE, MERGE, scenario_of, text_of

from speccom.finance.scenarios import ScenarioError, find, kept, parse, read_scenario, save, shipped
from speccom.finance.scenarios.file import Move, Setting
from speccom.finance.scenarios.shipped import MOST_KEPT, directory
from speccom.workspace import Workspace


def test_the_order_of_keys_and_needless_digits_are_no_part_of_what_it_is() -> None:
    one = parse(text_of(DELEGATE, money={"growth": 0.5}))
    backwards = json.dumps(dict(reversed(list(json.loads(text_of(DELEGATE)).items()))))
    two = parse(backwards.replace('"growth": 0', '"growth": 0.500'))
    assert one.hash == two.hash
    assert parse(one.canonical).hash == one.hash
    assert parse(one.canonical) == one
    assert parse(one.canonical).canonical == one.canonical
    assert '"growth": 0.5,' not in one.canonical and '"growth": 0.5\n' in one.canonical
    assert '"years": 1\n' in one.canonical


def test_changes_are_in_the_order_of_their_days() -> None:
    later = DELEGATE | {"on": "2027-04-01", "lines": ["NCBPS01P"]}
    assert scenario_of(later, DELEGATE).hash == scenario_of(DELEGATE, later).hash
    assert [each.on.year for each in scenario_of(later, DELEGATE).changes] == [2026, 2027]


@given(st.decimals("-0.9", 10, places=25), st.decimals(0, 1, places=25), st.integers(1, 10))
def test_a_canonical_form_says_the_same_scenario(growth: Decimal, speed: Decimal, years: int) -> None:
    held = parse(
        json.dumps(BASE | {"years": years, "money": {"growth": 0}, "pace": {"k": 1}})
        .replace('"growth": 0', f'"growth": {growth:f}')
        .replace('"k": 1', f'"k": {speed:f}')
    )
    again = parse(held.canonical)
    assert (again.growth, again.pace.k, again.hash) == ((growth,) * years, speed, held.hash)


def test_anything_else_has_another_hash() -> None:
    held = {
        scenario_of(*changes, **others).hash
        for changes, others in (
            ((), {}),
            ((DELEGATE,), {}),
            ((DELEGATE | {"on": "2026-04-02"},), {}),
            ((), {"name": "Another"}),
            ((), {"money": {"growth": 0.01}}),
            ((), {"years": 2}),
        )
    }
    assert len(held) == 6


def test_a_change_holds_from_its_day_up_to_another() -> None:
    [move] = scenario_of(DELEGATE | {"until": "2026-10-01"}).changes
    assert isinstance(move, Move)
    assert (move.on.isoformat(), str(move.until)) == ("2026-04-01", "2026-10-01")


def test_a_taper_can_be_set_from_a_day() -> None:
    [set_] = scenario_of(
        {"change": "set", "parameter": "taper", "value": [0.05, 0.1], "on": "2027-04-01"}
    ).changes
    assert isinstance(set_, Setting)
    assert set_.value == (Decimal("0.05"), Decimal("0.1"))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"speccom_scenario": 2}, "speccom_scenario is 2"),
    ({"nam": "x"}, "'nam', which is not known"),
    ({"name": ""}, "name is"),
    ({"base_year": "last year"}, "base_year"),
    ({"years": 11}, "years is 11"),
    ({"years": 1.5}, "whole number"),
    ({"money": None}, "money is left blank"),
    ({"money": {}}, "money has nothing"),
    ({"money": {"growth": 0.1, "total": 1}}, "not both"),
    ({"money": {"growth": [0.1, 0.2]}}, "2 numbers for 1 years"),
    ({"money": {"growth": "fast"}}, "must be a number"),
    ({"money": {"total": -1}}, "money, total is -1"),
    ({"pace": {}}, "pace has no k"),
    ({"pace": {"k": None}}, "pace, k is left blank"),
    ({"pace": {"k": 2}}, "k is 2"),
    ({"pace": {"k": 0, "speed": 1}}, "'speed', which is not known"),
    ({"target": {"source": "luck"}}, "target, source is"),
    ({"target": {"source": "core"}}, "target has no year"),
    ({"target": {"source": "core", "year": "2025/26", "h": 0.1}}, "'h', which a source of core does not use"),
    (
        {
            "target": {
                "source": "built",
                "year": "2025/26",
                "spend": {"maternity": 1},
                "market_forces": "without",
            }
        },
        "target has no h, and there is no default",
    ),
    (
        {
            "target": {
                "source": "built",
                "year": "2025/26",
                "spend": {"luck": 1},
                "h": 0,
                "market_forces": "without",
            }
        },
        "'luck'",
    ),
    ({"target": {"source": "given", "shares": {}}}, "target, shares is {}"),
    ({"changes": [{"change": "wish", "on": "2026-04-01"}]}, 'change is "wish"'),
    ({"changes": [DELEGATE | {"on": "soon"}]}, "changes, 1, on"),
    ({"changes": [DELEGATE | {"until": "2026-04-01"}]}, "ends after the day that it begins on"),
    ({"changes": [DELEGATE | {"lines": []}]}, "changes, 1, lines is empty"),
    ({"changes": [DELEGATE | {"areas": ["somewhere else"]}]}, "code of an area"),
    ({"changes": [DELEGATE | {"change": "tier", "tier": "moon"}]}, 'tier is "moon"'),
    ({"changes": [MERGE | {"boards": ["QKK"], "into": "QKK"}]}, "two at least"),
    ({"changes": [MERGE | {"until": "2027-04-01"}]}, "'until', which is not known"),
    (
        {
            "changes": [
                {"change": "split", "board": "QKK", "into": {"QX1": 0.5, "QX2": 0.4}, "on": "2026-04-01"}
            ]
        },
        "sum to 0.9",
    ),
    (
        {"changes": [{"change": "split", "board": "QKK", "into": {"QX1": 1}, "on": "2026-04-01"}]},
        "two at least",
    ),
    (
        {
            "changes": [
                {
                    "change": "split",
                    "board": "QKK",
                    "into": {"QX1": 0.5, "QX2": 0.5},
                    "members": {"72Q": "QX3"},
                    "on": "2026-04-01",
                }
            ]
        },
        "members name QX3",
    ),
    (
        {"changes": [{"change": "set", "parameter": "luck", "value": 1, "on": "2026-04-01"}]},
        'parameter is "luck"',
    ),
    (
        {"changes": [{"change": "set", "parameter": "h", "value": None, "on": "2026-04-01"}]},
        "value is left blank",
    ),
    (
        {"changes": [{"change": "set", "parameter": "h", "on": "2026-04-01"}]},
        "what h is to be is not published",
    ),
]


@pytest.mark.parametrize(("others", "said"), REFUSED)
def test_a_slip_is_refused_with_the_field_and_its_value(others: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse(json.dumps(BASE | others))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "must be an object"),
        ('{"name": 1, "name": 2}', "there twice"),
        ('{"name": NaN}', "no number"),
        ('{"years": 1e99}', "too many digits"),
        ("[" * 60_000, "nested too deep"),
        (" " * 100_001, "refused unread"),
    ],
)
def test_what_is_no_file_of_this_kind_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        parse(text)


def test_what_ships_can_be_read_and_found_by_name_and_by_hash(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert {"april-2026-mergers", "delegate-one-line"} <= set(shipped())
    for name, each in shipped().items():
        assert find(workspace, name) == find(workspace, each.hash) == each


def test_a_scenario_is_kept_once_and_found_again(tmp_path: Path) -> None:
    workspace, held = Workspace(tmp_path), scenario_of(DELEGATE)
    path = save(workspace, held)
    assert save(workspace, held) == path == directory(workspace) / f"{held.hash}.json"
    assert kept(workspace) == [held.hash]
    assert find(workspace, held.hash) == read_scenario(path) == held


def test_a_kept_file_that_was_changed_by_hand_is_refused(tmp_path: Path) -> None:
    workspace, held = Workspace(tmp_path), scenario_of(DELEGATE)
    path = save(workspace, held)
    path.write_text(path.read_text(encoding="utf-8").replace("A test", "No test"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="changed by hand"):
        find(workspace, held.hash)


@pytest.mark.parametrize("wanted", ["nothing", "../../register", "0" * 32, ""])
def test_a_name_that_nothing_has_is_refused_and_leads_to_no_file(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(ScenarioError, match="There is no scenario"):
        find(Workspace(tmp_path), wanted)


def test_a_workspace_keeps_only_so_many(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    directory(workspace).mkdir(parents=True)
    for number in range(MOST_KEPT):
        (directory(workspace) / f"{number:032x}.json").touch()
    with pytest.raises(ScenarioError, match=f"keeps {MOST_KEPT} scenarios"):
        save(workspace, scenario_of())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.json cannot be read"):
        read_scenario(tmp_path / "none.json")
