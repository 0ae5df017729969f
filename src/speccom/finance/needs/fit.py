"""Fits a need model with statsmodels and gives its coefficients with robust standard errors."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from scipy import stats

from speccom.finance.needs.design import Design
from speccom.finance.needs.model_file import NeedsError
from speccom.insight.statistics.numbers import Numbers

FEW_CLUSTERS = 20
"""With fewer clusters than this, clustered standard errors are themselves uncertain."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. The first coefficient is the constant, then one for each term, each for `scale` of it.

    `mean` is the ratio that the model gives each area, supply included. `working` are the weights of its last
    step, `residuals` what that step left, both for influence. `covariance` is robust; `freedom` its degrees.
    """

    design: Design
    form: str
    coefficients: Numbers
    covariance: Numbers
    freedom: float
    mean: Numbers
    working: Numbers
    residuals: Numbers
    deviance: float
    nothing: float
    errors: str

    @property
    def explained(self) -> float:
        """R² of a weighted model, the part of the deviance explained of the others."""
        return 1 - self.deviance / self.nothing

    @property
    def adjusted(self) -> float:
        """The same, less what as many columns of noise would explain."""
        areas, coefficients = len(self.mean), len(self.coefficients)
        return 1 - (1 - self.explained) * (areas - 1) / (areas - coefficients)

    @property
    def dispersion(self) -> float:
        """Pearson's chi-squared over its degrees: of a Poisson model 1 where chance alone is left."""
        left = len(self.mean) - len(self.coefficients)
        return float((self.working * self.residuals**2).sum() / left)

    def ratio_at(self, matrix: Numbers) -> Numbers:
        """The ratio that the model gives columns of the design."""
        linear = self.coefficients[0] + matrix @ self.coefficients[1:]
        return np.asarray(linear if self.form == "weighted" else np.exp(linear))


def fit(design: Design, form: str, *, robust: bool = True) -> Fit:
    """Fit; `robust` false leaves the covariance out, for fits of which only the coefficients are wanted.

    Standard errors are clustered where the design has groups, else those of White (HC1). Raises `NeedsError`
    where the fit does not settle, and where statsmodels is not installed.
    """
    api = statsmodels()
    exog = np.column_stack([np.ones(len(design.ratio)), design.matrix])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of them is checked below and said in our own words
        model, start = _model(api, design, form, exog)
        held = model.fit(**start) if not robust else model.fit(**start, **_robust(design))
    coefficients = np.asarray(held.params, dtype=float)
    if not getattr(held, "converged", True) or not np.isfinite(coefficients).all():
        raise NeedsError(
            f"The {form} model did not settle on coefficients: look for a variable that tells areas with and "
            "without any outcome apart completely, and leave it out."
        )
    linear = exog @ coefficients
    mean = linear if form == "weighted" else np.exp(linear)
    working, residuals = _last_step(design, form, mean)
    return Fit(
        design,
        form,
        coefficients,
        np.asarray(held.cov_params(), dtype=float) if robust else np.full((exog.shape[1],) * 2, np.nan),
        _freedom(design, exog),
        mean,
        working,
        residuals,
        deviance(form, design, mean),
        deviance(form, design, np.full(len(mean), null_ratio(form, design))),
        _said(design),
    )


def statsmodels() -> ModuleType:
    """The library that fits. Raises `NeedsError` where it is not installed, naming the extra."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import statsmodels.api as api
    except ImportError as error:
        raise NeedsError(
            "Need models are fitted with statsmodels, which is not installed: pip install 'speccom[needs]'."
        ) from error
    module: ModuleType = api
    return module


def null_ratio(form: str, design: Design) -> float:
    """The ratio of a model with the constant alone."""
    weights = design.weights * (design.reference if form == "poisson" else 1)
    return float(np.average(design.ratio, weights=weights))


def deviance(form: str, design: Design, mean: Numbers) -> float:
    """How far ratios lie from what a model gives them, in its own measure: squares, or twice the log-likelihood."""
    ratio, weights = design.ratio, design.weights
    if form == "weighted":
        return float((weights * (ratio - mean) ** 2).sum())
    if form == "poisson":
        seen, told = ratio * design.reference, mean * design.reference
        logs = np.where(seen > 0, seen * np.log(np.where(seen > 0, seen, 1) / told), 0)
        return float(2 * (weights * (logs - (seen - told))).sum())
    return float(2 * (weights * (ratio / mean - 1 - np.log(ratio / mean))).sum())


def limits(fitted: Fit, level: float = 0.95) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Of each coefficient: standard error, lower and upper limit by Student's t, how likely by chance."""
    errors = np.sqrt(np.diag(fitted.covariance))
    times = stats.t.ppf((1 + level) / 2, fitted.freedom)
    chance = 2 * stats.t.sf(np.abs(fitted.coefficients / errors), fitted.freedom)
    return (
        errors,
        fitted.coefficients - times * errors,
        fitted.coefficients + times * errors,
        np.asarray(chance),
    )


def _model(api: ModuleType, design: Design, form: str, exog: Numbers) -> tuple[Any, dict[str, Any]]:
    if form == "weighted":
        return api.WLS(design.ratio, exog, weights=design.weights), {}
    settle: dict[str, Any] = {"maxiter": 100, "tol": 1e-10, "tol_criterion": "params"}
    if form == "poisson":
        seen = design.ratio * design.reference
        model = api.GLM(
            seen,
            exog,
            family=api.families.Poisson(),
            offset=np.log(design.reference),
            var_weights=design.weights,
        )
        return model, settle
    family = api.families.Gamma(link=api.families.links.Log())
    return api.GLM(design.ratio, exog, family=family, var_weights=design.weights), settle


def _robust(design: Design) -> dict[str, Any]:
    if design.groups is None:
        return {"cov_type": "HC1"}
    codes = np.unique(np.array(design.groups), return_inverse=True)[1]
    if codes.max() == 0:
        raise NeedsError(
            f"All areas are in one cluster, {design.groups[0]!r}: name another column as cluster or none."
        )
    return {"cov_type": "cluster", "cov_kwds": {"groups": codes}}


def _freedom(design: Design, exog: Numbers) -> float:
    if design.groups is not None:
        return float(len(set(design.groups)) - 1)
    return float(exog.shape[0] - exog.shape[1])


def _said(design: Design) -> str:
    if design.groups is None:
        return "Standard errors are robust to unequal variance (White, HC1)."
    clusters = len(set(design.groups))
    few = (
        f" {clusters} clusters are few: the limits are likely too narrow." if clusters < FEW_CLUSTERS else ""
    )
    return f"Standard errors are robust and clustered, {clusters} clusters.{few}"


def _last_step(design: Design, form: str, mean: Numbers) -> tuple[Numbers, Numbers]:
    """Working weights and residuals on the scale of the linear predictor."""
    if form == "weighted":
        return design.weights, design.ratio - mean
    working = design.weights * (design.reference * mean if form == "poisson" else 1)
    return working, design.ratio / mean - 1
