"""A full-year forecast from part of a year: seasonal run-rate, and an interval from how far months strayed from it.

The method, for one series: month m has a known share w of the year, and its cost is r·w plus an error whose
variance is φ·w. From the months held, r̂ = Σ cost / Σ w and φ̂ = Σ (cost − r̂w)²/w ÷ (n − 1). What is to come is
r̂·W, and its error has the variance φ̂·(W + W²/V), V being the share held: the first part is the months to come
themselves, the second that r̂ is an estimate. This is prediction under the ratio model (Royall, R.M. (1970), On finite
population sampling theory under certain linear regression models, Biometrika 57, 377-387 [recalled]). A sum of series
has the sum of their expected months in place of r̂·w. To it comes the variance of the last months, which are still
incomplete and taken at what they are expected to end at: see `doubt`. The interval is Student's t with the degrees of
freedom of both together. Limits: months are taken to be independent and the season to be known, so the interval is too
narrow where a change lasts; a trend within the year, a price that is settled late or a service that opens are not in
it. φ̂ is of completed months, so some of the doubt of the last ones counts twice and the interval is a little wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from speccom.finance.position.doubt import Doubt, known

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
FEWEST_MONTHS = 3
"""Months from which an interval is drawn; from fewer nothing tells how far months stray."""
LEVEL = 0.8


@dataclass(frozen=True, eq=False)
class Projected:
    """By group: pounds of the full year with its ends, of each month, and how many months it rests on.

    `lower` and `upper` are NaN where there is no interval: of fewer months than `FEWEST_MONTHS`, and where all months
    are in and nothing measures what the last ones lack. `months` is groups × 12: what is held (completed),
    and beyond it what is expected.
    """

    full_year: Floats
    lower: Floats
    upper: Floats
    months: Floats
    held: Integers
    spread: Floats
    """φ̂ in pounds: the variance of a month is this times what is expected of it."""
    completed: Floats
    """Pounds of the months that are held, completed."""
    seen: Floats
    """Pounds expected of the months that are held."""
    to_come: Floats
    """Pounds expected of the months that are not."""
    straying: Floats
    """Square pounds: the variance of the months to come."""
    lateness: Floats
    """Square pounds, groups × shares of completion: the variance of the months that are incomplete."""
    freedom: Floats
    """Degrees of freedom of both together."""

    def reach(self, level: float) -> Floats:
        """Student's t for an interval of a level, by group."""
        return _t(self.freedom, level)


def expected(completed: Floats, shapes: Floats, active: Flags) -> Floats:
    """Each series' pounds by month (series × 12) at its run-rate; nothing where it is not active.

    `completed` has NaN in months that are not held. A series with no month held is expected to cost nothing.
    """
    held = ~np.isnan(completed) & active
    weight = np.where(held, shapes, 0).sum(axis=1)
    rate = np.divide(
        np.where(held, completed, 0).sum(axis=1), weight, out=np.zeros(len(weight)), where=weight > 0
    )
    run: Floats = rate[:, None] * np.where(active, shapes, 0)
    return run


def project(
    completed: Floats,
    run: Floats,
    group: Integers,
    groups: int,
    level: float = LEVEL,
    doubt: Doubt | None = None,
    until: int = 12,
) -> Projected:
    """Series added up into groups. `group` is series × 12: a series may change its group in the year.

    Exact sums: the full year of a group is that of its parts. `doubt` is of the months that are held; without it they
    are known to their end. `until` adds up the first months of the year alone: the rates rest on all that are held.
    """
    held = ~np.isnan(completed)
    counted_months = np.broadcast_to(np.arange(completed.shape[1]) < until, held.shape)
    observed = _by_month(np.where(held, completed, 0), group, groups)
    expected_held = _by_month(np.where(held, run, 0), group, groups)
    to_come = _by_month(np.where(held, 0, run), group, groups)
    counted = expected_held > 0
    number = counted.sum(axis=1)
    squares = np.divide(
        (observed - expected_held) ** 2, expected_held, out=np.zeros_like(observed), where=counted
    )
    spread = np.divide(squares.sum(axis=1), number - 1, out=np.full(groups, np.nan), where=number > 1)
    seen, rest = expected_held.sum(axis=1), to_come[:, :until].sum(axis=1)
    variance = spread * (rest + np.divide(rest**2, seen, out=np.full(groups, np.nan), where=seen > 0))
    enough = (number >= FEWEST_MONTHS) & (rest >= 0) & (seen > 0)
    straying = np.where(enough, np.where(rest > 0, np.maximum(variance, 0), 0.0), np.nan)
    doubt = doubt or known(completed)
    blind = _by_month(doubt.unmeasured & held & counted_months, group, groups).any(axis=1)
    straying[(rest == 0) & blind] = np.nan
    lateness, freedom = _late(doubt, run, held, counted_months, group, groups)
    together = _freedom(straying, number - 1, lateness, freedom)
    reach = _t(together, level) * np.sqrt(straying + lateness.sum(axis=1))
    full_year = observed[:, :until].sum(axis=1) + rest
    return Projected(
        full_year,
        full_year - reach,
        full_year + reach,
        observed + to_come,
        number.astype(np.int64),
        spread,
        observed[:, :until].sum(axis=1),
        seen,
        rest,
        straying,
        lateness,
        together,
    )


def _late(
    doubt: Doubt, run: Floats, held: Flags, counted: Flags, group: Integers, groups: int
) -> tuple[Floats, Floats]:
    """The variances of incomplete months by group and share, and each share's degrees of freedom."""
    weight = np.where(held, run, 0).sum(axis=1, keepdims=True)
    # A pound more in a month that is in raises the run-rate, and each month to come by its part of those that are in.
    follow = np.divide(np.where(held | ~counted, 0, run), weight, out=np.zeros_like(run), where=weight != 0)
    return doubt.variances(group, groups, held & counted, follow), doubt.freedom


def _freedom(straying: Floats, of_straying: Integers, lateness: Floats, of_lateness: Floats) -> Floats:
    """Satterthwaite's degrees of freedom of a sum of variances; those of months that stray where all are nothing."""
    squares = np.divide(straying**2, of_straying, out=np.zeros_like(straying), where=of_straying > 0)
    if lateness.shape[1]:
        squares = squares + (lateness**2 / of_lateness).sum(axis=1)
    whole = straying + lateness.sum(axis=1)
    fallen_back = np.where(of_straying > 0, of_straying, np.nan).astype(float)
    found: Floats = np.divide(whole**2, squares, out=fallen_back, where=squares > 0)
    return found


def _t(freedom: Floats, level: float) -> Floats:
    found: Floats = stats.t.ppf(0.5 + level / 2, freedom)
    return found


def _by_month(values: Floats | Flags, group: Integers, groups: int) -> Floats:
    if groups == 1 and (group == 0).all():
        return np.asarray(values.sum(axis=0, keepdims=True), dtype=float)
    sums = np.zeros((groups, values.shape[1]))
    months = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    inside = group >= 0
    np.add.at(sums, (group[inside], months[inside]), values[inside])
    return sums
