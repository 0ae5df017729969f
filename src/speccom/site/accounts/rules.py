"""The rule of every permission, in one place: each composed of what roles hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rules

from speccom.site.accounts.roles import ROLES
from speccom.site.core.permissions import SIGNED_IN, define, holds

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

PERMISSIONS = tuple(sorted({each for role in ROLES.values() for each in role.permissions}))
"""Every permission that some role gives."""


@rules.predicate
def signed_in(actor: Actor | None) -> bool:
    """Whether there is somebody at all."""
    return actor is not None


@rules.predicate
def by_programme(actor: Actor | None) -> bool:
    """Whether a program asks, with a token."""
    return actor is not None and actor.scopes is not None


define(SIGNED_IN, signed_in & ~by_programme)
define(
    "token.me", by_programme & rules.predicate(lambda actor: "me" in (actor.scopes or ()), name="scope me")
)
for _permission in PERMISSIONS:
    define(_permission, holds(_permission) & ~by_programme)
