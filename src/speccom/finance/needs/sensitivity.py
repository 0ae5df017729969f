"""How far the answer hangs on one region, one variable or the areas at hand: refits, and what shares they move."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    asked: list[tuple[str, str, Callable[[], Variant]]] = []
    for region in sorted(set(areas.words.get("region", ()))):
        asked.append(("without region", region, lambda of=region: _without_region(model, areas, design, of)))
    for place, term in enumerate(design.terms):
        if term.part != "dummy":
            keep = np.arange(len(design.terms)) != place
            asked.append(
                ("without variable", term.name, lambda keep=keep: _columns(model, areas, design, keep))
            )
    if not design.need.all():
        asked.append(("without supply", "all supply", lambda: _columns(model, areas, design, design.need)))
    for name in model.candidates:
        asked.append(("with variable", model.titled(name), lambda of=name: _with(model, areas, of)))
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
            fitted, kept = _fitted_on(design, ~outside, model.form)
            told[outside] = fitted.ratio_at(design.columns(kept).matrix[outside])
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
    fitted, kept = _fitted_on(design, ~outside, model.form)
    left, whole = design.rows(outside), design.columns(kept)
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


def _fitted_on(design: Design, rows: Flags, form: str) -> tuple[Fit, Flags]:
    """A fit on some areas, and the columns that vary among them: a dummy of areas left out has no effect to tell."""
    part = design.rows(rows)
    kept = np.ptp(part.matrix, axis=0) > 1e-9
    part = part.columns(kept)
    exog = np.column_stack([np.ones(len(part.ratio)), part.matrix])
    if len(exog) <= exog.shape[1] or np.linalg.matrix_rank(exog) < exog.shape[1]:
        raise NeedsError(f"{len(exog):,} areas are left, too few or too alike for {exog.shape[1]} coefficients.")
    return fit(part, form, robust=False), kept


def _explained(form: str, design: Design, told: Numbers, null: Numbers) -> float:
    return 1 - deviance(form, design, told) / deviance(form, design, null)
