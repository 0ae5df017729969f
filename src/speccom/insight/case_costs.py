"""What one case of a service may cost, as a distribution; knows nothing of how many cases there are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

from speccom.errors import SpeccomError

Floats = npt.NDArray[np.float64]

# Buckets of the look-up that draws from a table of quantiles: enough that few hold a knot.
_BUCKETS = 2_000
# Costs drawn at once: few enough that what is computed on the way stays in the processor's cache.
_PIECE = 8_192
# A knot this near a bucket's edge, in probability, is on it.
_EDGE = 1e-12
# Costs that vary by less than this are alike: what rounding leaves of a table of equal costs.
_ALIKE = 1e-6


class ChanceError(SpeccomError):
    """Numbers of which no chance can be computed; the message says which and what they must be."""

    code = "chance"


@dataclass(frozen=True, eq=False, slots=True)
class CaseCosts:
    """The cost of one case, in pounds: `mean`, and `variation`, its standard deviation ÷ mean.

    Made by one of four ways, by what is known: `alike`, `of_moments`, `of_quantiles`, `observed`. With a
    table, the cost at a probability runs straight from knot to knot. With moments alone it is a gamma
    distribution of the same mean and variance.
    """

    mean: float
    variation: float
    probabilities: Floats | None = None
    values: Floats | None = None
    equally_likely: Floats | None = None
    _lines: tuple[Floats, Floats, npt.NDArray[np.bool_]] | None = field(default=None, repr=False)

    @classmethod
    def alike(cls, mean: float) -> CaseCosts:
        """Every case costs `mean` pounds."""
        return cls.of_moments(mean, 0.0)

    @classmethod
    def of_moments(cls, mean: float, variation: float) -> CaseCosts:
        """A gamma distribution of this mean and coefficient of variation; of variation 0, all alike.

        `ChanceError` unless the mean is above zero and the variation zero or more, both finite.
        """
        if not (np.isfinite(mean) and mean > 0):
            raise ChanceError(f"A case cannot cost {mean} pounds on average: give a mean above zero.")
        if not (np.isfinite(variation) and variation >= 0):
            raise ChanceError(f"The cost of a case cannot vary by {variation}: give zero or more.")
        return cls(float(mean), float(variation) if variation > _ALIKE else 0.0)

    @classmethod
    def of_quantiles(cls, probabilities: npt.ArrayLike, values: npt.ArrayLike) -> CaseCosts:
        """The distribution whose cost at `probabilities` (from 0 to 1, rising) is `values` pounds, rising.

        A probability given twice is a jump. Mean and variation are those of the table itself, so the
        last value, the dearest case, matters: a table that stops at the 95th percentile is refused.
        """
        p, v = np.asarray(probabilities, float), np.asarray(values, float)
        if p.ndim != 1 or p.shape != v.shape or len(p) < 2:
            raise ChanceError("A table of case costs needs a cost for each of two probabilities or more.")
        if not (p[0] == 0 and p[-1] == 1 and np.all(np.diff(p) >= 0)):
            raise ChanceError("The probabilities of a table of case costs must rise from 0 to 1.")
        if not (np.all(np.isfinite(v)) and v[0] >= 0 and np.all(np.diff(v) >= 0) and v[-1] > 0):
            raise ChanceError(
                "The costs of a table of case costs must rise from zero or more: take credits out first."
            )
        low, high, width = v[:-1], v[1:], np.diff(p)
        mean = float(width @ (low + high) / 2)
        square = float(width @ (low * low + low * high + high * high) / 3)
        variation = max(0.0, square / mean**2 - 1.0) ** 0.5
        return cls(mean, variation if variation > _ALIKE else 0.0, p, v, _lines=_straight_lines(p, v))

    @classmethod
    def observed(cls, costs: npt.ArrayLike) -> CaseCosts:
        """Each of `costs`, the pounds of cases that there were, equally likely.

        `ChanceError` for fewer than two, from which no spread can be told, and for costs below zero. The
        dearest case to come may be dearer than any yet: of few cases, the spread is likely too small.
        """
        found = np.sort(np.asarray(costs, float).ravel())
        if len(found) < 2:
            raise ChanceError(
                f"How much cases differ in cost cannot be told from {len(found)} of them: "
                "give two or more, or the mean and variation of like cases.",
                code="too_few_cases",
            )
        steps = np.arange(len(found) + 1) / len(found)
        table = cls.of_quantiles(np.repeat(steps, 2)[1:-1], np.repeat(found, 2))
        return cls(table.mean, table.variation, table.probabilities, table.values, found)

    def retained(self, limit: npt.ArrayLike) -> Floats:
        """E[min(X, L)]: mean pounds of a case up to each `limit` in pounds (any shape)."""
        at = np.maximum(np.asarray(limit, float), 0.0)
        if self.variation == 0:
            return np.asarray(np.minimum(at, self.mean))
        if self.probabilities is None or self.values is None:
            shape = self.variation**-2
            scaled = at / self.mean * shape
            below = self.mean * special.gammainc(shape + 1, scaled)
            return np.asarray(below + at * special.gammaincc(shape, scaled))
        p, v = self.probabilities, self.values
        area = np.concatenate([[0.0], np.cumsum(np.diff(p) * (v[:-1] + v[1:]) / 2)])
        knot = np.searchsorted(v, at, side="right") - 1
        inside = (knot >= 0) & (knot < len(v) - 1)
        low = np.clip(knot, 0, len(v) - 2)
        rise = np.where(inside, v[low + 1] - v[low], 1.0)
        share = np.where(inside, (at - v[low]) / rise * (p[low + 1] - p[low]), 0.0)
        part = area[low] + share * (v[low] + at) / 2 + at * (1 - p[low] - share)
        return np.asarray(np.where(knot < 0, at, np.where(inside, part, self.mean)))

    def excess(self, limit: npt.ArrayLike) -> Floats:
        """E[(X − L)⁺]: mean pounds of a case above each `limit` in pounds (any shape)."""
        return np.maximum(self.mean - self.retained(limit), 0.0)

    def dearest(self, chance: float) -> float:
        """Pounds that a case passes with at most this chance; of a table, its last cost."""
        if self.variation == 0:
            return self.mean
        if self.values is not None:
            return float(self.values[-1])
        shape = self.variation**-2
        return float(self.mean / shape * special.gammainccinv(shape, chance))

    def relative_chances(self, step: float, points: int) -> Floats:
        """Chances of costs 0, step, 2·step … (`points` of them), `step` in mean costs; the mean is kept.

        A cost between two of them is shared so that its mean stays, which adds at most step²/4 to the
        variance. What lies beyond the last is given to the last.
        """
        within = self.retained(np.arange(points + 1) * (step * self.mean)) / self.mean
        slopes = np.diff(within) / step
        chances = np.concatenate([[1.0], slopes[:-1]]) - slopes
        chances[-1] += slopes[-1]
        return np.maximum(chances, 0.0)

    def relative_sums(self, cases: npt.NDArray[np.int64], random: np.random.Generator) -> Floats:
        """For each number of cases (any shape), the drawn sum of that many costs, in mean costs."""
        if self.variation == 0:
            return cases.astype(float)
        if self.probabilities is None:
            shape = self.variation**-2
            return np.asarray(random.standard_gamma(cases * shape) / shape)
        ends = np.cumsum(cases.ravel())
        running = np.zeros(1 + (int(ends[-1]) if len(ends) else 0))
        for first in range(1, len(running), _PIECE):
            piece = running[first : first + _PIECE]
            piece[:] = self._draw(len(piece), random)
        np.cumsum(running, out=running)
        sums = running[ends] - running[ends - cases.ravel()]
        return np.asarray(sums.reshape(cases.shape) / self.mean)

    def _draw(self, number: int, random: np.random.Generator) -> Floats:
        """Costs of this many cases, in pounds."""
        if self.equally_likely is not None:
            return np.asarray(self.equally_likely[random.integers(0, len(self.equally_likely), number)])
        assert self.probabilities is not None and self.values is not None and self._lines is not None
        start, slope, knotted = self._lines
        at = random.random(number)
        bucket = (at * _BUCKETS).astype(np.intp)
        drawn = start[bucket] + slope[bucket] * at
        searched = knotted[bucket]
        if searched.any():
            drawn[searched] = _between(self.probabilities, self.values, at[searched])
        return drawn


def _between(p: Floats, v: Floats, at: Floats) -> Floats:
    low = np.clip(np.searchsorted(p, at, side="right") - 1, 0, len(p) - 2)
    return np.asarray(v[low] + (at - p[low]) / (p[low + 1] - p[low]) * (v[low + 1] - v[low]))


def _straight_lines(p: Floats, v: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Per bucket of probability: the line that its costs lie on, and whether a knot spoils that."""
    edges = np.arange(_BUCKETS + 1) / _BUCKETS
    low = np.clip(np.searchsorted(p, edges[:-1] + _EDGE, side="right") - 1, 0, len(p) - 2)
    width = p[low + 1] - p[low]
    slope = np.divide(v[low + 1] - v[low], width, out=np.zeros(_BUCKETS), where=width > 0)
    knotted = (p[low + 1] < edges[1:] - _EDGE) | (width <= _EDGE)
    return v[low] - slope * p[low], slope, knotted
