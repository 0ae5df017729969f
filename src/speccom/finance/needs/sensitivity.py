"""How far the answer hangs on one region, one variable or the areas at hand: refits, and what shares they move."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from speccom.finance.needs.area_table import Areas
from speccom.finance.needs.design import Design, design_of
from speccom.finance.needs.fit import Fit, deviance, fit, null_ratio
from speccom.finance.needs.index import Need, need_of, shares_by
from speccom.finance.needs.model_file import NeedModel, NeedsError
from speccom.insight.statistics.numbers import Flags, Numbers


@dataclass(frozen=True, eq=False)
class Variant:
    """One other model: what is different, what it explains, and the target shares that it would give.

    `out_of_sample` is the part explained in areas that it was not fitted on. No shares where `why_not` says why.
    """

    kind: str
    what: str
    explained: float | None
    out_of_sample: float | None
    need: Need | None
    shares: dict[str, float]
    why_not: str = ""


def variants(model: NeedModel, areas: Areas, design: Design) -> list[Variant]:
    """The model without each region, without each variable, with each candidate, and with supply left out."""
    asked: list[tuple[str, str, Callable[[], Variant]]] = [
        ("without region", region, partial(_without_region, model, areas, design, region))
        for region in sorted(set(areas.words.get("region", ())))
    ]
    for place, term in enumerate(design.terms):
        if term.part != "dummy":
            keep: Flags = np.arange(len(design.terms)) != place
            asked.append(("without variable", term.name, partial(_columns, model, areas, design, keep)))
    if not design.need.all():
        asked.append(("without supply", "all supply", partial(_columns, model, areas, design, design.need)))
    asked += [
        ("with variable", model.titled(name), partial(_with, model, areas, name)) for name in model.candidates
    ]
    return [_tried(kind, what, make) for kind, what, make in asked]


def folds(model: NeedModel, areas: Areas, design: Design) -> Variant:
    """k-fold: each part of the areas told from a model of the others. Parts go by the areas' codes, not by rows."""
    what = f"{model.folds} parts"
    places = np.array(
        [int(hashlib.sha256(code.encode()).hexdigest(), 16) % model.folds for code in areas.codes]
    )
    told = np.empty(len(areas))
    null = np.empty(len(areas))
    try:
        for part in range(model.folds):
            outside = places == part
            if not outside.any():
                continue
            fitted, whole = _fitted_on(design, ~outside, model.form)
            told[outside] = fitted.ratio_at(whole.matrix[outside])
            null[outside] = null_ratio(model.form, design.rows(~outside))
        explained = _explained(model.form, design, told, null)
    except NeedsError as error:
        return Variant("out of sample", what, None, None, None, {}, str(error))
    return Variant("out of sample", what, None, explained, None, {})


def parts_of(areas: Areas) -> Sequence[str]:
    """What target shares are summed by: the boards, or the areas themselves where none are given."""
    return areas.words.get("board", areas.codes)


def _tried(kind: str, what: str, make: Callable[[], Variant]) -> Variant:
    try:
        made = make()
    except NeedsError as error:
        return Variant(kind, what, None, None, None, {}, str(error))
    return Variant(kind, what, made.explained, made.out_of_sample, made.need, made.shares)


def _without_region(model: NeedModel, areas: Areas, design: Design, region: str) -> Variant:
    outside = np.array([each == region for each in areas.words["region"]])
    if outside.all():
        raise NeedsError("It is the only region.")
    fitted, whole = _fitted_on(design, ~outside, model.form)
    left = design.rows(outside)
    null = np.full(outside.sum(), null_ratio(model.form, design.rows(~outside)))
    told = fitted.ratio_at(whole.matrix[outside])
    score = _explained(model.form, left, told, null)
    need = need_of(fitted, whole, areas.codes)
    return Variant("", "", fitted.explained, score, need, shares_by(parts_of(areas), need.share))


def _columns(model: NeedModel, areas: Areas, design: Design, keep: Flags) -> Variant:
    if not keep.any():
        raise NeedsError("Nothing is left to fit.")
    return _whole(model, areas, design.columns(keep))


def _with(model: NeedModel, areas: Areas, candidate: str) -> Variant:
    return _whole(model, areas, design_of(model, areas, [candidate]))


def _whole(model: NeedModel, areas: Areas, design: Design) -> Variant:
    fitted = fit(design, model.form, robust=False)
    need = need_of(fitted, design, areas.codes)
    return Variant("", "", fitted.explained, None, need, shares_by(parts_of(areas), need.share))


def _fitted_on(design: Design, rows: Flags, form: str) -> tuple[Fit, Design]:
    """A fit on some areas, and the design of all areas as that fit reads it: centred on the mean of those some, and
    without columns that they cannot tell, such as the dummies of what was left out."""
    part = design.rows(rows)
    mean = np.average(part.matrix, axis=0, weights=part.population)
    whole = replace(design, matrix=design.matrix - mean)
    whole = whole.columns(_told_apart(whole.matrix[rows], [term.part == "dummy" for term in design.terms]))
    part = whole.rows(rows)
    if len(part.ratio) <= part.matrix.shape[1] + 1 or not _independent(part.matrix):
        raise NeedsError(
            f"{len(part.ratio):,} areas are left, too few or too alike for {part.matrix.shape[1] + 1} coefficients."
        )
    return fit(part, form, robust=False), whole


def _told_apart(matrix: Numbers, dummies: Sequence[bool]) -> Flags:
    """The columns that vary, less a dummy wherever all the levels that are left would sum to a constant."""
    kept: Flags = np.ptp(matrix, axis=0) > 1e-9
    for place in np.flatnonzero(dummies):
        if _independent(matrix[:, kept]):
            break
        kept[place] = False
    return kept


def _independent(matrix: Numbers) -> bool:
    """Whether no column, and no constant, is a sum of others."""
    exog = np.column_stack([np.ones(len(matrix)), matrix])
    exog = exog / np.sqrt((exog**2).sum(axis=0))
    sizes = np.linalg.eigvalsh(exog.T @ exog)
    return bool(sizes[0] > 1e-10 * sizes[-1])


def _explained(form: str, design: Design, told: Numbers, null: Numbers) -> float:
    return 1 - deviance(form, design, told) / deviance(form, design, null)
