"""Administrators look after the people of their own organisations, and cannot make themselves more."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from django.test import Client
from tests.site.accounts.world import PASSWORD, code_of, come_in, organisation, person
from tests.site.processes import command, own_database
from tests.site.reading import words

from speccom.site.accounts.actions.people import end_role, give, invite
from speccom.site.accounts.models import ApiToken, Invitation, Membership, Person
from speccom.site.accounts.refusals import PeopleError
from speccom.site.accounts.roles import ROLES
from speccom.site.audit.models import Entry

pytestmark = pytest.mark.django_db
INVITE = {"email": "new@qnc.example", "role": "icb_lead", "organisation": "QNC", "reason": "joins the team"}


@pytest.fixture
def keeper(client: Client) -> Person:
    """The administrator of a board, signed in."""
    who = person("administrator", "QNC")
    come_in(client, who)
    return who


def refused(client: Client, address: str, status: int, said: str, **sent: str) -> None:
    """A form that is refused in words and changes nothing."""
    before = (Membership.objects.count(), Invitation.objects.count(), Entry.objects.count())
    answer = client.post(address, sent)
    assert answer.status_code == status
    assert said in words(answer.content.decode())
    assert (Membership.objects.count(), Invitation.objects.count(), Entry.objects.count()) == before


def test_an_administrator_invites_to_their_board_and_is_shown_the_link_once(
    client: Client, keeper: Person
) -> None:
    page = client.post("/people/invite/", INVITE)
    assert re.search(r"http://testserver/invitations/[\w-]{43}/", page.content.decode())
    entry = Entry.objects.get(action="people.invite")
    assert (entry.actor, entry.organisation, entry.reason) == (keeper.email, "QNC", "joins the team")
    assert "new@qnc.example" in words(client.get("/people/").content.decode())
    assert "/invitations/" not in client.get("/people/").content.decode().replace("/people/invitations/", "")


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"organisation": "QHL"}, 400, "Select a valid choice"),
        ({"organisation": "", "code": "QHL"}, 403, "You do not look after the people of QHL"),
        ({"organisation": "", "code": "X24", "role": "national_team"}, 403, "the people of X24"),
        ({"organisation": "", "code": "PPV-NEW", "own_name": "N", "role": "voice_partner"}, 403, "PPV-NEW"),
        ({"organisation": "", "code": "nowhere"}, 400, "is no organisation at which"),
        ({"organisation": "", "code": "JC1"}, 400, "is no longer there"),
        ({"organisation": ""}, 400, "Choose an organisation"),
        ({"role": "national_team"}, 400, "National team is a role at a NHS England"),
        ({"role": "owner"}, 400, "Select a valid choice"),
        ({"email": "no address"}, 400, "Enter an e-mail address"),
        ({"reason": "  "}, 400, "Say why"),
    ],
)
def test_an_invitation_beyond_ones_reach_or_in_error_is_refused(
    client: Client, keeper: Person, sent: dict[str, str], status: int, said: str
) -> None:
    refused(client, "/people/invite/", status, said, **INVITE | sent)


def test_nobody_gives_themselves_a_role_or_ends_their_own(client: Client, keeper: Person) -> None:
    mine = Membership.objects.get(person=keeper)
    refused(client, "/people/invite/", 403, "Nobody changes their own", **INVITE | {"email": keeper.email})
    refused(client, f"/people/roles/{mine.pk}/end/", 403, "Nobody changes their own", reason="to try")
    for act in ("anew", "close"):
        refused(client, f"/people/{keeper.pk}/{act}/", 403, "Nobody changes their own", reason="to try")
    assert "End the role" not in words(client.get(f"/people/{keeper.pk}/").content.decode())


def test_administration_is_never_joined_with_data(client: Client, keeper: Person) -> None:
    lead = person("icb_lead")
    refused(
        client,
        "/people/invite/",
        400,
        "cannot be an administrator and have another role",
        **INVITE | {"email": lead.email, "role": "administrator"},
    )
    other = person("administrator", "QNC", "second@qnc.example")
    refused(client, "/people/invite/", 400, "cannot be an administrator", **INVITE | {"email": other.email})


def test_people_of_other_organisations_are_not_to_be_found(client: Client, keeper: Person) -> None:
    other = person("icb_lead", "QHL")
    held = Membership.objects.get(person=other)
    invite(actor=None, email="x@qhl.example", role="icb_lead", organisation="QHL", reason="to try it")
    invitation = Invitation.objects.get()
    assert other.email not in client.get("/people/").content.decode()
    assert "x@qhl.example" not in client.get("/people/").content.decode()
    assert client.get(f"/people/{other.pk}/").status_code == 404
    for address in (
        f"/people/roles/{held.pk}/end/",
        f"/people/{other.pk}/anew/",
        f"/people/{other.pk}/close/",
        f"/people/invitations/{invitation.pk}/withdraw/",
    ):
        refused(client, address, 404, "not yours to see", reason="to try")


def test_who_also_belongs_elsewhere_cannot_be_taken_over_from_here(client: Client, keeper: Person) -> None:
    both = person("icb_lead", "QNC", "both@nhs.example")
    give(
        actor=None, person=both, role=ROLES["national_team"], organisation=organisation("X24"), reason="both"
    )
    for act in ("anew", "close"):
        refused(client, f"/people/{both.pk}/{act}/", 403, "the people of X24", reason="to try")
    page = words(client.get(f"/people/{both.pk}/").content.decode())
    assert "ICB lead" in page and "National team" not in page


def test_a_role_that_is_given_counts_at_once_and_so_does_its_end(client: Client, keeper: Person) -> None:
    analyst = person("icb_analyst")
    there = Client()
    come_in(there, analyst)
    assert there.get("/audit/").status_code == 403
    client.post("/people/invite/", INVITE | {"email": analyst.email})
    assert there.get("/audit/").status_code == 200
    lead = Membership.objects.get(person=analyst, role="icb_lead")
    assert client.post(f"/people/roles/{lead.pk}/end/", {"reason": "moves on"}).status_code == 302
    assert there.get("/audit/").status_code == 403
    refused(client, f"/people/roles/{lead.pk}/end/", 400, "has ended already", reason="again")
    assert Membership.objects.filter(person=analyst).count() == 2  # it is ended, and still there


def test_a_withdrawn_link_is_useless(client: Client, keeper: Person) -> None:
    page = client.post("/people/invite/", INVITE).content.decode()
    link = re.search(r"/invitations/[\w-]{43}/", page)
    assert link
    held = Invitation.objects.get()
    assert client.post(f"/people/invitations/{held.pk}/withdraw/", {"reason": "a mistake"}).status_code == 302
    assert Client().get(link[0]).status_code == 404


def test_somebody_without_a_device_is_helped_back_in(client: Client, keeper: Person) -> None:
    lead = person("icb_lead")
    there = Client()
    come_in(there, lead)
    there.post("/account/tokens/", {"name": "report", "scopes": "me", "days": 5})
    page = client.post(f"/people/{lead.pk}/anew/", {"reason": "lost the phone"}).content.decode()
    link = re.search(r"/invitations/[\w-]{43}/", page)
    assert link
    assert there.get("/workspace/").status_code == 200  # until the link is used nothing changes
    new = "another long password"
    answer = Client().post(link[0], {"password": new, "again": new})
    assert answer["Location"] == "/sign-in/set-up/"
    assert there.get("/workspace/").status_code == 302
    assert ApiToken.objects.filter(ended=None).count() == 0
    assert Client().get(link[0]).status_code == 404
    lead.refresh_from_db()
    assert lead.check_password(new) and not lead.check_password(PASSWORD) and not lead.second_factor


def test_a_closed_account_cannot_sign_in_until_it_is_opened(client: Client, keeper: Person) -> None:
    lead = person("icb_lead")
    sent = {"email": lead.email, "password": PASSWORD}
    client.post(f"/people/{lead.pk}/close/", {"reason": "leaves"})
    assert Client().post("/sign-in/", sent).status_code == 400
    refused(client, f"/people/{lead.pk}/close/", 400, "closed already", reason="again")
    client.post(f"/people/{lead.pk}/open/", {"reason": "is back"})
    assert Client().post("/sign-in/", sent).status_code == 302


def test_a_national_administrator_looks_after_everybody_and_makes_patients_bodies(client: Client) -> None:
    come_in(client, person("administrator"))
    sent = {
        "email": "p@kidney.example",
        "role": "voice_partner",
        "code": "PPV-KIDNEY",
        "reason": "sits on it",
    }
    refused(client, "/people/invite/", 400, "is not known yet: give its name", **sent)
    assert client.post("/people/invite/", sent | {"own_name": "Kidney Voices"}).status_code == 200
    assert Invitation.objects.get().organisation.name == "Kidney Voices"  # type: ignore[union-attr]
    lead = person("icb_lead", "QHL")
    assert client.get(f"/people/{lead.pk}/").status_code == 200


def test_each_reader_sees_the_rows_of_their_reach(client: Client) -> None:
    for at in ("QNC", "QHL", "QE1"):  # QNC and QHL are in the Midlands, QE1 in the North West
        invite(
            actor=None, email=f"x@{at}.example", role="icb_lead", organisation=at, reason=f"invited at {at}"
        )
    seen = {
        ("icb_lead", "QNC"): {"QNC"},
        ("regional_team", "Y60"): {"QNC", "QHL"},
        ("regional_team", "Y62"): {"QE1"},
        ("national_team", "X24"): {"QNC", "QHL", "QE1"},
        ("administrator", "QHL"): {"QHL"},
        ("administrator", "X24"): {"QNC", "QHL", "QE1"},
        ("administrator", "Y60"): set(),  # a region's administrator keeps the region's own people
    }
    for (role, at), places in seen.items():
        reader = Client()
        come_in(reader, person(role, at))
        page = words(reader.get("/audit/?action=people.invite").content.decode())
        assert {place for place in ("QNC", "QHL", "QE1") if f"invited at {place}" in page} == places, (
            role,
            at,
        )
        for entry in Entry.objects.filter(action="people.invite"):
            status = reader.get(f"/audit/{entry.number}/").status_code
            assert status == (200 if entry.organisation in places else 404)


def test_an_administrator_reads_what_was_done_about_people_only(client: Client, keeper: Person) -> None:
    from django.db import transaction

    from speccom.site.audit.actions import record

    with transaction.atomic():
        row = record(
            actor="a", organisation="QNC", action="ledger.export", subject="position", reason="a data row"
        )
    assert "a data row" not in client.get("/audit/").content.decode()
    assert client.get(f"/audit/{row.number}/").status_code == 404


def test_rows_are_chosen_by_actor_subject_and_days(client: Client) -> None:
    come_in(client, person("national_team"))
    invite(actor=None, email="ann@qnc.example", role="icb_lead", organisation="QNC", reason="first reason")
    invite(actor=None, email="ben@qnc.example", role="icb_lead", organisation="QNC", reason="second reason")
    chosen = words(client.get("/audit/?actor=command&subject=ANN@").content.decode())
    assert "first reason" in chosen and "second reason" not in chosen
    assert "There is no such row" in words(client.get("/audit/?to=2020-01-01").content.decode())
    assert "first reason" in words(client.get("/audit/?from=2020-01-01").content.decode())
    assert client.get("/audit/?from=soon").status_code == 400
    assert client.get("/audit/?from=2026-02-01&to=2026-01-01").status_code == 400
    assert client.get("/audit/?before=x").status_code == 400


def test_older_rows_are_a_page_further(client: Client) -> None:
    come_in(client, person("national_team"))
    for number in range(60):
        invite(
            actor=None,
            email=f"p{number}@q.example",
            role="icb_lead",
            organisation="QNC",
            reason=f"is {number}.",
        )
    first = client.get("/audit/?action=people.invite").content.decode()
    assert "is 59." in first and "is 9." not in first
    older = re.search(r'href="([^"]+)">Older rows', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).content.decode()
    assert "is 9." in second and "is 59." not in second and "Older rows" not in second


def test_rows_are_taken_away_as_a_file_with_a_reason_that_is_put_on_record(client: Client) -> None:
    for at in ("QNC", "QHL"):
        invite(actor=None, email=f"=x@{at}.example", role="icb_lead", organisation=at, reason="=1+1")
    come_in(client, person("icb_lead"))
    without = client.post("/audit/file/", {"file": "csv", "reason": " "})
    assert without.status_code == 400 and "Say why" in words(without.content.decode())
    assert client.post("/audit/file/", {"file": "exe", "reason": "to see"}).status_code == 400
    assert not Entry.objects.filter(action="audit.export").exists()
    taken = client.post("/audit/file/?action=people.invite", {"file": "csv", "reason": "for the auditor"})
    assert taken["Content-Type"].startswith("text/csv") and taken["Cache-Control"] == "no-store"
    heading, *rows = csv.reader(taken.content.decode().splitlines())
    assert heading[:7] == ["Row", "At", "Actor", "Organisation", "Action", "Subject", "Reason"]
    assert [row[3] for row in rows] == ["QNC"]  # a file reaches no further than the page
    assert rows[0][6] == "'=1+1"  # nothing that was written becomes a formula
    assert rows[0][10] == Entry.objects.get(action="people.invite", organisation="QNC").own_hash
    entry = Entry.objects.get(action="audit.export")
    assert (entry.reason, entry.after) == (
        "for the auditor",
        '{"asked":{"action":"people.invite"},"rows":1}',
    )
    book = client.post("/audit/file/", {"file": "xlsx", "reason": "for the auditor"})
    assert book.content.startswith(b"PK")


def test_one_role_is_held_once_at_a_time() -> None:
    lead = person("icb_lead")
    with pytest.raises(PeopleError, match="already"):
        give(
            actor=None, person=lead, role=ROLES["icb_lead"], organisation=organisation("QNC"), reason="again"
        )
    end_role(actor=None, membership=Membership.objects.get(), reason="moves on")
    give(actor=None, person=lead, role=ROLES["icb_lead"], organisation=organisation("QNC"), reason="is back")
    assert Membership.objects.count() == 2


def test_the_first_administrator_comes_in_from_the_command_line(tmp_path: Path) -> None:
    environment = own_database(tmp_path)
    if not environment.get("DATABASE_URL"):
        nothing = command(environment, "people", "list")
        assert nothing.returncode == 2
        assert nothing.stderr.startswith(f"There is no site at {tmp_path}")
        assert list(tmp_path.iterdir()) == []
    told = command(
        environment, "people", "invite", "Ann@example.org", "--role", "administrator", "--organisation", "X24",
        "--address", "https://speccom.example.org/",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert re.search(r"^https://speccom\.example\.org/invitations/[\w-]{43}/$", told.stdout, re.M)
    assert "ann@example.org" in told.stdout
    wrong = command(
        environment, "people", "invite", "a@b.example", "--role", "owner", "--organisation", "X24"
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("'owner' is no role: choose from provider, icb_analyst")
    assert (
        "nobody@x.example"
        in command(environment, "people", "anew", "nobody@x.example", "--reason", "lost").stderr
    )
    assert command(environment, "people", "list").stdout == ""
    assert "1 row." in command(environment, "audit", "verify").stdout


def test_codes_are_renewed_with_a_code(client: Client) -> None:
    lead = person("icb_lead")
    come_in(client, lead)
    assert client.post("/account/recovery-codes/", {"code": "000000"}).status_code == 400
    page = client.post("/account/recovery-codes/", {"code": code_of(lead)}).content.decode()
    assert len(re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", page)) == 10
