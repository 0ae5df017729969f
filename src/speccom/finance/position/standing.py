"""The position: actual against plan and budget, what is due, and what the year will come to, by any dimensions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.finance.position.budgeted import Budgeted, budgeted
from speccom.finance.position.forecast import FEWEST_MONTHS, LEVEL, Projected
from speccom.finance.position.forms import ACTIVITY, Contract, Contracts, Due, forms
from speccom.finance.position.inputs import PENNY, PositionError, months_of
from speccom.finance.position.low_volume import NOT_ESTABLISHED, LowVolume, low_volume
from speccom.finance.position.months import YearToDate
from speccom.finance.position.projection import Forecast, Grouped, Series, forecast, not_sent
from speccom.insight.result import Column, Gap, Result, described
from speccom.ledger.names import NOT_KNOWN
from speccom.period import Month

Key = tuple[str, ...]
MONEY = pa.decimal128(38, 8)
ESTIMATE = pa.decimal128(38, 2)
DIMENSIONS = {
    "commissioner": "a board, hub or other body that pays; sub-ICB locations pay through their board",
    "service_line": "service line",
    "programme": "programme of care",
    "provider": "provider",
    "form": "contract form of provider and commissioner in each month",
}
_NONE = {
    "commissioner": "Not resolved",
    "service_line": "No service line stated",
    "programme": "Not a line of any programme",
    "provider": "Not stated",
    "form": "Not stated",
}
_OF_PAIRS = {"commissioner", "provider", "form"}
"""Dimensions that a contract has: a fixed sum is of a provider and commissioner, and of no service line."""
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
    "note": Column("", "what weakens the row"),
}
_SHARES = ("plan_variance_share", "budget_variance_share", "forecast_variance_share")
_EXACT = ("actual", "plan", "plan_variance", "budget", "budget_variance", "due", "due_less_actual")
_TEXT = ("forecast_against", "note")


@dataclass(frozen=True)
class Standing:
    """One year to date, with everything that any table of it is made from.

    `low_volume` is what the rule of low-volume activity gives, where it is switched on.
    """

    held: YearToDate
    level: float = LEVEL
    low_volume: LowVolume | None = None

    @cached_property
    def forecast(self) -> Forecast:
        return forecast(self.held)

    @cached_property
    def contracts(self) -> Contracts:
        """The contracts imported, and those that the low-volume rule makes."""
        return self.held.contracts.adding(self.low_volume.contracts if self.low_volume else ())

    @cached_property
    def dues(self) -> list[PairDue]:
        """What is due of each contract, and of each pair's months without one."""
        return _dues(self)

    def form(self, provider: str, commissioner: str, month: int) -> str:
        """The contract form of a pair in a month of the year."""
        if not self.contracts:
            return ACTIVITY
        return self.contracts.form(provider, commissioner, Month(self.held.year, month))

    def key(self, by: Sequence[str], commissioner: str, line: str, provider: str, month: int) -> Key:
        """The group of a commissioner, service line and provider in a month."""
        return tuple(self._code(name, commissioner, line, provider, month) for name in by)

    def _code(self, name: str, commissioner: str, line: str, provider: str, month: int) -> str:
        if name == "programme":
            known = self.held.register.lines.get(line)
            return (known.programme if known else None) or ""
        if name == "form":
            return self.form(provider, commissioner, month)
        return {"commissioner": commissioner, "service_line": line, "provider": provider}[name]

    def name(self, dimension: str, code: str) -> str:
        """What a code of a dimension is called."""
        if not code:
            return _NONE[dimension]
        register = self.held.register
        if dimension == "commissioner":
            return self.held.name(code)
        if dimension == "form":
            return forms()[code].name
        if dimension == "programme":
            return code
        known = register.lines.get(code) if dimension == "service_line" else register.providers.get(code)
        return known.name if known else NOT_KNOWN


@dataclass(frozen=True, slots=True)
class PairDue:
    """What is due between a provider and a commissioner under one form: year to date and full year."""

    provider: str
    commissioner: str
    form: str
    months: tuple[int, ...]
    contract: Contract | None
    priced: Decimal
    due: Due
    priced_year: Decimal
    due_year: Due


