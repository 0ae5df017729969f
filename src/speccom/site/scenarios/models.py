"""Who kept which scenario. The scenario itself is a file of the workspace, under the hash of its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from speccom.site.core.scoped import Scoped

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

KEEP = "scenarios.keep"


class KeptScenario(Scoped):
    """One scenario that an organisation keeps; two organisations may keep the same."""

    content = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=20, db_index=True)
    kept_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    kept = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-kept", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("content", "organisation"), name="kept_once_by_an_organisation"),
        )

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the organisations for which the actor keeps scenarios."""
        reach = actor.reach(KEEP)
        return rows if reach is None else rows.filter(organisation__in=reach)
