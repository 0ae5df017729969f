"""A pool as results: its terms beside its outcomes, every outcome with its error, and a settled year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.pool_years import (
    SIMULATIONS,
    TAIL,
    Chances,
    Outcome,
    Simulated,
    Spread,
    simulate,
)
from speccom.finance.pools import (
    Actual,
    Arrangement,
    Kind,
    Member,
    PoolError,
    Settlement,
    Terms,
    settle,
    terms,
)
from speccom.insight.result import Column, Gap, Result, described

WHOLE = "POOL"
ALONE, POOLED = "alone", "in the pool"
_MONEY = pa.decimal128(20, 2)
_NAMES = ("mean", "sd", "p5", "p50", "p90", "p95", "p99", "shortfall", "over", "missed")
_CHANCES = ("over", "missed")

COLUMNS = {
    "area": Column("code", f"the area; {WHOLE} is all of them together"),
    "area_name": Column("", "what it is called"),
    "expected_cases": Column("cases a year", "cases expected in a year (λ)"),
    "expected_cost": Column("£", "what they are expected to cost, its budget: cases × mean cost"),
    "own_cost": Column(
        "£", "what its own patients cost in a year, mean of the years that it is expected from"
    ),
    "retention": Column("£", "what it keeps of each patient-year, or of its year; empty in a share pool"),
    "retained": Column("£", "expected cost that stays with it"),
    "premium": Column("£", "expected cost that it hands over to the pool"),
    "share": Column("share", "its share of all that is handed over"),
    "contribution": Column("£", "that share of all premiums"),
    "transfer": Column("£", "premium less contribution: what the pool is expected to move to it"),
    "sd_alone": Column("£", "standard deviation of its year's cost, going alone"),
    "sd_pool": Column("£", "the same in the pool"),
    "p95_alone": Column("£", "cost that it passes in one year of twenty, going alone"),
    "p95_pool": Column("£", "the same in the pool"),
    "over_alone": Column("chance", "of passing its budget by more than q, going alone"),
    "over_pool": Column("chance", "the same in the pool"),
    "calmer": Column(
        "share", "1 − standard deviation in the pool ÷ alone: the variation that the pool takes away"
    ),
}
OUTCOMES = {
    "area": COLUMNS["area"],
    "area_name": COLUMNS["area_name"],
    "arrangement": Column("", f"{ALONE}, or {POOLED}"),
    "budget": Column("£", "its expected cost"),
    "mean": Column("£", "mean of the simulated years"),
    "sd": Column("£", "standard deviation"),
    "p5": Column("£", "cost passed in 95 years of 100"),
    "p50": Column("£", "median"),
    "p90": Column("£", "cost passed in 10 years of 100"),
    "p95": Column("£", "cost passed in 5 years of 100"),
    "p99": Column("£", "cost passed in one year of 100"),
    "shortfall": Column("£", f"expected shortfall: mean of the costliest {TAIL:.0%} of years"),
    "over": Column("chance", "of passing the budget by more than q"),
    "missed": Column("chance", "of being more than q away from the budget, on either side"),
    **{
        f"{name}_error": Column(
            "chance" if name in _CHANCES else "£", f"standard error of Monte Carlo of {name}"
        )
        for name in _NAMES
    },
}
SETTLEMENTS = {
    "area": COLUMNS["area"],
    "area_name": COLUMNS["area_name"],
    "cost": Column("£", "what its year cost"),
    "handed_over": Column("£", "what of it went to the pool"),
    "share": COLUMNS["share"],
    "pays": Column("£", "that share of all that was handed over, to the penny"),
    "settlement": Column("£", "handed over less paid: what it receives, or below zero pays; sums to nothing"),
    "cost_after": Column("£", "its cost less what it receives"),
    "budget": Column("£", "its expected cost"),
    "missed_before": Column("share", "cost ÷ budget − 1"),
    "missed_after": Column("share", "cost after the settlement ÷ budget − 1"),
}


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """One pool worked out. `settled` is none where there is no year to settle, `simulated` where none was drawn."""

    name: str
    arrangement: Arrangement
    chances: Chances
    members: tuple[Member, ...]
    terms: tuple[Terms, ...]
    simulated: Simulated
    settled: tuple[Settlement, ...]
    settled_of: str
    own_cost: Mapping[str, Decimal | None]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]
    source: str
    synthetic: bool


def pool(
    name: str,
    members: Sequence[Member],
    arrangement: Arrangement,
    chances: Chances | None = None,
    *,
    actual: Mapping[str, Actual] | None = None,
    settled_of: str = "the year",
    own_cost: Mapping[str, Decimal | None] | None = None,
    simulations: int = SIMULATIONS,
    seed: int = 1,
    q: float = 0.05,
    workers: int | None = None,
    notes: Sequence[str] = (),
    gaps: Sequence[Gap] = (),
    source: str = "what was given",
    synthetic: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> Pool:
    """A pool's terms, its simulated years, and its settlement where `actual` is given. Raises `PoolError`."""
    asked = chances or Chances()
    agreed = terms(members, arrangement, asked.between_years)
    drawn = simulate(
        members,
        agreed,
        arrangement,
        asked,
        simulations=simulations,
        seed=seed,
        q=q,
        workers=workers,
        progress=progress,
    )
    found = Pool(
        name,
        arrangement,
        asked,
        tuple(members),
        agreed,
        drawn,
        settle(agreed, arrangement, actual) if actual else (),
        settled_of,
        own_cost or {},
        (),
        tuple(gaps),
        source,
        synthetic,
    )
    return replace(found, notes=(arrangement.said(), *_notes(found), *notes))


