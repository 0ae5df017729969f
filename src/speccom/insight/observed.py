"""How far yearly and monthly series have varied, and how concentrated their cost is; knows no chance model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from speccom.errors import SpeccomError
from speccom.insight.case_costs import Floats

TOO_FEW = "too few {periods} to tell: {found} of the {fewest} needed"
NOTHING = "nothing was spent or done"
BELOW_ZERO = "one of the numbers is below zero: credits cannot be told from cost"
FROM_ZERO = "every change is from a year of nothing"
UNKNOWN = "not known"

YEARLY = 1
MONTHLY = 12


class ObservedError(SpeccomError):
    """Series that cannot be measured as given; the message says what they must be."""

    code = "observed"


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """One number for each series: `values`, NaN where there is a gap, and the `gaps`' reasons, else None.

    `lower` and `upper` are a 95% interval where the measure has one, else NaN; `used` says how many
    numbers (years, months, changes, providers) each value rests on.
    """

    values: Floats
    gaps: npt.NDArray[np.object_]
    used: npt.NDArray[np.int64]
    lower: Floats
    upper: Floats


def detrended_variation(
    series: npt.ArrayLike, *, season: int = YEARLY, fewest: int | None = None, level: float = 0.95
) -> Measured:
    """Coefficient of variation of each row of `series` about its own straight line.

    `series` has a row for each series and a column for each successive year or month, NaN where missing.
    The line is fitted by least squares to the periods that there are, and the squared distances from it
    are divided by n − 2, which makes the variance unbiased; the CV is its root ÷ the mean. With few years
    the root is still a little low on average and very uncertain: `lower` and `upper` are its χ² limits on
    n − 2 degrees of freedom, with the mean taken as known. With `season` 12, columns are months, each calendar
    month has a level of its own, and n − 13 takes the place of n − 2. A gap where fewer than `fewest`
    (default three years, or 14 months: one degree of freedom) are known, or the mean is not above zero.
    """
    rows = _rows(series)
    if season < 1:
        raise ObservedError(f"A season cannot have {season} periods: give 1 for years or 12 for months.")
    if not 0 < level < 1:
        raise ObservedError(f"An interval cannot hold with chance {level}: give one between 0 and 1.")
    known = ~np.isnan(rows)
    used = known.sum(axis=1)
    left = np.zeros(len(rows), dtype=np.int64)
    variance = np.full(len(rows), np.nan)
    design = _design(rows.shape[1], season)
    patterns, of_row = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        chosen = of_row.ravel() == number
        fitted = design[pattern]
        free = int(pattern.sum()) - (int(np.linalg.matrix_rank(fitted)) if pattern.any() else 0)
        left[chosen] = free
        if free >= 1:
            variance[chosen] = _about_the_line(rows[chosen][:, pattern], fitted) / free
    needed = season + 2 if fewest is None else max(fewest, season + 2)
    mean = _means(rows, known)
    gaps = _gaps(len(rows))
    gaps[~(mean > 0)] = NOTHING
    gaps[((rows < 0) & known).any(axis=1)] = BELOW_ZERO
    short = used < needed
    periods = "years" if season == YEARLY else "months"
    for row in np.flatnonzero(short):
        gaps[row] = TOO_FEW.format(periods=periods, found=used[row], fewest=needed)
    told = _told(gaps)
    values = np.where(told, np.sqrt(variance) / np.where(told, mean, 1.0), np.nan)
    degrees = np.where(told, left, 1).astype(float)
    outside = (1 - level) / 2
    lower = values * np.sqrt(degrees / special.chdtri(degrees, outside))
    upper = values * np.sqrt(degrees / special.chdtri(degrees, 1 - outside))
    return Measured(values, gaps, used, lower, upper)


def mean_absolute_change(series: npt.ArrayLike, *, lag: int = YEARLY, fewest: int = 1) -> Measured:
    """Mean of |this period ÷ the one `lag` before − 1| for each row: year on year, of volume or of cost.

    For months give lag 12, so that each is compared with the same month a year before. Only pairs of
    which both are known and the first is above zero count; `used` is their number. A gap where there are
    fewer than `fewest` such pairs. The change holds any trend: beside the detrended CV, it says how far
    last year's figure would have been wrong as a plan.
    """
    rows = _rows(series)
    if lag < 1 or fewest < 1:
        raise ObservedError("A change is from an earlier period, and one at least is needed: give 1 or more.")
    before, after = rows[:, :-lag], rows[:, lag:]
    pairs = ~np.isnan(before) & ~np.isnan(after)
    counted = pairs & (before > 0)
    used = counted.sum(axis=1)
    ratio = np.divide(after, before, out=np.ones_like(before), where=counted)
    total = np.where(counted, np.abs(ratio - 1), 0.0).sum(axis=1)
    gaps = _gaps(len(rows))
    periods = "changes from year to year" if lag == YEARLY else "changes from the period a lag before"
    for row in np.flatnonzero(used < fewest):
        nothing = pairs[row].any() and used[row] == 0
        short = TOO_FEW.format(periods=periods, found=used[row], fewest=fewest)
        gaps[row] = FROM_ZERO if nothing else short
    gaps[(rows < 0).any(axis=1)] = BELOW_ZERO
    return _measured(total / np.maximum(used, 1), gaps, used)


@dataclass(frozen=True, eq=False, slots=True)
class ProviderIncome:
    """How providers' yearly income from a service varies: each provider's own, their mean, and the whole's.

    `mean_variation` weighs each provider's detrended CV by its mean income, over the share of income
    `weight_known` whose providers have one; `pooling_gain` is 1 − the total's CV ÷ that mean, and is known
    only where every provider's CV is.
    """

    providers: Measured
    changes: Measured
    mean_variation: float
    weight_known: float
    total: Measured
    pooling_gain: float


def provider_income(income: npt.ArrayLike, *, fewest: int | None = None) -> ProviderIncome:
    """Volatility of providers' income: a row for each provider, a column for each year, pounds.

    A year that is missing for a provider is missing from the total, which would otherwise fall for want
    of a figure; a provider that was not paid in a year has 0 there.
    """
    rows = _rows(income)
    each = detrended_variation(rows, fewest=fewest)
    total = detrended_variation(rows.sum(axis=0, keepdims=True), fewest=fewest)
    weights = np.nan_to_num(_means(rows, ~np.isnan(rows)))
    told = _told(each.gaps)
    known, untold = float(weights[told].sum()), float(weights[~told].sum())
    mean = float(weights[told] @ each.values[told]) / known if known > 0 else np.nan
    gain = 1 - float(total.values[0]) / mean if untold == 0 and mean > 0 else np.nan
    share = known / (known + untold) if known + untold > 0 else np.nan
    return ProviderIncome(each, mean_absolute_change(rows), mean, share, total, gain)


def concentration(costs: npt.ArrayLike) -> Measured:
    """Herfindahl–Hirschman index Σ share², from 1/providers to 1, of each row over its providers' columns.

    `costs` in pounds; NaN is a provider that is not there. `used` is the number of providers paid above
    zero. A gap where nothing was spent, or a provider's cost is below zero.
    """
    rows = _rows(costs)
    there = np.nan_to_num(rows)
    total = there.sum(axis=1)
    gaps = _gaps(len(rows))
    gaps[~(total > 0)] = NOTHING
    gaps[(there < 0).any(axis=1)] = BELOW_ZERO
    told = _told(gaps)
    shares = there / np.where(told, total, 1.0)[:, None]
    return _measured((shares**2).sum(axis=1), gaps, (there > 0).sum(axis=1))


def number_of_providers(costs: npt.ArrayLike, *, least_share: float = 0.0) -> Measured:
    """Providers of each row with more than `least_share` of its cost: columns are providers, pounds.

    A bar above zero leaves out providers that treat a stray patient. Gaps as for `concentration`.
    """
    if not 0 <= least_share < 1:
        raise ObservedError(f"A provider's least share cannot be {least_share}: give one from 0 to below 1.")
    spread = concentration(costs)
    there = np.nan_to_num(_rows(costs))
    bar = least_share * there.sum(axis=1, keepdims=True)
    return _measured(((there > bar) & (there > 0)).sum(axis=1).astype(float), spread.gaps, spread.used)


def out_of_area_share(outside: npt.ArrayLike, total: npt.ArrayLike) -> Measured:
    """Share of each series' cost (or patients) that is treated outside its area: one number each.

    A gap where either is not known, one is below zero, or the total is zero. `ObservedError` where more
    lies outside than there is.
    """
    away, whole = np.atleast_1d(np.asarray(outside, float)), np.atleast_1d(np.asarray(total, float))
    if away.shape != whole.shape or away.ndim != 1:
        raise ObservedError("Each series needs what lies outside its area and its total: one number each.")
    gaps = _gaps(len(whole))
    gaps[whole == 0] = NOTHING
    gaps[(whole < 0) | (away < 0)] = BELOW_ZERO
    gaps[np.isnan(whole) | np.isnan(away)] = UNKNOWN
    told = _told(gaps)
    # A total that was summed apart may be a rounding smaller than its part.
    if np.any(away[told] > whole[told] * (1 + 1e-9)):
        raise ObservedError("More lies outside an area than there is in all: give the total with it.")
    return _measured(np.minimum(away / np.where(told, whole, 1.0), 1.0), gaps, told.astype(np.int64))


def _rows(series: npt.ArrayLike) -> Floats:
    rows = np.asarray(series, float)
    if rows.ndim != 2:
        raise ObservedError("Series are given as a table: a row for each series, a column for each period.")
    if np.any(np.isinf(rows)):
        raise ObservedError("A series holds an infinite number: give NaN where a number is missing.")
    return rows


def _design(periods: int, season: int) -> Floats:
    """The straight line and, for each place in the season, a level."""
    time = np.arange(periods)
    return np.column_stack([np.equal.outer(time % season, np.arange(season)).astype(float), time])


def _about_the_line(rows: Floats, design: Floats) -> Floats:
    """Sum of squared distances of each row from what the design can fit."""
    basis, sizes, _ = np.linalg.svd(design, full_matrices=False)
    basis = basis[:, sizes > sizes[0] * 1e-10]
    # Its own size taken out first, so that pounds by the million do not drown small distances.
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-300)
    apart = rows / scale
    apart = apart - apart @ basis @ basis.T
    squared = (apart**2).sum(axis=1)
    return np.asarray(np.where(squared < 1e-24, 0.0, squared) * scale[:, 0] ** 2)


def _means(rows: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray(
        np.where(known, rows, 0.0).sum(axis=1) / np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    )


def _gaps(number: int) -> npt.NDArray[np.object_]:
    return np.full(number, None, dtype=object)


def _told(gaps: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.array([gap is None for gap in gaps], dtype=bool)


def _measured(values: Floats, gaps: npt.NDArray[np.object_], used: npt.NDArray[np.int64]) -> Measured:
    told = _told(gaps)
    nothing = np.full(len(values), np.nan)
    return Measured(np.where(told, values, np.nan), gaps, used, nothing, nothing)
