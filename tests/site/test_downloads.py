"""Every table of every page is a file that says where it comes from, and holds what the page shows."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest
from django.test import Client
from tests.cli.test_output import sheets
from tests.site.reading import words

from speccom.site.core.library import register, today
from speccom.site.core.pages import Link, Tag, table
from speccom.site.core.words import long_date
from speccom.site.explore.downloads import About, _csv, _workbook

ADDED = ["Page", "Made on", "Sources", "Register"]
PAGES = [
    "/services/",
    "/services/15/",
    "/lines/",
    "/lines/NCBPS11B/",
    "/who/?line=NCBPS11B&area=QNC&on=2024-05-01&known=2024-03-01",
    "/organisations/",
    "/organisations/QNC/",
    "/organisations/QNQ/",
    "/programmes/",
    "/programmes/cancer/",
    "/decisions/",
    "/changes/?from=2026-03-31&to=2026-04-01",
    "/neuroscience/",
    "/disagreements/",
    "/coverage/",
    "/data/",
]


def links(html: str, form: str) -> list[str]:
    """The addresses of the page's files of one form."""
    return [unescape(found) for found in re.findall(rf'href="([^"]*download=[^"]*\.{form})"', html)]


def shown(html: str) -> dict[str, int]:
    """Each table that a page shows → how many rows it has, those that wait behind a click among them."""
    rows: dict[str, int] = {}
    for key, body in re.findall(r'<table [^>]*id="([^"]+)">(.*?)</table>', html, flags=re.S):
        key = key.removesuffix("-more")
        rows[key] = rows.get(key, 0) + len(re.findall(r"<tr", body)) - 1
    return rows


def book(content: bytes) -> list[list[list[str]]]:
    """The sheets of a workbook as rows of text."""
    found = sheets(io.BytesIO(content)).values()  # type: ignore[arg-type]
    return [[[text for _, text in row] for row in sheet] for sheet in found]


