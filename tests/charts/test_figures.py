"""Every picture says in words what it shows, can be read by anyone, and stands beside its numbers."""

import csv
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charts.world import HOSTILE, results

from speccom.charts import areas, challenged, compared, spend
from speccom.charts.bars import Bar, bars
from speccom.charts.figure import COLOURS, Figure, draw
from speccom.charts.tables import Column, write_out
from speccom.charts.tiles import NOTHING, SEQUENCE, Tile, colour_of, contrast, five_steps, ink_on, tiles
from speccom.register import Register

SVG = "{http://www.w3.org/2000/svg}"
STEPS = ("NF", "A", "B", "HC", "N", "C1", "C2", "D", "E", "F", "J", "G1", "G2", "Z", "X")
BEFORE, AFTER = date(2025, 4, 1), date(2026, 4, 1)


def figures(name: str = "University Hospitals of Somewhere") -> list[Figure]:
    made = results(name=name)
    return [
        spend.by_payer(made.by_payer),
        spend.by_arrangement(made.by_arrangement),
        spend.by_line(made.by_line),
        *areas.by_area(made.by_area, made.areas, made.areas_on),
        challenged.by_reason(made.challenged),
        challenged.by_provider(made.challenged),
        compared.host_and_population(made.bases),
        compared.plan_and_actual(made.by_month),
    ]


@pytest.fixture(scope="module")
def drawn() -> list[Figure]:
    return figures()


def pictures(drawn: list[Figure]) -> Iterator[tuple[Figure, ET.Element]]:
    for figure in drawn:
        yield figure, ET.fromstring(figure.wide)
        yield figure, ET.fromstring(figure.narrow)


def words(picture: ET.Element) -> str:
    return " ".join(text.text or "" for text in picture.iter(f"{SVG}text"))


def test_every_picture_is_an_image_with_a_title_and_a_description(drawn: list[Figure]) -> None:
    for figure, picture in pictures(drawn):
        title, desc = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert picture.get("role") == "img"
        assert picture.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert (title.text, desc.text) == (figure.title, figure.description)


def test_no_two_things_on_a_page_share_an_id(drawn: list[Figure]) -> None:
    ids = Counter(element.get("id") for _, picture in pictures(drawn) for element in picture.iter())
    del ids[None]
    assert set(ids.values()) == {1}


def test_every_figure_has_a_table_with_as_many_cells_as_headings(drawn: list[Figure]) -> None:
    for figure in drawn:
        assert figure.table.rows
        assert {len(row) for row in figure.table.rows} == {len(figure.table.columns)}


def test_a_narrow_picture_fits_a_telephone_and_its_words_can_be_read(drawn: list[Figure]) -> None:
    for figure in drawn:
        picture = ET.fromstring(figure.narrow)
        assert float(picture.attrib["viewBox"].split()[2]) <= 336
        sizes = [
            float(text.get("font-size", "13px").removesuffix("px")) for text in picture.iter(f"{SVG}text")
        ]
        assert min(sizes) >= 10


def test_pictures_fetch_and_run_nothing(drawn: list[Figure]) -> None:
    for _, picture in pictures(drawn):
        names = {element.tag.removeprefix(SVG) for element in picture.iter()}
        assert names <= {"svg", "title", "desc", "defs", "pattern", "rect", "path", "g", "line", "text"}
        attributes = {name for element in picture.iter() for name in element.attrib}
        assert not [name for name in attributes if "href" in name or name.startswith("on")]


def test_a_hostile_name_stays_a_name() -> None:
    for figure, picture in pictures(figures(HOSTILE)):
        assert not list(picture.iter(f"{SVG}script"))
        assert "<script" not in figure.wide + figure.narrow
    assert "<script>alert" in words(ET.fromstring(spend.by_payer(results(name=HOSTILE).by_payer).wide))


def test_arrangements_are_told_apart_by_pattern_as_well_as_by_colour(drawn: list[Figure]) -> None:
    picture = ET.fromstring(next(figure for figure in drawn if figure.key == "arrangements").wide)
    bars_ = [
        path.get("fill") for path in picture.iter(f"{SVG}path") if path.get("fill") not in (None, "none")
    ]
    assert len(set(bars_)) == 4
    assert sum((fill or "").startswith("url(#") for fill in bars_) == 3


def test_colours_carry_white_words_and_stand_out_on_white() -> None:
    for colour in COLOURS.values():
        assert contrast(colour, "#ffffff") >= 4.5


