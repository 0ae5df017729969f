"""Search: what words, codes, old names and misspellings find, in which order, and what else is said."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.site.reading import Read, words

from speccom.places.practices import PracticeList, import_practices
from speccom.register import Register
from speccom.site.explore.content import rows
from speccom.site.explore.queries.meaning import areas_meant, lines_meant
from speccom.site.explore.queries.programmes import slug
from speccom.site.explore.search import find, nearest, search
from speccom.workspace import Workspace

REGISTER = Register.load()
NO_PRACTICES = PracticeList({})


def keys(query: str, kind: str | None = None) -> list[str]:
    """What a query finds, best first, of one kind or of all."""
    return [hit.key for hit in search(REGISTER, query, limit=60) if kind in {None, hit.kind}]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("dialysis", "NCBPS11B"),
        ("kidney dialysis", "NCBPS11B"),
        ("kidney", "15"),
        ("brain tumour", "NCBPS01Q"),
        ("brain tumor", "NCBPS58R"),
        ("HIV", "16"),
        ("hiv", "NCBPS14A"),
        ("eating disorder", "8"),
        ("anorexia", "8"),
        ("cleft", "35"),
        ("Frimley", "QNQ"),
        ("mother and baby unit", "124"),
        ("my mum needs kidney dialysis", "NCBPS11B"),
        ("neonatal", "118"),
        ("The Walton Centre", "RET"),
        ("Leeds", "QWO"),
        ("mental health", "mental-health"),
        ("roadmap", "D04"),
        ("Behcet", "27"),
        ("Y60", "Y60"),
    ],
)
def test_everyday_words_find_what_they_mean(query: str, key: str) -> None:
    assert key in keys(query)[:8]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("dialisys", "NCBPS11B"),
        ("dyalisis", "NCBPS11B"),
        ("haemophillia", "132"),
        ("hemophilia", "132"),
        ("nuerosurgery", "NCBPS08S"),
        ("anorexa", "8"),
        ("Frimly", "QNQ"),
        ("transplnt", "69"),
        ("epilespy", "NCBPS73M"),
    ],
)
def test_misspellings_find_it_too(query: str, key: str) -> None:
    assert key in keys(query)


def test_a_word_that_was_read_otherwise_is_said() -> None:
    assert find(REGISTER, "dialisys").read_as == {"dialisys": "dialysis"}
    assert not find(REGISTER, "dialysis").read_as


@pytest.mark.parametrize("query", ["NCBPS11B", "ncbps11b", "11B", "15", "QNC", "A06", "RJE", "D15"])
def test_a_code_comes_first(query: str) -> None:
    assert search(REGISTER, query)[0].how == "code"


def test_a_name_comes_before_its_beginning_its_words_everyday_words_and_misspellings() -> None:
    order = [hit.how for hit in search(REGISTER, "mental health", limit=60)]
    assert order[0] == "name"
    assert order.index("start") < order.index("words")
    found = search(REGISTER, "kidney")
    assert [hit.how for hit in found] == sorted(
        (hit.how for hit in found), key=["words", "everyday words"].index
    )


def test_top_ups_and_retired_codes_come_after_what_is_paid_for() -> None:
    found = keys("Specialist services for haemophilia", "service line")
    assert found.index("NCBPS03X") < found.index("NCBPS03X_TOP")


def test_a_former_board_leads_to_all_that_followed_it() -> None:
    found = {hit.key: hit for hit in search(REGISTER, "Frimley")}
    assert next(iter(found)) == "QNQ"
    assert {"QRL", "S0E4D", "S9B9J"} <= set(found)
    assert "It followed NHS Frimley ICB" in found["S0E4D"].because


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_search_for(query: str) -> None:
    found = search(REGISTER, query, limit=10)
    assert len(found) <= 10
    assert len({(hit.kind, hit.key) for hit in found}) == len(found)
    nearest(REGISTER, query)


@pytest.mark.parametrize("line", ["NCBPS11B", "NCBPS58R", "NCBPS23K"])
def test_a_line_is_the_first_of_its_kind_by_its_own_name(line: str) -> None:
    assert keys(REGISTER.lines[line].name, "service line")[0] == line


def test_every_name_in_the_register_finds_itself() -> None:
    for service in REGISTER.services.values():
        assert service.ref in keys(service.name, "service")
    for body in REGISTER.organisations.values():
        assert body.code in keys(body.name, "organisation")


# --- everyday words as content


def test_everyday_words_are_marked_as_own_or_name_a_source_and_mean_something() -> None:
    table = rows("everyday_words")
    assert len(table) >= 120
    assert max(Counter(row["words"].lower() for row in table).values()) == 1
    for row in table:
        assert row["confidence"] == "recalled" and row["source"] == "Speccom’s own words"
        assert row["means"] or row["note"], row["words"]


def test_everyday_words_lead_to_what_is_there() -> None:
    held = {
        "service": set(REGISTER.services),
        "line": set(REGISTER.lines),
        "organisation": set(REGISTER.organisations),
        "programme": {slug(line.programme) for line in REGISTER.lines.values() if line.programme},
    }
    for row in rows("everyday_words"):
        for meaning in row["means"].split():
            kind, _, key = meaning.partition(":")
            assert key in held[kind], f"{row['words']}: {meaning}"


def test_everyday_words_cover_every_programme_of_care() -> None:
    covered = set()
    for row in rows("everyday_words"):
        for meaning in row["means"].split():
            kind, _, key = meaning.partition(":")
            lines = [
                line
                for line in REGISTER.lines.values()
                if (kind, key) in {("line", line.code), ("service", line.service_ref or "")}
            ]
            covered |= {line.programme for line in lines}
    assert covered >= {
        "Internal Medicine",
        "Cancer",
        "Mental Health",
        "Trauma",
        "Women and Children",
        "Blood and Infection",
    }


@pytest.mark.parametrize("row", rows("everyday_words"), ids=lambda row: row["words"])
def test_each_row_of_everyday_words_finds_what_it_says(row: dict[str, str]) -> None:
    found = find(REGISTER, row["words"])
    reached = {hit.key for hit in found.hits}
    for meaning in row["means"].split():
        assert meaning.partition(":")[2] in reached
    assert not row["note"] or row["note"] in {hit.note for hit in found.hits}


# --- what words may mean as a question


def test_a_town_a_region_and_a_former_board_stand_for_areas() -> None:
    on = date(2026, 5, 1)
    assert areas_meant(REGISTER, NO_PRACTICES, "Leeds", on, None).only == "QWO"
    assert set(areas_meant(REGISTER, NO_PRACTICES, "Frimley", on, None).choices) == {"QRL", "S0E4D", "S9B9J"}
    assert "QNC" in areas_meant(REGISTER, NO_PRACTICES, "Midlands", on, None).choices


def test_a_line_that_was_spelt_otherwise_is_asked_about_and_not_assumed() -> None:
    assert lines_meant(REGISTER, "cleft lip and palate services (adults and children)").only == "NCBPS15Z"
    meant = lines_meant(REGISTER, "photopheresis")
    assert not meant.unsettled and meant.only == "NCBPSECP"
    assert lines_meant(REGISTER, "photoforesis").unsettled


@pytest.fixture
def practice_list(tmp_path: Path) -> Path:
    """Three rows as `epraccur` has them: two open GP practices and a clinic."""
    path = tmp_path / "epraccur.csv"
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL)
        for code, name, area, setting in (
            ("M83001", "THE ORCHARD SURGERY", "05W", "4"),
            ("M83002", "WILLOW BANK SURGERY", "05W", "4"),
            ("Y00001", "NIGHT CLINIC", "05W", "2"),
        ):
            row = [""] * 27
            row[0], row[1], row[9], row[12], row[14], row[25] = code, name, "ST1 1AA", "A", area, setting
            writer.writerow(row)
    return path


@pytest.fixture
def practices_imported(practice_list: Path) -> Iterator[None]:
    workspace: Workspace = settings.WORKSPACE
    import_practices(workspace, REGISTER, practice_list)
    yield
    (workspace.reference / "practices.parquet").unlink()


@pytest.mark.usefixtures("practices_imported")
def test_a_gp_practice_stands_for_its_area_once_a_list_was_imported(read: Read) -> None:
    asked = {"line": "NCBPS11B", "on": "2024-05-01"}
    by_code = read("/who/", **asked, place="M83001")
    assert "The Orchard Surgery (M83001) is a GP practice in 05W." in by_code
    assert "On 1 May 2024, NHS Staffordshire and Stoke-on-Trent" in by_code
    by_name = read("/who/", **asked, place="orchard")
    assert "The Orchard Surgery (M83001) is a GP practice in 05W." in by_name
    several = read("/who/", **asked, place="surgery")
    assert "Which area do you mean?" in several and "Willow Bank Surgery, a GP practice in 05W" in several
    assert "GP practices" in read("/search/", q="willow bank")
    assert "or a GP practice" in read("/who/")


def test_without_a_list_the_form_does_not_speak_of_practices(read: Read) -> None:
    assert "GP practice" not in read("/who/").split("Ask")[1].split("Date")[0]


# --- the pages


def test_the_page_shows_what_was_found_by_kind(read: Read) -> None:
    page = read("/search/", q="Frimley")
    assert "results for “Frimley”" in page
    assert "NHS Frimley ICB" in page and "It followed NHS Frimley ICB" in page
    assert page.index("Organisations that commission") < page.index("Hospital trusts")


def test_what_is_not_specialised_is_said(read: Read) -> None:
    assert "IVF for people who cannot conceive is not specialised" in read("/search/", q="IVF")
    assert "Wheelchairs are not a specialised service" in read("/search/", q="wheelchair")


def test_everyday_words_are_said_to_be_our_own(read: Read) -> None:
    assert "Speccom’s own and not from a source" in read("/search/", q="kidney")
    assert "Speccom’s own and not from a source" not in read("/search/", q="renal")


def test_a_query_that_matches_nothing_gets_a_helpful_page(read: Read) -> None:
    page = read("/search/", q="qqxxzz")
    assert "Nothing in the register matches “qqxxzz”" in page and "What you can do" in page


def test_a_script_in_a_query_is_only_words(client: Client) -> None:
    page = client.get("/search/", {"q": "<script>alert(1)</script>"})
    assert page.status_code == 200
    assert b"<script>alert" not in page.content


def test_a_query_longer_than_any_question_is_refused_in_words(read: Read) -> None:
    assert "5,000 characters" in read("/search/", 400, q="x" * 5000)


def test_as_one_types_only_the_results_come_with_their_number_said_aloud(client: Client) -> None:
    part = client.get("/search/", {"q": "dialysis"}, headers={"HX-Request": "true"})
    html = part.content.decode()
    assert "<html" not in html and "<h1" not in html
    assert "renal dialysis" in words(html)
    assert 'role="status" hx-swap-oob="innerHTML">4 results<' in html
    assert "HX-Request" in part["Vary"]
