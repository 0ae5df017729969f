"""What goes by e-mail: what waits and its link, to who wants it, once the act is done, and never in its way."""

from __future__ import annotations

import stat
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from tests.site.accounts.world import come_in, person
from tests.site.decisions.world import People, proposed
from tests.site.jobs.test_jobs import do_all

from speccom.site.accounts.models import Invitation, Person
from speccom.site.audit.models import Entry
from speccom.site.config import environment
from speccom.site.decisions import actions as decisions
from speccom.site.jobs.models import Job
from speccom.site.notices.actions import tell
from speccom.site.notices.models import Notice
from speccom.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.SPECCOM_ADDRESS = "https://speccom.example.org"


def told(*people: Person, **more: str) -> None:
    with transaction.atomic():
        tell(
            people=people, about="Draft 7", sentence="Approve it.", address="/workspace/decisions/7/", **more
        )


def test_a_notice_goes_by_email_in_plain_text_with_its_whole_link() -> None:
    lead = person("icb_lead")
    told(lead)
    assert not mail.outbox, "it was sent before the act was done"
    do_all()
    [sent] = mail.outbox
    assert sent.to == [lead.email] and sent.subject == "Draft 7" and sent.content_subtype == "plain"
    assert "Approve it.\n\nhttps://speccom.example.org/workspace/decisions/7/\n" in sent.body
    assert "https://speccom.example.org/account/email/" in sent.body


def test_a_notice_of_an_act_that_is_undone_is_not_sent() -> None:
    lead = person("icb_lead")
    with pytest.raises(RuntimeError), transaction.atomic():
        told(lead)
        raise RuntimeError
    do_all()
    assert not mail.outbox


def test_a_person_turns_emails_off_and_on_and_still_has_the_notice(client: Client) -> None:
    lead = person("icb_lead")
    come_in(client, lead)
    for choice, sent in (("0", 0), ("1", 1)):
        assert client.post("/account/email/", {"by_email": choice}).status_code == 302
        told(Person.objects.get(pk=lead.pk))
        do_all()
        assert len(mail.outbox) == sent
    assert Notice.objects.count() == 2 and Entry.objects.filter(action="people.choose_email").count() == 2
    client.post("/account/email/", {"by_email": "1"})
    assert Entry.objects.filter(action="people.choose_email").count() == 2
    assert client.post("/account/email/", {"by_email": "maybe"}).status_code == 400


def test_what_somebody_typed_stays_on_the_site() -> None:
    people = People()
    made = proposed(people.secretary)
    decisions.send_back(actor=people.first, record=made, reason="Mrs Jones cost 40,000 pounds")
    do_all()
    back = [each for each in mail.outbox if "sent back" in each.body]
    assert back and not any("Jones" in each.body or "40,000" in each.body for each in mail.outbox)
    assert Notice.objects.filter(sentence__contains="Mrs Jones").exists()


def test_a_mail_server_that_fails_hinders_no_act_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", gone)
    told(person("icb_lead"))
    assert Notice.objects.count() == 1
    do_all()
    held = Job.objects.get()
    assert held.state == "waiting" and held.error.startswith("The mail server did not take the e-mail.")


def test_an_invitation_goes_by_email_and_the_page_still_shows_the_link(client: Client) -> None:
    come_in(client, person("administrator"))
    sent = {
        "email": "new@qnc.example",
        "role": "icb_lead",
        "organisation": "QNC",
        "place": "QNC",
        "reason": "Joins",
    }
    page = client.post("/people/invite/", sent).content.decode()
    assert Invitation.objects.count() == 1
    assert "/invitations/" not in Job.objects.get().needs, "the link lies open in the database"
    do_all()
    [mailed] = mail.outbox
    path = next(word for word in mailed.body.split() if "/invitations/" in word)
    assert path.startswith("https://speccom.example.org/invitations/") and mailed.to == ["new@qnc.example"]
    assert path.removeprefix("https://speccom.example.org") in page
    assert Job.objects.get().needs == ""


def test_without_a_mail_server_emails_are_files_that_their_owner_alone_reads(
    tmp_path: Path, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    told(person("icb_lead"))
    do_all()
    [file] = (tmp_path / "mail").iterdir()
    assert "https://speccom.example.org/workspace/decisions/7/" in file.read_text()
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


def test_nobody_who_only_stands_in_is_written_to() -> None:
    told(person("icb_lead", email="nobody@replay.invalid"))
    assert Notice.objects.count() == 1 and not Job.objects.exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in (
        ("SPECCOM_SMTP_HOST", "smtp.example.org"),
        ("SPECCOM_MAIL_FROM", "speccom@example.org"),
        ("SPECCOM_ADDRESS", "https://speccom.example.org/"),
    ):
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_mail_server_is_named_in_the_environment(server: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = environment.mail(Workspace(tmp_path))
    assert found["EMAIL_HOST"] == "smtp.example.org" and found["EMAIL_USE_TLS"] and found["EMAIL_PORT"] == 587
    assert environment.address() == "https://speccom.example.org"
    server.setenv("SPECCOM_SMTP_SECURITY", "tls")
    found = environment.mail(Workspace(tmp_path))
    assert found["EMAIL_USE_SSL"] and not found["EMAIL_USE_TLS"] and found["EMAIL_PORT"] == 465


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SPECCOM_SMTP_HOST", "", None),
        ("SPECCOM_MAIL_FROM", "", "SPECCOM_MAIL_FROM"),
        ("SPECCOM_ADDRESS", "", "SPECCOM_ADDRESS"),
        ("SPECCOM_SMTP_USER", "ann", "SPECCOM_SMTP_PASSWORD together"),
        ("SPECCOM_SMTP_SECURITY", "ssl", "starttls, tls or none"),
        ("SPECCOM_SMTP_PORT", "many", "SPECCOM_SMTP_PORT"),
    ],
)
def test_half_a_mail_server_is_refused_by_the_name_of_what_lacks(
    server: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, said: str | None
) -> None:
    server.setenv(name, value)
    if said is None:
        assert environment.mail(Workspace(tmp_path))["EMAIL_FILE_PATH"] == tmp_path / "mail"
        server.setenv("SPECCOM_SMTP_PORT", "25")
        said = "SPECCOM_SMTP_HOST is not"
    with pytest.raises(environment.SettingError, match=said):
        environment.mail(Workspace(tmp_path))


@pytest.mark.parametrize("given", ["speccom.example.org", "ftp://x", "https://x.example/path", "https://"])
def test_an_address_that_links_cannot_begin_with_is_refused(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPECCOM_ADDRESS", given)
    with pytest.raises(environment.SettingError, match="SPECCOM_ADDRESS"):
        environment.address()
