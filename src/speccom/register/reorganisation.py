"""A report on today's boundaries: who followed whom, and shares that are given, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from speccom.errors import SpeccomError

if TYPE_CHECKING:
    from speccom.register.register import Register


class WeightsNeeded(SpeccomError):
    """A board was split, and no shares say how to divide what was its own."""

    code = "weights_needed"


def shares_on(
    register: Register, code: str, on: date, weights: Mapping[tuple[str, str], Decimal] | None = None
) -> dict[str, Decimal]:
    """The bodies of a date that answer for what was `code`'s, each with its share; the shares sum to 1.

    A body that carries on, or was followed as a whole, has one heir with a share of 1. A body that was
    split needs `weights`: (predecessor, successor) → a positive number, such as the people of that part.
    Raises `WeightsNeeded`, naming the parts, when they are not all given; never guesses.
    """
    successors = [] if _carries_on(register, code, on) else register.successors(code, on)
    if not successors:
        return {code: Decimal(1)}
    parts = _parts(code, successors, weights or {})
    shares: dict[str, Decimal] = {}
    for successor, part in parts.items():
        for heir, share in shares_on(register, successor, on, weights).items():
            shares[heir] = shares.get(heir, Decimal(0)) + part * share
    return shares


def _carries_on(register: Register, code: str, on: date) -> bool:
    organisation = register.organisations.get(code)
    return organisation is not None and (organisation.valid_to is None or on < organisation.valid_to)


def _parts(
    code: str, successors: list[str], weights: Mapping[tuple[str, str], Decimal]
) -> dict[str, Decimal]:
    if len(successors) == 1:
        return {successors[0]: Decimal(1)}
    given = {successor: weights.get((code, successor), Decimal(0)) for successor in successors}
    if any(weight <= 0 for weight in given.values()):
        raise WeightsNeeded(
            f"{code} was split between {', '.join(successors)}: give a positive weight for each part, "
            "such as its population, or ask for the report as it was."
        )
    total = sum(given.values(), Decimal(0))
    return {successor: weight / total for successor, weight in given.items()}
