"""Compares the methods with a file of published values; knows the file's layout, and no method of its own."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from speccom.errors import SpeccomError
from speccom.insight.statistics import control_chart, funnel, intervals, overdispersion, rates
from speccom.insight.statistics.numbers import Estimate, Limits, StatisticsError

COLUMNS = ("id", "function", "inputs_json", "measure", "expected", "rel_tolerance")
COMPUTED = "computed"
NOT_AVAILABLE = "NA"
"""What stands in the file for a result that is not a number, for a reason that is known."""

Inputs = Mapping[str, Any]


class VectorsError(SpeccomError):
    """A file of vectors that cannot be read: which row, and what is wrong with it."""

    code = "vectors"


class Verdict(StrEnum):
    """What came of one row."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_COMPUTED = "not computed"


@dataclass(frozen=True)
class Checked:
    """One row of the file (numbered from 1, without the header) and what came of it."""

    number: int
    row: Mapping[str, str]
    verdict: Verdict
    computed: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """The columns of the file and every row of it, in order."""

    columns: Sequence[str]
    rows: Sequence[Checked]

    def count(self, verdict: Verdict) -> int:
        return sum(checked.verdict == verdict for checked in self.rows)

    @property
    def all_agree(self) -> bool:
        return self.count(Verdict.AGREES) == len(self.rows)


class NotComputed(Exception):
    """A row that names what is not known here, or lacks an input."""


def verify(path: Path) -> Verification:
    """Compute every row of a CSV file of vectors and compare it with what the row expects.

    Columns: id, function, inputs_json (a JSON object or list; its `inputs` names a JSON file that lies beside
    this one), measure, expected, and rel_tolerance (a number, or `exact` for text and lists); others are kept.
    A row whose function, measure or inputs are not known is not computed, and says why. Errors: a file that
    cannot be read, a missing column, inputs or a tolerance that cannot be read (`VectorsError`, with the row).
    """
    columns, rows = _read(path)
    companion = cache(lambda name: _companion(path.parent, name))
    return Verification(columns, [_check(number, row, companion) for number, row in enumerate(rows, start=1)])


def write(verification: Verification, path: Path) -> None:
    """The file as it came, with the column `computed` (blank where nothing was) added at its end."""
    columns = [name for name in verification.columns if name != COMPUTED]
    try:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, [*columns, COMPUTED], extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({**checked.row, COMPUTED: checked.computed} for checked in verification.rows)
    except OSError as error:
        raise VectorsError(
            f"{path} cannot be written: {error.strerror or error}. Name another with --output."
        ) from error


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            columns = next(reader, [])
            rows = list(reader)
    except OSError as error:
        raise VectorsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise VectorsError(f"{path} is not a CSV file in UTF-8: {error}.") from error
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise VectorsError(
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: "
            f"a file of vectors has {', '.join(COLUMNS)}."
        )
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(columns):
            raise VectorsError(f"{path}, row {number} has {len(row)} values for {len(columns)} columns.")
    return columns, [dict(zip(columns, row, strict=True)) for row in rows if row]


def _companion(folder: Path, name: str) -> Inputs:
    if Path(name).name != name:
        raise VectorsError(f"inputs {name!r} must be the plain name of a file beside the vectors.")
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise VectorsError(
            f"{folder / name}, which the vectors name, cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise VectorsError(f"{folder / name}, which the vectors name, is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise VectorsError(f"{folder / name}, which the vectors name, must hold a JSON object.")
    return found


def _check(number: int, row: Mapping[str, str], companion: Callable[[str], Inputs]) -> Checked:
    inputs, tolerance = _inputs(number, row), _tolerance(number, row)
    try:
        if isinstance(inputs, dict) and "inputs" in inputs:
            inputs = {**inputs, "companion": companion(_text(inputs, "inputs"))}
        result = _compute(row["function"].strip(), row["measure"].strip(), inputs)
    except VectorsError as error:
        raise VectorsError(f"Row {number} ({row['id']}): {error}") from error
    except (NotComputed, StatisticsError) as error:
        return Checked(number, row, Verdict.NOT_COMPUTED, "", str(error))
    computed = _written(result)
    agrees = _agrees(computed, row["expected"], tolerance)
    if agrees is None:
        raise VectorsError(
            f"Row {number} ({row['id']}): {row['expected']!r} is not a number, and its rel_tolerance is not exact."
        )
    reason = "" if agrees else f"expected {row['expected']}, computed {computed}"
    return Checked(number, row, Verdict.AGREES if agrees else Verdict.DIFFERS, computed, reason)


def _inputs(number: int, row: Mapping[str, str]) -> Any:
    try:
        inputs = json.loads(row["inputs_json"])
    except ValueError as error:
        raise VectorsError(f"Row {number} ({row['id']}): inputs_json is not JSON: {error}.") from error
    if not isinstance(inputs, dict | list):
        raise VectorsError(f"Row {number} ({row['id']}): inputs_json must be a JSON object or list.")
    return inputs


def _tolerance(number: int, row: Mapping[str, str]) -> float | None:
    """The relative tolerance; None for exact."""
    text = row["rel_tolerance"].strip()
    if text == "exact":
        return None
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = math.nan
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise VectorsError(
            f"Row {number} ({row['id']}): rel_tolerance {text!r} is neither a number nor exact."
        )
    return tolerance


def _agrees(computed: str, expected: str, tolerance: float | None) -> bool | None:
    """Whether they agree; None where a number was to be expected and there is none."""
    expected = expected.strip()
    if tolerance is None or NOT_AVAILABLE in (computed, expected):
        return bool(_plain(computed) == _plain(expected))
    try:
        return math.isclose(
            float(computed), float(expected), rel_tol=0, abs_tol=tolerance * (abs(float(expected)) or 1)
        )
    except ValueError:
        return None


def _plain(text: str) -> Any:
    """Lists and numbers by value, so that spaces and trailing zeros decide nothing."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _written(result: object) -> str:
    if isinstance(result, str):
        return result
    values = np.asarray(result)
    if values.ndim:
        return json.dumps(values.tolist())
    number = float(values)
    return NOT_AVAILABLE if math.isnan(number) else repr(number)


def _compute(function: str, measure: str, inputs: Any) -> object:
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


def _text(inputs: Inputs, name: str) -> str:
    value = inputs[name]
    if not isinstance(value, str):
        raise VectorsError(f"{name} must be text.")
    return value


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
        area = _part(inputs, _part(inputs, _given(inputs, "companion"), "areas"), area)
    return _part(inputs, area, "count"), _part(inputs, area, "population")


def _indirect(
    method: Callable[..., Estimate], default: float, *names: str
) -> Callable[[Any], dict[str, object]]:
    def measures(inputs: Any) -> dict[str, object]:
        events, population = _area(inputs)
        reference = inputs.get("reference") or _part(inputs, _given(inputs, "companion"), "reference")
        against = _part(inputs, reference, "count"), _part(inputs, reference, "population")
        multiplier = _given(inputs, *names, default=default)
        return {
            "observed": np.sum(np.asarray(events, dtype=float)),
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
        standard = _part(inputs, _given(inputs, "companion"), standard)
    multiplier = _given(inputs, "multiplier", default=100_000)
    return {
        "total_count": np.sum(np.asarray(events, dtype=float)),
        "total_pop": np.sum(np.asarray(population, dtype=float)),
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
    average, multiplier = _given(inputs, "average_proportion"), _given(inputs, "multiplier", default=1)
    measures: dict[str, object] = {"baseline": np.multiply(average, multiplier)}
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
