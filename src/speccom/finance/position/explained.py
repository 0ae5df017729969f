"""The working of each number of a position: what it is made of, month by month, down to the ledger and the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.position.budgeted import budgeted
from speccom.finance.position.challenged import COLUMNS as CHALLENGED
from speccom.finance.position.challenged import IN, OUT
from speccom.finance.position.doubt import NONE
from speccom.finance.position.forecast import Floats, Projected
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.standing import Key, Standing, exact, made_of
from speccom.finance.position.table import COLUMNS, people_of, position, target_of
from speccom.period import Month

_MEASURED = "Measured from the receipt book: finance/position/completion.py"
OF_CHALLENGES = ("lines", "cost", "effect")
"""The numbers of a challenge that open to their working."""
_SPREAD = "φ = Σ (cₘ − r·wₘ)² ÷ (r·wₘ) ÷ (n − 1)"


def explain(of: Standing, by: Sequence[str], key: Key, number: str) -> Explained:
    """One number of the row `key` of the position by some dimensions. Raises `PositionError` for what is not there."""
    rows = position(of, by).table.to_pylist()
    row = next((row for row in rows if tuple(row[name] for name in by) == key), None)
    if row is None:
        raise PositionError(f"There is no row {', '.join(key) or 'of everything'} in this position.")
    working = Working(of, by, key, row)
    build = _NUMBERS.get(number)
    if build is None:
        raise PositionError(f"{number!r} is no number of a position: choose from {', '.join(_NUMBERS)}.")
    return build(working)


def explain_together(of: Standing, row: Mapping[str, Any], number: str) -> Explained:
    """One number of the row of `shown_position` that holds several together, none of which is told by itself."""
    name = f"{row_name(row)}: {COLUMNS[number].meaning}"
    if number == "target_share":
        return Explained(
            name,
            "s",
            None if row[number] is None else Decimal(repr(row[number])),
            "share",
            "What part of the commissioner’s target of the year their forecast is.",
            "s = F ÷ T",
            (
                explain_together(of, row, "forecast"),
                given(
                    "Target of the year", "T", row["target"], "£", "Targets as imported", Confidence.CHOSEN
                ),
            ),
        )
    return Explained(
        name,
        "F" if number == "forecast" else "Σ",
        row[number],
        "£",
        "Each of them has few patients in some month, so their sum alone is told.",
        "Σ over those together",
        (
            given(
                f"{row_name(row)}, added up",
                "Σ",
                row[number],
                "£",
                Working.of_everything(of).ledger,
                Confidence.COMPUTED,
            ),
        ),
    )


def row_name(row: Mapping[str, Any]) -> str:
    """What a row of one dimension is called."""
    return next(str(value) for name, value in row.items() if name.endswith("_name"))


def explain_challenge(of: Standing, row: Mapping[str, Any], number: str) -> Explained:
    """One number of a row of `at_challenge`, as it is told. Raises `PositionError` for another number."""
    if number not in OF_CHALLENGES:
        raise PositionError(
            f"{number!r} is no number of a challenge: choose from {', '.join(OF_CHALLENGES)}."
        )
    about = CHALLENGED[number]
    name = f"{about.meaning[0].upper()}{about.meaning[1:]}: {row['provider_name']}, {row['other_name']}"
    ledger = Working.of_everything(of).ledger
    if number == "effect":
        sign = {OUT: "−", IN: "+"}.get(row["direction"], "0 ×")
        formula, inputs = f"effect = {sign} cost", (explain_challenge(of, row, "cost"),)
    else:
        formula = "number of the lines" if number == "lines" else "Σ pounds of the lines"
        inputs = (
            given(
                f"Lines of the year to date: {row['direction']}",
                "Σ",
                row[number],
                about.unit if number == "cost" else "",
                f"{ledger}: who was billed against the decision table",
                Confidence.COMPUTED,
            ),
        )
    return Explained(
        name,
        number,
        row[number],
        "£" if number != "lines" else "",
        f"Lines of which the bill and the decision table differ: {row['direction']}. To the first figure.",
        formula,
        inputs,
    )


class Working:
    """One row of a position and what its numbers are made of."""

    def __init__(self, of: Standing, by: Sequence[str], key: Key, row: Mapping[str, Any]) -> None:
        self.of, self.by, self.key, self.row = of, by, key, row
        self.grouped = of.grouped(by)
        self.ledger = f"Ledger built {of.held.manifest.built:%-d %B %Y}, register {of.held.manifest.snapshot}"

    @classmethod
    def of_everything(cls, of: Standing) -> Working:
        """The one row of all that a standing is of."""
        [row] = position(of, ()).table.to_pylist()
        return cls(of, (), (), row)

    def actual(self) -> Explained:
        months = self._months(lambda row: row.actual if row.data_set != "ACM" else None)
        return Explained(
            "Actual, year to date",
            "A",
            self.row["actual"],
            "£",
            "The pounds of the patient-level lines of each month, added up.",
            "A = Σ aₘ",
            tuple(
                given(f"Recorded in {self._name(at)}", f"a{at}", pounds, "£", self.ledger, Confidence.STATED)
                for at, pounds in sorted(months.items())
                if at <= self.of.held.month.number
            ),
        )

    def plan(self) -> Explained:
        return self._planned("Plan, year to date", "P", self.row["plan"], self.of.held.month.number)

    def year_plan(self) -> Explained:
        return self._planned("Plan of the full year", "P₁₂", self.row["year_plan"], 12)

    def _planned(self, name: str, symbol: str, value: Decimal | None, upto: int) -> Explained:
        months = self._months(lambda row: row.plan)
        source = f"{self.ledger}: aggregate contract monitoring"
        return Explained(
            name,
            symbol,
            value,
            "£",
            "The planned pounds of each month in the aggregate set, added up.",
            f"{symbol} = Σ pₘ",
            tuple(
                given(f"Planned for {self._name(at)}", f"p{at}", pounds, "£", source, Confidence.STATED)
                for at, pounds in sorted(months.items())
                if at <= upto
            ),
        )

    def budget(self) -> Explained:
        return self._budgeted("Budget, year to date", "B", self.row["budget"], self.of.held.month.number)

    def year_budget(self) -> Explained:
        return self._budgeted("Budget of the full year", "B₁₂", self.row["year_budget"], 12)

    def _budgeted(self, name: str, symbol: str, value: Decimal | None, upto: int) -> Explained:
        held = budgeted(self.of.held, self.by, lambda *parts: self.of.key(self.by, *parts))
        months = held.months.get(self.key, {})
        return Explained(
            name,
            symbol,
            value,
            "£",
            "What was imported, in equal parts for the months that it is of.",
            f"{symbol} = Σ bₘ",
            tuple(
                given(
                    f"Budget of {self._name(at)}",
                    f"b{at}",
                    pounds,
                    "£",
                    "Budgets as imported",
                    Confidence.CHOSEN,
                )
                for at, pounds in sorted(months.items())
                if at <= upto
            ),
        )

    def less(self, name: str, symbol: str, one: Explained, other: Explained) -> Explained:
        """A difference of two numbers; none where one of them is not there."""
        value = None
        if isinstance(one.value, Decimal) and isinstance(other.value, Decimal):
            value = one.value - other.value
        words = f"{one.name} less {other.name[0].lower()}{other.name[1:]}; above nothing is over."
        return Explained(
            name, symbol, value, "£", words, f"{symbol} = {one.symbol} − {other.symbol}", (one, other)
        )

    def forecast(self) -> Explained:
        at = self.grouped.place.get(self.key)
        months = [] if at is None else list(self.grouped.projected.months[at])
        return Explained(
            "Forecast of the full year",
            "F",
            self.row["forecast"],
            "£",
            "The months that are in, as they are expected to end up, and the months to come at their run-rate.",
            "F = Σ cₘ + Σ eₘ,  r = Σ cₘ ÷ Σ wₘ",
            (*(self.month(number, value) for number, value in enumerate(months, start=1)), *self.season()),
        )

    def month(self, number: int, value: float, inputs: tuple[Explained, ...] = ()) -> Explained:
        """What one month is expected to come to."""
        if number > self.of.held.month.number:
            words = "The run-rate of the months that are in, in the season of each line."
            return Explained(
                f"{self._name(number)}, expected", f"e{number}", exact(value), "£", words, "e = r · w", inputs
            )
        words = (
            "Recorded, divided by the share of its last cost that a month holds at its step; of a provider that sent "
            "nothing, what its other months suggest."
        )
        name = f"{self._name(number)}, as it is expected to end up"
        return Explained(name, f"c{number}", exact(value), "£", words, "c = Σ a ÷ share", inputs)

    def end(self, which: str) -> Explained:
        """One end of the interval of the full year."""
        return self.interval(
            f"{which.capitalize()} end of the forecast’s interval",
            which,
            self.row[f"forecast_{which}"],
            self.forecast(),
            self.grouped.projected,
            self.grouped.place.get(self.key),
        )

    def interval(
        self,
        name: str,
        which: str,
        value: Decimal | None,
        forecast: Explained,
        projected: Projected,
        at: int | None,
    ) -> Explained:
        """One end of an interval about a forecast: that of a group, all of the year or its first months."""
        sign = "−" if which == "lower" else "+"
        inputs: list[Explained] = [forecast]
        if at is not None:
            reach = _number(projected.reach(self.of.level)[at], 6)
            level = Decimal(str(self.of.level))
            freedom = _number(projected.freedom[at], 2)
            method = "finance/position/forecast.py: the ratio model"
            inputs += [
                Explained("How far months stray", "φ", _number(projected.spread[at]), "£", "", _SPREAD),
                Explained("Expected of the months that are in", "V", _number(projected.seen[at]), "£"),
                Explained("Expected of the months to come", "W", _number(projected.to_come[at]), "£"),
                given("Months that are in", "n", int(projected.held[at]), "", self.ledger, Confidence.STATED),
                *self._lateness(projected.lateness[at]),
                given("Degrees of freedom", "ν", freedom, "", method, Confidence.INFERRED),
                given("Student’s t for the level", "t", reach, "", method, Confidence.INFERRED),
                given(
                    "Level of the interval",
                    "level",
                    level,
                    "share",
                    "Set by whoever asked",
                    Confidence.CHOSEN,
                ),
            ]
        return Explained(
            name,
            which,
            value,
            "£",
            "The forecast, and the error that months straying from their run-rate, and late months from their "
            "completion, as they did would give it.",
            f"{forecast.symbol} {sign} t · √(φ · (W + W² ÷ V) + Σ L²)",
            tuple(inputs),
        )

    def shares_of(self, number: int) -> list[Explained]:
        """The shares by which a month is completed; none where it is complete, or nothing was measured."""
        doubt = self.of.forecast.doubt
        months = np.unique(doubt.sent[:, number - 1])
        used = {int(doubt.shares[month]) for month in months if month != NONE}
        return [
            given(
                f"Share of its last cost that {doubt.of[at].data_set} holds at step {doubt.of[at].step}",
                "share",
                _number(doubt.of[at].share, 6),
                "share",
                _MEASURED,
                Confidence.INFERRED,
            )
            for at in sorted(used)
        ]

    def _lateness(self, variances: Floats) -> list[Explained]:
        """What each sort of month that is still incomplete adds to the error, as a standard deviation."""
        shares = self.of.forecast.doubt.of
        found = []
        for share, variance in zip(shares, variances, strict=True):
            if not variance:
                continue
            numbers = (
                ("Share of its last cost that such a month holds", "c", _number(share.share, 6), "share"),
                ("Error by the pound", "ψ", _number(share.by_pound), "£"),
                ("Error of the whole, by the square", "τ²", _number(share.by_square, 8), ""),
                ("Variance of f, which is 1 ÷ c", "var f", _number(share.of_factor, 10), ""),
                ("Months of providers that were followed", "k", share.months, ""),
            )
            found.append(
                Explained(
                    f"{share.data_set} at step {share.step}, still incomplete",
                    "L",
                    _number(np.sqrt(variance)),
                    "£",
                    "How far months of providers strayed, when they had come as far, from the cost that they ended "
                    "at; u is 1 and what the run-rate makes of a pound more, a what each month holds.",
                    "L² = Σ ψ·u²·a + τ²·Σ (Σ u·a)² + var f·(Σ u·a)²",
                    tuple(
                        given(name, symbol, value, unit, _MEASURED, Confidence.INFERRED)
                        for name, symbol, value, unit in numbers
                    ),
                )
            )
        return found

    def per_head(self, which: str) -> Explained:
        """The actual or the forecast for each of the people that it is held against."""
        pounds = self.actual() if which == "actual" else self.forecast()
        people = people_of(self.of, self.by, self.key)
        return Explained(
            f"{pounds.name}, a head",
            "h",
            self.row[f"{which}_per_head"],
            "£",
            "The pounds for each of the people that it is held against.",
            f"h = {pounds.symbol} ÷ N",
            (pounds, given("People", "N", people, "people", self.of.heads.source, Confidence.STATED)),
        )

    def target_share(self) -> Explained:
        share = self.row["target_share"]
        return Explained(
            "Forecast as a share of the target",
            "s",
            None if share is None else Decimal(repr(share)),
            "share",
            "What part of the commissioner’s target of the year the forecast is.",
            "s = F ÷ T",
            (self.forecast(), self.target()),
        )

    def target(self) -> Explained:
        target = target_of(self.of, self.by, self.key)
        return given("Target of the year", "T", target, "£", "Targets as imported", Confidence.CHOSEN)

    def part(self, number: str, less: Explained) -> Explained:
        """A difference as a share of what it is held against."""
        share, goal = self.row[number], less.inputs[1]
        return Explained(
            f"{less.name}, as a share of it",
            "share",
            None if share is None else Decimal(repr(share)),
            "share",
            f"The difference over {goal.name[0].lower()}{goal.name[1:]}.",
            f"share = {less.symbol} ÷ {goal.symbol}",
            (less,),
        )

    def forecast_variance(self) -> Explained:
        goal = self.year_budget() if self.row["forecast_against"] == "budget" else self.year_plan()
        return self.less("Forecast less what it is held against", "V₁₂", self.forecast(), goal)

    def season(self) -> list[Explained]:
        shape, source = self.of.held.seasons.overall, self.of.held.seasons.said()
        shares = [(number, _number(shape[number - 1], 6)) for number in range(1, 13)]
        return [
            given(
                f"Share of the year in {self._name(number)}, all lines",
                f"w{number}",
                share,
                "share",
                source,
                Confidence.INFERRED,
            )
            for number, share in shares
        ]

    def _months(self, pounds_of: Callable[[Any], Decimal | None]) -> dict[int, Decimal]:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for row in self.of.held.paid(*made_of(self.by)):
            key = self.of.key(self.by, row.commissioner, row.service_line, row.provider, row.month)
            if key == self.key and (pounds := pounds_of(row)) is not None:
                sums[row.month] += pounds
        return sums

    def _name(self, number: int) -> str:
        return f"{Month(self.of.held.year, number).start:%B %Y}"


def _number(value: Any, places: int = 2) -> Decimal | None:
    number = float(value)
    return None if np.isnan(number) else round(Decimal(repr(number)), places)


_NUMBERS: dict[str, Callable[[Working], Explained]] = {
    "actual": Working.actual,
    "plan": Working.plan,
    "budget": Working.budget,
    "plan_variance": lambda of: of.less("Actual less plan", "V", of.actual(), of.plan()),
    "budget_variance": lambda of: of.less("Actual less budget", "V", of.actual(), of.budget()),
    "year_plan": Working.year_plan,
    "year_budget": Working.year_budget,
    "forecast": Working.forecast,
    "forecast_lower": lambda of: of.end("lower"),
    "forecast_upper": lambda of: of.end("upper"),
    "forecast_variance": Working.forecast_variance,
    "forecast_less_plan": lambda of: of.less("Forecast less plan", "V₁₂", of.forecast(), of.year_plan()),
    "forecast_less_budget": lambda of: of.less(
        "Forecast less budget", "V₁₂", of.forecast(), of.year_budget()
    ),
    "plan_variance_share": lambda of: of.part("plan_variance_share", _NUMBERS["plan_variance"](of)),
    "budget_variance_share": lambda of: of.part("budget_variance_share", _NUMBERS["budget_variance"](of)),
    "target": Working.target,
    "actual_per_head": lambda of: of.per_head("actual"),
    "forecast_per_head": lambda of: of.per_head("forecast"),
    "target_share": Working.target_share,
}
NUMBERS = tuple(_NUMBERS)
"""The numbers of a position that open to their working."""
