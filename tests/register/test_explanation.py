"""Every answer explains itself: steps in order, with dates, sources and confidence."""

from __future__ import annotations

import json
from datetime import date

from speccom.register import Register
from speccom.register.explanation import in_words

REGISTER = Register.load()
DIALYSIS = ("NCBPS11B", "05W")


def explained(
    on: date, known: date | None = None, line: str = "NCBPS11B", area: str = "05W"
) -> dict[str, object]:
    return REGISTER.explain(REGISTER.who_commissions(line, area, on, known))


def test_a_delegated_answer_gives_status_place_arrangement_and_rule_in_order() -> None:
    because = explained(date(2024, 5, 1))["because"]
    assert isinstance(because, list)
    words = ["GREEN", "D07", "05W", "region of", "D11", "integrated care board"]
    assert [word in step["text"] for word, step in zip(words, because, strict=True)] == [True] * 6
    assert [step["source_id"] for step in because] == [
        "nhse-code-list-v38",
        "board-2023-02",
        "ods",
        "ods",
        "board-2023-12",
        "board-2023-12",
    ]
    assert because[0]["valid_from"] == "2024-04-01" and because[0]["valid_to"] == "2025-04-01"


def test_a_joint_answer_names_its_committee() -> None:
    told = explained(date(2023, 5, 1))
    assert told["decision_maker"] == "JC5"
    assert any(
        "West Midlands specialised services joint committee" in step["text"] for step in told["because"]
    )  # type: ignore[attr-defined]


def test_the_json_has_the_parts_that_programs_read_first_and_in_this_order() -> None:
    told = explained(date(2024, 5, 1), date(2024, 6, 1))
    assert list(told)[:14] == [
        "service_line",
        "area",
        "area_icb",
        "on",
        "known",
        "arrangement",
        "responsible_commissioner",
        "service_category",
        "accountable_commissioner",
        "decision_maker",
        "budget_holder",
        "contract_holder",
        "confidence",
        "because",
    ]
    assert json.loads(json.dumps(told)) == told
    assert (told["on"], told["known"]) == ("2024-05-01", "2024-06-01")


def test_every_step_has_the_same_five_parts_and_a_source_that_is_listed() -> None:
    for on in (date(2022, 8, 1), date(2023, 5, 1), date(2024, 5, 1), date(2026, 5, 1)):
        told = explained(on)
        listed = {source["source_id"] for source in told["sources"]}  # type: ignore[attr-defined]
        for step in told["because"]:  # type: ignore[attr-defined]
            assert list(step) == ["text", "valid_from", "valid_to", "source_id", "confidence"]
            assert step["source_id"] in listed


def test_an_end_that_was_not_known_is_not_told() -> None:
    because = explained(date(2024, 5, 1), date(2023, 6, 1))["because"]
    arrangement = next(step for step in because if "jointly" in step["text"])  # type: ignore[attr-defined]
    assert arrangement["valid_to"] is None


def test_the_words_say_who_why_what_was_before_what_is_planned_and_where_it_is_written() -> None:
    told = in_words(REGISTER, REGISTER.who_commissions(*DIALYSIS, date(2024, 5, 1)))
    assert told.startswith(
        "On 1 May 2024, NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions "
        "Adult specialist renal services: renal dialysis (NCBPS11B)"
    )
    for word in (
        "①",
        "7 December 2023",
        "Before 1 April 2024: joint",
        "West Midlands",
        "Planned",
        "https://",
    ):
        assert word in told


def test_what_was_before_looks_past_days_on_which_nothing_changed() -> None:
    told = in_words(REGISTER, REGISTER.who_commissions(*DIALYSIS, date(2026, 5, 1)))
    assert "Before 1 April 2024: joint" in told
    assert "Before" not in in_words(REGISTER, REGISTER.who_commissions(*DIALYSIS, date(2022, 8, 1)))


def test_a_copy_is_marked_as_a_copy() -> None:
    told = in_words(REGISTER, REGISTER.who_commissions("NCBPS11B", "93C", date(2026, 5, 1)))
    assert "copy of the paper" in told
