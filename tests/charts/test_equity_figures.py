"""The pictures of deprivation: fifths as wide as their people, lines where the numbers are, words for all of it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.insight.deprived import (
    BOARDS,
    FIFTHS,
    lsoa,
    patients,
    two_gradients,
    with_deprivation,
    world,
    written,
)
from tests.insight.test_equity import homeless, line, shared_people
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger

from speccom.charts.drawing import LETTER, MADE_UP, Figure
from speccom.charts.equity import boards_picture, gradient_picture
from speccom.insight.equity import Equity, equity
from speccom.places.populations import import_population
from speccom.register import Register

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Equity:
    people = {(board, fifth): (900 + 100 * fifth, 100) for board in BOARDS for fifth in FIFTHS}
    return equity(world(tmp_path_factory.mktemp("figures"), two_gradients(), people))


@pytest.fixture(scope="module")
def drawn(found: Equity) -> list[Figure]:
    figures = [
        gradient_picture(found.fifths, found.gradients),
        gradient_picture(found.fifths, found.gradients, NORTH_EAST_LONDON),
        gradient_picture(found.fifths, found.gradients, WEST_YORKSHIRE, "spend"),
        boards_picture(found.gradients, WEST_YORKSHIRE),
    ]
    return [figure for figure in figures if figure is not None]


def size_of(root: ET.Element) -> tuple[float, float]:
    _, _, width, height = (float(each) for each in (root.get("viewBox") or "").split())
    return width, height


def test_all_are_drawn_and_say_that_they_are_made_up(drawn: list[Figure]) -> None:
    assert len(drawn) == 4
    for figure in drawn:
        for picture in (figure.wide, figure.narrow):
            root = ET.fromstring(picture)
            assert root.get("role") == "img"
            assert root.find(f"{SVG}desc") is not None
            assert MADE_UP in "".join(root.itertext())
            assert not re.search(r"\sstyle=", picture)


def test_every_word_and_shape_stays_in_its_picture(drawn: list[Figure]) -> None:
    for figure in drawn:
        for picture in (figure.wide, figure.narrow):
            root = ET.fromstring(picture)
            width, height = size_of(root)
            for each in root.iter(f"{SVG}text"):
                long = len(each.text or "") * float(each.get("font-size") or 0) * LETTER
                anchor = each.get("text-anchor", "start")
                left = float(each.get("x") or 0) - {"start": 0.0, "middle": long / 2, "end": long}[anchor]
                assert left >= -1, each.text
                assert left + long <= width + 1, each.text
                assert 0 <= float(each.get("y") or 0) <= height, each.text
            for each in root.iter(f"{SVG}circle"):
                assert 0 <= float(each.get("cx") or 0) <= width
                assert 0 <= float(each.get("cy") or 0) <= height


def test_a_fifth_is_as_wide_as_its_people(found: Equity) -> None:
    figure = gradient_picture(found.fifths, found.gradients)
    assert figure is not None
    root = ET.fromstring(figure.wide)
    shaded = [float(each.get("width") or 0) for each in root.iter(f"{SVG}rect")]
    # Fifths 1, 3 and 5 are shaded; each has 1,100, 1,300 and 1,500 people a board.
    assert shaded[1] / shaded[0] == pytest.approx(1300 / 1100, rel=0.01)
    assert shaded[2] / shaded[0] == pytest.approx(1500 / 1100, rel=0.01)


def test_the_line_goes_from_one_fitted_end_to_the_other(found: Equity) -> None:
    figure = gradient_picture(found.fifths, found.gradients, NORTH_EAST_LONDON)
    own = line(found, NORTH_EAST_LONDON)
    assert figure is not None
    root = ET.fromstring(figure.wide)
    [fitted] = [each for each in root.iter(f"{SVG}line") if each.get("stroke-width") == "2.5"]
    circles = [float(each.get("cy") or 0) for each in root.iter(f"{SVG}circle")]
    rates = [row["rate"] for row in found.fifths.table.to_pylist() if row["icb"] == NORTH_EAST_LONDON][:5]
    scale = (circles[1] - circles[0]) / (rates[1] - rates[0])
    for end, value in (("y1", own["most_deprived"]), ("y2", own["least_deprived"])):
        assert float(fitted.get(end) or 0) == pytest.approx(circles[0] + (value - rates[0]) * scale, abs=0.3)


def test_the_words_give_every_rate_both_ends_and_the_reading(found: Equity) -> None:
    figure = gradient_picture(found.fifths, found.gradients, NORTH_EAST_LONDON)
    assert figure is not None
    for said in ("in fifth 1 (most deprived)", "most deprived end", "Higher in deprived areas."):
        assert said in figure.description
    assert len(figure.table.rows) == 5


def test_boards_are_in_order_and_filled_where_chance_is_left_out(found: Equity) -> None:
    figure = boards_picture(found.gradients)
    assert figure is not None
    assert (
        "In 1 the rate is higher in deprived areas by more than chance would give, in 1 lower."
        in figure.description
    )
    root = ET.fromstring(figure.narrow)
    names = [each.text for each in root.iter(f"{SVG}text") if each.get("x") == "0"][3:-1]
    assert names == ["North East London", "West Yorkshire"]
    assert all(each.get("fill") != "#fff" for each in root.iter(f"{SVG}circle"))


def test_a_fifth_that_is_withheld_says_so_where_it_would_stand(tmp_path: Path) -> None:
    rows = [
        *patients(NORTH_EAST_LONDON, (60, 50, 40, 30, 3)),
        *patients(WEST_YORKSHIRE, (12, 20, 28, 36, 44), first=1001),
    ]
    hidden = equity(world(tmp_path, rows), public=True)
    figure = gradient_picture(hidden.fifths, hidden.gradients, NORTH_EAST_LONDON)
    assert figure is not None
    assert "withheld" in re.sub(r"<desc.*?</desc>", "", figure.wide)
    assert "No line is fitted: a fifth is withheld" in figure.description


def test_boards_alone_are_drawn_with_a_warning(tmp_path: Path) -> None:
    weak = equity(world(tmp_path, homeless(), shared_people()))
    figure = gradient_picture(weak.fifths, weak.gradients)
    assert figure is not None
    assert "Told by boards alone: all difference within boards is hidden." in figure.description
    assert boards_picture(weak.gradients) is None


def test_pounds_whose_limits_go_below_nought_stay_in_the_picture(tmp_path: Path) -> None:
    rows = patients(NORTH_EAST_LONDON, (1, 2, 1, 2, 1), cost="5000.00")
    found = equity(world(tmp_path, rows))
    figure = gradient_picture(found.fifths, found.gradients, measure="spend")
    assert figure is not None
    test_every_word_and_shape_stays_in_its_picture([figure])


def test_nothing_to_draw_is_no_picture(tmp_path: Path) -> None:
    empty = equity(ledger(tmp_path, two_gradients()))
    assert gradient_picture(empty.fifths, empty.gradients) is None
    assert boards_picture(empty.gradients) is None


def test_one_fifth_of_people_alone_is_drawn_without_a_line(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    listed = [(lsoa(NORTH_EAST_LONDON, 1), 1000)]
    import_population(workspace, Register.load(), written(tmp_path, "p.csv", "lsoa21_code,a0plus", listed))
    with_deprivation(workspace, tmp_path)
    found = equity(workspace)
    figure = gradient_picture(found.fifths, found.gradients)
    assert figure is not None
    assert "No line is fitted: nobody there lives in fifths 2, 3, 4, 5" in figure.description
