"""The pictures of variation and flows say what they show, stay in their frame and stand beside their numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, many_boards, two_boards

from speccom.charts.codes import codes_in_words
from speccom.charts.drawing import LETTER, MADE_UP, Figure
from speccom.charts.flow_map import flow_map, without_centre
from speccom.charts.flows import balance_bars, flow_bands, flow_matrix
from speccom.charts.labels import Box, Labels
from speccom.charts.look import NARROW
from speccom.charts.units import percent, said, short_pounds
from speccom.charts.variation import access_by_intensity, funnel, limit_curves
from speccom.charts.words import short_name
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.result import Result
from speccom.insight.statistics.funnel import THREE_SIGMA, TWO_SIGMA, expected_on_ratio_limits
from speccom.insight.variation import variation
from speccom.workspace import Workspace

SVG = "{http://www.w3.org/2000/svg}"
ON = date(2026, 3, 1)
SQUARE = {
    "QMF": [[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]],
    "QWO": [[(0.0, 20.0), (10.0, 20.0), (5.0, 30.0)]],
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    rows = [*two_boards(), *many_boards(["72Q", "93C", "00L", "91Q", "36L"])]
    return ledger(tmp_path_factory.mktemp("figures"), rows)


def with_ratios(result: Result) -> Result:
    """The result as it is where a population by age was imported: some boards far out, some not."""
    rows = result.table.to_pylist()
    for place, row in enumerate(row for row in rows if row["patients"] and row["icb"] != "ENG"):
        row["expected_patients"] = 60.0 + 40 * place
        row["standardised_ratio"], row["funnel"] = (
            (0.3, "Low (0.001)"),
            (1.0, "Not significant"),
            (1.9, "High (0.001)"),
        )[place % 3]
    return replace(result, table=pa.Table.from_pylist(rows, schema=result.table.schema))


@pytest.fixture(scope="module")
def drawn(workspace: Workspace) -> list[Figure]:
    spent, providers = variation(workspace, peers="region"), by_provider(workspace)
    figures = [
        access_by_intensity(spent, NORTH_EAST_LONDON),
        funnel(with_ratios(spent), NORTH_EAST_LONDON),
        flow_bands(providers, NORTH_EAST_LONDON),
        flow_matrix(by_board(workspace), NORTH_EAST_LONDON),
        flow_map(providers, ON, NORTH_EAST_LONDON, balances=balances(workspace)),
        balance_bars(balances(workspace), NORTH_EAST_LONDON),
    ]
    return [figure for figure in figures if figure is not None]


def pictures(drawn: list[Figure]) -> Iterator[tuple[Figure, ET.Element]]:
    for figure in drawn:
        yield figure, ET.fromstring(figure.wide)
        yield figure, ET.fromstring(figure.narrow)


def words(picture: str) -> str:
    return " ".join(each.text or "" for each in ET.fromstring(picture).iter(f"{SVG}text"))


def test_every_picture_has_a_title_a_description_and_a_table(drawn: list[Figure]) -> None:
    assert len(drawn) == 6
    for figure, picture in pictures(drawn):
        title, desc = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert picture.get("role") == "img"
        assert picture.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert (title.text, desc.text) == (figure.title, figure.description)
        assert figure.table.rows
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)


def test_no_two_things_of_the_pictures_share_an_id(drawn: list[Figure]) -> None:
    ids = Counter(element.get("id") for _, picture in pictures(drawn) for element in picture.iter())
    del ids[None]
    assert ids.most_common(1)[0][1] == 1


def test_synthetic_data_says_so_in_the_picture_and_in_words(drawn: list[Figure]) -> None:
    for figure, _ in pictures(drawn):
        assert MADE_UP in words(figure.wide)
        assert MADE_UP in words(figure.narrow)
        assert MADE_UP in figure.description


def test_nothing_is_drawn_off_the_picture(drawn: list[Figure]) -> None:
    for figure, picture in pictures(drawn):
        _, _, width, height = map(float, picture.get("viewBox", "").split())
        for x, y, what in _points(picture):
            assert -1 <= x <= width + 1, (figure.key, what)
            assert -1 <= y <= height + 1, (figure.key, what)


def _points(picture: ET.Element) -> Iterator[tuple[float, float, str]]:
    """The corners of every shape and the ends of every line of text."""
    definitions = {id(each) for found in picture.iter(f"{SVG}defs") for each in found.iter()}
    for each in picture.iter():
        kind = each.tag.removeprefix(SVG)
        if id(each) in definitions:
            continue
        if kind == "text" and not each.get("transform"):
            x, y = float(each.get("x", 0)), float(each.get("y", 0))
            long = len(each.text or "") * float(each.get("font-size", 0)) * LETTER * 0.95
            left = {"middle": x - long / 2, "end": x - long}.get(each.get("text-anchor", ""), x)
            yield left, y, each.text or ""
            yield left + long, y, each.text or ""
        elif kind == "rect":
            x, y = float(each.get("x", 0)), float(each.get("y", 0))
            yield x, y, kind
            yield x + float(each.get("width", 0)), y + float(each.get("height", 0)), kind
        elif kind in ("polyline", "polygon"):
            for pair in each.get("points", "").split():
                x, y = map(float, pair.split(","))
                yield x, y, kind
        elif kind == "circle":
            x, y, r = (float(each.get(name, 0)) for name in ("cx", "cy", "r"))
            yield x - r, y - r, kind
            yield x + r, y + r, kind


def test_the_chosen_board_its_peers_england_and_the_curves_are_named(workspace: Workspace) -> None:
    figure = access_by_intensity(variation(workspace, peers="region"), NORTH_EAST_LONDON)
    assert figure is not None
    for picture in (figure.wide, figure.narrow):
        assert "England" in words(picture)
        assert "South East London" in words(picture)
        assert "North East London" in words(picture)
        assert re.search(r"£[\d.,]+(?!k)\b", words(picture))
    assert "times the patients" in figure.description


def test_a_funnel_without_ratios_is_not_drawn_and_its_gap_is_stated(workspace: Workspace) -> None:
    result = variation(workspace)
    assert funnel(result) is None
    assert any(gap.missing == "age-standardised ratio" for gap in result.gaps)


def test_boards_outside_the_funnel_are_labelled(workspace: Workspace) -> None:
    result = with_ratios(variation(workspace))
    figure = funnel(result)
    assert figure is not None
    far = [row["icb_name"] for row in result.table.to_pylist() if row["standardised_ratio"] in (0.3, 1.9)]
    assert far
    for picture in (figure.wide, figure.narrow):
        assert all(short_name(name) in words(picture) for name in far)


def test_a_board_that_is_marked_by_its_code_stands_in_words_below(workspace: Workspace) -> None:
    where = {"QOX": "Bath and North East Somerset, Swindon and Wiltshire", "QMF": "North East London"}
    parts, bottom = codes_in_words(where, NARROW, 100)
    told = [ET.fromstring(part) for part in parts]
    assert [each.text for each in told][::2] == ["QOX", "QMF"]
    assert [each.text for each in told][1::2] == [
        "Bath and North East Somerset, Swindon and…",
        "North East London",
    ]
    assert all(100 < float(each.get("y", 0)) < bottom for each in told)
    assert codes_in_words({}, NARROW, 100) == ([], 100)
    flows = flow_map(by_provider(workspace), date(2025, 6, 1), NORTH_EAST_LONDON)
    assert flows is not None
    assert "North East London" in words(flows.narrow)


@given(st.integers(1, 2000), st.floats(1, 2000), st.sampled_from([TWO_SIGMA, THREE_SIGMA]))
def test_a_board_is_drawn_outside_a_limit_where_the_statistics_class_it_so(
    seen: int, expected: float, confidence: float
) -> None:
    lower, upper = limit_curves(2100, confidence)
    low, high = (np.interp(expected, *zip(*sorted(curve), strict=True)) for curve in (lower, upper))
    limits = expected_on_ratio_limits([seen], confidence)
    # Between the whole counts of a curve lies a straight line, so points close to it are left out.
    if expected > limits.lower[0] * 1.05 + 1:
        assert seen / expected < low * 1.03
    if expected < limits.upper[0] * 0.95 - 1:
        assert seen / expected > high * 0.97


def test_bands_tell_home_from_elsewhere_without_colour_and_name_centres(workspace: Workspace) -> None:
    figure = flow_bands(by_provider(workspace), NORTH_EAST_LONDON)
    assert figure is not None
    assert "in the area" in words(figure.wide)
    assert "elsewhere, in South East London" in words(figure.wide)
    assert "★ neuroscience centre" in words(figure.wide)
    assert "-away)" in figure.wide
    assert flow_bands(by_provider(workspace), "QT6") is None


def test_what_is_withheld_is_a_band_of_its_own_and_a_dot_in_the_matrix(workspace: Workspace) -> None:
    bands = flow_bands(by_provider(workspace, public=True), NORTH_EAST_LONDON)
    assert bands is not None
    assert "2 not shown" in words(bands.wide)
    assert "2 that are withheld" in bands.description
    matrix = flow_matrix(by_board(workspace, public=True))
    assert matrix is not None
    assert "Dot: withheld." in words(matrix.wide)
    for figure in (bands, matrix):
        assert "None" not in figure.wide
        assert "£30 " not in figure.description


def test_the_map_is_of_outlines_where_there_are_any_and_of_tiles_where_not(workspace: Workspace) -> None:
    flows = by_provider(workspace)
    tiles = flow_map(flows, ON)
    outlines = flow_map(flows, ON, shapes=SQUARE)
    assert tiles is not None
    assert outlines is not None
    assert tiles.wide.count("<rect") == 42
    assert "<rect" not in outlines.wide
    assert outlines.wide.count("<path") == 2
    assert "greatest flows" in tiles.description


def test_boards_without_a_neuroscience_centre_are_named_with_where_their_people_go(
    workspace: Workspace,
) -> None:
    sentences = without_centre(balances(workspace), by_provider(workspace))
    kent = next(each for each in sentences if each.startswith("Kent and Medway"))
    assert "Barts Health 100.0%" in kent
    assert not any(each.startswith("South East London") for each in sentences)
    hosts = [row["icb"] for row in balances(workspace).table.to_pylist() if row["neuroscience_centres"]]
    assert len(sentences) == 42 - len(hosts)


def test_the_matrix_shows_few_boards_on_a_telephone_and_says_so(workspace: Workspace) -> None:
    figure = flow_matrix(by_board(workspace), WEST_YORKSHIRE)
    assert figure is not None
    assert "QWO" in words(figure.narrow)
    assert len(figure.table.rows) == by_board(workspace).table.num_rows


def test_nothing_to_draw_is_no_picture(workspace: Workspace) -> None:
    assert access_by_intensity(variation(workspace, "NCBPS06A")) is None
    assert flow_matrix(by_board(workspace, "NCBPS06A")) is None
    assert flow_map(by_provider(workspace, "NCBPS06A"), ON) is None


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=40))
def test_no_label_covers_another_or_leaves_the_frame(points: list[tuple[float, float]]) -> None:
    frame = Box(0, 0, 300, 300)
    labels = Labels(frame, 12)
    for x, y in points:
        labels.place("QMF", x, y, 6)
    for place, one in enumerate(labels.taken):
        assert one.within(frame)
        assert not any(one.meets(other) for other in labels.taken[:place])


def test_values_are_said_by_their_unit() -> None:
    assert said(0.1234, "share") == "12.3%"
    assert said(1.23456, "ratio") == "1.235"
    assert said(-12.5, "£ per person") == "−12.50"
    assert said(None, "£") == "–"
    assert said(True, "yes or no") == "yes"
    assert [short_pounds(each) for each in (12_345_678, -1234, 9, 999_960)] == [
        "£12.3m",
        "−£1.23k",
        "£9",
        "£1.00m",
    ]
    assert [percent(each) for each in (0.0, 0.034, 0.5)] == ["0%", "3.4%", "50%"]
