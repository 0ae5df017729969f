"""Where chance alone would put nearly all areas around one average; knows no area's name and draws nothing."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from speccom.insight.statistics.intervals import exact_poisson
from speccom.insight.statistics.numbers import (
    Flags,
    Limits,
    Numbers,
    confidences,
    multiplier_of,
    normal_quantile,
    numbers,
    refuse,
    together,
)

TWO_SIGMA, THREE_SIGMA = 0.95, 0.998
"""The usual two pairs of limits: tails of 0.025 and 0.001, near 2 and 3 standard deviations."""


class Significance(IntEnum):
    """On which side of a funnel's limits a point lies, and of which limits."""

    LOW_THREE_SIGMA = -2
    LOW_TWO_SIGMA = -1
    NOT_SIGNIFICANT = 0
    HIGH_TWO_SIGMA = 1
    HIGH_THREE_SIGMA = 2
    NOT_KNOWN = 9


SIGNIFICANCE_WORDS = {
    Significance.LOW_THREE_SIGMA: "Low (0.001)",
    Significance.LOW_TWO_SIGMA: "Low (0.025)",
    Significance.NOT_SIGNIFICANT: "Not significant",
    Significance.HIGH_TWO_SIGMA: "High (0.025)",
    Significance.HIGH_THREE_SIGMA: "High (0.001)",
    Significance.NOT_KNOWN: "Not known",
}


def expected_on_ratio_limits(observed: ArrayLike, confidence: ArrayLike = TWO_SIGMA) -> Limits:
    """The expected events for which a count would lie just on the funnel's lower and upper limits.

    `lower`: the expectation at which `observed` is at the lower limit, so the larger of the two. Solves
    P(X ≤ x) and P(X ≥ x) = (1 − confidence)/2 for the Poisson mean: the exact limits of the count, exchanged.
    A funnel is drawn through the points (E, x/E). NaN where `observed` is NaN; errors as `exact_poisson`.
    Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance.
    """
    limits = exact_poisson(observed, confidence)
    return Limits(limits.upper, limits.lower)


def ratios_on_limits(
    observed: ArrayLike, confidence: ArrayLike = TWO_SIGMA, *, multiplier: float = 100
) -> Limits:
    """The standardised ratios, times `multiplier`, at which a count lies just on the lower and upper limits.

    x over `expected_on_ratio_limits`. At x = 0 the upper limit is NaN: no expectation puts nought above it.
    """
    expected = expected_on_ratio_limits(observed, confidence)
    count = numbers("observed", observed) * multiplier_of(multiplier)
    none = expected.upper == 0
    return Limits(count / expected.lower, count / np.where(none, np.nan, expected.upper))


def ratio_limits(
    expected: ArrayLike, confidence: ArrayLike = TWO_SIGMA, *, target: ArrayLike = 1.0
) -> Limits:
    """Limits of a standardised ratio at each number of expected events, around `target`.

    With μ = target × E: lower = χ²(α/2; 2μ) / 2E, upper = χ²(1 − α/2; 2μ + 2) / 2E. NaN where an input is
    NaN or no events are expected. Errors: negative or infinite numbers. No allowance for overdispersion (see
    `overdispersion`). Source: Spiegelhalter (2005), limits by the gamma form of the Poisson tails.
    """
    events, aim, level = together(
        expected=numbers("expected", expected),
        target=numbers("target", target),
        confidence=confidences(confidence),
    )
    events = np.where(events == 0, np.nan, events)
    mean, tail = events * aim, (1 - level) / 2
    lower = special.gammaincinv(np.where(mean == 0, np.nan, mean), tail) / events
    upper = special.gammainccinv(mean + 1, tail) / events
    return Limits(np.where(mean == 0, 0.0, lower), upper)


def proportion_limits(n: ArrayLike, average: ArrayLike, confidence: ArrayLike = TWO_SIGMA) -> Limits:
    """Limits of a proportion at each number `n`, around the `average` of all, as shares from 0 to 1.

    average ± z √(average (1 − average)/n), kept within 0 and 1: the proportions whose own Wilson limits just
    touch the average. NaN where an input is NaN or `n` is 0. Errors: an average outside 0 to 1, a negative
    n. Source: Wilson's score interval, inverted; Spiegelhalter (2005).
    """
    of, centre, z = together(
        n=numbers("n", n),
        average=numbers("average", average, most=1.0),
        confidence=normal_quantile(confidence),
    )
    spread = z * np.sqrt(centre * (1 - centre) / np.where(of == 0, np.nan, of))
    return Limits(np.maximum(centre - spread, 0.0), np.minimum(centre + spread, 1.0))


def ratio_significance(observed: ArrayLike, expected: ArrayLike) -> NDArray[np.int8]:
    """On which side of the ratio funnel each point lies, as `Significance` codes.

    Compares the expectation with `expected_on_ratio_limits`, so a point drawn outside a line is also
    classed as outside it; a point on a line is inside. `NOT_KNOWN` where an input is NaN.
    """
    events, against = together(observed=numbers("observed", observed), expected=numbers("expected", expected))
    pairs = [expected_on_ratio_limits(events, level) for level in (TWO_SIGMA, THREE_SIGMA)]
    return _classes(
        low=[against > pair.lower for pair in pairs],
        high=[against < pair.upper for pair in pairs],
        unknown=np.isnan(events) | np.isnan(against),
    )


def proportion_significance(x: ArrayLike, n: ArrayLike, average: ArrayLike) -> NDArray[np.int8]:
    """On which side of the proportion funnel each point lies, as `Significance` codes.

    `NOT_KNOWN` where an input is NaN or `n` is 0. Errors: x above n, and those of `proportion_limits`.
    """
    count, of, centre = together(
        x=numbers("x", x), n=numbers("n", n), average=numbers("average", average, most=1.0)
    )
    refuse("x", count, count > of, "must not be above n")
    share = count / np.where(of == 0, np.nan, of)
    pairs = [proportion_limits(of, centre, level) for level in (TWO_SIGMA, THREE_SIGMA)]
    return _classes(
        low=[share < pair.lower for pair in pairs],
        high=[share > pair.upper for pair in pairs],
        unknown=np.isnan(share) | np.isnan(centre),
    )


def _classes(low: list[Flags], high: list[Flags], unknown: Flags) -> NDArray[np.int8]:
    side = sum((flags.astype(np.int8) for flags in high), np.int8(0))
    side = side - sum((flags.astype(np.int8) for flags in low), np.int8(0))
    return np.where(unknown, np.int8(Significance.NOT_KNOWN), side)


def words(significance: NDArray[np.int8]) -> list[str]:
    """The classes as tables and vectors write them, in order, flattened."""
    return [SIGNIFICANCE_WORDS[Significance(int(code))] for code in np.ravel(significance)]


def average_proportion(x: ArrayLike, n: ArrayLike) -> Numbers:
    """The average around which a funnel of proportions stands: Σx / Σn over the last axis.

    Areas with a missing x or n are left out of both sums; NaN where nobody is left.
    """
    count, of = together(x=numbers("x", x), n=numbers("n", n))
    known = ~(np.isnan(count) | np.isnan(of))
    total = np.where(known, of, 0.0).sum(axis=-1)
    return np.asarray(np.where(known, count, 0.0).sum(axis=-1) / np.where(total == 0, np.nan, total))
