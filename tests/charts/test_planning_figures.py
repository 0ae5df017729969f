"""The pictures of what changed, of tiers and of volatility: true to their numbers, within their frame, and named."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
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
from tests.ledger.worlds import BARTS, GUYS, RENAL, SPINAL, Row, build_in, receive, workspace_in

from speccom.charts.control import changes, control_chart
from speccom.charts.drawing import Figure
from speccom.charts.tiers import chance_in_words, ladder, sensitivity, tiers_overview
from speccom.charts.volatility import volatility_picture
from speccom.insight.tiers import Thresholds
from speccom.insight.trends import WORDS, chart_of, trends
from speccom.insight.volatility import Tiers, tiers, volatility
from speccom.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"


def of_a_year(code: str, pounds: Callable[[int], int], missing: int = 0, **named: Any) -> list[Row]:
    """Twenty patients in each month of a year; what one costs differs between patients and months."""
    return [
        Row(
            financial_year=code,
            month=month,
            patient_id=40 * month + number % 40,
            cost=Decimal(pounds(month) + 7 * (number % 5) + 3 * (month % 2)),
            provider=BARTS if number % 2 else GUYS,
            **named,
        )
        for month in range(1, 13)
        if month != missing
        for number in range(20)
    ]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three years; renal doubles in October 2025, spinal falls by half then, and June 2024 is not held."""
    held = workspace_in(tmp_path_factory.mktemp("planning"))
    rows: list[Row] = []
    for code in ("202324", "202425", "202526"):
        late = code == "202526"
        rows += of_a_year(code, lambda month, late=late: 200 if late and month > 6 else 100, missing=0)
        rows += of_a_year(
            code, lambda month, late=late: 40 if late and month > 6 else 90, service_code=SPINAL
        )
    kept = [row for row in rows if (row.financial_year, row.month) != ("202425", 3)]
    for provider in (BARTS, GUYS):
        receive(held, [row for row in kept if row.provider == provider], name=f"{provider}.csv")
    build_in(held)
    return held


@pytest.fixture(scope="module")
def found(workspace: Workspace) -> Tiers:
    return tiers(workspace, thresholds=Thresholds(q=0.1, most_out_of_area=1))


@pytest.fixture(scope="module")
def drawn(workspace: Workspace, found: Tiers) -> list[Figure]:
    figures = [
        control_chart(chart_of(workspace, RENAL, "QMF")),
        changes(trends(workspace)),
        ladder(found, RENAL),
        tiers_overview(found),
        sensitivity(found, RENAL),
        volatility_picture(volatility(workspace)),
    ]
    return [figure for figure in figures if figure is not None]


def test_every_picture_is_described_named_apart_and_within_its_frame(drawn: list[Figure]) -> None:
    every_picture_is_described(drawn)
    no_ids_are_shared(drawn)
    nothing_is_off_the_picture(drawn)
    synthetic_data_says_so(drawn)


def test_a_month_that_is_not_held_parts_the_line_in_two(workspace: Workspace) -> None:
    figure = control_chart(chart_of(workspace, RENAL, "QMF"))
    assert figure is not None
    lines = [
        each
        for each in ET.fromstring(figure.wide).iter(f"{SVG}polyline")
        if each.get("stroke-width") == "1.8"
    ]
    assert [len(str(each.get("points")).split()) for each in lines] == [2, 21]
    assert "no value" in words(figure.wide)
    assert "1 of the months have no value" in figure.description
    [june] = [row for row in figure.table.rows if row[0] == "June 2024"]
    assert june[1] == "–"


def test_a_signal_is_labelled_with_its_rule_and_its_shape_differs_by_rule(workspace: Workspace) -> None:
    result = chart_of(workspace, RENAL, "QMF")
    figure = control_chart(result)
    assert figure is not None
    assert "above the limit" in words(figure.wide)
    assert "above the limit" in words(figure.narrow)
    assert "October 2025 to March 2026: outside the limits, up" in figure.description
    shapes = set()
    for rule in WORDS.values():
        rows = result.table.to_pylist()
        rows[5] |= {"signal": rule, "direction": "down"}
        marked = replace(result, table=pa.Table.from_pylist(rows[:8], schema=result.table.schema))
        again = control_chart(marked)
        assert again is not None
        [mark] = [
            each
            for each in ET.fromstring(again.wide).iter()
            if each.get("stroke") == "#fff" and each.get("fill") == "#b4530a"
        ]
        shapes.add((mark.tag, len((mark.get("points") or "").split()), (mark.get("points") or "")))
    assert len(shapes) == 4


