"""What cannot be asked of the pages of money is refused in words that name place and numbers, and is never a fault."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.need_worlds import worked
from tests.finance.pool_worlds import pooled
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of, text_of
from tests.insight.worlds import ledger
from tests.ledger.worlds import RENAL
from tests.site.reading import words
from tests.site.test_finance import BUILT
from tests.site.test_needs import BOARDS, KEY

from speccom.finance.needs.example import rows
from speccom.finance.needs.kept import keep
from speccom.finance.scenarios import save
from speccom.workspace import Workspace

NEW = "/finance/scenarios/new/"
MINE = scenario_of(DELEGATE, pace={"k": 0.2})
HERE = f"/finance/scenarios/{MINE.hash}/"
POOL = {"lines": RENAL, "codes": "QMF,QWO"}
PAGES: dict[str, dict[str, str]] = {
    "/finance/allocation/": BUILT
    | dict.fromkeys(("year", "baseline", "total", "years", "boundaries", "k", "u0", "part_QNQ_QRL"), ""),
    "/finance/explain/allocation/": {"area": "QE1", "number": "", "in_year": "", "k": ""},
    "/finance/bases/": dict.fromkeys(("by", "year", "from", "area", "boundaries"), ""),
    "/finance/explain/bases/": dict.fromkeys(("area", "number", "step", "pot", "home", "host"), ""),
    "/finance/pools/": POOL | dict.fromkeys(("kind", "by", "weights", "retention", "correlation", "q"), ""),
    "/finance/explain/pool/": POOL | {"area": "QMF", "number": ""},
    "/finance/position/": dict.fromkeys(("commissioner", "month"), ""),
    "/finance/explain/position/": {"commissioner": "QMF", "by": "provider"}
    | dict.fromkeys(("code", "number", "month"), ""),
    f"/finance/needs/{KEY}/": {"version": ""},
    f"/finance/explain/need/{KEY}/": dict.fromkeys(("area", "number", "table", "row"), ""),
    f"{HERE}explain/": dict.fromkeys(("area", "year", "number", "table", "row", "beside"), ""),
    "/finance/scenarios/compare/": {"a": MINE.hash, "b": MINE.hash},
    NEW: {"start": ""},
}
"""Each page that reads an address, with the names it reads and what makes the rest of the question whole."""
BROKEN = (
    "x" * 40,
    "x" * 5000,
    "-1",
    "1e400",
    "NaN",
    "٣",
    "²",
    "9" * 60,
    "'; --",
    "<b>",
    "../..",
    "\ud7ff",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """Workspaces of pools, scenarios and everything else; a need model is kept in the first."""
    at = tmp_path_factory.mktemp("bad")
    scenarios = ledger(at / "scenarios", a_year(patients=12))
    save(scenarios, MINE)
    keep(scenarios, worked(at, rows(BOARDS, per_board=20)[0], {"supply_dummies": []}))
    return {"pool": pooled(at / "pools"), "all": scenarios}


@pytest.fixture
def place(built: dict[str, Workspace], settings: Settings) -> dict[str, Workspace]:
    settings.WORKSPACE = built["all"]
    return built


def refused(response: Any, *said: str) -> str:
    """The words of a refusal: a 4xx page that says why, in a sentence."""
    page = words(unescape(response.content.decode()))
    assert 400 <= response.status_code < 500, (response.status_code, page[:300])
    for each in said:
        assert each in page, (each, page[:1500])
    return page


@pytest.mark.parametrize(
    ("address", "name"), [(page, name) for page, names in PAGES.items() for name in names]
)
def test_a_broken_value_of_any_name_is_refused_in_words(
    client: Client, settings: Settings, place: dict[str, Workspace], address: str, name: str
) -> None:
    settings.WORKSPACE = place["pool" if "pool" in address else "all"]
    for value in BROKEN:
        response = client.get(address, PAGES[address] | {name: value})
        assert response.status_code in (400, 403, 404), (value[:40], response.status_code)
        assert "." in refused(response)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (BUILT | {"w_mental_health": "20"}, ["sum to 0.9"]),
        ({"total": "-5"}, ["The money is '-5'"]),
        ({"gmin": "50"}, ["which is £", "more than the money, £", "Lower gmin"]),
        ({"floor": "0", "growth": "-1", "gmin": "0"}, ["more than the money, £"]),
        (BUILT | {"h": ""}, ["health-inequality share h is not given"]),
        (BUILT | {"mff": ""}, ["market forces factor is not given"]),
        ({"u0": "9", "u1": "3"}, ["9", "3"]),
    ],
    ids=str,
)
def test_an_allocation_that_cannot_be_names_the_numbers_that_clash(
    client: Client, asked: dict[str, str], said: list[str]
) -> None:
    refused(client.get("/finance/allocation/", asked), *said)


SPLIT = {"change": "split", "board": "QKK", "into": {"QAA": 0.5, "QAB": 0.4}, "on": "2026-04-01"}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (text_of(SPLIT), ["0.9"]),
        (text_of(MERGE, {**MERGE, "into": "XXM"}), ["overlap"]),
        (text_of(pace={}), ["pace has no k, and there is no default"]),
        (text_of(pace={"k": 0.2, "gmin": 0.5}), ["more than the money, £"]),
        (text_of(pace={"k": 0.2, "gmin": 0.2, "gmax": 0.1}), ["0.2", "0.1"]),
        (text_of(target={"source": "given", "shares": {"QMF": 0.4, "QWO": 0.5}}), ["0.9"]),
        (text_of(target={"source": "given", "shares": {"QMF": 1.5, "QWO": -0.5}}), ["0.5"]),
        (text_of(target={"source": "given", "shares": {"QMF": 1}}), ["QWO"]),
        (text_of(money={"growth": -2}), ["-2"]),
        (text_of(money={"total": -100}), ["money"]),
    ],
    ids=range(10),
)
def test_a_scenario_that_cannot_be_names_the_numbers_that_clash(
    client: Client, text: str, said: list[str]
) -> None:
    refused(client.post(NEW, {"file": text}), *said)
