"""Risk pools between areas: what each keeps, its premium, its share of what is pooled, and who pays whom; to the penny.

A pool has no money of its own. What its areas hand over in a year they pay together, each its share, so that a
year's settlements sum to nothing. Knows areas by their code, and no ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from scipy import special

from speccom.errors import SpeccomError
from speccom.finance.penny import PENNY, to_the_penny
from speccom.insight.case_costs import CaseCosts
from speccom.insight.chance import EXACT_BELOW, SAME_EVERY_YEAR, YearCosts, premium

_PLACES = 18
"""Decimals that a share of the pool is carried to before pennies are told: more than any remainder needs."""
_STEPS = 4_096
_RATES = 256
"""Rates of a year that a premium is averaged over, by Gauss and Legendre over their probabilities."""
_SURELY = 1e-10
MOST_CASES = 1e9
"""Cases a year of one area, at most: many times the people of England."""
MOST_POUNDS = Decimal(10**15)
MOST_SHARE = Decimal(1000)


class PoolError(SpeccomError):
    """A pool that cannot be: the message names the areas or numbers that clash, and what would do."""

    code = "pool"


class Kind(StrEnum):
    """What is pooled: what lies above a retention, or a part of every pound."""

    EXCESS = "excess"
    SHARE = "share"


class By(StrEnum):
    """What a retention is of: each patient's cost in a year, or an area's whole cost of a year."""

    PATIENT = "patient"
    AREA = "area"


class Weighting(StrEnum):
    """By what areas share what is pooled: their premiums, expected costs, populations, or shares that are given."""

    PREMIUM = "premium"
    EXPECTED = "expected"
    POPULATION = "population"
    GIVEN = "given"


@dataclass(frozen=True, eq=False, slots=True)
class Member:
    """One area of a pool: the cases that it expects in a year, and what one of them costs.

    `population` and `share` (of the pool, any unit) are none where they are not known or not given.
    """

    code: str
    name: str
    expected_cases: float
    costs: CaseCosts
    population: Decimal | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is pooled and how it is paid for.

    `retention` is pounds that each patient-year or area-year keeps; or `retention_share`, of an area-year only,
    is a share of each area's expected cost (1.1 for a tenth above). `part` is the part of every pound that a share
    pool pools. Raises `PoolError` for numbers that clash.
    """

    kind: Kind = Kind.EXCESS
    by: By = By.PATIENT
    retention: Decimal | None = None
    retention_share: Decimal | None = None
    part: Decimal = Decimal(1)
    weighting: Weighting = Weighting.PREMIUM

    def __post_init__(self) -> None:
        if self.kind == Kind.SHARE:
            self._check_share()
            return
        given = [each for each in (self.retention, self.retention_share) if each is not None]
        if len(given) != 1:
            raise PoolError(
                f"An excess-of-loss pool needs one retention, in pounds or as a share, and {len(given)} were given."
            )
        if self.retention_share is not None and self.by == By.PATIENT:
            raise PoolError(
                "A retention for each patient is in pounds; only one for each area can be a share of its "
                "expected cost: choose by area, or give pounds."
            )
        most = MOST_POUNDS if self.retention is not None else MOST_SHARE
        if not given[0].is_finite() or not 0 <= given[0] <= most:
            raise PoolError(f"The retention is {given[0]}: give zero or more, up to {most:,}.")

    def _check_share(self) -> None:
        if self.retention is not None or self.retention_share is not None:
            raise PoolError("A share pool has no retention: leave it out, or choose an excess pool.")
        if not (self.part.is_finite() and 0 < self.part <= 1):
            raise PoolError(f"The part that is shared is {self.part}: give more than 0, up to 1 (all of it).")
        if self.weighting == Weighting.PREMIUM:
            raise PoolError("A share pool has no premium to share by: choose expected, population or given.")

    def said(self) -> str:
        """The arrangement as a sentence."""
        paid = {
            Weighting.PREMIUM: "by their premiums",
            Weighting.EXPECTED: "by their expected costs",
            Weighting.POPULATION: "by their populations",
            Weighting.GIVEN: "by the shares that were given",
        }[self.weighting]
        if self.kind == Kind.SHARE:
            what = "every pound" if self.part == 1 else f"{self.part:.1%} of every pound"
            return f"The areas pay {what} of these services together, {paid}."
        if self.retention_share is not None:
            kept = f"a year's cost up to {self.retention_share:.1%} of what it expects"
        elif self.by == By.AREA:
            kept = f"a year's cost up to {_pounds(self.retention)}"
        else:
            kept = f"the first {_pounds(self.retention)} of each patient's cost in a year"
        return f"Each area pays {kept}; what lies above it all areas pay together, {paid}."


