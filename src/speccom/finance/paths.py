"""Several years of the pace of change, each from what the one before left; knows one year's rule and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from speccom.finance.pace import Allocated, AllocationError, Parameters, allocate, check_money
from speccom.finance.penny import PENNY

MOST_YEARS = 30


@dataclass(frozen=True, slots=True)
class Path:
    """The years in order; the first starts from the baselines."""

    years: tuple[Allocated, ...]

    def largest_distances(self) -> tuple[Decimal, ...]:
        """The largest distance from target of any area, of either sign: at the start, then each year's end."""
        first = max(abs(each.opening_distance) for each in self.years[0].areas)
        return first, *(max(abs(each.closing_distance) for each in year.areas) for year in self.years)

    def out_of_place(self) -> tuple[Decimal, ...]:
        """At each year's end, the share of its money above target: as much as the areas below theirs lack."""
        return tuple(
            sum((max(Decimal(0), each.allocation - each.target) for each in year.areas), Decimal(0))
            / year.money
            for year in self.years
        )

    def years_to_converge(self, tolerance: Decimal) -> int | None:
        """After how many years every area is within `tolerance` of its target and stays so; none if not in these years.

        0 where all are within it at the start and stay so.
        """
        distances = self.largest_distances()
        late = [place for place, distance in enumerate(distances) if distance > tolerance]
        if not late:
            return 0
        return None if late[-1] == len(self.years) else late[-1] + 1


def path(
    baseline: Mapping[str, Decimal],
    target_share: Mapping[str, Decimal] | Sequence[Mapping[str, Decimal]],
    money: Sequence[Decimal],
    parameters: Parameters | None = None,
) -> Path:
    """A year for each amount of `money`, each from the allocations of the one before.

    `target_share` is one set of shares for all years, or one for each. Raises `AllocationError`, with the year
    where a later one cannot be solved.
    """
    if not 1 <= len(money) <= MOST_YEARS:
        raise AllocationError(f"There are {len(money)} years of money: give from 1 to {MOST_YEARS}.")
    shares = [target_share] * len(money) if isinstance(target_share, Mapping) else list(target_share)
    if len(shares) != len(money):
        raise AllocationError(
            f"There are target shares for {len(shares)} years and money for {len(money)}: give both for each."
        )
    years: list[Allocated] = []
    held = baseline
    for number, (amount, share) in enumerate(zip(money, shares, strict=True), start=1):
        try:
            years.append(allocate(held, share, amount, parameters))
        except AllocationError as error:
            if number == 1:
                raise
            raise AllocationError(f"Year {number}: {error}") from error
        held = years[-1].closing()
    return Path(tuple(years))


def growing_money(first: Decimal, growth: Sequence[Decimal]) -> list[Decimal]:
    """The first year's money, then each year's that grows by a share of the one before, to the penny."""
    check_money(first)
    found = [first]
    for share in growth:
        if not share.is_finite() or not -1 < share <= 10:
            raise AllocationError(
                f"Money is to grow by {share}: give a share above −1 and up to 10 (0.03 is three percent)."
            )
        found.append((found[-1] * (1 + share)).quantize(PENNY))
    return found
