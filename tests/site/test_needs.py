"""The pages of need models: what is kept is shown, each index opens to its working, and nothing observed leaks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.need_worlds import changed, made_up, worked
from tests.site.reading import Read
from tests.site.test_downloads import links

from speccom.charts.drawing import MADE_UP
from speccom.finance.needs.example import rows
from speccom.finance.needs.kept import Kept, keep
from speccom.site.finance.queries import needs as queries
from speccom.workspace import Workspace

KEY = "example-need-for-renal-dialysis"
ADDRESS = f"/finance/needs/{KEY}/"
BOARDS = {"QMF": "Y56", "QWO": "Y63", "QKK": "Y56", "QHM": "Y63", "QNC": "Y60", "QOC": "Y60"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Kept]:
    """A model of six boards, of one of which few people are behind what was observed."""
    place = tmp_path_factory.mktemp("needs")
    areas = changed(
        rows(BOARDS, per_board=20)[0],
        patients=lambda row: int(row["area"] == "QOC-01") * 3 if row["board"] == "QOC" else 30,
    )
    workspace = Workspace(place / "workspace").make()
    return workspace, keep(workspace, worked(place, areas, {"supply_dummies": []}))


@pytest.fixture
def held(kept: tuple[Workspace, Kept], settings: Settings) -> Iterator[Kept]:
    settings.WORKSPACE = kept[0]
    yield kept[1]


def test_without_a_model_the_page_says_how_to_make_one(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings.WORKSPACE = Workspace(tmp_path_factory.mktemp("none")).make()
    page = read("/finance/needs/")
    assert "No model is kept in this workspace yet" in page
    assert "speccom need-example DIR" in page
    assert "speccom[needs]" in page
    assert "No need model 'x' is kept" in read("/finance/needs/x/", 404)
    assert "Need models" in read("/finance/")


@pytest.mark.usefixtures("held")
def test_a_kept_model_is_listed_and_shown_as_made_up(client: Client, read: Read) -> None:
    page = read("/finance/needs/")
    assert "Example: need for renal dialysis" in page
    assert "120 areas" in page
    html = unescape(client.get(ADDRESS).content.decode())
    assert "Synthetic data." in html
    assert html.count("<h1") == 1
    assert html.count("<svg") == html.count(MADE_UP + "</text>") == 8
    assert not re.search(r"\sstyle=", html)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for words in (
        "Fit and tests",
        "What the answer hangs on",
        "West Yorkshire",
        "km_to_centre",
        "Explain each column",
    ):
        assert words in html


@pytest.mark.usefixtures("held")
def test_nothing_observed_is_on_the_page_or_in_its_files(client: Client, held: Kept) -> None:
    html = client.get(ADDRESS).content.decode()
    observed = held.result("residuals").table.to_pylist()
    [few] = [row for row in observed if row["of"] == "QOC"]
    assert few["people_behind"] == 3
    texts = [html, *(client.get(link).content.decode() for link in links(html, "csv"))]
    for row in observed:
        for text in texts:
            assert f"{row['observed']:,.0f}" not in text
            assert str(row["observed"]) not in text
    [link] = [link for link in links(html, "csv") if "left-boards" in link]
    rows_ = {row["Board"]: row for row in csv.DictReader(io.StringIO(client.get(link).content.decode()))}
    assert rows_["Shropshire, Telford and Wrekin"]["Observed over predicted"] == ""
    assert float(rows_["West Yorkshire"]["Observed over predicted"]) > 0
    assert all(MADE_UP in row["Sources"] for row in rows_.values())


@pytest.mark.usefixtures("held")
def test_each_index_opens_to_its_working(client: Client, held: Kept) -> None:
    html = unescape(client.get(ADDRESS).content.decode())
    opened = re.findall(rf'href="(/finance/explain/need/{KEY}/\?[^"]+)"', html)
    assert len([each for each in opened if "area=" in each]) == 6 * len(BOARDS)
    for number, name in (
        ("share", "Share of QWO"),
        ("NWP", "Need-weighted people of QWO"),
        ("N", "Need index of QWO"),
    ):
        [address] = [each for each in opened if "area=QWO" in each and f"number={number}&" in each]
        page = unescape(client.get(address).content.decode())
        assert f"<title>{name}" in page
        assert "Supply at its mean" in page
        assert "estimated effect (95% limits" in page
        assert held.version in page
        assert "Synthetic data." in page


@pytest.mark.usefixtures("held")
def test_what_is_not_there_is_refused_in_words(read: Read) -> None:
    assert "has no row" in read(f"/finance/explain/need/{KEY}/", 400, area="QXX")
    assert "is no number of this" in read(f"/finance/explain/need/{KEY}/", 400, area="QWO", number="cost")
    assert "of version 'abc' is kept" in read(ADDRESS, 404, version="abc")


def test_small_areas_are_shown_in_part_and_say_so(
    read: Read, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("small")
    settings.WORKSPACE = Workspace(place / "workspace").make()
    keep(settings.WORKSPACE, worked(place, made_up(), {"board": "", "cluster": ""}))
    page = read(ADDRESS)
    assert "the first 100 of 400" in page
    assert "the model names no column of boards" in page


@pytest.mark.usefixtures("held")
def test_each_measure_opens_to_its_own_formula(held: Kept) -> None:
    result = queries.results(held)["measures"]
    formulas = {
        row["measure"]: queries.explained_cell(held, "measures", place, "value").formula
        for place, row in enumerate(result.table.to_pylist(), 1)
        if row["value"] is not None
    }
    counted = {name for name, formula in formulas.items() if formula == "counted"}
    assert counted == {"Areas", "Population", "Coefficients"}
    others = [
        formula for name, formula in formulas.items() if name not in counted and not name.endswith("chance")
    ]
    assert len(set(others)) == len(others) > 5
