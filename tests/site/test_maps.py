"""Maps of boards by arrangement on a date: as tiles, in imported outlines, and as a table."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tests.site.reading import Read

from speccom.charts.boards import Shown, counted, tile_picture
from speccom.charts.drawing import SHORT, WORDS
from speccom.charts.layout import tiles
from speccom.charts.look import COLOURS, PATTERNS, contrast, ink_on
from speccom.places.boundaries import import_boundaries
from speccom.register import Register
from speccom.site.explore.queries.timeline import map_on, together

REGISTER = Register.load()
SVG = "{http://www.w3.org/2000/svg}"
LINE = "/lines/NCBPS11B/"


def boards(on: date) -> dict[str, Shown]:
    found = map_on(REGISTER, ["NCBPS11B"], on)
    return {board: Shown(together(how) or "none", board) for board, how in found.items()}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2023, 3, 31), {"national": 42}),
        (date(2023, 4, 1), {"joint": 42}),
        (date(2024, 3, 31), {"joint": 42}),
        (date(2024, 4, 1), {"joint": 22, "delegated": 20}),
        (date(2025, 4, 1), {"delegated": 42}),
        (date(2026, 3, 31), {"delegated": 42}),
        (date(2026, 4, 1), {"delegated": 36}),
    ],
)
def test_boards_are_counted_by_arrangement_on_each_changeover_day(on: date, expected: dict[str, int]) -> None:
    assert counted(boards(on)) == expected
    assert {tile.area for tile in tiles(on)} == set(boards(on))


def test_every_tile_carries_its_code_its_arrangement_and_its_name() -> None:
    on = date(2024, 5, 1)
    picture = ET.fromstring(tile_picture("tried", "A title", "A description", on, boards(on)))
    assert picture.get("role") == "img"
    written = [each.text for each in picture.iter(f"{SVG}text")]
    hovered = [each.text for each in picture.iter(f"{SVG}title")]
    for board, shown in boards(on).items():
        assert written[written.index(board) + 1] == SHORT[shown.arrangement]
        assert f"{shown.name} ({board}): {WORDS[shown.arrangement].lower()}" in hovered


def test_no_two_tiles_overlap_and_all_lie_in_the_picture() -> None:
    for on in (date(2024, 5, 1), date(2026, 5, 1)):
        cells = [
            (tile.column + across, tile.row + down)
            for tile in tiles(on)
            for across in range(tile.width)
            for down in range(tile.height)
        ]
        assert len(cells) == len(set(cells))


def test_every_arrangement_has_words_a_readable_colour_and_a_sign_besides() -> None:
    assert set(WORDS) == set(SHORT) == set(COLOURS)
    assert len(set(SHORT.values())) == len(SHORT)
    for colour in COLOURS.values():
        assert contrast(ink_on(colour), colour) >= 4.5
    assert len(set(PATTERNS.values())) == len(COLOURS) - 1  # delegated alone is plain


# --- on the pages


def test_the_map_of_a_line_is_of_the_day_asked_and_its_table_leads_to_answers(
    client: Client, read: Read
) -> None:
    page = read(LINE, on="2024-05-01")
    assert "Who commissions it in each area on 1 May 2024" in page
    assert (
        "In 22 areas NHS England and the board commission it together; in 20 areas the board commissions it."
        in page
    )
    html = client.get(LINE, {"on": "2024-05-01"}).content.decode()
    assert '/who/?line=NCBPS11B&amp;area=QNC&amp;on=2024-05-01"' in html
    rows = re.search(r'id="areas".*?</table>', html, flags=re.S)
    assert rows and rows[0].count("<tr") == 1 + 42


def test_a_service_whose_lines_differ_says_so_in_each_area(read: Read) -> None:
    page = read("/services/105/", on="2025-05-01")
    assert "the board commissions some of its lines, NHS England the rest" in page
    assert re.search(r"\d+ delegated and \d+ retained", page)


def test_before_there_were_boards_there_is_no_map_and_the_page_says_why(read: Read) -> None:
    assert "Integrated care boards began on 1 July 2022" in read(LINE, on="2020-01-01")
    assert "Integrated care boards began on 1 July 2022" in read(LINE, on="1999-01-01")


def test_a_day_that_is_none_is_refused_in_words(read: Read) -> None:
    assert "is not a date" in read(LINE, 400, on="2025-02-30")


def test_a_map_as_known_earlier_says_so_and_cites_answers_that_stay_true(client: Client, read: Read) -> None:
    """The delegation of April 2025 was decided in 2024; in January 2024 nobody could know of it."""
    asked = {"on": "2025-05-01", "known": "2024-01-15"}
    assert "In all 42 areas the board commissions it." in read(LINE, on=asked["on"])
    page = read(LINE, **asked)
    assert "Who commissions it in each area on 1 May 2025, as known on 15 January 2024" in page
    assert "Facts that became public later do not count in this map." in page
    assert "In 22 areas NHS England and the board commission it together" in page
    html = client.get(LINE, asked).content.decode()
    cited = "/who/?line=NCBPS11B&amp;area=QMF&amp;on=2025-05-01&amp;known=2024-01-15"
    assert f'"{cited}"' in html
    assert "NHS England and NHS North East London" in read(cited.replace("&amp;", "&"))
    assert '/lines/NCBPS11B/?on=2024-04-01&amp;known=2024-01-15#map"' in html
    assert '<input type="hidden" name="known" value="2024-01-15">' in html
    assert '"/lines/NCBPS11B/?on=2025-05-01#map"' in html


def test_what_is_taken_from_a_map_as_known_earlier_carries_the_day(client: Client) -> None:
    asked = {"on": "2025-05-01", "known": "2024-01-15"}
    html = client.get(LINE, asked).content.decode()
    assert "/lines/NCBPS11B/?on=2025-05-01&amp;known=2024-01-15&amp;download=areas.csv" in html
    assert "/api/v1/lines/NCBPS11B?on=2025-05-01&amp;known=2024-01-15" in html
    table = client.get(LINE, asked | {"download": "areas.json"}).json()
    assert table["title"].endswith("Arrangement by area on 1 May 2025, as known on 15 January 2024")
    assert table["page"].endswith("/lines/NCBPS11B/?on=2025-05-01&known=2024-01-15")
    assert {row["Arrangement"] for row in table["rows"]} == {"Joint", "Delegated"}


def test_boards_whose_merger_was_not_known_yet_have_their_tiles(client: Client) -> None:
    for known, boards in (("2025-09-08", 42), ("2025-09-09", 36)):
        html = client.get(LINE, {"on": "2026-05-01", "known": known}).content.decode()
        rows, tiled = (
            re.search(pattern, html, flags=re.S)
            for pattern in (r'id="areas".*?</table>', r'<svg[^>]*aria-labelledby="tile-map.*?</svg>')
        )
        assert rows and rows[0].count("<tr") == 1 + boards
        assert tiled and tiled[0].count("<rect") >= boards
        assert all(f">{code}</text>" in tiled[0] for code in re.findall(r">(Q[A-Z0-9]{2})\b", rows[0]))


def test_before_a_board_was_known_there_is_no_map_and_the_page_says_why(read: Read) -> None:
    page = read(LINE, on="2024-05-01", known="2022-01-01")
    assert "On 1 January 2022 no integrated care board had begun" in page


def test_what_will_be_known_cannot_be_asked_of_a_map(read: Read) -> None:
    assert "cannot be said yet" in read(LINE, 400, known="2999-01-01")


def test_a_service_keeps_what_was_known_in_its_map(read: Read) -> None:
    assert "as known on 15 January 2024" in read("/services/15/", on="2025-05-01", known="2024-01-15")


@pytest.fixture
def boundaries(shared: Path) -> Iterator[None]:
    imported = import_boundaries(
        settings.WORKSPACE, REGISTER, shared / "reference" / "icb_april_2023_bsc.geojson"
    )
    yield
    (settings.WORKSPACE.reference / f"boundaries-{imported.since}.json").unlink()


@pytest.mark.usefixtures("boundaries")
def test_imported_outlines_are_the_map_with_their_source_and_tiles_beside(client: Client) -> None:
    html = client.get(LINE, {"on": "2024-05-01"}).content.decode()
    outlines, tile_map = re.findall(
        r'<svg[^>]*aria-labelledby="(?:outline|tile)-map.*?</svg>', html, flags=re.S
    )
    named = [each.text or "" for each in ET.fromstring(outlines).iter(f"{SVG}title")][1:]
    assert len(named) == 42
    assert "NHS Staffordshire and Stoke-on-Trent Integrated Care Board (QNC): delegated" in named
    assert "Office for National Statistics licensed under the Open Government Licence" in html
    assert ET.fromstring(tile_map) is not None
    assert len(html) < 200_000


@pytest.mark.usefixtures("boundaries")
def test_outlines_of_boards_that_ended_are_coloured_as_what_lies_there(client: Client) -> None:
    html = client.get(LINE, {"on": "2026-05-01"}).content.decode()
    assert "12 of them were not there on the day shown" in html
    assert "NHS Frimley Integrated Care Board, now parts of" in html
    assert "Delegated (36)" in html
