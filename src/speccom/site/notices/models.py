"""Notices: one sentence to one person, with the page on which to act. It knows nothing of what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from speccom.site.accounts.models import Person
from speccom.site.core.scoped import Scoped

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

LONGEST_ABOUT, LONGEST_SENTENCE, LONGEST_ADDRESS = 100, 500, 300


class Notice(Scoped):
    """Something that a person is told. It waits until they say that it is done, and is never removed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=LONGEST_ABOUT)
    sentence = models.CharField(max_length=LONGEST_SENTENCE)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    told = models.DateTimeField(default=timezone.now)
    done = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-told", "-pk")
        indexes = (models.Index(fields=("person",), condition=Q(done=None), name="notices_that_wait"),)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """One's own, and nobody else's."""
        return rows.filter(person_id=actor.person.pk)
