"""The pictures of a need model: true to their numbers, within their frame, named apart, and made-up data marked."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from tests.charts.test_insight_figures import (
    SVG,
    words,
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
from tests.finance.need_worlds import changed, coefficients_of, made_up, worked

from speccom.charts.drawing import Figure
from speccom.charts.layout import tiles
from speccom.charts.needs import (
    FROM_MERGERS,
    PICTURES,
    calibration_picture,
    coefficients_picture,
    index_map,
    residual_map,
)
from speccom.finance.needs import Workshop, read_model, work_through
from speccom.finance.needs.example import rows, write_example
from speccom.finance.needs.public import public


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The example as it ships: areas of every board."""
    return work_through(read_model(write_example(tmp_path_factory.mktemp("example"))))


@pytest.fixture(scope="module")
def drawn(found: Workshop) -> list[Figure]:
    figures = [draw(found.results[name]) for name, draw in PICTURES.items()]
    return [figure for figure in figures if figure is not None]


def test_every_picture_is_described_named_apart_and_within_its_frame(drawn: list[Figure]) -> None:
    assert len(drawn) == 4
    no_ids_are_shared(drawn)
    nothing_is_off_the_picture(drawn)
    synthetic_data_says_so(drawn)
    for figure in drawn:
        for picture in (figure.wide, figure.narrow):
            root = ET.fromstring(picture)
            assert root.get("role") == "img"
            assert root.findtext(f"{SVG}desc") == figure.description
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)


def test_each_need_and_supply_variable_is_drawn_where_its_effect_is(found: Workshop) -> None:
    figure = coefficients_picture(found.results["coefficients"])
    assert figure is not None
    root = ET.fromstring(figure.wide)
    drawn = words(figure.wide)
    held = coefficients_of(found)
    names = [name for name, row in held.items() if row["part"] in ("need", "supply")]
    assert all(name in drawn for name in names)
    assert "region: Y58" not in drawn
    marks = [float(each.get("cx", 0)) for each in root.iter(f"{SVG}circle")][1:]  # the first is the key's
    squares = [float(each.get("x", 0)) + 5 for each in root.iter(f"{SVG}rect")][1:]
    effects = [held[name]["effect"] for name in names]
    places = [*marks, *squares]
    assert len(places) == len(effects) == 3
    span = (places[0] - places[1]) / (effects[0] - effects[1])
    assert places[2] - places[1] == pytest.approx(span * (effects[2] - effects[1]), abs=0.3)


def test_maps_give_each_board_its_number_and_its_colour_by_band(found: Workshop) -> None:
    for name, draw, column, key in (
        ("index", index_map, "need_index", "area"),
        ("residuals", residual_map, "observed_over_predicted", "of"),
    ):
        figure = draw(found.results[name])
        assert figure is not None
        drawn = words(figure.wide).split()
        for row in found.results[name].table.to_pylist():
            if row.get("kind", "board") == "board":
                assert drawn[drawn.index(row[key]) + 1] == f"{row[column]:.2f}"
    assert "Bath and North East Somerset" in (residual_map(found.results["residuals"]) or drawn).description


def test_boards_of_after_the_mergers_are_drawn_on_their_own_map(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    boards = {tile.area: "Y56" for tile in tiles(FROM_MERGERS)}
    areas = rows(boards, per_board=4)[0]
    merged = worked(tmp_path_factory.mktemp("merged"), areas, {"region": "", "supply_dummies": []})
    figure = index_map(merged.results["index"])
    assert figure is not None
    assert all(board in words(figure.narrow) for board in boards)


def test_areas_that_are_no_boards_have_no_map(tmp_path_factory: pytest.TempPathFactory) -> None:
    small = worked(tmp_path_factory.mktemp("small"), made_up(per_board=4), {"board": "", "cluster": ""})
    assert index_map(small.results["index"]) is None
    assert residual_map(small.results["residuals"]) is None


def test_what_is_withheld_is_not_drawn(tmp_path_factory: pytest.TempPathFactory) -> None:
    areas = rows({tile.area: "Y56" for tile in tiles(FROM_MERGERS)}, per_board=4)[0]
    first = areas[0]["board"]
    few = changed(areas, patients=lambda row: 1 if row["board"] == first else 40)
    held = worked(tmp_path_factory.mktemp("few"), few, {"region": "", "supply_dummies": []})
    figure = residual_map(public(held.results["residuals"]))
    assert figure is not None
    drawn = words(figure.wide).split()
    assert drawn[drawn.index(first) + 1] == "–"
    assert all(row[0] != first for row in figure.table.rows)
    unknown = worked(
        tmp_path_factory.mktemp("unknown"), areas, {"people": "", "region": "", "supply_dummies": []}
    )
    assert calibration_picture(public(unknown.results["calibration"])) is None
