"""Explains the numbers of a need model's tables: how each was estimated or counted, from what, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from speccom.finance.explained import Confidence, Explained, Value, given
from speccom.finance.needs.kept import Kept
from speccom.finance.needs.model_file import FORMS, NeedsError
from speccom.insight.result import Result, meaning

_OBSERVED = {
    "areas": ("number of the areas", ()),
    "population": ("Σ people of the areas", ("areas",)),
    "observed_over_predicted": ("Σ observed ÷ Σ predicted, to two places", ("areas", "population")),
}
FORMULAS: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "coefficients": {
        "coefficient": ("b, of all b those that fit y = Σ b · x best", ()),
        "standard_error": ("√ of its place in the robust covariance of all b", ("coefficient",)),
        "lower": ("b − t · standard error, t of 95%", ("coefficient", "standard_error")),
        "upper": ("b + t · standard error, t of 95%", ("coefficient", "standard_error")),
        "chance": ("P(|t| > |b ÷ standard error|)", ("coefficient", "standard_error")),
        "effect": ("b · standard deviation", ("coefficient", "deviation")),
        "inflation": ("1 ÷ (1 − R² of the variable on all others)", ()),
    },
    "measures": {"value": ("", ())},
    "calibration": {
        "tenth": ("place by the prediction", ()),
        "predicted_ratio": ("Σ predicted ÷ Σ reference", ("areas", "population")),
        **_OBSERVED,
    },
    "residuals": _OBSERVED,
    "sensitivity": {
        "explained": ("1 − left by the other model ÷ left by none", ()),
        "out_of_sample": ("the same, in areas that it was not fitted on", ()),
        "mean_change": ("Σ |share in the other − share| ÷ 2", ()),
        "gain": ("max (share in the other ÷ share − 1)", ("gains_most",)),
        "loss": ("min (share in the other ÷ share − 1)", ("loses_most",)),
    },
    "index": {
        "with_supply_index": (
            "Σ people × index with supply ÷ Σ people",
            ("population", "need_index"),
        ),
    },
}
"""Of each table the numbers that open: the formula, and the columns of the same row that go into it."""
MEASURES = {
    "R²": "1 − Σ w (y − ŷ)² ÷ Σ w (y − ȳ)²",
    "Deviance": "1 − deviance ÷ deviance of the constant alone",
    "Dispersion": "Pearson’s χ² ÷ degrees of freedom",
    "Condition": "largest ÷ smallest singular value of the variables",
    "RESET": "F test of powers of the prediction added to the model",
    "Tenths": "F test of tenths of the prediction added to the model",
}
"""The formula of a measure, by the first word of its name; the others are counted."""
VARIANTS = {
    "adjusted": "1 − (1 − part explained) · (n − 1) ÷ (n − number of b)",
    "chance": "P(a larger F where the form is right)",
    "out of sample": "1 − left by the model ÷ left by none, both in areas that they were not fitted on",
}
"""The formula of a measure that is told in another way too, by what is said of it after its name."""


def explain_cell(kept: Kept, result: Result, table: str, row: int, number: str) -> Explained:
    """One number of a row (from 1) of a kept table, `result`, which is as everybody may see it.

    Raises `NeedsError` for a table, row or number that is not there.
    """
    if table not in FORMULAS or number not in FORMULAS[table]:
        known = "; ".join(f"{name}: {', '.join(numbers)}" for name, numbers in FORMULAS.items())
        raise NeedsError(f"{number!r} of {table!r} is no number of a need model: choose from {known}.")
    rows = result.table.to_pylist()
    if not 1 <= row <= len(rows):
        raise NeedsError(f"There is no row {row} of {table}: choose from 1 to {len(rows)}.")
    held, (formula, parts) = rows[row - 1], FORMULAS[table][number]
    about = meaning(result.table.schema.field(number))
    words = about.meaning
    if table == "measures":
        name, _, variant = held["measure"].partition(", ")
        formula = VARIANTS.get(variant) or MEASURES.get(name.split()[0], "counted")
        words = held["says"]
    made_up = Confidence.CHOSEN if kept.synthetic else Confidence.STATED
    fitted = f"fitted on {'; '.join(kept.sources)} (model {kept.version})"
    return Explained(
        f"{_named(held)}: {words}",
        number,
        _value(held[number]),
        about.unit if about.unit == "share" else "",
        f"{words[0].upper()}{words[1:]}.",
        formula,
        (
            *(
                given(
                    meaning(result.table.schema.field(name)).meaning,
                    name,
                    _value(held[name]),
                    "",
                    fitted,
                    Confidence.INFERRED,
                )
                for name in parts
                if held.get(name) is not None
            ),
            given("Areas fitted on", "n", kept.areas, "", fitted, made_up),
            given("Form of the model", "form", FORMS[kept.form], "", "the model’s file", Confidence.CHOSEN),
        ),
    )


def _named(row: Mapping[str, Any]) -> str:
    """What a row is of: its words and codes before its first number."""
    words = []
    for value in row.values():
        if not isinstance(value, str):
            break
        words.append(value)
    return ", ".join(words[:2]) or f"Tenth {next(iter(row.values()))}"


def _value(value: Any) -> Value:
    return Decimal(repr(value)) if isinstance(value, float) else value
