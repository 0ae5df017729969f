"""The position as a table by any dimensions: actual, plan, budget, what is due, and the full year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.position.budgeted import Budgeted, budgeted
from speccom.finance.position.dues import dues, form_gaps
from speccom.finance.position.forecast import FEWEST_MONTHS
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.projection import Grouped
from speccom.finance.position.standing import (
    DIMENSIONS,
    MONEY,
    OF_PAIRS,
    Key,
    Standing,
    estimate,
    gaps,
    made_of,
    notes,
    share,
    title,
)
from speccom.finance.position.targets import NONE_IMPORTED
from speccom.insight.result import Column, Gap, Result, described

COLUMNS = {
    "actual": Column("£", "patient-level activity, drugs and devices of the year to date, as recorded"),
    "plan": Column("£", "planned pounds of the aggregate set, year to date"),
    "plan_variance": Column("£", "actual less plan: above nothing is over plan"),
    "plan_variance_share": Column("share", "that ÷ plan"),
    "budget": Column("£", "budget of the year to date: equal months of what was imported"),
    "budget_variance": Column("£", "actual less budget: above nothing is over budget"),
    "budget_variance_share": Column("share", "that ÷ budget"),
    "due": Column("£", "what is due for the year to date under the contract forms"),
    "due_less_actual": Column("£", "due less actual"),
    "completed": Column("£", "actual of the months that are in, as it is expected to end up"),
    "forecast": Column("£", "forecast of the full year"),
    "forecast_lower": Column("£", "lower end of its interval"),
    "forecast_upper": Column("£", "upper end of its interval"),
    "year_plan": Column("£", "plan of the full year, where the ledger holds all its months"),
    "year_budget": Column("£", "budget of the full year"),
    "forecast_against": Column("", "what the forecast is held against: budget, else plan"),
    "forecast_variance": Column("£", "forecast less that: above nothing is over"),
    "forecast_variance_share": Column("share", "that ÷ the budget or plan"),
    "due_year": Column("£", "what will be due for the full year if the forecast holds"),
    "people": Column("people", "people of the board, or of the boards together, at the month"),
    "actual_per_head": Column("£", "actual ÷ people"),
    "forecast_per_head": Column("£", "forecast ÷ people"),
    "target": Column("£", "target of the commissioner for the year, as imported"),
    "target_share": Column("share", "forecast ÷ target"),
    "note": Column("", "what weakens the row"),
}


NOT_MEASURED = "all months are in, and nothing measures what the last ones lack"
_SHARES = ("plan_variance_share", "budget_variance_share", "forecast_variance_share", "target_share")
_PER_HEAD = pa.decimal128(38, 4)
_PLACES = Decimal("0.0001")


_TEXT = ("forecast_against", "note")


def position(of: Standing, by: Sequence[str] = ("commissioner",)) -> Result:
    """One row per group of the dimensions in `by`; none is everything together. Columns: those of `COLUMNS`.

    A cell without a value has its reason in `note` or among the gaps. Forecasts are estimates, given to the penny
    so that sums can be checked. Source: finance.md, "Position"; forecast.py for the method.
    """
    by = _dimensions(by)
    return of.worked(f"position {','.join(by)}", lambda: _position(of, by))


def _position(of: Standing, by: Sequence[str]) -> Result:
    sums = _sums(of, by)
    budget = budgeted(of.held, by, lambda *parts: of.key(by, *parts))
    grouped = of.grouped(by)
    due = _due_by(of, by) if set(by) <= OF_PAIRS else None
    keys = sorted(
        {*sums, *budget.months, *grouped.place, *(due or ())},
        key=lambda key: tuple((not code, code) for code in key),
    )
    rows = []
    for key in keys:
        row = _actual_and_plan(of, by, key, sums.get(key) or _Sums())
        row |= _against_budget(of, key, row["actual"], budget)
        row |= _full_year(key, grouped, row)
        row |= _due(due, key, row["actual"])
        row |= _held_against(of, by, key, row)
        row["note"] = "; ".join(_notes(of, key, by, row, budget, grouped))
        rows.append(row)
    return Result(
        title(of, by),
        _table(of, by, keys, rows),
        (*notes(of), of.heads.source),
        (*gaps(of), *budget.gaps, *form_gaps(of, by), *_without_people(of), *_without_target(of)),
        of.held.synthetic,
    )


@dataclass
class _Sums:
    """Exact pounds of one group; a plan is none until a row has one."""

    actual: Decimal = Decimal(0)
    plan: Decimal | None = None
    year_plan: Decimal | None = None
    months_planned: set[int] = field(default_factory=set)
    bodies: set[str] = field(default_factory=set)


def _sums(of: Standing, by: Sequence[str]) -> dict[Key, _Sums]:
    found: dict[Key, _Sums] = defaultdict(_Sums)
    upto = of.held.month.number
    for row in of.held.paid(*made_of(by)):
        sums = None
        if row.data_set != "ACM":
            if row.month <= upto:
                sums = found[of.key(by, row.commissioner, row.service_line, row.provider, row.month)]
                sums.actual += row.actual
        elif row.plan is not None:
            sums = found[of.key(by, row.commissioner, row.service_line, row.provider, row.month)]
            sums.year_plan = (sums.year_plan or Decimal(0)) + row.plan
            sums.months_planned.add(row.month)
            if row.month <= upto:
                sums.plan = (sums.plan or Decimal(0)) + row.plan
        if sums is not None:
            sums.bodies.add(row.commissioner)
    return found


def _actual_and_plan(of: Standing, by: Sequence[str], key: Key, sums: _Sums) -> dict[str, Any]:
    plan = sums.plan
    return {
        "actual": sums.actual,
        "plan": plan,
        "plan_variance": None if plan is None else sums.actual - plan,
        "plan_variance_share": share(sums.actual, plan),
        "year_plan": sums.year_plan if of.held.whole_year_planned else None,
    }


def _against_budget(of: Standing, key: Key, actual: Decimal, budget: Budgeted) -> dict[str, Any]:
    to_date = budget.to_date(key, of.held.month.number)
    whole = budget.number_of_months(key) == 12
    return {
        "budget": to_date,
        "budget_variance": None if to_date is None else actual - to_date,
        "budget_variance_share": share(actual, to_date),
        "year_budget": budget.full_year(key) if whole else None,
    }


def _full_year(key: Key, grouped: Grouped, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(
        (
            "completed",
            "forecast",
            "forecast_lower",
            "forecast_upper",
            "forecast_variance",
            "forecast_variance_share",
        )
    )
    against = next((name for name in ("budget", "plan") if row[f"year_{name}"] is not None), "")
    found["forecast_against"] = against
    at = grouped.place.get(key)
    if at is None:
        return found
    projected = grouped.projected
    found["completed"] = estimate(float(projected.completed[at]))
    found["forecast"] = estimate(float(projected.full_year[at]))
    found["forecast_lower"] = estimate(float(projected.lower[at]))
    found["forecast_upper"] = estimate(float(projected.upper[at]))
    if against and found["forecast"] is not None:
        goal = row[f"year_{against}"]
        found["forecast_variance"] = found["forecast"] - goal
        found["forecast_variance_share"] = share(found["forecast"], goal)
    return found


def _due_by(of: Standing, by: Sequence[str]) -> dict[Key, tuple[Decimal, Decimal]]:
    sums: dict[Key, tuple[Decimal, Decimal]] = {}
    for each in dues(of):
        codes = {"commissioner": each.commissioner, "provider": each.provider, "form": each.form}
        key = tuple(codes[name] for name in by)
        due, year = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = due + each.due.total, year + each.due_year.total
    return sums


def _due(due: Mapping[Key, tuple[Decimal, Decimal]] | None, key: Key, actual: Decimal) -> dict[str, Any]:
    if due is None or key not in due:
        return {"due": None, "due_less_actual": None, "due_year": None}
    to_date, year = due[key]
    return {"due": to_date, "due_less_actual": to_date - actual, "due_year": year}


def _held_against(of: Standing, by: Sequence[str], key: Key, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row comes to a head, and of the target: those of its commissioner, or of all of them together."""
    people, target = people_of(of, by, key), target_of(of, by, key)
    return {
        "people": people,
        "actual_per_head": per_head(row["actual"], people),
        "forecast_per_head": per_head(row["forecast"], people),
        "target": target,
        "target_share": float(row["forecast"] / target) if target and row["forecast"] is not None else None,
    }


