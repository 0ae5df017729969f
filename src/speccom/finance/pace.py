"""How fast each area moves from the money it has to its target share: the pace of change, solved exactly.

Knows areas by their codes, and nothing of where baselines and shares come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from speccom.errors import SpeccomError
from speccom.finance.penny import PENNY, to_the_penny

SHARES_TOLERANCE = Decimal("0.000001")
"""How far from 1 target shares may sum, for having been rounded; they are then scaled to 1."""
LEAST_SHARE = Decimal("0.000000001")
"""No share is smaller: distance is measured against it, and one person in a thousand million is a slip."""
MOST_MONEY = Decimal(10**15)
_MOST_SHARE = Decimal(1000)
"""Pounds: more than all that England has, so a slip of the keys."""
_NONE = Decimal(-1)
"""No guarantee: growth cannot be below −100%, since no area owes money."""
_EXACT = Context(prec=60)
_NAMED = 8


class AllocationError(SpeccomError):
    """Baselines, shares, money or parameters that cannot be, or that contradict each other, with the numbers."""

    code = "allocation"


class Held(StrEnum):
    """What keeps an area's allocation from following its correction alone."""

    GUARANTEE = "least growth (gmin)"
    CAP = "most growth (gmax)"
    FLOOR = "most below target (floor)"
    TARGET = "its target (no overshoot)"
    NOTHING_LESS = "nothing less than nought"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The pace of change; a parameter that is none sets no such limit. All are shares: 0.01 is one percent.

    `k` is how much of the distance from target is asked for in a year (none: nothing, growth is uniform), after
    a `deadband` around the target that is left alone, and at most `cmax`. `gmin` and `gmax` are the least and most
    growth. `taper` (u0, u1) fades `gmin` for areas over target: whole up to u0, falling in a line towards
    no growth, and none from u1 on. `floor` is the most that an area may be left below its target.
    `no_overshoot` keeps an area from being carried past its target.
    """

    k: Decimal | None = None
    cmax: Decimal | None = None
    deadband: Decimal | None = None
    gmin: Decimal | None = None
    gmax: Decimal | None = None
    floor: Decimal | None = None
    taper: tuple[Decimal, Decimal] | None = None
    no_overshoot: bool = False

    def __post_init__(self) -> None:
        for name, low, high, why in (
            ("k", Decimal(0), Decimal(1), "it is the part of a distance that is closed in a year"),
            ("cmax", Decimal(0), _MOST_SHARE, "it is the largest correction, of either sign"),
            ("deadband", Decimal(0), _MOST_SHARE, "it is a distance around the target, on either side"),
            ("gmin", _NONE, _MOST_SHARE, "an area cannot lose more than all that it has"),
            ("gmax", _NONE, _MOST_SHARE, "an area cannot lose more than all that it has"),
            ("floor", Decimal(0), Decimal(1), "it is the most that an area may be below its target"),
        ):
            _within(name, getattr(self, name), low, high, why)
        if self.gmin is not None and self.gmax is not None and self.gmin > self.gmax:
            raise AllocationError(
                f"gmin is {self.gmin} and gmax is {self.gmax}: the least growth cannot be above the most."
            )
        if self.taper is not None:
            u0, u1 = self.taper
            for name, value in (("taper’s u0", u0), ("taper’s u1", u1)):
                _within(name, value, Decimal(0), _MOST_SHARE, "it is a distance over target")
            if u0 > u1:
                raise AllocationError(
                    f"taper is [{u0}, {u1}]: the guarantee fades from u0 up to u1, so u0 cannot be above u1."
                )

    def idle(self) -> list[str]:
        """In a sentence each, the parameters that are given and limit nothing without another."""
        said = [
            f"{name} limits nothing, because k is not given (or 0) and so nothing is corrected."
            for name in ("cmax", "deadband")
            if getattr(self, name) is not None and not self.k
        ]
        if self.taper is not None and self.gmin is None:
            said.append("taper fades nothing, because gmin is not given.")
        return said


NAMES = tuple(field.name for field in fields(Parameters))


@dataclass(frozen=True, slots=True)
class AreaAllocation:
    """One area's year: money to the penny; distances, growth and correction as shares.

    `opening_distance` is the baseline's share against the target share, less 1; `closing_distance` the allocation
    against the target, less 1. `growth` is none where the baseline is nought. `guarantee` is the least growth
    that the area was promised, none where nothing was. `held` names what bound the allocation, if anything did.
    """

    area: str
    baseline: Decimal
    share: Decimal
    target: Decimal
    opening_distance: Decimal
    correction: Decimal
    guarantee: Decimal | None
    growth: Decimal | None
    allocation: Decimal
    closing_distance: Decimal
    held: Held | None


@dataclass(frozen=True, slots=True)
class Allocated:
    """One year's allocations, in the order of the baselines: they sum to `money` to the penny.

    `g0` is the growth of an area at its target that no bound holds.
    """

    money: Decimal
    parameters: Parameters
    g0: Decimal
    areas: tuple[AreaAllocation, ...]

    def area(self, code: str) -> AreaAllocation:
        """One area. Raises `KeyError` for none."""
        return {each.area: each for each in self.areas}[code]

    def closing(self) -> dict[str, Decimal]:
        """What each area is left with: the next year's baseline."""
        return {each.area: each.allocation for each in self.areas}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What one area may get, as growth on its baseline: `lo` to `hi`, and up to `rest` without its correction.

    `rest` (no overshoot, over target) is how far the area follows g0 itself: its correction may not carry it
    below its target. `flat` is the allocation of an area without a baseline, which no growth changes.
    """

    baseline: Decimal
    correction: Decimal
    lo: Decimal
    hi: Decimal | None
    rest: Decimal | None
    flat: Decimal
    why_lo: Held
    why_hi: Held | None
    guarantee: Decimal | None

    def at(self, g0: Decimal) -> Decimal:
        """The allocation at a g0."""
        return self.baseline * (1 + self.growth(g0)) if self.baseline else self.flat

    def growth(self, g0: Decimal) -> Decimal:
        grown = max(self.lo, g0 + self.correction)
        if self.rest is not None:
            grown = max(grown, min(g0, self.rest))
        return grown if self.hi is None else min(grown, self.hi)

    def slopes(self) -> list[tuple[Decimal, Decimal]]:
        """(g0, change of slope): where the allocation begins or ceases to follow g0."""
        base, back = self.baseline, -self.correction
        if not base or (self.hi is not None and self.hi <= self.lo):
            return []
        if self.rest is None or self.rest <= self.lo or not back:
            return [(self.lo + back, base), *([] if self.hi is None else [(self.hi + back, -base)])]
        resumed = [(self.rest + back, base), *([] if self.hi is None else [(self.hi + back, -base)])]
        gone_on = self.hi is None or self.hi > self.rest
        return [(self.lo, base), (self.rest, -base), *(resumed if gone_on else [])]

    def least(self) -> Decimal:
        return self.baseline * (1 + self.lo) if self.baseline else self.flat

    def most(self) -> Decimal | None:
        if not self.baseline:
            return self.flat
        return None if self.hi is None else self.baseline * (1 + self.hi)

    def held_at(self, g0: Decimal) -> Held | None:
        """What holds the area at a g0, if not its correction alone."""
        if not self.baseline:
            return Held.FLOOR if self.flat else None
        wanted, grown = g0 + self.correction, self.growth(g0)
        if grown == wanted:
            return None
        if grown > wanted:
            return self.why_lo if grown == self.lo else Held.TARGET
        return self.why_hi


def allocate(
    baseline: Mapping[str, Decimal],
    target_share: Mapping[str, Decimal],
    money: Decimal,
    parameters: Parameters | None = None,
) -> Allocated:
    """Share `money` between areas for a year, from their baselines towards their target shares.

    `baseline` (pounds, none below nought) and `target_share` (each `LEAST_SHARE` or more, summing to 1 within
    `SHARES_TOLERANCE`) are by area; `money` is in whole pennies. With d an area's distance from target,

        correction c = −sign(d) · min(cmax, k · max(0, |d| − deadband))
        growth     g = g0 + c, between gmin (faded by the taper) and gmax
        allocation A = max(baseline · (1 + g), (1 − floor) · target)

    and g0 is the one growth at which the allocations sum to the money. With `no_overshoot` an area under target
    gets at most its target, and one over it at least the smaller of its target and its baseline · (1 + g0);
    neither breaks gmin or gmax. Allocations, targets and the money agree to the penny (`to_the_penny`).
    Raises `AllocationError` for inputs that cannot be, and where guarantees exceed the money or caps leave
    some of it over, with the numbers that clash. Formulae: Speccom's own, covering the families published for
    NHS allocations since 2003; see docs/reference/allocations.md.
    """
    limits = parameters or Parameters()
    with localcontext(_EXACT):
        check_money(money)
        check_areas(baseline, target_share)
        shares = check_shares(target_share)
        check_baselines(baseline)
        whole = sum(baseline.values(), Decimal(0))
        distances = {area: distance_from(shares[area] * whole, held) for area, held in baseline.items()}
        bounds = {
            area: _bounds(held, shares[area] * money, distances[area], limits)
            for area, held in baseline.items()
        }
        g0 = _solve(bounds, money)
        return _allocated(baseline, shares, money, limits, distances, bounds, g0)


def correction(distance: Decimal, limits: Parameters) -> Decimal:
    """How much faster (or slower) than g0 an area at a distance from target is asked to grow."""
    asked = (limits.k or Decimal(0)) * max(Decimal(0), abs(distance) - (limits.deadband or Decimal(0)))
    if limits.cmax is not None:
        asked = min(limits.cmax, asked)
    return -asked if distance > 0 else asked


def distance_from(target: Decimal, money: Decimal) -> Decimal:
    """How far money is from a target, as a share of the target: above nought is over it."""
    return money / target - 1


def guarantee(distance: Decimal, limits: Parameters) -> Decimal | None:
    """The least growth that an area at a distance from target is promised; none for no promise."""
    if limits.gmin is None or limits.taper is None:
        return limits.gmin
    u0, u1 = limits.taper
    if distance <= u0:
        return limits.gmin
    if distance >= u1:
        return None
    # A guarantee of a loss has nothing to fall to: it stays until it ends.
    return min(limits.gmin, limits.gmin * (u1 - distance) / (u1 - u0))


# --- inputs


def check_money(money: Decimal) -> None:
    """Refuse money that is not a positive number of pennies."""
    if not money.is_finite() or money <= 0 or money > MOST_MONEY:
        raise AllocationError(
            f"The money is {money}: give a number of pounds above nought and up to {MOST_MONEY:,f}."
        )
    if money % PENNY:
        raise AllocationError(
            f"The money is {money}: give whole pennies, since allocations sum to it exactly."
        )


def check_shares(target_share: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The target shares, scaled to sum to 1 exactly. Raises `AllocationError`."""
    for area, share in target_share.items():
        if not share.is_finite() or share < LEAST_SHARE:
            raise AllocationError(
                f"The target share of {area} is {share}: a share is a thousand-millionth ({LEAST_SHARE:f}) or more, "
                "since distance from target is measured against it. Join the area to another."
            )
    whole = sum(target_share.values(), Decimal(0))
    if abs(whole - 1) > SHARES_TOLERANCE:
        raise AllocationError(
            f"The target shares of {len(target_share)} areas sum to {whole}, which is {whole - 1:+f} from 1: "
            f"they may differ from 1 by {SHARES_TOLERANCE} for rounding, and by no more."
        )
    return {area: share / whole for area, share in target_share.items()}


