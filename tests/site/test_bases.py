"""The page of host and population basis: what it answers, what it withholds, and that every number opens."""

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
from tests.finance.test_bases_withheld import many_people
from tests.insight.worlds import NORTH_EAST_LONDON, ledger
from tests.site.reading import Read
from tests.site.test_downloads import links, shown

from speccom.charts.drawing import MADE_UP
from speccom.workspace import Workspace

PAGES = [
    "/finance/bases/",
    "/finance/bases/?area=Y56",
    f"/finance/bases/?by=icb&area={NORTH_EAST_LONDON}&year=2025/26",
    "/finance/bases/?by=icb",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("bases"), many_people())


@pytest.fixture
def held(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


def test_without_a_ledger_the_page_says_how_to_build_one_and_which_basis_applies_when(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    page = read("/finance/bases/")
    assert "speccom build" in page
    assert "retained services continue to be funded on a host provider basis" in page
    assert "speccom build" in read("/finance/explain/bases/?area=Y56", 404)
    assert "Host and population basis" in read("/finance/")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_every_page_answers_with_pictures_tables_notes_and_what_its_columns_mean(
    client: Client, address: str
) -> None:
    response = client.get(address)
    html = unescape(response.content.decode())
    assert response.status_code == 200
    assert html.count("<h1") == 1
    for words in (
        "Synthetic data.",
        "What is not said, and why",
        "Explain each column",
        "may be of seven patients",
    ):
        assert words in html
    assert not re.search(r"\sstyle=", html)
    pictures = re.findall(r"<svg.*?</svg>", html, flags=re.S)
    assert len(pictures) >= 2
    for picture in pictures:
        assert MADE_UP in "".join(ET.fromstring(picture.replace("&", "&amp;")).itertext())
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert len(links(html, "csv")) == len(shown(html))


@pytest.mark.usefixtures("held")
def test_the_steps_of_an_area_tell_a_rare_kind_only_with_another(client: Client, read: Read) -> None:
    page = read("/finance/bases/?area=Y56")
    assert "In 2025/26 providers in London cost £6.88k, and London’s people £6.38k" in page
    assert "Kinds of money that are withheld singly" in page
    assert "−£381.00" in page
    html = client.get("/finance/bases/?area=Y56").content.decode()
    rows = list(csv.DictReader(io.StringIO(client.get(links(html, "csv")[0]).content.decode())))
    assert [row["Amount (£)"] for row in rows][:2] == ["6881.00", "-381.00"]
    assert all(MADE_UP in row["Sources"] for row in rows)
    for link in links(html, "csv"):
        assert "21.00" not in client.get(link).content.decode().split(",")


@pytest.mark.usefixtures("held")
def test_every_number_opens_to_its_formula_what_went_in_and_its_sources(client: Client, read: Read) -> None:
    html = client.get("/finance/bases/?area=Y56").content.decode()
    addresses = {unescape(each) for each in re.findall(r'href="(/finance/explain/bases/[^"]+)"', html)}
    assert len(addresses) > 15
    for address in addresses:
        assert "What went into it" in read(address)
    page = read("/finance/explain/bases/?area=Y56&number=transfer")
    assert "T = P − H" in page
    assert "−£500.00" in page
    assert "A guide to specialised commissioning in 2023/24" in page
    assert "the ledger of made-up records built on" in page
    assert "withheld" in page


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/finance/bases/?by=county", 400, "choose from region, icb"),
        ("/finance/bases/?area=Y99", 400, "is no region or board"),
        ("/finance/bases/?year=soon", 400, "is not a financial year"),
        ("/finance/bases/?from=2019/20", 404, "The ledger holds nothing of 2019/20: choose from 2025/26"),
        ("/finance/bases/?boundaries=today", 400, "shows areas as they were"),
        ("/finance/bases/?download=cat.csv", 404, "is not a file of this page"),
        ("/finance/explain/bases/?area=Y56&number=magic", 400, "choose from host_basis"),
        ("/finance/explain/bases/?area=Y56&step=magic", 400, "is no step here"),
        ("/finance/explain/bases/?number=transfer", 400, "has no row here"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    client: Client, address: str, status: int, said: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert said in unescape(re.sub(r"<[^>]+>", "", response.content.decode()))
