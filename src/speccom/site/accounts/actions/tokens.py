"""Tokens for a person's programs: made with scopes and an end, found by their hash, ended."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from speccom.site.accounts.actor import Actor
from speccom.site.accounts.keeping import hashed, new_token
from speccom.site.accounts.models import ApiToken
from speccom.site.accounts.refusals import PeopleError
from speccom.site.accounts.roles import SCOPES
from speccom.site.audit.actions import record

PREFIX = "speccom_"
LONGEST = 366
_MOST = 20
_SEEN_AGAIN_AFTER = timedelta(minutes=1)


@transaction.atomic
def make(*, actor: Actor, name: str, scopes: list[str], days: int) -> str:
    """A new token; its text is returned here, and never again. Raises `PeopleError`."""
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise PeopleError(f"Choose what the token may do: {', '.join(SCOPES)}.")
    if not 1 <= days <= LONGEST:
        raise PeopleError(f"A token lasts from 1 to {LONGEST} days.")
    name = " ".join(name.replace("\x00", " ").split())[:100]
    if not name:
        raise PeopleError("Give the token a name, such as the program that will use it.")
    now = timezone.now()
    if ApiToken.objects.filter(person=actor.person, ended=None, expires__gt=now).count() >= _MOST:
        raise PeopleError(f"You have {_MOST} tokens: end one that is not used first.")
    text = PREFIX + new_token()
    ApiToken.objects.create(
        person=actor.person,
        name=name,
        scopes=" ".join(sorted(set(scopes))),
        start=text[: len(PREFIX) + 4],
        token_hash=hashed(text),
        expires=now + timedelta(days=days),
    )
    _record(
        actor,
        "people.make_token",
        name,
        f"Made a token: {name}",
        {"scopes": sorted(set(scopes)), "days": days},
    )
    return text


@transaction.atomic
def end(*, actor: Actor, token: ApiToken) -> None:
    """End a token of one's own at once."""
    if not ApiToken.objects.filter(pk=token.pk, person=actor.person, ended=None).update(ended=timezone.now()):
        raise PeopleError("That token has ended already.")
    _record(actor, "people.end_token", token.name, f"Ended a token: {token.name}", None)


def actor_of(*, text: str) -> Actor | None:
    """Whose program brings a token, if it is one that still counts."""
    now = timezone.now()
    found: ApiToken | None = (
        ApiToken.objects.select_related("person")
        .filter(token_hash=hashed(text), ended=None, expires__gt=now, person__is_active=True)
        .first()
    )
    if found is None:
        return None
    if found.last_used is None or now - found.last_used > _SEEN_AGAIN_AFTER:
        ApiToken.objects.filter(pk=found.pk).update(last_used=now)
    return found.person.actor(frozenset(found.scopes.split()))


def _record(actor: Actor, action: str, name: str, reason: str, after: dict[str, object] | None) -> None:
    record(
        actor=actor.email,
        organisation=actor.organisation,
        action=action,
        subject=f"token {name}",
        reason=reason,
        after=after,
    )