@dataclass(frozen=True, slots=True)
class Terms:
    """What one area expects under an arrangement, in pounds a year and to the penny.

    `expected_cost` = `retained` + `premium`, the premium being what it expects to hand over. `share` is of what
    all hand over, `contribution` that share of all premiums, and `transfer` the premium less the contribution:
    what the pool is expected to move to the area. `retention` is in pounds; none in a share pool.
    """

    code: str
    name: str
    expected_cases: float
    expected_cost: Decimal
    retention: Decimal | None
    retained: Decimal
    premium: Decimal
    share: Fraction
    contribution: Decimal
    transfer: Decimal


@dataclass(frozen=True, slots=True)
class Actual:
    """What one area's year came to: its whole cost, and for a retention by patient the pounds above it."""

    cost: Decimal
    above: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """One area's year settled: cost = kept + handed over; it pays its share of all, and is paid the difference.

    `settlement` is what the area receives (below zero: pays), and `cost_after` its cost less that.
    """

    code: str
    name: str
    cost: Decimal
    handed_over: Decimal
    share: Fraction
    pays: Decimal
    settlement: Decimal
    cost_after: Decimal


def terms(
    members: Sequence[Member], arrangement: Arrangement, between_years: float = 0.0
) -> tuple[Terms, ...]:
    """What each area expects, in the order of the codes. `between_years`: variance 1/r of a year's rate.

    Premium by patient λ·E[(X − L)⁺], by area E[(S − L)⁺] of the area's year S, of a share pool the part of the
    expected cost. Raises `PoolError` for areas of which nothing can be expected, or that have nothing to share by.
    """
    own = sorted(_checked(members), key=lambda member: member.code)
    costs = {each.code: pennies(each.expected_cases * each.costs.mean) for each in own}
    limits = {each.code: retention_of(arrangement, costs[each.code]) for each in own}
    premiums = {
        each.code: _premium(each, arrangement, costs[each.code], limits[each.code], between_years)
        for each in own
    }
    shares = _shares(own, arrangement, costs, premiums)
    pool = sum(premiums.values(), Decimal(0))
    paid = to_the_penny({code: _exactly(share * Fraction(pool)) for code, share in shares.items()}, pool)
    return tuple(
        Terms(
            each.code,
            each.name,
            each.expected_cases,
            costs[each.code],
            limits[each.code],
            costs[each.code] - premiums[each.code],
            premiums[each.code],
            shares[each.code],
            paid[each.code],
            premiums[each.code] - paid[each.code],
        )
        for each in own
    )


def settle(
    agreed: Sequence[Terms], arrangement: Arrangement, actual: Mapping[str, Actual]
) -> tuple[Settlement, ...]:
    """Who receives and who pays for a year that was, in the order of the codes; settlements sum to nothing.

    Each area's cost and what it hands over are taken to the penny; shares of the whole go to the penny by largest
    remainder, of equal ones to the code that sorts first. Raises `PoolError` for an area without a year.
    """
    missing = [each.code for each in agreed if each.code not in actual]
    if missing:
        raise PoolError(
            f"There is no actual cost of {', '.join(missing)}: give one for each area of the pool."
        )
    cost = {each.code: pennies(actual[each.code].cost) for each in agreed}
    over = {
        each.code: _handed_over(arrangement, each.retention, cost[each.code], actual[each.code])
        for each in agreed
    }
    pool = sum(over.values(), Decimal(0))
    shares = {each.code: _exactly(each.share * Fraction(pool)) for each in agreed}
    pays = to_the_penny(shares, pool)
    return tuple(
        Settlement(
            each.code,
            each.name,
            cost[each.code],
            over[each.code],
            each.share,
            pays[each.code],
            over[each.code] - pays[each.code],
            cost[each.code] - over[each.code] + pays[each.code],
        )
        for each in agreed
    )