@pytest.mark.parametrize("address", PAGES)
def test_every_table_that_a_page_shows_is_there_as_csv_and_workbook(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    in_csv, in_book = links(html, "csv"), links(html, "xlsx")
    named = [re.search(r"download=(.+)\.csv", link)[1] for link in in_csv]  # type: ignore[index]
    assert set(shown(html)) <= set(named)
    assert named
    for key, as_csv, as_book in zip(named, in_csv, in_book, strict=True):
        response = client.get(as_csv)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        header, *rows = csv.reader(io.StringIO(response.content.decode()))
        assert header[-4:] == ADDED
        assert len(rows) == shown(html).get(key, len(rows)) > 0
        assert all(len(row) == len(header) and all(row[-4:]) for row in rows)
        about, sheet = book(client.get(as_book).content)
        assert about[3:5] == [[f"Register: {register().snapshot}"], ["Sources"]]
        assert len(about) > 5
        assert sheet[0] == header[:-4]
        assert len(sheet) == len(rows) + 1


def test_a_file_carries_question_day_sources_and_register(client: Client) -> None:
    response = client.get("/who/?line=NCBPS11B&area=QNC&on=2024-05-01&download=over-time.csv")
    [first, *_] = csv.DictReader(io.StringIO(response.content.decode()))
    assert (first["From"], first["To"], first["Arrangement"]) == ("2022-07-01", "2023-03-31", "National")
    assert "/who/?line=NCBPS11B&area=QNC&on=2024-05-01&known=" in first["Page"]
    assert (first["Made on"], first["Register"]) == (str(today()), register().snapshot)
    assert "7 December 2023" in first["Sources"]
    assert f"-over-time-{today()}-{register().snapshot}.csv" in response["Content-Disposition"]
    assert response["Speccom-Register"] == register().snapshot
    assert 'rel="describedby"' in response["Link"]
    about, _ = book(client.get("/who/?line=NCBPS11B&area=QNC&on=2024-05-01&download=over-time.xlsx").content)
    assert about[2] == [f"Made on {long_date(today())} by Speccom"]


def test_json_for_programs_names_the_same(client: Client) -> None:
    told = json.loads(client.get("/neuroscience/?download=centres.json").content)
    assert len(told["rows"]) == 24
    assert told["register"] == register().snapshot
    assert told["sources"] and told["page"].endswith("/neuroscience/")


def test_a_workbook_s_numbers_are_numbers_and_csv_s_days_are_iso(client: Client) -> None:
    content = client.get("/coverage/?download=coverage.xlsx").content
    _, counted = sheets(io.BytesIO(content)).values()  # type: ignore[arg-type]
    assert {kind for row in counted[1:] for kind, _ in row[1:]} == {"n"}
    [first, *_] = csv.DictReader(
        io.StringIO(client.get("/organisations/QNQ/?download=successions.csv").content.decode())
    )
    assert first["On"] == "2026-04-01"
    assert first["Source address"].startswith("https://")


def test_text_that_a_spreadsheet_would_run_stays_text() -> None:
    evil = "=cmd|' /C calc'!A0"
    held = table(
        "evil",
        "Evil",
        (evil, "Word", "Number"),
        [(evil, Link("@sum", "/x/"), -5), (Tag("+1", "red"), "-", 3)],
    )
    about = About("Evil", "https://example.org/?q==1", today(), (evil,), "3f")
    header, *rows = csv.reader(io.StringIO(str(_csv(held, about))))
    assert header[:3] == [f"'{evil}", "Word", "Number"]
    assert [row[:3] for row in rows] == [[f"'{evil}", "'@sum", "-5"], ["'+1", "'-", "3"]]
    assert rows[0][5] == f"'{evil}"
    _, sheet = sheets(io.BytesIO(bytes(_workbook(held, about)))).values()  # type: ignore[arg-type]
    assert sheet[1] == [("s", evil), ("s", "@sum"), ("n", "-5")]


@pytest.mark.parametrize("wanted", ["nothing.csv", "lines.exe", "lines", ".csv", "../lines.csv", "<script>"])
def test_a_file_that_a_page_does_not_have_is_a_helpful_page(client: Client, wanted: str) -> None:
    response = client.get("/services/15/", {"download": wanted})
    assert response.status_code == 404
    assert "choose one that it has" in words(response.content.decode())
    assert "lines.csv" in response.content.decode()


# --- each page names its address in the API


@pytest.mark.parametrize(
    ("page", "api"),
    [
        ("/who/?line=NCBPS11B&area=QNC&on=2024-05-01", "/api/v1/who?line=NCBPS11B&area=QNC&on=2024-05-01"),
        (
            "/who/?line=NCBPS11B&area=Staffordshire&on=2024-05-01",
            "/api/v1/who?line=NCBPS11B&area=QNC&on=2024-05-01",
        ),
        ("/search/?q=renal dialysis", "/api/v1/search?q=renal+dialysis"),
        ("/services/15/", "/api/v1/services/15"),
        ("/lines/NCBPS11B/", "/api/v1/lines/NCBPS11B"),
        ("/organisations/RJE/", "/api/v1/organisations/RJE"),
        ("/programmes/cancer/", "/api/v1/lines?programme=Cancer"),
        ("/decisions/", "/api/v1/decisions"),
        ("/changes/?from=2026-03-31&to=2026-04-01", "/api/v1/changes?from=2026-03-31&to=2026-04-01"),
        ("/data/", "/api/v1/openapi.json"),
        ("/coverage/", "/coverage/?download=coverage.json"),
    ],
)
def test_a_page_names_the_address_that_tells_programs_the_same(client: Client, page: str, api: str) -> None:
    html = client.get(page).content.decode()
    assert [unescape(each) for each in re.findall(r'class="api".*?<code>(.*?)</code>', html)] == [api]
    assert client.get(api).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_every_page_with_a_table_names_one(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    [api] = re.findall(r'class="api".*?<code>(.*?)</code>', html)
    assert client.get(unescape(api)).status_code == 200


def test_a_group_s_lines_are_those_of_its_page(client: Client) -> None:
    pages = re.findall(
        r'href="(/programmes/cancer/[^"]+/)"', client.get("/programmes/cancer/").content.decode()
    )
    assert pages
    for page in pages:
        html = client.get(page).content.decode()
        [api] = re.findall(r'class="api".*?<code>(.*?)</code>', html)
        codes = {each["code"] for each in client.get(unescape(api)).json()}
        assert codes == set(re.findall(r'href="/lines/([A-Z0-9]+)/"', html)), page
