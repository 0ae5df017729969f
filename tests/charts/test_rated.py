"""A grid of ratings: each is told by a shape of its own, and every name is there in whole at both widths."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from speccom.charts.look import NARROW, WIDE
from speccom.charts.rated import _COLOURS, rated_grid

SVG = "{http://www.w3.org/2000/svg}"
LONGEST = "Bath and North East Somerset, Swindon and Wiltshire"


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_ratings_differ_in_shape_and_names_are_whole(width: int) -> None:
    rows: list[tuple[str, list[int | None]]] = [(LONGEST, [0, 1, 2, None]), ("Devon", [0, 0, 0, 0])]
    tests = ["Governance", "Finance", "Geography", "Workforce, capability and capacity"]
    drawn = ET.fromstring(
        rated_grid("k", "Ratings", "In words", rows, tests, ["Met", "Partly met", "Not yet met"], width)
    )
    said = " ".join(each.text or "" for each in drawn.iter(f"{SVG}text"))
    assert LONGEST in said and all(each in said for each in tests) and "Not rated, or not shown" in said
    assert drawn.findtext(f"{SVG}desc") == "In words"
    circles = [each for each in drawn.iter(f"{SVG}circle") if each.get("fill") == _COLOURS[0]]
    assert len(circles) == 1 + 1 + 4  # in the key, of the first board, of the second
    shapes = {each.get("d", "").partition("m")[2] for each in drawn.iter(f"{SVG}path")}
    assert {"0,-7l7,7l-7,7l-7,-7z", "-7,-7h14v14h-14z", "-4,0h8"} <= shapes
