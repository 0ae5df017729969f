"""The tables of a need model: every column with its unit and meaning, in the order in which a reader needs them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.finance.needs.area_table import Areas
from speccom.finance.needs.design import Design, Term
from speccom.finance.needs.diagnostics import (
    Influence,
    Tested,
    condition_number,
    inflation,
    tenths,
)
from speccom.finance.needs.fit import Fit, limits
from speccom.finance.needs.index import Need, shares_by
from speccom.finance.needs.model_file import FORMS, NeedModel
from speccom.finance.needs.sensitivity import Variant, parts_of
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.statistics.numbers import Numbers

MOST_INFLUENTIAL = 20
OWN_DUMMIES = "each cluster has a dummy of its own, which leaves nothing between clusters to measure them by"
_MONEY = pa.decimal128(20, 2)
_FLOAT, _WHOLE, _TEXT = pa.float64(), pa.int64(), pa.string()
_Described = tuple[Column, Sequence[Any], pa.DataType]


@dataclass(frozen=True, eq=False)
class Made:
    """What the tables are made of."""

    model: NeedModel
    areas: Areas
    design: Design
    fitted: Fit
    need: Need
    fingerprint: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What was fitted, to what, from which sources."""
        model = self.model
        expected = (
            f"expected: {model.expected}"
            if model.expected
            else "no expected outcome by age is given, so ages count only as far as they are variables"
        )
        supply = ", ".join([*map(model.titled, model.supply), *model.supply_dummies]) or "none"
        return (
            f"{model.name}: {FORMS[model.form]}. {model.service}, {model.year}. {len(self.areas):,} areas; outcome: "
            f"{model.outcome} ({model.unit}); {expected}.",
            f"Need: {', '.join(map(model.titled, model.need))}. Supply, held at its mean over people when need is "
            f"told: {supply}.",
            self.fitted.errors,
            f"Model {self.fingerprint[:12]}; area table {self.areas.file}, SHA-256 {self.areas.sha256[:12]}.",
            *(f"Source: {source}" for source in model.sources),
        )

    def result(
        self,
        title: str,
        columns: Mapping[str, _Described],
        gaps: Sequence[Gap] = (),
        more: Sequence[str] = (),
    ) -> Result:
        table = described({name: column for name, column in columns.items() if column[1] is not None})
        return Result(
            f"{self.model.name}: {title}", table, (*more, *self.notes), tuple(gaps), self.model.synthetic
        )

    def amounts(self, meaning: str, values: Sequence[float] | Numbers) -> _Described:
        """Outcomes in the model's unit: pounds to the penny, or people."""
        if self.model.unit == "£":
            pence = [Decimal(f"{value:.2f}") for value in values]
            return Column("£", meaning), pence, _MONEY
        return Column("people", meaning), [float(value) for value in values], _FLOAT


def coefficients(made: Made) -> Result:
    """A row for the constant and each term: the coefficient for one of its unit, and the effect of a deviation."""
    fitted, terms = made.fitted, made.design.terms
    error, lower, upper, chance = limits(fitted)
    untold = np.array([_own_dummies(made) and part in ("constant", "dummy") for part in _parts(terms)])
    for values in (error, lower, upper, chance):
        values[untold] = np.nan
    scale = np.array([1.0, *(term.scale for term in terms)])
    deviations = [None, *(term.deviation if term.part != "dummy" else None for term in terms)]

    def effect(values: Numbers) -> list[float | None]:
        return [None, *map(float, values[1:])]

    return made.result(
        "coefficients",
        {
            "term": _column("", "what the coefficient is of", ["constant", *(t.name for t in terms)], _TEXT),
            "part": _column(
                "",
                "need, or supply and its dummies, which are held at their mean when need is told",
                _parts(terms),
                _TEXT,
            ),
            "coefficient": _number(_meant(made.model), fitted.coefficients / scale),
            "standard_error": _number("its robust standard error", error / scale),
            "lower": _number("lower 95% limit", lower / scale),
            "upper": _number("upper 95% limit", upper / scale),
            "chance": _column(
                "chance", "of a coefficient as far from 0 by chance alone", chance.tolist(), _FLOAT
            ),
            "effect": _column(
                "",
                "the same for one standard deviation of a variable, or for a dummy at 1 rather than 0",
                effect(fitted.coefficients),
                _FLOAT,
            ),
            "effect_lower": _column("", "its lower 95% limit", effect(lower), _FLOAT),
            "effect_upper": _column("", "its upper 95% limit", effect(upper), _FLOAT),
            "mean": _column("", "the variable’s mean over people", [None, *(t.mean for t in terms)], _FLOAT),
            "deviation": _column("", "its standard deviation over people", deviations, _FLOAT),
            "inflation": _column(
                "",
                "variance inflation: 1 where no other variable says the same, above 10 where others nearly do",
                [None, *inflation(made.design).tolist()],
                _FLOAT,
            ),
        },
        [Gap("The constant and the dummies", "limits", OWN_DUMMIES)] if untold.any() else [],
    )