def overview(found: Pool) -> Result:
    """A row for each area and one for the whole pool: terms, and how its year is spread alone and in the pool."""
    rows = [
        _row(agreed, outcome, found)
        for agreed, outcome in zip(found.terms, found.simulated.outcomes, strict=True)
    ]
    return _result(found, f"Risk pool: {found.name}", COLUMNS, [*rows, _whole(found)])


def outcomes(found: Pool) -> Result:
    """Two rows for each area, going alone and in the pool, and one for all together: every number with its error."""
    names = {each.code: each.name for each in found.terms}
    rows = []
    for each in found.simulated.outcomes:
        rows += [
            _spread(each.code, names[each.code], arrangement, spread, each.budget)
            for arrangement, spread in ((ALONE, each.alone), (POOLED, each.pooled))
        ]
    drawn = found.simulated
    rows.append(_spread(WHOLE, "All areas together", POOLED, drawn.whole, drawn.whole_budget))
    return _result(found, f"Risk pool, outcomes: {found.name}", OUTCOMES, rows)


def settlement(found: Pool) -> Result:
    """A row for each area of the settled year, and their sums. Raises `PoolError` where no year was settled."""
    if not found.settled:
        raise PoolError("No year was settled: name one with --settle, or give the file what it came to.")
    budgets = {each.code: each.expected_cost for each in found.terms}
    rows = [_settled(each, budgets[each.code]) for each in found.settled]
    sums = {
        name: sum((row[name] for row in rows), Decimal(0))
        for name in ("cost", "handed_over", "pays", "settlement", "cost_after", "budget")
    }
    missed = float(sums["cost"] / sums["budget"] - 1)
    rows.append(
        {
            "area": WHOLE,
            "area_name": "All areas together",
            "share": 1.0,
            "missed_before": missed,
            "missed_after": missed,
            **sums,
        }
    )
    return _result(found, f"Risk pool settled for {found.settled_of}: {found.name}", SETTLEMENTS, rows)


def _result(
    found: Pool, title: str, columns: Mapping[str, Column], rows: Sequence[Mapping[str, Any]]
) -> Result:
    held = {name: about for name, about in columns.items() if name != "own_cost" or found.own_cost}
    table = described(
        {name: (about, [row.get(name) for row in rows], _kind(name)) for name, about in held.items()}
    )
    return Result(title, table, found.notes, found.gaps, found.synthetic)


_EXACT = {
    "expected_cost",
    "own_cost",
    "retention",
    "retained",
    "premium",
    "contribution",
    "transfer",
    "cost",
    "handed_over",
    "pays",
    "settlement",
    "cost_after",
    "budget",
}


def _kind(name: str) -> pa.DataType:
    if name in ("area", "area_name", "arrangement"):
        return pa.string()
    return _MONEY if name in _EXACT else pa.float64()


