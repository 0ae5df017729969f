"""Who sees assessments and who acts for a side of one: a permission, held at the kind of organisation of the side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rules.predicates import Predicate

from speccom.readiness.tables import moves, sides
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.site.accounts.roles import ICB, NATIONAL
from speccom.site.core.library import register, remembered, today
from speccom.site.core.permissions import define

if TYPE_CHECKING:
    from datetime import date

    from speccom.site.accounts.actor import Actor

OPEN, WRITE, MOVE, BEGIN, GATHER, KEEP = (
    "readiness.open",
    "readiness.write",
    "readiness.move",
    "readiness.begin",
    "readiness.gather",
    "readiness.keep",
)
SEES = "data.read"
"""Who reads the data of a board, of a region or of England sees its assessments."""
DECIDES = ("decisions.draft", "decisions.approve")
"""Those who decide at NHS England see what is recommended."""
SUPPORTS = moves()["return"].permission
"""With which a regional team returns an assessment, and says which boards are assessed together."""
BEGINNERS = ("board", "region")
"""The sides whose people begin an assessment: a board its own, a region any of its boards'."""


def held_at(actor: Actor, side: str, *permissions: str) -> frozenset[str]:
    """The organisations of a side's kind at which somebody holds one of some permissions.

    A board counts for the boards of earlier days that it follows in whole, so that what they signed goes on.
    """
    kind = sides()[side].kind
    own = {
        each.organisation
        for each in actor.holdings
        if each.kind == kind and not each.role.permissions.isdisjoint(permissions)
    }
    return frozenset().union(*(_followed(each, today()) for each in own)) if kind == ICB else frozenset(own)


def acts_for(actor: Actor, side: str, permission: str, boards: Iterable[str], region: str) -> bool:
    """Whether somebody holds a permission on a side of the assessment of some boards of a region."""
    held = held_at(actor, side, permission)
    return not held.isdisjoint({"board": boards, "region": (region,), "panel": (NHS_ENGLAND,)}[side])


def decides(actor: Actor) -> bool:
    """Whether somebody drafts or approves decisions of NHS England."""
    return any(
        each.kind == NATIONAL and not each.role.permissions.isdisjoint(DECIDES) for each in actor.holdings
    )


@remembered(128)
def _followed(board: str, on: date) -> frozenset[str]:
    held = register()
    areas = held.organisations.values()
    before = {
        each.code
        for each in areas
        if each.role == "integrated care board" and held.board_on(each.code, on) == board
    }
    return frozenset({board} | before)


def _holds(wanted: Iterable[tuple[str, str]]) -> Predicate:
    pairs = tuple(wanted)
    return Predicate(
        lambda actor: actor is not None and any(held_at(actor, side, each) for side, each in pairs),
        name=f"holds one of {pairs}",
    )


_sees = _holds((side, SEES) for side in sides())
define(OPEN, _sees | Predicate(lambda actor: actor is not None and decides(actor), name="decides"))
define(WRITE, _holds((each.side, each.permission) for each in sides().values()))
define(MOVE, _holds((each.side, each.permission) for each in moves().values()))
define(BEGIN, _holds((side, sides()[side].permission) for side in BEGINNERS))
define(GATHER, _holds([("region", SUPPORTS)]))
define(KEEP, _holds([("panel", sides()["panel"].permission)]))
