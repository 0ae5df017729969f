"""Who may open the pages of portfolio reviews: those who judge, keep or decide at NHS England."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.predicates import Predicate

from speccom.site.core.permissions import define

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

OPEN, JUDGE, KEEP = "portfolio.open", "portfolio.judge", "portfolio.keep"
SEE_SETTLED = ("decisions.draft", "decisions.approve")
"""Those who decide see rounds that are settled."""


def nationally(actor: Actor | None, *permissions: str) -> bool:
    """Whether somebody holds one of these at NHS England; measures of the whole country are for nobody else."""
    return actor is not None and any(actor.reach(each) is None for each in permissions)


define(
    OPEN,
    Predicate(lambda actor: nationally(actor, JUDGE, KEEP, *SEE_SETTLED), name="opens portfolio reviews"),
)
