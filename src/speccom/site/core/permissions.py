"""Permissions as predicates that compose: what an actor holds through their roles. It knows no role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules import permissions
from rules.predicates import Predicate

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

SIGNED_IN, PUBLIC = "signed_in", "public"


def holds(permission: str) -> Predicate:
    """Whether one of the actor's roles gives a permission, at whichever organisation."""

    def predicate(actor: Actor | None) -> bool:
        return actor is not None and actor.reach(permission) != frozenset()

    return Predicate(predicate, name=f"holds {permission}")


def allowed(permission: str, actor: Actor | None) -> bool:
    """Whether an actor may do what a permission names. Without a rule for it nobody may."""
    return bool(permissions.has_perm(permission, actor))


def define(permission: str, predicate: Predicate) -> None:
    """State the rule of a permission; said again, the last counts."""
    if permissions.perm_exists(permission):
        permissions.set_perm(permission, predicate)
    else:
        permissions.add_perm(permission, predicate)