@pytest.mark.parametrize("colour", [*SEQUENCE, NOTHING, *COLOURS.values()])
def test_words_on_every_tile_have_enough_contrast(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= 4.5


def test_contrast_agrees_with_the_guidelines_own_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("on", "number"), [(BEFORE, 42), (AFTER, 36), (date(2026, 3, 31), 42)])
def test_the_tiles_are_exactly_the_boards_of_the_register(on: date, number: int) -> None:
    boards = {code for code, area in Register.load().areas(on).items() if area.kind == "icb"}
    assert {tile.area for tile in tiles(on)} == boards
    assert len(boards) == number


def cells(tile: Tile) -> set[tuple[int, int]]:
    return {
        (column, row)
        for column in range(tile.column, tile.column + tile.width)
        for row in range(tile.row, tile.row + tile.height)
    }


@pytest.mark.parametrize("on", [BEFORE, AFTER])
def test_no_two_tiles_overlap(on: date) -> None:
    taken = Counter(cell for tile in tiles(on) for cell in cells(tile))
    assert set(taken.values()) == {1}


def test_a_board_that_carries_on_keeps_its_cell_and_a_new_one_takes_its_predecessors() -> None:
    before = {tile.area: cells(tile) for tile in tiles(BEFORE)}
    register = Register.load()
    for tile in tiles(AFTER):
        own = before.get(tile.area)
        if own is not None:
            assert cells(tile) == own
        else:
            inherited = set().union(*(before[code] for code in register.predecessors(tile.area)))
            assert cells(tile) <= inherited


def test_neighbours_on_the_grid_are_near_in_england() -> None:
    register = Register.load()
    placed = {
        tile.area: [
            (provider.longitude, provider.latitude)
            for provider in register.providers.values()
            if provider.host_icb == tile.area and provider.longitude and provider.latitude
        ]
        for tile in tiles(BEFORE)
    }
    means = {
        area: (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
        for area, points in placed.items()
    }
    for one in tiles(BEFORE):
        for other in tiles(BEFORE):
            if one.row + 1 < other.row:
                assert means[one.area][1] > means[other.area][1] - 0.25, (one.area, other.area)


def test_the_layout_is_our_own(shared: Path) -> None:
    with (shared / "reference" / "icb_hexmap_odd_r.csv").open() as handle:
        theirs = {
            row["icb_ods_code"]: (int(row["col_q"]), int(row["row_r"])) for row in csv.DictReader(handle)
        }
    ours = {tile.area: (tile.column, tile.row) for tile in tiles(BEFORE)}
    steps = Counter((theirs[code][0] - ours[code][0], theirs[code][1] + ours[code][1]) for code in ours)
    assert steps.most_common(1)[0][1] < 30


@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=1, max_size=60))
def test_a_higher_value_is_never_paler(values: list[float]) -> None:
    bounds = five_steps(values)
    steps = [SEQUENCE.index(colour_of(value, bounds)) for value in sorted(values)]
    assert steps == sorted(steps)
    assert steps[-1] == len(SEQUENCE) - 1


def test_what_is_written_at_the_end_of_a_bar_stays_inside_the_picture() -> None:
    rows = [
        Bar("One", {"a": Decimal(900)}, "£900, and twelve thousand lines"),
        Bar("Two", {"a": Decimal(1)}, "£1"),
    ]
    table = write_out("None", [Column("One")], [["1"]])
    figure = draw("long", "Long", "Long", table, lambda width: bars(rows, {"a": "A"}, width))
    for svg in (figure.wide, figure.narrow):
        picture = ET.fromstring(svg)
        assert "£900, and twelve thousand lines" in words(picture)


def test_bars_of_nothing_and_of_less_than_nothing_are_drawn() -> None:
    rows = [
        Bar("None", {}, "£0"),
        Bar("Credit", {"a": Decimal(-50)}, "−£50"),
        Bar("Cost", {"a": Decimal(70)}, "£70"),
    ]
    table = write_out("None", [Column("One")], [["1"]])
    empty = draw("empty", "Empty", "Empty", table, lambda width: bars([], {"a": "A"}, width))
    some = draw("some", "Some", "Some", table, lambda width: bars(rows, {"a": "A"}, width))
    for svg in (empty.wide, some.wide, some.narrow):
        assert ET.fromstring(svg).find(f"{SVG}title") is not None


def test_every_step_of_the_decision_table_has_words() -> None:
    text = resources.files("speccom.charts").joinpath("content", "reasons.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["step"] for row in rows] == list(STEPS)
    assert all(row["name"] and row["sentence"].endswith(".") for row in rows)
