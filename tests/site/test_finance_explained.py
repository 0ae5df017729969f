"""Every number in the tables of the pages of money opens to the same number, its formula, inputs and sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from urllib.parse import urljoin

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.need_worlds import worked
from tests.finance.pool_worlds import pooled
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of
from tests.finance.test_bases_withheld import many_people
from tests.insight.worlds import NORTH_EAST_LONDON, ledger
from tests.ledger.worlds import RENAL
from tests.site.reading import words
from tests.site.test_needs import BOARDS, KEY
from tests.site.test_position import built as position_built

from speccom.finance.needs.example import rows
from speccom.finance.needs.kept import keep
from speccom.finance.scenarios import Scenario, save
from speccom.workspace import Workspace

GIVEN = {
    ("scenarios", "Years after it"): "said in the scenario's own file",
    ("risks", "Pounds (£)"): "the working, with its numbers, stands in the same row",
}
"""Table and column whose numbers have no page of their own, and why; a first column says what its row is of."""
NUMBER = re.compile(r"[−-]?£?\d[\d,]*(\.\d+)?(e[−-]?\d+)?%?")
position_world = position_built


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """A workspace for each subject; scenarios and need models are kept in theirs."""
    scenarios = ledger(tmp_path_factory.mktemp("scenarios"), a_year(patients=12))
    for each in _scenarios():
        save(scenarios, each)
    at = tmp_path_factory.mktemp("needs")
    needs = Workspace(at / "workspace").make()
    keep(needs, worked(at, rows(BOARDS, per_board=20)[0], {"supply_dummies": []}))
    return {
        "allocation": Workspace(tmp_path_factory.mktemp("allocation") / "workspace").make(),
        "bases": ledger(tmp_path_factory.mktemp("bases"), many_people()),
        "scenarios": scenarios,
        "needs": needs,
        "pools": pooled(tmp_path_factory.mktemp("pools")),
    }


def _scenarios() -> list[Scenario]:
    return [
        scenario_of(DELEGATE, pace={"k": 0.2}, years=2, money={"growth": 0.03}),
        scenario_of(MERGE, pace={"k": 0.1}),
    ]


ONE, TWO = (each.hash for each in _scenarios())
ADDRESSES = [
    "/finance/allocation/?k=20&floor=5&years=2",
    "/finance/bases/?area=Y56",
    f"/finance/bases/?by=icb&area={NORTH_EAST_LONDON}&year=2025/26",
    "/finance/scenarios/",
    f"/finance/scenarios/{ONE}/",
    f"/finance/scenarios/{TWO}/",
    f"/finance/scenarios/compare/?a={ONE}&b={TWO}",
    "/finance/needs/",
    f"/finance/needs/{KEY}/",
    f"/finance/pools/?lines={RENAL}&codes=QMF,QWO&retention=1000",
    f"/finance/pools/?lines={RENAL}&codes=QMF,QWO&by=area&retention=110%25",
    f"/finance/pools/?lines={RENAL}&codes=QMF,QWO&kind=share&part=50",
    "/finance/position/",
    "/finance/position/?commissioner=QMF",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_number_of_a_table_opens_to_itself_and_what_it_is_made_of(
    client: Client, settings: Settings, places: dict[str, Workspace], position_world: Workspace, address: str
) -> None:
    settings.WORKSPACE = places.get(address.split("/")[2].split("?")[0], position_world)
    response = client.get(address)
    assert response.status_code == 200
    closed: set[tuple[str, str]] = set()
    opened: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for table, column, shown, link in _numbers(response.content.decode()):
        if link:
            opened.setdefault((table.removesuffix("-more"), column), []).append(
                (shown, urljoin(address, link))
            )
        elif (table, column) not in GIVEN:
            closed.add((table, column))
    assert not closed
    assert opened or address == "/finance/scenarios/"
    for place, links in opened.items():
        for shown, link in {links[0], links[-1]}:
            _opens(client, place, shown, link)


def _numbers(html: str) -> Iterator[tuple[str, str, str, str]]:
    """Table, column, number and link of every cell that is a number."""
    for key, table in re.findall(r'<table[^>]* id="([^"]+)">(.*?)</table>', html, flags=re.S):
        heads = [words(each) for each in re.findall(r'<th scope="col".*?</th>', table, flags=re.S)]
        for row in re.findall(r"<tr.*?</tr>", table.split("</thead>")[1], flags=re.S):
            cells = re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)
            for column, cell in [*zip(heads, cells, strict=True)][1:]:
                if NUMBER.fullmatch(words(cell)):
                    link = re.search(r'href="([^"]+)"', cell)
                    yield key, column, words(cell), unescape(link[1]) if link else ""


def _opens(client: Client, place: tuple[str, str], shown: str, link: str) -> None:
    response = client.get(link)
    assert response.status_code == 200, (place, link, words(response.content.decode())[:300])
    html = response.content.decode()
    told = words(re.search(r'answer__sentence">(.*?)</p>', html, flags=re.S)[1])  # type: ignore[index]
    assert _same(shown, told), (place, shown, told)
    assert 'class="formula"' in html or 'class="source"' in html, place
    assert "Source" in words(html), place
    if "What went into it" in html:
        values = re.findall(r'inputs__value">(.*?)</strong>', html, flags=re.S)
        assert values and all(values), place
    else:
        assert 'class="source"' in html, place


def _same(shown: str, told: str) -> bool:
    """Whether a number as a table has it is the one of its page, to the places of either."""
    one, two = _value(shown), _value(told)
    coarse = max(one.as_tuple().exponent, two.as_tuple().exponent)  # type: ignore[type-var]
    return abs(one - two) <= Decimal(1).scaleb(int(coarse)) / 2


def _value(text: str) -> Decimal:
    found = NUMBER.match(text)
    assert found, text
    plain = found[0].replace("−", "-").replace("£", "").replace(",", "")
    return Decimal(plain[:-1]).scaleb(-2) if plain.endswith("%") else Decimal(plain)
