"""The pages of scenarios: made, kept and compared without a script, every number open, nothing of few people told."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of, text_of
from tests.insight.worlds import ledger
from tests.ledger.worlds import RENAL
from tests.site.reading import Read, words
from tests.site.test_downloads import links, shown

from speccom.charts.drawing import MADE_UP
from speccom.finance.scenarios import ScenarioError, find, kept, save, shipped
from speccom.finance.scenarios.file import LARGEST
from speccom.workspace import Workspace

LIST, NEW = "/finance/scenarios/", "/finance/scenarios/new/"
MERGERS = f"{LIST}april-2026-mergers/"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("scenarios"), a_year(patients=12))


@pytest.fixture
def place(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built


@pytest.fixture
def saved(place: Workspace) -> str:
    held = scenario_of(DELEGATE, pace={"k": 0.2}, years=2, money={"growth": 0.03})
    save(place, held)
    return held.hash


def form(**others: str) -> dict[str, Any]:
    return {
        "start": "april-2026-mergers",
        "name": "Mine",
        "years": "1",
        "growth": "3",
        "k": "10",
        "keep": ["1"],
    } | others


def test_without_a_ledger_scenarios_are_listed_and_pages_say_how_to_build_one(
    read: Read, settings: Settings, tmp_path: Path
) -> None:
    settings.WORKSPACE = Workspace(tmp_path / "none").make()
    assert "can be read and not run" in read(LIST)
    for address in (NEW, MERGERS, f"{LIST}compare/?a=x&b=y"):
        assert "speccom build" in read(address)
    assert "speccom build" in read("/finance/explain/scenarios/april-2026-mergers/", 404)
    assert "Scenarios" in read("/finance/")


@pytest.mark.usefixtures("place")
def test_a_result_has_pictures_tables_notes_and_what_it_was_run_on(client: Client, saved: str) -> None:
    for address in (MERGERS, f"{LIST}{saved}/"):
        response = client.get(address)
        html = unescape(response.content.decode())
        assert response.status_code == 200
        assert html.count("<h1") == 1
        for said in (
            "Synthetic data.",
            "nobody’s plan",
            "What this was run on",
            "What is changed",
            "The numbers",
        ):
            assert said in html
        assert not re.search(r"\sstyle=", html)
        pictures = re.findall(r"<svg.*?</svg>", html, flags=re.S)
        assert pictures
        for drawn in pictures:
            assert MADE_UP in "".join(ET.fromstring(drawn.replace("&", "&amp;")).itertext())
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert len(links(html, "csv")) == len(shown(html))


@pytest.mark.usefixtures("place")
def test_every_number_opens_to_its_formula_and_sources(client: Client, saved: str) -> None:
    html = client.get(f"{LIST}{saved}/").content.decode()
    opened = [f"{LIST}{saved}/{unescape(each)}" for each in re.findall(r'href="(explain/[^"]+)"', html)]
    kinds = {re.search(r"number=(\w+)", each)[1]: each for each in opened}  # type: ignore[index]
    of_boards = {"without", "came", "allocation", "gain", "gain_share", "closing_distance"}
    assert of_boards < set(kinds)
    for address in (kinds[each] for each in of_boards):
        page = words(client.get(address).content.decode())
        assert "What the confidences mean" in page
        assert "made-up records" in page
    assert "gain = A − A₀ − came" in words(client.get(kinds["gain"]).content.decode())


@pytest.mark.usefixtures("place")
def test_a_link_says_when_the_ledger_or_the_register_are_not_as_they_were(
    client: Client, read: Read, saved: str
) -> None:
    html = client.get(f"{LIST}{saved}/").content.decode()
    [link] = {unescape(each) for each in re.findall(r'href="([^"]+\?ledger=[^"]+)"', html)}
    assert "Not as it was" not in read(link)
    moved = read(f"{LIST}{saved}/", ledger="0123456789ab", register="f" * 16)
    assert moved.count("has changed since") == 2
    assert "the link names 0123456789ab" in moved


@pytest.mark.usefixtures("place")
def test_the_file_itself_can_be_had(client: Client, saved: str) -> None:
    response = client.get(f"{LIST}{saved}/", {"download": "scenario.json"})
    assert f"scenario-{saved}.json" in response["Content-Disposition"]
    assert json.loads(response.content)["name"] == "A test"


@pytest.mark.usefixtures("place")
def test_two_stand_side_by_side(read: Read, saved: str) -> None:
    other = shipped()["delegate-one-line"].hash
    page = read(f"{LIST}compare/?a={saved}&b={other}")
    assert "Two scenarios side by side" in page
    assert "They differ in target" in page
    assert "Choose two scenarios" in read(f"{LIST}compare/?a={saved}", 400)


# --- made


def test_a_scenario_is_made_from_another_and_its_address_holds_all_of_it(
    client: Client, read: Read, place: Workspace
) -> None:
    before = kept(place)
    merged = {"boards": "QKK, QWE", "into": "XXL", "into_name": "South London", "merge_on": "2026-04-01"}
    response = client.post(NEW, form(**merged))
    assert response.status_code == 302
    assert kept(place) == before
    assert len(response["Location"]) < 2_000
    page = read(response["Location"])
    assert "Kept nowhere." in page and "Keep this scenario (sign in)" in page
    assert "South London" in page and "Merge QKK, QWE into XXL" in page
    assert "The mergers and divisions" in page
    assert "Mine" not in read(LIST)
    assert client.post(NEW, form(**merged))["Location"] == response["Location"]
    opened = client.get(response["Location"]).content.decode()
    [explained, *_] = re.findall(r'href="(explain/\?[^"]+)"', opened)
    assert "Formula" in read(response["Location"] + unescape(explained))
    name = response["Location"].split("/")[-2]
    assert "Mine, changed" in client.get(NEW, {"start": name}).content.decode()
    assert "Mine" in read(f"{LIST}compare/", a=name, b="april-2026-mergers")
    made = find(place, name)
    save(place, made)
    assert "Kept nowhere." not in read(f"{LIST}{made.hash}/")
    assert "Mine" in read(LIST)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("spoilt", [lambda name: name[:-9], lambda name: "file.***", lambda name: "file."])
def test_an_address_that_was_cut_off_or_changed_is_refused(
    client: Client, read: Read, spoilt: Callable[[str], str]
) -> None:
    name = client.post(NEW, form())["Location"].split("/")[-2]
    assert "cut off or changed" in read(f"{LIST}{spoilt(name)}/", 404)


def test_what_is_written_out_cannot_fill_the_memory(place: Workspace) -> None:
    packed = urlsafe_b64encode(zlib.compress(b" " * 1_000_000, 9)).decode().rstrip("=")
    assert len(packed) < 1_900
    with pytest.raises(ScenarioError, match="cut off or changed"):
        find(place, f"file.{packed}")


@pytest.mark.usefixtures("place")
def test_a_delegation_is_added_and_a_change_left_out(client: Client, read: Read) -> None:
    asked = form(lines="NCBPS06A", areas="qmf", move_on="2026-04-01", k="0") | {"keep": []}
    page = read(client.post(NEW, asked)["Location"])
    assert "Delegate NCBPS06A for QMF" in page
    assert "The mergers and divisions" not in page


@pytest.mark.usefixtures("place")
def test_a_whole_file_can_be_pasted(client: Client, read: Read) -> None:
    response = client.post(NEW, {"file": text_of(MERGE, name="Pasted")})
    assert "Pasted" in read(response["Location"])


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"k": ""}, "pace has no k"),
        ({"k": "fast"}, "k is 'fast'"),
        ({"name": ""}, "name is"),
        ({"years": "many"}, "Years is 'many'"),
        ({"growth": "lots"}, "Growth of the money is 'lots'"),
        ({"lines": RENAL, "move_on": "2026-04-01"}, "is already delegated"),
        ({"lines": "NCBPS99X", "move_on": "2026-04-01"}, "is no service line"),
        ({"lines": "NCBPS06A", "move_on": "soon"}, "changes, 2, on"),
        ({"lines": "NCBPS06A", "move_on": "2026-10-01"}, "within a year"),
        ({"boards": "QH8, QMF", "into": "QMF", "merge_on": "2027-04-01"}, "the two overlap"),
        ({"gmin": "50"}, "more than the money"),
        ({"file": "{"}, "not JSON"),
        ({"file": " " * (LARGEST + 1)}, "a scenario has at most"),
    ],
)
def test_what_cannot_be_shows_the_form_again_with_why_and_keeps_nothing(
    client: Client, place: Workspace, others: dict[str, str], said: str
) -> None:
    before = kept(place)
    response = client.post(NEW, form(**others))
    assert response.status_code == 400
    html = unescape(response.content.decode())
    assert "This scenario cannot be" in html
    assert said in words(html).replace("&#39;", "'")
    assert 'value="Mine"' in html or "name" in others
    assert kept(place) == before


@pytest.mark.usefixtures("place")
def test_too_long_a_field_is_refused(client: Client) -> None:
    assert client.post(NEW, form(about="x" * 2001)).status_code == 400


@pytest.mark.usefixtures("place")
def test_nothing_is_kept_for_a_form_of_another_site(place: Workspace) -> None:
    before = kept(place)
    assert Client(enforce_csrf_checks=True).post(NEW, form()).status_code == 403
    assert kept(place) == before
    page = Client().get(NEW).content.decode()
    assert 'name="csrfmiddlewaretoken"' in page


@pytest.mark.usefixtures("place")
def test_what_a_visitor_writes_is_words_and_no_markup(client: Client) -> None:
    address = client.post(NEW, form(name="<script>alert(1)</script>"))["Location"]
    for page in (address, LIST, NEW):
        assert "<script>alert" not in client.get(page).content.decode()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("wanted", ["nothing", "0" * 32, "..%2F..%2Fledger"])
def test_what_is_not_there_is_not_found(read: Read, wanted: str) -> None:
    read(f"{LIST}{wanted}/", 404)


# --- for everybody


def test_a_scenario_that_may_tell_of_few_people_is_not_shown(
    read: Read, settings: Settings, tmp_path: Path
) -> None:
    settings.WORKSPACE = ledger(tmp_path, a_year(patients=3))
    held = scenario_of(DELEGATE)
    save(settings.WORKSPACE, held)
    page = read(f"{LIST}{held.hash}/", 403)
    assert "is not shown" in page
    assert "372" not in page
    read(f"/finance/explain/scenarios/{held.hash}/?area=QMF", 403)
    assert "A test" in read(LIST)


@pytest.mark.usefixtures("place")
def test_chances_of_lines_with_few_people_in_some_board_are_left_out(read: Read) -> None:
    page = read(MERGERS)
    assert "people a year" not in page
    assert "Patients" not in page
