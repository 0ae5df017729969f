"""What is done to decisions in the making; each is one transaction, with its row of the audit table.

Adoption is two, with the register's file between them: the row says `adopting`, the file is written as one
act, the row says `adopted`. All three are done while the workspace is held. The file is the truth: a row that
a kill left at `adopting` is settled by whether its file is there (`settle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from speccom.errors import SpeccomError
from speccom.register import Register, decided
from speccom.register.decided import DecisionError, Preview
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.organisations import name_in
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import record as put_on_record
from speccom.site.audit.actions import record_act
from speccom.site.core.edited import save_over
from speccom.site.core.library import register, today
from speccom.site.core.recommended import Recommendation
from speccom.site.core.words import listed, long_date
from speccom.site.decisions import telling
from speccom.site.decisions.models import CONTENT, Approval, DecisionRecord
from speccom.site.decisions.states import ADOPTING, APPROVALS, MOVES, STATES
from speccom.workspace import WorkspaceError

COMMITTEES_MAY = ("join", "leave", "tier")
"""The kinds of change that a committee's secretary may draft; the others are NHS England's to decide."""


class DecisionRefused(SpeccomError):
    """Something about a decision in the making that cannot be done as asked."""

    code = "decision"


def draft(
    *,
    actor: Actor,
    reference: str,
    content: Mapping[str, Any],
    organisation: str,
    recommended: Sequence[Recommendation] = (),
    reason: str = "Drafted",
) -> DecisionRecord:
    """Begin a decision of an organisation. `content` has the fields of `CONTENT`, those left out empty.

    Raises `NotAllowed`, `DecisionRefused` for a reference in use, `DecisionError` for what cannot be read.
    """
    move = MOVES["draft"]
    if not actor.reaches(move.permission, organisation):
        raise NotAllowed("You draft no decisions of this organisation.")
    made = DecisionRecord(
        reference=reference.strip().upper(),
        organisation=organisation,
        drafted_by=actor.person,
        edited_by=actor.person.email,
        edited_at=timezone.now(),
        writers=[actor.person.pk],
        recommended=[
            {"reference": each.reference, "title": each.title, "address": each.address}
            for each in recommended
        ],
        **content,
    )
    _check(actor, made)
    if made.reference in register().decisions:
        raise DecisionRefused(f"{made.reference} is in the register already: take another reference.")
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            _record(actor, made, "draft", reason, after=made.content)
    except IntegrityError as error:
        raise DecisionRefused(f"{made.reference} is in use: take another reference.") from error
    return made


def change(
    *,
    actor: Actor,
    record: DecisionRecord,
    version: int,
    content: Mapping[str, Any],
    reason: str = "Changed",
) -> DecisionRecord:
    """Change what a decision says; its approvals end. `version` is the one that was read before.

    Raises `NotAllowed`, `DecisionRefused`, `Stale`, `DecisionError`.
    """
    with transaction.atomic():
        held = _moved(actor, record, "change")
        before, said = held.content, {name: each for name, each in content.items() if name in CONTENT}
        save_over(held, version=version, values=said, words=CONTENT, by=actor.email)
        _check(actor, held)
        if held.content == before:
            raise DecisionRefused("Nothing was changed.")
        ended = _end_approvals(held)
        held.state = MOVES["change"].to
        held.writers = sorted({*held.writers, actor.person.pk})
        held.save()
        told = {name: each for name, each in before.items() if each != held.content[name]}
        after = {name: held.content[name] for name in told} | ({"approvals_ended": ended} if ended else {})
        _record(actor, held, "change", reason, before=told, after=after)
    return held


def add_effect(
    *, actor: Actor, record: DecisionRecord, version: int, effect: Mapping[str, Any]
) -> DecisionRecord:
    """Add a change to what a decision changes, last. Raises as `change` does."""
    effects = [*record.effects, dict(effect)]
    decision = decided_with(record, effects)
    decided.facts_of(register(), decision)  # what cannot be read is refused now, and gaps with the whole
    reason = f"Added: {effect['kind']}"
    return change(actor=actor, record=record, version=version, content={"effects": effects}, reason=reason)


def remove_effect(*, actor: Actor, record: DecisionRecord, version: int, place: int) -> DecisionRecord:
    """Take a change out again, by its place from 0. Raises as `change` does."""
    if not 0 <= place < len(record.effects):
        raise DecisionRefused("There is no such change in this decision: look at it again.")
    effects = [each for at, each in enumerate(record.effects) if at != place]
    reason = f"Taken out: {record.effects[place]['kind']}"
    return change(actor=actor, record=record, version=version, content={"effects": effects}, reason=reason)


def decided_with(record: DecisionRecord, effects: Sequence[Mapping[str, Any]]) -> decided.Decision:
    """What a decision would say with other effects."""
    return DecisionRecord(
        reference=record.reference, **record.content | {"effects": [dict(each) for each in effects]}
    ).decision(today())


def propose(
    *, actor: Actor, record: DecisionRecord, version: int, reason: str = "Ready to be approved"
) -> DecisionRecord:
    """Put a decision for approval, which it must be possible to adopt as the register is.

    Raises `NotAllowed`, `DecisionRefused`, `Stale`, and `DecisionError` for a gap or an overlap, with dates.
    """
    with transaction.atomic():
        held = _moved(actor, record, "propose")
        _same(held, held.content_hash if held.version == version else "")
        if held.made_on > today():
            raise DecisionRefused(
                f"{held.reference} is to be made on {long_date(held.made_on)}: put it for approval then."
            )
        decided.preview(register(), held.decision(today()))
        held.save()
        _record(actor, held, "propose", reason, after={"hash": held.content_hash})
        telling.proposed(held)
    return held


def approve(
    *, actor: Actor, record: DecisionRecord, content_hash: str, snapshot: str, reason: str
) -> Approval:
    """Approve what a decision says with the register as it is, both as they were seen.

    Nobody approves what they wrote any of. Raises `NotAllowed`, `DecisionRefused`, `ReasonNeeded`.
    """
    with transaction.atomic():
        held = _moved(actor, record, "approve")
        if actor.person.pk in held.writers:
            raise NotAllowed("You wrote some of this decision: two others approve it.")
        _same(held, content_hash)
        if snapshot != register().snapshot:
            raise DecisionRefused(
                "The register changed since you looked: look at what the decision would change now."
            )
        given = Approval.objects.filter(record=held, person=actor.person, ended=None).first()
        if given is not None and given.counts(held, snapshot):
            raise DecisionRefused("You have approved this already.")
        if given is not None:  # one of an earlier register
            Approval.objects.filter(pk=given.pk).update(ended=timezone.now())
        made: Approval = Approval.objects.create(
            record=held, person=actor.person, content_hash=content_hash, snapshot=snapshot
        )
        _record(actor, held, "approve", reason, after={"hash": content_hash, "register": snapshot})
        if len(_approvers(held, snapshot)) == APPROVALS:
            telling.approved(held)
    return made


def send_back(*, actor: Actor, record: DecisionRecord, reason: str) -> DecisionRecord:
    """Give a decision back to be changed; its approvals end. Raises `NotAllowed`, `DecisionRefused`."""
    with transaction.atomic():
        held = _stopped(actor, record, "send_back", reason)
        telling.sent_back(held, reason)
    return held


def withdraw(*, actor: Actor, record: DecisionRecord, reason: str) -> DecisionRecord:
    """Give a decision up before it is adopted, for good. Raises `NotAllowed`, `DecisionRefused`."""
    return _stopped(actor, record, "withdraw", reason)


def adopt(*, actor: Actor, record: DecisionRecord, content_hash: str, reason: str) -> Preview:
    """Make a decision part of the register, which answers by it from then on.

    Raises `NotAllowed`; `DecisionRefused` without two approvals of just this, with the register as it is;
    `DecisionError` for what the register refuses; `WorkspaceError` while something else changes it. Refused
    after it began, the decision is for approval again.
    """
    workspace = settings.WORKSPACE
    with workspace.lock(decided.ADOPTING):
        held, snapshot = _begin(actor, record, content_hash, reason)
        try:
            return decided.write(workspace, held.decision(today()), snapshot)
        except (DecisionError, OSError) as error:
            _finish(held.pk, str(error))
            raise
        finally:
            _finish(held.pk, "It was interrupted")


def settle() -> int:
    """Settle what a kill left half done, by whether the register holds it; returns how many were.

    Nothing is done while something holds the workspace: it may be the adoption itself.
    """
    waiting = list(DecisionRecord.objects.filter(state=ADOPTING).values_list("pk", flat=True))
    if not waiting:
        return 0
    try:
        with settings.WORKSPACE.lock("settling an adoption"):
            return sum(_finish(pk, "It was interrupted") for pk in waiting)
    except WorkspaceError:
        return 0


@transaction.atomic(durable=True)
def _begin(
    actor: Actor, record: DecisionRecord, content_hash: str, reason: str
) -> tuple[DecisionRecord, str]:
    held = _moved(actor, record, "adopt")
    _same(held, content_hash)
    snapshot = Register.load(settings.WORKSPACE).snapshot
    people = _approvers(held, snapshot)
    if len(people) < APPROVALS:
        given = Approval.objects.filter(record=held, ended=None).count()
        since = " The register changed since it was approved." if given > len(people) else ""
        raise DecisionRefused(
            f"{held.reference} needs the approval of {APPROVALS} people who wrote none of it, as it stands and "
            f"with the register as it is: it has {len(people)}.{since}"
        )
    held.recorded_on = held.public_on or today()
    if held.recorded_on > today():
        raise DecisionRefused(
            f"{held.reference} becomes public on {long_date(held.recorded_on)}: adopt it then."
        )
    held.adopter, held.adoption_reason = actor.person, reason[:500]
    held.save()
    _record(actor, held, "adopt", reason, after={"hash": content_hash, "register": snapshot})
    return held, snapshot


@transaction.atomic(durable=True)
def _finish(pk: int, otherwise: str) -> bool:
    """Let a row say what the register holds, and why not where it does not; whether there was one to settle."""
    held: DecisionRecord = DecisionRecord.objects.select_for_update().get(pk=pk)
    if held.state != ADOPTING:
        return False
    there = decided.file_of(settings.WORKSPACE, held.reference).is_file()
    name = "adopted" if there else "not_adopted"
    held.state = MOVES[name].to
    recorded_on, adopter = held.recorded_on, held.adopter
    held.adopted = timezone.now() if there else None
    if not there:
        decided.forget(settings.WORKSPACE, held.reference)
        held.recorded_on, held.adopter, held.adoption_reason = None, None, ""
    held.save()
    put_on_record(
        actor=adopter.email if adopter else "",
        organisation=held.organisation,
        action=f"decisions.{name}",
        subject=f"decision {held.reference}",
        reason="The register holds it" if there else otherwise,
        after={"state": held.state} | ({"public_on": recorded_on} if there else {}),
    )
    if there:
        telling.adopted(held, adopter)
    return True


def _moved(actor: Actor, record: DecisionRecord, name: str) -> DecisionRecord:
    """The row as it is now, held until the transaction ends, and moved as far as its state says."""
    move = MOVES[name]
    held: DecisionRecord = DecisionRecord.objects.select_for_update().get(pk=record.pk)
    if not actor.reaches(move.permission, held.organisation):
        raise NotAllowed("Your roles do not allow this of a decision of this organisation.")
    if held.state not in move.from_:
        raise DecisionRefused(
            f"{held.reference} is “{STATES[held.state].lower()}”, and this can be done while it is "
            f"“{listed([STATES[each].lower() for each in move.from_], 'or')}”."
        )
    held.state = move.to
    return held


def _stopped(actor: Actor, record: DecisionRecord, name: str, reason: str) -> DecisionRecord:
    with transaction.atomic():
        held = _moved(actor, record, name)
        before = {"state": record.state}
        ended = _end_approvals(held)
        held.save()
        _record(
            actor, held, name, reason, before=before, after={"state": held.state, "approvals_ended": ended}
        )
    return held


def _approvers(held: DecisionRecord, snapshot: str) -> set[int]:
    """Whose approvals count: of what it says now, with the register as it is, by those who wrote none of it."""
    found = Approval.objects.filter(record=held, ended=None).select_related("person")
    return {each.person_id for each in found if each.counts(held, snapshot)} - set(held.writers)


def _end_approvals(held: DecisionRecord) -> int:
    return int(Approval.objects.filter(record=held, ended=None).update(ended=timezone.now()))


def _same(held: DecisionRecord, content_hash: str) -> None:
    if held.content_hash != content_hash:
        raise DecisionRefused(f"{held.reference} was changed since you looked: look at it again.")


def _check(actor: Actor, held: DecisionRecord) -> None:
    """Whether it can be read as a decision, and is one that its organisation may make."""
    held.decision(max(today(), held.made_on))
    if actor.reach(MOVES["draft"].permission) is None:
        return
    wrong = [str(each.get("kind")) for each in held.effects if each.get("kind") not in COMMITTEES_MAY]
    if wrong:
        raise NotAllowed(
            f"{name_in(register(), held.organisation) or held.organisation} decides on "
            f"{listed(list(COMMITTEES_MAY))}; {listed(wrong)} is NHS England’s to decide."
        )


def _record(
    actor: Actor,
    held: DecisionRecord,
    action: str,
    reason: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    subject = f"decision {held.reference}"
    record_act(actor, held.organisation, f"decisions.{action}", subject, reason, before=before, after=after)
