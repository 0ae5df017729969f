"""Enters decisions that were made elsewhere by the acts of the pages: one drafts and adopts, two others approve."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.register.decided import Decision, Preview
from speccom.site.accounts.actions.people import stand_in
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.roles import BoardSecretary, Held, NationalTeam
from speccom.site.core.library import register
from speccom.site.decisions import actions
from speccom.site.decisions.models import CONTENT

_REASON = "Entered as it is on record"


def enter(decisions: Iterable[Decision], told: Callable[[Preview], None] = lambda _: None) -> int:
    """Draft, approve and adopt decisions one after another, in a site of nobody else's; returns how many.

    Each is known from the day on which it became public. Raises what the acts raise, and stops there.
    """
    secretary = _person("Who drafts and adopts", BoardSecretary)
    approvers = [_person("Who approves first", NationalTeam), _person("Who approves second", NationalTeam)]
    entered = 0
    for decision in decisions:
        told(_enter(decision, secretary, approvers))
        entered += 1
    return entered


def _person(name: str, role: Held) -> Actor:
    email = f"{name.lower().replace(' ', '.')}@replay.invalid"
    made = stand_in(email=email, name=name, role=role, organisation=NHS_ENGLAND, reason=_REASON)
    return made.actor()


def _enter(decision: Decision, secretary: Actor, approvers: list[Actor]) -> Preview:
    content = {name: getattr(decision, name) for name in CONTENT if name != "public_on"}
    lists = {name: list(content[name]) for name in ("conditions", "amends", "revokes")}
    effects = [dict(each) for each in decision.effects]
    made = actions.draft(
        actor=secretary,
        reference=decision.decision_id,
        organisation=NHS_ENGLAND,
        content=content | lists | {"effects": effects, "public_on": decision.recorded_on},
        reason=_REASON,
    )
    made = actions.propose(actor=secretary, record=made, version=made.version, reason=_REASON)
    for approver in approvers:
        actions.approve(
            actor=approver,
            record=made,
            content_hash=made.content_hash,
            snapshot=register().snapshot,
            reason=_REASON,
        )
    return actions.adopt(actor=secretary, record=made, content_hash=made.content_hash, reason=_REASON)
