"""Explains a need index: from a board's share of the target down to coefficients, means and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.needs.kept import Kept
from speccom.finance.needs.model_file import NeedsError

_CENTRED = "Its effect is against England’s mean, so what is at the mean adds nothing."


def working(kept: Kept, area: str) -> Explained:
    """The share of all need-weighted people of one board (or area), with all that it is worked out from.

    Raises `NeedsError` for an area that the model has no row of.
    """
    rows = {row["area"]: row for row in kept.result("index").table.to_pylist()}
    if area not in rows:
        raise NeedsError(f"{area!r} has no row in {kept.name}: choose from {', '.join(sorted(rows))}.")
    row = rows[area]
    source = f"{'; '.join(kept.sources)} (model {kept.version})"
    confidence = Confidence.CHOSEN if kept.synthetic else Confidence.STATED
    people = given(f"People of {area}", "POP", _exact(row["population"]), "people", source, confidence)
    everybody = sum((each["need_weighted_population"] for each in rows.values()), 0.0)
    age = given(
        f"Expected outcome a head of {area}, by age, against England’s",
        "age",
        _exact(row["age_index"]),
        "index",
        source,
        confidence,
    )
    additional = Explained(
        f"Additional need of {area}",
        "additional",
        _exact(row["additional_index"]),
        "index",
        "What its need variables make of the expected outcome, with supply at its mean.",
        _FORMULA[kept.form == "weighted"],
        (
            *_effects(kept, area, source),
            Explained(
                "The same of all areas",
                "the same of all areas",
                _exact(kept.level),
                "",
                "The mean over all areas, weighted by expected outcome, so that additional need averages to 1.",
                "mean of (constant + Σ effect × deviations)"
                if kept.form == "weighted"
                else "mean of exp(constant + Σ effect × deviations)",
            ),
        ),
    )
    index = Explained(
        f"Need index of {area}",
        "N",
        _exact(row["need_index"]),
        "index",
        "Need for each head, against 1 for all areas.",
        "N = age × additional",
        (age, additional),
    )
    weighted = Explained(
        f"Need-weighted people of {area}",
        "NWP",
        _exact(row["need_weighted_population"]),
        "people",
        "People, each counted by need.",
        "NWP = POP × N",
        (people, index),
    )
    return Explained(
        f"Share of {area} in all need-weighted people",
        "share",
        _exact(row["share"]),
        "share",
        "The area’s part of all need-weighted people.",
        "share = NWP ÷ ΣNWP",
        (
            weighted,
            Explained(
                "Need-weighted people of all areas",
                "ΣNWP",
                _exact(everybody),
                "people",
                "As many as there are people.",
                "ΣNWP = ΣPOP",
            ),
        ),
    )


_FORMULA = {
    True: "additional = (constant + Σ effect × deviations) ÷ the same of all areas",
    False: "additional = mean over its areas of exp(constant + Σ effect × deviations) ÷ the same of all areas",
}


def _effects(kept: Kept, area: str, source: str) -> list[Explained]:
    """The constant, and for each need variable its effect and how far the area's mean lies from England's."""
    terms = kept.result("coefficients").table.to_pylist()
    means = {row["term"]: row for row in kept.result("means").table.to_pylist() if row["area"] == area}
    found = [_estimate(terms[0], "constant", terms[0]["coefficient"], source)]
    for term in terms[1:]:
        if term["part"] == "need":
            found.append(_effect(term, means[term["term"]], source, kept.synthetic))
    held = [term["term"] for term in terms if term["part"] != "need"][1:]
    if held:
        found.append(
            given(
                f"Supply at its mean ({len(held)} columns: {', '.join(held[:3])}{'…' if len(held) > 3 else ''})",
                "supply",
                0,
                "deviations",
                "Speccom’s need model: supply is held at its mean over people, where its columns are 0",
                Confidence.CHOSEN,
            )
        )
    return found


def _effect(term: Mapping[str, Any], mean: Mapping[str, Any], source: str, synthetic: bool) -> Explained:
    name = term["term"]
    return Explained(
        f"What {name} adds",
        "effect × deviations",
        _exact(term["effect"] * mean["deviations"]),
        "",
        _CENTRED,
        "effect × deviations = effect × (mean here − mean of England) ÷ standard deviation",
        (
            _estimate(term, "effect", term["effect"], source),
            given(
                f"{name}: mean here, weighted by expected outcome",
                "mean here",
                _exact(mean["mean"]),
                "",
                source,
                Confidence.CHOSEN if synthetic else Confidence.STATED,
            ),
            given(
                f"{name}: mean of England", "mean of England", _exact(term["mean"]), "", source, "inferred"
            ),
            given(
                f"{name}: standard deviation",
                "standard deviation",
                _exact(term["deviation"]),
                "",
                source,
                "inferred",
            ),
        ),
    )


def _estimate(term: Mapping[str, Any], symbol: str, value: float, source: str) -> Explained:
    limits = (
        f" (95% limits {term['effect_lower']:.4f} to {term['effect_upper']:.4f})"
        if term["effect_lower"] is not None
        else ""
    )
    return given(
        f"{term['term']}: estimated {symbol}{limits}",
        symbol,
        _exact(value),
        "",
        f"fitted on {source}",
        Confidence.INFERRED,
    )


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.10f}")
