"""Pictures of allocations: what they say, that every area is in them, and that they fit their page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.finance.worlds import WORKED_BASELINE, WORKED_MONEY, WORKED_SHARE, rate

from speccom.charts.allocation import distances, growth, paths, points
from speccom.charts.drawing import LETTER, MADE_UP, Figure
from speccom.charts.look import NARROW
from speccom.finance.allocations import allocations
from speccom.finance.pace import Parameters
from speccom.finance.paths import path
from speccom.insight.result import Result

NAMES = {
    "E1": "NHS East and a Long Way Further ICB",
    "E2": "NHS West ICB",
    "E3": "NHS North ICB",
    "E4": "NHS South ICB",
}
DRAWINGS = (distances, growth, paths)


def years(number: int = 3, *, synthetic: bool = False) -> Result:
    asked = Parameters(k=rate("0.2"), floor=rate("0.02"))
    found = path(WORKED_BASELINE, WORKED_SHARE, [WORKED_MONEY] * number, asked)
    return allocations(found, names=NAMES, synthetic=synthetic)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_every_area_is_in_the_table_beside_a_picture_of_both_widths(draw: Callable[[Result], Figure]) -> None:
    figure = draw(years())
    assert {row[0] for row in figure.table.rows} == {"East and a Long Way Further", "West", "North", "South"}
    for svg in (figure.wide, figure.narrow):
        assert ET.fromstring(svg).tag.endswith("svg")
        assert " style=" not in svg and "NaN" not in svg
    assert figure.wide != figure.narrow


@pytest.mark.parametrize("draw", DRAWINGS)
def test_no_text_leaves_a_narrow_picture(draw: Callable[[Result], Figure]) -> None:
    for each in ET.fromstring(draw(years()).narrow).iter("{http://www.w3.org/2000/svg}text"):
        words = each.text or ""
        length = len(words) * float(each.attrib["font-size"]) * LETTER
        before = {"end": length, "middle": length / 2}.get(each.get("text-anchor", "start"), 0.0)
        left = float(each.attrib["x"]) - before
        assert left > -1 and left + length < NARROW + 1, words


def test_the_dumbbells_say_who_is_furthest_before_and_after() -> None:
    told = distances(years(1)).description
    assert "2 of 4 areas are below their target" in told
    assert "East and a Long Way Further, at +11.1%" in told
    assert "after the year" in told


def test_growth_names_the_bound_that_holds_an_area() -> None:
    rows = {row[0]: row for row in growth(years(1)).table.rows}
    assert rows["West"][2] == "most below target (floor)"
    assert rows["North"][2] == "–"


def test_paths_have_a_column_for_each_year() -> None:
    figure = paths(years(3))
    assert [column.heading for column in figure.table.columns] == [
        "Area",
        "Start",
        "After year 1",
        "After year 2",
        "After year 3",
    ]


def test_made_up_baselines_say_so_in_the_picture() -> None:
    assert MADE_UP in distances(years(synthetic=True)).wide


@pytest.mark.parametrize(
    ("share", "said"), [(Decimal("0.0123"), "+1.2%"), (-0.0049, "−0.5%"), (-0.0001, "0.0%"), (None, "–")]
)
def test_a_distance_is_said_with_its_sign_but_nought(share: float | None, said: str) -> None:
    assert points(None if share is None else float(share)) == said
