"""How much each line's cost varies from year to year, against chance, and at which footprint it is steady enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.insight import guarded
from speccom.insight.areas import Footprint
from speccom.insight.case_costs import Floats
from speccom.insight.chance import coefficient_of_variation, variance_between_years
from speccom.insight.kept import kept_of_lines, packed, unpacked
from speccom.insight.observed import (
    Measured,
    concentration,
    detrended_variation,
    mean_absolute_change,
    number_of_providers,
)
from speccom.insight.opened import Opened, opened
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.tiers import (
    LADDER,
    UNITS,
    Recommendations,
    Settings,
    ThresholdError,
    Thresholds,
    decide,
    recommend,
)
from speccom.insight.yearly import UNEVEN, Yearly, yearly
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import years_held
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

FEWEST_YEARS = 4
"""Whole years from which the variance between years is taken into a recommendation; fewer tell too little."""
OBSERVED_FROM = 3
"""Whole years from which variation about a straight line can be seen at all."""
LEAST_SHARE = 0.01
"""A provider with less of a unit's spend than this is a stray patient's, and not counted as a provider."""
RUNGS = {
    "icb": "One board",
    "multi_icb": "Several boards (joint committee's area)",
    "region": "Region",
    "england": "England",
}

COLUMNS = {
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "footprint": Column("", "rung of the ladder: icb, multi_icb, region or england"),
    "units": Column("units", "areas of that size that have activity"),
    "patients": Column("people a year", "distinct patients of each board, summed, mean of the years"),
    "spend": Column("£ a year", "pounds of patient-level lines, mean of the years"),
    "observed_variation": Column(
        "ratio", "coefficient of variation of yearly cost about a straight line, units weighted by spend"
    ),
    "chance_variation": Column("ratio", "the same if only chance moved it: √((1 + c²)/λ), weighted likewise"),
    "volume_variation": Column("ratio", "coefficient of variation of yearly patients about a straight line"),
    "change_in_cost": Column("ratio", "mean absolute change of cost from year to year, weighted by spend"),
    "change_in_volume": Column("ratio", "mean absolute change of patients from year to year"),
    "case_variation": Column("ratio", "coefficient of variation of what one patient costs in a year"),
    "providers": Column("providers", "providers with 1% or more of a unit's spend, weighted by spend"),
    "concentration": Column("0 to 1", "Herfindahl–Hirschman index of a unit's spend, weighted by spend"),
    "out_of_area_share": Column("share", "of spend, the part at providers outside the unit"),
    "provider_income_variation": Column(
        "ratio", "coefficient of variation of providers' yearly income about a straight line, by income"
    ),
    "pooling_gain": Column(
        "share", "1 − observed variation ÷ that of single boards; by chance where unobserved"
    ),
    "years": Column("years", "whole years that it rests on"),
    "note": Column("", "why a number is not there"),
}
TIERS = {
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "recommended": Column("", "smallest rung of the ladder that meets every threshold"),
    "met": Column("yes or no", "whether it does; the largest is given where none does"),
    "decided_by": Column(
        "", "what the rung below fails, or the largest does: chance, providers, out_of_area"
    ),
    "by_chance_alone": Column("", "smallest rung steady enough, whatever its providers and flows"),
    "chance": Column("chance", "that a year's cost strays more than q from the expected, at that rung"),
    "margin": Column("chance", "alpha less that chance"),
    "footprint_below": Column("", "the next smaller rung"),
    "chance_below": Column("chance", "its chance"),
    "no_longer_if_q_below": Column("share", "the recommendation fails for a q below this"),
    "smaller_if_q_from": Column("share", "a smaller rung would do from this q on"),
    "providers": Column("providers", "providers of its units, those with 1% or more of their spend"),
    "out_of_area_share": Column("share", "of spend, the part at providers outside its units"),
    "settings_that_agree": Column("share", "of other q, alpha and provider bars tried, those that agree"),
    "patients": Column("people a year", "patients in England"),
    "spend": Column("£ a year", "pounds in England"),
    "between_years": Column("variance", "1/r, the variance of the rate between years that was taken in"),
    "note": Column("", "why there is no recommendation, or what was not judged"),
}


@dataclass(frozen=True, slots=True)
class Tiers:
    """Recommended tiers: a row a line (`lines`), and what each rung and setting came to.

    `rungs`, `units`, `sensitivity` and `tried` are those of `tiers.Recommendations`, for whoever asks why;
    `thresholds` are the bars that it was asked with.
    """

    lines: Result
    rungs: pa.Table
    units: pa.Table
    sensitivity: pa.Table
    tried: pa.Table
    thresholds: Thresholds


def volatility(
    workspace: Workspace,
    lines: str = "all",
    years: Sequence[FinancialYear] | None = None,
    *,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """A row for each line × footprint: observed variation against chance, concentration, flows, pooling.

    Columns are those of `COLUMNS`. Over whole financial years only (if none are named, all held that compare: see
    `yearly`): with fewer than three, observed variation is a gap and the chance-only one stands alone. Boards are
    those of the last month, or of `boundaries`. With `public`, numbers from few patients are withheld and others
    are made coarse: see `guarded`. What was worked out is kept for the next who asks. Sources: insight.md,
    "Volatility and tiers"; finance.md, "Pools".
    """
    known = register or Register.load(workspace)

    def make() -> list[pa.Table]:
        with _open(workspace, lines, years, boundaries, known) as asked:
            held = yearly(asked, even=years is None)
            return [packed(_volatility(asked, held)), guarded.shown_of(held, asked.boards).table()]

    asked_for = {"years": years, "boundaries": boundaries}
    whole, shown = kept_of_lines(workspace, known, "volatility", lines, asked_for, make)
    found = unpacked(whole)
    return guarded.volatility(found, guarded.Shown.of_table(shown)) if public else found


def _volatility(asked: Opened, held: Yearly) -> Result:
    rows = [row for rung in LADDER for row in _rung(held, asked.boards, rung)]
    order = {rung: place for place, rung in enumerate(LADDER)}
    rows.sort(key=lambda row: (row["service_line"], order[row["footprint"]]))
    singles = {row["service_line"]: row for row in rows if row["footprint"] == LADDER[0]}
    for row in rows:
        row |= _pooling(row, singles.get(row["service_line"]))
        row["service_line_name"] = _line_name(asked, row["service_line"])
    return Result(
        title=f"Volatility over the ladder: {asked.lines.name}",
        table=_described(COLUMNS, rows),
        notes=(*asked.scope(), *_years_said(held)),
        gaps=(*asked.gaps, *_too_few_years(held), *_no_activity(asked, held)),
        synthetic=asked.synthetic,
    )


def tiers(
    workspace: Workspace,
    lines: str = "all",
    years: Sequence[FinancialYear] | None = None,
    *,
    thresholds: Thresholds | None = None,
    settings: Settings | None = None,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
    progress: Callable[[int], None] = lambda lines: None,
) -> Tiers:
    """For each line the smallest footprint steady enough to plan, with the numbers that decided it.

    Columns of `lines` are those of `TIERS`. The chance is of a compound Poisson year with the line's own
    distribution of cost; from `FEWEST_YEARS` whole years on, the variance between years that they show comes
    in. With `public`, numbers from few patients are withheld and others are made coarse: see `guarded`. What was
    worked out is kept for the next who asks. Raises `ThresholdError` for thresholds that cannot be.
    """
    bars, other = thresholds or Thresholds(), settings or Settings()
    found, shown = _all_tiers(workspace, lines, years, bars, other, boundaries, register, progress)
    return guarded.tiers(found, shown) if public else found


def tiers_overview(
    workspace: Workspace, lines: str, bars: Thresholds, *, register: Register | None = None
) -> Tiers:
    """The recommendation of each line as everybody may see it, at bars whose q is among those tried by default.

    What each rung comes to is worked out once for all bars, so another bar is no wait. At bars that are not the
    defaults `lines` has what `decide` gives and `settings_that_agree`; there are no rungs. Raises `ThresholdError`
    for a q that was not tried.
    """
    usual, other = Thresholds(), Settings()
    if bars.q not in other.q or (bars.share_of_spend, bars.side) != (usual.share_of_spend, usual.side):
        raise ThresholdError(f"q is {bars.q}: choose from {', '.join(map(str, other.q))}.")
    found, shown = _all_tiers(workspace, lines, None, usual, other, None, register, lambda _: None)
    if bars != usual:
        found = _decided_at(found, bars)
    return guarded.tiers(found, shown)


def _all_tiers(
    workspace: Workspace,
    lines: str,
    years: Sequence[FinancialYear] | None,
    bars: Thresholds,
    other: Settings,
    boundaries: date | None,
    register: Register | None,
    progress: Callable[[int], None],
) -> tuple[Tiers, guarded.Shown]:
    """The whole of it, kept or made, and what of it everybody may see."""
    known = register or Register.load(workspace)

    def make() -> list[pa.Table]:
        with _open(workspace, lines, years, boundaries, known) as asked:
            held = yearly(asked, even=years is None)
            found = _recommended(asked, held, bars, other, progress)
            shown = guarded.shown_of(held, asked.boards).table()
        return [packed(found.lines), found.rungs, found.units, found.sensitivity, found.tried, shown]

    asked_for = {"years": years, "bars": bars, "settings": other, "boundaries": boundaries}
    whole, rungs, units, sensitivity, tried, shown = kept_of_lines(
        workspace, known, "tiers", lines, asked_for, make
    )
    found = Tiers(unpacked(whole), rungs, units, sensitivity, tried, bars)
    return found, guarded.Shown.of_table(shown)


def _recommended(
    asked: Opened, held: Yearly, bars: Thresholds, other: Settings, progress: Callable[[int], None]
) -> Tiers:
    shared = between_years(held)
    found = recommend(
        _units(held, asked.boards),
        held.case_costs,
        bars,
        settings=other,
        between_year=shared,
        progress=progress,
    )
    of_lines = _tiers(asked, held, found, bars, shared)
    return Tiers(of_lines, found.rungs, found.units, found.sensitivity, found.tried, bars)


def _decided_at(found: Tiers, bars: Thresholds) -> Tiers:
    """The lines of a result decided anew at other bars."""
    decided = decide(found.tried, bars)
    alone = decide(found.tried, replace(bars, fewest_providers=0, most_out_of_area=1.0))
    tried: dict[str, list[tuple[str, bool]]] = {}
    for row in found.sensitivity.to_pylist():
        tried.setdefault(row["service_line"], []).append((row["recommended"], row["met"]))
    rows = []
    for row in found.lines.table.to_pylist():
        line = row["service_line"]
        new = decided.get(line)
        if new is not None:
            same = [each == (new["recommended"], new["met"]) for each in tried[line]]
            row |= dict.fromkeys(("no_longer_if_q_below", "smaller_if_q_from", "out_of_area_share"))
            row |= {name: value for name, value in new.items() if name in TIERS}
            row["settings_that_agree"] = float(np.mean(same))
            row["by_chance_alone"] = alone[line]["recommended"] if alone[line]["met"] else None
        rows.append(row)
    notes = [_bars_said(bars) if note == _bars_said(found.thresholds) else note for note in found.lines.notes]
    lines = replace(found.lines, table=_described(TIERS, rows), notes=tuple(notes))
    return replace(found, lines=lines, rungs=found.rungs.slice(0, 0), thresholds=bars)


def _open(
    workspace: Workspace,
    lines: str,
    years: Sequence[FinancialYear] | None,
    boundaries: date | None,
    register: Register | None,
) -> Any:
    known = years or years_held(require_manifest(workspace))
    return opened(workspace, lines, known, boundaries, register)


# --- volatility


@dataclass(frozen=True, eq=False, slots=True)
class _Units:
    """One rung: line × unit × year of cost and patients, and (line × unit) × provider of cost."""

    names: list[str]
    of_board: Any
    cost: Floats
    patients: Floats
    by_provider: Floats
    outside: Floats


def _summed(held: Yearly, boards: Mapping[str, Footprint], rung: str) -> _Units:
    names, of_board = held.units(boards, rung)
    member = np.zeros((len(held.boards), len(names)))
    member[np.arange(len(held.boards)), of_board] = 1
    line, board, provider, host, _ = held.income_places
    unit = of_board[board]
    own = line * len(names) + unit
    by_provider = np.zeros((len(held.lines) * len(names), max(len(held.providers), 1)))
    known = provider >= 0
    np.add.at(by_provider, (own[known], provider[known]), held.income[known])
    away = (host < 0) | (np.where(host >= 0, of_board[np.maximum(host, 0)], -1) != unit)
    outside: Floats = np.bincount(own[away], held.income[away], minlength=len(by_provider)).astype(float)
    return _Units(
        names,
        of_board,
        np.einsum("lby,bu->luy", held.cost, member),
        np.einsum("lby,bu->luy", held.patients, member),
        by_provider,
        outside,
    )


def _rung(held: Yearly, boards: Mapping[str, Footprint], rung: str) -> list[dict[str, Any]]:
    units = _summed(held, boards, rung)
    count = len(units.names)
    years = len(held.years)
    costs, people = units.cost.reshape(-1, years), units.patients.reshape(-1, years)
    measured = {
        "observed_variation": detrended_variation(costs),
        "volume_variation": detrended_variation(people),
        "change_in_cost": mean_absolute_change(costs),
        "change_in_volume": mean_absolute_change(people),
        "concentration": concentration(units.by_provider),
        "providers": number_of_providers(units.by_provider, least_share=LEAST_SHARE),
    }
    weight = np.maximum(costs.mean(axis=1), 0).reshape(-1, count)
    spread = np.array(
        [held.case_costs[line].variation if line in held.case_costs else np.nan for line in held.lines]
    )
    chance = coefficient_of_variation(units.patients.mean(axis=2), spread[:, None])
    by_unit = units.by_provider.sum(axis=1).reshape(-1, count)
    incomes = _income_variations(held) if rung == LADDER[-1] else np.full(len(held.lines), np.nan)
    rows = []
    for place, line in enumerate(held.lines):
        own = slice(place * count, (place + 1) * count)
        active = weight[place] > 0
        spent, away = by_unit[place].sum(), units.outside[own].sum()
        row: dict[str, Any] = {
            "service_line": line,
            "footprint": rung,
            "units": int(active.sum()),
            "patients": float(units.patients[place].sum(axis=0).mean()),
            "spend": float(costs[own].sum(axis=0).mean()),
            "chance_variation": _weighted(chance[place], weight[place]),
            "case_variation": _plain(spread[place]),
            "out_of_area_share": float(away / spent) if spent > 0 else None,
            "provider_income_variation": _plain(incomes[place]),
            "years": years,
            "note": _why(measured, own),
        }
        for name, each in measured.items():
            row[name] = _weighted(each.values[own], weight[place])
        rows.append(row)
    return rows


def _weighted(values: Floats, weight: Floats) -> float | None:
    """The mean of units that have a value, by spend; none where none has."""
    known = ~np.isnan(values) & (weight > 0)
    return float(np.average(values[known], weights=weight[known])) if known.any() else None


def _income_variations(held: Yearly) -> Floats:
    """By line, how providers' yearly income from it varies, weighed by income; NaN where none can be told."""
    line, _, provider, _, year = held.income_places
    own = (provider >= 0) & (year >= 0)
    pairs, place = np.unique(line[own] * len(held.providers) + provider[own], return_inverse=True)
    incomes = np.zeros((len(pairs), len(held.years)))
    np.add.at(incomes, (place, year[own]), held.income[own])
    variation = detrended_variation(incomes).values
    weight = np.where(np.isnan(variation), 0.0, np.maximum(incomes.mean(axis=1), 0.0))
    of_line, lines = pairs // max(len(held.providers), 1), len(held.lines)
    weights = np.bincount(of_line, weight, lines)
    sums = np.bincount(of_line, weight * np.nan_to_num(variation), lines)
    return np.asarray(sums / np.where(weights > 0, weights, np.nan))


