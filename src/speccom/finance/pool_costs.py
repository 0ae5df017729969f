"""A case's cost told from bands, and parted at a retention into what stays below it and what lies above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from speccom.insight.case_costs import CaseCosts, Floats

# Knots of a gamma distribution put into bands: even in its body, closer and closer in its tail.
_BODY, _TAIL = 200, 200
_TAIL_FROM, _TAIL_TO = 0.05, 1e-12
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False, slots=True)
class Parted:
    """One case's cost parted at a retention: cases at or below it, and what the others cost beyond it.

    `chance` is that of a case beyond the retention. `below` is the cost of a case that is not, and `beyond` the
    pounds above the retention of one that is; each is none where there are no such cases.
    """

    retention: float
    chance: float
    below: CaseCosts | None
    beyond: CaseCosts | None


def parted(costs: CaseCosts, retention: float) -> Parted:
    """The cost of a case parted at `retention` pounds, so that both parts together have the same distribution."""
    if costs.variation == 0:
        over = costs.mean > retention
        return Parted(
            retention,
            1.0 if over else 0.0,
            None if over else costs,
            CaseCosts.alike(costs.mean - retention) if over else None,
        )
    p, v = _table(costs, retention)
    inside = int(np.searchsorted(v, retention, side="right"))
    if inside == 0:
        return Parted(retention, 1.0, None, _of(p, v - retention))
    if inside == len(v):
        return Parted(retention, 0.0, costs, None)
    at = p[inside - 1] + (retention - v[inside - 1]) / (v[inside] - v[inside - 1]) * (
        p[inside] - p[inside - 1]
    )
    low = _of(np.append(p[:inside], at), np.append(v[:inside], retention))
    high = _of(np.insert(p[inside:], 0, at), np.insert(v[inside:], 0, retention) - retention)
    if high is None:
        return Parted(retention, 0.0, costs, None)
    return Parted(retention, float(1 - at), low, high)


def banded(
    low: npt.ArrayLike, high: npt.ArrayLike, weights: npt.ArrayLike, means: npt.ArrayLike
) -> CaseCosts:
    """The distribution whose cost lies in each band with its weight and mean, spread evenly about that mean.

    Bands are given by their ends in pounds, rising and apart; within its band the spread goes as far as the
    nearer end, so every band keeps its mean. Raises `ChanceError` for what cannot be a distribution.
    """
    lower, upper, mean = (np.asarray(each, float) for each in (low, high, means))
    share = np.asarray(weights, float)
    half = np.maximum(np.minimum(mean - lower, upper - mean), 0.0)
    steps = np.concatenate([[0.0], np.cumsum(share) / share.sum()])
    steps[-1] = 1.0
    values = np.maximum.accumulate(np.column_stack([mean - half, mean + half]).ravel())
    return CaseCosts.of_quantiles(np.repeat(steps, 2)[1:-1], values)


def _table(costs: CaseCosts, retention: float) -> tuple[Floats, Floats]:
    """Probabilities and costs of a distribution; one known by its moments is put in bands that part there."""
    if costs.probabilities is not None and costs.values is not None:
        return costs.probabilities, costs.values
    shape = costs.variation**-2
    scale = costs.mean / shape
    body = special.gammaincinv(shape, np.linspace(0, 1 - _TAIL_FROM, _BODY))
    tail = special.gammainccinv(shape, np.geomspace(_TAIL_FROM, _TAIL_TO, _TAIL))
    edges = np.unique(np.concatenate([body, tail, [retention / scale]]))
    chance = -np.diff(special.gammaincc(shape, edges))
    within = -np.diff(special.gammaincc(shape + 1, edges)) * costs.mean
    # The last band has everything that lies beyond it.
    chance[-1] += special.gammaincc(shape, edges[-1])
    within[-1] += special.gammaincc(shape + 1, edges[-1]) * costs.mean
    held = chance > 0
    ends = edges * scale
    top = np.append(ends[1:-1], np.inf)
    mean = within[held] / chance[held]
    found = banded(ends[:-1][held], top[held], chance[held], np.clip(mean, ends[:-1][held], top[held]))
    assert found.probabilities is not None and found.values is not None
    return found.probabilities, found.values


def _of(p: Floats, v: Floats) -> CaseCosts | None:
    """The distribution of one part, its probabilities made to run from 0 to 1; none where it has no weight."""
    weight = p[-1] - p[0]
    if weight <= _NOTHING or v[-1] <= 0:
        return None
    return CaseCosts.of_quantiles(np.clip((p - p[0]) / weight, 0, 1), np.maximum(v, 0.0))
