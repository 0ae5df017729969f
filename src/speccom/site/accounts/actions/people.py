"""Invites people, gives and ends roles, closes accounts, and helps those who cannot sign in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from speccom.site.accounts.actions.signing_in import normal
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.keeping import hashed, new_token
from speccom.site.accounts.models import KEEP, ApiToken, Invitation, Membership, Organisation, Person
from speccom.site.accounts.organisations import OWN, kind_of
from speccom.site.accounts.refusals import NotAllowed, PeopleError
from speccom.site.accounts.roles import KINDS, ROLES, Administrator, Held
from speccom.site.audit.actions import record
from speccom.site.core.words import listed
from speccom.site.notices.mail import post_invitation

JOIN_WITHIN = timedelta(days=7)
ANEW_WITHIN = timedelta(days=1)
COMMAND_LINE = "command line"
"""Who acts where nobody is signed in: whoever has the machine."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of an invitation: the secret part of a link, shown once; or none, and a role given at once."""

    email: str
    token: str | None


@transaction.atomic
def invite(
    *,
    actor: Actor | None,
    email: str,
    role: str,
    organisation: str,
    reason: str,
    own_name: str = "",
    by_email: bool = False,
) -> Invited:
    """Invite somebody to a role at an organisation, or give it at once to who has an account.

    `actor` is None for the command line. `own_name` names a new body that the register lacks. An earlier open
    invitation to the same is withdrawn. `by_email` sends the link to the address as well, in the background.
    Raises `NotAllowed`, `PeopleError`, `NoSuchOrganisation`, `ReasonNeeded`.
    """
    email, held = _email(email), _role(role)
    place = _organisation(actor, organisation.strip().upper(), held, own_name)
    person: Person | None = Person.objects.filter(email=email).first()
    if person is not None:
        give(actor=actor, person=person, role=held, organisation=place, reason=reason)
        return Invited(email, None)
    now, token = timezone.now(), new_token()
    Invitation.objects.filter(
        email=email, organisation=place, role=held.key, used=None, withdrawn=None
    ).update(withdrawn=now)
    Invitation.objects.create(
        purpose=Invitation.JOIN,
        email=email,
        organisation=place,
        role=held.key,
        token_hash=hashed(token),
        expires=now + JOIN_WITHIN,
    )
    _record(actor, place.code, "people.invite", email, reason, after={"role": held.key, "email": email})
    if by_email:
        post_invitation(
            email=email,
            path=path_of(token),
            days=JOIN_WITHIN.days,
            by=actor.person if actor else None,
            organisation=place.code,
        )
    return Invited(email, token)


@transaction.atomic
def give(
    *, actor: Actor | None, person: Person, role: Held, organisation: Organisation, reason: str
) -> Membership:
    """Give somebody a role at an organisation. Raises `NotAllowed` and `PeopleError`."""
    _may_keep(actor, organisation.code)
    _not_oneself(actor, person)
    return hold(person=person, role=role, organisation=organisation, by=_said_by(actor), reason=reason)


def hold(*, person: Person, role: Held, organisation: Organisation, by: str, reason: str) -> Membership:
    """Let somebody hold a role from now, in the caller's transaction; whether that is allowed was asked before.

    Raises `PeopleError` for a role that they hold, and where administration would be joined with data.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    held = Membership.objects.filter(person=person, ended=None)
    if held.filter(role=role.key, organisation=organisation).exists():
        raise PeopleError(f"{person.email} is {role.name} at {organisation.name} already.")
    others = (
        held.exclude(role=Administrator.key) if role is Administrator else held.filter(role=Administrator.key)
    )
    if others.exists():
        raise PeopleError(
            f"{person.email} cannot be an administrator and have another role: who gives roles sees no data."
        )
    made: Membership = Membership.objects.create(person=person, organisation=organisation, role=role.key)
    record(
        actor=by,
        organisation=organisation.code,
        action="people.give_role",
        subject=f"person {person.email}",
        reason=reason,
        after={"role": role.key, "organisation": organisation.code},
    )
    return made


@transaction.atomic
def end_role(*, actor: Actor | None, membership: Membership, reason: str) -> None:
    """End a role, from the person's next request. Raises `NotAllowed` and `PeopleError`."""
    _may_keep(actor, membership.organisation_id)
    _not_oneself(actor, membership.person)
    if not Membership.objects.filter(pk=membership.pk, ended=None).update(ended=timezone.now()):
        raise PeopleError("That role has ended already.")
    before = {"role": membership.role, "organisation": membership.organisation_id}
    _record(
        actor, membership.organisation_id, "people.end_role", membership.person.email, reason, before=before
    )


@transaction.atomic
def withdraw(*, actor: Actor | None, invitation: Invitation, reason: str) -> None:
    """Make an invitation's link useless. Raises `NotAllowed` and `PeopleError`."""
    _may_keep(actor, invitation.organisation_id or "")
    still = Invitation.objects.filter(pk=invitation.pk, used=None, withdrawn=None)
    if not still.update(withdrawn=timezone.now()):
        raise PeopleError("That invitation was used or withdrawn already.")
    place = invitation.organisation_id or ""
    _record(actor, place, "people.withdraw", invitation.email, reason, before={"role": invitation.role})


