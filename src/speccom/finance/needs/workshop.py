"""Works through a need model from its file to every table: coefficients, index, residuals, what the answer hangs on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from speccom.finance.needs import tables
from speccom.finance.needs.area_table import Areas, read_areas
from speccom.finance.needs.design import Design, design_of
from speccom.finance.needs.diagnostics import influence, reset, tenths_test
from speccom.finance.needs.fit import Fit, fit
from speccom.finance.needs.index import Need, need_of
from speccom.finance.needs.model_file import NeedModel
from speccom.finance.needs.sensitivity import folds, variants
from speccom.insight.result import Result

SHOWN = {
    "coefficients": "what each variable does, with limits",
    "measures": "fit, tests and collinearity",
    "index": "need of each board (or area), with supply at its mean",
    "areas": "need of each area",
    "residuals": "what is left by board, region and fifth of deprivation",
    "calibration": "observed against predicted by tenths of the prediction",
    "influence": "the areas that move the coefficients most",
    "sensitivity": "other models, and the target shares that they move most",
    "movers": "the share of every board (or area) under each of those models",
    "means": "the mean of each variable in each board (or area)",
}
"""Each table of a workshop with what it says."""


@dataclass(frozen=True, eq=False)
class Workshop:
    """A fitted model with its tables, by the names of `SHOWN`; `fingerprint` is of the model file and its areas."""

    model: NeedModel
    areas: Areas
    design: Design
    fitted: Fit
    need: Need
    results: Mapping[str, Result]
    fingerprint: str


def work_through(model: NeedModel) -> Workshop:
    """Read, check, fit, predict with supply at its mean, and hold the answer against other models.

    Raises `NeedsError` for areas or a model that cannot be fitted. Structure after NHS weighted capitation
    (recalled, see the reference on need models): additional needs are regressed on indirectly standardised
    cost with supply beside them, and supply is put at its national mean when need is told.
    """
    areas = read_areas(model)
    design = design_of(model, areas)
    fitted = fit(design, model.form)
    need = need_of(fitted, design, areas.codes)
    others = [folds(model, areas, design), *variants(model, areas, design)]
    mark = fingerprint(model, areas)
    made = tables.Made(model, areas, design, fitted, need, mark)
    results = {
        "coefficients": tables.coefficients(made),
        "measures": tables.measures(made, reset(fitted), tenths_test(fitted), others[0]),
        "index": tables.index(made),
        "areas": tables.areas(made),
        "residuals": tables.residuals(made),
        "calibration": tables.calibration(made),
        "influence": tables.influential(made, influence(fitted)),
        "sensitivity": tables.sensitivity(made, others),
        "movers": tables.movers(made, others),
        "means": tables.means(made),
    }
    return Workshop(model, areas, design, fitted, need, results, mark)


def fingerprint(model: NeedModel, areas: Areas) -> str:
    """SHA-256 of what was asked and of the area table's bytes: the same inputs have the same, and no others."""
    asked = json.dumps(model.asked, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{asked}\n{areas.sha256}".encode()).hexdigest()
