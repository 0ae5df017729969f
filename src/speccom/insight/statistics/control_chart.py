"""XmR charts of many series at once: mean, process limits, four rules, assurance; draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speccom.insight.statistics.numbers import Codes, Flags, Numbers, StatisticsError, numbers, together

LIMIT_FACTOR = 2.66
"""Three standard deviations as a multiple of the mean moving range: 3 / 1.128, as published."""
SCREEN_FACTOR = 3.267
"""A moving range above this multiple of their mean is an outlier of the moving-range chart."""
RUN = 7
"""Points in a row that make a shift or a trend."""
CLOSE = 2 / 3
"""How far from mean to limit a point is when it is close to the limit."""

ROUNDING = 1e-12
"""The share of the mean below which a difference from it is no more than rounding."""

Signs = NDArray[np.int8]


class Rule(IntEnum):
    """Which rule makes a point special, in order of precedence: a point has the first that applies."""

    NONE = 0
    OUTSIDE = 1
    TREND = 2
    TWO_IN_THREE = 3
    SHIFT = 4


class PointType(IntEnum):
    """What a point says of the process; `MISSING` where there is no point or no limits."""

    MISSING = 0
    COMMON_CAUSE = 1
    SPECIAL_CAUSE_IMPROVEMENT = 2
    SPECIAL_CAUSE_CONCERN = 3
    SPECIAL_CAUSE_NEUTRAL_HIGH = 4
    SPECIAL_CAUSE_NEUTRAL_LOW = 5

    @property
    def word(self) -> str:
        return self.name.lower()


class Assurance(IntEnum):
    """Whether a process in its present state will meet its target."""

    NOT_APPLICABLE = 0
    CONSISTENT_PASS = 1
    CONSISTENT_FAIL = 2
    INCONSISTENT = 3

    @property
    def word(self) -> str:
        return self.name.lower()


IMPROVEMENT = {"increase": 1, "decrease": -1, "neutral": 0}
"""Which direction is better, as a sign."""


@dataclass(frozen=True)
class ControlChart:
    """Charts of a matrix of series, every array shaped (…, months) like the values.

    `mean`, `lower`, `upper`, `mean_moving_range` and `points` are those of the baseline in force at each
    month, missing months included; `points` counts the points behind the mean, and limits are NaN where
    fewer than two points give no moving range. `rule` and `direction` (1 high or rising, −1 low or falling,
    0 none) say why a point is special, `point_type` what that means (`PointType`), `assurance` what the
    target of the month may expect (`Assurance`). `missing` marks the months left out.
    """

    mean: Numbers
    lower: Numbers
    upper: Numbers
    mean_moving_range: Numbers
    points: Numbers
    rule: Codes
    direction: Signs
    point_type: Codes
    assurance: Codes
    missing: Flags


def xmr(
    values: ArrayLike,
    *,
    rebase: Sequence[int] | NDArray[np.bool_] = (),
    fix_after_n_points: int | None = None,
    screen_outliers: bool = True,
    improvement: str | ArrayLike = "neutral",
    target: ArrayLike = np.nan,
) -> ControlChart:
    """XmR charts of every series in `values` (…, months), in time order.

    Mean ± 2.66 × mean moving range. With `screen_outliers`, moving ranges above 3.267 × their mean are left
    out once and the mean moving range taken again. Rules: a point beyond a limit; seven points in a row
    rising or falling; two of three in a row beyond two thirds of the way to the same limit; seven in a row
    on one side of the mean. A point has the first that applies, in that order, and every point of a run has it.

    `rebase`: months (positions) at which a new baseline starts, for all series, or flags shaped like `values`
    for each; mean, limits and runs are those of separate charts. `fix_after_n_points`: mean and limits of each
    baseline come from its first so many points. `improvement`: increase, decrease or neutral, one or per
    series. `target`: broadcast to `values`, so it may change over time; NaN is none.

    A missing month (NaN) is left out: its neighbours count as consecutive, in moving ranges and in runs, as if
    only the months present had been charted; a baseline due to start then starts at the next point.
    Errors: no months, a rebase outside the series, fewer than two points to fix on, an unknown direction.
    Source: Wheeler (1993), Understanding Variation; Nelson (1982) for the screening; NHS England, Making
    Data Count, for the rules. Limits from fewer than about 12 points are rough: look at `points`.
    """
    given = numbers("values", values, least=None)
    if given.ndim == 0 or given.shape[-1] == 0:
        raise StatisticsError("values must have their months along the last axis, and at least one.")
    if fix_after_n_points is not None and fix_after_n_points < 2:
        raise StatisticsError(f"fix_after_n_points must be 2 or more: found {fix_after_n_points}.")
    series = _Series.of(given, _segments(rebase, given.shape), fix_after_n_points)
    mean, moving_range, points = series.baseline(screen_outliers)
    centre, width = series.packed(mean), LIMIT_FACTOR * series.packed(moving_range)
    rule, direction = _rules(series.y, centre, width, series.position)
    rule, direction = series.unpacked(rule), series.unpacked(direction)
    wanted = _improvement(improvement, given.shape[:-1])[..., None]
    aim, _ = together(target=numbers("target", target, least=None), values=given)
    if aim.shape != given.shape:
        raise StatisticsError(f"target {aim.shape} must fit values {given.shape}.")
    lower, upper = mean - LIMIT_FACTOR * moving_range, mean + LIMIT_FACTOR * moving_range
    missing = np.isnan(given)
    return ControlChart(
        mean=mean,
        lower=lower,
        upper=upper,
        mean_moving_range=moving_range,
        points=points,
        rule=rule,
        direction=direction,
        point_type=np.where(missing | np.isnan(lower), np.uint8(0), _point_types(direction, wanted)),
        assurance=_assurance(lower, upper, aim, wanted),
        missing=missing,
    )


def seven_point_one_side(side: ArrayLike) -> Signs:
    """1 where a point completes seven in a row on one side of the mean; `side` is −1, 0 or 1, (…, points)."""
    signs = _signs("side", side)
    return np.abs(_completes_shift(signs, _positions(signs)))


def seven_point_trend(values: ArrayLike) -> Signs:
    """1 where a point completes seven in a row that rise, −1 where they fall, else 0; `values` (…, points).

    Equal neighbours end a trend. Values must not be missing: `xmr` says how it leaves missing months out.
    """
    y = numbers("values", values, least=None)
    return _completes_trend(y, _positions(y))


def part_of_two_in_three(close: ArrayLike) -> Signs:
    """1 for each close point with another on the same side among three consecutive points that hold both.

    `close` is 1 for a point close to the upper limit or beyond, −1 for the lower, 0 otherwise, (…, points).
    """
    signs = _signs("close", close)
    return np.abs(_two_in_three(signs, _positions(signs)))


def assurance(lower: ArrayLike, upper: ArrayLike, target: ArrayLike, improvement: str | ArrayLike) -> Codes:
    """Whether a process between `lower` and `upper` meets `target`, as `Assurance` codes; all broadcast.

    Consistently passing where both limits are on the better side of the target, failing where both are on
    the worse, inconsistent where the target lies within the limits or on one. Not applicable where a number
    is missing or neither direction is better. Source: NHS England, Making Data Count.
    """
    low, high, aim = together(
        lower=numbers("lower", lower, least=None),
        upper=numbers("upper", upper, least=None),
        target=numbers("target", target, least=None),
    )
    return _assurance(low, high, aim, _improvement(improvement, ()))


@dataclass(frozen=True)
class _Series:
    """Series packed so that points come first and missing months last, each point knowing its baseline.

    `order` is the month of each packed place; `position` counts points from the start of their baseline
    (−1 at a missing month); `group` numbers the baselines of all series, in the order of the months.
    """

    y: Numbers
    order: NDArray[np.intp]
    position: NDArray[np.intp]
    group: NDArray[np.intp]
    fixed: int | None

    @classmethod
    def of(cls, values: Numbers, segment: NDArray[np.intp], fixed: int | None) -> _Series:
        missing = np.isnan(values)
        order = np.argsort(missing, axis=-1, kind="stable")
        y, packed = (np.take_along_axis(each, order, axis=-1) for each in (values, segment))
        month = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
        starts = np.diff(packed, axis=-1, prepend=-1) != 0
        start = np.maximum.accumulate(np.where(starts, month, 0), axis=-1)
        position = np.where(np.isnan(y), -1, month - start)
        rows = np.arange(int(np.prod(values.shape[:-1]))).reshape(*values.shape[:-1], 1)
        return cls(
            y.astype(float, copy=False),
            order,
            position,
            rows * (int(segment.max(initial=0)) + 1) + segment,
            fixed,
        )

    def packed(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.take_along_axis(values, self.order, axis=-1)

    def unpacked(self, values: NDArray[Any]) -> NDArray[Any]:
        back = np.empty_like(values)
        np.put_along_axis(back, self.order, values, axis=-1)
        return back

    def baseline(self, screen: bool) -> tuple[Numbers, Numbers, Numbers]:
        """Mean, mean moving range and number of points of the baseline in force at each month."""
        used = (self.position >= 0) & (self.position < (self.fixed or self.y.shape[-1]))
        anchor = self._mean(self.y, self.position == 0)
        # Deviations from the first point keep a level series exactly on its own mean.
        mean = anchor + self._mean(self.y - self.packed(anchor), used)
        ranges = np.abs(np.diff(self.y, axis=-1, prepend=np.nan))
        paired = used & (self.position >= 1)
        moving_range = self._mean(ranges, paired)
        if screen:
            ordinary = paired & ~(ranges > SCREEN_FACTOR * self.packed(moving_range))
            moving_range = self._mean(ranges, ordinary)
        return mean, moving_range, self._sum(np.ones_like(self.y), used)

    def _mean(self, values: Numbers, used: Flags) -> Numbers:
        count = self._sum(np.ones_like(values), used)
        return self._sum(values, used) / np.where(count == 0, np.nan, count)

    def _sum(self, values: Numbers, used: Flags) -> Numbers:
        group = self.packed(self.group)
        sums = np.bincount(group[used], values[used], minlength=int(self.group.max(initial=0)) + 1)
        return np.asarray(sums[self.group])


def _segments(rebase: Sequence[int] | NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.intp]:
    flags = np.asarray(rebase)
    if flags.dtype == bool and flags.size:
        if flags.shape != shape:
            raise StatisticsError(f"rebase flags {flags.shape} must be shaped like values {shape}.")
        return np.cumsum(flags, axis=-1)
    starts = np.zeros(shape[-1], dtype=bool)
    if flags.size and (flags.dtype.kind not in "iu" or flags.ndim != 1):
        raise StatisticsError("rebase must be a list of months by position, or flags shaped like values.")
    for month in flags:
        if not 0 < month < shape[-1]:
            raise StatisticsError(
                f"rebase {month} is not a month after the first of the {shape[-1]} (0 is the first)."
            )
        starts[month] = True
    return np.broadcast_to(np.cumsum(starts), shape)


def _rules(y: Numbers, mean: Numbers, width: Numbers, position: NDArray[np.intp]) -> tuple[Codes, Signs]:
    from_mean = y - mean
    # A value that differs from the mean by a rounding error only is on it, and on neither side.
    from_mean = np.where(np.abs(from_mean) <= ROUNDING * np.abs(mean), 0.0, from_mean)
    outside = _beyond(from_mean, width)
    trend = _spread_trend(_completes_trend(y, position), y)
    two_in_three = _two_in_three(_beyond(from_mean, CLOSE * width), position)
    shift = _spread(_completes_shift(_sign(from_mean), position))
    signals = {
        Rule.OUTSIDE: outside,
        Rule.TREND: trend,
        Rule.TWO_IN_THREE: two_in_three,
        Rule.SHIFT: shift,
    }
    found = [signal != 0 for signal in signals.values()]
    rule = np.select(found, [np.uint8(rule) for rule in signals], np.uint8(Rule.NONE))
    return rule, np.select(found, list(signals.values()), np.int8(0))


def _beyond(from_mean: Numbers, width: Numbers) -> Signs:
    return np.where(np.abs(from_mean) > width, _sign(from_mean), np.int8(0))


def _completes_shift(side: Signs, position: NDArray[np.intp]) -> Signs:
    run = side.copy()
    for back in range(1, RUN):
        run = np.where(_earlier(side, back) == side, run, np.int8(0))
    return np.where(position >= RUN - 1, run, np.int8(0))


def _completes_trend(y: Numbers, position: NDArray[np.intp]) -> Signs:
    step = _sign(np.diff(y, axis=-1, prepend=np.nan))
    run = step.copy()
    for back in range(1, RUN - 1):
        run = np.where(_earlier(step, back) == step, run, np.int8(0))
    return np.where(position >= RUN - 1, run, np.int8(0))


def _two_in_three(close: Signs, position: NDArray[np.intp]) -> Signs:
    part = np.zeros_like(close)
    for side in (np.int8(1), np.int8(-1)):
        here = (close == side).astype(np.int8)
        window = (here + _earlier(here, 1) + _earlier(here, 2) >= 2) & (position >= 2)
        in_window = _spread(window.astype(np.int8), 3) != 0
        part = np.where(in_window & (close == side), side, part)
    return part


def _spread(completes: Signs, length: int = RUN) -> Signs:
    """The sign of a run at every point of it, not only at the one that completes it."""
    part = completes.copy()
    for ahead in range(1, length):
        part = np.where(part == 0, _later(completes, ahead), part)
    return part


def _spread_trend(completes: Signs, y: Numbers) -> Signs:
    """As `_spread`; the turning point of two trends belongs to the one that leads into it."""
    rising, falling = _spread((completes == 1).astype(np.int8)), _spread((completes == -1).astype(np.int8))
    into = _sign(np.diff(y, axis=-1, prepend=np.nan))
    return np.where((rising != 0) & (falling != 0), into, rising - falling).astype(np.int8)


def _earlier(signs: Signs, back: int) -> Signs:
    moved = np.zeros_like(signs)
    moved[..., back:] = signs[..., : max(signs.shape[-1] - back, 0)]
    return moved


def _later(signs: Signs, ahead: int) -> Signs:
    moved = np.zeros_like(signs)
    moved[..., : max(signs.shape[-1] - ahead, 0)] = signs[..., ahead:]
    return moved


def _sign(values: Numbers) -> Signs:
    """−1, 0 or 1; 0 where missing."""
    return (values > 0).astype(np.int8) - (values < 0).astype(np.int8)


def _signs(name: str, values: ArrayLike) -> Signs:
    found = numbers(name, values, least=None)
    if found.ndim == 0 or not np.isin(found, (-1, 0, 1)).all():
        raise StatisticsError(f"{name} must be points that are each −1, 0 or 1.")
    return found.astype(np.int8)


def _positions(values: NDArray[np.generic]) -> NDArray[np.intp]:
    if values.ndim == 0 or np.isnan(values).any():
        raise StatisticsError("values must be points in time order, none of them missing.")
    return np.broadcast_to(np.arange(values.shape[-1]), values.shape)


def _improvement(improvement: str | ArrayLike, shape: tuple[int, ...]) -> Signs:
    words = np.asarray(improvement)
    signs = np.full(words.shape, 9, dtype=np.int8)
    for word, sign in IMPROVEMENT.items():
        signs[words == word] = sign
    if (signs == 9).any():
        wrong = words[signs == 9].ravel()[0]
        raise StatisticsError(f"improvement {wrong!s} is not one of {', '.join(IMPROVEMENT)}.")
    try:
        return np.broadcast_to(signs, shape) if shape else signs
    except ValueError as error:
        raise StatisticsError(f"improvement {signs.shape} must fit the series {shape}.") from error


def _point_types(direction: Signs, wanted: Signs) -> Codes:
    better = direction * wanted
    kinds = {
        PointType.COMMON_CAUSE: direction == 0,
        PointType.SPECIAL_CAUSE_IMPROVEMENT: better > 0,
        PointType.SPECIAL_CAUSE_CONCERN: better < 0,
        PointType.SPECIAL_CAUSE_NEUTRAL_HIGH: direction > 0,
        PointType.SPECIAL_CAUSE_NEUTRAL_LOW: direction < 0,
    }
    return np.select(list(kinds.values()), [np.uint8(kind) for kind in kinds], np.uint8(0))


def _assurance(lower: Numbers, upper: Numbers, target: Numbers, wanted: Signs) -> Codes:
    known = ~(np.isnan(lower) | np.isnan(upper) | np.isnan(target)) & (wanted != 0)
    above, below = lower > target, upper < target
    kinds = {
        Assurance.NOT_APPLICABLE: ~known,
        Assurance.CONSISTENT_PASS: np.where(wanted > 0, above, below),
        Assurance.CONSISTENT_FAIL: np.where(wanted > 0, below, above),
    }
    inconsistent = np.uint8(Assurance.INCONSISTENT)
    return np.select(list(kinds.values()), [np.uint8(kind) for kind in kinds], inconsistent)