@transaction.atomic
def anew(*, actor: Actor | None, person: Person, reason: str) -> str:
    """A link by which somebody sets a new password and second factor; returns its secret part.

    Until it is used their sign-in stays as it was. Only for who holds no role beyond the actor's reach:
    the link is as good as the account. Raises `NotAllowed`.
    """
    place = _keeps_all_of(actor, person)
    _not_oneself(actor, person)
    now, token = timezone.now(), new_token()
    Invitation.objects.filter(email=person.email, purpose=Invitation.ANEW, used=None, withdrawn=None).update(
        withdrawn=now
    )
    Invitation.objects.create(
        purpose=Invitation.ANEW,
        email=person.email,
        organisation_id=place or None,
        token_hash=hashed(token),
        expires=now + ANEW_WITHIN,
    )
    _record(actor, place, "people.sign_in_anew", person.email, reason)
    return token


@transaction.atomic
def set_open(*, actor: Actor | None, person: Person, is_open: bool, reason: str) -> None:
    """Close an account, with its tokens, or open it again. Raises `NotAllowed` and `PeopleError`."""
    place = _keeps_all_of(actor, person)
    _not_oneself(actor, person)
    if not Person.objects.filter(pk=person.pk, is_active=not is_open).update(is_active=is_open):
        raise PeopleError(f"The account of {person.email} is {'open' if is_open else 'closed'} already.")
    if not is_open:
        ApiToken.objects.filter(person=person, ended=None).update(ended=timezone.now())
    word = "open" if is_open else "close"
    _record(
        actor,
        place,
        f"people.{word}_account",
        person.email,
        reason,
        before={"open": not is_open},
        after={"open": is_open},
    )


def find(*, email: str) -> Person:
    """Somebody by e-mail address, for the command line. Raises `PeopleError`."""
    found: Person | None = Person.objects.filter(email=normal(email)).first()
    if found is None:
        raise PeopleError(f"Nobody has an account as {normal(email)!r}: speccom people list names everybody.")
    return found


def everybody() -> Iterator[tuple[str, str, list[str]]]:
    """E-mail address, state and roles of each account, for the command line."""
    for person in Person.objects.order_by("email"):
        roles = [f"{each.role.key} at {each.organisation}" for each in person.actor().holdings]
        yield person.email, "open" if person.is_active else "closed", roles


def stand_in(*, email: str, name: str, role: Held, organisation: str, reason: str) -> Person:
    """Somebody who holds a role and can never sign in, for acts that a command does in a site of its own."""
    with transaction.atomic():
        made = Person(email=normal(email), name=name)
        made.set_unusable_password()
        made.save()
        invite(actor=None, email=made.email, role=role.key, organisation=organisation, reason=reason)
    return made


def path_of(token: str) -> str:
    """The path of an invitation's page, without the site's own address."""
    return reverse("invitation", args=[token])


def _email(text: str) -> str:
    email = normal(text)
    try:
        validate_email(email)
    except ValidationError as error:
        raise PeopleError(f"{text!r} is no e-mail address: write one such as ann@example.org.") from error
    return email


def _role(key: str) -> Held:
    held = ROLES.get(key.strip().lower().replace("-", "_"))
    if held is None:
        raise PeopleError(f"{key!r} is no role: choose from {', '.join(ROLES)}.")
    return held


def _organisation(actor: Actor | None, code: str, role: Held, own_name: str) -> Organisation:
    kind = kind_of(code)
    if kind not in role.at:
        kinds = listed([KINDS[each] for each in role.at], "or")
        raise PeopleError(f"{role.name} is a role at a {kinds}, and {code} is a {KINDS[kind]}.")
    _may_keep(actor, code)
    place: Organisation | None = Organisation.objects.filter(code=code).first()
    if place is not None:
        return place
    own = code[:4] in OWN
    if own and not (own_name.strip() and re.fullmatch(r"[A-Z]{3}-[A-Z0-9-]{2,30}", code)):
        raise PeopleError(
            f"{code} is not known yet: give its name, and a code of letters, digits and dashes such as "
            f"{code[:4]}KIDNEY."
        )
    return Organisation.objects.create(code=code, kind=kind, own_name=own_name.strip()[:200] if own else "")


def _may_keep(actor: Actor | None, organisation: str) -> None:
    if actor is not None and not actor.reaches(KEEP, organisation):
        raise NotAllowed(f"You do not look after the people of {organisation or 'this organisation'}.")


def _keeps_all_of(actor: Actor | None, person: Person) -> str:
    """The first organisation at which somebody has a role, all of which the actor must look after."""
    places = [each.organisation for each in person.actor().holdings]
    for place in places:
        _may_keep(actor, place)
    if not places and actor is not None and actor.reach(KEEP) is not None:
        raise NotAllowed("Only an administrator at NHS England can help somebody who has no role.")
    return places[0] if places else ""


def _not_oneself(actor: Actor | None, person: Person) -> None:
    if actor is not None and actor.person.pk == person.pk:
        raise NotAllowed("Nobody changes their own roles or account here: ask another administrator.")


def _said_by(actor: Actor | None) -> str:
    return actor.email if actor else COMMAND_LINE


def _record(
    actor: Actor | None,
    organisation: str,
    action: str,
    email: str,
    reason: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    record(
        actor=_said_by(actor),
        organisation=organisation,
        action=action,
        subject=f"person {email}",
        reason=reason,
        before=before,
        after=after,
    )
