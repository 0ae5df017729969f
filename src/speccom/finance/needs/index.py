"""Need of each area with supply held at its mean: age and additional needs, index, weighted population and share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speccom.finance.needs.design import Design
from speccom.finance.needs.fit import Fit
from speccom.finance.needs.model_file import NeedsError
from speccom.insight.statistics.numbers import Flags, Numbers


@dataclass(frozen=True, eq=False)
class Need:
    """Indices against England's 1, each averaging to 1 over people (`additional` over expected outcome).

    `age` is expected outcome a head; `additional` what the need variables add to it; `index` both; `weighted` the
    need-weighted population, which sums to the population; `share` its part of the whole. `with_supply` is the
    index that leaving supply in would have given, shown so that what was taken out can be seen. `level` is the
    mean ratio that `additional` is held against.
    """

    age: Numbers
    additional: Numbers
    index: Numbers
    weighted: Numbers
    share: Numbers
    with_supply: Numbers
    level: float


def need_of(fitted: Fit, design: Design, codes: Sequence[str]) -> Need:
    """The need of areas, which may be more than the model was fitted on.

    Supply columns are put at 0, the mean over people of all areas that the design was made of. Raises
    `NeedsError` where a weighted model gives an area no need or less.
    """
    ratio = fitted.ratio_at(np.where(design.need, design.matrix, 0))
    _above_nothing(ratio, codes)
    index = _index(design, ratio)
    weighted = index * design.population
    return Need(
        _index(design, np.ones(len(ratio))),
        ratio / np.average(ratio, weights=design.reference),
        index,
        weighted,
        weighted / weighted.sum(),
        _index(design, fitted.ratio_at(design.matrix)),
        float(np.average(ratio, weights=design.reference)),
    )


def shares_by(names: Sequence[str], shares: Numbers) -> dict[str, float]:
    """Shares summed by what the areas are part of, in the order of the names."""
    unique, places = np.unique(np.array(names), return_inverse=True)
    return dict(
        zip(unique.tolist(), np.bincount(places, weights=shares, minlength=len(unique)).tolist(), strict=True)
    )


def _index(design: Design, ratio: Numbers) -> Numbers:
    """(reference × ratio) a head, against that of all people."""
    a_head = design.reference * ratio / design.population
    return np.asarray(a_head / np.average(a_head, weights=design.population))


def _above_nothing(ratio: Numbers, codes: Sequence[str]) -> None:
    wrong: Flags = ratio <= 0
    if wrong.any():
        places = np.flatnonzero(wrong)
        named = ", ".join(f"{codes[place]} ({ratio[place]:.3f})" for place in places[:5])
        raise NeedsError(
            f"The model gives {len(places):,} area{'s' * (len(places) > 1)} no need or less: {named}. "
            "A sum of effects does not fit areas so far out: choose the form poisson or gamma, or transform."
        )
