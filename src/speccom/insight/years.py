"""Many years drawn at random of what services cost areas and their pools; knows counts and costs, no ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.insight.case_costs import CaseCosts, ChanceError, Floats
from speccom.insight.chance import EXACT_BELOW, SAME_EVERY_YEAR

_COLUMNS: dict[str, pa.DataType] = {
    **dict.fromkeys(("service_line", "footprint", "unit"), pa.string()),
    **dict.fromkeys(("expected_cases", "expected_cost", "mean_cost", "variation"), pa.float64()),
    **dict.fromkeys(("cost_5", "cost_50", "cost_95"), pa.float64()),
    **dict.fromkeys(("chance_of_missing", "chance_of_overspending"), pa.float64()),
    "gap": pa.string(),
}
YEARS = pa.schema(_COLUMNS)
NO_CASES = "no cases are expected"
UNKNOWN_CASES = "the expected cases of an area in it are not known"
NO_COSTS = "the cost of a case is not known"

# Years drawn from one stream of random numbers. Part of what a seed means: changing it changes results.
_BLOCK = 250
_PERCENTILES = (0.05, 0.5, 0.95)
# Mean, variation, the percentiles and the two chances.
_MEASURES = 4 + len(_PERCENTILES)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is the same for every line: the units as sets of areas, and how years are drawn."""

    members: list[npt.NDArray[np.intp]]
    q: float
    years: int
    seed: int
    exact_below: float


def simulate_years(
    lines: Sequence[str],
    expected_cases: npt.ArrayLike,
    case_costs: Sequence[CaseCosts | None],
    footprints: Mapping[str, Sequence[str]],
    *,
    seed: int,
    q: float = 0.05,
    years: int = 10_000,
    between_year: Sequence[float] | None = None,
    exact_below: float = EXACT_BELOW,
    workers: int | None = None,
    progress: Callable[[int], None] = lambda lines: None,
) -> pa.Table:
    """Draw `years` years of every line × area and add them up by footprint: the columns of `YEARS`.

    `expected_cases` has a row for each of `lines` and a column for each area; NaN is not known.
    `footprints` names, for each footprint (`icb`, `region` …), the unit that each area belongs to, so that
    a pool's year is the sum of its areas' same year. `between_year` is per line the variance 1/r of a
    factor that all areas share in a year: it does not pool away. Costs are pounds; chances are of a cost
    more than the share `q` from (or above) the expected one.

    Below `exact_below` expected cases a year's cost is the sum of as many drawn case costs as there are
    drawn cases; from there on it is one draw from the gamma distribution of the same mean and variance
    (cases alike in cost are counted at any size).

    The same seed gives the same table, whatever `workers`; a line's rows depend on its code and its own
    numbers only, not on the other lines; more years begin with the same years. `progress` is told how
    many lines are done. A unit with nothing to draw has a `gap` that says why, and no numbers. Raises
    `ChanceError` for arrays that do not match.
    """
    cases = np.asarray(expected_cases, float)
    shared = [0.0] * len(lines) if between_year is None else list(between_year)
    _check(lines, cases, case_costs, shared, footprints)
    _check_asked(q, years, seed)
    units, members = _units(footprints)
    asked = _Asked(members, q, years, seed, exact_below)

    def measure(line: int) -> Floats:
        costs = case_costs[line]
        if costs is None:
            return np.full((len(members), _MEASURES), np.nan)
        return _measures(asked, lines[line], cases[line], costs, shared[line])

    measured = []
    # Threads, since drawing, sorting and adding all leave the interpreter free.
    with ThreadPoolExecutor(workers or default_workers()) as pool:
        for done, found in enumerate(pool.map(measure, range(len(lines))), start=1):
            measured.append(found)
            progress(done)
    return _table(lines, cases, case_costs, units, members, measured)


def default_workers() -> int:
    """As many threads as there are cores, up to four."""
    return min(4, len(os.sched_getaffinity(0)))


def _check(
    lines: Sequence[str],
    cases: Floats,
    costs: Sequence[CaseCosts | None],
    between_year: Sequence[float],
    footprints: Mapping[str, Sequence[str]],
) -> None:
    if cases.ndim != 2 or not len(lines) == len(cases) == len(costs) == len(between_year):
        raise ChanceError(
            "Years can be drawn of a row of expected cases, a distribution of case costs and a variance "
            f"between years for each line: {len(lines)} lines were named."
        )
    if len(set(lines)) < len(lines):
        raise ChanceError("A line is named twice: give each line of service once.")
    if not footprints:
        raise ChanceError("No footprint was named: give one at least, with the unit of each area.")
    for name, units in footprints.items():
        if len(units) != cases.shape[1]:
            raise ChanceError(
                f"The footprint {name} names the units of {len(units)} areas, but cases are given for "
                f"{cases.shape[1]}: name one unit for each area."
            )
    if np.any(cases < 0) or np.any(np.isinf(cases)):
        raise ChanceError("The expected cases must be zero or more, and finite: one given is not.")
    if not all(np.isfinite(variance) and variance >= 0 for variance in between_year):
        raise ChanceError("The variance between years must be zero or more, and finite: one given is not.")