def standing(held: YearToDate, *, level: float = LEVEL, with_low_volume: bool = False) -> Standing:
    """The standing of a year to date. `level` is of the forecast's interval; `with_low_volume` switches the rule on."""
    if not 0 < level < 1:
        raise PositionError(f"{level} is no level of an interval: give a share between 0 and 1, such as 0.8.")
    return Standing(held, level, low_volume(held, held.commissioners()) if with_low_volume else None)


def position(of: Standing, by: Sequence[str] = ("commissioner",)) -> Result:
    """One row per group of the dimensions in `by`; none is everything together. Columns: those of `COLUMNS`.

    A cell without a value has its reason in `note` or among the gaps. Forecasts are estimates, given to the penny
    so that sums can be checked. Source: finance.md, "Position"; forecast.py for the method.
    """
    by = _dimensions(by)
    sums = _sums(of, by)
    budget = budgeted(of.held, by, lambda *parts: of.key(by, *parts))
    grouped = of.forecast.by(lambda series, month: _key_of(of, by, series, month), of.level)
    due = _due_by(of, by) if set(by) <= _OF_PAIRS else None
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
        row["note"] = "; ".join(_notes(of, key, by, row, budget))
        rows.append(row)
    return Result(
        _title(of, by),
        _table(of, by, keys, rows),
        notes(of),
        (*gaps(of), *budget.gaps, *_form_gaps(of, by)),
        of.held.synthetic,
    )


def notes(of: Standing) -> tuple[str, ...]:
    """What any table of a standing rests on, in words."""
    held, months = (
        of.held,
        ", ".join(str(number) for number in of.held.held if number <= of.held.month.number),
    )
    completion = held.completion
    return (
        f"{held.year}, months {months} (1 is April), as the ledger of {held.manifest.built:%-d %B %Y} has them, with "
        f"all that was restated by then. Register {held.manifest.snapshot}.",
        "Actual: patient-level activity, drugs and devices. Plan: aggregate contract monitoring. Variance: actual "
        "less plan or budget, so above nothing is overspent.",
        held.seasons.said(),
        (
            f"Completion: taken as one, because {completion.why}."
            if not completion.growths
            else "Completion: cost of a month grows from one submission of it to the next by "
            + "; ".join(
                f"{each.data_set} {each.factor - 1:+.2%} after step {each.step}"
                for each in completion.growths
            )
            + ", measured from the receipt book (chain ladder)."
        ),
        f"Forecast: the run-rate of the months that are in, by season, completed; interval of {of.level:.0%} from how "
        "far those months stray from it (ratio model, Student’s t). It knows no trend, step or price to come.",
        *(of.low_volume.notes if of.low_volume else (NOT_ESTABLISHED,)),
    )


def gaps(of: Standing) -> tuple[Gap, ...]:
    """What no table of a standing can say."""
    held = of.held
    plans = {row.commissioner for row in held.paid if row.plan is not None}
    return (
        *held.gaps,
        *not_sent(held),
        *(
            Gap(held.name(body), "plan", "no aggregate row of it has a plan in this year")
            for body in held.commissioners()
            if body not in plans
        ),
        *(of.low_volume.gaps if of.low_volume else ()),
    )


