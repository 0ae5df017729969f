"""A course is drawn whole: every state, every move with who makes it, and what it is given up to beside it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from speccom.charts.courses import Arrow, course

STATES = {"draft": "Draft", "asked": "For approval", "done": "Adopted", "gone": "Given up"}
ON = [Arrow("Put for approval", "draft", "asked", "by the secretary"), Arrow("Adopt", "asked", "done")]
BACK = Arrow("Send back", "asked", "draft")
OUT = Arrow("Withdraw", "asked", "gone")


def words(drawn: str) -> list[str]:
    return [text for text in ET.fromstring(drawn).itertext() if text.strip()]


def test_every_state_and_move_is_in_it_once_with_who_makes_it() -> None:
    drawn = course(STATES, [*ON, BACK, OUT], aside="gone")
    assert sorted(words(drawn)) == sorted(
        [*STATES.values(), "Put for approval", "by the secretary", "Adopt", "Send back", "Withdraw"]
    )


def test_it_is_told_in_words_too() -> None:
    told = ET.fromstring(course(STATES, [*ON, OUT], aside="gone")).get("aria-label")
    assert told is not None and "Withdraw: from “For approval” to “Given up”" in told


def test_what_goes_back_is_dashed_and_has_room_for_its_words_on_the_left() -> None:
    assert "dasharray" not in course(STATES, ON)
    drawn = course(STATES, [*ON, BACK])
    assert drawn.count("dasharray") == 1
    assert float(re.findall(r'text x="(\d+)"[^>]*>Send back', drawn)[0]) > 250


def test_no_box_stands_outside_the_picture() -> None:
    root = ET.fromstring(course(STATES, [*ON, BACK, OUT], aside="gone"))
    across, height = (float(each) for each in root.attrib["viewBox"].split()[2:])
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        left, top = float(box.get("x", 0)), float(box.get("y", 0))
        assert left + float(box.attrib["width"]) <= across
        assert top + float(box.attrib["height"]) <= height


def test_it_says_its_own_size_since_a_page_gives_it_none() -> None:
    root = ET.fromstring(course(STATES, ON))
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
