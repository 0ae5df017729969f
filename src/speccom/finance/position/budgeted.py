"""Which budget belongs to which group of a position, and where budgets do not say enough for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from speccom.finance.position.budgets import Budget
from speccom.finance.position.months import Paid, YearToDate
from speccom.insight.result import Gap
from speccom.period import Month

Key = tuple[str, ...]
_OF_BUDGETS = ("commissioner", "service_line", "provider")
NONE_IMPORTED = "no budgets were imported: speccom reference import budgets FILE"
_STATED: dict[str, Callable[[Budget], bool]] = {
    "commissioner": lambda budget: True,
    "service_line": lambda budget: budget.service_line is not None,
    "programme": lambda budget: budget.service_line is not None,
    "provider": lambda budget: budget.provider is not None,
    "form": lambda budget: budget.provider is not None,
}


@dataclass
class Budgeted:
    """Budgets by group and month, and what is not said.

    `incomplete` are commissioners whose budgets cannot be divided so; `of_none` what was spent, by group, on
    what no budget covers.
    """

    months: dict[Key, dict[int, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    incomplete: set[str] = field(default_factory=set)
    of_none: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    gaps: list[Gap] = field(default_factory=list)

    def to_date(self, key: Key, month: int) -> Decimal | None:
        """The budget of the months up to one; none where there is none."""
        held = self.months.get(key)
        return sum((pounds for at, pounds in held.items() if at <= month), Decimal(0)) if held else None

    def full_year(self, key: Key) -> Decimal | None:
        """The budget of the year; none where there is none."""
        held = self.months.get(key)
        return sum(held.values(), Decimal(0)) if held else None

    def number_of_months(self, key: Key) -> int:
        """How many months of the year have a budget."""
        return len(self.months.get(key, ()))


def budgeted(
    held: YearToDate,
    by: Sequence[str],
    key_of: Callable[[str, str, str, int], Key],
) -> Budgeted:
    """The budgets of a year by the dimensions of a position.

    `key_of` gives the group of a commissioner, service line, provider and month number.
    """
    found = Budgeted()
    commissioners = held.commissioners()
    if held.budgets is None:
        found.gaps.append(Gap(_all_of(held, commissioners), "budget", NONE_IMPORTED))
        found.incomplete.update(commissioners)
        return found
    in_year = {month: month.number for month in held.year.months()}
    for body in commissioners:
        own = [each for each in held.budgets if each.commissioner == body]
        parts = [(each, months) for each in own if (months := _months(each, in_year))]
        undivided = sorted({name for each, _ in parts for name in by if not _STATED[name](each)})
        if not parts or undivided:
            found.incomplete.add(body)
            why = (
                f"its budgets are not divided by {' or '.join(name.replace('_', ' ') for name in undivided)}"
                if parts
                else f"none of the budgets imported is of {held.year}"
                if own
                else "none of the budgets imported is of it"
            )
            found.gaps.append(Gap(held.name(body), "budget", why))
            continue
        for budget, months in parts:
            for number, pounds in months.items():
                key = key_of(body, budget.service_line or "", budget.provider or "", number)
                found.months[key][number] += pounds
        _without(found, held.to_date(*_OF_BUDGETS), body, parts, key_of)
    return found


def _without(
    found: Budgeted,
    rows: Iterable[Paid],
    body: str,
    parts: Sequence[tuple[Budget, Mapping[int, Decimal]]],
    key_of: Callable[[str, str, str, int], Key],
) -> None:
    """What was spent on lines or providers that no budget of a commissioner covers."""
    covered: set[tuple[str | None, str | None, int]] = {
        (budget.service_line, budget.provider, number) for budget, months in parts for number in months
    }
    for row in rows:
        if row.commissioner != body:
            continue
        ways = (
            (line, provider, row.month)
            for line in (row.service_line, None)
            for provider in (row.provider, None)
        )
        if not any(way in covered for way in ways):
            found.of_none[key_of(body, row.service_line, row.provider, row.month)] += row.actual


def _months(budget: Budget, in_year: Mapping[Month, int]) -> dict[int, Decimal]:
    return {in_year[month]: pounds for month, pounds in budget.months().items() if month in in_year}


def _all_of(held: YearToDate, commissioners: Sequence[str]) -> str:
    return held.name(commissioners[0]) if len(commissioners) == 1 else "Every commissioner"
