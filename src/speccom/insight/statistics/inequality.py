"""How steeply a rate changes from one end of an ordered population to the other; knows no area's name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from speccom.insight.statistics.numbers import (
    Estimate,
    Gap,
    Limits,
    Numbers,
    StatisticsError,
    estimate,
    normal_quantile,
    numbers,
    together,
)


@dataclass(frozen=True)
class Gradient:
    """The slope and relative index of inequality, and the fitted rate at the `first` and the `last` person."""

    slope: Estimate
    relative: Estimate
    first: Numbers
    last: Numbers


_FURTHEST = np.log(1e6)
"""Limits of a relative index further from it than a millionfold tell nothing: an end of the line is all but nought."""


def ridits(population: ArrayLike) -> Numbers:
    """The middle of each group on a line of all people from 0 to 1, groups in order along the last axis."""
    people = _people(population)
    total = people.sum(axis=-1, keepdims=True)
    return np.asarray((np.cumsum(people, axis=-1) - people / 2) / np.where(total == 0, np.nan, total))


def gradient(
    rates: ArrayLike,
    population: ArrayLike,
    *,
    standard_errors: ArrayLike = np.nan,
    covariance: ArrayLike | None = None,
    confidence: ArrayLike = 0.95,
) -> Gradient:
    """The slope index (SII) and relative index (RII) of inequality over ordered groups such as quintiles.

    Rates are regressed on `ridits`, weighted by population. SII is the slope: the fitted rate of the last
    person less that of the first; equal rates give 0. RII is the fitted rate of the last person over that of the
    first; equal rates give 1. Give the groups in order: from least to most deprived, a positive SII and an
    RII above 1 mean higher rates among the deprived; the other way round, the signs turn.

    `rates`, `population`, `standard_errors`: (…, groups), groups last; rates in any unit, which the SII shares.
    Limits come from the groups' standard errors, taken as independent and normal, not from how far groups
    lie from the line: SII ± z √Σcᵢ²sᵢ², where SII = Σcᵢrᵢ, which is where simulating the rates converges; RII by
    the delta method on its logarithm. Without standard errors the limits are NaN and the values stand. Where the
    rates are not independent, as when groups share the same events, give their `covariance` (…, groups, groups)
    instead: SII ± z √ΣΣcᵢcⱼVᵢⱼ, and the RII likewise.

    Gaps: a missing rate or population, or everybody in one group (all NaN: a gradient over the rest would
    be another question); for the RII, a fitted end at or below zero. A straight line is assumed: look at the
    rates too. Errors: fewer than two groups, negative populations or standard errors, infinite numbers,
    a covariance that does not fit the groups. Source: Pamuk (1985); Mackenbach and Kunst (1997); Low and Low
    (2004); OHID's technical guidance, "Slope index of inequality".
    """
    level = numbers("rates", rates, least=None)
    level, people, error = together(
        rates=level,
        population=_people(population),
        standard_errors=numbers("standard_errors", standard_errors),
    )
    shared = None if covariance is None else _shared(covariance, people.shape[-1])
    z = normal_quantile(confidence)
    place = ridits(people)
    total = people.sum(axis=-1, keepdims=True)
    weight = people / np.where(total == 0, np.nan, total)
    from_middle = place - 0.5  # the weighted mean of the ridits is always a half
    scatter = (weight * from_middle**2).sum(axis=-1, keepdims=True)
    coefficient = weight * from_middle / np.where(scatter > 0, scatter, np.nan)
    # From the first group's rate, so that equal rates give no slope rather than a rounding error.
    slope = (coefficient * (level - level[..., :1])).sum(axis=-1)
    mean = level[..., 0] + (weight * (level - level[..., :1])).sum(axis=-1)
    first, last = mean - slope / 2, mean + slope / 2
    spread = z * np.sqrt(_variance(coefficient, error, shared))
    missing = [
        (Gap.NO_POPULATION, people.sum(axis=-1) == 0),
        (Gap.MISSING_GROUP, np.isnan(level + people).any(axis=-1) | ((people > 0).sum(axis=-1) < 2)),
    ]
    positive = (first > 0) & (last > 0)
    below, above = (np.where(positive, end, np.nan) for end in (first, last))
    relative = above / below
    # d ln RII / d rᵢ, from last = Σ(wᵢ + cᵢ/2) rᵢ and first = Σ(wᵢ − cᵢ/2) rᵢ
    pull = (weight + coefficient / 2) / above[..., None] - (weight - coefficient / 2) / below[..., None]
    apart = z * np.sqrt(_variance(pull, error, shared))
    factor = np.exp(np.where(apart < _FURTHEST, apart, np.nan))
    return Gradient(
        slope=estimate(slope, Limits(slope - spread, slope + spread), missing),
        relative=estimate(
            relative, Limits(relative / factor, relative * factor), [*missing, (Gap.NOT_POSITIVE, ~positive)]
        ),
        first=np.asarray(first),
        last=np.asarray(last),
    )


def _variance(weights: Numbers, errors: Numbers, shared: Numbers | None) -> Numbers:
    """The variance of a weighted sum of the groups' rates, independent of each other or not."""
    if shared is None:
        return np.asarray((weights**2 * errors**2).sum(axis=-1))
    found = np.einsum("...i,...ij,...j->...", weights, shared, weights)
    return np.asarray(np.maximum(found, 0.0))  # rounding may leave a nought just below


def _shared(covariance: ArrayLike, groups: int) -> Numbers:
    found = numbers("covariance", covariance, least=None)
    if found.ndim < 2 or found.shape[-2:] != (groups, groups):
        raise StatisticsError(f"covariance must be {groups} by {groups}, as many as there are groups.")
    return found


def _people(population: ArrayLike) -> Numbers:
    people = numbers("population", population)
    if people.ndim == 0 or people.shape[-1] < 2:
        raise StatisticsError("population must have two or more ordered groups along its last axis.")
    return people