def people_of(of: Standing, by: Sequence[str], key: Key) -> Decimal | None:
    """The people that a row's pounds are held against; none where a board of them has no population.

    Of everybody together they are all boards' people: what hubs pay for is theirs too.
    """
    bodies, heads = _bodies_of(of, by, key), of.heads
    boards = [body for body in bodies if body in of.held.register.areas(of.held.month.start)]
    if not boards or any(body not in heads.people for body in boards):
        return None
    return sum((heads.people[body] for body in boards), Decimal(0))


def target_of(of: Standing, by: Sequence[str], key: Key) -> Decimal | None:
    """The target that a row's forecast is held against; none where a commissioner of it has none."""
    bodies, held = _bodies_of(of, by, key), of.targets or {}
    if not bodies or any(body not in held for body in bodies):
        return None
    return sum((held[body] for body in bodies), Decimal(0))


def per_head(pounds: Decimal | None, people: Decimal | None) -> Decimal | None:
    """Pounds a head, to a hundredth of a penny."""
    return None if pounds is None or not people else (pounds / people).quantize(_PLACES)


def _bodies_of(of: Standing, by: Sequence[str], key: Key) -> list[str]:
    if "commissioner" in by:
        body = key[list(by).index("commissioner")]
        return [body] if body else []
    return of.held.commissioners()


