"""What changed between two dates: facts, and the answers that differ."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from speccom.period import PeriodError
from speccom.register import Register
from speccom.register.tables import ANSWERED, CHANGES, MATRIX

REGISTER = Register.load()
Cells = dict[str, dict[str, str]]


def cells(on: date) -> Cells:
    return {
        f"{row['service_line']} {row['area']}": {name: row[name] for name in ANSWERED}
        for row in REGISTER.matrix(on).to_pylist()
    }


def changed(from_: date, to: date, kind: str) -> list[dict[str, object]]:
    return [row for row in REGISTER.changes(from_, to).to_pylist() if row["kind"] == kind]


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        (date(2022, 7, 1), date(2026, 11, 1)),
        (date(2023, 3, 31), date(2023, 4, 1)),
        (date(2024, 3, 31), date(2024, 4, 1)),
        (date(2025, 3, 31), date(2025, 4, 1)),
        (date(2026, 3, 31), date(2026, 4, 1)),
        (date(2022, 6, 30), date(2022, 7, 1)),
    ],
)
def test_changed_answers_are_exactly_the_cells_that_differ_between_two_matrices(
    from_: date, to: date
) -> None:
    before, after = cells(from_), cells(to)
    nothing = dict.fromkeys(ANSWERED, "")
    expected = {
        (subject, name, before.get(subject, nothing)[name], after.get(subject, nothing)[name])
        for subject in before.keys() | after.keys()
        for name in ANSWERED
        if before.get(subject, nothing)[name] != after.get(subject, nothing)[name]
    }
    found = [
        (row["subject"], row["attribute"], row["before"], row["after"])
        for row in changed(from_, to, "answer")
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_an_answer_changed_on_the_day_from_which_it_is_what_it_is_at_the_end() -> None:
    to = date(2026, 11, 1)
    by_day: dict[object, list[str]] = defaultdict(list)
    for row in changed(date(2022, 7, 1), to, "answer"):
        by_day[row["on"]].append(str(row["subject"]))
    last = cells(to)
    for day, subjects in by_day.items():
        assert isinstance(day, date)
        on, eve = cells(day), cells(date.fromordinal(day.toordinal() - 1))
        for subject in subjects[::50]:
            assert on.get(subject) == last.get(subject)
            assert eve.get(subject) != last.get(subject)


def test_the_delegation_of_april_2024_names_its_decision() -> None:
    rows = changed(date(2024, 3, 31), date(2024, 4, 1), "answer")
    assert {row["source_id"] for row in rows} == {"board-2023-12"}
    dialysis = {
        row["attribute"]: (row["before"], row["after"]) for row in rows if row["subject"] == "NCBPS11B QNC"
    }
    assert dialysis == {
        "arrangement": ("joint", "delegated"),
        "responsible_commissioner": ("14A", "QNC"),
        "service_category": ("21", "25"),
    }
    facts = changed(date(2024, 3, 31), date(2024, 4, 1), "fact")
    arrangements = {row["subject"] for row in facts if row["attribute"] == "arrangement"}
    assert arrangements == {"Y60", "Y61", "Y62"}
    assert {row["subject"] for row in facts if row["attribute"] == "role"} == {"JC3", "JC4", "JC5", "JC6"}


def test_a_line_that_became_suitable_changed_by_its_status() -> None:
    rows = changed(date(2025, 3, 31), date(2025, 4, 1), "answer")
    sources = {row["source_id"] for row in rows if row["subject"] == "NCBPS11T QNC"}
    assert sources == {"nhse-code-list-v38"}


def test_boards_that_came_and_went_have_empty_sides() -> None:
    rows = changed(date(2026, 3, 31), date(2026, 4, 1), "answer")
    gone = [row for row in rows if row["subject"] == "NCBPS11B QMJ"]
    come = [row for row in rows if row["subject"] == "NCBPS11B Z9B2Z"]
    assert {row["after"] for row in gone} == {row["before"] for row in come} == {""}


def test_a_day_on_which_nothing_begins_changes_nothing() -> None:
    assert REGISTER.changes(date(2024, 4, 1), date(2024, 12, 31)).num_rows == 0
    assert REGISTER.changes(date(2024, 4, 1), date(2024, 4, 1)).num_rows == 0


def test_a_status_restated_unchanged_and_a_plan_are_no_change() -> None:
    facts = changed(date(2026, 3, 31), date(2030, 1, 1), "fact")
    assert not [row for row in facts if row["attribute"] in ("delegation status", "plan")]
    assert all(row["before"] != row["after"] for row in facts)


def test_dates_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(PeriodError, match="earlier date first"):
        REGISTER.changes(date(2024, 4, 2), date(2024, 4, 1))


def test_tables_have_their_stated_columns_even_when_empty() -> None:
    assert REGISTER.changes(date(2024, 4, 1), date(2024, 4, 1)).schema == CHANGES
    assert REGISTER.matrix(date(2021, 1, 1)).schema == MATRIX
    assert REGISTER.matrix(date(2021, 1, 1)).num_rows == 0