def measures(made: Made, powers: Tested, by_tenths: Tested, folded: Variant) -> Result:
    """How well the model fits and whether its form does."""
    fitted = made.fitted
    explained = "R²" if fitted.form == "weighted" else "Deviance explained"
    rows: list[tuple[str, float | None, str]] = [
        ("Areas", float(len(made.areas)), "areas fitted on"),
        ("Population", float(made.design.population.sum()), "people of them"),
        ("Coefficients", float(len(fitted.coefficients)), "the constant, variables and dummies"),
        (explained, fitted.explained, "part of the variation between areas that the model explains"),
        (f"{explained}, adjusted", fitted.adjusted, "the same, less what as many columns of noise would"),
        (f"{explained}, out of sample", folded.out_of_sample, f"in areas not fitted on, {folded.what}"),
        ("Dispersion", fitted.dispersion, "Pearson’s chi-squared for each degree of freedom"),
        (
            "Condition number",
            condition_number(made.design),
            "above 30 coefficients lean on each other, and single ones mean little",
        ),
        *_tested("RESET", powers, "below 0.05 the form is likely wrong: try logs, squares or another form"),
        *_tested("Tenths", by_tenths, "below 0.05 the prediction is off in some tenth: see calibration"),
    ]
    gaps = [
        Gap(f"{name} test", "result", test.why_not)
        for name, test in (("RESET", powers), ("Tenths", by_tenths))
        if test.why_not
    ]
    if folded.why_not:
        gaps.append(Gap("Out of sample", "result", folded.why_not))
    return made.result(
        "fit and tests",
        {
            "measure": _column("", "what is measured", [row[0] for row in rows], _TEXT),
            "value": _column("", "its value", [row[1] for row in rows], _FLOAT),
            "says": _column("", "what it tells", [row[2] for row in rows], _TEXT),
        },
        gaps,
    )


def index(made: Made) -> Result:
    """Need by board, or by area where no boards are given, against England's 1."""
    parts = parts_of(made.areas)
    by_board = "board" in made.areas.words
    need, population, reference = made.need, made.design.population, made.design.reference

    def summed(values: Numbers) -> Numbers:
        return np.array(list(shares_by(parts, values).values()))

    people = summed(population)
    expected, weighted = summed(reference), summed(need.weighted)
    supplied = summed(need.with_supply * population)
    age = expected / people * people.sum() / expected.sum()
    found = weighted / people
    title = "need index by board" if by_board else "need index by area"
    return made.result(
        title,
        {
            "area": _column("code", "the board" if by_board else "the area", sorted(set(parts)), _TEXT),
            "areas": _column("", "areas in it", _counted(parts), _WHOLE),
            "population": _column("people", "people", people.tolist(), _FLOAT),
            "age_index": _ratio("expected outcome a head, by age, against England’s", age),
            "additional_index": _ratio(
                "what the need variables make of it: need index ÷ age index", found / age
            ),
            "need_index": _ratio("need a head with supply at its mean, against England’s 1", found),
            "need_weighted_population": _column(
                "people", "population × need index; sums to the population", weighted.tolist(), _FLOAT
            ),
            "share": _column(
                "share", "part of all need-weighted people", (weighted / weighted.sum()).tolist(), _FLOAT
            ),
            "with_supply_index": _ratio(
                "the index that leaving supply in would give: not need, but shows what was taken out",
                supplied / people,
            ),
        },
    )


