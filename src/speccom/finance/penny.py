"""Amounts to the penny that add up to a total: largest remainders first; knows no area but by its code."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

PENNY = Decimal("0.01")
_SAME = Decimal(1).scaleb(-24)
"""Remainders of a penny nearer to each other than this are the same; what is left is of the arithmetic."""


def to_the_penny(
    amounts: Mapping[str, Decimal],
    total: Decimal,
    least: Mapping[str, Decimal] | None = None,
    most: Mapping[str, Decimal] | None = None,
) -> dict[str, Decimal]:
    """Each amount to a penny below or above, so that they sum to `total` (whole pennies, the amounts' own sum).

    The pennies left when all are rounded down go to the largest remainders; of equal ones, to the code that
    sorts first. An amount that is at least `least` stays so, and one that is at most `most` too, wherever the
    pennies allow: a guarantee is rounded up and a cap down.
    """
    down = {code: amount.quantize(PENNY, ROUND_FLOOR) for code, amount in amounts.items()}
    left = {code: _remainder(amounts[code], down[code]) for code in amounts}
    for code in amounts:
        if left[code] >= PENNY:  # a hair below a whole penny, by the arithmetic alone
            down[code], left[code] = down[code] + PENNY, Decimal(0)
    pennies = int((total - sum(down.values(), Decimal(0))) / PENNY)
    must = {code for code, bound in (least or {}).items() if down[code] < _up(bound) and left[code]}
    must_not = {
        code for code, bound in (most or {}).items() if down[code] + PENNY > _down(bound) and code not in must
    }
    order = sorted(amounts, key=lambda code: (code not in must, code in must_not, -left[code], code))
    return {code: down[code] + PENNY * (code in up) for up in (set(order[:pennies]),) for code in amounts}


def _remainder(amount: Decimal, below: Decimal) -> Decimal:
    return (amount - below).quantize(_SAME)


def _up(bound: Decimal) -> Decimal:
    return bound.quantize(_SAME).quantize(PENNY, ROUND_CEILING)


def _down(bound: Decimal) -> Decimal:
    return bound.quantize(_SAME).quantize(PENNY, ROUND_FLOOR)