def _row(agreed: Terms, outcome: Outcome, found: Pool) -> dict[str, Any]:
    alone, pooled = outcome.alone, outcome.pooled
    return {
        "area": agreed.code,
        "area_name": agreed.name,
        "expected_cases": agreed.expected_cases,
        "expected_cost": agreed.expected_cost,
        "own_cost": found.own_cost.get(agreed.code),
        "retention": agreed.retention,
        "retained": agreed.retained,
        "premium": agreed.premium,
        "share": float(agreed.share),
        "contribution": agreed.contribution,
        "transfer": agreed.transfer,
        "sd_alone": alone.sd,
        "sd_pool": pooled.sd,
        "p95_alone": alone.p95,
        "p95_pool": pooled.p95,
        "over_alone": alone.over,
        "over_pool": pooled.over,
        "calmer": 1 - pooled.sd / alone.sd if alone.sd > 0 else None,
    }


def _whole(found: Pool) -> dict[str, Any]:
    """All areas together: what they cost is the same with a pool and without."""
    whole = found.simulated.whole
    sums = {
        name: sum((getattr(each, name) for each in found.terms), Decimal(0))
        for name in ("expected_cost", "retained", "premium", "contribution", "transfer")
    }
    own = [cost for cost in found.own_cost.values() if cost is not None]
    return {
        "area": WHOLE,
        "area_name": "All areas together",
        "expected_cases": sum(each.expected_cases for each in found.terms),
        "own_cost": sum(own, Decimal(0)) if len(own) == len(found.terms) else None,
        "share": 1.0,
        "sd_alone": whole.sd,
        "sd_pool": whole.sd,
        "p95_alone": whole.p95,
        "p95_pool": whole.p95,
        "over_alone": whole.over,
        "over_pool": whole.over,
        **sums,
    }


def _spread(code: str, name: str, arrangement: str, spread: Spread, budget: float) -> dict[str, Any]:
    return {
        "area": code,
        "area_name": name,
        "arrangement": arrangement,
        "budget": Decimal(budget).quantize(Decimal("0.01")),
        **{each: getattr(spread, each) for each in _NAMES},
        **{f"{each}_error": spread.error(each) for each in _NAMES},
    }


def _settled(each: Settlement, budget: Decimal) -> dict[str, Any]:
    return {
        "area": each.code,
        "area_name": each.name,
        "cost": each.cost,
        "handed_over": each.handed_over,
        "share": float(each.share),
        "pays": each.pays,
        "settlement": each.settlement,
        "cost_after": each.cost_after,
        "budget": budget,
        "missed_before": float(each.cost / budget - 1) if budget else None,
        "missed_after": float(each.cost_after / budget - 1) if budget else None,
    }


def _notes(found: Pool) -> tuple[str, ...]:
    drawn, chances = found.simulated, found.chances
    error = max((spread.error("p95") / spread.p95 for spread in _every(drawn) if spread.p95 > 0), default=0.0)
    said = [
        f"{drawn.simulations:,} simulated years, seed {drawn.seed}; the standard error of Monte Carlo of a 95th "
        f"percentile is {error:.2%} of it at the most. q is {drawn.q:.1%}."
    ]
    if chances.between_years > 0:
        cvs = [each.alone.sd / each.alone.mean for each in drawn.outcomes if each.alone.sd > 0]
        paired = chances.between_years * chances.correlation
        largest = max(
            (paired / (one * other) for place, one in enumerate(cvs) for other in cvs[place + 1 :]),
            default=0.0,
        )
        said.append(
            f"Years differ by a variance of {chances.between_years:.4g}, of which {chances.correlation:.0%} is common "
            f"to all areas and does not pool away; costs of two areas are correlated by {largest:.2f} at the most."
        )
    elif chances.correlation != 1:
        said.append(
            f"The correlation of {chances.correlation:g} is without effect, since years do not differ here: it is of "
            "what differs between years."
        )
    if len(found.terms) == 1:
        said.append("A pool of one area equals going alone.")
    moved = [each for each in found.terms if abs(each.transfer) >= 1]
    if moved:
        most = max(moved, key=lambda each: (each.transfer, each.code))
        said.append(
            "Areas do not share by what they hand over, so the pool is expected to move money as well as to share "
            f"risk: most to {most.name}, £{most.transfer:,.0f} a year."
        )
    if found.arrangement.kind == Kind.EXCESS and not any(each.premium for each in found.terms):
        said.append("Nothing is expected above the retention, so this pool changes nothing.")
    return tuple(said)


def _every(drawn: Simulated) -> list[Spread]:
    return [spread for each in drawn.outcomes for spread in (each.alone, each.pooled)]
