"""Whose account a sign-in through an organisation's OpenID provider opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from speccom.site.accounts.actions.joining import join_with_provider
from speccom.site.accounts.actions.signing_in import normal
from speccom.site.accounts.models import Identity, Person
from speccom.site.accounts.refusals import SignInRefused
from speccom.site.audit.actions import record


@transaction.atomic
def person_of(*, issuer: str, claims: Mapping[str, Any]) -> Person:
    """The person of an identity token that was checked. Raises `SignInRefused`.

    From the first time on it is the provider's own name for them that counts. The first time it is an
    e-mail address that the provider says it verified, of an account or an open invitation.
    """
    subject = str(claims.get("sub") or "")
    if not subject:
        raise _refused("it does not say who you are")
    known = Identity.objects.select_related("person").filter(issuer=issuer, subject=subject).first()
    if known is not None:
        if not known.person.is_active:
            raise _refused("your account is closed")
        return known.person
    if claims.get("email_verified") is not True:
        raise _refused("it does not say that your e-mail address was verified")
    email = normal(str(claims.get("email") or ""))
    person: Person | None = Person.objects.select_for_update().filter(email=email).first()
    if person is None:
        person = join_with_provider(email=email, name=str(claims.get("name") or ""))
    if person is None or not person.is_active:
        raise _refused("nobody has invited that e-mail address")
    if Identity.objects.filter(issuer=issuer, person=person).exists():
        raise _refused("your account belongs to another identity there")
    Identity.objects.create(person=person, issuer=issuer, subject=subject)
    record(
        actor=person.email,
        organisation=person.actor().organisation,
        action="people.link_identity",
        subject=f"person {person.email}",
        reason="Signed in through the organisation's provider for the first time",
        after={"issuer": issuer},
    )
    return person


def has_second_factor(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it asked for a second factor itself.

    `amr` with `mfa` (RFC 8176), or an `acr` that the site's settings name.
    """
    methods = claims.get("amr")
    named = settings.OIDC["second_factor_acr"] if settings.OIDC else ()
    return (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in named


def _refused(why: str) -> SignInRefused:
    return SignInRefused(f"Your organisation’s account cannot be used here: {why}. Ask an administrator.")
