"""How far a year's cost strays from its expectation by chance alone; knows counts and costs, no service.

Cases of a year are Poisson, or Poisson about a rate that itself differs between years (a gamma factor of
mean 1 and variance `between_year`, the 1/r of a negative binomial); each case costs independently of the
others. Sources: Klugman, Panjer and Willmot, *Loss Models* (compound distributions, limited expected value);
the Fourier inversion of a compound sum's generating function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from speccom.insight.case_costs import CaseCosts, ChanceError, Floats

Side = Literal["either", "over", "under"]

EXACT_BELOW = 30.0
GRID_POINTS = 2**14
# Chance that a year's cost lies beyond the grid and is wrapped round: far below any chance asked about.
_BEYOND = 1e-8
# Cells whose distributions are held at once.
_AT_ONCE = 128
# Cells transformed at once: few enough that their transforms stay in the processor's cache.
_IN_CACHE = 4
_ROUNDING = 1e-9
# Decimals to which steps from one number of cases to the next are alike.
_ALIKE = 12
# Years whose rates vary by less than this, relative to their square, do not differ.
SAME_EVERY_YEAR = 1e-12


def coefficient_of_variation(
    expected_cases: npt.ArrayLike, case_variation: npt.ArrayLike, between_year: npt.ArrayLike = 0.0
) -> Floats:
    """√((1 + c²)/λ + 1/r): standard deviation ÷ mean of a year's cost; NaN where no case is expected.

    `expected_cases` is λ a year, `case_variation` c that of one case's cost, `between_year` 1/r the
    variance between years of the rate, relative to its square. Shapes broadcast.
    """
    cases = _not_negative("expected cases", expected_cases)
    spread = 1 + _not_negative("a case's variation", case_variation) ** 2
    years = _not_negative("variance between years", between_year)
    known = np.where(cases > 0, cases, np.nan)
    return np.asarray(np.sqrt(spread / known + years))


def variance_between_years(
    variation: npt.ArrayLike, expected_cases: npt.ArrayLike, case_variation: npt.ArrayLike
) -> Floats:
    """1/r: what of a yearly cost's squared variation is beyond chance, CV² − (1 + c²)/λ, and at least 0.

    `variation` is the CV that years showed, `expected_cases` λ their mean cases a year. NaN where one is.
    """
    found = np.asarray(variation, float) ** 2 - (1 + np.asarray(case_variation, float) ** 2) / np.asarray(
        expected_cases, float
    )
    return np.asarray(np.where(np.isnan(found), np.nan, np.maximum(found, 0.0)))


def population_needed(
    rate: npt.ArrayLike,
    case_variation: npt.ArrayLike,
    q: npt.ArrayLike,
    alpha: npt.ArrayLike,
    between_year: npt.ArrayLike = 0.0,
) -> Floats:
    """People among whom a year's cost passes its expectation by more than q with chance alpha (normal).

    n = (1 + c²) / (rate · ((q/z)² − 1/r)), `rate` being cases a person a year and z the normal deviate
    that alpha lies above. NaN where the rate is zero or no population is enough, because years differ
    (1/r) by more than q allows. `ChanceError` unless q is above zero and alpha between 0 and a half.
    """
    wanted, tail = np.asarray(q, float), np.asarray(alpha, float)
    if not (np.all(wanted > 0) and np.all((tail > 0) & (tail < 0.5))):
        raise ChanceError("A population is needed for a q above zero and an alpha between 0 and a half.")
    room = (wanted / -special.ndtri(tail)) ** 2 - _not_negative("variance between years", between_year)
    per_person = _not_negative("rate", rate) * np.where(room > 0, room, np.nan)
    spread = 1 + _not_negative("a case's variation", case_variation) ** 2
    return np.asarray(spread / np.where(per_person > 0, per_person, np.nan))


def pooled_variation(cv: npt.ArrayLike, areas: npt.ArrayLike, correlation: npt.ArrayLike = 0.0) -> Floats:
    """CV·√((1 + (k−1)ρ)/k): variation of the sum of k areas alike, each pair correlated by ρ."""
    k, rho = np.asarray(areas, float), np.asarray(correlation, float)
    if not np.all(k >= 1):
        raise ChanceError("A pool has one area or more.")
    inside = 1 + (k - 1) * rho
    if not (np.all(rho <= 1) and np.all(inside >= -_ROUNDING)):
        raise ChanceError("Areas can be correlated by −1/(areas − 1) at the least and by 1 at the most.")
    return np.asarray(_not_negative("variation", cv) * np.sqrt(np.maximum(inside, 0.0) / k))


def pooled_variation_of_areas(
    cvs: npt.ArrayLike, weights: npt.ArrayLike, correlation: float = 0.0
) -> np.float64:
    """Variation of the sum of unequal areas: √((1−ρ)·Σ(wₐ·CVₐ)² + ρ·(Σ wₐ·CVₐ)²).

    `weights` are the areas' expected costs (any unit; they are made to sum to 1), ρ the correlation of
    every pair. An area of no weight need have no CV. NaN where an area that weighs has none.
    """
    each, shares = _weighed(cvs, weights)
    k = int(np.count_nonzero(shares))
    if not (-1 / max(k - 1, 1) - _ROUNDING <= correlation <= 1):
        raise ChanceError("Areas can be correlated by −1/(areas − 1) at the least and by 1 at the most.")
    parts = each * shares
    squared = (1 - correlation) * np.sum(parts**2) + correlation * np.sum(parts) ** 2
    if squared < -_ROUNDING:
        raise ChanceError(
            f"Areas so unequal cannot all be correlated by {correlation}: give one nearer zero."
        )
    return np.float64(np.sqrt(max(squared, 0.0)) if not np.isnan(squared) else np.nan)


def pooling_gain(pool_cv: float, area_cvs: npt.ArrayLike, weights: npt.ArrayLike) -> np.float64:
    """1 − CV_pool / Σ wₐ·CVₐ: the share of variation that pooling takes away; NaN where there is none."""
    each, shares = _weighed(area_cvs, weights)
    alone = np.sum(each * shares)
    return np.float64(1 - pool_cv / alone if alone > 0 else np.nan)


def _weighed(cvs: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Floats, Floats]:
    each, heavy = np.asarray(cvs, float), _not_negative("weight", weights)
    if each.shape != heavy.shape or each.ndim != 1 or not heavy.sum() > 0:
        raise ChanceError("Each area of a pool needs a variation and a weight, and some weight above zero.")
    shares = heavy / heavy.sum()
    return np.where(shares > 0, _not_negative("variation", each), 0.0), shares


def retained_cost(expected_cases: npt.ArrayLike, costs: CaseCosts, limit: npt.ArrayLike) -> Floats:
    """λ·E[min(X, L)]: pounds a year that stay with an area whose pool pays what a case costs above `limit`."""
    return np.asarray(_not_negative("expected cases", expected_cases) * costs.retained(limit))


def premium(expected_cases: npt.ArrayLike, costs: CaseCosts, limit: npt.ArrayLike) -> Floats:
    """λ·E[(X − L)⁺]: pounds a year that the pool expects to pay for an area, before any loading."""
    return np.asarray(_not_negative("expected cases", expected_cases) * costs.excess(limit))


def chance_of_missing(
    expected_cases: npt.ArrayLike,
    costs: CaseCosts,
    q: float,
    *,
    side: Side = "either",
    between_year: float = 0.0,
    exact_below: float = EXACT_BELOW,
) -> Floats:
    """Chance that a year's cost differs from its expectation by more than the share q, for each λ.

    `side` is `either`, `over` or `under`. NaN where λ is 0 or not known: nothing is expected that could
    be missed. How it is computed, and how nearly, is said at `YearCosts`.
    """
    cases = np.asarray(expected_cases, float)
    flat = cases.ravel()
    found = np.empty_like(flat)
    for first in range(0, len(flat), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        years = YearCosts(flat[part], costs, between_year=between_year, exact_below=exact_below)
        found[part] = years.chance_of_missing(q, side=side)
    return found.reshape(cases.shape)


class YearCosts:
    """The distributions of a year's cost, for several numbers of expected cases of one service.

    Cases alike in cost: exact, at any λ. Else below `exact_below` the exact compound sum of case costs
    put on a grid of `step` mean costs, which keeps the mean and adds at most λ·step²/4 to the variance
    in squared mean costs; a threshold that is itself a likely cost of a year (cases at a few tariffs) is
    known to half a step only. From `exact_below` on, the gamma distribution of the same mean and variance:
    its skewness is 2·CV, where that of the sum is less if case costs vary less than a gamma's and more if
    their tail is heavier (the reference page gives the differences).
    """

    def __init__(
        self,
        expected_cases: npt.ArrayLike,
        costs: CaseCosts,
        *,
        between_year: float = 0.0,
        exact_below: float = EXACT_BELOW,
        points: int = GRID_POINTS,
    ) -> None:
        cases = np.atleast_1d(_not_negative("expected cases", expected_cases))
        self.expected_cases = np.where(cases > 0, cases, np.nan)
        years = float(_not_negative("variance between years", between_year))
        self.between_year = years if years > SAME_EVERY_YEAR else 0.0
        self.variation = coefficient_of_variation(self.expected_cases, costs.variation, self.between_year)
        self._counted = costs.variation == 0
        on_grid = (self.expected_cases < exact_below) & (not self._counted)
        self._small, self._large = np.flatnonzero(on_grid), np.flatnonzero(~on_grid)
        self._shape = self.variation**-2
        self.step = np.nan
        if len(self._small):
            self._put_on_grid(costs, points)

    def chance_of_missing(self, q: npt.ArrayLike, *, side: Side = "either") -> Floats:
        """Chance of a cost more than q away from the expected one, per λ.

        `q` is one for all, one each, or rows of one each, which give rows of chances.
        """
        share = np.asarray(q, float)
        if not np.all(share > 0):
            raise ChanceError("A year's cost can be missed by a share q above zero: give 0.05 for 5%.")
        if side not in ("either", "over", "under"):
            raise ChanceError(f"A year's cost cannot be missed {side!r}: ask for either, over or under.")
        over = self._above((1 + share) * self.expected_cases) if side != "under" else 0.0
        under = self._below((1 - share) * self.expected_cases) if side != "over" else 0.0
        return np.asarray(np.clip(over + under, 0.0, 1.0))

    def _above(self, cost: Floats) -> Floats:
        """Chance of more than `cost`, in mean costs of a case."""
        if self._counted:
            return self._counts_above(np.floor(cost + _ROUNDING * np.maximum(cost, 1)))
        return self._each(cost, lambda own: 1 - self._grid_up_to(own), special.gammaincc)

    def _below(self, cost: Floats) -> Floats:
        """Chance of less than `cost`, in mean costs of a case; none where that is zero or less."""
        if self._counted:
            most = np.ceil(cost - _ROUNDING * np.maximum(cost, 1)) - 1
            return np.where(most < 0, 0.0, 1 - self._counts_above(np.maximum(most, 0.0)))
        return np.where(cost <= 0, 0.0, self._each(cost, self._grid_up_to, special.gammainc))

    def _each(self, cost: Floats, of_grid: Callable[[Floats], Floats], tail: np.ufunc) -> Floats:
        """The chance of each cell by its own way: on the grid, or the tail of its gamma distribution."""
        found = np.empty(cost.shape)
        if len(self._small):
            found[..., self._small] = of_grid(cost[..., self._small])
        if len(self._large):
            shape = self._shape[self._large]
            scaled = np.maximum(cost[..., self._large], 0.0) * shape / self.expected_cases[self._large]
            found[..., self._large] = tail(shape, scaled)
        return found

    def _counts_above(self, number: Floats) -> Floats:
        if self.between_year == 0:
            return np.asarray(special.pdtrc(number, self.expected_cases))
        size = 1 / self.between_year
        return np.asarray(special.betaincc(size, number + 1, size / (size + self.expected_cases)))

    def _put_on_grid(self, costs: CaseCosts, points: int) -> None:
        cases = self.expected_cases[self._small]
        self.step = self._span(float(cases.max()), costs) / points
        transformed = np.fft.rfft(costs.relative_chances(self.step, points))
        # Areas that pool to the same cases have the same years.
        cases, self._row = np.unique(cases, return_inverse=True)
        self._grid = np.empty((len(cases), points))
        generated = np.empty((_IN_CACHE, len(transformed)), complex)
        for place, each in enumerate(self._generated(cases, 1 - transformed)):
            generated[place % _IN_CACHE] = each
            held = place % _IN_CACHE + 1
            if held < _IN_CACHE and place < len(cases) - 1:
                continue
            chances = np.fft.irfft(generated[:held], points, axis=1)
            np.maximum(chances, 0.0, out=chances)
            np.cumsum(chances, axis=1, out=self._grid[place + 1 - held : place + 1])
        np.minimum(self._grid, 1.0, out=self._grid)

    def _generated(
        self, cases: Floats, missing: npt.NDArray[np.complex128]
    ) -> Iterator[npt.NDArray[np.complex128]]:
        """The transform of a year's cost, for each number of cases (rising), from one less that of a case's."""
        if self.between_year > 0:
            for number in cases:
                far = 1 + number * self.between_year * missing.real
                turn = number * self.between_year * missing.imag
                size = (far**2 + turn**2) ** (-0.5 / self.between_year)
                yield _turned(size, np.arctan2(turn, far) / -self.between_year)
            return
        # exp(−λ·m) is that of the λ before times that of the step between, and steps are alike: means of
        # whole numbers of patients over a few years are multiples of one share.
        steps: dict[float, npt.NDArray[np.complex128]] = {}
        reached = np.ones(len(missing), complex)
        for step in np.round(np.diff(cases, prepend=0.0), _ALIKE).tolist():
            if step not in steps:
                steps[step] = _turned(np.exp(-step * missing.real), -step * missing.imag)
            reached = reached * steps[step]
            yield reached

    def _span(self, cases: float, costs: CaseCosts) -> float:
        """Mean costs that a year passes with a chance of about `_BEYOND` at most (Bernstein's inequality)."""
        if self.between_year > 0:
            size = 1 / self.between_year
            cases *= max(1.0, float(special.gammainccinv(size, _BEYOND)) / size)
        doubt = -np.log(_BEYOND)
        dearest = costs.dearest(_BEYOND) / costs.mean
        reach = doubt * dearest / 3
        return float(cases + reach + np.sqrt(reach**2 + 2 * doubt * cases * (1 + costs.variation**2)))

    def _grid_up_to(self, cost: Floats) -> Floats:
        """Chance of at most `cost`, for each cell on the grid: that at a point lies evenly about it, save at zero."""
        at = np.maximum(cost, 0.0) / self.step - 0.5
        last = self._grid.shape[1] - 2
        low = np.clip(np.floor(at), 0, last).astype(np.intp)
        before, after = self._grid[self._row, low], self._grid[self._row, low + 1]
        return np.asarray(before + np.clip(at - low, 0.0, 1.0) * (after - before))


def _turned(size: Floats, turn: Floats) -> npt.NDArray[np.complex128]:
    """size·exp(i·turn): size and turn apart are several times as fast as the exponential of complex numbers."""
    found = np.empty(size.shape, complex)
    np.multiply(size, np.cos(turn), out=found.real)
    np.multiply(size, np.sin(turn), out=found.imag)
    return found


def _not_negative(what: str, given: npt.ArrayLike) -> Floats:
    """The numbers, NaN for what is not known; `ChanceError` for one below zero or without end."""
    numbers = np.asarray(given, float)
    if np.any(numbers < 0) or np.any(np.isinf(numbers)):
        raise ChanceError(f"The {what} must be zero or more, and finite: one given is not.")
    return numbers