def areas(made: Made) -> Result:
    """Need of each area."""
    words, need = made.areas.words, made.need
    return made.result(
        "need index by area",
        {
            "area": _column("code", "the area", made.areas.codes, _TEXT),
            "area_name": _column("", "its name", words.get("name"), _TEXT),
            "board": _column("code", "its board", words.get("board"), _TEXT),
            "population": _column("people", "people", made.design.population.tolist(), _FLOAT),
            "age_index": _ratio("expected outcome a head, by age, against England’s", need.age),
            "additional_index": _ratio("what the need variables make of it", need.additional),
            "need_index": _ratio("need a head with supply at its mean, against England’s 1", need.index),
            "need_weighted_population": _column(
                "people", "population × need index; sums to the population", need.weighted.tolist(), _FLOAT
            ),
            "with_supply_index": _ratio("the index that leaving supply in would give", need.with_supply),
        },
    )


def residuals(made: Made) -> Result:
    """Observed over predicted (supply included) by board, region and fifth of deprivation."""
    held = made.areas.words
    kinds: list[tuple[str, Sequence[str]]] = [
        (kind, held[kind]) for kind in ("board", "region") if kind in held
    ]
    gaps = []
    if "deprivation" in made.areas.numbers:
        kinds.append(("deprivation", _fifths(made)))
    else:
        gaps.append(Gap("Fifths of deprivation", "residuals", "the model names no column of deprivation"))
    gaps += [
        Gap(
            f"Each {kind}", "remainder", f"{name} gives each a dummy of its own, which takes all that is left"
        )
        for kind, names in kinds
        for name in made.model.supply_dummies
        if held[name] == names
    ]
    if "board" not in held:
        gaps.append(Gap("Boards", "residuals", "the model names no column of boards"))
    rows = [
        (kind, of, np.array([each == of for each in names]))
        for kind, names in kinds
        for of in sorted(set(names))
    ]
    kind_of = _column("", "what the row is: board, region, deprivation", [row[0] for row in rows], _TEXT)
    of = _column("", "which; of deprivation fifth 1 is the most deprived", [row[1] for row in rows], _TEXT)
    chosen = [row[2] for row in rows]
    return made.result("what is left", {"kind": kind_of, "of": of, **_observed(made, chosen)}, gaps)


def calibration(made: Made) -> Result:
    """Observed over predicted by tenths of the prediction, each of like population."""
    places = tenths(made.fitted)
    levels = sorted(set(places.tolist()))
    chosen = [places == level for level in levels]
    ratios = [
        float(np.average(made.fitted.mean[each], weights=made.design.reference[each])) for each in chosen
    ]
    return made.result(
        "calibration",
        {
            "tenth": _column(
                "",
                "1 is the tenth of people with the lowest prediction",
                [int(each) for each in levels],
                _WHOLE,
            ),
            "predicted_ratio": _ratio("predicted ÷ reference", ratios),
            **_observed(made, chosen),
        },
    )


def influential(made: Made, found: Influence) -> Result:
    """The areas that move the coefficients most, by Cook's distance."""
    order = np.argsort(-found.cook, kind="stable")[:MOST_INFLUENTIAL]
    names = ["constant", *(term.name for term in made.design.terms)]
    board = made.areas.words.get("board")
    return made.result(
        "influence",
        {
            "area": _column("code", "the area", [made.areas.codes[each] for each in order], _TEXT),
            "board": _column("code", "its board", board and [board[each] for each in order], _TEXT),
            "cook": _number("Cook’s distance: how far all coefficients move without it", found.cook[order]),
            "leverage": _number("how unlike the others its variables are, 0 to 1", found.leverage[order]),
            "dfbetas": _number(
                "how many standard errors the coefficient that it moves most moves", found.dfbetas[order]
            ),
            "term": _column("", "that coefficient", [names[found.term[each]] for each in order], _TEXT),
            "observed_ratio": _ratio("observed ÷ reference", made.design.ratio[order]),
            "predicted_ratio": _ratio("predicted ÷ reference", made.fitted.mean[order]),
        },
        more=(f"A Cook’s distance above {4 / len(made.areas):.2g} (4 ÷ areas) is worth a look.",),
    )


