"""What the holder of a link does with it: join, take a further role, or set their sign-in anew."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from speccom.site.accounts.actions.people import hold
from speccom.site.accounts.keeping import hashed
from speccom.site.accounts.models import ApiToken, Invitation, Person, RecoveryCode
from speccom.site.accounts.refusals import PeopleError, dead_link
from speccom.site.accounts.roles import ROLES
from speccom.site.audit.actions import record


def invitation_of(*, token: str) -> Invitation:
    """The open invitation of a link's secret part. Raises `LinkDead`."""
    found: Invitation | None = (
        Invitation.objects.select_related("organisation").filter(token_hash=hashed(token)).first()
    )
    if found is None or not found.open(timezone.now()):
        raise dead_link()
    return found


def account_of(*, invitation: Invitation) -> Person | None:
    """The account that an invitation's e-mail address has already, if it has one."""
    found: Person | None = Person.objects.filter(email=invitation.email).first()
    return found


@transaction.atomic
def join(*, token: str, name: str, password: str) -> Person:
    """Make the account of somebody invited. Raises `LinkDead` and `PeopleError`."""
    invitation = _use(token, Invitation.JOIN)
    if account_of(invitation=invitation) is not None:
        raise PeopleError("You have an account already: sign in, then open this link again.")
    person = Person(email=invitation.email, name=_name(name))
    _set_password(person, password)
    person.save(force_insert=True)
    _take(person, invitation)
    return person


@transaction.atomic
def take(*, token: str, person: Person) -> None:
    """Take the role of an invitation to an account that there is. Raises `LinkDead` and `PeopleError`."""
    invitation = _use(token, Invitation.JOIN)
    if invitation.email != person.email:
        raise dead_link()
    _take(person, invitation)


@transaction.atomic
def join_with_provider(*, email: str, name: str) -> Person | None:
    """Make the account of somebody whose e-mail address a provider vouches for, with all they are invited to."""
    now = timezone.now()
    waiting = Invitation.objects.select_for_update().filter(
        email=email, purpose=Invitation.JOIN, used=None, withdrawn=None, expires__gt=now
    )
    invitations = list(waiting.order_by("pk"))
    if not invitations:
        return None
    person = Person(email=email, name=_name(name or email))
    person.set_unusable_password()
    person.save(force_insert=True)
    for invitation in invitations:
        Invitation.objects.filter(pk=invitation.pk).update(used=now)
        _take(person, invitation)
    return person


@transaction.atomic
def set_anew(*, token: str, password: str) -> Person:
    """Set a new password and drop the second factor, recovery codes, tokens and sessions of before.

    Raises `LinkDead` and `PeopleError`.
    """
    invitation = _use(token, Invitation.ANEW)
    person: Person = Person.objects.select_for_update().get(email=invitation.email)
    _set_password(person, password)
    person.second_factor, person.last_step = "", 0
    person.save()
    RecoveryCode.objects.filter(person=person).delete()
    _changed(person, "people.set_sign_in", "Set their sign-in anew by a link")
    return person


@transaction.atomic
def change_password(*, person: Person, old: str, new: str) -> None:
    """Change a password; every session and token of the person ends. Raises `PeopleError`."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if not person.check_password(old):
        raise PeopleError("The password that you have now is not right.")
    _set_password(person, new)
    person.save()
    _changed(person, "people.change_password", "Changed their own password")


@transaction.atomic
def choose_email(*, person: Person, by_email: bool) -> None:
    """Let somebody's notices go by e-mail as well, or not. Said again, nothing is done."""
    if Person.objects.filter(pk=person.pk, by_email=not by_email).update(by_email=by_email):
        record(
            actor=person.email,
            organisation=person.actor().organisation,
            action="people.choose_email",
            subject=f"person {person.email}",
            reason="Chose it for themselves",
            before={"by_email": not by_email},
            after={"by_email": by_email},
        )


def _use(token: str, purpose: str) -> Invitation:
    """Mark an invitation used; of two that bring it at once, one may go on."""
    invitation = invitation_of(token=token)
    unused = Invitation.objects.filter(pk=invitation.pk, purpose=purpose, used=None, withdrawn=None)
    if not unused.update(used=timezone.now()):
        raise dead_link()
    return invitation


def _take(person: Person, invitation: Invitation) -> None:
    assert invitation.organisation is not None
    hold(
        person=person,
        role=ROLES[invitation.role],
        organisation=invitation.organisation,
        by=person.email,
        reason="Accepted an invitation",
    )


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", " ").split())[:200]
    if not name:
        raise PeopleError("Give your name, as colleagues know you.")
    return name


def _set_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PeopleError(" ".join(error.messages)) from error
    person.set_password(password)


def _changed(person: Person, action: str, reason: str) -> None:
    ApiToken.objects.filter(person=person, ended=None).update(ended=timezone.now())
    record(
        actor=person.email,
        organisation=person.actor().organisation,
        action=action,
        subject=f"person {person.email}",
        reason=reason,
    )
