"""The pages of decisions: from a draft to an answer, in forms alone, and what is refused told where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from tests.site.accounts.world import come_in, person
from tests.site.decisions.world import BACK, People, adopted, approve, drafted, proposed
from tests.site.reading import words

from speccom.site.core import recommended as offered
from speccom.site.core.recommended import Recommendation
from speccom.site.decisions import forms
from speccom.site.decisions.models import DecisionRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workspace")]

HEAD = {
    "title": "The Midlands come back",
    "body": "NHS England Board",
    "made_on": "2026-11-02",
    "public_on": "",
    "minute": "12.3",
    "paper": "Paper 7",
    "url": "https://example.org/paper-7",
    "scope": "the Midlands",
    "services": "70 services",
    "conditions": "Reviewed in a year\nStaff move too",
    "amends": "",
    "revokes": "",
}


@pytest.fixture(autouse=True)
def nothing_else_recommended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(offered, "_sources", [])
    yield


def signed_in(who: Any) -> Client:
    client = Client()
    come_in(client, who.person)
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, words(answer.content.decode())
    return words(answer.content.decode())


def bound(client: Client, number: int) -> dict[str, str]:
    """What the page of a decision binds its acts to."""
    html = client.get(f"/workspace/decisions/{number}/").content.decode()
    fields = re.findall(r'name="(version|content_hash|snapshot)" value="([^"]*)"', html)
    return dict(fields) | {"reason": "As the Board decided"}


def test_a_decision_comes_from_a_blank_form_into_the_answers_of_the_site(people: People) -> None:
    secretary, first, second = (signed_in(each) for each in (people.secretary, people.first, people.second))
    sent = HEAD | {"reference": "NHSE-2026-91", "organisation": "X24"}
    made = secretary.post("/workspace/decisions/draft/", sent)
    assert made.status_code == 302
    at = made["Location"]
    number = DecisionRecord.objects.get().pk
    change = {"regions": ["Y60"], "arrangement": "national", "from": "2027-04-01", "version": "1"}
    assert secretary.post(f"{at}change/?kind=arrange", change).status_code == 302
    said = page(secretary, at)
    assert (
        "From 1 April 2027 suitable services are commissioned by NHS England in " in said and "(Y60)." in said
    )
    assert "1 April 2027: the answer changes for" in said
    for client, act, then in (
        (secretary, "propose", "It needs 2 approvals"),
        (first, "approve", "It needs 1 more approval"),
        (second, "approve", "it can be adopted"),
        (secretary, "adopt", "Known from"),
    ):
        answer = client.post(f"{at}{act}/", bound(client, number))
        assert answer.status_code == 302, words(answer.content.decode())
        assert then in page(client, at), act
    who = page(Client(), "/who/?line=NCBPS11B&area=QNC&on=2027-04-01")
    assert "NHS England Board, 2 November 2026: the Midlands come back" in who
    told = page(Client(), "/decisions/")
    assert "The Midlands come back" in told and "Conditions: Reviewed in a year; Staff move too." in told


def test_what_is_missing_or_cannot_be_read_is_told_where_it_was_written(people: People) -> None:
    client = signed_in(people.secretary)
    for wrong, said in (
        ({"title": ""}, "Give the decision a title"),
        ({"made_on": "April"}, "Write a date such as"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"reference": "no!"}, "is no reference of a decision"),
        ({"public_on": "2026-10-01"}, "before it was made"),
        ({"organisation": "QNC"}, "Select a valid choice"),
    ):
        sent = HEAD | {"reference": "NHSE-2026-91", "organisation": "X24"} | wrong
        answer = client.post("/workspace/decisions/draft/", sent)
        assert answer.status_code == 400 and said in words(answer.content.decode()), wrong
    assert not DecisionRecord.objects.exists()


def test_the_second_to_save_sees_the_firsts_words_beside_their_own_and_can_save_over_them(
    people: People,
) -> None:
    made = drafted(people.secretary)
    first, second = signed_in(people.secretary), signed_in(people.second)
    at = f"/workspace/decisions/{made.pk}/edit/"
    assert first.post(at, HEAD | {"version": "1", "minute": "first"}).status_code == 302
    answer = second.post(at, HEAD | {"version": "1", "minute": "second"})
    said = words(answer.content.decode())
    assert answer.status_code == 409
    assert "secretary@x24.example saved a change" in said and "first" in said and "second" in said
    version = re.search(r'name="version" value="(\d+)"', answer.content.decode())
    assert version and version[1] == "2"
    assert second.post(at, HEAD | {"version": version[1], "minute": "second"}).status_code == 302
    made.refresh_from_db()
    assert (made.minute, made.version) == ("second", 3)


def test_an_approval_of_a_page_that_is_not_what_it_says_now_is_refused(people: People) -> None:
    made = proposed(people.secretary)
    approver = signed_in(people.first)
    seen = bound(approver, made.pk)
    secretary = signed_in(people.secretary)
    secretary.post(f"/workspace/decisions/{made.pk}/edit/", HEAD | {"version": "1"})
    secretary.post(f"/workspace/decisions/{made.pk}/propose/", bound(secretary, made.pk))
    answer = approver.post(f"/workspace/decisions/{made.pk}/approve/", seen)
    assert answer.status_code == 400 and "changed since you looked" in words(answer.content.decode())


def test_acts_are_offered_to_who_may_and_refused_to_who_sends_them_anyway(people: People) -> None:
    made = proposed(people.secretary)
    at = f"/workspace/decisions/{made.pk}/"
    secretary, first = signed_in(people.secretary), signed_in(people.first)
    own = page(secretary, at)
    assert "Approve it" not in own and "Adopt it" not in own and "Withdraw it" in own
    theirs = page(first, at)
    assert "Approve it" in theirs and "Withdraw it" not in theirs and "Add a change" not in theirs
    refused = secretary.post(f"{at}approve/", bound(secretary, made.pk))
    assert refused.status_code == 403 and "You wrote some of this" in words(refused.content.decode())
    early = secretary.post(f"{at}adopt/", bound(secretary, made.pk))
    assert early.status_code == 400 and "it has 0" in words(early.content.decode())
    assert first.post(f"{at}adopt/", bound(first, made.pk)).status_code == 403
    made.refresh_from_db()
    assert made.state == "proposed"


def test_a_decision_of_nhs_england_is_not_there_for_a_committees_secretary(people: People) -> None:
    made = proposed(people.secretary)
    client = signed_in(person("committee_secretary").actor())
    assert made.reference not in page(client, "/workspace/decisions/")
    for part in ("", "effect/", "edit/", "change/?kind=tier"):
        page(client, f"/workspace/decisions/{made.pk}/{part}", 404)
    answer = client.post(f"/workspace/decisions/{made.pk}/withdraw/", {"reason": "crafted"})
    assert answer.status_code == 404


def test_what_it_would_change_is_told_by_day_line_and_area_and_as_a_file(people: People) -> None:
    made = proposed(people.secretary)
    client = signed_in(people.first)
    said = page(client, f"/workspace/decisions/{made.pk}/effect/")
    assert "What passes from whom to whom" in said and "By service line" in said and "By area" in said
    assert "There is no ledger in this workspace yet" in said
    file = client.get(f"/workspace/decisions/{made.pk}/effect/differences.csv")
    rows = b"".join(file) if file.streaming else file.content
    assert b"NCBPS11B,QNC,arrangement,delegated,national" in rows


def test_a_gap_is_told_on_the_page_with_its_dates_and_the_decision_cannot_be_put_for_approval(
    people: People,
) -> None:
    made = drafted(people.secretary, {**BACK, "arrangement": "joint"})
    client = signed_in(people.secretary)
    said = page(client, f"/workspace/decisions/{made.pk}/")
    assert "It cannot be adopted as it stands" in said and "2027-04-01" in said
    assert "Put it for approval" not in said
    answer = client.post(
        f"/workspace/decisions/{made.pk}/propose/", bound(client, made.pk) | {"version": "1"}
    )
    assert answer.status_code == 400


def test_a_draft_from_a_recommendation_carries_its_lines_conditions_and_evidence(people: People) -> None:
    offered.offer(
        lambda _: [
            Recommendation(
                "PORTFOLIO-4",
                "Two lines are suitable and ready",
                ("NCBPS06A", "NCBPS11B"),
                ("Y60",),
                "delegated",
                "multi-ICB",
                ("Measured",),
                ("Reviewed in a year",),
                "/portfolio/4/",
                datetime(2026, 11, 1, tzinfo=UTC),
            )
        ]
    )
    client = signed_in(people.secretary)
    assert "Two lines are suitable and ready" in page(client, "/workspace/decisions/")
    address = "/workspace/decisions/draft/?recommended=PORTFOLIO-4"
    form = page(client, address)
    assert "Drafted from PORTFOLIO-4" in form
    sent = HEAD | {"reference": "NHSE-2026-92", "organisation": "X24"}
    assert client.post(address, sent).status_code == 302
    made = DecisionRecord.objects.get()
    assert [each["kind"] for each in made.effects] == ["status", "tier", "arrange"]
    assert made.recommended == [
        {
            "reference": "PORTFOLIO-4",
            "title": "Two lines are suitable and ready",
            "address": "/portfolio/4/",
        }
    ]
    page(client, "/workspace/decisions/draft/?recommended=PORTFOLIO-5", 404)


def test_many_recommendations_wait_behind_a_click_by_what_they_recommend(people: People) -> None:
    def each(number: int, arrangement: str) -> Recommendation:
        at = datetime(2026, 11, 1, tzinfo=UTC)
        return Recommendation(
            f"READINESS-{number}",
            f"Board {number}",
            (),
            ("QNC",),
            arrangement,
            "",
            (),
            (),
            "/readiness/1/",
            at,
        )

    found = [each(1, "delegated"), each(2, "joint"), each(3, "")]
    offered.offer(lambda _: found)
    client = signed_in(people.secretary)
    html = client.get("/workspace/decisions/").content.decode()
    assert html.count('<details class="nhsuk-details" open>') == 3
    found += [each(number, "delegated") for number in range(4, 43)]
    html = client.get("/workspace/decisions/").content.decode()
    said = words(html)
    assert '<details class="nhsuk-details" open>' not in html and html.count("<summary") == 3
    for heading in (
        "To be delegated: 40 recommendations",
        "To be commissioned jointly: 1 recommendation",
        "Of no arrangement yet: 1 recommendation",
    ):
        assert heading in said
    assert "Draft from READINESS-42" in said


def test_a_revocation_is_drafted_from_what_it_revokes_and_shown_on_both(people: People) -> None:
    made = adopted(people)
    client = signed_in(people.secretary)
    assert "Draft its revocation" in page(client, f"/workspace/decisions/{made.pk}/")
    form = client.get("/workspace/decisions/draft/?revokes=T2026-01").content.decode()
    assert 'value="T2026-01"' in form and "Revocation of T2026-01" in form
    again = {**BACK, "arrangement": "delegated", "from": "2027-10-01"}
    later = adopted(people, again, reference="T2026-02", revokes=["T2026-01"], title="Back again")
    assert "Revoked by T2026-02: Back again" in page(client, f"/workspace/decisions/{made.pk}/")
    assert "Revokes T2026-01" in page(client, f"/workspace/decisions/{later.pk}/")
    public = page(Client(), "/decisions/")
    assert "Revoked by: Back again" in public and "Revokes: The Midlands come back" in public


SENT: dict[str, dict[str, Any]] = {
    "arrange": {"regions": ["Y60", "Y61"], "arrangement": "national", "from": "2027-04-01"},
    "status": {
        "lines": "NCBPS06A, NCBPS11B\nNCBPS11B",
        "status": "GREEN",
        "from": "2027-04-01",
        "to": "2028-04-01",
    },
    "form": {"committee": "jc20", "name": "A new committee", "from": "2027-04-01"},
    "join": {"committee": "JC20", "boards": ["QNC"], "from": "2027-04-01"},
    "leave": {"boards": ["QNC"], "from": "2027-10-01"},
    "dissolve": {"committee": "JC20", "from": "2028-04-01"},
    "establish": {"board": "W1W1W", "name": "A new board", "region": "Y60", "from": "2027-04-01"},
    "succeed": {"board": "QNC", "whole": "W1W1W", "on": "2027-04-01", "locations": "05G: W1W1W"},
    "tier": {"lines": "NCBPS11B", "tier": "region", "from": "2027-04-01"},
}


def test_every_kind_of_change_has_its_form_its_sentence_and_its_place_in_a_decision(people: People) -> None:
    assert set(SENT) == set(forms.CHANGES)
    client = signed_in(people.secretary)
    for kind in SENT:
        needs = {"join": ["form"], "leave": ["form", "join"], "dissolve": ["form"], "succeed": ["establish"]}
        made = drafted(people.secretary, reference=f"K-{kind.upper()}", effects=[])
        for version, each in enumerate([*needs.get(kind, []), kind], start=1):
            at = f"/workspace/decisions/{made.pk}/change/?kind={each}"
            assert client.get(at).status_code == 200
            answer = client.post(at, SENT[each] | {"version": str(version)})
            assert answer.status_code == 302, (kind, each, words(answer.content.decode()))
        made.refresh_from_db()
        assert made.effects[-1]["kind"] == kind
        assert len(page(client, f"/workspace/decisions/{made.pk}/")) > 200
    page(client, f"/workspace/decisions/{made.pk}/change/?kind=wish", 404)


def test_a_change_that_the_register_cannot_take_is_told_in_its_form(people: People) -> None:
    made = drafted(people.secretary)
    client = signed_in(people.secretary)
    at = f"/workspace/decisions/{made.pk}/change/?kind=tier"
    answer = client.post(
        at, {"lines": "NCBPS00X", "tier": "region", "from": date(2027, 4, 1), "version": "1"}
    )
    assert answer.status_code == 400 and "NCBPS00X" in words(answer.content.decode())


def test_approvals_are_told_as_they_stand(people: People) -> None:
    made = proposed(people.secretary)
    approve(people.first, made)
    client = signed_in(people.secretary)
    at = f"/workspace/decisions/{made.pk}/"
    assert "Counts" in page(client, at)
    adopted(people, {**BACK, "regions": ["Y61"]}, reference="T2026-02")
    assert "The register changed since" in page(client, at)
