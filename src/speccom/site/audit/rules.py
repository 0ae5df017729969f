"""Which rows of the audit table each role may read, and who may open its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from speccom.site.core.permissions import define, holds

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

READ, READ_PEOPLE, READ_DECISIONS = "audit.read", "audit.read_people", "audit.read_decisions"
PEOPLE, DECISIONS = "people.", "decisions."
"""How the actions begin that concern people and roles, which are all that an administrator sees, and those that
concern decisions, which are all that a Board secretary does."""

define("audit.open", holds(READ) | holds(READ_PEOPLE) | holds(READ_DECISIONS))


def readable(actor: Actor) -> Q:
    """The rows that an actor may read, as a condition."""
    condition = Q(pk__in=())
    for permission, only in (
        (READ, Q()),
        (READ_PEOPLE, Q(action__startswith=PEOPLE)),
        (READ_DECISIONS, Q(action__startswith=DECISIONS)),
    ):
        reach = actor.reach(permission)
        if reach is None:
            condition |= only if only else Q(pk__gt=0)
        elif reach:
            condition |= only & Q(organisation__in=sorted(reach))
    return condition