def _without_people(of: Standing) -> list[Gap]:
    return [Gap(of.held.name(body), "sum per head", why) for body, why in of.heads.lacking.items()]


def _without_target(of: Standing) -> list[Gap]:
    bodies = of.held.commissioners()
    if of.targets is None:
        whose = of.held.name(bodies[0]) if len(bodies) == 1 else "Every commissioner"
        return [Gap(whose, "share of target", NONE_IMPORTED)]
    why = f"none of the targets imported is of it in {of.held.year}"
    return [Gap(of.held.name(body), "share of target", why) for body in bodies if body not in of.targets]


def _dimensions(by: Sequence[str]) -> list[str]:
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or len(set(by)) != len(by):
        fault = f"{unknown[0]!r} is nothing to sum a forecast by" if unknown else "Name each dimension once"
        raise PositionError(f"{fault}: choose from {', '.join(DIMENSIONS)}.")
    return list(by)


def _notes(
    of: Standing, key: Key, by: Sequence[str], row: Mapping[str, Any], budget: Budgeted, grouped: Grouped
) -> list[str]:
    said = []
    if row["plan"] is None:
        said.append("no plan")
    elif row["plan"] == 0:
        said.append("a plan of nothing, so no share")
    body = key[list(by).index("commissioner")] if "commissioner" in by else None
    incomplete = body in budget.incomplete if body is not None else bool(budget.incomplete)
    if row["budget"] is None:
        if not incomplete:
            said.append("no budget")
    else:
        if row["budget"] == 0:
            said.append("a budget of nothing, so no share")
        if budget.number_of_months(key) < 12:
            said.append(f"budget of {budget.number_of_months(key)} of 12 months")
        if incomplete:
            said.append("budget of some commissioners only")
        without = budget.of_none.get(key, Decimal(0))
        if without:
            said.append(f"£{without:,.2f} of actual is of what no budget covers")
    if row["forecast"] is not None and row["forecast_lower"] is None:
        few = grouped.projected.held[grouped.place[key]] < FEWEST_MONTHS
        said.append(f"no interval: {f'it needs {FEWEST_MONTHS} months' if few else NOT_MEASURED}")
    return said


def _table(
    of: Standing, by: Sequence[str], keys: Sequence[Key], rows: Sequence[Mapping[str, Any]]
) -> pa.Table:
    columns: dict[str, tuple[Column, Sequence[Any], pa.DataType]] = {}
    for at, name in enumerate(by):
        columns[name] = (Column("code", DIMENSIONS[name]), [key[at] for key in keys], pa.string())
        names = [of.name(name, key[at]) for key in keys]
        columns[f"{name}_name"] = (Column("", "its name"), names, pa.string())
    for name, column in COLUMNS.items():
        kind = pa.float64() if name in _SHARES else pa.string() if name in _TEXT else MONEY
        if name.endswith("_per_head"):
            kind = _PER_HEAD
        columns[name] = (column, [row[name] for row in rows], kind)
    return described(columns)