def check_areas(baseline: Mapping[str, Decimal], shares: Mapping[str, Decimal]) -> None:
    """Refuse baselines and shares that are not of the same areas."""
    if not baseline and not shares:
        raise AllocationError("There is no area: give each its baseline and its target share.")
    unshared, unfunded = set(baseline) - set(shares), set(shares) - set(baseline)
    if unshared or unfunded:
        missing = [
            f"{_several(sorted(areas))} {'has' if len(areas) == 1 else 'have'} no {what}"
            for areas, what in ((unshared, "target share"), (unfunded, "baseline"))
            if areas
        ]
        raise AllocationError(
            f"Baselines: {len(baseline)} areas. Target shares: {len(shares)} areas. "
            f"{'; '.join(missing)}: every area needs both."
        )


def check_baselines(baseline: Mapping[str, Decimal]) -> None:
    """Refuse baselines that are no money, below nought, or nothing all together."""
    for area, held in baseline.items():
        if not held.is_finite() or held < 0 or held > MOST_MONEY:
            raise AllocationError(
                f"The baseline of {area} is {held}: give pounds, from nought up to {MOST_MONEY:,f}."
            )
        if 0 < held < PENNY:
            raise AllocationError(
                f"The baseline of {area} is {held}: that is less than a penny; give pounds."
            )
    if not any(baseline.values()):
        raise AllocationError(
            f"The baselines of {len(baseline)} areas sum to 0: distance from target is measured from them."
        )


