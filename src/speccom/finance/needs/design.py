"""Turns areas into what a regression takes: response, reference, weights, and columns that are 0 at their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speccom.finance.needs.area_table import Areas
from speccom.finance.needs.model_file import NeedModel, NeedsError
from speccom.insight.statistics.numbers import Flags, Numbers

_ALIKE = 1e-9
"""A column that varies by no more than this part of its size is constant."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column: `part` is need, supply or dummy; `mean` and `deviation` are its own, weighted by population.

    In the design a column has its mean taken off and is divided by `scale`, so that supply at its mean is 0.
    """

    name: str
    part: str
    mean: float
    deviation: float
    scale: float


@dataclass(frozen=True, eq=False)
class Design:
    """`matrix` has a column for each term and no constant. `reference` is what an area would have at the national
    ratio or rate, so that `ratio` = outcome ÷ reference averages to 1 weighted by it. `weights` average to 1."""

    terms: tuple[Term, ...]
    matrix: Numbers
    ratio: Numbers
    reference: Numbers
    population: Numbers
    weights: Numbers
    groups: tuple[str, ...] | None

    @property
    def need(self) -> Flags:
        """Which terms are need."""
        return np.array([term.part == "need" for term in self.terms], dtype=bool)

    def rows(self, chosen: Flags) -> Design:
        """Some of the areas; columns stay centred where they were."""
        groups = self.groups and tuple(np.array(self.groups)[chosen].tolist())
        return replace(
            self,
            matrix=self.matrix[chosen],
            ratio=self.ratio[chosen],
            reference=self.reference[chosen],
            population=self.population[chosen],
            weights=self.weights[chosen] / self.weights[chosen].mean(),
            groups=groups,
        )

    def columns(self, chosen: Flags) -> Design:
        """Some of the terms."""
        terms = tuple(term for term, keep in zip(self.terms, chosen, strict=True) if keep)
        return replace(self, terms=terms, matrix=self.matrix[:, chosen])


def design_of(model: NeedModel, areas: Areas, more: Sequence[str] = ()) -> Design:
    """The design of a model, with `more` candidates among its need. Raises `NeedsError` for columns that do not
    vary, that say the same as others together, or that are more than the areas can tell apart."""
    population = areas.numbers["population"]
    reference = areas.numbers.get("expected", population)
    outcome = areas.numbers["outcome"]
    reference = reference * (outcome.sum() / reference.sum())
    terms, columns = [], []
    for part, names in (("need", (*model.need, *more)), ("supply", model.supply)):
        for name in names:
            term, column = _number(model, areas, name, part, population)
            terms.append(term)
            columns.append(column)
    for name in model.supply_dummies:
        for level, flags in _levels(areas, name):
            mean = float(np.average(flags, weights=population))
            terms.append(Term(f"{name}: {level}", "dummy", mean, float(np.sqrt(mean * (1 - mean))), 1.0))
            columns.append(flags - mean)
    matrix = np.column_stack(columns)
    _enough(areas, matrix)
    _told_apart(areas, terms, matrix)
    weights = areas.numbers.get("weight", population)
    if model.form == "poisson" and "weight" not in areas.numbers:
        weights = np.ones(len(areas))  # the offset already gives large areas their weight
    return Design(
        tuple(terms),
        matrix,
        outcome / reference,
        reference,
        population,
        weights / weights.mean(),
        areas.words.get("cluster"),
    )


def _number(
    model: NeedModel, areas: Areas, name: str, part: str, population: Numbers
) -> tuple[Term, Numbers]:
    values = areas.numbers[name]
    mean = float(np.average(values, weights=population))
    deviation = float(np.sqrt(np.average((values - mean) ** 2, weights=population)))
    if deviation <= _ALIKE * max(abs(mean), float(np.abs(values).max())):
        raise NeedsError(
            f"{areas.file}, {name}: is {values[0]:g} in all {len(areas):,} areas, so its effect cannot be told; "
            "leave it out of the model."
        )
    return Term(model.titled(name), part, mean, deviation, deviation), (values - mean) / deviation


def _levels(areas: Areas, name: str) -> list[tuple[str, Numbers]]:
    """Each level but the first, which the others are held against, as 0 and 1."""
    held = np.array(areas.words[name])
    levels = sorted(set(areas.words[name]))
    if len(levels) == 1:
        raise NeedsError(f"{areas.file}, {name}: is {levels[0]!r} in every area; leave it out of the model.")
    return [(level, (held == level).astype(float)) for level in levels[1:]]


def _enough(areas: Areas, matrix: Numbers) -> None:
    coefficients = matrix.shape[1] + 1
    if len(areas) <= coefficients:
        raise NeedsError(
            f"{areas.file}: {len(areas):,} areas for {coefficients:,} coefficients (the constant, variables, and "
            "dummies); give more areas than coefficients, or fewer variables."
        )


def _told_apart(areas: Areas, terms: Sequence[Term], matrix: Numbers) -> None:
    """Refuse columns of which one is a sum of others, naming all of them."""
    length = np.sqrt((matrix**2).sum(axis=0))
    _, singular, rotated = np.linalg.svd(
        np.column_stack([np.ones(len(matrix)) / np.sqrt(len(matrix)), matrix / length]), full_matrices=False
    )
    if singular[-1] > 1e-7 * singular[0]:
        return
    parts = np.abs(rotated[-1])
    named = [term.name for term, size in zip(terms, parts[1:], strict=True) if size > 1e-3 * parts.max()]
    raise NeedsError(
        f"{areas.file}: perfect collinearity: {', '.join(named[:8])}"
        f"{f' and {len(named) - 8} more' if len(named) > 8 else ''} say the same together, so no effect of one "
        "can be told from the others'; leave one out."
    )
