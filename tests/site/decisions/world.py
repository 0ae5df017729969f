"""A small world of decisions: a secretary who drafts, two who approve, and a workspace that is thrown away."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.site.accounts.world import person

from speccom.register.decided import Preview
from speccom.site.accounts.actor import Actor
from speccom.site.core.library import register
from speccom.site.decisions import actions
from speccom.site.decisions.models import DecisionRecord

RENAL, STAFFORDSHIRE = "NCBPS11B", "QNC"
BACK = {"kind": "arrange", "regions": ["Y60"], "arrangement": "national", "from": "2027-04-01"}
CONTENT: dict[str, Any] = {
    "title": "The Midlands come back to NHS England",
    "body": "A board of a test",
    "made_on": date(2026, 11, 2),
    "minute": "12.3",
    "paper": "Paper 7",
}


class People:
    """Those whom a decision takes: one who drafts and adopts, two who approve."""

    def __init__(self) -> None:
        self.secretary = person("board_secretary", email="secretary@x24.example").actor()
        self.first = person("national_team", email="first@x24.example").actor()
        self.second = person("board_secretary", email="second@x24.example").actor()


def drafted(by: Actor, *effects: dict[str, Any], reference: str = "T2026-01", **more: Any) -> DecisionRecord:
    """A draft of NHS England's with some effects."""
    content = CONTENT | {"effects": list(effects or (BACK,))} | more
    return actions.draft(actor=by, reference=reference, content=content, organisation="X24")


def proposed(by: Actor, *effects: dict[str, Any], reference: str = "T2026-01", **more: Any) -> DecisionRecord:
    """A decision that waits for approval."""
    made = drafted(by, *effects, reference=reference, **more)
    return actions.propose(actor=by, record=made, version=made.version)


def approve(by: Actor, record: DecisionRecord) -> None:
    """Approve what it says now, with the register as it is now."""
    record.refresh_from_db()
    actions.approve(
        actor=by,
        record=record,
        content_hash=record.content_hash,
        snapshot=register().snapshot,
        reason="I read it",
    )


def adopt(by: Actor, record: DecisionRecord) -> Preview:
    record.refresh_from_db()
    return actions.adopt(
        actor=by, record=record, content_hash=record.content_hash, reason="As the Board decided"
    )


def adopted(
    people: People, *effects: dict[str, Any], reference: str = "T2026-01", **more: Any
) -> DecisionRecord:
    """A decision from its draft to the register."""
    made = proposed(people.secretary, *effects, reference=reference, **more)
    approve(people.first, made)
    approve(people.second, made)
    adopt(people.secretary, made)
    made.refresh_from_db()
    return made
