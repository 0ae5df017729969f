"""Keeping a scenario takes signing in and a role, and is on record; looking at one takes neither."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of
from tests.insight.worlds import ledger
from tests.site.accounts.world import come_in, person
from tests.site.reading import words

from speccom.finance.scenarios import Scenario, kept
from speccom.finance.scenarios.shipped import written_out
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import ReasonNeeded
from speccom.site.audit.models import Entry
from speccom.site.scenarios.actions import keep
from speccom.site.scenarios.models import KeptScenario
from speccom.workspace import Workspace

pytestmark = pytest.mark.django_db
KEEP, LIST = "/workspace/scenarios/keep/", "/workspace/scenarios/"
WHY = "For the finance committee of March"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("kept"), a_year(patients=12))


@pytest.fixture
def place(built: Workspace, settings: Settings) -> Iterator[Workspace]:
    settings.WORKSPACE = built
    yield built
    for path in (built.root / "finance" / "scenarios").glob("*.json"):
        path.unlink()


@pytest.fixture
def asked() -> Scenario:
    return scenario_of(DELEGATE, name="One service more")


def test_who_is_not_signed_in_is_asked_to_and_loses_nothing(
    client: Client, place: Workspace, asked: Scenario
) -> None:
    address = f"{KEEP}?scenario={quote(written_out(asked))}"
    response = client.get(address)
    assert response.status_code == 302
    assert quote(address, safe="") in response["Location"] or quote(address) in response["Location"]
    assert client.post(KEEP, {"file": asked.canonical, "reason": WHY}).status_code == 302
    assert kept(place) == []
    assert not KeptScenario.objects.exists()
    come_in(client, person("icb_lead"))
    html = client.get(address).content.decode()
    assert "One service more" in html and 'name="reason"' in html


def test_what_is_kept_is_there_for_everybody_and_on_record(
    client: Client, place: Workspace, asked: Scenario
) -> None:
    lead = person("icb_lead")
    come_in(client, lead)
    response = client.post(KEEP, {"file": asked.canonical, "reason": WHY})
    assert response["Location"] == f"/finance/scenarios/{asked.hash}/"
    assert kept(place) == [asked.hash]
    [row] = KeptScenario.objects.all()
    [entry] = Entry.objects.filter(action="scenarios.keep")
    assert (entry.actor, entry.reason, entry.organisation) == (lead.email, WHY, row.organisation)
    assert asked.hash in entry.after
    assert "One service more" in words(client.get(LIST).content.decode())
    stranger = Client()
    assert "One service more" in words(stranger.get(response["Location"]).content.decode())
    client.post(KEEP, {"file": asked.canonical, "reason": WHY})
    assert KeptScenario.objects.count() == 1
    assert Entry.objects.filter(action="scenarios.keep").count() == 1


def test_another_organisation_sees_its_own_list_alone(
    client: Client, place: Workspace, asked: Scenario
) -> None:
    come_in(client, person("icb_lead"))
    client.post(KEEP, {"file": asked.canonical, "reason": WHY})
    other = Client()
    there = person("icb_lead", at="QWO")
    come_in(other, there)
    mine = KeptScenario.objects.get()
    assert mine.organisation not in (there.actor().reach("scenarios.keep") or ())
    assert "One service more" not in words(other.get(LIST).content.decode())
    national = Client()
    come_in(national, person("national_team"))
    assert "One service more" in words(national.get(LIST).content.decode())


@pytest.mark.parametrize(
    ("file", "reason", "said"),
    [
        ("{", WHY, "not JSON"),
        ("", WHY, "Paste the file"),
        (None, "", "Say why"),
        ("run", WHY, "overlap"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is(
    client: Client, place: Workspace, asked: Scenario, file: str | None, reason: str, said: str
) -> None:
    clash = scenario_of(MERGE, MERGE, name="Twice") if file == "run" else None
    come_in(client, person("icb_analyst"))
    sent = asked.canonical if file is None else clash.canonical if clash else file
    response = client.post(KEEP, {"file": sent, "reason": reason})
    assert response.status_code == 400
    assert said in words(response.content.decode())
    assert kept(place) == []
    assert not KeptScenario.objects.exists()


def test_a_role_that_keeps_none_is_refused_however_it_asks(
    client: Client, place: Workspace, asked: Scenario
) -> None:
    provider = person("provider")
    come_in(client, provider)
    assert client.post(KEEP, {"file": asked.canonical, "reason": WHY}).status_code == 403
    assert kept(place) == []


def test_without_a_reason_neither_row_nor_file_is_left(place: Workspace, asked: Scenario) -> None:
    with pytest.raises(ReasonNeeded):
        keep(actor=person("icb_lead").actor(), scenario=asked, reason=" ")
    with pytest.raises(NotAllowed):
        keep(actor=person("provider").actor(), scenario=asked, reason=WHY)
    assert kept(place) == []
    assert not KeptScenario.objects.exists()