def _why(measured: Mapping[str, Measured], own: slice) -> str:
    """The reason that all units share for a number that none of them has; too few years is said of all at once."""
    said = []
    for name, each in measured.items():
        reasons = {gap for gap in each.gaps[own] if gap is not None and not gap.startswith("too few")}
        if np.isnan(each.values[own]).all() and reasons:
            said.append(f"no {name.replace('_', ' ')}: {sorted(reasons)[0]}")
    return "; ".join(said)


def _pooling(row: Mapping[str, Any], single: Mapping[str, Any] | None) -> dict[str, Any]:
    for name in ("observed_variation", "chance_variation"):
        alone = single[name] if single else None
        if alone and row[name] is not None:
            return {"pooling_gain": 1 - row[name] / alone}
    return {"pooling_gain": None}


# --- tiers


def _units(held: Yearly, boards: Mapping[str, Footprint]) -> pa.Table:
    """What `recommend` asks of every line × rung × unit."""
    columns: dict[str, list[Any]] = {name: [] for name in UNITS.names}
    for rung in LADDER:
        units = _summed(held, boards, rung)
        count = len(units.names)
        providers = number_of_providers(units.by_provider, least_share=LEAST_SHARE).values
        spent = units.by_provider.sum(axis=1)
        away = np.divide(units.outside, spent, out=np.full(len(spent), np.nan), where=spent > 0)
        columns["service_line"] += np.repeat(held.lines, count).tolist()
        columns["footprint"] += [rung] * (len(held.lines) * count)
        columns["unit"] += units.names * len(held.lines)
        columns["expected_cases"] += units.patients.mean(axis=2).ravel().tolist()
        columns["expected_cost"] += units.cost.mean(axis=2).ravel().tolist()
        columns["providers"] += [_plain(each) for each in providers]
        columns["out_of_area_share"] += [_plain(min(max(each, 0.0), 1.0)) for each in away]
    return pa.table(columns, UNITS)