def _within(name: str, value: Decimal | None, low: Decimal, high: Decimal, why: str) -> None:
    if value is None:
        return
    if not value.is_finite() or not low <= value <= high:
        raise AllocationError(
            f"{name} is {value}: it must be from {low} to {high}, as {why} (0.01 is one percent)."
        )


# --- bounds and solution


def _bounds(baseline: Decimal, target: Decimal, distance: Decimal, limits: Parameters) -> _Bounds:
    asked, promised = correction(distance, limits), guarantee(distance, limits)
    lo, why_lo = (_NONE, Held.NOTHING_LESS) if promised is None else (promised, Held.GUARANTEE)
    hi, why_hi = limits.gmax, Held.CAP
    least = Decimal(0) if limits.floor is None else (1 - limits.floor) * target
    if not baseline:
        return _Bounds(baseline, asked, lo, hi, None, least, why_lo, why_hi, promised)
    at_target, rest = target / baseline - 1, None
    if limits.no_overshoot and distance < 0 and (hi is None or hi > at_target):
        hi, why_hi = max(lo, at_target), Held.TARGET
    if limits.no_overshoot and distance > 0:
        rest = at_target if hi is None else min(hi, at_target)
    if least > baseline * (1 + lo):
        lo, why_lo = least / baseline - 1, Held.FLOOR
    if hi is not None and hi < lo:  # the floor is kept before the most growth
        hi, why_hi = lo, why_lo
    return _Bounds(baseline, asked, lo, hi, rest, least, why_lo, why_hi, promised)


