"""What the pages of the record ask the database, always as who asks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from speccom.site.accounts.actor import Actor
from speccom.site.audit.forms import Asked
from speccom.site.audit.models import Entry
from speccom.site.core.refusals import NotFound

AT_ONCE = 50
"""How many rows a page shows."""


def entries(actor: Actor, asked: Asked) -> tuple[list[Entry], bool]:
    """The rows asked for, newest first, as many as a page shows; and whether there are more.

    Dates are days in England, the last one included.
    """
    rows = chosen(actor, asked)
    if asked.before:
        rows = rows.filter(number__lt=asked.before)
    found = list(rows[: AT_ONCE + 1])
    return found[:AT_ONCE], len(found) > AT_ONCE


def chosen(actor: Actor, asked: Asked) -> QuerySet[Entry]:
    """All the rows asked for, newest first, on whichever page."""
    rows: QuerySet[Entry] = Entry.objects.visible_to(actor)
    if asked.actor:
        rows = rows.filter(actor__icontains=asked.actor)
    if asked.subject:
        rows = rows.filter(subject__icontains=asked.subject)
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.from_:
        rows = rows.filter(at__gte=timezone.make_aware(datetime.combine(asked.from_, time.min)))
    if asked.to:
        rows = rows.filter(
            at__lt=timezone.make_aware(datetime.combine(asked.to + timedelta(days=1), time.min))
        )
    return rows


def actions_seen(actor: Actor) -> list[str]:
    """The kinds of action among the rows that the actor may read."""
    return sorted(set(Entry.objects.visible_to(actor).order_by().values_list("action", flat=True).distinct()))


def entry(actor: Actor, number: int) -> Entry:
    """One row. Raises `NotFound`, the same for what is not there and what is not the actor's to read."""
    found: Entry | None = Entry.objects.visible_to(actor).filter(number=number).first()
    if found is None:
        raise NotFound(f"There is no row {number}, or it is not yours to read.")
    return found
