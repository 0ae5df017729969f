"""What each function that a file of published values names computes here; reads no file and compares nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from speccom.insight.statistics import control_chart, funnel, intervals, overdispersion, rates
from speccom.insight.statistics.numbers import Estimate, Limits, multiplier_of, numbers

COMPANION = "companion"
"""The input under which the contents of the file beside the vectors are given."""

Inputs = Mapping[str, Any]


class NotComputed(Exception):
    """A function or measure that is not known here, or an input that is missing or of no use."""


def compute(function: str, measure: str, inputs: Any) -> object:
    """One measure of one function: a number, an array of them, a word or a list of words.

    `inputs` is what the JSON of a row says, with the file it names under `COMPANION`. Errors: `NotComputed`, and
    `StatisticsError` for numbers that the method refuses.
    """
    name = ALIASES.get(function, function)
    if name not in FUNCTIONS:
        raise NotComputed(f"the function {function!r} is not known: it is none of {', '.join(FUNCTIONS)}")
    try:
        measures = FUNCTIONS[name](inputs)
    except (TypeError, ValueError, AttributeError) as error:
        raise NotComputed(f"the inputs cannot be used: {error}") from error
    if measure not in measures:
        raise NotComputed(
            f"the measure {measure!r} of {function!r} is not known: it is none of {', '.join(measures)}"
        )
    return measures[measure]


def _given(inputs: Any, *names: str, default: Any = None) -> Any:
    """The first of `names` that the inputs give."""
    if not isinstance(inputs, dict):
        raise NotComputed(f"the inputs must be an object with {names[0]!r}")
    for name in names:
        if name in inputs:
            return inputs[name]
    if default is None:
        raise NotComputed(f"the input {names[0]!r} is missing")
    return default


def _beside(inputs: Any) -> Any:
    if COMPANION not in inputs:
        raise NotComputed("the input 'inputs', which names a file beside this one, is missing")
    return inputs[COMPANION]


def _flag(inputs: Any, name: str, default: bool) -> bool:
    value = _given(inputs, name, default=default)
    if not isinstance(value, bool):
        raise NotComputed(f"the input {name!r} must be true or false")
    return value


CONFIDENCES = {"95": 0.95, "99_8": 0.998}


def _with_limits(inputs: Any, computed: Callable[[float], Estimate]) -> dict[str, object]:
    """value, then lower95, upper95, lower99_8, upper99_8; lower and upper at the confidence asked."""
    asked = {"": _given(inputs, "confidence", default=0.95), **CONFIDENCES}
    found = {suffix: computed(level) for suffix, level in asked.items()}
    measures: dict[str, object] = {"value": found[""].value}
    for suffix, result in found.items():
        measures |= {f"lower{suffix}": result.lower, f"upper{suffix}": result.upper}
    return measures


def _one_limit(side: str, method: Callable[..., Limits], *names: str) -> Callable[[Any], dict[str, object]]:
    def measures(inputs: Any) -> dict[str, object]:
        limits = method(*(_given(inputs, name) for name in names), _given(inputs, "confidence", default=0.95))
        return {side: getattr(limits, side)}

    return measures


def _proportion(inputs: Any) -> dict[str, object]:
    x, n, multiplier = _given(inputs, "x"), _given(inputs, "n"), _given(inputs, "multiplier", default=1)
    return _with_limits(inputs, lambda level: rates.proportion(x, n, multiplier=multiplier, confidence=level))


def _rate(inputs: Any) -> dict[str, object]:
    x, n = _given(inputs, "x"), _given(inputs, "n")
    multiplier = _given(inputs, "multiplier", default=100_000)
    return _with_limits(inputs, lambda level: rates.crude_rate(x, n, multiplier=multiplier, confidence=level))


def _part(inputs: Any, of: Any, name: str) -> Any:
    """A named part of the inputs, or of the file that they name."""
    if not isinstance(of, dict) or name not in of:
        raise NotComputed(f"the inputs give no {name!r}")
    return of[name]


def _area(inputs: Any) -> tuple[Any, Any]:
    area = _given(inputs, "area")
    if isinstance(area, str):
        area = _part(inputs, _part(inputs, _beside(inputs), "areas"), area)
    return _part(inputs, area, "count"), _part(inputs, area, "population")


def _indirect(
    method: Callable[..., Estimate], default: float, *names: str
) -> Callable[[Any], dict[str, object]]:
    def measures(inputs: Any) -> dict[str, object]:
        events, population = _area(inputs)
        reference = inputs.get("reference") or _part(inputs, _beside(inputs), "reference")
        against = _part(inputs, reference, "count"), _part(inputs, reference, "population")
        multiplier = _given(inputs, *names, default=default)
        return {
            "observed": numbers("count", events).sum(),
            "expected": rates.expected_events(population, *against),
            **_with_limits(
                inputs,
                lambda level: method(events, population, *against, multiplier=multiplier, confidence=level),
            ),
        }

    return measures


def _direct(inputs: Any) -> dict[str, object]:
    events, population = _area(inputs)
    standard = _given(inputs, "stdpop")
    if isinstance(standard, str):
        standard = _part(inputs, _beside(inputs), standard)
    multiplier = _given(inputs, "multiplier", default=100_000)
    return {
        "total_count": numbers("count", events).sum(),
        "total_pop": numbers("population", population).sum(),
        **_with_limits(
            inputs,
            lambda level: rates.directly_standardised_rate(
                events, population, standard, multiplier=multiplier, confidence=level
            ),
        ),
    }


SIGMAS = {"2s": funnel.TWO_SIGMA, "3s": funnel.THREE_SIGMA}


def _ratio_funnel(inputs: Any) -> dict[str, object]:
    observed = _given(inputs, "observed_events", "observed")
    multiplier = _given(inputs, "multiplier", default=100)
    measures: dict[str, object] = {}
    for sigma, level in SIGMAS.items():
        events = funnel.expected_on_ratio_limits(observed, level)
        ratios = funnel.ratios_on_limits(observed, level, multiplier=multiplier)
        for side in ("lower", "upper"):
            measures[f"{side}_{sigma}_exp_events"] = getattr(events, side)
            for ratio in ("isr", "smr"):
                measures[f"{side}_{sigma}_{ratio}"] = getattr(ratios, side)
    return measures


def _proportion_funnel(inputs: Any) -> dict[str, object]:
    average = _given(inputs, "average_proportion")
    multiplier = multiplier_of(_given(inputs, "multiplier", default=1))
    measures: dict[str, object] = {"baseline": numbers("average_proportion", average) * multiplier}
    for sigma, level in SIGMAS.items():
        limits = funnel.proportion_limits(_given(inputs, "population"), average, level)
        for side in ("lower", "upper"):
            measures[f"{side}_{sigma}"] = getattr(limits, side) * multiplier
    return measures


def _classes(found: Any) -> dict[str, object]:
    words = funnel.words(found)
    return {"class": words if np.ndim(found) else words[0]}


def _ratio_class(inputs: Any) -> dict[str, object]:
    return _classes(funnel.ratio_significance(_given(inputs, "observed"), _given(inputs, "expected")))


def _proportion_class(inputs: Any) -> dict[str, object]:
    return _classes(
        funnel.proportion_significance(
            _given(inputs, "x", "observed"),
            _given(inputs, "n", "population"),
            _given(inputs, "average_proportion"),
        )
    )


def _ratio_limits(inputs: Any) -> dict[str, object]:
    expected, target = _given(inputs, "expected"), _given(inputs, "target", default=1)
    measures: dict[str, object] = {}
    for suffix, level in {"95": 0.95, "998": 0.998}.items():
        limits = funnel.ratio_limits(expected, level, target=target)
        measures |= {f"ll{suffix}": limits.lower, f"ul{suffix}": limits.upper}
    return measures


def _overdispersion(method: Callable[..., overdispersion.Overdispersion], share: str) -> Any:
    def measures(inputs: Any) -> dict[str, object]:
        expected = _given(inputs, "denominator", "expected")
        found = method(
            _given(inputs, "numerator", "observed"),
            expected,
            target=_given(inputs, "target", default=1),
            **{share: _given(inputs, "trim", "winsorise", default=0.1)},
        )
        measures: dict[str, object] = {
            "phi": found.phi,
            "phi_untrimmed": found.phi_all,
            "phi_unadjusted": found.phi_all,
            "tau2": found.tau_squared,
            "tau": np.sqrt(found.tau_squared),
            "n": found.units,
            "z": found.z,
            "z_adjusted": found.z_adjusted,
        }
        for suffix, level in {"95": 0.95, "998": 0.998}.items():
            limits = found.limits(expected, level)
            measures |= {f"od{side}{suffix}": getattr(limits, s) for side, s in _SIDES.items()}
            measures |= {f"{side}{suffix}": getattr(limits, s) for side, s in _SIDES.items()}
        return measures

    return measures


_SIDES = {"ll": "lower", "ul": "upper"}


def _xmr(inputs: Any) -> dict[str, object]:
    chart = control_chart.xmr(
        _given(inputs, "y", "values"),
        rebase=_given(inputs, "rebase", default=()),
        fix_after_n_points=_given(inputs, "fix_after_n_points", default=0) or None,
        screen_outliers=_flag(inputs, "screen_outliers", True),
        improvement=_given(inputs, "improvement", "improvement_direction", default="increase"),
        target=_given(inputs, "target", default=math.nan),
    )
    close = control_chart.CLOSE
    measures = {
        "mean": chart.mean,
        "lpl": chart.lower,
        "upl": chart.upper,
        "nlpl": chart.mean + (chart.lower - chart.mean) * close,
        "nupl": chart.mean + (chart.upper - chart.mean) * close,
        "amr": chart.mean_moving_range,
        "n": chart.points,
    }
    # A single baseline has one mean and one pair of limits; with rebasing each month has its own.
    single = not inputs.get("rebase")
    return {
        **{name: values[0] if single else values for name, values in measures.items()},
        "point_type": [control_chart.PointType(int(code)).word for code in chart.point_type],
        "assurance": control_chart.Assurance(int(chart.assurance[-1])).word,
        "flags": (chart.rule != control_chart.Rule.NONE).astype(int),
    }


def _rule(method: Callable[[Any], np.ndarray[Any, Any]], *names: str) -> Callable[[Any], dict[str, object]]:
    return lambda inputs: {"flags": method(inputs if isinstance(inputs, list) else _given(inputs, *names))}


def _assurance(inputs: Any) -> dict[str, object]:
    lower, upper, target = (_given(inputs, name) for name in ("lpl", "upl", "target"))
    improvement = _given(inputs, "improvement", "improvement_direction")
    found = control_chart.assurance(lower, upper, target, improvement)
    words = [control_chart.Assurance(int(code)).word for code in np.ravel(found)]
    return {"assurance": words if np.ndim(found) else words[0]}


FUNCTIONS: dict[str, Callable[[Any], dict[str, object]]] = {
    "byars_lower": _one_limit("lower", intervals.byar, "x"),
    "byars_upper": _one_limit("upper", intervals.byar, "x"),
    "exact_lower": _one_limit("lower", intervals.exact_poisson, "x"),
    "exact_upper": _one_limit("upper", intervals.exact_poisson, "x"),
    "wilson_lower": _one_limit("lower", intervals.wilson, "x", "n"),
    "wilson_upper": _one_limit("upper", intervals.wilson, "x", "n"),
    "phe_proportion": _proportion,
    "phe_rate": _rate,
    "calculate_ISRate": _indirect(
        rates.indirectly_standardised_rate, 100_000, "refvalue_or_multiplier", "multiplier"
    ),
    "calculate_ISRatio": _indirect(
        rates.indirectly_standardised_ratio, 1, "refvalue_or_multiplier", "refvalue"
    ),
    "calculate_dsr": _direct,
    "calculate_funnel_limits(ratio)": _ratio_funnel,
    "calculate_funnel_limits(proportion)": _proportion_funnel,
    "assign_funnel_significance(ratio)": _ratio_class,
    "assign_funnel_significance(proportion)": _proportion_class,
    "calculate_limits(SR,unadjusted)": _ratio_limits,
    "overdispersion SHMI": _overdispersion(overdispersion.shmi, "trim"),
    "overdispersion CQC": _overdispersion(overdispersion.cqc, "winsorise"),
    "ptd_spc_standard": _xmr,
    "seven_point_one_side_mean": _rule(control_chart.seven_point_one_side, "v", "side"),
    "seven_point_trend": _rule(control_chart.seven_point_trend, "y", "values"),
    "part_of_two_in_three": _rule(control_chart.part_of_two_in_three, "v", "close"),
    "assurance_type": _assurance,
}
"""What each function that a file may name does with its inputs: every measure that it has."""

ALIASES = {
    "calculate_funnel_limits(ratio,isr)": "calculate_funnel_limits(ratio)",
    "calculate_funnel_limits(ratio,smr)": "calculate_funnel_limits(ratio)",
    "part_of_two_in_three(v close, same side)": "part_of_two_in_three",
    "ptd_seven_point_one_side_mean": "seven_point_one_side_mean",
    "ptd_seven_point_trend": "seven_point_trend",
    "ptd_part_of_two_in_three": "part_of_two_in_three",
    "ptd_calculate_assurance_type": "assurance_type",
    "phe_dsr": "calculate_dsr",
    "phe_isr": "calculate_ISRate",
    "phe_smr": "calculate_ISRatio",
}