def test_limits_below_nought_are_not_drawn_where_nothing_is(workspace: Workspace) -> None:
    result = chart_of(workspace, RENAL, "QMF")
    rows = [{**row, "lower": -500.0} for row in result.table.to_pylist()]
    figure = control_chart(replace(result, table=pa.Table.from_pylist(rows, schema=result.table.schema)))
    assert figure is not None
    assert "lower limit" not in words(figure.wide)
    assert "lies between £0 and" in figure.description


def test_the_biggest_changes_go_up_and_down_from_one_line(workspace: Workspace) -> None:
    figure = changes(trends(workspace))
    assert figure is not None
    assert "2 lines of boards" in figure.description
    assert "1 up, 1 down" in figure.description
    assert "since October 2025" in words(figure.wide)
    assert "−£" in words(figure.wide)
    assert changes(trends(workspace, icb="QWO")) is None


def test_a_ladder_marks_alpha_each_rung_and_the_recommended_one(found: Tiers) -> None:
    figure = ladder(found, RENAL)
    assert figure is not None
    [row] = [each for each in found.lines.table.to_pylist() if each["service_line"] == RENAL]
    for picture in (figure.wide, figure.narrow):
        assert "at most 5% is asked" in words(picture)
        assert ("recommended" if row["met"] else "not met") in words(picture)
    rungs = [each for each in found.rungs.to_pylist() if each["service_line"] == RENAL and not each["gap"]]
    diamonds = [
        each for each in ET.fromstring(figure.wide).iter(f"{SVG}polygon") if each.get("stroke-width") == "2.4"
    ]
    assert len(diamonds) == len(rungs) == 4
    assert [row[2] for row in figure.table.rows] == [f"{each['chance']:.1%}" for each in rungs]
    assert ladder(found, "NCBPS01C") is None


def test_lines_and_pounds_of_the_rungs_sum_to_all_of_them(found: Tiers) -> None:
    figure = tiers_overview(found)
    assert figure is not None
    assert sum(int(row[1]) for row in figure.table.rows) == found.lines.table.num_rows == 2
    spend = sum(row["spend"] for row in found.lines.table.to_pylist())
    assert sum(float(row[2].replace(",", "")) for row in figure.table.rows) == pytest.approx(spend, abs=3)


def test_the_grid_of_other_bars_says_what_the_table_of_sensitivity_says(found: Tiers) -> None:
    figure = sensitivity(found, RENAL)
    assert figure is not None
    told = {
        (each["q"], each["alpha"]): each["met"]
        for each in found.sensitivity.to_pylist()
        if each["service_line"] == RENAL and each["fewest_providers"] == 2
    }
    cells = [cell for row in figure.table.rows for cell in row[1:]]
    assert len(cells) == len(told) == 12
    assert sum(cell == "Not even England" for cell in cells) == sum(not met for met in told.values())
    assert "Ringed" in words(figure.wide)


def test_with_years_enough_observed_stands_against_chance_and_without_chance_stands_alone(
    workspace: Workspace, tmp_path: Path
) -> None:
    few = volatility_picture(volatility(workspace))  # 2024/25 lacks a month, so two whole years are held
    assert few is not None
    assert "by chance alone" in few.title
    assert "Too few years" in few.description
    result = volatility(workspace)
    rows = [{**row, "observed_variation": 0.2} for row in result.table.to_pylist()]
    many = volatility_picture(replace(result, table=pa.Table.from_pylist(rows, schema=result.table.schema)))
    assert many is not None
    assert "observed against chance" in many.title
    assert "as chance alone" in words(many.wide)


def test_a_small_chance_is_never_said_to_be_none() -> None:
    assert [chance_in_words(each) for each in (0.0, 0.0001, 0.0123, 0.5)] == [
        "0%",
        "under 0.1%",
        "1.2%",
        "50%",
    ]
