"""What a column of numbers must be before a method may use it, and how a result says why it has no value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from speccom.errors import SpeccomError

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.uint8]


LARGEST, SMALLEST = 1e100, 1e-100
"""No figure of a health service is larger or, unless it is 0, smaller in size: beyond, powers would overflow."""


class StatisticsError(SpeccomError):
    """Numbers that a method cannot be applied to: which argument, where in it, and what it must be."""

    code = "statistics"


class Gap(IntEnum):
    """Why a result has no value; `NONE` where it has one."""

    NONE = 0
    MISSING = 1
    NO_POPULATION = 2
    NONE_EXPECTED = 3
    FEW_EVENTS = 4
    GROUP_WITHOUT_POPULATION = 5
    MISSING_GROUP = 6
    NOT_POSITIVE = 7


GAP_WORDS = {
    Gap.NONE: "",
    Gap.MISSING: "an input is missing",
    Gap.NO_POPULATION: "the population is zero",
    Gap.NONE_EXPECTED: "no events are expected",
    Gap.FEW_EVENTS: "suppressed: fewer than 10 events",
    Gap.GROUP_WITHOUT_POPULATION: "a group of the standard has no population here",
    Gap.MISSING_GROUP: "a group is missing, or all people are in one group",
    Gap.NOT_POSITIVE: "a fitted end of the gradient is not above zero",
}


@dataclass(frozen=True)
class Limits:
    """A lower and an upper limit, arrays of one shape; NaN in both where there is none."""

    lower: Numbers
    upper: Numbers


@dataclass(frozen=True)
class Estimate:
    """A value with its limits, arrays of one shape; all three are NaN where `gap` is not `Gap.NONE`."""

    value: Numbers
    lower: Numbers
    upper: Numbers
    gap: Codes

    @property
    def reason(self) -> NDArray[np.str_]:
        """Why there is no value, in words; empty where there is one."""
        return np.asarray(np.array([GAP_WORDS[gap] for gap in Gap])[self.gap])


def numbers(name: str, values: ArrayLike, *, least: float | None = 0.0, most: float | None = None) -> Numbers:
    """`values` as floats, NaN (or None, or masked) where missing.

    Text, dates, infinities, sizes beyond `LARGEST` and `SMALLEST`, and values below `least` or above `most`
    are a `StatisticsError` that gives the argument's name, the place in it and the value found.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        given = np.asarray(values)
    except ValueError as error:
        raise StatisticsError(f"{name} must be a full array, every row as long as the next.") from error
    if given.dtype.kind not in "biufO":
        raise StatisticsError(f"{name} must be numbers, and holds {given.dtype} values.")
    try:
        found = given.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise StatisticsError(f"{name} must be numbers: {error}.") from error
    refuse(name, found, np.isinf(found), "must be finite")
    size = np.abs(found)
    beyond = (size > LARGEST) | ((size < SMALLEST) & (size > 0))
    refuse(name, found, beyond, f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size")
    if least is not None:
        refuse(name, found, found < least, f"must not be below {least:g}")
    if most is not None:
        refuse(name, found, found > most, f"must not be above {most:g}")
    return found


def confidences(confidence: ArrayLike) -> Numbers:
    """Confidence levels, each a share strictly between 0 and 1 and never missing."""
    found = numbers("confidence", confidence, least=None)
    refuse("confidence", found, ~((found > 0) & (found < 1)), "must lie between 0 and 1, as 0.95 does")
    return found


def normal_quantile(confidence: ArrayLike) -> Numbers:
    """The z that holds a share `confidence` of a standard normal between −z and z: 1.96 for 0.95."""
    return np.asarray(-special.ndtri((1 - confidences(confidence)) / 2))


def refuse(name: str, values: Numbers, wrong: Flags, rule: str) -> None:
    """Raise a `StatisticsError` for the first value of `name` that is `wrong`."""
    if not np.any(wrong):
        return
    place = np.unravel_index(int(np.argmax(wrong)), np.shape(wrong))
    at = f" at position {', '.join(str(index) for index in place)}" if place else ""
    value = np.broadcast_to(values, np.shape(wrong))[place]
    raise StatisticsError(f"{name} {rule}: found {value:g}{at}.")


def multiplier_of(multiplier: float) -> float:
    """A multiplier (the unit of a rate) that is one number above 0, else a `StatisticsError`."""
    found = numbers("multiplier", multiplier)
    if found.ndim or not found > 0:
        raise StatisticsError(f"multiplier must be a number above 0: found {multiplier}.")
    return float(found)


def together(**columns: Numbers) -> list[Numbers]:
    """The columns broadcast to one shape; columns that do not fit are a `StatisticsError` with their shapes."""
    try:
        return list(np.broadcast_arrays(*columns.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {column.shape}" for name, column in columns.items())
        raise StatisticsError(f"These do not fit together: {shapes}.") from error


def estimate(value: Numbers, limits: Limits, gaps: list[tuple[Gap, Flags]]) -> Estimate:
    """One result, blank wherever the first of `gaps` that holds gives a reason."""
    conditions = [np.asarray(held) for _, held in gaps]
    gap = np.select(conditions, [np.uint8(reason) for reason, _ in gaps], np.uint8(Gap.NONE))
    known = gap == Gap.NONE
    value, lower, upper = (np.where(known, each, np.nan) for each in (value, limits.lower, limits.upper))
    return Estimate(value, lower, upper, gap)
