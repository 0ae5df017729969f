"""Who commissions: the shared vectors, and laws that hold of every line, area and day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register.worlds import day, rows

from speccom.errors import SpeccomError
from speccom.register import Answer, NotActive, NotCommissioned, Register, UnknownArea, UnknownServiceLine
from speccom.register.facts import CONFIDENCE

REGISTER = Register.load()
# Every day on which a shipped fact that the rule reads begins or ends, or became known.
CHANGEOVERS = [day(text) for text in ("2022-07-01", "2023-04-01", "2024-04-01", "2025-04-01", "2026-04-01")]
LEARNT = [day(text) for text in ("2023-02-02", "2023-12-07", "2024-12-05", "2025-09-09", "2026-05-18")]

lines = st.sampled_from(sorted(REGISTER.lines))
areas = st.sampled_from(sorted(REGISTER.area_roles))
beside_a_changeover = st.builds(
    lambda on, days: on + timedelta(days=days), st.sampled_from(CHANGEOVERS), st.integers(-1, 1)
)
days = beside_a_changeover | st.dates(date(2021, 1, 1), date(2029, 12, 31))
days_known = st.sampled_from(LEARNT + CHANGEOVERS) | st.dates(date(2021, 1, 1), date(2029, 12, 31))


def ask(line: str, area: str, on: date, known: date | None = None) -> Answer | str:
    """An answer, or the code of its refusal."""
    try:
        return REGISTER.who_commissions(line, area, on, known)
    except SpeccomError as error:
        return error.code


def parts(answer: Answer | str) -> tuple[str, ...]:
    if isinstance(answer, str):
        return ("", "", "", "yes")
    return (answer.arrangement, answer.responsible_commissioner, answer.service_category, "")


@pytest.mark.parametrize("name", ["who.csv", "who_known.csv"])
def test_every_shared_question_has_the_shared_answer(shared: Path, name: str) -> None:
    questions = rows(shared / "vectors" / name)
    assert questions
    for row in questions:
        known = day(row["known"]) if row.get("known") else None
        answer = ask(row["service_line"], row["area"], day(row["on"]), known)
        expected = (
            row["arrangement"],
            row["responsible_commissioner"],
            row["service_category"],
            row["error"],
        )
        assert parts(answer) == expected, row


@given(lines, areas, days)
def test_nothing_is_learnt_after_the_last_source_so_known_changes_nothing_then(
    line: str, area: str, on: date
) -> None:
    assert parts(ask(line, area, on)) == parts(ask(line, area, on, date(2030, 1, 1)))


@given(lines, areas, days, days_known)
def test_an_answer_rests_only_on_facts_known_by_then_that_hold_on_the_day(
    line: str, area: str, on: date, known: date
) -> None:
    answer = ask(line, area, on, known)
    if isinstance(answer, Answer):
        for fact in answer.steps:
            end = fact.end_as_known(known)
            assert fact.recorded_on <= known and fact.valid_from <= on and (end is None or on < end)


@given(lines, areas, days)
def test_the_answer_changes_only_on_days_on_which_a_fact_begins_or_ends(
    line: str, area: str, on: date
) -> None:
    if on not in CHANGEOVERS:
        assert parts(ask(line, area, on)) == parts(ask(line, area, on - timedelta(days=1)))


@given(lines, areas, days, days_known)
def test_every_answer_is_a_row_of_the_table(line: str, area: str, on: date, known: date) -> None:
    answer = ask(line, area, on, known)
    if isinstance(answer, str):
        return
    region = REGISTER.areas(on, known)[area].region
    hub = REGISTER.hub(region, on)
    mental_health = REGISTER.lines[line].mental_health
    assert answer.accountable_commissioner == "X24"
    if answer.arrangement == "delegated":
        assert (
            answer.responsible_commissioner
            == answer.area_icb
            == answer.decision_maker
            == answer.budget_holder
        )
        assert answer.service_category == ("26" if mental_health else "25")
    else:
        assert answer.responsible_commissioner == hub
        assert answer.budget_holder == answer.contract_holder == "X24"
        assert answer.service_category == ("22" if mental_health else "21")
    assert answer.decision_maker.startswith("JC") == (answer.arrangement == "joint")
    status = REGISTER.line_status(line, on, known)
    assert answer.arrangement not in ("joint", "delegated") or status == "GREEN"


@given(lines, areas, days)
def test_confidence_is_that_of_the_weakest_step(line: str, area: str, on: date) -> None:
    answer = ask(line, area, on)
    if isinstance(answer, Answer):
        assert answer.confidence == min((fact.confidence for fact in answer.steps), key=CONFIDENCE.index)


@given(days, days_known)
def test_every_english_region_has_exactly_one_arrangement_every_day_since_2013(on: date, known: date) -> None:
    for region in ("Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63"):
        assert REGISTER.arrangement(region, on, known) in {"national", "joint", "delegated"}


def test_there_is_no_status_before_april_2023() -> None:
    assert REGISTER.line_status("NCBPS11B", date(2023, 3, 31)) is None
    assert REGISTER.line_status("NCBPS11B", date(2023, 4, 1)) == "GREEN"


def test_statuses_of_2023_24_are_inferred_from_those_of_the_year_after() -> None:
    answer = REGISTER.who_commissions("NCBPS01A", "QNC", date(2023, 6, 1))
    assert (answer.arrangement, answer.confidence) == ("retained", "inferred")
    assert REGISTER.who_commissions("NCBPS01A", "QNC", date(2024, 6, 1)).confidence == "stated"


def test_a_joint_answer_is_inferred_because_membership_of_the_committee_is() -> None:
    answer = REGISTER.who_commissions("NCBPS11B", "QKK", date(2024, 6, 1))
    assert (answer.arrangement, answer.decision_maker, answer.confidence) == ("joint", "JC7", "inferred")


def test_frimley_is_split_so_the_practice_is_needed() -> None:
    with pytest.raises(NotActive, match="practice") as refusal:
        REGISTER.who_commissions("NCBPS11B", "D4U1Y", date(2026, 4, 1))
    for successor in ("QRL", "S0E4D", "S9B9J"):
        assert successor in str(refusal.value)


def test_a_board_that_ended_names_its_dates_and_its_successor() -> None:
    with pytest.raises(NotActive, match=r"1 July 2022 up to but not including 1 April 2026.*Z9B2Z"):
        REGISTER.who_commissions("NCBPS11B", "QMJ", date(2026, 4, 1))


def test_before_there_were_boards_no_area_answers() -> None:
    with pytest.raises(NotActive, match="active from 1 July 2022"):
        REGISTER.who_commissions("NCBPS11B", "QNC", date(2022, 6, 30))


def test_codes_are_read_without_regard_to_case_or_spaces() -> None:
    answer = REGISTER.who_commissions(" ncbps11b", "qnc ", date(2024, 5, 1))
    assert (answer.service_line, answer.area) == ("NCBPS11B", "QNC")


def test_an_unknown_line_is_refused_with_the_nearest_by_code_or_by_name() -> None:
    with pytest.raises(UnknownServiceLine, match=r"NCBPS11\w"):
        REGISTER.who_commissions("NCBPS11", "QNC", date(2024, 5, 1))
    with pytest.raises(UnknownServiceLine, match="NCBPS11B"):
        REGISTER.who_commissions("renal dialysis", "QNC", date(2024, 5, 1))


def test_an_unknown_area_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownArea, match="QNC"):
        REGISTER.who_commissions("NCBPS11B", "QNZ", date(2024, 5, 1))


def test_a_code_that_is_no_specialised_service_is_refused_whatever_was_known() -> None:
    for known in (None, date(2020, 1, 1), date(2024, 1, 1)):
        with pytest.raises(NotCommissioned, match="other nhse direct commissioning"):
            REGISTER.who_commissions("99999999", "QNC", date(2024, 5, 1), known)


def test_a_future_day_is_answered_from_what_is_open_and_plans_are_only_listed() -> None:
    answer = REGISTER.who_commissions("NCBPS11B", "QNC", date(2028, 1, 1))
    assert answer.arrangement == "delegated"
    planned = REGISTER.explain(answer)["planned"]
    assert any("April 2027" in plan["text"] for plan in planned)
    before_the_letter = REGISTER.who_commissions("NCBPS11B", "QNC", date(2028, 1, 1), date(2025, 12, 31))
    assert REGISTER.explain(before_the_letter)["planned"] == []


@settings(max_examples=12, deadline=None)
@given(days, days_known | st.none())
def test_the_matrix_has_every_answer_and_nothing_else(on: date, known: date | None) -> None:
    cells = {
        (row["service_line"], row["area"]): (
            row["arrangement"],
            row["responsible_commissioner"],
            row["service_category"],
            "",
        )
        for row in REGISTER.matrix(on, known).to_pylist()
    }
    for line in sorted(REGISTER.lines)[::7]:
        for area in sorted(REGISTER.area_roles)[::5]:
            answer = ask(line, area, on, known)
            expected = parts(answer) if isinstance(answer, Answer) else None
            assert cells.get((line, area)) == expected
