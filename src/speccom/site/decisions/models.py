"""Decisions in the making and their approvals. What was adopted is in the register; the row says how it came."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from speccom.register import decided
from speccom.site.audit.canonical import canonical
from speccom.site.core.edited import Edited
from speccom.site.core.scoped import Scoped
from speccom.site.decisions import rules  # noqa: F401  its rule is stated as the app is read
from speccom.site.decisions.states import ADOPTS, APPROVES, DRAFT, DRAFTS

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

CONTENT = {
    "title": "Title",
    "body": "Decided by",
    "made_on": "Made on",
    "public_on": "Public since",
    "minute": "Minute",
    "paper": "Paper",
    "url": "Address of the paper",
    "scope": "For whom",
    "services": "For which services",
    "conditions": "Conditions",
    "amends": "Amends",
    "revokes": "Revokes",
    "effects": "What changes",
}
"""What a decision says, all of which its hash covers → the words of it."""


class DecisionRecord(Edited, Scoped):
    """One decision from its draft on. `writers` are the ids of all who wrote any of what it says now.

    `public_on` is when it became public, and empty for the day of its adoption; `recorded_on` is the one it
    was adopted with. `recommended` are the recommendations that it was drafted from: reference, title, address.
    """

    reference = models.CharField(max_length=40, unique=True)
    organisation = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=12, default=DRAFT, db_index=True)

    title = models.CharField(max_length=300)
    body = models.CharField(max_length=200)
    made_on = models.DateField()
    public_on = models.DateField(null=True, blank=True)
    minute = models.CharField(max_length=200, blank=True)
    paper = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=500, blank=True)
    scope = models.CharField(max_length=300, blank=True)
    services = models.CharField(max_length=300, blank=True)
    conditions = models.JSONField(default=list)
    amends = models.JSONField(default=list)
    revokes = models.JSONField(default=list)
    effects = models.JSONField(default=list)

    recommended = models.JSONField(default=list)
    drafted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    writers = models.JSONField(default=list)
    drafted = models.DateTimeField(default=timezone.now)
    adopter = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    adoption_reason = models.CharField(max_length=500, blank=True)
    recorded_on = models.DateField(null=True, blank=True)
    adopted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the organisations at which somebody drafts, approves or adopts; at NHS England, all."""
        return rows.filter(_reached(actor, "organisation"))

    @property
    def content(self) -> dict[str, Any]:
        """What it says, as it is hashed and put on record."""
        return {name: getattr(self, name) for name in CONTENT}

    @property
    def content_hash(self) -> str:
        """Changes with anything that it says; an approval is of this and no other."""
        return hashlib.sha256(canonical(self.content | {"reference": self.reference}).encode()).hexdigest()

    def decision(self, today: date) -> decided.Decision:
        """What it says as the register takes it. Raises `DecisionError`."""
        return decision_of(self.reference, self.content, self.recorded_on or self.public_on or today)


class Approval(Scoped):
    """That somebody approved what a decision said, with the register as it was; ended, and never removed."""

    record = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    content_hash = models.CharField(max_length=64)
    snapshot = models.CharField(max_length=16)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("record", "person"), condition=Q(ended=None), name="one_approval_a_person"
            ),
        )

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the decisions that an actor sees."""
        return rows.filter(_reached(actor, "record__organisation"))

    def counts(self, record: DecisionRecord, snapshot: str) -> bool:
        """Whether it is of what the decision says now, with the register as it is now."""
        return (self.ended, self.content_hash, self.snapshot) == (None, record.content_hash, snapshot)


def decision_of(reference: str, content: Mapping[str, Any], recorded_on: date) -> decided.Decision:
    """What a decision says, as the register takes it. Raises `DecisionError`."""
    said = {name: value for name, value in content.items() if name != "public_on"}
    return decided.from_record(
        said
        | {
            "decision_id": reference,
            "made_on": str(content["made_on"]),
            "recorded_on": recorded_on.isoformat(),
        },
        reference,
    )


def _reached(actor: Actor, field: str) -> Q:
    reached: set[str] = set()
    for permission in (DRAFTS, APPROVES, ADOPTS):
        reach = actor.reach(permission)
        if reach is None:
            return Q(pk__isnull=False)
        reached |= reach
    return Q(**{f"{field}__in": sorted(reached)})
