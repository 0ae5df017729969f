"""The law of the ledger: every row received, and every penny of it, is in exactly one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import reduce
from operator import add

from speccom.errors import CheckFailed

# Wider than any sum of the ledger (38 digits), so that no addition rounds.
_EXACT = Context(prec=80)


class NotConserved(CheckFailed):
    """A build that lost or gained rows or pounds; nothing of it was published."""

    code = "not_conserved"


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows, and the exact sum of the costs in them that could be read, in pounds."""

    rows: int = 0
    cost: Decimal = Decimal(0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.rows + other.rows, _EXACT.add(self.cost, other.cost))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.rows - other.rows, _EXACT.subtract(self.cost, other.cost))


NOTHING = Tally()


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of any number of tallies."""
    return reduce(add, tallies, NOTHING)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the rows of one receipt are. Each of the four is counted for itself, none by subtraction."""

    receipt: int
    name: str
    received: Tally
    ledger: Tally
    quarantined: Tally
    superseded: Tally
    unread_costs: int = 0

    @property
    def difference(self) -> Tally:
        """What was received and is nowhere; negative where something is in two places."""
        return self.received - (self.ledger + self.quarantined + self.superseded)

    @property
    def conserved(self) -> bool:
        return self.difference == NOTHING


def faults(accounts: Iterable[Account]) -> list[str]:
    """A clause for each receipt that does not conserve: which, and by how much."""
    return [
        f"receipt {account.receipt} ({account.name}) by {account.difference.rows:,} rows "
        f"and £{account.difference.cost:,f}"
        for account in accounts
        if not account.conserved
    ]
