"""People are told what waits for them, on a page that is theirs alone, together with what it is about."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests.site.accounts.world import come_in, person
from tests.site.reading import words

from speccom.site.accounts.models import Membership, Person
from speccom.site.notices.actions import NoticeError, holders, tell
from speccom.site.notices.models import Notice

pytestmark = pytest.mark.django_db
ABOUT, SENTENCE, ADDRESS = (
    "Draft decision 7",
    "Read it and approve it, or say why not.",
    "/workspace/decisions/",
)


def told(*people: Person) -> None:
    with transaction.atomic():
        tell(people=people, about=ABOUT, sentence=SENTENCE, address=ADDRESS)


def test_each_person_is_told_once_however_often_they_are_named() -> None:
    lead, team = person("icb_lead"), person("regional_team")
    told(lead, team, lead)
    assert sorted(Notice.objects.values_list("person_id", flat=True)) == sorted([lead.pk, team.pk])


def test_what_is_undone_tells_nobody() -> None:
    lead = person("icb_lead")
    with pytest.raises(RuntimeError, match="undone"), transaction.atomic():
        tell(people=[lead], about=ABOUT, sentence=SENTENCE, address=ADDRESS)
        raise RuntimeError("undone")
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_outside_the_transaction_that_it_is_about() -> None:
    with pytest.raises(NoticeError, match="outside the transaction"):
        tell(people=[], about=ABOUT, sentence=SENTENCE, address=ADDRESS)


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere", ""]
)
def test_a_notice_leads_nowhere_but_to_this_site(address: str) -> None:
    with pytest.raises(NoticeError, match="no page of this site"), transaction.atomic():
        tell(people=[person("icb_lead")], about=ABOUT, sentence=SENTENCE, address=address)


@pytest.mark.parametrize(("about", "sentence"), [(" ", SENTENCE), (ABOUT, ""), ("x" * 101, SENTENCE)])
def test_a_notice_says_something_and_not_too_much(about: str, sentence: str) -> None:
    with pytest.raises(NoticeError, match="give 1 to"), transaction.atomic():
        tell(people=[person("icb_lead")], about=about, sentence=sentence, address=ADDRESS)


def test_the_workspace_counts_what_waits_and_a_notice_waits_until_it_is_done(client: Client) -> None:
    lead = person("icb_lead")
    come_in(client, lead)
    assert "Nothing waits for you." in words(client.get("/workspace/").content.decode())
    told(lead)
    assert "One thing waits for you." in words(client.get("/workspace/").content.decode())
    page = client.get("/workspace/notices/").content.decode()
    assert SENTENCE in words(page) and f'href="{ADDRESS}">{ABOUT}' in page and "Mark as done" in page
    number = Notice.objects.get().pk
    assert client.post(f"/workspace/notices/{number}/done/").status_code == 302
    first = Notice.objects.get().done
    assert first is not None
    client.post(f"/workspace/notices/{number}/done/")
    assert Notice.objects.get().done == first
    after = client.get("/workspace/notices/").content.decode()
    assert "Nothing waits for you." in words(after) and SENTENCE in words(after)
    assert "Mark as done" not in after


def test_nobody_sees_or_finishes_anothers_notice_an_administrator_neither(client: Client) -> None:
    told(person("icb_lead"))
    come_in(client, person("administrator"))
    assert SENTENCE not in words(client.get("/workspace/notices/").content.decode())
    assert client.post(f"/workspace/notices/{Notice.objects.get().pk}/done/").status_code == 404
    assert Notice.objects.get().done is None


def test_a_permission_is_held_for_a_board_by_its_own_people_its_region_and_nobody_of_another() -> None:
    here, there = person("icb_lead", "QNC"), person("icb_lead", "QHL")
    region, other_region = person("regional_team", "Y60"), person("regional_team", "Y56")
    found = holders("assess", "QNC")
    assert here in found and region in found
    assert there not in found and other_region not in found
    assert holders("assess", "Y60") == [region]


def test_the_national_team_holds_what_it_may_for_everybody() -> None:
    team = person("national_team")
    assert holders("moderate", "QNC") == [team] == holders("moderate", "Y60")
    assert holders("no.such.permission", "QNC") == []


def test_who_left_or_whose_role_ended_holds_nothing() -> None:
    left, ended = person("icb_lead", email="left@qnc.example"), person("icb_lead", email="ended@qnc.example")
    assert len(holders("sign", "QNC")) == 2
    Person.objects.filter(pk=left.pk).update(is_active=False)
    Membership.objects.filter(person=ended).update(ended=timezone.now())
    assert holders("sign", "QNC") == []
