"""The pictures of scenarios: true to their numbers, within their frame, named, and marked where data are made up."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date

import pytest
from tests.charts.test_insight_figures import (
    test_no_two_things_of_the_pictures_share_an_id as no_ids_are_shared,
)
from tests.charts.test_insight_figures import (
    test_nothing_is_drawn_off_the_picture as nothing_is_off_the_picture,
)
from tests.charts.test_insight_figures import (
    test_synthetic_data_says_so_in_the_picture_and_in_words as synthetic_data_says_so,
)
from tests.charts.test_insight_figures import words
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of
from tests.insight.worlds import ledger

from speccom.charts import scenarios as drawings
from speccom.charts.drawing import Figure
from speccom.finance.scenarios import Ran, run
from speccom.finance.scenarios.chances import chances
from speccom.finance.scenarios.results import areas_of, compare, volatility_of
from speccom.register import Register
from speccom.workspace import Workspace

ON = date(2026, 3, 31)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("drawn"), a_year(patients=5))


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def faster(workspace: Workspace, register: Register) -> Ran:
    quick = {"change": "set", "parameter": "k", "value": 0.5, "on": "2026-04-01"}
    return run(workspace, scenario_of(quick, DELEGATE, pace={"k": 0.1}), register)


def test_every_picture_is_described_named_apart_and_within_its_frame(
    workspace: Workspace, register: Register, faster: Ran
) -> None:
    base = run(workspace, scenario_of(), register)
    figures = [
        drawings.gains(areas_of(faster)),
        drawings.gain_map(areas_of(faster), ON),
        drawings.chances(volatility_of(faster, chances(workspace, faster))),
        drawings.side_by_side(compare(faster, base)),
    ]
    drawn: list[Figure] = [each for each in figures if each is not None]
    assert len(drawn) == len(figures)
    no_ids_are_shared(drawn)
    nothing_is_off_the_picture(drawn)
    synthetic_data_says_so(drawn)
    for figure in drawn:
        assert figure.table.rows
        assert ET.fromstring(figure.wide).find(f"{SVG}desc").text == figure.description  # type: ignore[union-attr]


def test_bars_say_who_gains_and_who_loses_and_go_either_way(faster: Ran) -> None:
    figure = drawings.gains(areas_of(faster))
    assert figure is not None
    assert "1 boards gain and 1 lose" in figure.description
    gain = abs(faster.first.gain("QWO"))
    assert f"+£{gain:,.0f}".replace(",", "") in words(figure.wide) or f"+£{gain / 1000:.2f}k" in words(
        figure.wide
    )
    bars = Counter(each.get("fill") for each in ET.fromstring(figure.wide).iter(f"{SVG}rect"))
    assert sorted(bars.values()) == [1, 1]


def test_a_merged_board_colours_the_tiles_of_those_before_it(
    workspace: Workspace, register: Register
) -> None:
    merged = run(workspace, scenario_of(MERGE), register)
    figure = drawings.gain_map(areas_of(merged), ON)
    assert figure is not None
    assert {"QMF", "QWO"} <= set(words(figure.wide).split())
    assert "within 0.1%: 1" in figure.description


def test_where_nothing_changes_there_is_nothing_to_draw(workspace: Workspace, register: Register) -> None:
    base = run(workspace, scenario_of(), register)
    assert drawings.gains(areas_of(base)) is None
    assert drawings.chances(volatility_of(base, [])) is None


def test_two_without_a_board_in_common_have_no_picture(workspace: Workspace, register: Register) -> None:
    merged, base = (run(workspace, scenario_of(*changes), register) for changes in ((MERGE,), ()))
    assert drawings.side_by_side(compare(merged, base)) is None