def between_years(held: Yearly) -> dict[str, float]:
    """Of each line the variance of England's yearly cost beyond chance; none before there are years enough."""
    if len(held.years) < FEWEST_YEARS:
        return {}
    observed = detrended_variation(held.cost.sum(axis=1)).values
    patients = held.patients.sum(axis=1).mean(axis=1)
    found = {}
    for place, line in enumerate(held.lines):
        costs = held.case_costs.get(line)
        if costs is None or np.isnan(observed[place]) or not patients[place] > 0:
            continue
        found[line] = float(variance_between_years(observed[place], patients[place], costs.variation))
    return found


def _tiers(
    asked: Opened, held: Yearly, found: Recommendations, thresholds: Thresholds, shared: Mapping[str, float]
) -> Result:
    whole = {
        line: (held.patients[place].sum(axis=0).mean(), held.cost[place].sum(axis=0).mean())
        for place, line in enumerate(held.lines)
    }
    rows = []
    for row in found.lines.to_pylist():
        line = row["service_line"]
        said = [row["gap"]] if row["gap"] else []
        if row["not_judged"]:
            said.append(f"not judged: {row['not_judged']}")
        rows.append(
            {
                **{name: row.get(name) for name in TIERS},
                "service_line_name": _line_name(asked, line),
                "patients": float(whole[line][0]),
                "spend": float(whole[line][1]),
                "between_years": shared.get(line),
                "note": "; ".join(said),
            }
        )
    years = (
        f"The variance between years is that of {len(held.years)} whole years."
        if shared
        else f"No variance between years is taken in: {len(held.years)} whole years held, {FEWEST_YEARS} needed."
    )
    return Result(
        title=f"Recommended tier: {asked.lines.name}",
        table=_described(TIERS, rows),
        notes=(*asked.scope(), _bars_said(thresholds), years, *_years_said(held)),
        gaps=(*asked.gaps, *_no_activity(asked, held)),
        synthetic=asked.synthetic,
    )