def sensitivity(made: Made, others: Sequence[Variant]) -> Result:
    """Each other model: what it explains, and whose share of the target it moves most."""
    own = shares_by(parts_of(made.areas), made.need.share)
    moved = [_moved(own, other.shares) for other in others]
    gaps = [Gap(f"{o.kind} {o.what}", "fit", o.why_not) for o in others if o.why_not]
    return made.result(
        "what the answer hangs on",
        {
            "kind": _column("", "what is different", [o.kind for o in others], _TEXT),
            "what": _column("", "which region, variable or parts", [o.what for o in others], _TEXT),
            "explained": _column(
                "share", "of the variation, in areas fitted on", [o.explained for o in others], _FLOAT
            ),
            "out_of_sample": _column(
                "share", "of the variation, in areas not fitted on", [o.out_of_sample for o in others], _FLOAT
            ),
            "mean_change": _column(
                "share", "of target shares that changes hands", [m and m.turned for m in moved], _FLOAT
            ),
            "gains_most": _column("code", "whose share grows most", [m and m.up for m in moved], _TEXT),
            "gain": _column("share", "by how much, of its own share", [m and m.gain for m in moved], _FLOAT),
            "loses_most": _column("code", "whose share falls most", [m and m.down for m in moved], _TEXT),
            "loss": _column("share", "by how much, of its own share", [m and m.loss for m in moved], _FLOAT),
        },
        gaps,
    )


def movers(made: Made, others: Sequence[Variant]) -> Result:
    """The target share of each board (or area) under each other model, against the model's own."""
    own = shares_by(parts_of(made.areas), made.need.share)
    rows = [(other, area) for other in others if other.shares for area in own]
    return made.result(
        "shares under other models",
        {
            "kind": _column("", "what is different", [o.kind for o, _ in rows], _TEXT),
            "what": _column("", "which region or variable", [o.what for o, _ in rows], _TEXT),
            "area": _column("code", "the board, or the area", [area for _, area in rows], _TEXT),
            "share": _column("share", "by the model", [own[area] for _, area in rows], _FLOAT),
            "other_share": _column("share", "by the other", [o.shares[area] for o, area in rows], _FLOAT),
            "change": _column(
                "share", "of its own share", [o.shares[area] / own[area] - 1 for o, area in rows], _FLOAT
            ),
        },
    )


def means(made: Made) -> Result:
    """The mean of each term in each board (or area), weighted by expected outcome, from which its need is told."""
    parts = parts_of(made.areas)
    reference, terms = made.design.reference, made.design.terms
    whole = shares_by(parts, reference)
    rows = []
    for place, term in enumerate(terms):
        if term.part != "dummy":
            sums = shares_by(parts, made.design.matrix[:, place] * reference)
            rows += [(area, term, sums[area] / whole[area]) for area in whole]
    return made.result(
        "means of the variables",
        {
            "area": _column("code", "the board, or the area", [area for area, _, _ in rows], _TEXT),
            "term": _column("", "the variable", [term.name for _, term, _ in rows], _TEXT),
            "part": _column("", "need or supply", [term.part for _, term, _ in rows], _TEXT),
            "mean": _column(
                "", "in its own unit", [t.mean + deviations * t.scale for _, t, deviations in rows], _FLOAT
            ),
            "deviations": _column(
                "", "standard deviations from England’s mean", [each for _, _, each in rows], _FLOAT
            ),
        },
    )


