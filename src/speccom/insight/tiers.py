"""The smallest footprint at which each service is steady enough to plan; knows numbers, no ledger and no law.

A recommendation is arithmetic on the numbers given: who may commission a service is for the register to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.errors import SpeccomError
from speccom.insight.case_costs import CaseCosts, Floats
from speccom.insight.chance import Side, YearCosts
from speccom.insight.years import default_workers

LADDER = ("icb", "multi_icb", "region", "england")

_TEXT, _NUMBER, _COUNT, _TRUTH = pa.string(), pa.float64(), pa.int64(), pa.bool_()


def _schema(columns: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema(columns)


UNITS = _schema(
    {
        **dict.fromkeys(("service_line", "footprint", "unit"), _TEXT),
        **dict.fromkeys(("expected_cases", "expected_cost", "providers", "out_of_area_share"), _NUMBER),
    }
)
LINES = _schema(
    {
        "service_line": _TEXT,
        "recommended": _TEXT,
        "met": _TRUTH,
        "decided_by": _TEXT,
        "by_chance_alone": _TEXT,
        "chance": _NUMBER,
        "margin": _NUMBER,
        "footprint_below": _TEXT,
        "chance_below": _NUMBER,
        "margin_below": _NUMBER,
        "no_longer_if_q_below": _NUMBER,
        "smaller_if_q_from": _NUMBER,
        "providers": _NUMBER,
        "out_of_area_share": _NUMBER,
        "not_judged": _TEXT,
        "settings_that_agree": _NUMBER,
        "gap": _TEXT,
    }
)
RUNGS = _schema(
    {
        "service_line": _TEXT,
        "footprint": _TEXT,
        "units": _COUNT,
        "units_left_out": _COUNT,
        "units_meeting": _COUNT,
        "spend_meeting": _NUMBER,
        "chance": _NUMBER,
        "worst_chance": _NUMBER,
        "margin": _NUMBER,
        "critical_q": _NUMBER,
        "variation": _NUMBER,
        "pooling_gain": _NUMBER,
        "providers": _NUMBER,
        "out_of_area_share": _NUMBER,
        "fails": _TEXT,
        "gap": _TEXT,
    }
)
JUDGED_UNITS = _schema(
    {
        **{name: UNITS.field(name).type for name in UNITS.names},
        **dict.fromkeys(("share_of_cost", "variation", "chance", "margin"), _NUMBER),
        "meets": _TRUTH,
        "gap": _TEXT,
    }
)
SENSITIVITY = _schema(
    {
        "service_line": _TEXT,
        **dict.fromkeys(("q", "alpha"), _NUMBER),
        "fewest_providers": _COUNT,
        "recommended": _TEXT,
        "met": _TRUTH,
    }
)

TRIED = _schema(
    {
        **dict.fromkeys(("service_line", "footprint"), _TEXT),
        **dict.fromkeys(("q", "chance", "providers", "out_of_area_share"), _NUMBER),
    }
)

CHANCE, PROVIDERS, OUT_OF_AREA = "chance", "providers", "out_of_area"
SMALLEST = "smallest footprint"
NO_ACTIVITY = "no activity is expected anywhere"
NO_COSTS = "how much patients differ in cost is not known"
_UNIT_GAPS = {
    "unknown_cases": "the expected patients are not known",
    "no_cases": "no patients are expected",
    "unknown_cost": "the expected cost is not known",
    "no_cost": "no cost is expected",
}
NO_UNIT = "no unit of this footprint has activity"

_ROUNDING = 1e-9
# A search tries so many places at once, so many times over: the interval ends as narrow as of 27 halvings.
_PLACES, _NARROWINGS = 7, 9


class TierError(SpeccomError):
    """A table of units that no recommendation can be made from; the message says what is wrong with it."""

    code = "tiers"


class ThresholdError(SpeccomError):
    """A threshold outside what it can be; the message says what it can."""

    code = "thresholds"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a footprint must meet. The defaults are Speccom's own assumptions, not published policy.

    `q`: how far, as a share, a year's cost may stray from the expected one; `alpha`: with what chance it
    may stray further; `side`: `either`, or `over` to count overspends only. `fewest_providers` a unit needs
    and the `most_out_of_area` its cost may be. `share_of_spend`: the share of a line's expected cost that
    must lie in units that meet alpha (and the providers); 1 asks it of every unit.
    """

    q: float = 0.05
    alpha: float = 0.05
    fewest_providers: int = 2
    most_out_of_area: float = 0.5
    share_of_spend: float = 0.9
    side: Side = "either"

    def __post_init__(self) -> None:
        for name in ("q", "alpha"):
            if not 0 < getattr(self, name) < 1:
                raise ThresholdError(f"{name} is {getattr(self, name)}: give a share between 0 and 1.")
        if self.fewest_providers < 0 or int(self.fewest_providers) != self.fewest_providers:
            raise ThresholdError(
                f"fewest_providers is {self.fewest_providers}: give a whole number from 0 (0 asks for none)."
            )
        if not 0 <= self.most_out_of_area <= 1:
            raise ThresholdError(
                f"most_out_of_area is {self.most_out_of_area}: give a share from 0 to 1 (1 sets no bar)."
            )
        if not 0 < self.share_of_spend <= 1:
            raise ThresholdError(f"share_of_spend is {self.share_of_spend}: give a share above 0, up to 1.")
        if self.side not in ("either", "over"):
            raise ThresholdError(f"side is {self.side!r}: give either or over.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Other thresholds that a recommendation is tried with: every combination of these."""

    q: tuple[float, ...] = (0.025, 0.05, 0.1)
    alpha: tuple[float, ...] = (0.01, 0.05, 0.1, 0.2)
    fewest_providers: tuple[int, ...] = (1, 2, 3)

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self)):
            if not getattr(self, name):
                raise ThresholdError(f"No {name} to try was given: give one at least.")
            for value in getattr(self, name):
                Thresholds(**{name: value})


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Five Arrow tables: a row a line, a line × footprint, a line × unit, a line × other setting, and a line ×
    footprint × other q.

    Columns are those of `LINES`, `RUNGS`, `JUDGED_UNITS`, `SENSITIVITY` and `TRIED`; costs in pounds a year,
    chances and shares from 0 to 1. Each is in the order of line, then ladder, then unit. From `tried`, `decide`
    tells the recommendation at other bars.
    """

    lines: pa.Table
    rungs: pa.Table
    units: pa.Table
    sensitivity: pa.Table
    tried: pa.Table


@dataclass(slots=True)
class _Rows:
    lines: list[dict[str, Any]] = field(default_factory=list)
    rungs: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    sensitivity: list[dict[str, Any]] = field(default_factory=list)
    tried: list[dict[str, Any]] = field(default_factory=list)


def recommend(
    units: pa.Table,
    case_costs: Mapping[str, CaseCosts],
    thresholds: Thresholds | None = None,
    *,
    settings: Settings | None = None,
    between_year: Mapping[str, float] | None = None,
    ladder: Sequence[str] = LADDER,
    progress: Callable[[int], None] = lambda lines: None,
) -> Recommendations:
    """For each line, the smallest footprint of the ladder that meets every threshold, and why.

    `units` has the columns of `UNITS`: a row for each line × footprint × unit, with the patients and pounds
    expected in a year, the number of providers and the share of cost treated out of area; null is not known.
    `case_costs` is per line what one patient costs in a year (only how patients differ matters here, not
    the level), `between_year` per line the variance 1/r that all share in a year (default none).

    A footprint's `chance` is the smallest alpha at which units with `share_of_spend` of its expected cost
    would meet it; `providers` the largest number that units with as much of the cost have;
    `out_of_area_share` that of its whole cost. A line that no footprint suits is given the largest, with
    `met` false. A condition of which nothing is known is not judged, and `not_judged` names it. A line
    without activity or case costs has a `gap` that says so and no recommendation. Raises `TierError` for
    a table that does not fit, `ThresholdError` for thresholds.
    """
    asked = thresholds or Thresholds()
    tried = settings or Settings()
    shared = between_year or {}
    for line, variance in shared.items():
        if not (np.isfinite(variance) and variance >= 0):
            raise TierError(f"{line}: the variance between years is {variance}: give zero or more.")
    apart = list(_by_line(units, ladder))

    def judge(line: str, own: list[dict[str, Any]]) -> _Rows:
        return _recommend_line(line, own, case_costs.get(line), shared.get(line, 0.0), asked, tried, ladder)

    judged = []
    # Threads, since transforming and adding leave the interpreter free.
    with ThreadPoolExecutor(default_workers()) as pool:
        for done, found in enumerate(pool.map(judge, *zip(*apart, strict=True)) if apart else (), start=1):
            judged.append(found)
            progress(done)

    def table(name: str, schema: pa.Schema) -> pa.Table:
        return pa.Table.from_pylist([row for rows in judged for row in getattr(rows, name)], schema)

    return Recommendations(
        table("lines", LINES),
        table("rungs", RUNGS),
        table("units", JUDGED_UNITS),
        table("sensitivity", SENSITIVITY),
        table("tried", TRIED),
    )


def decide(
    tried: pa.Table, thresholds: Thresholds, ladder: Sequence[str] = LADDER
) -> dict[str, dict[str, Any]]:
    """By line, what would be recommended at other bars, from a table of `TRIED`; a q that was not tried has no line.

    Each has `recommended`, `met`, `decided_by`, `chance`, `margin`, `footprint_below` and `chance_below`, as in
    `LINES`. `share_of_spend` and `side` are those that the table was made with. A chance that is not known is not
    judged.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in tried.to_pylist():
        if abs(row["q"] - thresholds.q) < _ROUNDING:
            found.setdefault(row["service_line"], []).append(row)
    return {line: _decided(rows, thresholds, ladder) for line, rows in found.items()}


