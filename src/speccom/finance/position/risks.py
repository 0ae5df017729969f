"""The risks in a year's position, the greatest first: what each is worth, and the working that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from speccom.errors import SpeccomError
from speccom.finance.position.challenged import IN, OUT, at_challenge
from speccom.finance.position.months import whole_years
from speccom.finance.position.shown import Shown
from speccom.finance.position.shown_challenges import ALL
from speccom.finance.position.standing import ESTIMATE, Standing, exact, penny
from speccom.finance.position.table import position
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.trends import trends
from speccom.insight.volatility import OBSERVED_FROM, volatility

MOST_OF_A_KIND = 5
COSTS_MORE, COSTS_LESS, EITHER = "would cost more", "would cost less", "either way"
COLUMNS = {
    "rank": Column("", "1 is the most pounds"),
    "kind": Column("", "what sort of risk it is"),
    "subject": Column("", "of what"),
    "pounds": Column("£", "what it is worth over the full year"),
    "direction": Column("", "whether the year would cost more or less"),
    "working": Column("", "how the pounds come about"),
}


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk: its pounds are above nothing, whichever way they would go."""

    kind: str
    subject: str
    pounds: Decimal
    direction: str
    working: str


@dataclass(frozen=True)
class Public:
    """What everybody may see of a commissioner: lines and providers that stand alone, and its challenges."""

    may: Shown
    challenges: Result


def risks(of: Standing, commissioner: str, public: Public | None = None) -> Result:
    """The risks of one commissioner, ranked by pounds. Columns: those of `COLUMNS`.

    Risks overlap, so they are never added up: a line whose trend rises is also forecast to overspend. With `public`,
    only what everybody may see: sorts of risk whose pounds may be of few people are gaps.
    """
    found: list[Risk] = []
    gaps: list[Gap] = []
    kinds = _KINDS if public is None else _PUBLIC_KINDS
    for kind in kinds:
        for each in kind(of, commissioner, public):
            if isinstance(each, Gap):
                gaps.append(each)
            elif each.pounds > 0:
                found.append(each)
    found.sort(key=lambda risk: (-risk.pounds, risk.kind, risk.subject))
    table = described(
        {
            "rank": (COLUMNS["rank"], list(range(1, len(found) + 1)), pa.int64()),
            "kind": (COLUMNS["kind"], [risk.kind for risk in found], pa.string()),
            "subject": (COLUMNS["subject"], [risk.subject for risk in found], pa.string()),
            "pounds": (COLUMNS["pounds"], [risk.pounds for risk in found], ESTIMATE),
            "direction": (COLUMNS["direction"], [risk.direction for risk in found], pa.string()),
            "working": (COLUMNS["working"], [risk.working for risk in found], pa.string()),
        }
    )
    return Result(
        f"Risks, {of.held.name(commissioner)}, April to {of.held.month.start:%B %Y}",
        table,
        (
            "Risks overlap and are not added up: what costs more than was planned may also have changed and vary.",
            f"Of each sort the {MOST_OF_A_KIND} greatest are listed.",
        ),
        tuple(gaps),
        of.held.synthetic,
    )


Found = Iterator[Risk | Gap]
Kind = Callable[[Standing, str, Public | None], Found]


