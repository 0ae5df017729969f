"""The page that answers who commissions: changeover days, reasons, citations, and what it cannot answer."""

from __future__ import annotations

import pytest
from tests.site.reading import Read

DIALYSIS, STAFFORDSHIRE = "NCBPS11B", "QNC"


def test_on_the_day_of_delegation_the_board_commissions_and_the_day_before_it_was_joint(read: Read) -> None:
    before = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-03-31")
    after = read("/who/", line=DIALYSIS, area=STAFFORDSHIRE, on="2024-04-01")
    assert (
        "On 31 March 2024, NHS England and NHS Staffordshire and Stoke-on-Trent Integrated Care Board"
        in before
    )
    assert "On 1 April 2024, NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions" in after


def test_what_was_known_then_is_answered_and_said(read: Read) -> None:
    asked = {"line": DIALYSIS, "area": STAFFORDSHIRE, "on": "2024-05-01"}
    assert "NHS England and NHS Staffordshire" in read("/who/", **asked, known="2023-06-01")
    assert "as far as was publicly known on 1 June 2023" in read("/who/", **asked, known="2023-06-01")
    assert "Board commissions" in read("/who/", **asked, known="2024-01-01")


def test_words_stand_for_a_line_and_an_area_when_they_mean_only_one(read: Read) -> None:
    assert "Integrated Care Board commissions" in read(
        "/who/", line="renal dialysis", area="Staffordshire", on="2024-05-01"
    ) or "Which service line do you mean?" in read("/who/", line="renal dialysis", area="Staffordshire")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"line": "NCBPS99Q", "area": "QNC"}, 404, "is not a code of the service code list"),
        ({"line": DIALYSIS, "area": "ZZ9"}, 404, "is not the code of an integrated care board"),
        ({"line": DIALYSIS, "area": "QNQ", "on": "2026-04-01"}, 404, "ask for what followed it"),
        ({"line": DIALYSIS, "area": "D4U1Y", "on": "2026-04-01"}, 404, "was split between"),
        ({"line": DIALYSIS, "area": "QNC", "on": "2025-02-30"}, 400, "is not a date"),
        ({"line": DIALYSIS, "area": "QNC", "known": "2999-01-01"}, 400, "cannot be said yet"),
        ({"line": "x" * 5000, "area": "QNC"}, 400, "5,000 characters"),
    ],
)
def test_what_cannot_be_answered_is_a_helpful_page(
    read: Read, asked: dict[str, str], status: int, said: str
) -> None:
    page = read("/who/", status, **asked)
    assert said in page
    assert "What you can do" in page
