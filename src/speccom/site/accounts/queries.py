"""What the pages of people ask the database, always as who asks."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import ApiToken, Invitation, Membership, Person
from speccom.site.core.refusals import NotFound

Row = TypeVar("Row", bound=Model)


def people(actor: Actor) -> QuerySet[Person]:
    """Everybody whom the actor looks after, by name."""
    found: QuerySet[Person] = Person.objects.visible_to(actor)
    return found


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The roles, ended ones too, at the actor's organisations."""
    found: QuerySet[Membership] = Membership.objects.visible_to(actor).select_related("organisation")
    return found


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """The links that were given for the actor's organisations, newest first."""
    found: QuerySet[Invitation] = Invitation.objects.visible_to(actor).select_related("organisation")
    return found


def person(actor: Actor, number: int) -> Person:
    """One person. Raises `NotFound`, the same for who is not there and who is not the actor's to see."""
    return _one(people(actor), number, "person")


def membership(actor: Actor, number: int) -> Membership:
    """One role of somebody. Raises `NotFound`."""
    return _one(memberships(actor).select_related("person", "organisation"), number, "role")


def invitation(actor: Actor, number: int) -> Invitation:
    """One link that was given. Raises `NotFound`."""
    return _one(invitations(actor), number, "link")


def tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens, newest first."""
    found: QuerySet[ApiToken] = ApiToken.objects.visible_to(actor)
    return found


def token(actor: Actor, number: int) -> ApiToken:
    """One of the actor's own tokens. Raises `NotFound`."""
    return _one(tokens(actor), number, "token")


def _one(rows: QuerySet[Row], number: int, what: str) -> Row:
    found = rows.filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no such {what}, or it is not yours to see.")
    return found
