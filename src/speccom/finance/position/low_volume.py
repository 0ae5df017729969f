"""Low-volume activity: which pairs of provider and board would be paid a fixed sum, if the rule covered them.

The thresholds are published; whether they cover delegated specialised activity is not established, so nothing
is paid by this rule unless whoever asks says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from speccom import content
from speccom.engine import run_steps
from speccom.finance.position.forms import LOW_VOLUME, Contract
from speccom.finance.position.inputs import PENNY
from speccom.finance.position.months import YearToDate, whole_years
from speccom.insight.result import Gap
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear, Interval

NOT_ESTABLISHED = (
    "Low-volume activity: whether its fixed sums cover delegated specialised activity is not established, so the "
    "rule is off unless it is asked for."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """The threshold of one financial year, and of how many years the average is taken."""

    interval: Interval
    threshold: Decimal
    years_averaged: int
    source: str
    confidence: str


@dataclass(frozen=True)
class LowVolume:
    """Contracts that the rule makes, and what it could not decide."""

    contracts: tuple[Contract, ...]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """The rule of each financial year that one is known for."""
    return tuple(
        Rule(
            Interval(date.fromisoformat(row["from"]), date.fromisoformat(row["to"])),
            Decimal(row["threshold"]),
            int(row["years_averaged"]),
            row["source"],
            row["confidence"],
        )
        for row in content.rows(__package__, "low_volume")
    )


def rule_of(year: FinancialYear) -> Rule | None:
    """The rule in force on a year's first day."""
    return next((rule for rule in rules() if year.start in rule.interval), None)


def low_volume(held: YearToDate, commissioners: Sequence[str]) -> LowVolume:
    """The fixed sums of pairs without a contract whose average of the years before is within the threshold.

    The average of a pair is what the provider had for the board's people on the service lines that the board
    pays for now: before delegation somebody else paid for them. Months before there were boards count neither as
    pounds nor as time. Boards that were followed as a whole are added
    up; where one was split nothing is decided.
    """
    rule = rule_of(held.year)
    if rule is None:
        named = ", ".join(str(FinancialYear.containing(each.interval.start)) for each in rules())
        gap = Gap(
            str(held.year), "low-volume sums", f"no threshold of that year is known; they are of {named}"
        )
        return LowVolume((), (), (gap,))
    years = whole_years(held.manifest, before=held.year)[-rule.years_averaged :]
    if len(years) < rule.years_averaged or years[0].start_year != held.year.start_year - rule.years_averaged:
        gap = Gap(
            str(held.year),
            "low-volume sums",
            f"the average is of the {rule.years_averaged} years before, and the ledger holds "
            f"{len(years)} of them whole",
        )
        return LowVolume((), (), (gap,))
    average = _averages(held, years, commissioners)
    made = [
        Contract(0, provider, body, LOW_VOLUME, held.year.interval, fixed=sum_)
        for (provider, body), sum_ in sorted(average.items())
        if Decimal(0) < sum_ <= rule.threshold
        and not any(held.contracts.of(provider, body, month) for month in held.year.months())
    ]
    note = (
        f"Low-volume activity is switched on: {len(made):,} pairs of provider and board with an average of up to "
        f"£{rule.threshold:,.0f} in {years[0]} to {years[-1]} are paid that average as a fixed sum ({rule.source}; "
        f"{rule.confidence}). That it covers delegated specialised activity, and that the average is of the three "
        "years before, is assumed, not established."
    )
    return LowVolume(tuple(made), (note,), ())


def _averages(
    held: YearToDate, years: Sequence[FinancialYear], commissioners: Sequence[str]
) -> dict[tuple[str, str], Decimal]:
    boards = {code for code in commissioners if code in held.register.areas(held.month.start)}
    pays_for: dict[str, set[str]] = defaultdict(set)
    pairs = set()
    for row in held.to_date("commissioner", "service_line", "provider"):
        if row.commissioner in boards:
            pays_for[row.commissioner].add(row.service_line)
            pairs.add((row.provider, row.commissioner))
    with summaries(held.workspace, years) as (engine, _):
        run_steps(engine, __package__, ["earlier_pairs"])
        found = engine.fetch("select * from earlier_pairs").to_pylist()
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    board_of: dict[str, str | None] = {}
    for pair in found:
        home = str(pair["home"] or "")
        if home not in board_of:
            board_of[home] = held.register.board_on(home, held.month.start)
        board = board_of[home]
        if board in boards and str(pair["service_line"] or "") in pays_for[board]:
            sums[str(pair["provider"] or ""), board] += pair["actual"]
    # Boards began in July 2022: nobody's home was one before, so those months are no months of nothing.
    months = sum(bool(held.register.areas(month.start)) for year in years for month in year.months())
    return {
        each: (sums[each] * 12 / months).quantize(PENNY, ROUND_HALF_EVEN) for each in pairs if each in sums
    }
