"""Many years of one pool drawn at random: each area alone and in the pool; knows cases and costs, no ledger.

One simulation is one year of one pool: a year's cost of every area of it, what each hands over, and what each pays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speccom.finance.pool_costs import Parted, parted
from speccom.finance.pools import Arrangement, By, Kind, Member, PoolError, Terms
from speccom.insight.case_costs import CaseCosts, Floats
from speccom.insight.chance import EXACT_BELOW, SAME_EVERY_YEAR
from speccom.insight.years import default_workers

SIMULATIONS = 100_000
"""Years drawn when nobody says how many."""
FEWEST, MOST = 1_000, 10_000_000
TAIL = 0.05
"""The costliest years of which the expected shortfall is the mean, as a share."""
LEVELS = {"p5": 0.05, "p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
# Years drawn from one stream of random numbers, and years that one thread draws in one go. The first is part of
# what a seed means: changing it changes results.
_BLOCK = 5_000
_BLOCKS_AT_ONCE = 4
_COMMON = "what all areas have in common"


MOST_BETWEEN_YEARS = 100.0
"""A rate whose standard deviation is ten times its mean: no service's years differ so."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How a year's rates differ between years. `between_years` is the variance 1/r of an area's rate, relative to
    its square; `correlation` the part of it that all areas have in common: 1 makes a bad year everybody's, and 0
    each area's own."""

    between_years: float = 0.0
    correlation: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.between_years <= MOST_BETWEEN_YEARS:
            raise PoolError(
                f"The variance between years is {self.between_years}: give zero or more, up to "
                f"{MOST_BETWEEN_YEARS:g}, such as 0.0025 for years that differ by 5%."
            )
        if not 0 <= self.correlation <= 1:
            raise PoolError(f"The correlation is {self.correlation}: give a number from 0 to 1.")


@dataclass(frozen=True, slots=True)
class Spread:
    """How a year's cost is spread, in pounds. `errors` are the standard errors of Monte Carlo of the same names.

    `shortfall` is the mean of the costliest `TAIL` of years. `over` is the chance of more than the share q above
    the budget, and `missed` of more than q away from it.
    """

    mean: float
    sd: float
    p5: float
    p50: float
    p90: float
    p95: float
    p99: float
    shortfall: float
    over: float
    missed: float
    errors: tuple[tuple[str, float], ...] = ()

    def error(self, name: str) -> float:
        """The standard error of one of the numbers."""
        return dict(self.errors)[name]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One area's years: going alone, and in the pool; `handed_over` is the mean of what it hands over."""

    code: str
    budget: float
    alone: Spread
    pooled: Spread
    handed_over: float
    handed_over_error: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """Every area's outcome in the order of the codes, the whole pool's cost, and what was drawn."""

    outcomes: tuple[Outcome, ...]
    whole: Spread
    whole_budget: float
    simulations: int
    seed: int
    q: float


