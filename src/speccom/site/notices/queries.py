"""What the page of notices asks the database, always as who asks."""

from __future__ import annotations

from speccom.site.accounts.actor import Actor
from speccom.site.core.refusals import NotFound
from speccom.site.notices.models import Notice

AT_ONCE = 50
"""How many done notices the page shows."""


def waiting(actor: Actor) -> list[Notice]:
    """The notices that wait for the actor, newest first."""
    return list(Notice.objects.visible_to(actor).filter(done__isnull=True))


def done(actor: Actor) -> list[Notice]:
    """The actor's last done notices, the latest first."""
    return list(Notice.objects.visible_to(actor).filter(done__isnull=False).order_by("-done")[:AT_ONCE])


def count(actor: Actor) -> int:
    """How many notices wait for the actor."""
    return int(Notice.objects.visible_to(actor).filter(done__isnull=True).count())


def notice(actor: Actor, number: int) -> Notice:
    """One of the actor's own. Raises `NotFound`, the same for one that is not there and another's."""
    found: Notice | None = Notice.objects.visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such notice, or it is not yours to see.")
    return found