def _overspend(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    rows = [
        row
        for row in position(of, ("service_line",)).table.to_pylist()
        if row["forecast_variance"] is not None
        and (public is None or row["service_line"] in public.may.alone["service_line"])
    ]
    if not rows:
        yield Gap(
            of.held.name(commissioner),
            "risk of overspending by line",
            "no line has a budget or plan of the full year",
        )
    over = sorted(
        (row for row in rows if row["forecast_variance"] > 0), key=lambda row: -row["forecast_variance"]
    )
    for row in over[:MOST_OF_A_KIND]:
        goal = row["forecast_against"]
        ends = (
            f", interval {_pounds(row['forecast_lower'])} to {_pounds(row['forecast_upper'])}"
            if row["forecast_lower"] is not None
            else ""
        )
        yield Risk(
            "Forecast above " + goal,
            _line(row),
            penny(row["forecast_variance"]),
            COSTS_MORE,
            f"forecast {_pounds(row['forecast'])}{ends}, less {goal} {_pounds(row[f'year_{goal}'])}",
        )


def _completeness(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    forecast = of.forecast
    is_in = ~np.isnan(forecast.completed)
    recorded = float(forecast.recorded[is_in].sum())
    completed = float(forecast.completed[is_in].sum())
    if not of.held.completion.shares:
        yield Gap(
            of.held.name(commissioner),
            "risk of incompleteness",
            of.held.completion.why or "it was not measured",
        )
        return
    more = exact(completed - recorded)
    yield Risk(
        "Months not yet complete",
        "All lines",
        abs(more),
        COSTS_MORE if more > 0 else COSTS_LESS,
        f"{_pounds(exact(completed))} expected of the months that are in, once they are restated, less "
        f"{_pounds(exact(recorded))} recorded",
    )


def _not_sent(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    forecast, upto = of.forecast, of.held.month.number
    missing = np.isnan(forecast.completed[:, :upto])
    by_provider: dict[str, tuple[float, set[int]]] = {}
    for at, series in enumerate(forecast.series):
        months = {int(month) + 1 for month in np.flatnonzero(missing[at])}
        if months and (public is None or series.provider in public.may.alone["provider"]):
            pounds, known = by_provider.get(series.provider, (0.0, set()))
            pounds += float(forecast.run[at, :upto][missing[at]].sum())
            by_provider[series.provider] = pounds, known | months
    for provider, (pounds, months) in sorted(by_provider.items(), key=lambda item: -item[1][0])[
        :MOST_OF_A_KIND
    ]:
        numbers = ", ".join(map(str, sorted(months)))
        yield Risk(
            "Months not sent",
            of.name("provider", provider),
            exact(max(pounds, 0)),
            COSTS_MORE,
            f"nothing was sent for month {numbers}; at the run-rate of the others it would have been this",
        )


def _challenges(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    result = public.challenges if public else at_challenge(of.held, commissioner)
    # What everybody may see has a row of all providers together, which is more than those listed.
    rows = [row for row in result.table.to_pylist() if public is None or row["provider"] == ALL]
    ways = (
        (OUT, "Challenges that may not be upheld", COSTS_MORE, "billed to it and left out of the position"),
        (IN, "Lines billed to others", COSTS_LESS, "counted here and billed to others"),
    )
    for direction, kind, effect, words in ways:
        own = [row for row in rows if row["direction"] == direction]
        cost = sum((row["cost"] for row in own), Decimal(0))
        lines = sum(row["lines"] for row in own)
        first = "; ".join(f"{row['provider_name']} {_pounds(row['cost'])}" for row in own[:3])
        working = f"about {lines:,} lines {words}" if public else f"{lines:,} lines {words}: {first}"
        yield Risk(kind, "All providers", penny(abs(cost)), effect, working)


def _changes(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    """Lines of a board whose last month is a signal on an XmR chart."""
    if commissioner not in of.held.register.areas(of.held.month.start):
        yield Gap(
            of.held.name(commissioner),
            "risk from lines that changed",
            "charts are of boards’ people, and it is no board",
        )
        return
    found = _asked(lambda: trends(of.held.workspace, "all", icb=commissioner, until=of.held.month))
    if isinstance(found, str):
        yield Gap(of.held.name(commissioner), "risk from lines that changed", found)
        return
    left = 12 - of.held.month.number
    paid = {row.service_line for row in of.held.to_date("service_line")}
    rows = [row for row in found.table.to_pylist() if row["service_line"] in paid]
    for row in rows[:MOST_OF_A_KIND]:
        lasts = row["months"] > 1
        pounds = exact(abs(row["change"]) * (left if lasts else 1))
        yield Risk(
            "Line that changed",
            _line(row),
            pounds,
            COSTS_MORE if row["change"] > 0 else COSTS_LESS,
            f"{row['signal']} since {row['since']}: {_pounds(exact(row['level']))} a month against "
            f"{_pounds(exact(row['mean']))} before"
            + (f", over the {left} months to come" if lasts else "; one month alone, counted once")
            + " (of the board’s people, whoever pays)",
        )


def _variation(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    """Lines whose yearly cost has varied much, by the pounds of one coefficient of variation."""
    years = whole_years(of.held.manifest, before=of.held.year)
    if len(years) < OBSERVED_FROM:
        yield Gap(
            of.held.name(commissioner),
            "risk from lines that vary",
            f"it needs {OBSERVED_FROM} whole earlier years, and the ledger holds {len(years)}",
        )
        return
    found = _asked(lambda: volatility(of.held.workspace, "all", years))
    if isinstance(found, str):
        yield Gap(of.held.name(commissioner), "risk from lines that vary", found)
        return
    rung = "icb" if commissioner in of.held.register.areas(of.held.month.start) else "region"
    varied = {
        row["service_line"]: row["observed_variation"]
        for row in found.table.to_pylist()
        if row["footprint"] == rung and row["observed_variation"] is not None
    }
    rows = [
        (row, varied[row["service_line"]], float(row["forecast"]))
        for row in position(of, ("service_line",)).table.to_pylist()
        if row["service_line"] in varied and row["forecast"] is not None
    ]
    rows.sort(key=lambda each: -each[1] * each[2])
    of_whom = "one board’s" if rung == "icb" else "one region’s"
    for row, variation, forecast in rows[:MOST_OF_A_KIND]:
        yield Risk(
            "Line that varies from year to year",
            _line(row),
            exact(max(variation * forecast, 0)),
            EITHER,
            f"{of_whom} cost of it has varied by {variation:.1%} about its trend (coefficient of variation, "
            f"{years[0]} to {years[-1]}) of a forecast of {_pounds(row['forecast'])}",
        )


def _homes(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    """Pounds that count here only because the provider lies here and nothing says where the patient lives."""
    guessed = [row for row in of.held.to_date("provider") if row.guessed_home]
    cost = sum((row.guessed_home for row in guessed), Decimal(0))
    providers = sorted({row.provider for row in guessed})
    yield Risk(
        "Home not known",
        "All lines",
        penny(abs(cost)),
        COSTS_LESS,
        f"assigned by where the provider lies, since no record says where the patient lives ({len(providers):,} "
        "providers); it may belong to others",
    )


def _not_for_everybody(of: Standing, commissioner: str, public: Public | None = None) -> Found:
    """The sorts of risk of which everybody sees none, since their pounds may be of few people."""
    for what in ("lines that changed", "lines that vary from year to year", "homes that are not known"):
        why = "its pounds may be of few people; the month-end pack has it (speccom pack)"
        yield Gap(of.held.name(commissioner), f"risk from {what}", why)


_KINDS: tuple[Kind, ...] = (
    _overspend,
    _completeness,
    _not_sent,
    _challenges,
    _changes,
    _variation,
    _homes,
)
_PUBLIC_KINDS: tuple[Kind, ...] = (_overspend, _completeness, _not_sent, _challenges, _not_for_everybody)


def _asked(ask: Callable[[], Result]) -> Result | str:
    """An analysis, or in words why it cannot be had."""
    try:
        return ask()
    except SpeccomError as error:
        return str(error).rstrip(".")


def _line(row: Mapping[str, Any]) -> str:
    return f"{row['service_line_name']} ({row['service_line'] or 'no line'})"


def _pounds(value: Decimal | None) -> str:
    return "–" if value is None else f"£{value:,.0f}".replace("-", "−")
