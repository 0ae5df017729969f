"""The public page of patients and spend by deprivation: pictures where lists are held, and what to import where not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from tests.insight.deprived import patients, two_gradients, with_people, world
from tests.insight.test_equity import homeless, shared_people
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger
from tests.site.reading import Read, small_counts, table_rows

from speccom.charts.drawing import MADE_UP
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    rows = [
        *two_gradients(),
        *patients(NORTH_EAST_LONDON, (0, 0, 0, 0, 3), first=9000, service_code="NCBPS06A"),
    ]
    return world(tmp_path_factory.mktemp("told"), rows)


@pytest.fixture
def held(told: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = told
    yield told


@pytest.mark.usefixtures("held")
def test_the_page_shows_rates_the_slope_and_each_board(client: Client) -> None:
    html = unescape(client.get("/insight/equity/", {"icb": NORTH_EAST_LONDON}).content.decode())
    for heading in (
        "Patients by deprivation: North East London",
        "Spend by deprivation: England",
        "How steep in each board",
    ):
        assert heading in html
    assert html.count("<svg") == 6
    assert "What to import" not in html
    [table] = re.findall(r'<table[^>]*id="gradients".*?</table>', html, flags=re.S)
    names = [row[0] for row in table_rows(table)[1:]]
    assert names == ["England", "North East London", "West Yorkshire"]
    [table] = re.findall(r'<table[^>]*id="fifths".*?</table>', html, flags=re.S)
    rows = {row[0]: row for row in table_rows(table)}
    assert rows["1 (most deprived)"][1:3] == ["1,100", "60"]
    assert MADE_UP in html


@pytest.mark.usefixtures("held")
def test_a_small_fifth_is_withheld_in_the_page_and_in_its_files(client: Client) -> None:
    address = "/insight/equity/?lines=NCBPS06A"
    html = unescape(client.get(address).content.decode())
    for table in re.findall(r"<table.*?</table>", html, flags=re.S):
        assert small_counts(table_rows(table)) == []
    assert "withheld" in html
    assert "£300" not in html


@pytest.mark.usefixtures("held")
def test_england_is_shown_where_nothing_in_particular_is_asked(read: Read) -> None:
    page = read("/insight/equity/")
    assert "Patients by deprivation: England" in page
    assert "Higher in deprived areas" in page or "No more than chance" in page
    assert "Is access fair" in read("/insight/")


@pytest.mark.usefixtures("held")
def test_a_board_without_people_here_is_answered_with_england(read: Read) -> None:
    page = read("/insight/equity/", icb="QHM")
    assert "Patients by deprivation: England" in page
    assert "The board asked for has no rates of its own here" in page
    assert "nobody of the imported population lives there" in page


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    "asked", [{"icb": "QQQ"}, {"lines": "NCBPS06A,NCBPS11B"}, {"boundaries": "2026-04-01"}]
)
def test_what_cannot_be_asked_is_refused_in_words(client: Client, asked: dict[str, str]) -> None:
    response = client.get("/insight/equity/", asked)
    assert response.status_code in (400, 404)
    assert "<h1" in response.content.decode()


def test_without_lists_the_page_says_what_to_import_and_shows_england(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = ledger(tmp_path_factory.mktemp("plain"), two_gradients())
    page = read("/insight/equity/")
    assert "What to import" in page
    assert page.count("not imported") >= 4
    for kind in ("postcodes", "deprivation", "population", "lsoa-areas"):
        assert f"speccom reference import {kind} FILE" in page
    assert "340" in page


def test_a_list_that_is_imported_is_told_from_one_that_is_not_at_once(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("half")
    settings.WORKSPACE = ledger(directory, two_gradients())
    assert "people by LSOA and age: not imported" in read("/insight/equity/")
    with_people(settings.WORKSPACE, directory)
    assert "people by LSOA and age: imported for LSOAs of 2021" in read("/insight/equity/")


def test_boards_alone_are_called_weak_before_any_number(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = world(tmp_path_factory.mktemp("weak"), homeless(), shared_people())
    page = read("/insight/equity/", icb=WEST_YORKSHIRE)
    assert page.index("cannot show whether access is fair") < page.index("Patients by deprivation")
    assert "The board asked for has no rates of its own here" in page
    assert "Boards alone cannot tell" in page
