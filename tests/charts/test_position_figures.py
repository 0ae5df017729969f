"""The pictures of a position: true to their numbers, within their frame, and named."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.charts.test_insight_figures import (
    test_every_picture_has_a_title_a_description_and_a_table as every_picture_is_described,
)
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
from tests.finance.position.worlds import budgets_of, lines, plans, stood, world
from tests.ledger.worlds import SPINAL

from speccom.charts.drawing import Figure
from speccom.charts.position import course, variances
from speccom.finance.position.course import by_month
from speccom.finance.position.standing import Standing
from speccom.finance.position.table import position

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Renal at Guy's is over its plan, renal at Barts under, and the budget lies between."""
    workspace = world(
        tmp_path_factory.mktemp("pictured"),
        lines(range(1, 7), lambda month: 400_000 + 9000 * (month % 3)),
        lines(range(1, 7), lambda month: 70_000 + 900 * (month % 2), provider="R1H"),
        plans(range(1, 13), lambda _: 350_000),
        plans(range(1, 13), lambda _: 90_000, provider="R1H"),
    )
    budgets_of(workspace, "commissioner,from,to,pounds\nQKS,2025-04-01,2026-04-01,5400000\n")
    return stood(workspace)


@pytest.fixture(scope="module")
def figures(of: Standing) -> dict[str, Figure]:
    drawn = {
        name: variances(position(of, (name,)), name)
        for name in ("provider", "service_line", "programme", "commissioner", "form")
    }
    drawn["course"] = course(by_month(of), "budget")
    assert all(drawn.values())
    return {name: figure for name, figure in drawn.items() if figure}


def test_every_picture_says_what_it_shows_within_its_frame(figures: dict[str, Figure]) -> None:
    drawn = list(figures.values())
    every_picture_is_described(drawn)
    no_ids_are_shared(drawn)
    nothing_is_off_the_picture(drawn)
    synthetic_data_says_so(drawn)


def test_the_widest_variance_over_is_the_longest_bar(figures: dict[str, Figure]) -> None:
    root = ET.fromstring(figures["provider"].wide)
    bars = [float(each.attrib["width"]) for each in root.iter(f"{SVG}rect")]
    assert len(bars) == 2
    over, under = 354_000, 117_300  # six months each: 2,454,000 − 2,100,000 and 422,700 − 540,000
    assert bars[0] / bars[1] == pytest.approx(over / under, rel=0.01)
    said = words(figures["provider"].wide)
    assert "+£354k" in said
    assert "−£117k" in said
    assert "Furthest over: Guy's and St Thomas' (RJ1), +£354k (17%)." in _loose(
        figures["provider"].description
    )


def _loose(text: str) -> str:
    return text.replace("And", "and").replace("’", "'")


def test_the_course_says_recorded_forecast_interval_and_budget(figures: dict[str, Figure]) -> None:
    said = figures["course"].description
    assert "Recorded to September 2025: £2.88m." in said
    assert "Budget of the full year: £5.40m." in said
    assert "between £5." in said
    assert "Budget £5.40m" in words(figures["course"].narrow)


def test_nothing_is_drawn_where_there_is_neither_plan_nor_budget(tmp_path: Path) -> None:
    of = stood(world(tmp_path, lines(range(1, 4))), 3)
    assert variances(position(of, ("provider",)), "provider") is None
    assert course(by_month(of), "plan") is not None


def test_lines_with_long_names_keep_their_code(tmp_path: Path) -> None:
    workspace = world(
        tmp_path, lines([1, 2, 3], service_code=SPINAL), plans([1, 2, 3], lambda _: 5000, service_code=SPINAL)
    )
    figure = variances(position(stood(workspace, 3, commissioner="13R"), ("service_line",)), "service_line")
    assert figure is not None
    assert SPINAL in words(figure.wide)
    assert SPINAL in words(figure.narrow)