def by_month(of: Standing) -> Result:
    """The twelve months of everything in a standing: recorded, expected in the end, plan, budget; and added up.

    Columns: month, month_name, recorded, completed (expected in the end, of months that are in), forecast (of
    months that are not), plan, budget, and each added up from April, the forecast's sum with its ends.
    """
    held, of_all = of.held, of.forecast.by(lambda series, month: (), of.level)
    projected = of_all.projected
    upto, whole = held.month.number, of_all.place.get((), -1)
    values = projected.months[whole] if whole >= 0 else np.zeros(12)
    budget = budgeted(held, (), lambda *parts: ())
    plan = _plan_by_month(held)
    recorded = _recorded_by_month(held)
    rows: list[dict[str, Any]] = []
    added: dict[str, Decimal | None] = dict.fromkeys(("recorded", "plan", "budget"), Decimal(0))
    run = of.forecast.run
    running, after = 0.0, float(np.where(np.isnan(of.forecast.completed), run, 0)[:, :upto].sum())
    to_come = run.sum(axis=0)
    for number in range(1, 13):
        month = Month(held.year, number)
        is_in = number <= upto and number in held.held
        running += float(values[number - 1])
        after += 0.0 if number <= upto else float(to_come[number - 1])
        months: dict[str, Decimal | None] = {
            "recorded": recorded.get(number, Decimal(0)) if is_in else None,
            "plan": plan.get(number),
            "budget": None if budget.incomplete else budget.months.get((), {}).get(number),
        }
        for name, value in months.items():
            before = added[name]
            added[name] = (
                None if before is None or (value is None and name != "recorded") else before + (value or 0)
            )
        reach = _reach(projected, whole, after, of.level) if number > upto else None
        rows.append(
            {
                "month": str(month),
                "month_name": f"{month.start:%B %Y}",
                **months,
                "expected": _estimate(float(values[number - 1])),
                "recorded_to_date": added["recorded"] if number <= upto else None,
                "plan_to_date": added["plan"],
                "budget_to_date": added["budget"],
                "expected_to_date": _estimate(running),
                "lower": _estimate(running - reach) if reach is not None else None,
                "upper": _estimate(running + reach) if reach is not None else None,
            }
        )
    kinds: dict[str, pa.DataType] = dict.fromkeys(("month", "month_name"), pa.string())
    kinds |= dict.fromkeys(("expected", "expected_to_date", "lower", "upper"), ESTIMATE)
    table = described(
        {
            name: (column, [row[name] for row in rows], kinds.get(name, MONEY))
            for name, column in MONTHS.items()
        }
    )
    return Result(_title(of, ("month",)), table, notes(of), (*gaps(of), *budget.gaps), held.synthetic)


MONTHS = {
    "month": Column("month", "financial year and month, 1 is April"),
    "month_name": Column("", "the month in words"),
    "recorded": Column("£", "patient-level pounds as recorded; empty for a month that is not in"),
    "plan": Column("£", "planned pounds of the aggregate set"),
    "budget": Column("£", "budget: equal months of what was imported"),
    "expected": Column("£", "what the month is expected to come to: completed where it is in, else forecast"),
    "recorded_to_date": Column("£", "recorded, added up from April"),
    "plan_to_date": Column("£", "plan, added up from April"),
    "budget_to_date": Column("£", "budget, added up from April"),
    "expected_to_date": Column("£", "expected, added up from April"),
    "lower": Column("£", "lower end of the interval of expected to date"),
    "upper": Column("£", "upper end of the interval of expected to date"),
}


FORMS = {
    "provider": Column("code", "provider"),
    "provider_name": Column("", "its name"),
    "commissioner": Column("code", "who pays"),
    "commissioner_name": Column("", "its name"),
    "form": Column("", "contract form"),
    "form_name": Column("", "its name"),
    "months": Column("", "months of the year to date under it"),
    "actual": Column("£", "activity at its price, as recorded"),
    "fixed": Column("£", "fixed part that is due"),
    "variable": Column("£", "part that moves with activity"),
    "at_cost": Column("£", "points of delivery paid at cost beside both"),
    "due": Column("£", "due for the year to date"),
    "due_less_actual": Column("£", "due less actual: what the form costs or saves against activity at price"),
    "forecast": Column("£", "activity of the full year at its price, forecast"),
    "due_year": Column("£", "due for the full year if the forecast holds"),
    "note": Column("", "what the sums rest on"),
}


def by_form(of: Standing) -> Result:
    """What is due under each contract of each pair, and of pairs without one; the greatest value first."""
    rows = []
    for each in sorted(
        of.dues, key=lambda each: (-each.priced, each.provider, each.commissioner, each.months)
    ):
        rows.append(
            {
                "provider": each.provider,
                "provider_name": of.name("provider", each.provider),
                "commissioner": each.commissioner,
                "commissioner_name": of.name("commissioner", each.commissioner),
                "form": each.form,
                "form_name": forms()[each.form].name,
                "months": _spans([month for month in each.months if month <= of.held.month.number])
                or "none yet",
                "actual": each.priced,
                "fixed": each.due.fixed,
                "variable": each.due.variable,
                "at_cost": each.due.at_cost,
                "due": each.due.total,
                "due_less_actual": each.due.total - each.priced,
                "forecast": each.priced_year,
                "due_year": each.due_year.total,
                "note": _form_note(each),
            }
        )
    money = {name for name, column in FORMS.items() if column.unit == "£"}
    table = described(
        {
            name: (column, [row[name] for row in rows], MONEY if name in money else pa.string())
            for name, column in FORMS.items()
        }
    )
    said = tuple(f"{form.name}: due is {form.due} ({form.confidence})." for form in forms().values())
    return Result(
        f"What is due by contract form, {_of_whom(of)}",
        table,
        (*notes(of), *said),
        (*gaps(of), *_form_gaps(of, ("form",))),
        of.held.synthetic,
    )


