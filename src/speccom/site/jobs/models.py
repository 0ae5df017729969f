"""One piece of work in the background. What it needs is encrypted, and emptied once it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from speccom.site.accounts.models import Person
from speccom.site.core.scoped import Scoped

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

WAITING, RUNNING, DONE, BROKEN = "waiting", "running", "done", "broken"
STATES = {WAITING: "Waiting", RUNNING: "Running", DONE: "Done", BROKEN: "Broken off"}
LONGEST_ABOUT, LONGEST_ERROR = 200, 500


class Job(Scoped):
    """What is done, for whom, and how far it is: `part` of `whole` where that is known, `whole` 0 where not.

    `does` is the module and name of its function, `tries` how often it was begun, `address` the page of this
    site on which its result is seen. `organisation` is whose it is, empty for what is one person's alone. `makes`
    names what it leaves, by which whoever needs the same finds it; empty where nobody does.
    """

    does = models.CharField(max_length=200)
    about = models.CharField(max_length=LONGEST_ABOUT)
    address = models.CharField(max_length=300, blank=True)
    makes = models.CharField(max_length=100, blank=True, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.CharField(max_length=40, blank=True, db_index=True)
    needs = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=list(STATES.items()), default=WAITING)
    part = models.PositiveIntegerField(default=0)
    whole = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)
    asked = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """One's own, and what the organisations started at which one has a role."""
        own = sorted({each.organisation for each in actor.holdings})
        return rows.filter(Q(person_id=actor.person.pk) | Q(organisation__in=own))