def _solve(bounds: Mapping[str, _Bounds], money: Decimal) -> Decimal:
    """The smallest g0 at which the allocations sum to the money: their sum follows g0 in straight lines."""
    total = sum((each.least() for each in bounds.values()), Decimal(0))
    events = sorted(event for each in bounds.values() for event in each.slopes())
    if total > money + _HAIR:
        raise _floors_exceed(bounds, total, money)
    if not events:
        if total < money - _HAIR:
            raise _caps_leave(bounds, money)
        return money / sum(each.baseline for each in bounds.values()) - 1
    g0, slope = events[0][0], Decimal(0)
    for place, change in events:
        reached = total + slope * (place - g0)
        if reached >= money - _HAIR and slope > 0:
            break
        total, g0, slope = reached, place, slope + change
    if slope > _HAIR:
        return g0 + (money - total) / slope
    if total < money - _HAIR:
        raise _caps_leave(bounds, money)
    return g0


_HAIR = Decimal(1).scaleb(-30)
"""Pounds that are of the arithmetic alone."""


def _floors_exceed(bounds: Mapping[str, _Bounds], total: Decimal, money: Decimal) -> AllocationError:
    least = {area: (each.least(), each.why_lo) for area, each in bounds.items() if each.least() > 0}
    return AllocationError(
        f"What areas must have at least sums to £{_money(total)}, which is £{_money(total - money)} more than the "
        f"money, £{_money(money)}. {_binding(least)} Lower gmin, let it taper, allow a larger floor, or find more "
        "money."
    )


def _caps_leave(bounds: Mapping[str, _Bounds], money: Decimal) -> AllocationError:
    most = {area: (each.most() or Decimal(0), each.why_hi or each.why_lo) for area, each in bounds.items()}
    total = sum((amount for amount, _ in most.values()), Decimal(0))
    return AllocationError(
        f"What areas may have at most sums to £{_money(total)}, which leaves £{_money(money - total)} of the money, "
        f"£{_money(money)}, over. {_binding(most)} Raise gmax or allow less money."
    )


def _binding(found: Mapping[str, tuple[Decimal, Held]]) -> str:
    """By what binds, the areas it binds with their amounts, the largest first."""
    by_what: dict[Held, list[str]] = {}
    for area, (amount, why) in sorted(found.items(), key=lambda item: (-item[1][0], item[0])):
        by_what.setdefault(why, []).append(f"{area} £{_money(amount)}")
    return " ".join(f"By {why}: {_several(areas)}." for why, areas in by_what.items())


def _allocated(
    baseline: Mapping[str, Decimal],
    shares: Mapping[str, Decimal],
    money: Decimal,
    limits: Parameters,
    distances: Mapping[str, Decimal],
    bounds: Mapping[str, _Bounds],
    g0: Decimal,
) -> Allocated:
    exact = {area: each.at(g0) for area, each in bounds.items()}
    least = {area: each.least() for area, each in bounds.items()}
    most = {area: top for area, each in bounds.items() if (top := each.most()) is not None}
    amounts = to_the_penny(exact, money, least, most)
    targets = to_the_penny({area: shares[area] * money for area in baseline}, money)
    areas = tuple(
        AreaAllocation(
            area=area,
            baseline=held,
            share=shares[area],
            target=targets[area],
            opening_distance=distances[area],
            correction=bounds[area].correction,
            guarantee=bounds[area].guarantee,
            growth=amounts[area] / held - 1 if held else None,
            allocation=amounts[area],
            closing_distance=distance_from(shares[area] * money, amounts[area]),
            held=bounds[area].held_at(g0),
        )
        for area, held in baseline.items()
    )
    return Allocated(money, limits, g0, areas)


def _several(words: Sequence[str]) -> str:
    if len(words) <= _NAMED:
        return ", ".join(words)
    return f"{', '.join(words[:_NAMED])} and {len(words) - _NAMED} more"


def _money(amount: Decimal) -> str:
    """Pounds to the penny, or with more places where less than a penny is what matters."""
    places = 2 if abs(amount) >= PENNY or not amount else 6
    return f"{amount:,.{places}f}"
