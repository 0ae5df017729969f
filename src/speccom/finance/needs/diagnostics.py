"""What speaks for and against a fitted model: form, collinearity, influence, and calibration by tenths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from speccom.finance.needs.design import Design
from speccom.finance.needs.fit import Fit, fit
from speccom.finance.needs.model_file import NeedsError
from speccom.insight.statistics.numbers import Numbers

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Tested:
    """One test: an F statistic with its degrees, and the chance of as much by chance; or why it cannot be made."""

    statistic: float
    degrees: int
    freedom: float
    chance: float
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Influence:
    """Of each area: leverage, Cook's distance, and the greatest DFBETAS with the place of its coefficient.

    Exact for a weighted model; for the others one step from the fit, as is usual.
    """

    leverage: Numbers
    cook: Numbers
    dfbetas: Numbers
    term: tuple[int, ...]


def inflation(design: Design) -> Numbers:
    """The variance inflation factor of each term: 1 where it says nothing that others say, above 10 nearly the same."""
    weights = design.weights / design.weights.sum()
    centred = design.matrix - weights @ design.matrix
    covariance = centred.T @ (centred * weights[:, None])
    deviations = np.sqrt(np.diag(covariance))
    return np.asarray(np.diag(np.linalg.inv(covariance / np.outer(deviations, deviations))))


def condition_number(design: Design) -> float:
    """Of the columns and the constant, each scaled to one length: above 30 coefficients lean on each other."""
    exog = np.column_stack([np.ones(len(design.ratio)), design.matrix]) * np.sqrt(design.weights)[:, None]
    return float(np.linalg.cond(exog / np.sqrt((exog**2).sum(axis=0))))


def influence(fitted: Fit) -> Influence:
    """How far each area alone moves the coefficients."""
    exog = np.column_stack([np.ones(len(fitted.mean)), fitted.design.matrix])
    working, residuals = fitted.working, fitted.residuals
    bread = np.linalg.inv(exog.T @ (exog * working[:, None]))
    towards = exog @ bread
    leverage = np.minimum(working * (towards * exog).sum(axis=1), 1 - 1e-12)
    moved = towards * (working * residuals / (1 - leverage))[:, None]
    dispersion = fitted.dispersion or 1e-300
    cook = working * residuals**2 * leverage / ((1 - leverage) ** 2 * exog.shape[1] * dispersion)
    scaled = moved / np.sqrt(dispersion * np.diag(bread))
    greatest = np.abs(scaled).argmax(axis=1)
    return Influence(
        leverage,
        cook,
        scaled[np.arange(len(scaled)), greatest],
        tuple(int(each) for each in greatest),
    )


def reset(fitted: Fit) -> Tested:
    """RESET (Ramsey 1969): whether powers two and three of the linear predictor add anything to the model."""
    linear = fitted.mean if fitted.form == "weighted" else np.log(fitted.mean)
    spread = (linear - linear.mean()) / (linear.std() or 1)
    return _added(fitted, np.column_stack([spread**2, spread**3]))


def tenths_test(fitted: Fit) -> Tested:
    """Whether residuals average to nothing in every tenth of the prediction (Hosmer and Lemeshow's, for any form)."""
    places = tenths(fitted)
    levels = np.unique(places)
    flags = (places[:, None] == levels[1:]).astype(float)
    return _added(fitted, flags - flags.mean(axis=0))


def tenths(fitted: Fit) -> Numbers:
    """The tenth of the prediction that each area lies in, 1 the lowest, of like population each."""
    order = np.argsort(fitted.mean, kind="stable")
    population = fitted.design.population[order]
    middle = (np.cumsum(population) - population / 2) / population.sum()
    places = np.empty(len(order))
    places[order] = np.minimum(np.floor(middle * TENTHS), TENTHS - 1) + 1
    return places


def _added(fitted: Fit, columns: Numbers) -> Tested:
    """The robust F test of columns added to a model."""
    design = fitted.design
    count = columns.shape[1]
    exog = np.column_stack([design.matrix, columns])
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(exog)), exog])) < exog.shape[1] + 1:
        return _untested(count, "the added columns say what the variables already say")
    if fitted.freedom <= count or len(exog) <= exog.shape[1] + 1:
        return _untested(count, "there are too few areas or clusters")
    wider = replace(design, terms=(*design.terms, *[design.terms[0]] * count), matrix=exog)
    try:
        again = fit(wider, fitted.form)
    except NeedsError:
        return _untested(count, "the wider model does not settle")
    added = again.coefficients[-count:]
    covariance = again.covariance[-count:, -count:]
    statistic = float(added @ np.linalg.pinv(covariance) @ added) / count
    return Tested(statistic, count, again.freedom, float(stats.f.sf(statistic, count, again.freedom)))


def _untested(count: int, why: str) -> Tested:
    return Tested(float("nan"), count, float("nan"), float("nan"), why)
