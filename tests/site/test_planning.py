"""The public pages of what changed, volatility and tiers: what they answer, withhold and refuse."""

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
from tests.insight.worlds import NORTH_EAST_LONDON, RENAL, fourteen_months, ledger
from tests.ledger.worlds import SPINAL
from tests.site.reading import Read, small_counts, table_rows
from tests.site.test_downloads import book, links, shown
from tests.site.test_links import Walk, one_of_each

from speccom.charts.drawing import MADE_UP
from speccom.workspace import Workspace

PAGES = [
    "/insight/changes/",
    "/insight/changes/?icb=each",
    f"/insight/changes/?icb={NORTH_EAST_LONDON}&measure=lines&until=2025/26-1",
    f"/insight/control/?lines={RENAL}",
    f"/insight/control/?lines={RENAL}&icb={NORTH_EAST_LONDON}&measure=lines",
    f"/insight/control/?lines={SPINAL}",
    "/insight/volatility/",
    "/insight/volatility/?footprint=icb",
    f"/insight/volatility/?lines={RENAL}",
    "/insight/tiers/",
    "/insight/tiers/?q=0.1&alpha=0.2&providers=1&out_of_area=1",
    f"/insight/tiers/?lines={RENAL}&q=0.1",
    f"/insight/tiers/?lines={SPINAL}",
    "/insight/tiers/?lines=service:11",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("planning"), fourteen_months())


