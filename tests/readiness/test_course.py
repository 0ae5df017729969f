"""What a move needs before it can be made, and when each step is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from speccom.readiness.course import (
    ReadinessError,
    Standing,
    check_deadlines,
    lacking,
    move_named,
    overdue,
    proposed_deadlines,
    ways_on,
)
from speccom.readiness.tables import criteria, moves

ALL_MET = dict.fromkeys(criteria(), "met")
RECOMMEND = moves()["recommend"]


def test_a_board_cannot_sign_until_every_test_is_rated() -> None:
    (sentence,) = lacking(moves()["sign"], Standing({"finance": "met"}))
    assert sentence.startswith("Rate every test") and "Geography" in sentence and "Finance" not in sentence
    assert lacking(moves()["sign"], Standing(ALL_MET)) == ()


def test_a_panel_has_to_choose_what_it_recommends() -> None:
    assert lacking(RECOMMEND, Standing(ALL_MET)) == ("Choose what to recommend, and say why.",)


def test_delegation_does_not_stand_beside_a_test_that_is_not_yet_met_and_a_joint_committee_does() -> None:
    rated = ALL_MET | {"finance": "not_yet"}
    (sentence,) = lacking(RECOMMEND, Standing(rated, "delegate", {"finance"}))
    assert "Finance" in sentence and "Partly met" in sentence
    assert lacking(RECOMMEND, Standing(rated, "joint", {"finance"})) == ()


def test_each_test_that_is_not_met_needs_a_condition_or_a_step() -> None:
    rated = ALL_MET | {"finance": "partly", "digital": "partly"}
    (sentence,) = lacking(RECOMMEND, Standing(rated, "delegate", {"finance"}))
    assert "Data and digital" in sentence and "Finance" not in sentence
    assert lacking(RECOMMEND, Standing(rated, "delegate", {"finance", "digital"})) == ()


def test_going_back_needs_nothing() -> None:
    for name in ("return", "refer", "reopen"):
        assert lacking(moves()[name], Standing()) == ()


def test_from_each_state_only_its_own_moves_lead() -> None:
    assert [move.move for move in ways_on("draft")] == ["sign"]
    assert [move.move for move in ways_on("assessed")] == ["refer", "recommend"]
    with pytest.raises(ReadinessError, match="needs it to be with the national panel"):
        move_named("recommend", "draft")
    with pytest.raises(ReadinessError, match="is no move"):
        move_named("delete", "draft")


def test_the_days_put_forward_follow_the_months_of_2022() -> None:
    due = proposed_deadlines(date(2022, 8, 1))
    assert due["signed"] == date(2022, 11, 30) and due["assessed"] == date(2022, 12, 31)
    check_deadlines(date(2022, 8, 1), due)


def test_a_step_cannot_be_due_before_the_one_before_it() -> None:
    opened = date(2026, 12, 1)
    due = proposed_deadlines(opened)
    with pytest.raises(ReadinessError, match="not after the end of “With the board”"):
        check_deadlines(opened, due | {"signed": due["draft"]})
    with pytest.raises(ReadinessError, match="not after the day on which the round opens"):
        check_deadlines(opened, due | {"draft": opened})


def test_on_its_last_day_a_step_is_not_late_and_the_day_after_it_is() -> None:
    due = {"draft": date(2027, 1, 31)}
    assert not overdue("draft", due, date(2027, 1, 31))
    assert overdue("draft", due, date(2027, 1, 31) + timedelta(days=1))
    assert not overdue("recommended", due, date(2030, 1, 1))