def _decided(rows: list[dict[str, Any]], bars: Thresholds, ladder: Sequence[str]) -> dict[str, Any]:
    rows.sort(key=lambda row: ladder.index(row["footprint"]))
    fails = [_fails(row["chance"], row["providers"], row["out_of_area_share"], bars) for row in rows]
    chosen, met = _chosen(fails)
    below = rows[chosen - 1] if chosen else None
    chance = rows[chosen]["chance"]
    return {
        "recommended": rows[chosen]["footprint"],
        "met": met,
        "decided_by": ", ".join(_decisive(fails, chosen, met)),
        "chance": chance,
        "margin": None if chance is None else bars.alpha - chance,
        "footprint_below": below and below["footprint"],
        "chance_below": below and below["chance"],
        "providers": rows[chosen]["providers"],
    }


def _fails(chance: float | None, providers: float | None, away: float | None, bars: Thresholds) -> list[str]:
    """The conditions that a rung does not meet; one of which nothing is known is not among them."""
    conditions = (
        (CHANCE, chance is not None and chance > bars.alpha),
        (PROVIDERS, providers is not None and providers < bars.fewest_providers),
        (OUT_OF_AREA, away is not None and away > bars.most_out_of_area + _ROUNDING),
    )
    return [name for name, failed in conditions if failed]


