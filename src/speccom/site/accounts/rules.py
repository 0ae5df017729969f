"""The rule of every permission, in one place: each composed of what roles hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.predicates import Predicate

from speccom.site.accounts.roles import ROLES, SCOPES
from speccom.site.core.permissions import SIGNED_IN, define, holds

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

PERMISSIONS = tuple(sorted({each for role in ROLES.values() for each in role.permissions}))
"""Every permission that some role gives."""


def _somebody(actor: Actor | None) -> bool:
    return actor is not None


def _program(actor: Actor | None) -> bool:
    return actor is not None and actor.scopes is not None


def _in_scope(scope: str) -> Predicate:
    def predicate(actor: Actor | None) -> bool:
        return actor is not None and scope in (actor.scopes or ())

    return Predicate(predicate, name=f"in scope {scope}")


signed_in = Predicate(_somebody, name="signed in")
by_program = Predicate(_program, name="by a program, with a token")

define(SIGNED_IN, signed_in & ~by_program)
for _scope in SCOPES:
    define(f"token.{_scope}", by_program & _in_scope(_scope))

for _permission in PERMISSIONS:
    define(_permission, holds(_permission) & ~by_program)
