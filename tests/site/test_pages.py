"""Every public page: it answers, has its parts, loads nothing from elsewhere, and weighs little."""

from __future__ import annotations

import gzip
import re
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from tests.site.reading import Read

from speccom.site.core.library import register, today
from speccom.site.explore.content import rows

PAGES = (
    "/",
    "/search/?q=renal",
    "/who/",
    "/who/?line=NCBPS11B&area=QNC&on=2024-05-01",
    "/services/",
    "/services/15/",
    "/lines/",
    "/lines/NCBPS11B/",
    "/organisations/",
    "/organisations/QNQ/",
    "/organisations/Y56/",
    "/organisations/JC1/",
    "/organisations/X24/",
    "/organisations/RJE/",
    "/programmes/",
    "/programmes/internal-medicine/",
    "/programmes/internal-medicine/renal-services/",
    "/decisions/",
    "/changes/",
    "/neuroscience/",
    "/disagreements/",
    "/coverage/",
    "/data/",
    "/about/",
    "/accessibility/",
)
_LOADED = re.compile(
    r"<(?:img|script|iframe|source|embed|video|audio)\b[^>]*\bsrc=\"([^\"]+)\""
    r"|<link rel=\"(?:stylesheet|icon|preload|manifest)\"[^>]*\bhref=\"([^\"]+)\""
)
_LARGEST_PAGE = 200_000  # bytes over the wire, styles and script included


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_one_heading_a_title_and_captioned_tables(client: Client, address: str) -> None:
    response = client.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ – Speccom</title>", page)
    assert page.count("<table") == page.count("<caption")
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    assert ">None<" not in page
    assert "style=" not in page


