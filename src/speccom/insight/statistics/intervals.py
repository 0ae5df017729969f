"""Confidence limits of counts and of proportions; knows no rate, no area and no period."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from speccom.insight.statistics.numbers import (
    Limits,
    Numbers,
    confidences,
    normal_quantile,
    numbers,
    refuse,
    together,
)

BYAR_FROM = 10
"""The smallest count that is given Byar's limits; below it the exact limits are used."""


def byar(x: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Byar's approximate limits of a Poisson count.

    lower = x (1 − 1/(9x) − z/(3√x))³, upper = (x+1) (1 − 1/(9(x+1)) + z/(3√(x+1)))³.

    `x`: counts of events, 0 or more, of any shape; they need not be whole (weighted counts are not).
    NaN where `x` is NaN. The lower limit is 0 at x = 0, where the formula has no value, and wherever the
    formula would fall below 0. Within 0.2% of the exact 95% limits from 10 events on: use `count_limits`
    for small counts. Errors: negative or infinite counts, `confidence` outside (0, 1).
    Source: Breslow and Day, Statistical Methods in Cancer Research volume II (1987), as given in OHID's
    public health technical guidance, "Rates".
    """
    return Limits(byars_lower(x, confidence), byars_upper(x, confidence))


def byars_lower(x: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The lower of `byar`'s limits."""
    counts, z = together(x=numbers("x", x), confidence=normal_quantile(confidence))
    root = np.sqrt(np.where(counts == 0, np.nan, counts))
    cubed = 1 - 1 / (9 * root * root) - z / (3 * root)
    return np.where(counts == 0, 0.0, np.maximum(counts * cubed * cubed * cubed, 0.0))


def byars_upper(x: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The upper of `byar`'s limits."""
    counts, z = together(x=numbers("x", x), confidence=normal_quantile(confidence))
    more = counts + 1
    cubed = 1 - 1 / (9 * more) + z / (3 * np.sqrt(more))
    return np.asarray(more * cubed * cubed * cubed)


def exact_poisson(x: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Exact limits of a Poisson count, by the chi-squared link.

    lower = χ²(α/2; 2x) / 2, upper = χ²(1 − α/2; 2x + 2) / 2, where α = 1 − confidence.

    `x`: counts of events, 0 or more; a count that is not whole gets the same formula's continuous value.
    NaN where `x` is NaN; the lower limit of 0 is 0. Errors: as for `byar`.
    Source: Garwood (1936); Armitage and Berry (2002), in OHID's technical guidance, "Rates".
    """
    return Limits(exact_poisson_lower(x, confidence), exact_poisson_upper(x, confidence))


def exact_poisson_lower(x: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The lower of `exact_poisson`'s limits."""
    counts, level = together(x=numbers("x", x), confidence=confidences(confidence))
    limit = special.gammaincinv(np.where(counts == 0, np.nan, counts), (1 - level) / 2)
    return np.where(counts == 0, 0.0, limit)


def exact_poisson_upper(x: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The upper of `exact_poisson`'s limits."""
    counts, level = together(x=numbers("x", x), confidence=confidences(confidence))
    return np.asarray(special.gammainccinv(counts + 1, (1 - level) / 2))


def count_limits(x: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Limits of a count as OHID publishes them: Byar from 10 events on, exact below.

    Shapes, gaps and errors as for `byar`. Source: OHID's technical guidance, "Rates".
    """
    counts, level = together(x=numbers("x", x), confidence=confidences(confidence))
    few = counts < BYAR_FROM
    limits = byar(counts, level)
    limits.lower[few] = exact_poisson_lower(counts[few], level[few])
    limits.upper[few] = exact_poisson_upper(counts[few], level[few])
    return limits


def wilson(x: ArrayLike, n: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Wilson's score limits of the proportion x / n, as shares from 0 to 1.

    (2x + z² ± z √(z² + 4x(1 − x/n))) / (2 (n + z²)).

    `x`: how many have it, `n`: how many there are; neither need be whole. NaN where either is NaN or `n`
    is 0. Errors: `x` above `n`, negative or infinite numbers, `confidence` outside (0, 1).
    Source: Wilson (1927); Newcombe (1998), method 3, in OHID's technical guidance, "Proportions".
    """
    count, of, z = together(x=numbers("x", x), n=numbers("n", n), confidence=normal_quantile(confidence))
    refuse("x", count, count > of, "must not be above n")
    of = np.where(of == 0, np.nan, of)
    spread = z * np.sqrt(z * z + 4 * count * (1 - count / of))
    upper = (2 * count + z * z + spread) / (2 * (of + z * z))
    # The product of the two limits is x² / (n (n + z²)): it keeps its digits where the difference
    # of two near-equal numbers would not.
    lower = count / of * (count / (of + z * z)) / np.where(upper == 0, np.nan, upper)
    return Limits(np.where(count == 0, of * 0, lower), np.minimum(upper, 1.0))


def wilson_lower(x: ArrayLike, n: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The lower of `wilson`'s limits."""
    return wilson(x, n, confidence).lower


def wilson_upper(x: ArrayLike, n: ArrayLike, confidence: ArrayLike = 0.95) -> Numbers:
    """The upper of `wilson`'s limits."""
    return wilson(x, n, confidence).upper
