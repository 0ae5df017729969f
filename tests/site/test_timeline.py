"""The picture of a service over time: rows by region, changeover days, words that say the same."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from django.test import Client
from tests.site.reading import Read

from speccom.charts.spells import FIRST, LAST, Bar, Mark, spell_pictures
from speccom.register import Register
from speccom.site.explore.queries.timeline import RegionSpell, by_region, lines_by_region, together

REGISTER = Register.load()
SVG = "{http://www.w3.org/2000/svg}"
REGIONS = ("London", "South West")


def drawn(*, certain: bool = True) -> list[ET.Element]:
    """The two pictures of two regions that changed from national to joint on one day."""
    bars = [Bar(FIRST, date(2023, 4, 1), "national"), Bar(date(2023, 4, 1), None, "joint")]
    marks = [Mark(date(2023, 4, 1), "1 April 2023", certain)]
    pictures = spell_pictures("tried", "A title", "A description", dict.fromkeys(REGIONS, bars), marks)
    return [ET.fromstring(picture) for picture in pictures]


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("picture", drawn(), ids=["wide", "narrow"])
def test_a_picture_says_what_it_shows_and_names_every_row_and_day(picture: ET.Element) -> None:
    assert picture.get("role") == "img"
    named = {each.get("id"): each.text for each in picture if each.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert [named[key] for key in picture.get("aria-labelledby", "").split()] == ["A title", "A description"]
    assert set(REGIONS) <= set(texts(picture))
    assert "1 April 2023" in texts(picture)
    assert {"National", "Joint"} <= set(texts(picture))


@pytest.mark.parametrize("picture", drawn(), ids=["wide", "narrow"])
def test_bars_meet_on_the_changeover_day_and_fill_the_time(picture: ET.Element) -> None:
    bars = [each for each in picture.iter(f"{SVG}rect") if (each.get("fill") or "").startswith("url")]
    first, second = bars[:2]
    end = float(first.get("x", 0)) + float(first.get("width", 0))
    assert 0 <= float(second.get("x", 0)) - end <= 1.2  # one pixel of white between two bars
    share = (date(2023, 4, 1) - FIRST).days / (LAST - FIRST).days
    whole = float(second.get("x", 0)) + float(second.get("width", 0)) - float(first.get("x", 0))
    assert float(first.get("width", 0)) / whole == pytest.approx(share, abs=0.01)


def test_arrangements_are_told_apart_by_pattern_and_not_by_colour_alone() -> None:
    for picture in drawn():
        patterns = {each.get("id"): each for each in picture.iter(f"{SVG}pattern")}
        assert len(patterns) == 2
        assert len({each[1].get("d") for each in patterns.values()}) == 2


def test_what_is_planned_is_dashed() -> None:
    (certain, *_), (planned, *_) = drawn(), drawn(certain=False)
    assert not [each for each in certain.iter(f"{SVG}path") if each.get("stroke-dasharray")]
    assert [each for each in planned.iter(f"{SVG}path") if each.get("stroke-dasharray")]


def test_words_that_do_not_fit_a_bar_are_shortened_and_never_run_over() -> None:
    bars = [Bar(FIRST, date(2027, 11, 1), "national"), Bar(date(2027, 11, 1), None, "delegated")]
    narrow = ET.fromstring(spell_pictures("tried", "", "", {"London": bars}, [])[1])
    assert texts(narrow).count("National") == 2  # the bar and the key
    assert texts(narrow).count("Delegated") == 1 and "D" not in texts(narrow)


def test_initials_on_a_bar_are_told_in_the_key_and_only_where_a_bar_has_them() -> None:
    year = [Bar(FIRST, date(2023, 4, 1), "national"), Bar(date(2023, 4, 1), date(2024, 4, 1), "joint")]
    short, long = (
        texts(ET.fromstring(spell_pictures("tried", "", "", {"London": bars}, [])[0]))
        for bars in (year, [year[0], Bar(date(2023, 4, 1), None, "joint")])
    )
    assert short.count("J") == 1 and "Joint (J)" in short and "National" in short
    assert "J" not in long and "Joint" in long and "Joint (J)" not in long


def test_lines_arranged_alike_are_shown_as_one_and_others_as_differing() -> None:
    assert lines_by_region(REGISTER, ["NCBPS11B"]) == by_region(REGISTER, "NCBPS11B")
    spells = lines_by_region(REGISTER, ["NCBPS11B", "NCBPS01B"])["Y60"]
    assert [spell.arrangement for spell in spells] == ["national", "part-joint", "part-delegated"]
    assert spells[2] == RegionSpell(date(2024, 4, 1), None, "part-delegated")
    assert lines_by_region(REGISTER, []) == {}
    assert together(["joint", None, "joint"]) == "joint" and together([None]) is None
    assert together(["retained", "delegated"]) == "part-delegated"


def test_the_line_page_says_in_words_what_the_picture_shows(read: Read) -> None:
    page = read("/lines/NCBPS11B/")
    assert (
        "In East of England, Midlands and North West: national from 1 April 2013, joint from 1 April 2023, "
        "delegated from 1 April 2024." in page
    )
    assert "law planned" in page


def test_a_service_that_nobody_delegated_shows_no_plan_of_delegation(read: Read) -> None:
    page = read("/lines/NCBPS01B/")
    assert "In every region: national from 1 April 2013, retained from 1 April 2023." in page
    assert "law planned" not in page


@pytest.mark.parametrize("address", ["/lines/NCBPS11B/", "/services/15/", "/services/105/", "/services/8/"])
def test_pictures_are_sound_and_keep_to_the_policy_on_styles(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    pictures = re.findall(r"<svg.*?</svg>", html, flags=re.S)
    assert len(pictures) == 3  # the timeline for a desk and for a telephone, and the map
    ids = [found for each in pictures for found in re.findall(r' id="([^"]+)"', each)]
    assert len(ids) == len(set(ids))
    for each in pictures:
        ET.fromstring(each)
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", each)


def test_a_code_that_was_never_commissioned_has_no_pictures(client: Client) -> None:
    code = next(
        line.code for line in REGISTER.lines.values() if line.kind == "other nhse direct commissioning"
    )
    assert b"<svg" not in client.get(f"/lines/{code}/").content
