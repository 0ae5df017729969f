"""Finds who waits for the second factor again, as long as nothing about their sign-in changed meanwhile."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare

from speccom.site.accounts.models import Person


def waiting_person(person: int, session_hash: str) -> Person | None:
    """The person of a session that waits, unless their account was closed or their password changed."""
    found: Person | None = Person.objects.filter(pk=person, is_active=True).first()
    if found is None or not constant_time_compare(found.get_session_auth_hash(), session_hash):
        return None
    return found