@pytest.mark.parametrize("address", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_weighs_little(client: Client, address: str) -> None:
    response = client.get(address, headers={"accept-encoding": "gzip"})
    page = gzip.decompress(response.content) if response.has_header("Content-Encoding") else response.content
    loaded = [one or other for one, other in _LOADED.findall(page.decode())]
    assert len(loaded) >= 3  # the icon, the design system and our own styles
    assert all(each.startswith("/static/") for each in loaded)
    weight = len(response.content)
    for each in loaded:
        built = settings.STATIC_ROOT / each.removeprefix("/static/")
        packed = built.with_name(built.name + ".gz")
        weight += (packed if packed.exists() else built).stat().st_size
    assert weight <= _LARGEST_PAGE


def test_built_styles_name_no_other_site_and_no_restricted_font() -> None:
    for path in settings.STATIC_ROOT.rglob("*.css"):
        styles = path.read_text(encoding="utf-8")
        assert "Frutiger" not in styles
        assert not re.search(r"url\([\"']?(https?:)?//", styles)


def test_every_page_forbids_inline_code_and_other_sites(client: Client) -> None:
    headers = client.get("/").headers
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/lines/NCBPS11X/", 404, "NCBPS11B"),
        ("/services/999/", 404, "is not the number of a prescribed service"),
        ("/organisations/ZZZ/", 404, "is not the code of an organisation"),
        ("/programmes/astrology/", 404, "no programme of care"),
        ("/programmes/cancer/astrology/", 404, "no programme of care"),
        ("/changes/?from=2025-04-01&to=2024-04-01", 400, "give the earlier date first"),
        ("/changes/?from=soon", 400, "is not a date"),
        ("/nowhere/", 404, "There is no page at this address"),
        ("/search/?q=" + "x" * 5000, 400, "5,000 characters"),
    ],
)
def test_what_is_not_there_is_a_helpful_page_of_the_right_status(
    read: Read, address: str, status: int, said: str
) -> None:
    page = read(address, status)
    assert said in page
    assert "What you can do" in page


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_only_for_reading(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


def test_a_script_in_a_query_is_only_words(client: Client) -> None:
    page = client.get("/search/", {"q": "<script>alert(1)</script>"})
    assert page.status_code == 200
    assert b"<script>alert" not in page.content


def test_decisions_say_what_each_changed(read: Read) -> None:
    page = read("/decisions/")
    assert "1 April 2024: 59 services delegated, in 20 ICBs" in page
    assert "1 April 2025: 70 services delegated, in 22 ICBs" in page
    assert "1 April 2025: 11 services delegated, in 20 ICBs" in page
    assert "12 integrated care boards closed, 6 began: 36 from then" in page
    assert "About September or October 2023" in page


def test_every_decision_is_said_plainly_once() -> None:
    assert sorted(row["decision_id"] for row in rows("decisions")) == sorted(register().decisions)


def test_changes_of_a_changeover_day_are_counted(read: Read) -> None:
    page = read("/changes/", **{"from": "2025-03-31", "to": "2025-04-01"})
    assert "Joint Delegated" in page.replace("Before ", "").replace("After ", "")
    assert "Nothing changed" in read("/changes/", **{"from": "2024-06-01", "to": "2024-06-02"})


def test_there_are_24_neuroscience_centres_and_every_board_has_one_or_is_listed(read: Read) -> None:
    page = read("/neuroscience/")
    assert "The 24 centres" in page
    boards = sum(1 for area in register().areas(today()).values() if area.kind == "icb")
    without = int(re.search(r"The (\d+) boards without a centre", page)[1])  # type: ignore[index]
    assert 0 < without < boards


def test_disagreements_give_each_side_a_source_of_the_register(read: Read) -> None:
    topics = [row["topic"] for row in rows("disagreements")]
    for topic in topics:
        assert sum(1 for row in rows("claims") if row["topic"] == topic) >= 2
    for row in rows("claims"):
        assert row["topic"] in topics
        assert row["source_id"] in register().sources or row["url"]
    assert "65 suitable and ready" in read("/disagreements/")


def test_what_speccom_says_of_itself_among_the_sources_is_counted() -> None:
    """The claims that are the register's own counts must stay what it counts."""
    said = " ".join(row["claim"] for row in rows("claims"))
    lines = register().lines.values()
    highly = sum(1 for line in lines if line.highly_specialised)
    assert f"{highly} service lines marked" in said
    of_year = [
        sum(
            1
            for line in lines
            if line.kind == "service line"
            and register().line_status(line.code, day) not in {None, "NOT APPLICABLE"}
        )
        for day in (date(2024, 4, 1), date(2025, 4, 1))
    ]
    assert f"{of_year[0]} service lines in 2024/25, and {of_year[1]} from 2025/26" in said
    groups = register().facts.load("groups").of("type").values()
    held = sum(1 for each in groups if each[0].value == "clinical reference group")
    assert f"{held} groups held here" in said


def test_coverage_counts_every_fact_of_the_register(read: Read) -> None:
    from speccom.register.facts import shipped, shipped_files

    total = sum(len(shipped(file)) for file in shipped_files())
    assert f"The register holds {total:,} facts." in read("/coverage/")


def test_a_service_says_in_plain_words_who_commissions_its_lines(read: Read) -> None:
    assert "Integrated care boards (ICBs) commission all 3 of its service lines" in read("/services/15/")
    assert "commission 27 and NHS England commissions 1." in read("/services/105/")
    assert "NHS England commissions its one service line for all of England." in read("/services/31/")
    assert "NHS England commissions 4 and nobody commissions 1 as a specialised service." in read(
        "/services/6/"
    )


def test_a_number_stands_under_its_heading_and_a_day_on_one_line(client: Client) -> None:
    html = client.get("/changes/", {"from": "2025-03-31", "to": "2025-04-01"}).content.decode()
    assert re.search(r'<th scope="col" class="[^"]*--numeric">Service lines</th>', html)
    assert re.search(r'<th scope="col" class="nhsuk-table__header">Before</th>', html)
    assert '<span class="day">1 April 2025</span>' in html


def test_an_organisation_shows_who_came_before_and_after(read: Read) -> None:
    assert "It ended on 31 March 2026 and was split" in read("/organisations/QNQ/")
    successor = read("/organisations/D7T5G/")
    assert "Who followed whom" in successor
    assert "All of it" in successor and "A part of it" in successor


@pytest.mark.django_db
def test_health_asks_the_database_and_names_the_register(client: Client) -> None:
    assert client.get("/health/").json() == {"healthy": True, "register": register().snapshot}


def test_a_fault_of_ours_is_a_page_that_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("speccom.site.explore.views.home_page", broken)
    response = client.get("/")
    assert response.status_code == 500
    assert "The fault is ours" in response.content.decode()


def test_a_demonstration_is_linked_and_shown_where_there_is_one_and_real_results_never(
    client: Client, read: Read
) -> None:
    results = settings.WORKSPACE.make().results
    (results / "report.html").write_text("<title>Real</title>", encoding="utf-8")
    assert "No demonstration was run" in read("/demonstration/", 404)
    assert "a demonstration" not in read("/")
    made_up = results / "synthetic-report.html"
    made_up.write_text("<title>Made up</title><style>p { color: #000 }</style>", encoding="utf-8")
    try:
        response = client.get("/demonstration/")
        assert b"Made up" in response.content
        assert "style-src 'sha256-" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "Who pays: a demonstration" in read("/")
    finally:
        made_up.unlink()
