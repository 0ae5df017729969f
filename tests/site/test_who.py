"""The page that answers who commissions: changeover days, reasons, citations, and what it cannot answer."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.site.reading import Read

DIALYSIS, STAFFORDSHIRE = "NCBPS11B", "QNC"


def test_on_the_day_of_delegation_the_board_commissions_and_the_day_before_it_was_joint(read: Read) -> None:
    board = "NHS Staffordshire and Stoke-on-Trent Integrated Care Board"
    before = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-03-31")
    after = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-04-01")
    assert f"On 31 March 2024, NHS England and {board} commission" in before
    assert f"On 1 April 2024, {board} commissions" in after
    assert "What changes next. From 1 April 2024" in before
    assert "Before. Until 31 March 2024" in after


def test_joint_commissioning_begins_on_1_april_2023(read: Read) -> None:
    assert "On 31 March 2023, NHS England commissions" in read(
        "/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2023-03-31"
    )
    joint = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2023-04-01")
    assert "The West Midlands specialised services joint committee decides" in joint


def test_london_is_delegated_a_year_later(read: Read) -> None:
    asked = {"line": DIALYSIS, "area": "QMF"}
    assert "NHS England and NHS North East London" in read("/who/", **asked, on="2025-03-31")
    assert "On 1 April 2025, NHS North East London Integrated Care Board commissions" in read(
        "/who/", **asked, on="2025-04-01"
    )


def test_a_board_that_closed_answers_on_its_last_day_and_names_its_successor_on_the_next(
    read: Read,
) -> None:
    asked = {"line": DIALYSIS, "area": "QH8"}
    assert "Integrated Care Board commissions" in read("/who/", **asked, on="2026-03-31")
    gone = read("/who/", 404, **asked, on="2026-04-01")
    assert "ask for what followed it" in gone
    assert "D7T5G" in gone


def test_before_a_board_closes_its_answers_say_what_follows_it(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area="QH8", on="2025-06-01")
    assert "From 1 April 2026 the board is no more: NHS Essex Integrated Care Board ( D7T5G )" in page


def test_frimley_is_split_so_each_part_is_offered_with_the_same_question(client: Client) -> None:
    response = client.get("/who/", {"line": DIALYSIS, "area": "QNQ", "on": "2026-04-01"})
    assert response.status_code == 404
    for part in ("QRL", "S0E4D", "S9B9J"):
        assert f"/who/?line={DIALYSIS}&amp;area={part}&amp;on=2026-04-01" in response.content.decode()


def test_what_was_known_then_is_answered_and_said(read: Read) -> None:
    asked = {"line": DIALYSIS, "area": STAFFORDSHIRE, "on": "2024-05-01"}
    early = read("/who/", **asked, known="2023-06-01")
    assert "NHS England and NHS Staffordshire" in early
    assert "as far as was publicly known on 1 June 2023" in early
    assert "Board commissions" in read("/who/", **asked, known="2024-01-01")


def test_a_citable_link_carries_both_dates_and_gives_the_same_answer(client: Client) -> None:
    asked = {"line": DIALYSIS, "area": STAFFORDSHIRE, "on": "2024-05-01"}
    first = client.get("/who/", asked).content.decode()
    cited = re.search(r'href="http://testserver(/who/[^"]+known=[^"]+)"', first)
    assert cited
    again = client.get(cited[1].replace("&amp;", "&")).content.decode()
    sentence = re.compile(r'answer__sentence">([^<]+)')
    assert sentence.findall(first) == sentence.findall(again)


def test_reasons_name_the_decision_and_the_source(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-05-01")
    assert "Decided by NHS England Board, 7 December 2023: three regions go first" in page
    assert "Source: Specialised commissioning 2024/25: next steps" in page
    assert "Every fact behind this answer was read in the source" in page


def test_confidence_is_said_in_plain_words_where_a_fact_is_inferred(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2023-05-01")
    assert "At least one fact behind this answer is not written in its source but follows from it" in page
    assert "Follows from the source, and is not written there." in page


def test_the_answer_is_also_in_easy_read(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-05-01")
    easy = page.split("Easy read")[1].split("Before and after")[0]
    assert "The board pays for it." in easy


def test_a_day_ahead_says_that_plans_are_no_answer(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2030-04-01")
    assert "This date lies ahead" in page
    assert "Planned, and not yet so" in page


def test_a_sub_icb_location_is_answered_through_its_board(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area="05W", on="2024-05-01")
    assert "registered with a GP (family doctor) in 05W, a part of its area." in page


def test_an_area_may_be_named_in_words(read: Read) -> None:
    page = read("/who/", line=DIALYSIS, area="staffordshire", on="2024-05-01")
    assert "On 1 May 2024, NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions" in page


def test_words_that_mean_several_lines_are_a_choice_and_no_fault(read: Read) -> None:
    page = read("/who/", line="adult specialist renal services", area=STAFFORDSHIRE)
    assert "Which service line do you mean?" in page
    assert "Adult specialist renal services: renal dialysis" in page


def test_without_a_place_the_form_asks_for_one(read: Read) -> None:
    assert "Choose an area" in read("/who/", line=DIALYSIS)
    assert "Choose an area" in read("/who/")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"line": "NCBPS99Q", "area": "QNC"}, 404, "is not a code of the service code list"),
        ({"line": DIALYSIS, "area": "ZZ9"}, 404, "is not the code of an integrated care board"),
        ({"line": DIALYSIS, "area": "Y60"}, 404, "Midlands, a region"),
        ({"line": "qqqq zzzz", "area": "QNC"}, 404, "No service line is called that"),
        ({"line": DIALYSIS, "area": "Atlantis upon Sea"}, 404, "No area is called that"),
        ({"line": DIALYSIS, "area": "D4U1Y", "on": "2026-04-01"}, 404, "was split between"),
        ({"line": DIALYSIS, "area": "QNC", "on": "1999-01-01"}, 404, "is not active on 1 January 1999"),
        ({"line": DIALYSIS, "area": "QNC", "on": "2025-02-30"}, 400, "is not a date"),
        ({"line": DIALYSIS, "area": "QNC", "on": "yesterday"}, 400, "is not a date"),
        ({"line": DIALYSIS, "area": "QNC", "known": "2999-01-01"}, 400, "cannot be said yet"),
        ({"line": "x" * 5000, "area": "QNC"}, 400, "5,000 characters"),
        ({"line": "NCBPS11B\x00", "area": "QNC\x00'; drop table"}, 404, "No area is called that"),
    ],
)
def test_what_cannot_be_answered_is_a_helpful_page(
    read: Read, asked: dict[str, str], status: int, said: str
) -> None:
    assert said in read("/who/", status, **asked)


def test_what_is_asked_never_becomes_markup(client: Client) -> None:
    page = client.get("/who/", {"line": "<script>alert(1)</script>", "area": "QNC"}).content.decode()
    assert "<script>alert" not in page


def test_the_longest_day_there_is_is_still_answered(read: Read) -> None:
    assert "This date lies ahead" in read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="9999-12-31")
    assert "is not active" in read("/who/", 404, line=DIALYSIS, area=STAFFORDSHIRE, on="0001-01-01")