# --- sums of the ledger


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
    for row in of.held.paid:
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
        "plan_variance_share": _share(sums.actual, plan),
        "year_plan": sums.year_plan if _whole_year(of.held) else None,
    }


def _whole_year(held: YearToDate) -> bool:
    """Whether every month of the year has plans, so that their sum is the year's."""
    return len({row.month for row in held.paid if row.plan is not None}) == 12


def _against_budget(of: Standing, key: Key, actual: Decimal, budget: Budgeted) -> dict[str, Any]:
    to_date = budget.to_date(key, of.held.month.number)
    whole = budget.number_of_months(key) == 12
    return {
        "budget": to_date,
        "budget_variance": None if to_date is None else actual - to_date,
        "budget_variance_share": _share(actual, to_date),
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
    found["completed"] = _estimate(float(projected.completed[at]))
    found["forecast"] = _estimate(float(projected.full_year[at]))
    found["forecast_lower"] = _estimate(float(projected.lower[at]))
    found["forecast_upper"] = _estimate(float(projected.upper[at]))
    if against and found["forecast"] is not None:
        goal = row[f"year_{against}"]
        found["forecast_variance"] = found["forecast"] - goal
        found["forecast_variance_share"] = _share(found["forecast"], goal)
    return found


def _key_of(of: Standing, by: Sequence[str], series: Series, month: int) -> Key:
    return of.key(by, series.commissioner, series.service_line, series.provider, month)


def _plan_by_month(held: YearToDate) -> dict[int, Decimal]:
    plan: dict[int, Decimal] = defaultdict(Decimal)
    for row in held.paid:
        if row.plan is not None:
            plan[row.month] += row.plan
    return dict(plan)


def _recorded_by_month(held: YearToDate) -> dict[int, Decimal]:
    recorded: dict[int, Decimal] = defaultdict(Decimal)
    for row in held.to_date:
        recorded[row.month] += row.actual
    return dict(recorded)


def _reach(projected: Projected, at: int, after: float, level: float) -> float | None:
    """Half the interval of what is added up to a month beyond the last that is in."""
    if at < 0:
        return None
    spread = float(projected.spread[at])
    seen = float(projected.seen[at])
    if not projected.held[at] >= FEWEST_MONTHS or seen <= 0 or np.isnan(spread):
        return None
    return float(projected.reach(level)[at]) * float(np.sqrt(max(spread * (after + after**2 / seen), 0)))


# --- what is due


def _dues(of: Standing) -> list[PairDue]:
    held, upto = of.held, of.held.month.number
    recorded: dict[tuple[str, str], dict[int, dict[str, Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    for row in held.to_date:
        recorded[row.provider, row.commissioner][row.month][row.point_of_delivery] += row.actual
    coming: dict[tuple[str, str], dict[int, dict[str, float]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(float))
    )
    values = of.forecast.months
    for at, series in enumerate(of.forecast.series):
        pair = coming[series.provider, series.commissioner]
        for month in range(12):
            pair[month + 1][series.point_of_delivery] += float(values[at, month])
    shown = set(held.commissioners())
    pairs = {*recorded, *coming}
    pairs |= {
        (each.provider, each.commissioner)
        for each in of.contracts.of_commissioner(None)
        if each.commissioner in shown
    }
    found = []
    for provider, body in sorted(pairs):
        for contract, months in _spells(of, provider, body):
            so_far = [month for month in months if month <= upto]
            priced = _by_point(recorded[provider, body], so_far)
            year = {pod: _exact(cost) for pod, cost in _by_point(coming[provider, body], months).items()}
            if contract is None and not priced and not year:
                continue
            found.append(
                PairDue(
                    provider,
                    body,
                    contract.form if contract else ACTIVITY,
                    tuple(months),
                    contract,
                    sum(priced.values(), Decimal(0)),
                    _due_of(contract, priced, so_far, held),
                    sum(year.values(), Decimal(0)),
                    _due_of(contract, year, months, held),
                )
            )
    return found


def _spells(of: Standing, provider: str, body: str) -> list[tuple[Contract | None, list[int]]]:
    """The months of the year under each contract of a pair, and under none."""
    spells: list[tuple[Contract | None, list[int]]] = []
    for month in of.held.year.months():
        contract = of.contracts.of(provider, body, month)
        known = next((months for other, months in spells if other is contract), None)
        if known is None:
            spells.append((contract, [month.number]))
        else:
            known.append(month.number)
    return spells


def _due_of(
    contract: Contract | None, priced: Mapping[str, Decimal], months: Iterable[int], held: YearToDate
) -> Due:
    if contract is None:
        value = sum(priced.values(), Decimal(0)).quantize(PENNY, ROUND_HALF_EVEN)
        return Due(Decimal(0), value, Decimal(0))
    return contract.due(priced, [Month(held.year, number) for number in months])


def _by_point(months: Mapping[int, Mapping[str, Any]], wanted: Iterable[int]) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for month in wanted:
        for pod, cost in months.get(month, {}).items():
            sums[pod] = sums.get(pod, 0) + cost
    return sums


def _due_by(of: Standing, by: Sequence[str]) -> dict[Key, tuple[Decimal, Decimal]]:
    sums: dict[Key, tuple[Decimal, Decimal]] = {}
    for each in of.dues:
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


def _form_gaps(of: Standing, by: Sequence[str]) -> list[Gap]:
    found = []
    if not set(by) <= _OF_PAIRS:
        why = "contracts are of providers and commissioners, and a fixed sum is of no service line"
        found.append(Gap(f"Rows by {' and '.join(name.replace('_', ' ') for name in by)}", "sum due", why))
    elif not of.held.contracts:
        why = (
            "no contracts were imported (speccom reference import contracts FILE), so everything counts as "
            "activity at price"
        )
        found.append(Gap("Every provider", "contract form", why))
    return found


def _form_note(each: PairDue) -> str:
    contract = each.contract
    if contract is None:
        return "no contract was given, so activity at price is assumed"
    said = [f"row {contract.row} of the contracts" if contract.row else "by the low-volume rule"]
    if contract.fixed is not None:
        said.append(f"£{contract.fixed:,.2f} in {len(months_of(contract.interval))} equal months")
    if contract.variable_share is not None:
        said.append(f"{contract.variable_share:.0%} of {' '.join(sorted(contract.variable))}")
    for word, pounds, rate in (
        ("below", contract.lower, contract.rate_below),
        ("above", contract.upper, contract.rate_above),
    ):
        if pounds is not None and rate is not None:
            said.append(f"{rate:.0%} {word} £{pounds:,.2f}")
    return "; ".join(said)


# --- tables


def _dimensions(by: Sequence[str]) -> list[str]:
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or len(set(by)) != len(by):
        fault = f"{unknown[0]!r} is nothing to sum a forecast by" if unknown else "Name each dimension once"
        raise PositionError(f"{fault}: choose from {', '.join(DIMENSIONS)}.")
    return list(by)


def _notes(of: Standing, key: Key, by: Sequence[str], row: Mapping[str, Any], budget: Budgeted) -> list[str]:
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
        said.append(f"no interval: it needs {FEWEST_MONTHS} months")
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
        columns[name] = (column, [row[name] for row in rows], kind)
    return described(columns)


def _title(of: Standing, by: Sequence[str]) -> str:
    named = f" by {', '.join(name.replace('_', ' ') for name in by)}" if by else ""
    return f"Position{named}, {_of_whom(of)}"


def _of_whom(of: Standing) -> str:
    bodies = of.held.commissioners()
    whose = f"{of.held.name(bodies[0])}, " if len(bodies) == 1 else ""
    return f"{whose}April to {of.held.month.start:%B %Y}"


def _share(actual: Decimal, against: Decimal | None) -> float | None:
    return float((actual - against) / against) if against else None


def _estimate(value: float) -> Decimal | None:
    return None if np.isnan(value) else _exact(value)


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(PENNY, ROUND_HALF_EVEN)


def _spans(numbers: Sequence[int]) -> str:
    """`1-3, 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
