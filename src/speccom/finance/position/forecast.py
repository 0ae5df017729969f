"""A full-year forecast from part of a year: seasonal run-rate, and an interval from how far months strayed from it.

The method, for one series: month m has a known share w of the year, and its cost is r·w plus an error whose
variance is φ·w. From the months held, r̂ = Σ cost / Σ w and φ̂ = Σ (cost − r̂w)²/w ÷ (n − 1). What is to come is
r̂·W, and its error has the variance φ̂·(W + W²/V), V being the share held: the first part is the months to come
themselves, the second that r̂ is an estimate. The interval is Student's t with n − 1 degrees of freedom. This is
prediction under the ratio model (Royall, R.M. (1970), On finite population sampling theory under certain linear
regression models, Biometrika 57, 377-387 [recalled]). A sum of series has the sum of their expected months in
place of r̂·w. Limits: months are taken to be independent and the season to be known, so the interval is too
narrow where a change lasts; a trend within the year, a price that is settled late or a service that opens are
not in it; what completion adds is taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
FEWEST_MONTHS = 3
"""Months from which an interval is drawn; from fewer nothing tells how far months stray."""
LEVEL = 0.8


@dataclass(frozen=True, eq=False)
class Projected:
    """By group: pounds of the full year with its ends, of each month, and how many months it rests on.

    `lower` and `upper` are NaN where there is no interval. `months` is groups × 12: what is held (completed),
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

    def reach(self, level: float) -> Floats:
        """Student's t for an interval of a level, by group."""
        return _reach(self.held, level)


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


def project(completed: Floats, run: Floats, group: Integers, groups: int, level: float = LEVEL) -> Projected:
    """Series added up into groups. `group` is series × 12: a series may change its group in the year.

    Exact sums: the full year of a group is that of its parts.
    """
    held = ~np.isnan(completed)
    observed = _by_month(np.where(held, completed, 0), group, groups)
    expected_held = _by_month(np.where(held, run, 0), group, groups)
    to_come = _by_month(np.where(held, 0, run), group, groups)
    counted = expected_held > 0
    number = counted.sum(axis=1)
    squares = np.divide(
        (observed - expected_held) ** 2, expected_held, out=np.zeros_like(observed), where=counted
    )
    spread = np.divide(squares.sum(axis=1), number - 1, out=np.full(groups, np.nan), where=number > 1)
    seen, rest = expected_held.sum(axis=1), to_come.sum(axis=1)
    variance = spread * (rest + np.divide(rest**2, seen, out=np.full(groups, np.nan), where=seen > 0))
    enough = (number >= FEWEST_MONTHS) & (rest >= 0) & (seen > 0)
    variance = np.where(enough, np.where(rest > 0, variance, 0.0), np.nan)
    reach = _reach(number, level) * np.sqrt(np.maximum(variance, 0))
    full_year = observed.sum(axis=1) + rest
    return Projected(
        full_year,
        full_year - reach,
        full_year + reach,
        observed + to_come,
        number.astype(np.int64),
        spread,
        observed.sum(axis=1),
        seen,
    )


def _reach(number: npt.NDArray[np.int_] | Integers, level: float) -> Floats:
    reach = np.full(len(number), np.nan)
    enough = number > 1
    reach[enough] = stats.t.ppf(0.5 + level / 2, number[enough] - 1)
    return reach


def _by_month(values: Floats, group: Integers, groups: int) -> Floats:
    sums = np.zeros((groups, values.shape[1]))
    months = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    inside = group >= 0
    np.add.at(sums, (group[inside], months[inside]), values[inside])
    return sums
