"""The public pages over the ledger: what they answer, what they withhold, and what they refuse in words."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from tests.insight.worlds import NORTH_EAST_LONDON, ledger, many_boards, two_boards
from tests.site.reading import Read, small_counts, table_rows
from tests.site.test_downloads import book, links, shown

from speccom.charts.drawing import MADE_UP
from speccom.workspace import Workspace

PAGES = [
    "/insight/variation/",
    f"/insight/variation/?icb={NORTH_EAST_LONDON}&peers=region",
    "/insight/variation/?lines=service:15",
    "/insight/variation/?lines=NCBPS06A",
    "/insight/equity/",
    f"/insight/equity/?lines=service:15&icb={NORTH_EAST_LONDON}",
    "/insight/flows/",
    f"/insight/flows/?icb={NORTH_EAST_LONDON}",
    "/insight/flows/?by=board",
    f"/insight/flows/?by=balance&year=2025/26&icb={NORTH_EAST_LONDON}",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    rows = [*two_boards(), *many_boards(["72Q", "93C", "00L"])]
    return ledger(tmp_path_factory.mktemp("insight"), rows)


@pytest.fixture
def held(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


def test_without_a_ledger_a_page_says_how_to_build_one(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    for address, status in (
        ("/insight/", 200),
        ("/insight/variation/", 404),
        ("/insight/equity/", 404),
        ("/insight/flows/", 404),
    ):
        page = read(address, status)
        assert "There is no ledger yet" in page
        assert "speccom build" in page
    assert "What is spent on it" not in read("/services/15/")


@pytest.mark.usefixtures("held")
def test_the_first_page_says_what_there_is_from_which_ledger_and_that_it_is_made_up(read: Read) -> None:
    page = read("/insight/")
    assert "The ledger holds 1 month" in page
    assert "Synthetic data." in page
    assert "counts from 1 to 7 are not shown" in page
    assert "Insight" in read("/")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_with_its_notes_gaps_and_what_its_columns_mean(
    client: Client, address: str
) -> None:
    response = client.get(address)
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert "Synthetic data." in html
    assert "Counts from 1 to 7 are not shown" in html or "Nothing is withheld" in html
    for heading in ("What is not said, and why", "What this is made of", "Explain each column"):
        assert heading in html
    assert not re.search(r"\sstyle=", html)
    for picture in re.findall(r"<svg.*?</svg>", html, flags=re.S):
        root = ET.fromstring(picture.replace("&", "&amp;"))
        assert root.get("role") == "img"
        assert MADE_UP in "".join(root.itertext())
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_no_count_from_1_to_7_is_on_a_page_or_in_a_file(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    for table in re.findall(r"<table.*?</table>", html, flags=re.S):
        assert small_counts(table_rows(table)) == []
    files = links(html, "csv")
    assert len(files) == len(shown(html)) > 0
    for link in files:
        rows = list(csv.reader(io.StringIO(client.get(link).content.decode())))
        assert small_counts(rows) == []
        assert all(MADE_UP in row[-2] for row in rows[1:])


@pytest.mark.usefixtures("held")
def test_a_withheld_row_says_so_and_gives_nothing_of_itself(client: Client) -> None:
    html = client.get("/insight/flows/", {"icb": NORTH_EAST_LONDON}).content.decode()
    [table] = re.findall(r'<table[^>]*id="provider".*?</table>', html, flags=re.S)
    rows = {row[0]: row for row in table_rows(table)}
    leeds = rows["Leeds Teaching Hospitals"]
    assert leeds[3:6] == ["withheld"] * 3
    assert rows["Barts Health"][3:5] == ["40", "4,000"]
    assert "£30" not in html
    [link] = links(html, "csv")
    [hidden] = [
        row
        for row in csv.DictReader(io.StringIO(client.get(link).content.decode()))
        if "Leeds" in row["Provider"]
    ]
    assert (hidden["Patients"], hidden["Spend (£)"], hidden["Share of board"]) == ("", "", "")


@pytest.mark.usefixtures("held")
def test_a_file_holds_numbers_and_not_the_words_for_them(client: Client) -> None:
    html = client.get("/insight/variation/").content.decode()
    [first, *_] = links(html, "csv")
    rows = {row["Code"]: row for row in csv.DictReader(io.StringIO(client.get(first).content.decode()))}
    assert rows[NORTH_EAST_LONDON]["Patients"] == "50"
    assert float(rows[NORTH_EAST_LONDON]["Access (patients per 100,000)"]) == pytest.approx(2.022, abs=0.01)
    about, sheet = book(client.get(links(html, "xlsx")[0]).content)
    assert [MADE_UP] in about
    assert sheet[0][0] == "Board"


@pytest.mark.usefixtures("held")
def test_the_question_stands_in_the_form_and_leads_on(client: Client) -> None:
    html = client.get(
        "/insight/variation/", {"code": "NCBPS11B", "icb": "QMF", "peers": "region"}
    ).content.decode()
    assert re.search(r'<option value="NCBPS11B" selected>[^<]*\(NCBPS11B\)', html)
    assert '<option value="QMF" selected>' in html
    assert '<option value="region" selected>' in html
    assert "/insight/flows/?lines=NCBPS11B&amp;icb=QMF" in html
    service = client.get("/services/15/").content.decode()
    assert "/insight/variation/?lines=service%3A15" in service
    assert "/insight/flows/?lines=service%3A15" in service


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/insight/variation/?lines=nothing", 400, "is no service line, service, programme or pathway"),
        (
            "/insight/variation/?lines=NCBPS11B,NCBPS06A",
            400,
            "one line, service, programme or pathway at a time",
        ),
        ("/insight/variation/?boundaries=today", 400, "boards as they were, and on no other boundaries"),
        ("/insight/variation/?peers=moon", 400, "is no board"),
        ("/insight/variation/?icb=QZZ", 400, "is no board with a row here"),
        ("/insight/variation/?year=soon", 400, "is not a financial year"),
        ("/insight/variation/?year=1999/00", 404, "The ledger holds nothing of 1999/00"),
        ("/insight/flows/?by=moon", 400, "choose from provider, board, balance"),
        ("/insight/flows/?download=cat.csv", 404, "is not a file of this page"),
        (f"/insight/flows/?lines={'x' * 300}", 400, "300 characters"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    client: Client, address: str, status: int, said: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert said in unescape(re.sub(r"<[^>]+>", "", response.content.decode()))


@pytest.mark.usefixtures("held")
def test_imported_outlines_are_the_ground_of_the_map(client: Client, held: Workspace) -> None:
    import json

    shapes = {"QMF": [[[0, 0], [9, 0], [9, 9]]], "QWO": [[[0, 20], [9, 20], [9, 29]]]}
    path = held.reference / "boundaries-2023-04-01.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"name": "b", "since": "2023-04-01", "shapes": shapes}))
    try:
        html = client.get("/insight/flows/").content.decode()
    finally:
        path.unlink()
    assert "Office for National Statistics" in html
    drawing = re.search(r"<svg[^>]*flow-map-wide.*?</svg>", html, flags=re.S)
    assert drawing and "<rect" not in drawing[0]