def _decisive(fails: list[list[str]], chosen: int, met: bool) -> list[str]:
    """What the rung below fails, or the largest where none meets the bars."""
    if not met:
        return fails[chosen]
    return fails[chosen - 1] if chosen else [SMALLEST]


def _by_line(units: pa.Table, ladder: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each line's checked rows, in the order of the ladder."""
    if not ladder or len(set(ladder)) < len(ladder):
        raise TierError("A ladder needs one footprint or more, each once, the smallest first.")
    missing = [name for name in UNITS.names if name not in units.column_names]
    if missing:
        raise TierError(f"The table of units has no column {missing[0]}: give {', '.join(UNITS.names)}.")
    try:
        checked = units.select(UNITS.names).cast(UNITS)
    except pa.ArrowInvalid as error:
        raise TierError(
            f"The table of units does not have text and numbers where they belong: {error}."
        ) from error
    rung = {footprint: number for number, footprint in enumerate(ladder)}
    found: dict[str, dict[tuple[int, str], dict[str, Any]]] = {}
    for row in checked.to_pylist():
        place = f"{row['service_line']}, {row['footprint']} {row['unit']}"
        if row["service_line"] is None or row["unit"] is None or row["footprint"] not in rung:
            raise TierError(f"{place}: give a line, a unit and a footprint of {', '.join(ladder)}.")
        key = (rung[row["footprint"]], row["unit"])
        own = found.setdefault(row["service_line"], {})
        if key in own:
            raise TierError(f"{place} is given twice: give each unit of a footprint once.")
        own[key] = {**row, **_numbers(row, place)}
    for line in sorted(found):
        yield line, [found[line][key] for key in sorted(found[line])]


def _numbers(row: Mapping[str, Any], place: str) -> dict[str, float]:
    numbers = {
        name: np.nan if row[name] is None else float(row[name]) for name in UNITS.names if name not in _KEYS
    }
    for name, number in numbers.items():
        if np.isinf(number) or (number < 0 and name != "expected_cost"):
            raise TierError(
                f"{place}: {name} is {number}, which it cannot be; leave empty what is not known."
            )
    if numbers["out_of_area_share"] > 1:
        raise TierError(
            f"{place}: out_of_area_share is {numbers['out_of_area_share']}: give a share up to 1."
        )
    return numbers


_KEYS = ("service_line", "footprint", "unit")


class _Line:
    """One line's units that can be judged, by rung, and what each rung comes to at a q."""

    def __init__(
        self,
        rows: list[dict[str, Any]],
        costs: CaseCosts,
        between_year: float,
        asked: Thresholds,
        ladder: Sequence[str],
    ) -> None:
        self.asked = asked
        self.footprints = [name for name in ladder if any(row["footprint"] == name for row in rows)]
        self.rung = np.array([self.footprints.index(row["footprint"]) for row in rows], dtype=np.intp)
        self.cost, cases, self.own_providers, self.away = (
            np.array([row[name] for row in rows], float)
            for name in ("expected_cost", "expected_cases", "providers", "out_of_area_share")
        )
        self.years = YearCosts(cases, costs, between_year=between_year)
        self.members = [np.flatnonzero(self.rung == number) for number in range(len(self.footprints))]
        self.totals = np.bincount(self.rung, self.cost)
        self.providers = np.array([self._providers(own) for own in self.members])
        self.out_of_area = np.array([self._out_of_area(own) for own in self.members])

    def unit_chances(self, q: float | Floats) -> Floats:
        return self.years.chance_of_missing(q, side=self.asked.side)

    def rung_chances(self, q: float | Floats) -> Floats:
        """Per rung, with one q for all or one each."""
        each = self.unit_chances(np.broadcast_to(q, len(self.members))[self.rung])
        return np.array([self._reached(each[own], self.cost[own]) for own in self.members])

    def _reached(self, numbers: Floats, cost: Floats) -> float:
        """The smallest number that units with `share_of_spend` of the cost do not pass."""
        order = np.argsort(numbers, kind="stable")
        running = np.cumsum(cost[order])
        enough = running >= self.asked.share_of_spend * running[-1] * (1 - _ROUNDING)
        return float(numbers[order][np.argmax(enough)])

    def _providers(self, own: npt.NDArray[np.intp]) -> float:
        known = own[~np.isnan(self.own_providers[own])]
        return -self._reached(-self.own_providers[known], self.cost[known]) if len(known) else np.nan

    def _out_of_area(self, own: npt.NDArray[np.intp]) -> float:
        known = own[~np.isnan(self.away[own])]
        return float(np.average(self.away[known], weights=self.cost[known])) if len(known) else np.nan

    def critical_q(self) -> Floats:
        """Per rung, the smallest q at which its chance is at most alpha (to a 60-millionth of the largest).

        Chebyshev's inequality says from which q on every unit meets alpha: variation ÷ √alpha.
        """
        most = float(self.years.variation.max()) / self.asked.alpha**0.5 * 1.01
        low, high = np.zeros(len(self.members)), np.full(len(self.members), most)
        between = np.arange(1, _PLACES + 1)[:, None] / (_PLACES + 1)
        rung = np.arange(len(self.members))
        for _ in range(_NARROWINGS):
            tried = low + (high - low) * between
            meets = self._enough_meet(self.unit_chances(tried[:, self.rung]))
            first = np.where(meets.any(axis=0), meets.argmax(axis=0), _PLACES)
            edges = np.vstack([low, tried, high])
            low, high = edges[first, rung], edges[first + 1, rung]
        return high

    def _enough_meet(self, each: Floats) -> npt.NDArray[np.bool_]:
        """Per rung, whether units with `share_of_spend` of the cost meet alpha: `_reached` without an order."""
        cost = np.where(each <= self.asked.alpha, self.cost, 0.0)
        meeting = cost @ np.equal.outer(self.rung, np.arange(len(self.members))).astype(float)
        return np.asarray(meeting >= self.asked.share_of_spend * self.totals * (1 - _ROUNDING))

    def fails(self, chances: Floats, alpha: float, fewest_providers: int) -> list[list[str]]:
        """Per rung, the conditions that it does not meet."""
        bars = replace(self.asked, alpha=alpha, fewest_providers=fewest_providers)
        return [
            _fails(*each, bars)
            for each in zip(chances.tolist(), self.providers.tolist(), self.out_of_area.tolist(), strict=True)
        ]


def _chosen(fails: list[list[str]]) -> tuple[int, bool]:
    """The smallest rung that fails nothing, else the largest of all."""
    return next(((rung, True) for rung, failed in enumerate(fails) if not failed), (len(fails) - 1, False))


def _recommend_line(
    name: str,
    rows: list[dict[str, Any]],
    costs: CaseCosts | None,
    between_year: float,
    asked: Thresholds,
    tried: Settings,
    ladder: Sequence[str],
) -> _Rows:
    out = _Rows()
    gaps = [_unit_gap(row) for row in rows]
    judged = [row for row, gap in zip(rows, gaps, strict=True) if gap is None]
    if not judged or costs is None:
        gap = _line_gap(gaps) if not judged else NO_COSTS
        out.lines.append({"service_line": name, "gap": gap})
        out.rungs.extend(_rung_gaps(name, rows, gaps, ladder, gap))
        out.units.extend(_clean({**row, "gap": own or gap}) for row, own in zip(rows, gaps, strict=True))
        return out
    line = _Line(judged, costs, between_year, asked, ladder)
    chances, critical = line.rung_chances(asked.q), line.critical_q()
    fails = line.fails(chances, asked.alpha, asked.fewest_providers)
    each_q = {q: line.rung_chances(q) for q in dict.fromkeys((*tried.q, asked.q))}
    settings = list(_try(name, line, tried, each_q))
    out.sensitivity.extend(settings)
    out.tried.extend(_tried_rows(name, line, each_q))
    out.lines.append(_line_row(name, line, chances, critical, fails, settings))
    out.units.extend(_unit_rows(rows, gaps, line))
    out.rungs.extend(_rung_rows(name, rows, gaps, ladder, line, chances, critical, fails))
    return out


def _unit_gap(row: Mapping[str, Any]) -> str | None:
    cases, cost = row["expected_cases"], row["expected_cost"]
    told = {
        "unknown_cases": np.isnan(cases),
        "no_cases": cases == 0,
        "unknown_cost": np.isnan(cost),
        "no_cost": cost <= 0,
    }
    return next((_UNIT_GAPS[reason] for reason, so in told.items() if so), None)


def _line_gap(gaps: list[str | None]) -> str:
    """Of a line without a unit to judge: the reason that all its units share, if it is not just rest."""
    reasons = set(gaps)
    return str(gaps[0]) if len(reasons) == 1 and gaps[0] != _UNIT_GAPS["no_cases"] else NO_ACTIVITY


def _line_row(
    name: str,
    line: _Line,
    chances: Floats,
    critical: Floats,
    fails: list[list[str]],
    settings: list[dict[str, Any]],
) -> dict[str, Any]:
    asked = line.asked
    chosen, met = _chosen(fails)
    below = chosen - 1 if chosen else None
    # Smaller footprints that only the chance keeps from being recommended.
    waiting = [rung for rung in range(chosen) if fails[rung] == [CHANCE]]
    by_chance = next((rung for rung, chance in enumerate(chances) if chance <= asked.alpha), None)
    unknown = [
        condition
        for condition, numbers in ((PROVIDERS, line.providers), (OUT_OF_AREA, line.out_of_area))
        if np.isnan(numbers).any()
    ]
    footprint = line.footprints[chosen]
    agree = [row["recommended"] == footprint and row["met"] == met for row in settings]
    return _clean(
        {
            "service_line": name,
            "recommended": footprint,
            "met": met,
            "decided_by": ", ".join(_decisive(fails, chosen, met)),
            "by_chance_alone": None if by_chance is None else line.footprints[by_chance],
            "chance": chances[chosen],
            "margin": asked.alpha - chances[chosen],
            "footprint_below": None if below is None else line.footprints[below],
            "chance_below": None if below is None else chances[below],
            "margin_below": None if below is None else asked.alpha - chances[below],
            "no_longer_if_q_below": critical[chosen] if met else None,
            "smaller_if_q_from": min(critical[rung] for rung in waiting) if waiting else None,
            "providers": line.providers[chosen],
            "out_of_area_share": line.out_of_area[chosen],
            "not_judged": ", ".join(unknown) or None,
            "settings_that_agree": float(np.mean(agree)),
        }
    )


def _tried_rows(name: str, line: _Line, each_q: Mapping[float, Floats]) -> Iterator[dict[str, Any]]:
    for q, chances in each_q.items():
        for rung, footprint in enumerate(line.footprints):
            yield _clean(
                {
                    "service_line": name,
                    "footprint": footprint,
                    "q": q,
                    "chance": chances[rung],
                    "providers": line.providers[rung],
                    "out_of_area_share": line.out_of_area[rung],
                }
            )


def _try(name: str, line: _Line, tried: Settings, each_q: Mapping[float, Floats]) -> Iterator[dict[str, Any]]:
    for q in tried.q:
        chances = each_q[q]
        for alpha, fewest in product(tried.alpha, tried.fewest_providers):
            chosen, met = _chosen(line.fails(chances, alpha, fewest))
            yield {
                "service_line": name,
                "q": q,
                "alpha": alpha,
                "fewest_providers": fewest,
                "recommended": line.footprints[chosen],
                "met": met,
            }


def _unit_rows(rows: list[dict[str, Any]], gaps: list[str | None], line: _Line) -> Iterator[dict[str, Any]]:
    chances = line.unit_chances(line.asked.q)
    totals = [line.cost[own].sum() for own in line.members]
    judged = 0
    for row, gap in zip(rows, gaps, strict=True):
        if gap is not None:
            yield _clean({**row, "gap": gap})
            continue
        chance = float(chances[judged])
        yield _clean(
            {
                **row,
                "share_of_cost": line.cost[judged] / totals[line.rung[judged]],
                "variation": line.years.variation[judged],
                "chance": chance,
                "margin": line.asked.alpha - chance,
                "meets": chance <= line.asked.alpha,
            }
        )
        judged += 1


def _rung_rows(
    name: str,
    rows: list[dict[str, Any]],
    gaps: list[str | None],
    ladder: Sequence[str],
    line: _Line,
    chances: Floats,
    critical: Floats,
    fails: list[list[str]],
) -> Iterator[dict[str, Any]]:
    each = line.unit_chances(line.asked.q)
    variations = [np.average(line.years.variation[own], weights=line.cost[own]) for own in line.members]
    for without in _rung_gaps(name, rows, gaps, ladder, NO_UNIT):
        if without["footprint"] not in line.footprints:
            yield without
            continue
        rung = line.footprints.index(without["footprint"])
        own = line.members[rung]
        meeting = each[own] <= line.asked.alpha
        yield _clean(
            {
                **without,
                "gap": None,
                "units_meeting": int(meeting.sum()),
                "spend_meeting": float(line.cost[own][meeting].sum() / line.cost[own].sum()),
                "chance": chances[rung],
                "worst_chance": each[own].max(),
                "margin": line.asked.alpha - chances[rung],
                "critical_q": critical[rung],
                "variation": variations[rung],
                "pooling_gain": 1 - variations[rung] / variations[0],
                "providers": line.providers[rung],
                "out_of_area_share": line.out_of_area[rung],
                "fails": ", ".join(fails[rung]) or None,
            }
        )


def _rung_gaps(
    name: str, rows: list[dict[str, Any]], gaps: list[str | None], ladder: Sequence[str], gap: str
) -> Iterator[dict[str, Any]]:
    for footprint in ladder:
        own = [reason for row, reason in zip(rows, gaps, strict=True) if row["footprint"] == footprint]
        left_out = sum(reason is not None for reason in own)
        yield {
            "service_line": name,
            "footprint": footprint,
            "units": len(own),
            "units_left_out": left_out,
            "gap": gap,
        }


def _clean(row: dict[str, Any]) -> dict[str, Any]:
    """What is not known is empty, not a number that is none (which alone differs from itself)."""
    return {name: None if value != value else value for name, value in row.items()}
