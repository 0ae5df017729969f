"""Tells people what waits for them, in the transaction that makes it wait, and knows who holds a permission."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from speccom.errors import SpeccomError
from speccom.site.accounts.actor import Actor, holdings
from speccom.site.accounts.models import Membership, Person
from speccom.site.accounts.roles import ROLES
from speccom.site.notices.mail import post_notice
from speccom.site.notices.models import LONGEST_ABOUT, LONGEST_ADDRESS, LONGEST_SENTENCE, Notice

if TYPE_CHECKING:
    from datetime import datetime


class NoticeError(SpeccomError):
    """A notice that cannot be given as asked."""

    code = "notice"


def tell(
    *, people: Iterable[Person], about: str, sentence: str, address: str, in_mail: str | None = None
) -> None:
    """Give each person one notice, in the caller's own transaction: what waits and its notice go together.

    It goes by e-mail as well, in the background, to who wants that. `in_mail` is what the e-mail says in place of
    `sentence`, for one that repeats what somebody typed: that stays on the site.

    `about` heads it, `sentence` says what to do, `address` is the page of this site on which to do it, from
    its `/` on. Raises `NoticeError` outside a transaction, for an address elsewhere, and for words that are
    empty or too long.
    """
    if not connection.in_atomic_block:
        raise NoticeError(f"{about!r} was to be told outside the transaction that it is about.")
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        raise NoticeError(f"{address!r} is no page of this site: give its path, from / on.")
    for words, longest in (
        (about, LONGEST_ABOUT),
        (sentence, LONGEST_SENTENCE),
        (address, LONGEST_ADDRESS),
    ):
        if not 0 < len(words.strip()) <= longest:
            raise NoticeError(f"A notice says {words[:40]!r}…: give 1 to {longest} characters there.")
    each_once = {person.pk: person for person in people}
    Notice.objects.bulk_create(
        Notice(person=person, about=about, sentence=sentence, address=address)
        for person in each_once.values()
    )
    for person in each_once.values():
        post_notice(person=person, about=about, words=in_mail or sentence, address=address)


def holders(permission: str, organisation: str) -> list[Person]:
    """Who holds a permission for an organisation now, by name; a region's team for the boards in it too.

    People whose account is closed are left out. An unknown permission or organisation has nobody beyond
    those who hold the permission for every one.
    """
    roles = [key for key, role in ROLES.items() if permission in role.permissions]
    held = Membership.objects.filter(ended__isnull=True, role__in=roles, person__is_active=True)
    people: dict[int, Person] = {}
    memberships: dict[int, list[Membership]] = {}
    for each in held.select_related("person", "organisation"):
        people[each.person_id] = each.person
        memberships.setdefault(each.person_id, []).append(each)
    found = [
        person
        for number, person in people.items()
        if Actor(
            person,
            holdings(
                (each.held, each.organisation_id, each.organisation.kind) for each in memberships[number]
            ),
        ).reaches(permission, organisation)
    ]
    return sorted(found, key=lambda person: (person.name, person.email))


def open_accounts(people: Iterable[int]) -> list[Person]:
    """Those of some people, by their numbers, whose account is open, by name."""
    return list(Person.objects.filter(pk__in=list(people), is_active=True).order_by("name", "email"))


def finish(*, notice: Notice, now: datetime | None = None) -> None:
    """Note that a notice is done; said again, the first time stays. What it is about is not touched."""
    Notice.objects.filter(pk=notice.pk, done__isnull=True).update(done=now or timezone.now())
