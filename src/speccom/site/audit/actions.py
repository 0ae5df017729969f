"""Puts on record what was done, in the transaction that does it, and walks the record to see that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from speccom.errors import CheckFailed, SpeccomError
from speccom.site.audit.canonical import canonical
from speccom.site.audit.models import FIRST, Entry, Head

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

SHORTEST_REASON = 3
MOST_IN_A_FILE = 50_000


class AuditError(SpeccomError):
    """What cannot be put on record as asked."""

    code = "audit"


class ReasonNeeded(AuditError):
    """A change without a reason."""

    code = "reason_needed"


class ChainBroken(CheckFailed):
    """A row of the record that is not as it was written, or is not there."""

    code = "chain_broken"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many rows hold, and the last one's hash."""

    entries: int
    last: str


def record(
    *,
    actor: str,
    organisation: str,
    action: str,
    subject: str,
    reason: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one row, in the caller's own transaction: both are kept or neither is.

    Writers wait for each other on the head of the chain, so there is one chain however many there are.
    Raises `ReasonNeeded` without a reason, and `AuditError` outside a transaction.
    """
    reason = reason.replace("\x00", " ").strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded("Say why in a few words: every change is kept with its reason.")
    if not connection.in_atomic_block:
        raise AuditError(f"{action} was to be put on record outside the transaction that does it.")
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    entry = Entry(
        number=head.number + 1,
        at=timezone.now(),
        actor=actor,
        organisation=organisation,
        action=action,
        subject=subject,
        reason=reason,
        before="" if before is None else canonical(before),
        after="" if after is None else canonical(after),
        previous_hash=head.own_hash,
    )
    entry.own_hash = entry.hashed()
    entry.append()
    Head.objects.filter(pk=1).update(number=entry.number, own_hash=entry.own_hash)
    return entry


def record_act(
    actor: Actor,
    organisation: str,
    action: str,
    subject: str,
    reason: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Entry:
    """As `record`, of what somebody signed in did for an organisation."""
    return record(
        actor=actor.email,
        organisation=organisation,
        action=action,
        subject=subject,
        reason=reason,
        before=before,
        after=after,
    )


@transaction.atomic
def export(*, actor: Actor, rows: QuerySet[Entry], asked: Mapping[str, str], reason: str) -> list[Entry]:
    """The rows of a file, the file itself put on record. Raises `AuditError` for more than a file holds."""
    found = list(rows[: MOST_IN_A_FILE + 1])
    if len(found) > MOST_IN_A_FILE:
        raise AuditError(f"These are more than {MOST_IN_A_FILE:,} rows: choose fewer, by days for example.")
    record(
        actor=actor.email,
        organisation=actor.organisation,
        action="audit.export",
        subject="rows of the audit table",
        reason=reason,
        after={"rows": len(found), "asked": {name: value for name, value in asked.items() if value}},
    )
    return found


def verify(expected: tuple[int, str] | None = None) -> Verified:
    """Walk the whole chain. Raises `ChainBroken`, naming the first row that does not hold.

    `expected` is a number and hash that were noted earlier, outside the database: somebody who can write
    the whole table anew could make a chain that holds, but not one that comes to the same hash.
    """
    number, last = 0, FIRST
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        number += 1
        fault = _fault(entry, number, last)
        if fault is None and expected and expected[0] == number and entry.own_hash != expected[1]:
            fault = "has another hash than the one that was noted"
        if fault:
            raise ChainBroken(f"The audit table is broken at row {number}, which {fault}.")
        last = entry.own_hash
    head = Head.objects.filter(pk=1).first()
    held, held_hash = (head.number, head.own_hash) if head else (0, FIRST)
    if held != number or held_hash != last:
        raise ChainBroken(
            f"The audit table is broken at row {number + 1}, which is gone: the chain went on to row {held}."
            if held > number
            else f"The audit table is broken at row {number}, which the head of the chain does not know."
        )
    if expected and expected[0] > number:
        raise ChainBroken(f"The audit table is broken at row {number + 1}: row {expected[0]} was noted once.")
    return Verified(number, last)


def _fault(entry: Entry, number: int, last: str) -> str | None:
    if entry.number != number:
        return f"is gone: the next is row {entry.number}"
    if entry.previous_hash != last:
        return "does not follow the row before it"
    if entry.own_hash != entry.hashed():
        return "is not as it was written"
    return None
