"""Whom a decision in the making waits for is told, in the act itself, and those who wrote it what came of it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.site.decisions.world import People, adopted, approve, proposed

from speccom.site.decisions import actions
from speccom.site.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workspace")]


def told() -> list[tuple[str, str]]:
    """Who was told, and the first words of what."""
    rows = Notice.objects.order_by("pk").values_list("person__email", "sentence")
    return [(email.partition("@")[0], sentence.split(":")[0]) for email, sentence in rows]


def test_those_who_may_approve_are_told_and_not_who_wrote_it(people: People) -> None:
    made = proposed(people.secretary)
    assert sorted(told()) == [("first", "It is for approval"), ("second", "It is for approval")]
    notice = Notice.objects.first()
    assert notice.about == "T2026-01: The Midlands come back to NHS England"
    assert notice.address == reverse("decision_record", args=[made.pk])


def test_who_may_adopt_is_told_at_the_second_approval_and_not_before(people: People) -> None:
    made = proposed(people.secretary)
    Notice.objects.all().delete()
    approve(people.first, made)
    assert told() == []
    approve(people.second, made)
    assert told() == [
        ("second", "It has the approvals that it needs"),
        ("secretary", "It has the approvals that it needs"),
    ]


def test_its_writers_are_told_why_it_was_sent_back(people: People) -> None:
    made = proposed(people.secretary)
    Notice.objects.all().delete()
    actions.send_back(actor=people.first, record=made, reason="Name the paper")
    [notice] = Notice.objects.all()
    assert notice.person_id == people.secretary.person.pk
    assert notice.sentence == "It was sent back to be changed: Name the paper"


def test_an_act_that_is_refused_tells_nobody(people: People) -> None:
    made = proposed(people.secretary)
    Notice.objects.all().delete()
    with pytest.raises(Exception, match="Say why"):
        actions.send_back(actor=people.first, record=made, reason="")
    assert told() == []


def test_who_adopts_what_they_wrote_is_not_told_of_it(people: People) -> None:
    adopted(people)
    assert all(not sentence.startswith("It is adopted") for _, sentence in told())
