"""A small world of people: everybody's role at their own organisation, and how they come in."""

from __future__ import annotations

import re
import time
from typing import Any

import pyotp
from django.db import transaction
from django.test import Client
from django.utils import timezone

from speccom.site.accounts.actions import factors
from speccom.site.accounts.actions.people import hold, invite
from speccom.site.accounts.keeping import decrypt, encrypt
from speccom.site.accounts.models import Organisation, Person
from speccom.site.accounts.organisations import kind_of
from speccom.site.accounts.roles import ROLES
from speccom.site.accounts.sessions import BACKEND

PASSWORD = "correct horse battery staple"
HOMES = {
    "provider": "RJE",
    "icb_analyst": "QNC",
    "icb_lead": "QNC",
    "committee_secretary": "COM-MIDLANDS",
    "regional_team": "Y60",
    "national_team": "X24",
    "voice_partner": "PPV-KIDNEY",
    "panel_member": "X24",
    "board_secretary": "X24",
    "administrator": "X24",
}
"""Role → the organisation where somebody holds it in these tests."""


def person(role: str | None, at: str | None = None, email: str | None = None, factor: bool = True) -> Person:
    """Somebody with one role, or none, who has a password and a second factor."""
    made = Person(email=email or f"{role}@{(at or 'somewhere').lower()}.example", name=f"A {role or 'guest'}")
    made.set_password(PASSWORD)
    made.second_factor = encrypt(pyotp.random_base32()) if factor else ""
    made.save()
    if role:
        with transaction.atomic():
            hold(
                person=made,
                role=ROLES[role],
                organisation=organisation(at or HOMES[role]),
                by="tests",
                reason="a world for tests",
            )
    return made


def organisation(code: str) -> Organisation:
    own = {"PPV-KIDNEY": "Kidney Voices", "COM-MIDLANDS": "Midlands committee"}.get(code, "")
    return Organisation.objects.get_or_create(code=code, defaults={"kind": kind_of(code), "own_name": own})[0]


def come_in(client: Client, who: Person) -> None:
    """Be signed in, without the way there; the way has tests of its own."""
    client.force_login(who, backend=BACKEND)  # type: ignore[arg-type]
    session = client.session
    session["began"] = session["seen"] = time.time()
    session.save()


def code_of(who: Person, later: int = 0) -> str:
    """What the person's application shows now, or some steps of time later."""
    who.refresh_from_db()
    now = int(timezone.now().timestamp()) // factors.SECONDS
    return pyotp.TOTP(decrypt(who.second_factor)).generate_otp(now + later)


def link(role: str = "icb_lead", at: str = "QNC", email: str = "new@qnc.example") -> str:
    """The path of an invitation given by the command line."""
    token = invite(actor=None, email=email, role=role, organisation=at, reason="to try it").token
    return f"/invitations/{token}/"


def key_of(page: Any) -> str:
    """The key that the page of setting up shows to be typed."""
    found = re.search(r'Key: <code class="once">([A-Z2-7 ]+)</code>', page.content.decode())
    assert found
    return found[1].replace(" ", "")