# --- words


def _bars_said(bars: Thresholds) -> str:
    return (
        f"Thresholds (our own, adjustable): a year's cost within q = {bars.q:.1%} of the expected with a "
        f"chance of all but alpha = {bars.alpha:.1%}, in units with {bars.share_of_spend:.0%} of spend; "
        f"at least {bars.fewest_providers} providers; at most {bars.most_out_of_area:.0%} out of area."
    )


_TEXTS = {
    "service_line",
    "service_line_name",
    "footprint",
    "note",
    "recommended",
    "decided_by",
    "by_chance_alone",
    "footprint_below",
}


def _described(columns: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return described(
        {name: (about, [row[name] for row in rows], _kind(name)) for name, about in columns.items()}
    )


def _kind(name: str) -> pa.DataType:
    if name in _TEXTS:
        return pa.string()
    if name == "met":
        return pa.bool_()
    return pa.int64() if name in ("units", "years") else pa.float64()


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _line_name(asked: Opened, code: str) -> str:
    line = asked.register.lines.get(code)
    return line.name if line else code


def _years_said(held: Yearly) -> tuple[str, ...]:
    years = ", ".join(map(str, held.years))
    uneven = [
        f"{share:.0%} of the spend of {year}"
        for year, share in zip(held.years, held.left_out, strict=True)
        if share - min(held.left_out) > UNEVEN
    ]
    return (
        f"Whole years: {years}. People of no board in England are left out; a patient of two boards in a year "
        "is a case of each.",
        *(
            f"Left out: {year}, of whose spend {share:.0%} is of people of no board (of the others at most "
            f"{max(held.left_out):.0%}), which would look like variation. Boards began in July 2022. Name the years "
            "to have it in."
            for year, share in held.uneven.items()
        ),
        *(
            (
                f"What is left out differs between years ({', '.join(uneven)}), which looks like "
                "variation: leave such a year out.",
            )
            if uneven
            else ()
        ),
    )


def _too_few_years(held: Yearly) -> list[Gap]:
    years = len(held.years)
    if years > OBSERVED_FROM - 1:
        return []
    return [
        Gap(
            "Every line",
            "observed variation",
            f"{years} of the {OBSERVED_FROM} whole years that it needs are held",
        )
    ]


def _no_activity(asked: Opened, held: Yearly) -> list[Gap]:
    return [
        Gap(_line_name(asked, code), "volatility or tier", "the ledger has no line of it in these years")
        for code in asked.lines.codes
        if code not in held.lines
    ]
