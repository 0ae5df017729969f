"""What the page of work in the background asks the database, always as who asks."""

from __future__ import annotations

from speccom.site.accounts.actor import Actor
from speccom.site.core.refusals import NotFound
from speccom.site.jobs.models import Job

AT_ONCE = 50
"""How many jobs the page shows."""


def jobs(actor: Actor) -> list[Job]:
    """The latest jobs that an actor sees, the newest first."""
    return list(Job.objects.visible_to(actor).select_related("person").defer("needs")[:AT_ONCE])


def latest_that_makes(actor: Actor, what: str) -> Job | None:
    """The latest job that an actor sees of those that make one thing, however it stands."""
    found: Job | None = Job.objects.visible_to(actor).filter(makes=what).first()
    return found


def job(actor: Actor, number: int) -> Job:
    """One job. Raises `NotFound`, the same for one that is not there and one that is not the actor's to see."""
    found: Job | None = Job.objects.visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such work in the background, or it is not yours to see.")
    return found
