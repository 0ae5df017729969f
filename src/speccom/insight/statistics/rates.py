"""Crude and standardised rates, ratios and proportions with their limits; knows no funnel and no period."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from speccom.insight.statistics.intervals import byar, count_limits, wilson
from speccom.insight.statistics.numbers import (
    Estimate,
    Flags,
    Gap,
    Limits,
    Numbers,
    StatisticsError,
    confidences,
    estimate,
    multiplier_of,
    numbers,
    refuse,
    together,
)

SUPPRESSED_BELOW = 10
"""A directly standardised rate of fewer events than this is not given."""


def crude_rate(
    events: ArrayLike, population: ArrayLike, *, multiplier: float = 100_000, confidence: ArrayLike = 0.95
) -> Estimate:
    """Events per `multiplier` of population: O/n, limits of O (`count_limits`) over n.

    `events` and `population` (people, or person-years at risk) broadcast; events may exceed the population,
    since one person can have several. Gaps: a missing input; a population of zero. Errors: negative or
    infinite numbers. Source: OHID's public health technical guidance, "Rates".
    """
    observed, people, level = together(
        events=numbers("events", events),
        population=numbers("population", population),
        confidence=confidences(confidence),
    )
    return _per(observed, people, multiplier_of(multiplier), level, Gap.NO_POPULATION)


def proportion(
    x: ArrayLike, n: ArrayLike, *, multiplier: float = 1, confidence: ArrayLike = 0.95
) -> Estimate:
    """x out of n, times `multiplier` (100 for percentages), with Wilson's limits.

    Gaps: a missing input; n of zero. Errors: x above n, negative or infinite numbers.
    Source: OHID's public health technical guidance, "Proportions"; see `intervals.wilson`.
    """
    count, of, level = together(x=numbers("x", x), n=numbers("n", n), confidence=confidences(confidence))
    limits = wilson(count, of, level)
    scale = multiplier_of(multiplier)
    value = count / np.where(of == 0, np.nan, of) * scale
    return estimate(
        value,
        Limits(limits.lower * scale, limits.upper * scale),
        [(Gap.MISSING, np.isnan(count) | np.isnan(of)), (Gap.NO_POPULATION, of == 0)],
    )


def expected_events(
    population: ArrayLike, reference_events: ArrayLike, reference_population: ArrayLike
) -> Numbers:
    """Events expected if each group had the reference's rate: Σ nᵢ Oᵢ(ref)/nᵢ(ref) over the last axis.

    All broadcast to (…, groups); the result has the leading shape, NaN where a group's number is missing.
    Errors: a group of the reference without people, negative or infinite numbers.
    """
    people, events, reference = _groups(
        population=population, reference_events=reference_events, reference_population=reference_population
    )
    refuse("reference_population", reference, reference == 0, "must be above 0 in every group")
    return np.asarray((people * events / reference).sum(axis=-1))


def standardised_ratio(
    observed: ArrayLike, expected: ArrayLike, *, multiplier: float = 1, confidence: ArrayLike = 0.95
) -> Estimate:
    """Observed over expected events, times `multiplier` (1 or 100), with limits of O (`count_limits`) over E.

    E is taken as known without error: use it where the reference is much larger than the area. Not for money,
    whose variance is not that of a count. Gaps: a missing input; no events expected. Errors: negative or
    infinite numbers. Source: OHID's technical guidance, "Indirectly standardised ratios"; Breslow and Day.
    """
    events, against, level = together(
        observed=numbers("observed", observed),
        expected=numbers("expected", expected),
        confidence=confidences(confidence),
    )
    return _per(events, against, multiplier_of(multiplier), level, Gap.NONE_EXPECTED)


def indirectly_standardised_ratio(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    *,
    multiplier: float = 1,
    confidence: ArrayLike = 0.95,
) -> Estimate:
    """`standardised_ratio` from groups (ages, sexes) along the last axis.

    `events` and `population` are an area's, (…, groups); the reference's are (groups,) or broadcast to it.
    The reference against itself is 1. Gaps and errors: `standardised_ratio` and `expected_events`.
    """
    (observed,) = _groups(events=events)
    expected = expected_events(population, reference_events, reference_population)
    return standardised_ratio(observed.sum(axis=-1), expected, multiplier=multiplier, confidence=confidence)


def indirectly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    reference_events: ArrayLike,
    reference_population: ArrayLike,
    *,
    multiplier: float = 100_000,
    confidence: ArrayLike = 0.95,
) -> Estimate:
    """The standardised ratio times the reference's crude rate per `multiplier` of population.

    Shapes, gaps and errors as for `indirectly_standardised_ratio`.
    Source: OHID's technical guidance, "Indirectly standardised rates".
    """
    ratio = indirectly_standardised_ratio(
        events, population, reference_events, reference_population, confidence=confidence
    )
    happened, people = _groups(reference_events=reference_events, reference_population=reference_population)
    rate = happened.sum(axis=-1) / people.sum(axis=-1) * multiplier_of(multiplier)
    return Estimate(ratio.value * rate, ratio.lower * rate, ratio.upper * rate, ratio.gap)


def directly_standardised_rate(
    events: ArrayLike,
    population: ArrayLike,
    standard_population: ArrayLike,
    *,
    multiplier: float = 100_000,
    confidence: ArrayLike = 0.95,
) -> Estimate:
    """Events per `multiplier` if the area had the standard's make-up, with Dobson's limits.

    DSR = Σ wᵢOᵢ/nᵢ / Σ wᵢ; limits DSR + √(Var(DSR)/O) (O_limit − O), with Byar's limits of the total count O
    and Var(DSR) = Σ wᵢ²Oᵢ/nᵢ² / (Σ wᵢ)².

    `events`, `population` (…, groups) and `standard_population` (groups,) broadcast; groups are the last axis.
    Gaps: a missing input; fewer than 10 events in all (the rate is suppressed, since its limits do not
    hold); a group with weight and no population. Errors: negative or infinite numbers, a standard
    without people. Source: Dobson and others (1991); Morris and others (2018) for the 10 events; OHID's technical
    guidance, "Directly standardised rates".
    """
    happened, people, weights = _groups(
        events=events, population=population, standard_population=standard_population
    )
    weight = weights.sum(axis=-1)
    refuse("standard_population", weight, weight == 0, "must have people in some group")
    total, level = together(events=happened.sum(axis=-1), confidence=confidences(confidence))
    counted = weights > 0
    per_head = np.where(counted, weights / np.where(people == 0, np.nan, people), 0.0)
    rate = (per_head * happened).sum(axis=-1) / weight
    deviation = np.sqrt((per_head * per_head * happened).sum(axis=-1)) / weight
    each = deviation / np.sqrt(np.where(total == 0, np.nan, total))
    limits, scale = byar(total, level), multiplier_of(multiplier)
    lower, upper = ((rate + each * (limit - total)) * scale for limit in (limits.lower, limits.upper))
    missing = np.isnan(happened + people + weights).any(axis=-1)
    empty = ((people == 0) & counted).any(axis=-1)
    return estimate(
        rate * scale,
        Limits(lower, upper),
        [
            (Gap.MISSING, missing & _like(total)),
            (Gap.FEW_EVENTS, total < SUPPRESSED_BELOW),
            (Gap.GROUP_WITHOUT_POPULATION, empty & _like(total)),
        ],
    )


def _per(events: Numbers, by: Numbers, multiplier: float, level: Numbers, nothing: Gap) -> Estimate:
    limits = count_limits(events, level)
    scale = multiplier / np.where(by == 0, np.nan, by)
    return estimate(
        events * scale,
        Limits(limits.lower * scale, limits.upper * scale),
        [(Gap.MISSING, np.isnan(events) | np.isnan(by)), (nothing, by == 0)],
    )


def _groups(**columns: ArrayLike) -> list[Numbers]:
    found = {name: numbers(name, values) for name, values in columns.items()}
    for name, values in found.items():
        if values.ndim == 0 or values.shape[-1] == 0:
            raise StatisticsError(f"{name} must have its groups (such as ages) along its last axis.")
    return together(**found)


def _like(total: Numbers) -> Flags:
    return np.ones(total.shape, dtype=bool)