def simulate(
    members: Sequence[Member],
    agreed: Sequence[Terms],
    arrangement: Arrangement,
    chances: Chances | None = None,
    *,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    q: float = 0.05,
    workers: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Simulated:
    """Draw years of a pool. `agreed` are its `terms`; the budget of an area is its expected cost.

    A part of a year's cost with fewer than `EXACT_BELOW` expected cases is the sum of as many drawn case costs as
    there are drawn cases; from there on it is drawn from the gamma distribution of the same mean and variance. The
    same seed gives the same numbers whatever `workers` and the order of areas; an area's own years depend on its
    code and numbers only, and more simulations begin with the same years. Needs 16 bytes for each area and
    simulation. `progress` is told the share of the work that is done. Raises `PoolError`.
    """
    _check(simulations, seed, q)
    asked = chances or Chances()
    own = {each.code: each for each in members}
    # Sums are taken in the order of the codes, so that no order of areas can change their last digit.
    areas = [_Area.of(own[each.code], each, arrangement) for each in agreed]
    alone, handed = np.empty((len(areas), simulations)), np.empty((len(areas), simulations))
    step = _BLOCK * _BLOCKS_AT_ONCE
    firsts = range(0, simulations, step)
    to_do = len(firsts) + 2 * len(areas)

    def draw(first: int) -> None:
        for start in range(first, min(first + step, simulations), _BLOCK):
            _draw_block(areas, asked, seed, start, alone, handed)

    def summarise(place: int) -> Outcome:
        return _outcome(agreed[place], alone[place], handed[place], pool, q)

    # Threads, since drawing, adding and sorting all leave the interpreter free.
    with ThreadPoolExecutor(workers or default_workers()) as threads:
        for done, _ in enumerate(threads.map(draw, firsts), start=1):
            progress(done / to_do)
        pool, total = _summed(handed), _summed(alone)
        outcomes = []
        for outcome in threads.map(summarise, range(len(areas))):
            outcomes.append(outcome)
            progress((len(firsts) + 2 * len(outcomes)) / to_do)
    budget = sum(float(each.expected_cost) for each in agreed)
    return Simulated(tuple(outcomes), _spread(total, budget, q), budget, simulations, seed, q)


@dataclass(frozen=True, eq=False, slots=True)
class _Area:
    """One area as it is drawn; `parts` is a case's cost parted at the retention, where that is by patient."""

    code: str
    cases: float
    costs: CaseCosts
    parts: Parted | None
    retention: float | None
    part: float

    @classmethod
    def of(cls, member: Member, agreed: Terms, arrangement: Arrangement) -> _Area:
        limit = None if agreed.retention is None else float(agreed.retention)
        by_patient = arrangement.kind == Kind.EXCESS and arrangement.by == By.PATIENT
        return cls(
            member.code,
            member.expected_cases,
            member.costs,
            parted(member.costs, limit) if by_patient and limit is not None else None,
            limit,
            float(arrangement.part),
        )


def _draw_block(
    areas: Sequence[_Area], chances: Chances, seed: int, start: int, alone: Floats, handed: Floats
) -> None:
    """Cost of each area in a block of years, and what it hands over, in pounds."""
    block = start // _BLOCK
    # A whole block is drawn even of a part, so that more simulations begin with the same years.
    part = slice(start, min(start + _BLOCK, alone.shape[1]))
    width = part.stop - part.start
    together = chances.between_years * chances.correlation
    apart = chances.between_years - together
    common = _rates(together, chances.between_years, _stream(seed, _COMMON, block))
    for place, area in enumerate(areas):
        random = _stream(seed, area.code, block)
        # The sum of two gamma variables of one scale is gamma: each area's rate has the whole variance.
        rates = common + _rates(apart, chances.between_years, random)
        cost, over = _year(area, area.cases * rates, random)
        alone[place, part], handed[place, part] = cost[:width], over[:width]


def _rates(variance: float, whole: float, random: np.random.Generator) -> Floats:
    """Each year's part of a rate of mean 1 that varies by `whole`, of which this part is `variance`."""
    if whole <= SAME_EVERY_YEAR:
        return np.full(_BLOCK, 0.5)
    return random.standard_gamma(variance / whole / whole, _BLOCK) * whole


def _year(area: _Area, rates: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Cost and what is handed over, in pounds, of years with these expected cases."""
    if area.parts is None:
        cost = _sums(area.costs, area.cases, rates, random)
        if area.retention is None:
            return cost, cost * area.part
        return cost, np.maximum(cost - area.retention, 0.0)
    parts = area.parts
    # Cases below and beyond the retention come independently of each other, since cases are Poisson.
    kept = np.zeros(len(rates))
    if parts.below is not None:
        kept += _sums(parts.below, area.cases * (1 - parts.chance), rates * (1 - parts.chance), random)
    if parts.beyond is None:
        return kept, np.zeros(len(rates))
    counts = random.poisson(rates * parts.chance)
    over = _sums_of(parts.beyond, area.cases * parts.chance, counts, random)
    return kept + parts.retention * counts + over, over


def _sums(costs: CaseCosts, cases: float, rates: Floats, random: np.random.Generator) -> Floats:
    """Compound sums in pounds, of years with these expected cases, `cases` on average."""
    if cases < EXACT_BELOW or costs.variation == 0:
        return costs.relative_sums(random.poisson(rates), random) * costs.mean
    spread = 1 + costs.variation**2
    return random.standard_gamma(rates / spread) * (spread * costs.mean)


def _sums_of(
    costs: CaseCosts, cases: float, counts: npt.NDArray[np.int64], random: np.random.Generator
) -> Floats:
    """Sums of as many case costs, in pounds, for each count, `cases` on average."""
    if cases < EXACT_BELOW or costs.variation == 0:
        return costs.relative_sums(counts, random) * costs.mean
    spread = costs.variation**2
    return random.standard_gamma(counts / spread) * (spread * costs.mean)


def _stream(seed: int, name: str, block: int) -> np.random.Generator:
    """The random numbers of one name and block of years, the same wherever and whenever drawn."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key, block))))


def _summed(years: Floats) -> Floats:
    """The sum over areas, one after another in their order."""
    whole: Floats = np.zeros(years.shape[1])
    for each in years:
        whole += each
    return whole


def _outcome(agreed: Terms, alone: Floats, handed: Floats, pool: Floats, q: float) -> Outcome:
    budget, count = float(agreed.expected_cost), len(alone)
    # Of a pool of one area what is handed over comes back whole, to the last digit.
    pooled = alone - handed + pool * float(agreed.share) if agreed.share != 1 else alone
    return Outcome(
        agreed.code,
        budget,
        _spread(alone, budget, q),
        _spread(pooled, budget, q),
        float(handed.mean()),
        float(handed.std(ddof=1)) / count**0.5,
    )


def _spread(costs: Floats, budget: float, q: float) -> Spread:
    """What describes many years' costs, each with its standard error of Monte Carlo."""
    ordered = np.sort(costs)
    count = len(ordered)
    mean = float(ordered.mean())
    squares = np.square(ordered - mean)
    sd = float(squares.sum() / (count - 1)) ** 0.5
    tail = ordered[int(np.ceil((1 - TAIL) * count)) :]
    shortfall = float(tail.mean())
    levels = {name: _quantile(ordered, level) for name, level in LEVELS.items()}
    # A cost exactly q away has not missed by more than q, whatever the rounding.
    rounding = 1e-9 * max(budget, 1.0)
    over = 1 - np.searchsorted(ordered, (1 + q) * budget + rounding, side="right") / count
    under = np.searchsorted(ordered, (1 - q) * budget - rounding, side="left") / count
    fourth = float(squares @ squares) / count
    errors = {
        "mean": sd / count**0.5,
        "sd": (max(fourth - sd**4, 0.0) / count) ** 0.5 / (2 * sd) if sd > 0 else 0.0,
        **{name: _quantile_error(ordered, level) for name, level in LEVELS.items()},
        "shortfall": ((float(tail.var()) + (1 - TAIL) * (shortfall - levels["p95"]) ** 2) / (TAIL * count))
        ** 0.5,
        "over": (over * (1 - over) / count) ** 0.5,
        "missed": ((over + under) * (1 - over - under) / count) ** 0.5,
    }
    return Spread(
        mean,
        sd,
        **levels,
        shortfall=shortfall,
        over=float(over),
        missed=float(over + under),
        errors=tuple((name, float(value)) for name, value in errors.items()),
    )


def _quantile(ordered: Floats, level: float) -> float:
    """The cost that a share of ordered years stays below, on a line between neighbours."""
    at = level * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (at - low) * (ordered[high] - ordered[low]))


def _quantile_error(ordered: Floats, level: float) -> float:
    """Half the distance of the order statistics one standard error of the count to either side."""
    count = len(ordered)
    away = (level * (1 - level) * count) ** 0.5
    low = int(np.floor(max(level * count - away, 0)))
    high = int(np.ceil(min(level * count + away, count - 1)))
    return float(ordered[high] - ordered[low]) / 2


def _check(simulations: int, seed: int, q: float) -> None:
    if not FEWEST <= simulations <= MOST:
        raise PoolError(
            f"{simulations:,} simulations were asked for: give from {FEWEST:,}, below which no tail can be told, "
            f"to {MOST:,}."
        )
    if seed < 0:
        raise PoolError(f"{seed} cannot be a seed: give a whole number from 0.")
    if not (np.isfinite(q) and q > 0):
        raise PoolError(f"A budget can be missed by a share above zero, and q is {q}: give 0.05 for 5%.")
