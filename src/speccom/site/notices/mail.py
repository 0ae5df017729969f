"""Sends e-mails, in the background: plain text, what waits and its link, and nothing that a page alone should show."""

from __future__ import annotations

from pathlib import Path
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from speccom.errors import SpeccomError
from speccom.site.accounts.models import Person
from speccom.site.jobs.actions import NotNow, Progress, job, start

NOWHERE = ".invalid"
"""How addresses end that nothing is ever delivered to; those who only stand in have them."""


class MailError(SpeccomError):
    """An e-mail that cannot be sent as asked."""

    code = "mail"


def post_notice(*, person: Person, about: str, words: str, address: str) -> None:
    """Put the e-mail of a notice in the queue, in the caller's transaction, if the person wants e-mails."""
    if person.by_email:
        _post(
            to=person.email,
            subject=about,
            body=f"{about}\n\n{words}\n\n{absolute(address)}\n\nYou are told because of your role on Speccom. To "
            f"be told on the site only: {absolute(reverse('email_notices'))}\n",
            about=f"E-mail: {about}",
            address=address,
            person=person,
        )


def post_invitation(*, email: str, path: str, days: int, by: Person | None, organisation: str) -> None:
    """Put the e-mail that carries an invitation's link in the queue, in the caller's transaction."""
    _post(
        to=email,
        subject="You are invited to Speccom",
        body="You are invited to use Speccom, which shows who commissions specialised services. Open this link to "
        f"make your account or take your role; it can be used once, within {days} days:\n\n{absolute(path)}\n\n"
        "If you did not expect it, do nothing.\n",
        about="E-mail: an invitation",
        person=by,
        organisation=organisation,
    )


def absolute(path: str) -> str:
    """The whole address of a page of this site."""
    return f"{settings.SPECCOM_ADDRESS}{path}"


def _post(*, to: str, subject: str, body: str, **said: Any) -> None:
    if not to.endswith(NOWHERE):
        start(send, needs={"to": to, "subject": " ".join(subject.split()), "body": body}, **said)


@job
def send(_: Progress, needs: dict[str, Any]) -> None:
    """Send one e-mail. Killed between sending and noting it, it is sent once more."""
    if settings.EMAIL_FILE_PATH:
        # Closed to others: invitations hold links to join by.
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        EmailMessage(subject=needs["subject"], body=needs["body"], to=[needs["to"]]).send()
    except (OSError, SMTPException) as error:
        raise NotNow("The mail server did not take the e-mail.") from error
