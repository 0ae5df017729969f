"""Decisions as facts: what they change, what they may not leave behind, and that they are whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from speccom.register import Register, decided
from speccom.register.decided import Decision, DecisionError, adopt, preview
from speccom.workspace import Workspace

SHIPPED = Register.load()
RENAL, STAFFORDSHIRE = "NCBPS11B", "QNC"


def deciding(*effects: dict[str, object], reference: str = "W2027-01", made: str = "2026-12-01") -> Decision:
    return decided.from_record(
        {
            "decision_id": reference,
            "title": "A decision made up for a test",
            "body": "A board of a test",
            "made_on": made,
            "effects": list(effects),
        }
    )


BACK = {"kind": "arrange", "regions": ["Y60"], "arrangement": "national", "from": "2027-04-01"}


def test_an_adopted_arrangement_holds_from_its_day_and_for_those_who_knew(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    register = Register.load(workspace)
    answers = [
        register.who_commissions(RENAL, STAFFORDSHIRE, *asked).arrangement
        for asked in (
            (date(2027, 3, 31),),
            (date(2027, 4, 1),),
            (date(2027, 4, 1), date(2026, 11, 30)),
            (date(2027, 4, 1), date(2026, 12, 1)),
        )
    ]
    assert answers == ["delegated", "national", "delegated", "national"]


def test_an_answer_names_the_adopted_decision(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    register = Register.load(workspace)
    answer = register.who_commissions(RENAL, STAFFORDSHIRE, date(2027, 4, 1))
    arrangement = next(step for step in answer.steps if step.attribute == "arrangement")
    decision = register.decided_by(arrangement)
    assert decision is not None
    assert (decision.decision_id, decision.made_by) == ("W2027-01", "A board of a test")
    assert register.explain(answer)["sources"]


def test_a_preview_counts_the_answers_that_would_differ_and_adopts_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).make()
    found = preview(Register.load(workspace), deciding(BACK))
    midlands = [area for area in SHIPPED.areas(date(2027, 4, 1)).values() if area.region == "Y60"]
    lines = [
        code
        for code in SHIPPED.lines
        if SHIPPED.line_status(code, date(2027, 4, 1)) not in (None, "NOT APPLICABLE")
    ]
    assert found.cells == len(midlands) * len(lines)
    assert found.days == (date(2027, 4, 1),)
    green = {row["before"] for row in found.answers.to_pylist() if row["part"] == "arrangement"}
    assert green == {"delegated", "retained"}
    assert Register.load(workspace).snapshot == SHIPPED.snapshot


def test_a_merger_moves_locations_and_a_split_leaves_those_that_nobody_named(tmp_path: Path) -> None:
    workspace, on = Workspace(tmp_path), date(2027, 4, 1)
    adopt(
        workspace,
        deciding(
            {
                "kind": "establish",
                "board": "W1W1W",
                "name": "A new board",
                "region": "Y60",
                "from": "2027-04-01",
            },
            {"kind": "succeed", "board": "QNC", "whole": "W1W1W", "on": "2027-04-01"},
            {"kind": "succeed", "board": "QOC", "parts": ["W1W1W", "QGH"], "on": "2027-04-01"},
        ),
    )
    register = Register.load(workspace)
    assert register.board_on("QNC", on) == "W1W1W"
    assert "QNC" in register.areas(date(2027, 3, 31)) and "QNC" not in register.areas(on)
    moved = [
        area.code for area in register.areas(on).values() if area.icb == "W1W1W" and area.kind == "sub_icb"
    ]
    assert moved == [
        area.code for area in SHIPPED.areas(on).values() if area.icb == "QNC" and area.kind == "sub_icb"
    ]
    assert register.board_on("QOC", on) is None
    assert [finding.check for finding in register.check() if not finding.holds] == []


def test_a_status_changes_on_its_day(tmp_path: Path) -> None:
    workspace, line = Workspace(tmp_path), "NCBPS06A"
    effect = {"kind": "status", "lines": [line], "status": "GREEN", "from": "2027-04-01"}
    adopt(workspace, deciding(effect))
    register = Register.load(workspace)
    assert [register.line_status(line, date(2027, month, 1)) for month in (3, 4)] == [
        SHIPPED.line_status(line, date(2027, 3, 1)),
        "GREEN",
    ]


def test_a_later_decision_amends_an_earlier_one_and_both_stay_on_record(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    again = {**BACK, "arrangement": "delegated"}
    adopt(workspace, deciding(again, reference="W2027-02", made="2027-01-15"))
    register = Register.load(workspace)
    day = date(2027, 4, 1)
    assert register.arrangement("Y60", day) == "delegated"
    assert register.arrangement("Y60", day, date(2027, 1, 14)) == "national"
    assert {"W2027-01", "W2027-02"} <= register.decisions.keys()


@pytest.mark.parametrize(
    ("effects", "complaint"),
    [
        (
            [
                {
                    "kind": "status",
                    "lines": [RENAL],
                    "status": "AMBER",
                    "from": "2027-04-01",
                    "to": "2028-04-01",
                }
            ],
            "2028-04-01",
        ),
        ([BACK, {**BACK, "arrangement": "joint", "from": "2027-05-01"}], r"overlaps .*2027-05-01"),
        ([{**BACK, "arrangement": "joint"}], "in no joint committee on 2027-04-01"),
        (
            [{"kind": "succeed", "board": "QNC", "whole": "W1W1W", "on": "2027-04-01"}],
            "W1W1W is not there throughout",
        ),
        ([BACK, BACK], "says twice"),
    ],
)
def test_a_decision_that_would_leave_a_gap_or_an_overlap_is_refused_with_the_dates(
    tmp_path: Path, effects: list[dict[str, object]], complaint: str
) -> None:
    workspace = Workspace(tmp_path).make()
    with pytest.raises(DecisionError, match=complaint):
        adopt(workspace, deciding(*effects))
    assert list(workspace.register.iterdir()) == []


@pytest.mark.parametrize(
    ("effect", "complaint"),
    [
        ({"kind": "wish"}, "kind 'wish': choose from arrange"),
        ({**BACK, "arrangement": "local"}, "'local' must be one of"),
        ({**BACK, "regions": []}, "lacks regions"),
        ({**BACK, "regions": "Y60"}, "must be a list of codes"),
        ({**BACK, "regions": ["Y99"]}, "no region"),
        ({**BACK, "from": "April"}, "from: 'April' is not a date"),
        ({**BACK, "until": "2028-04-01"}, "has no until"),
        ({"kind": "join", "committee": "JC99", "boards": ["QNC"], "from": "2027-04-01"}, "form it first"),
        ({"kind": "tier", "lines": ["NCBPS00X"], "tier": "region", "from": "2027-04-01"}, "NCBPS00X"),
        (
            {"kind": "tier", "lines": [RENAL], "tier": "county", "from": "2027-04-01"},
            "'county' must be one of",
        ),
        ({"kind": "leave", "boards": ["QNC"], "from": "2027-04-01"}, "in no joint committee"),
        ({"kind": "succeed", "board": "QNC", "on": "2027-04-01"}, "say which"),
        ({"kind": "succeed", "board": "QE9", "whole": "QNC", "on": "2027-04-01"}, "no integrated care board"),
    ],
)
def test_an_effect_that_cannot_be_read_is_refused_in_words(effect: dict[str, object], complaint: str) -> None:
    with pytest.raises(Exception, match=complaint):
        preview(SHIPPED, deciding(effect))


def test_a_register_that_changed_since_the_preview_is_not_adopted_into(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).make()
    seen = preview(Register.load(workspace), deciding(BACK))
    adopt(workspace, deciding({**BACK, "regions": ["Y61"]}, reference="W2027-02"))
    with pytest.raises(DecisionError, match="preview it again"):
        adopt(workspace, seen.decision, seen.snapshot)


def test_a_reference_is_used_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    with pytest.raises(DecisionError, match="a later decision amends it"):
        adopt(workspace, deciding({**BACK, "regions": ["Y61"]}))


def test_a_decision_is_read_from_its_file_and_refused_with_its_words(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    record = {
        "decision_id": "W2027-01",
        "title": "T",
        "body": "B",
        "made_on": "2026-12-01",
        "effects": [BACK],
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    assert decided.read(path).recorded_on == date(2026, 12, 1)
    for wrong, complaint in (
        ({**record, "title": " "}, "has no title"),
        ({**record, "decision_id": "../x"}, "no reference"),
        ({**record, "colour": 1}, "there is no colour"),
        ({**record, "recorded_on": "2026-11-30"}, "before it was made"),
        ({**record, "effects": [1]}, "list of objects"),
    ):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(DecisionError, match=complaint):
            decided.read(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DecisionError, match="cannot be read"):
        decided.read(path)


def test_a_decision_without_effects_is_on_record_and_changes_no_answer(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    found = adopt(workspace, replace(deciding(BACK), effects=()))
    register = Register.load(workspace)
    assert (found.cells, "W2027-01" in register.decisions) == (0, True)
    assert register.matrix(date(2027, 4, 1)).equals(SHIPPED.matrix(date(2027, 4, 1)))


def test_a_decision_may_end_what_another_of_the_same_day_began(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    adopt(
        workspace, deciding({**BACK, "arrangement": "delegated", "from": "2027-10-01"}, reference="W2027-02")
    )
    register = Register.load(workspace)
    days = (date(2027, 3, 31), date(2027, 4, 1), date(2027, 9, 30), date(2027, 10, 1))
    assert [register.arrangement("Y60", on) for on in days] == [
        "delegated",
        "national",
        "national",
        "delegated",
    ]
    assert [finding.check for finding in register.check() if not finding.holds] == []


def test_a_decision_names_those_that_it_amends_or_revokes_and_they_name_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    later = {**BACK, "arrangement": "delegated", "from": "2027-10-01"}
    adopt(workspace, replace(deciding(later, reference="W2027-02"), revokes=("W2027-01",)))
    register = Register.load(workspace)
    assert register.later_decisions("W2027-01") == [("revokes", "W2027-02")]
    assert register.earlier_decisions("W2027-02") == [("revokes", "W2027-01")]
    for wrong, said in (("W2027-01", "revoked by W2027-02"), ("W2027-09", "no decision 'W2027-09'")):
        with pytest.raises(DecisionError, match=said):
            preview(register, replace(deciding(BACK, reference="W2027-03"), amends=(wrong,)))


def test_a_source_left_by_an_adoption_that_was_killed_is_no_decision(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    adopt(workspace, deciding(BACK))
    decided.file_of(workspace, "W2027-01").unlink()
    assert "W2027-01" in Register.load(workspace).sources
    adopt(workspace, deciding(BACK))
    assert Register.load(workspace).arrangement("Y60", date(2027, 4, 1)) == "national"


def test_a_source_without_its_facts_is_taken_away_and_the_register_is_as_it_was(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).make()
    for reference in ("W2027-01", "W2027-02"):
        before = Register.load(workspace).snapshot
        effect = BACK if reference == "W2027-01" else {**BACK, "regions": ["Y61"]}
        adopt(workspace, deciding(effect, reference=reference))
        decided.forget(workspace, reference)
        assert reference in Register.load(workspace).decisions  # it was adopted: nothing is taken away
        whole = decided.file_of(workspace, reference).read_bytes()
        decided.file_of(workspace, reference).unlink()
        decided.forget(workspace, reference)
        assert Register.load(workspace).snapshot == before
        adopt(workspace, deciding(effect, reference=reference))
        assert decided.file_of(workspace, reference).read_bytes() == whole
