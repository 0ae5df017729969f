"""Who asks: a person with the roles that they hold now, and how far each reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccom.site.accounts.roles import NATIONAL, REGION, Administrator, Held
from speccom.site.core.library import register, remembered, today

if TYPE_CHECKING:
    from datetime import date

    from speccom.site.accounts.models import Person


@dataclass(frozen=True, slots=True)
class Holding:
    """One role at one organisation."""

    role: Held
    organisation: str
    kind: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in, or their program: `scopes` is what its token allows, and none for a person."""

    person: Person
    holdings: tuple[Holding, ...]
    scopes: frozenset[str] | None = None

    @property
    def email(self) -> str:
        return self.person.email

    @property
    def organisation(self) -> str:
        """The organisation that what they do is filed under, where the action names no other."""
        return self.holdings[0].organisation if self.holdings else ""

    def reach(self, permission: str) -> frozenset[str] | None:
        """The codes of the organisations for which they hold a permission; None for every one."""
        found: set[str] = set()
        for holding in self.holdings:
            if permission in holding.role.permissions:
                if holding.kind == NATIONAL:
                    return None
                found |= _within(holding, today())
        return frozenset(found)

    def reaches(self, permission: str, organisation: str) -> bool:
        """Whether they hold a permission for one organisation."""
        reach = self.reach(permission)
        return reach is None or organisation in reach


def holdings(memberships: Iterable[tuple[Held, str, str]]) -> tuple[Holding, ...]:
    """Holdings of rows of role, organisation and kind."""
    return tuple(Holding(*each) for each in memberships)


def _within(holding: Holding, on: date) -> frozenset[str]:
    """A region's team reaches the boards and providers in it; everybody else their own organisation."""
    own = frozenset({holding.organisation})
    whole_region = holding.kind == REGION and holding.role is not Administrator
    return own | _region(holding.organisation, on) if whole_region else own


@remembered(64)
def _region(region: str, on: date) -> frozenset[str]:
    held = register()
    boards = {area.icb for area in held.areas(on).values() if area.region == region}
    return frozenset(boards | {code for code, each in held.providers.items() if each.region == region})