def _check_asked(q: float, years: int, seed: int) -> None:
    if not (np.isfinite(q) and q > 0):
        raise ChanceError("A year's cost can be missed by a share q above zero: give 0.05 for 5%.")
    if years < 2:
        raise ChanceError(f"{years} years show no variation: draw a thousand or more.")
    if seed < 0:
        raise ChanceError(f"{seed} cannot be a seed: give a whole number from 0.")


def _units(
    footprints: Mapping[str, Sequence[str]],
) -> tuple[list[tuple[str, str]], list[npt.NDArray[np.intp]]]:
    """Each footprint's units, in order of first mention, and the areas of each."""
    areas_of: dict[tuple[str, str], list[int]] = {}
    for footprint, units in footprints.items():
        for area, unit in enumerate(units):
            areas_of.setdefault((footprint, unit), []).append(area)
    return list(areas_of), [np.array(areas, dtype=np.intp) for areas in areas_of.values()]


def _measures(asked: _Asked, line: str, cases: Floats, costs: CaseCosts, between_year: float) -> Floats:
    """Per unit: mean, variation, three percentiles (pounds) and the two chances' counts as shares."""
    drawn = _areas_years(asked, line, cases, costs, between_year)
    measured = np.full((len(asked.members), _MEASURES), np.nan)
    for unit, areas in enumerate(asked.members):
        expected = float(cases[areas].sum())
        if expected > 0:
            # Summed in the order of areas whatever the pool, so that no library's order can matter.
            measured[unit] = _summary(drawn[areas].sum(axis=0), expected, asked.q)
    measured[:, 0] *= costs.mean
    measured[:, 2:5] *= costs.mean
    return measured


def _summary(costs: Floats, expected: float, q: float) -> list[float]:
    mean = float(costs.mean())
    variation = float(costs.std(ddof=1)) / mean if mean > 0 else np.nan
    # A sum of costs alike that is exactly q away has not missed by more than q, whatever the rounding.
    rounding = 1e-9 * max(expected, 1.0)
    over = float(np.mean(costs > (1 + q) * expected + rounding))
    under = float(np.mean(costs < (1 - q) * expected - rounding))
    return [mean, variation, *np.quantile(costs, _PERCENTILES), over + under, over]


def _areas_years(asked: _Asked, line: str, cases: Floats, costs: CaseCosts, between_year: float) -> Floats:
    """Cost of each area (rows) in each year (columns), in mean costs of a case; nothing where unknown."""
    known = np.nan_to_num(cases)
    fitted = (known >= asked.exact_below) & (costs.variation > 0)
    summed = (known > 0) & ~fitted
    spread = 1 + costs.variation**2
    drawn = np.zeros((len(cases), asked.years))
    for block, first in enumerate(range(0, asked.years, _BLOCK)):
        random = _stream(asked.seed, line, block)
        # A whole block is drawn even of a part, so that more years begin with the same years.
        part = slice(first, min(first + _BLOCK, asked.years))
        width = part.stop - part.start
        years: Floats = np.ones(_BLOCK)
        if between_year > SAME_EVERY_YEAR:
            years = random.gamma(1 / between_year, between_year, _BLOCK)
        rates = np.outer(known[fitted], years)
        drawn[fitted, part] = (random.standard_gamma(rates / spread) * spread)[:, :width]
        counts = random.poisson(np.outer(known[summed], years))
        drawn[summed, part] = costs.relative_sums(counts, random)[:, :width]
    return drawn


def _stream(seed: int, line: str, block: int) -> np.random.Generator:
    """The random numbers of one line and block of years, the same wherever and whenever drawn."""
    key = int.from_bytes(hashlib.sha256(line.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key, block))))


def _table(
    lines: Sequence[str],
    cases: Floats,
    costs: Sequence[CaseCosts | None],
    units: list[tuple[str, str]],
    members: list[npt.NDArray[np.intp]],
    measured: list[Floats],
) -> pa.Table:
    expected = np.stack([cases[:, areas].sum(axis=1) for areas in members], axis=1).ravel()
    means = np.repeat([own.mean if own else np.nan for own in costs], len(units))
    numbers = np.concatenate(measured) if measured else np.empty((0, _MEASURES))
    gaps = [_gap(number, mean) for number, mean in zip(expected, means, strict=True)]
    columns: Iterable[Floats] = (expected, expected * means, *numbers.T)
    hidden = np.array([gap is not None for gap in gaps], dtype=bool)
    return pa.table(
        [
            pa.array(np.repeat(np.array(lines, dtype=object), len(units)), pa.string()),
            pa.array([footprint for footprint, _ in units] * len(lines), pa.string()),
            pa.array([unit for _, unit in units] * len(lines), pa.string()),
            *(pa.array(column, pa.float64(), mask=hidden | np.isnan(column)) for column in columns),
            pa.array(gaps, pa.string()),
        ],
        schema=YEARS,
    )


def _gap(expected: float, mean: float) -> str | None:
    if np.isnan(expected):
        return UNKNOWN_CASES
    if expected == 0:
        return NO_CASES
    return NO_COSTS if np.isnan(mean) else None
