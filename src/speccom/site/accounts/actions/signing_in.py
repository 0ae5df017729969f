"""Checks a password and a second factor, without telling who has an account."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from speccom.site.accounts.actions import factors, limits
from speccom.site.accounts.models import Person
from speccom.site.accounts.refusals import SignInRefused, wrong_sign_in
from speccom.site.audit.actions import record


def normal(email: str) -> str:
    """An e-mail address as accounts hold it."""
    return email.strip().lower()


def with_password(*, email: str, password: str, address: str) -> Person:
    """Whose e-mail address and password these are. Raises `SignInRefused` and `TooManyTries`.

    The password is hashed whether there is an account or not, so both take as long.
    """
    email = normal(email)
    limits.take(limits.ADDRESS, address)
    limits.take(limits.ACCOUNT, email)
    person: Person | None = Person.objects.filter(email=email).first()
    if person is None:
        Person().set_password(password)
        raise wrong_sign_in()
    if not person.check_password(password) or not person.is_active:
        raise wrong_sign_in()
    limits.forget(limits.ACCOUNT, email)
    return person


def with_code(*, person: Person, code: str) -> None:
    """Check the second factor: a code of the application, or a recovery code. Either works once.

    Raises `SignInRefused` and `TooManyTries`.
    """
    limits.take(limits.FACTOR, str(person.pk))
    if not factors.meets(person=person, code=code):
        raise SignInRefused(
            "That code is not right, or was used before. Wait for the next one, and enter it."
        )
    limits.forget(limits.FACTOR, str(person.pk))


@transaction.atomic
def signed_in(*, person: Person, how: str) -> None:
    """Put a sign-in on record."""
    person.last_login = timezone.now()
    record(
        actor=person.email,
        organisation=person.actor().organisation,
        action="people.sign_in",
        subject=f"person {person.email}",
        reason=f"Signed in with {how}",
    )