# --- parts


@dataclass(frozen=True, slots=True)
class _Moved:
    turned: float
    up: str
    gain: float
    down: str
    loss: float


def _moved(own: Mapping[str, float], other: Mapping[str, float]) -> _Moved | None:
    if not other:
        return None
    change = {area: other[area] / share - 1 for area, share in own.items()}
    up, down = max(change, key=change.__getitem__), min(change, key=change.__getitem__)
    turned = sum(abs(other[area] - share) for area, share in own.items()) / 2
    return _Moved(turned, up, change[up], down, change[down])


def _observed(made: Made, chosen: Sequence[Any]) -> dict[str, _Described]:
    """Areas, people, observed and predicted outcome of some sets of areas."""
    outcome, told = made.areas.numbers["outcome"], made.fitted.mean * made.design.reference
    behind = outcome if made.model.unit != "£" else made.areas.numbers.get("people")
    observed = np.array([outcome[each].sum() for each in chosen])
    predicted = np.array([told[each].sum() for each in chosen])
    columns = {
        "areas": _column("", "areas", [int(np.sum(each)) for each in chosen], _WHOLE),
        "population": _column(
            "people", "people", [float(made.design.population[each].sum()) for each in chosen], _FLOAT
        ),
        "observed": made.amounts("what was", observed),
        "predicted": made.amounts("what the model tells, supply included", predicted),
        "observed_over_predicted": _ratio(
            "observed ÷ predicted: 1 where nothing is left", observed / predicted
        ),
    }
    if behind is not None:
        count = [float(behind[each].sum()) for each in chosen]
        columns["people_behind"] = _column("people", "patients or cases behind what was", count, _FLOAT)
    return columns


def _fifths(made: Made) -> list[str]:
    """The fifth of each area by deprivation, 1 the most deprived, of like population each."""
    order = np.argsort(-made.areas.numbers["deprivation"], kind="stable")
    population = made.design.population[order]
    middle = (np.cumsum(population) - population / 2) / population.sum()
    places = np.empty(len(order), dtype=int)
    places[order] = np.minimum(np.floor(middle * 5), 4) + 1
    return [str(place) for place in places]


def _tested(name: str, test: Tested, says: str) -> list[tuple[str, float | None, str]]:
    if test.why_not:
        return [(f"{name} test, chance", None, f"not made: {test.why_not}")]
    words = f"F with {test.degrees} and {test.freedom:.0f} degrees of freedom"
    return [(f"{name} test, F", test.statistic, words), (f"{name} test, chance", test.chance, says)]


def _meant(model: NeedModel) -> str:
    if model.log:
        return "change of the logarithm of the ratio for one more of the variable’s unit"
    return "change of outcome ÷ expected (England: 1) for one more of the variable’s unit"


def _parts(terms: Sequence[Term]) -> list[str]:
    return ["constant", *(term.part for term in terms)]


def _own_dummies(made: Made) -> bool:
    """Whether some dummies are of the clusters themselves, or of groups within them."""
    cluster = made.areas.words.get("cluster")
    if cluster is None:
        return False
    return any(
        len({*zip(cluster, made.areas.words[name], strict=True)}) == len(set(made.areas.words[name]))
        for name in made.model.supply_dummies
    )


def _counted(parts: Sequence[str]) -> list[int]:
    counts: dict[str, int] = {}
    for part in parts:
        counts[part] = counts.get(part, 0) + 1
    return [counts[part] for part in sorted(counts)]


def _column(unit: str, meaning: str, values: Any, kind: pa.DataType) -> _Described:
    if values is not None and kind == _FLOAT:
        values = [None if value is None or math.isnan(value) else value for value in values]
    return Column(unit, meaning), values, kind


def _number(meaning: str, values: Numbers) -> _Described:
    return _column("", meaning, [float(value) for value in values], _FLOAT)


def _ratio(meaning: str, values: Numbers | Sequence[float]) -> _Described:
    return _column("ratio", meaning, [float(value) for value in values], _FLOAT)
