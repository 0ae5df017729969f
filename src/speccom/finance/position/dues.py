"""What is due under each contract of a year, against activity at its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa

from speccom.finance.position.forms import ACTIVITY, Contract, Due, forms
from speccom.finance.position.inputs import PENNY, months_of
from speccom.finance.position.months import YearToDate
from speccom.finance.position.standing import (
    MONEY,
    OF_PAIRS,
    Standing,
    exact,
    gaps,
    notes,
    of_whom,
)
from speccom.insight.result import Column, Gap, Result, described
from speccom.period import Month


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
        dues(of), key=lambda each: (-each.priced, each.provider, each.commissioner, each.months)
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
        f"What is due by contract form, {of_whom(of)}",
        table,
        (*notes(of), *said),
        (*gaps(of), *form_gaps(of, ("form",))),
        of.held.synthetic,
    )


def dues(of: Standing) -> list[PairDue]:
    """What is due between each provider and commissioner, by contract and for months without one."""
    return of.worked("dues", lambda: _dues(of))


def _dues(of: Standing) -> list[PairDue]:
    held, upto = of.held, of.held.month.number
    recorded: dict[tuple[str, str], dict[int, dict[str, Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    # Without contracts no point of delivery is paid otherwise than another.
    codes = ("provider", "commissioner", *(("point_of_delivery",) if of.contracts else ()))
    for row in held.to_date(*codes):
        recorded[row.provider, row.commissioner][row.month][row.point_of_delivery] += row.actual
    coming: dict[tuple[str, str], dict[int, dict[str, float]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(float))
    )
    for (provider, body, *point), run in of.forecast.summed(codes).items():
        for number, pounds in enumerate(run.tolist(), start=1):
            coming[provider, body][number]["".join(point)] += pounds
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
            year = {pod: exact(cost) for pod, cost in _by_point(coming[provider, body], months).items()}
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


def form_gaps(of: Standing, by: Sequence[str]) -> list[Gap]:
    found = []
    if not set(by) <= OF_PAIRS:
        why = "contracts are of providers and commissioners, and a fixed sum is of no service line"
        found.append(Gap(f"Rows by {' and '.join(name.replace('_', ' ') for name in by)}", "sum due", why))
    elif not of.held.contracts:
        why = (
            "no contracts were imported (speccom reference import contracts FILE), so everything counts as "
            "activity at price"
        )
        found.append(Gap("Every provider", "contract form", why))
    return found


def _spans(numbers: Sequence[int]) -> str:
    """`1-3, 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