def retention_of(arrangement: Arrangement, expected_cost: Decimal) -> Decimal | None:
    """The retention in pounds of a patient or of an area that expects this cost; none in a share pool."""
    if arrangement.retention_share is not None:
        return pennies(arrangement.retention_share * expected_cost)
    return arrangement.retention


def excess_of_year(member: Member, retention: float, between_years: float = 0.0) -> float:
    """E[(S − L)⁺] in pounds: how far an area's year is expected to pass a retention for the whole year.

    Below 30 expected cases the chance of passing each cost from the retention on, added up, of the exact compound sum
    (see `YearCosts`); from there on that of the gamma distribution of the same mean and variance, for each rate that
    a year may have, weighed by how likely it is.
    """
    cases, mean = member.expected_cases, member.costs.mean
    limit = retention / (cases * mean)
    if limit <= 0:
        return cases * mean
    if member.costs.variation == 0:
        return _excess_of_counts(member, limit * cases, between_years) * mean
    if cases >= EXACT_BELOW:
        return _excess_of_fit(member, limit * cases, between_years) * mean
    # E[(S − L)⁺] = E[S] − L + E[(L − S)⁺]: of two integrals the one that runs over less is the more exact.
    under = limit < 1
    reach = limit if under else _reach(member, between_years)
    if reach <= limit and not under:
        return 0.0
    edges = np.linspace(0 if under else limit, reach, _STEPS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    years = YearCosts(np.full(_STEPS, cases), member.costs, between_year=between_years)
    if under:
        chance = years.chance_of_missing(1 - middles, side="under")
        return float((1 - limit + chance.sum() * limit / _STEPS) * cases * mean)
    chance = years.chance_of_missing(middles - 1, side="over")
    return float(chance.sum() * (reach - limit) / _STEPS * cases * mean)


def pennies(pounds: float | Decimal) -> Decimal:
    """Pounds to the nearest penny, a half away from nothing."""
    return Decimal(pounds).quantize(PENNY, ROUND_HALF_UP)


def _pounds(amount: Decimal | None) -> str:
    """Pounds as a sentence says them: with pence only where there are any."""
    said = f"£{amount:,.2f}"
    return said.removesuffix(".00")


def _excess_of_counts(member: Member, limit: float, between_years: float) -> float:
    """E[(N − limit)⁺] of a count of cases that all cost the same, in cases."""
    cases = member.expected_cases
    reach = int(np.ceil(_reach(member, between_years) * cases)) + 1
    counts = np.arange(int(np.floor(limit)), max(reach, int(np.floor(limit)) + 2))
    years = YearCosts(np.full(len(counts), cases), member.costs, between_year=between_years)
    # P(N > k) for each k from the whole part of the limit on: halves keep clear of the steps.
    at = (counts + 0.5) / cases - 1
    over = np.where(at > 0, years.chance_of_missing(np.maximum(at, 1e-12), side="over"), 0.0)
    under = years.chance_of_missing(np.maximum(-at, 1e-12), side="under")
    above = np.where(at > 0, over, 1 - under)
    return float(above[0] * (counts[0] + 1 - limit) + above[1:].sum())


def _excess_of_fit(member: Member, limit: float, between_years: float) -> float:
    """E[(S − limit)⁺] of a year fitted by a gamma distribution for each rate, in mean costs of a case."""
    rates, weights = np.ones(1), np.ones(1)
    if between_years > SAME_EVERY_YEAR:
        nodes, halves = special.roots_legendre(_RATES)
        rates = special.gammaincinv(1 / between_years, (1 + nodes) / 2) * between_years
        weights = halves / 2
    spread = 1 + member.costs.variation**2
    expected = member.expected_cases * rates
    shape, at = expected / spread, limit / spread
    excess = expected * special.gammaincc(shape + 1, at) - limit * special.gammaincc(shape, at)
    return float(weights @ excess)


def _reach(member: Member, between_years: float) -> float:
    """How many times its expected cost an area's year passes with a chance too small to count."""
    years = YearCosts([member.expected_cases], member.costs, between_year=between_years)
    reach = 2.0
    while years.chance_of_missing(reach - 1, side="over")[0] > _SURELY and reach < 1e6:
        reach *= 1.5
    return reach


def _checked(members: Sequence[Member]) -> Sequence[Member]:
    if not members:
        raise PoolError("A pool needs one area at least: name its areas.")
    codes = [each.code for each in members]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise PoolError(f"{', '.join(twice)} is in the pool twice: name each area once.")
    for each in members:
        if not (np.isfinite(each.expected_cases) and each.expected_cases > 0):
            raise PoolError(
                f"{each.name} ({each.code}) expects {each.expected_cases} cases a year, of which nothing can be "
                "pooled: leave it out, or give the cases that it expects."
            )
        if each.expected_cases > MOST_CASES or not each.expected_cases * each.costs.mean <= MOST_POUNDS:
            raise PoolError(
                f"{each.name} ({each.code}) expects {each.expected_cases:.6g} cases a year of £{each.costs.mean:.6g} "
                f"each: {MOST_CASES:,.0f} cases and £{MOST_POUNDS:,} are the most. Correct whichever is wrong."
            )
    return members


def _premium(
    member: Member, arrangement: Arrangement, cost: Decimal, retention: Decimal | None, between_years: float
) -> Decimal:
    if arrangement.kind == Kind.SHARE:
        return pennies(arrangement.part * cost)
    assert retention is not None
    if arrangement.by == By.PATIENT:
        expected = float(premium(member.expected_cases, member.costs, float(retention)))
    else:
        expected = excess_of_year(member, float(retention), between_years)
    return min(pennies(expected), cost)


def _shares(
    members: Sequence[Member],
    arrangement: Arrangement,
    costs: Mapping[str, Decimal],
    premiums: Mapping[str, Decimal],
) -> dict[str, Fraction]:
    """Each area's share of what is pooled: exact fractions that sum to one."""
    known: dict[Weighting, Mapping[str, Decimal | None]] = {
        Weighting.PREMIUM: dict(premiums),
        Weighting.EXPECTED: dict(costs),
        Weighting.POPULATION: {each.code: each.population for each in members},
        Weighting.GIVEN: {each.code: each.share for each in members},
    }
    held = known[arrangement.weighting]
    missing = [code for code, weight in held.items() if weight is None]
    if missing:
        raise PoolError(
            f"The areas share by {arrangement.weighting}, which is not known of {', '.join(missing)}: give it, "
            "or share by expected cost."
        )
    weights = {code: Fraction(weight) for code, weight in held.items() if weight is not None}
    below = [code for code, weight in weights.items() if weight < 0]
    if below:
        raise PoolError(f"The share of {', '.join(below)} is below zero: give zero or more.")
    whole = sum(weights.values(), Fraction(0))
    if whole > 0:
        return {code: weight / whole for code, weight in weights.items()}
    if arrangement.weighting == Weighting.PREMIUM:
        raise PoolError(
            f"Nothing is expected above the retention of £{_highest(arrangement, costs):,.2f}, so there is no "
            "premium to share by: lower the retention, or share by expected cost."
        )
    raise PoolError("The shares of the areas are all zero: give one area more than that.")


def _highest(arrangement: Arrangement, costs: Mapping[str, Decimal]) -> Decimal:
    return max((retention_of(arrangement, cost) or Decimal(0) for cost in costs.values()), default=Decimal(0))


def _handed_over(
    arrangement: Arrangement, retention: Decimal | None, cost: Decimal, actual: Actual
) -> Decimal:
    if arrangement.kind == Kind.SHARE:
        return pennies(arrangement.part * cost)
    assert retention is not None
    if arrangement.by == By.AREA:
        return max(cost - retention, Decimal(0)).quantize(PENNY, ROUND_HALF_UP)
    if actual.above is None:
        raise PoolError("A retention by patient needs the pounds above it of each area's patients.")
    if actual.above < 0:
        raise PoolError(f"The pounds above the retention are {actual.above}: give zero or more.")
    return pennies(actual.above)


def _exactly(share: Fraction) -> Decimal:
    """A fraction to more decimals than pennies need."""
    scaled = share * 10**_PLACES
    return Decimal(scaled.numerator // scaled.denominator).scaleb(-_PLACES)