@pytest.fixture
def held(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


def test_without_a_ledger_each_page_says_how_to_build_one(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    for name in ("changes", "control", "volatility", "tiers"):
        assert "There is no ledger yet" in read(f"/insight/{name}/", 404)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_with_how_to_read_it_its_notes_and_gaps(client: Client, address: str) -> None:
    response = client.get(address)
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert "Synthetic data." in html
    assert ("How to read this" in html) != ("There is no chart of" in html)
    for heading in (
        "What is not said, and why",
        "What this is made of",
        "Explain each column",
    ):
        assert heading in html
    assert not re.search(r"\sstyle=", html)
    assert "None" not in re.sub(r"<svg.*?</svg>", "", re.sub(r"None in particular", "", html), flags=re.S)
    for picture in re.findall(r"<svg.*?</svg>", html, flags=re.S):
        assert MADE_UP in "".join(ET.fromstring(picture.replace("&", "&amp;")).itertext())
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_every_table_is_a_file_without_a_small_count(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    for table in re.findall(r"<table.*?</table>", html, flags=re.S):
        assert small_counts(table_rows(table)) == []
    files = links(html, "csv")
    assert len(files) == len(shown(html))
    for link in files:
        rows = list(csv.reader(io.StringIO(client.get(link).content.decode())))
        assert small_counts(rows) == []
        assert all(MADE_UP in row[-2] for row in rows[1:])
    for link in links(html, "xlsx"):
        about, sheet = book(client.get(link).content)
        assert [MADE_UP] in about
        assert len(sheet) > 1


@pytest.mark.usefixtures("held")
def test_what_is_new_stands_first_and_is_a_click_from_its_chart(client: Client) -> None:
    html = client.get("/insight/changes/", {"icb": "each"}).content.decode()
    assert "New in May 2025" in html
    [new] = re.findall(r'<table[^>]*id="new".*?</table>', html, flags=re.S)
    [link] = re.findall(r'href="(/insight/control/[^"]+)"', new)
    chart = client.get(unescape(link))
    assert chart.status_code == 200
    assert "above the limit" in chart.content.decode()
    assert "£" not in re.sub(r"<caption.*?</caption>", "", new).replace("£2,000 to £5,000", "")


@pytest.mark.usefixtures("held")
def test_what_had_changed_by_an_earlier_month_is_another_address(read: Read) -> None:
    assert "Nothing that may be shown had changed by April 2025" in read(
        "/insight/changes/?icb=each&until=2025/26-1"
    )


@pytest.mark.usefixtures("held")
def test_a_withheld_chart_says_why_and_shows_no_value(client: Client) -> None:
    html = client.get("/insight/control/", {"lines": SPINAL}).content.decode()
    assert "one of its months has 1 to 7 patients" in html
    [table] = re.findall(r'<table[^>]*id="months".*?</table>', html, flags=re.S)
    assert {row[1] for row in table_rows(table)[1:]} == {"withheld"}
    assert "<polyline" not in html


@pytest.mark.usefixtures("held")
def test_a_line_of_few_is_withheld_among_the_tiers_and_on_its_own_page(client: Client) -> None:
    html = client.get("/insight/tiers/").content.decode()
    [table] = re.findall(r'<table[^>]*id="tiers".*?</table>', html, flags=re.S)
    [spinal] = [row for row in table_rows(table) if "spinal" in row[0].lower()]
    assert set(spinal[1:]) <= {"withheld", "–"}
    own = client.get("/insight/tiers/", {"lines": SPINAL}).content.decode()
    assert "No size is recommended: fewer than 8 patients in one of the years." in own


@pytest.mark.usefixtures("held")
def test_the_bars_stand_in_the_form_and_go_with_each_line(client: Client) -> None:
    html = client.get("/insight/tiers/", {"q": "0.1", "alpha": "0.2", "providers": "1"}).content.decode()
    assert '<option value="0.1" selected>10%</option>' in html
    assert '<option value="0.2" selected>20%</option>' in html
    assert f"lines={RENAL}&amp;q=0.1&amp;alpha=0.2&amp;providers=1" in html
    assert "q = 10.0%" in html


@pytest.mark.usefixtures("held")
def test_a_line_that_the_ledger_has_nothing_of_is_a_gap_on_every_page(read: Read) -> None:
    for name in ("changes", "control", "volatility", "tiers"):
        assert "the ledger has" in read(f"/insight/{name}/?lines=NCBPS14A") or name == "changes"


@pytest.mark.usefixtures("held")
def test_services_and_their_lines_lead_to_these_pages(client: Client) -> None:
    for page in ("/services/11/", f"/lines/{RENAL}/", "/insight/variation/"):
        html = client.get(page).content.decode()
        for name in ("control", "volatility", "tiers"):
            assert f"/insight/{name}/?lines=" in html, (page, name)


@pytest.mark.usefixtures("held")
def test_every_link_of_these_pages_leads_somewhere(client: Client) -> None:
    walk = Walk(client)
    walk.look("/insight/")
    for _ in range(2):
        for address in one_of_each(each for each in walk.questions if each.startswith("/insight/")):
            walk.look(address)
        for address in [each for each in walk.waiting if each.startswith("/insight/")]:
            walk.look(address)
    assert walk.failed == []
    assert {"changes", "control", "volatility", "tiers"} <= {each.split("/")[2] for each in walk.named}


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/insight/changes/?measure=pounds", 400, "spend or lines"),
        ("/insight/changes/?until=soon", 400, "is no month: write 2025/26-6"),
        ("/insight/changes/?until=1999/00-1", 400, "holds no month"),
        ("/insight/changes/?lines=NCBPS11B,NCBPS06A", 400, "at a time"),
        ("/insight/changes/?boundaries=today", 400, "boards as they were"),
        ("/insight/control/?lines=NCBPS11B&icb=QZZ", 400, "choose from"),
        ("/insight/tiers/?q=0.07", 400, "choose from 0.025, 0.05, 0.1"),
        ("/insight/tiers/?out_of_area=0.31", 400, "choose from 0.25, 0.5, 0.75, 1"),
        ("/insight/volatility/?footprint=moon", 400, "choose from icb, multi_icb, region, england"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    client: Client, address: str, status: int, said: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert said in unescape(re.sub(r"<[^>]+>", "", response.content.decode()))
