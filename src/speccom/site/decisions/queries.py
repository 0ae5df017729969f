"""What the pages of decisions ask: rows as who asks, and what a decision would change, kept until either changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from speccom.errors import SpeccomError
from speccom.register import decided
from speccom.register.decided import Preview
from speccom.site.accounts.actor import Actor
from speccom.site.audit.canonical import canonical
from speccom.site.audit.models import Entry
from speccom.site.core.library import register, remembered, today
from speccom.site.core.refusals import NotFound
from speccom.site.decisions.actions import settle
from speccom.site.decisions.models import Approval, DecisionRecord, decision_of

REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a decision would change, or why it cannot be adopted as the register is."""

    preview: Preview | None
    refused: str


def records(actor: Actor) -> QuerySet[DecisionRecord]:
    """The decisions that an actor sees, the latest drafted first; what a kill left is settled beforehand."""
    settle()
    found: QuerySet[DecisionRecord] = DecisionRecord.objects.visible_to(actor).select_related(
        "drafted_by", "adopter"
    )
    return found


def record(actor: Actor, number: int) -> DecisionRecord:
    """One decision. Raises `NotFound`, the same for what is not there and what is not the actor's to see."""
    found = records(actor).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such decision in the making, or it is not yours to see.")
    return found


def approvals(actor: Actor, of: DecisionRecord) -> list[Approval]:
    """Everybody who approved, those whose approval has ended too."""
    return list(Approval.objects.visible_to(actor).filter(record=of).select_related("person"))


def counting(actor: Actor) -> dict[int, int]:
    """Decision → how many approvals of it count, of all that an actor sees."""
    snapshot = register().snapshot
    found: dict[int, int] = {}
    rows = Approval.objects.visible_to(actor).filter(ended=None).select_related("record")
    for each in rows:
        found[each.record_id] = found.get(each.record_id, 0) + each.counts(each.record, snapshot)
    return found


def history(actor: Actor, of: DecisionRecord) -> list[Entry]:
    """The rows of the audit table about a decision that an actor may read, earliest first."""
    rows: QuerySet[Entry] = Entry.objects.visible_to(actor)
    return list(rows.filter(subject=f"decision {of.reference}").order_by("number"))


def previewed(of: DecisionRecord) -> Previewed:
    """What a decision that is not adopted would change with the register as it is."""
    return previewed_as_said(*said(of))


def said(of: DecisionRecord) -> tuple[str, str, date]:
    """What a decision's preview is of: its reference, its content as JSON, and the day from which it is known."""
    return of.reference, canonical(of.content), of.public_on or max(today(), of.made_on)


@remembered(REMEMBERED)
def previewed_as_said(reference: str, content: str, recorded_on: date) -> Previewed:
    """As `previewed`, of what `said` gives."""
    try:
        decision = decision_of(reference, json.loads(content), recorded_on)
        return Previewed(decided.preview(register(), decision), "")
    except SpeccomError as error:
        return Previewed(None, str(error))
