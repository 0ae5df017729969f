"""The public page of risk pools: what it answers, what it opens, what it withholds and what it refuses in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.pool_worlds import pooled
from tests.ledger.worlds import RENAL
from tests.site.reading import Read

from speccom.finance.explained_pools import NUMBERS
from speccom.site.finance.queries.pools import SIMULATIONS
from speccom.workspace import Workspace

ASKED = f"/finance/pools/?lines={RENAL}&codes=QMF,QWO,QKK"
PAGES = (
    ASKED,
    f"{ASKED}&retention=1000&correlation=50",
    f"{ASKED}&by=area&retention=110%25",
    f"{ASKED}&kind=share&part=50",
    f"/finance/pools/?lines={RENAL}&areas=england",
    f"/finance/pools/?lines={RENAL}&codes=QMF",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return pooled(tmp_path_factory.mktemp("pools"))


@pytest.fixture
def held(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


def test_the_first_page_of_money_leads_to_pools(read: Read) -> None:
    assert "Risk pools between areas" in read("/finance/")


def test_without_a_ledger_the_page_says_how_to_build_one(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    assert "speccom build" in read("/finance/pools/")
    assert "speccom build" in read("/finance/explain/pool/?area=QMF", 404)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("address", PAGES)
def test_each_pool_answers_in_words_pictures_and_tables_and_says_it_is_made_up(
    client: Client, read: Read, address: str
) -> None:
    page = read(address)
    assert "Synthetic data." in page
    assert "No number here is of a real patient" in page
    assert f"{SIMULATIONS:,} simulated years" in page
    assert "What this is made of" in page
    html = client.get(address).content.decode()
    assert html.count("<svg") == 4  # two pictures at two widths
    assert " style=" not in html


@pytest.mark.usefixtures("held")
def test_counts_are_rounded_and_an_area_of_few_patients_is_left_out(client: Client, read: Read) -> None:
    page = read(ASKED)
    assert "South East London" in page
    assert "it has too few patients a year to be shown" in page
    rows = _table(client, ASKED, "terms")
    assert [(row["Code"], row["Cases"]) for row in rows] == [("QMF", "40"), ("QWO", "90")]
    assert "South East London" not in {row["Board"] for row in _table(client, ASKED, "outcomes")}
    assert "none of" in read(f"/finance/pools/?lines={RENAL}&codes=QKK", 400).lower()


@pytest.mark.usefixtures("held")
def test_premiums_add_up_in_the_file_of_the_table(client: Client) -> None:
    rows = _table(client, f"{ASKED}&retention=1000", "terms")
    for row in rows:
        kept, premium = Decimal(row["Keeps (£)"]), Decimal(row["Premium (£)"])
        assert abs(kept + premium - Decimal(row["Expected cost (£)"])) <= 1
        assert abs(Decimal(row["Pays the pool (£)"]) - premium) <= 1


@pytest.mark.usefixtures("held")
def test_every_number_of_a_table_opens_to_its_formula_inputs_and_sources(client: Client, read: Read) -> None:
    for address in PAGES:
        html = client.get(address).content.decode()
        opened = {unescape(found) for found in re.findall(r'href="(/finance/explain/pool/[^"]+)"', html)}
        assert len(opened) >= 13
        for link in sorted(opened)[:4]:
            page = read(link)
            assert "What went into it" in page or "number=expected_cases" in link
            assert "set by whoever asked; nobody published it" in page or "the ledger built on" in page


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("number", NUMBERS)
def test_each_number_is_explained(read: Read, number: str) -> None:
    for kind in ("", "&by=area&retention=110%25", "&kind=share"):
        page = read(f"/finance/explain/pool/?lines={RENAL}&codes=QMF,QWO&area=QMF&number={number}{kind}")
        assert "North East London" in page
        assert "the ledger built on" in page


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("retention=-5", 400, "The retention is -5: give zero or more"),
        ("retention=lots", 400, "The retention is 'lots': give a number"),
        ("retention=110%25", 400, "only one for each area can be a share"),
        ("kind=hope", 400, "'hope' is no kind of pool"),
        ("kind=share&part=0", 400, "The part that is shared is 0"),
        ("correlation=300", 400, "The correlation is 3.0"),
        ("codes=ZZZ", 400, "'ZZZ' names no board"),
        ("lines=NCBPS11B,NCBPS06A", 400, "one line, service, programme or pathway at a time"),
        ("boundaries=2026-04-01", 400, "boards as they were"),
        ("lines=NCBPS06A", 400, "there is no history"),
        ("weights=given", 400, "is no way to share"),
        ("q=0", 400, "q is 0.0"),
    ],
)
def test_what_cannot_be_is_refused_in_words(read: Read, asked: str, status: int, said: str) -> None:
    first = "" if "lines=" in asked else f"lines={RENAL}&"
    codes = "" if "codes=" in asked else "&codes=QMF,QWO"
    assert said in read(f"/finance/pools/?{first}{asked}{codes}", status)


@pytest.mark.usefixtures("held")
def test_a_number_or_an_area_that_is_not_in_the_pool_is_refused(read: Read) -> None:
    base = f"/finance/explain/pool/?lines={RENAL}&codes=QMF,QWO"
    assert "is not in this pool: choose from" in read(f"{base}&area=QKK", 400)
    assert "'colour' is no number of a pool" in read(f"{base}&area=QMF&number=colour", 400)


def _table(client: Client, address: str, key: str) -> list[dict[str, str]]:
    response = client.get(f"{address}&download={key}.csv")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
