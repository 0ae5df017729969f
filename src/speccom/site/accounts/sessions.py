"""What a browser's session holds while somebody signs in and after, and when it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, login, logout
from django.http import HttpRequest

from speccom.site.accounts.actions.signing_in import signed_in
from speccom.site.accounts.actions.waiting import waiting_person
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import Person

BACKEND = "speccom.site.accounts.actions.backend.Backend"
_WAITING, _BEGAN, _SEEN = "waiting", "began", "seen"
_SEEN_AGAIN_AFTER = 60
"""Seconds between two notes that a session is used: a page need not write each time."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose first factor was right: who, how, and where they were going."""

    person: Person
    how: str
    onward: str


def wait(request: HttpRequest, person: Person, *, how: str, onward: str) -> None:
    """Note that the first factor was right. The session is another from here on, and signs nobody in yet."""
    request.session.flush()
    request.session[_WAITING] = {
        "person": person.pk,
        "hash": person.get_session_auth_hash(),
        "how": how,
        "onward": onward,
        "until": time.time() + settings.SECOND_FACTOR_WITHIN,
    }


def waiting(request: HttpRequest) -> Waiting | None:
    """Who waits for the second factor in this session, if anybody and not too long."""
    held = request.session.get(_WAITING)
    if not held or held["until"] < time.time():
        return None
    person = waiting_person(held["person"], held["hash"])
    return Waiting(person, held["how"], held["onward"]) if person else None


def begin(request: HttpRequest, person: Person, *, how: str) -> None:
    """Sign somebody in: a new session, under a new key."""
    request.session.flush()
    login(request, person, backend=BACKEND)
    assert HASH_SESSION_KEY in request.session
    request.session[_BEGAN] = request.session[_SEEN] = time.time()
    request.session.clear_expired()
    signed_in(person=person, how=how)


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is signed in, with their roles as they are now; a session that is over by time is ended."""
    person = request.user
    if not isinstance(person, Person):
        return None
    now, began, seen = time.time(), request.session.get(_BEGAN, 0), request.session.get(_SEEN, 0)
    if now - began > settings.SESSION_LONGEST or now - seen > settings.SESSION_IDLE:
        end(request)
        return None
    if now - seen > _SEEN_AGAIN_AFTER:
        request.session[_SEEN] = now
    return person.actor()


def end(request: HttpRequest) -> None:
    """End the session here and in the browser."""
    logout(request)
