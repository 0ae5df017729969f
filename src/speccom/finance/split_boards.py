"""The boards that were split, and the weights of their parts as somebody gives them; none is ever guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from speccom.finance.penny import PENNY, to_the_penny
from speccom.finance.target import TargetError
from speccom.register import Register
from speccom.register.reorganisation import WeightsNeeded, shares_on

Parts = Mapping[tuple[str, str], Decimal]
"""(Board, the board that has a part of it) → a weight above nought, such as the people of that part."""


def split_boards(register: Register, areas: Iterable[str], on: date) -> dict[str, tuple[str, ...]]:
    """Those of the areas that were split by a date, each with the boards that have its parts."""
    found = {}
    for area in areas:
        try:
            shares_on(register, area, on)
        except WeightsNeeded:
            found[area] = tuple(register.successors(area, on))
    return found


def parts_of(splits: Mapping[str, tuple[str, ...]], said: Mapping[tuple[str, str], str]) -> Parts:
    """The weights of parts from what somebody wrote for each.

    Raises `TargetError` for what is no weight, for a part that nothing was split into, and for a board of which
    some parts have a weight and others none.
    """
    found = {}
    for (board, heir), text in said.items():
        if heir not in splits.get(board, ()):
            raise TargetError(f"{board} has no part in {heir} to give a weight of: {_offered(splits)}.")
        found[board, heir] = _weight(text, f"{board} in {heir}")
    for board in dict.fromkeys(board for board, _ in found):
        missing = [heir for heir in splits[board] if (board, heir) not in found]
        if missing:
            raise TargetError(
                f"{board} was split between {', '.join(splits[board])}: {', '.join(missing)} has no weight. Give "
                "one for every part, such as its people, or none."
            )
    return found


def pennies(moved: Mapping[str, Decimal], before: Iterable[Decimal]) -> dict[str, Decimal]:
    """Money of split boards in whole pennies again, summing to what it was before; left alone if that was not."""
    total = sum(before, Decimal(0))
    return dict(moved) if total % PENNY else to_the_penny(moved, total)


def _offered(splits: Mapping[str, tuple[str, ...]]) -> str:
    if not splits:
        return "no board here was split by that date"
    return "choose from " + "; ".join(f"{board} in {', '.join(heirs)}" for board, heirs in splits.items())


def _weight(text: str, of: str) -> Decimal:
    try:
        weight = Decimal(text.replace(",", "").strip())
    except InvalidOperation as error:
        raise TargetError(f"The weight of the part of {of} is {text[:20]!r}: give a number.") from error
    if not weight.is_finite() or not 0 < weight < 10**15:
        raise TargetError(f"The weight of the part of {of} is {text[:20]}: give a number above nought.")
    return weight
