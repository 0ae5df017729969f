"""What the pages of people ask the database, always as who asks."""

from __future__ import annotations

from django.db.models import QuerySet

from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import ApiToken, Invitation, Membership, Person
from speccom.site.core.refusals import NotFound


def people(actor: Actor) -> QuerySet[Person]:
    """Everybody whom the actor looks after, by name."""
    return Person.objects.visible_to(actor)


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The roles, ended ones too, at the actor's organisations."""
    return Membership.objects.visible_to(actor).select_related("organisation")


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """The links that were given for the actor's organisations, newest first."""
    return Invitation.objects.visible_to(actor).select_related("organisation")


def person(actor: Actor, number: int) -> Person:
    """One person. Raises `NotFound`, the same for who is not there and who is not the actor's to see."""
    return _one(Person.objects.visible_to(actor), number, "person")


def membership(actor: Actor, number: int) -> Membership:
    """One role of somebody. Raises `NotFound`."""
    found = Membership.objects.visible_to(actor).select_related("organisation", "person")
    return _one(found, number, "role")


def invitation(actor: Actor, number: int) -> Invitation:
    """One link that was given. Raises `NotFound`."""
    return _one(invitations(actor), number, "link")


def tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens, newest first."""
    return ApiToken.objects.visible_to(actor)


def token(actor: Actor, number: int) -> ApiToken:
    """One of the actor's own tokens. Raises `NotFound`."""
    return _one(tokens(actor), number, "token")


def _one(rows: QuerySet, number: int, what: str):  # type: ignore[type-arg,no-untyped-def]
    found = rows.filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no such {what}, or it is not yours to see.")
    return found
