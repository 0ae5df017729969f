"""The second factor: codes of an application, each once, and recovery codes for when it is lost."""

from __future__ import annotations

import secrets

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from speccom.site.accounts.keeping import decrypt, encrypt, hashed
from speccom.site.accounts.models import Person, RecoveryCode
from speccom.site.accounts.refusals import SignInRefused
from speccom.site.audit.actions import record

RECOVERY_CODES = 10
SECONDS = 30
_DIGITS = 6
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_EARLIER_AND_LATER = 1


def new_secret() -> str:
    """A secret for the application, encrypted: to be confirmed with a code before it counts."""
    return encrypt(pyotp.random_base32())


def address_of(*, secret: str, email: str) -> str:
    """What the QR code says: a secret with whose it is."""
    issuer = settings.SECOND_FACTOR_ISSUER
    return pyotp.TOTP(decrypt(secret)).provisioning_uri(name=email, issuer_name=issuer)


@transaction.atomic
def set_up(*, person: Person, secret: str, code: str) -> list[str]:
    """Make a secret the second factor of somebody who has none, once a code of it proves that they hold it.

    Returns recovery codes, to be shown once. Raises `SignInRefused`.
    """
    step = _step_of(secret, code, after=0)
    if step is None:
        raise SignInRefused("That code is not right. Check the time on your device, and enter the next code.")
    changed = Person.objects.filter(pk=person.pk, second_factor="").update(
        second_factor=secret, last_step=step
    )
    if not changed:
        raise SignInRefused("A second factor is set up already: sign in with it.")
    person.second_factor, person.last_step = secret, step
    record(
        actor=person.email,
        organisation=person.actor().organisation,
        action="people.set_up_second_factor",
        subject=f"person {person.email}",
        reason="Set up their own second factor",
    )
    return _new_codes(person)


@transaction.atomic
def renew_recovery_codes(*, person: Person) -> list[str]:
    """New recovery codes in place of the old ones, to be shown once."""
    record(
        actor=person.email,
        organisation=person.actor().organisation,
        action="people.renew_recovery_codes",
        subject=f"person {person.email}",
        reason="Asked for new recovery codes",
    )
    return _new_codes(person)


def meets(*, person: Person, code: str) -> bool:
    """Whether a code is right and was not used before; it is used by this."""
    code = "".join(code.split()).replace("-", "").lower()
    if len(code) == _DIGITS and code.isdecimal():
        step = _step_of(person.second_factor, code, after=person.last_step)
        # Of two that bring the same code at once, one changes the row.
        return step is not None and bool(
            Person.objects.filter(pk=person.pk, last_step__lt=step).update(last_step=step)
        )
    unused = RecoveryCode.objects.filter(person=person, code_hash=_kept(person, code), used=None)
    return bool(unused.update(used=timezone.now()))


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """The step of time that a code belongs to, one earlier and one later allowed for clocks that differ."""
    totp = pyotp.TOTP(decrypt(secret), digits=_DIGITS, interval=SECONDS)
    now = int(timezone.now().timestamp()) // SECONDS
    code = "".join(code.split())
    for step in range(now - _EARLIER_AND_LATER, now + _EARLIER_AND_LATER + 1):
        if constant_time_compare(totp.generate_otp(step), code) and step > after:
            return step
    return None


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, code_hash=_kept(person, code)) for code in codes
    )
    return ["-".join(code[part : part + 4] for part in range(0, 16, 4)) for code in codes]


def _kept(person: Person, code: str) -> str:
    return hashed(f"{person.pk} {code}")
