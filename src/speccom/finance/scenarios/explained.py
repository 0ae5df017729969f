"""Explains the numbers of a scenario: each board's gain down to the base, what came with services, and the formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from speccom.finance.bases.rules import BASES, pots
from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.explained_allocations import NUMBERS as OF_ALLOCATION
from speccom.finance.explained_allocations import Origins
from speccom.finance.explained_allocations import explain as explain_allocation
from speccom.finance.scenarios.cells import ZERO
from speccom.finance.scenarios.file import ScenarioError
from speccom.finance.scenarios.results import held_over_all
from speccom.finance.scenarios.run import Ran, Year
from speccom.insight.result import Result
from speccom.insight.tiers import Thresholds

OWN = ("without", "came", "gain", "gain_share", "moved")
NUMBERS = (*OWN, *OF_ALLOCATION)
"""What can be explained of a board in a year."""
OF_ROWS = {
    "pots": ("before", "after", "change"),
    "changes": ("lines", "moves_in_first_year", "moves_in_last_year"),
    "volatility": ("units_before", "chance_before", "units_after", "chance_after"),
}
"""What can be explained of a row of the other tables."""


def explain(ran: Ran, area: str, year: str, number: str) -> Explained:
    """One number of a board in a year. Raises `ScenarioError` for a year, board or number that is not there."""
    years = {str(each.year): each for each in ran.years}
    if year not in years:
        raise ScenarioError(f"{year!r} is no year of this scenario: choose from {', '.join(years)}.")
    if number not in NUMBERS:
        raise ScenarioError(f"{number!r} is no number of a board: choose from {', '.join(NUMBERS)}.")
    areas = [each.area for each in years[year].allocated.areas]
    if area not in areas:
        raise ScenarioError(f"{area!r} has no allocation here: choose from {', '.join(areas)}.")
    return _Explainer(ran, years[year], area).number(number)


def explain_difference(ran: Ran, other: Ran, area: str, year: str) -> Explained:
    """What a board is given in a year less what it is given in another scenario; raises as `explain`."""
    one, two = explain(ran, area, year, "allocation"), explain(other, area, year, "allocation")
    assert isinstance(one.value, Decimal) and isinstance(two.value, Decimal)
    return Explained(
        f"{one.name}: {ran.scenario.name}, less {other.scenario.name}",
        "A − A′",
        one.value - two.value,
        "£",
        "The allocation in one scenario less that in the other.",
        "difference = A − A′",
        (one, two),
    )


def explain_row(ran: Ran, result: Result, table: str, row: int, number: str) -> Explained:
    """One number of a row (from 1) of a scenario's other tables, as they are shown; `table` is a key of `OF_ROWS`.

    `result` is that of the table; pots are told over all areas. Raises `ScenarioError` for what is not there.
    """
    if table not in OF_ROWS or number not in OF_ROWS[table]:
        known = "; ".join(f"{name}: {', '.join(numbers)}" for name, numbers in OF_ROWS.items())
        raise ScenarioError(f"{number!r} of {table!r} is no number of a scenario: choose from {known}.")
    rows = [asdict(each) for each in held_over_all(ran)] if table == "pots" else result.table.to_pylist()
    if not 1 <= row <= len(rows):
        raise ScenarioError(f"There is no row {row} of {table} here: choose from 1 to {len(rows)}.")
    return _OF_ROW[table](ran, rows[row - 1], number)


def _of_pot(ran: Ran, row: Mapping[str, Any], number: str) -> Explained:
    name = f"{pots()[row['pot']].name}, {BASES[row['basis']]}, held by {row['by']}"
    if number == "change":
        return Explained(
            f"Change: {name}",
            "change",
            row["after"] - row["before"],
            "£",
            "After the changes less before them.",
            "change = after − before",
            (_of_pot(ran, row, "after"), _of_pot(ran, row, "before")),
        )
    when = (
        f"as the changes have it in {ran.first.year}"
        if number == "after"
        else f"as it is in {ran.scenario.base_year}"
    )
    return _from_ledger(
        ran,
        f"{name}, {when}",
        number,
        row[number],
        "£",
        "Every pound of the base year counts once, where its rule places it.",
        "Σ pounds of the lines",
    )


def _of_change(ran: Ran, row: Mapping[str, Any], number: str) -> Explained:
    if number == "lines":
        return given(
            f"Service lines of: {row['change']}",
            "lines",
            row[number],
            "",
            "the scenario’s file, read with the register",
            Confidence.CHOSEN,
        )
    year = ran.first.year if number == "moves_in_first_year" else ran.last.year
    return _from_ledger(
        ran,
        f"Money that lies elsewhere in {year}: {row['change']}",
        "moved",
        row[number],
        "£",
        f"The lines of the change on the days of {year} on which it holds, at prices of {ran.scenario.base_year}.",
        "moved = Σ pounds of the lines",
    )


def _of_line(ran: Ran, row: Mapping[str, Any], number: str) -> Explained:
    which, when = (
        ("before", ran.scenario.base_year) if number.endswith("before") else ("after", ran.last.year)
    )
    where = f"{row['service_line_name']}, {row[f'footprint_{which}']}, {when}"
    units = _from_ledger(
        ran,
        f"Areas that change: {where}",
        "n",
        row[f"units_{which}"],
        "",
        "The areas that the line is planned on, less those that stay as they are.",
        "number of the areas",
    )
    if number.startswith("units"):
        return units
    varied = _exact(row[f"variation_{which}"])
    return Explained(
        f"Chance of missing the expected cost: {where}",
        "chance",
        _exact(row[number]),
        "share",
        "Cases are Poisson and each costs as a case of the line does; years differ by what tiers are decided by. To a "
        "whole percent.",
        "chance = Σ λ · P(|S − E[S]| > q · E[S]) ÷ Σ λ",
        (
            units,
            given(
                "How far a year may miss what is expected",
                "q",
                _exact(Thresholds().q),
                "share",
                "Speccom’s own threshold of tiers",
                Confidence.CHOSEN,
            ),
            given(
                "Coefficient of variation of a year’s cost",
                "CV",
                varied,
                "",
                _ledger(ran),
                Confidence.COMPUTED,
            ),
        ),
    )


def _from_ledger(
    ran: Ran, name: str, symbol: str, value: Any, unit: str, words: str, formula: str
) -> Explained:
    ledger = given("In the ledger", "Σ", value, unit, _ledger(ran), Confidence.COMPUTED)
    return Explained(name, symbol, value, unit, words, formula, (ledger,))


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _ledger(ran: Ran) -> str:
    manifest = ran.cells.manifest
    return f"the ledger built on {manifest.built:%-d %B %Y}" + (
        " (made-up records)" if manifest.synthetic else ""
    )


_OF_ROW = {"pots": _of_pot, "changes": _of_change, "volatility": _of_line}


class _Explainer:
    """The numbers of one board in one year."""

    def __init__(self, ran: Ran, year: Year, area: str) -> None:
        self._ran, self._year, self._area = ran, year, area
        self._name = f"{ran.boards.name(area)} ({area})"

    def number(self, name: str) -> Explained:
        make: dict[str, Callable[[], Explained]] = {
            "without": self._without,
            "came": self._came,
            "gain": self._gain,
            "gain_share": self._gain_share,
            "moved": self._moved,
        }
        return (
            make[name]()
            if name in make
            else explain_allocation(self._year.allocated, self._area, name, self._origins())
        )

    def _gain(self) -> Explained:
        return Explained(
            f"Gain of {self._name} by the formula",
            "gain",
            self._year.gain(self._area),
            "£",
            "The allocation less what the board would have without the changes, and less what came with services "
            "that move.",
            "gain = A − A₀ − came",
            (
                explain_allocation(self._year.allocated, self._area, "allocation", self._origins()),
                self._without(),
                self._came(),
            ),
        )

    def _gain_share(self) -> Explained:
        gain, without, came = self._gain(), self._without(), self._came()
        whole = self._year.without[self._area] + self._year.came[self._area]
        return Explained(
            f"Gain of {self._name} by the formula, as a share",
            "share",
            self._year.gain(self._area) / whole if whole else None,
            "share",
            "The gain over what the board would have without the formula’s part.",
            "share = gain ÷ (A₀ + came)",
            (gain, without, came),
        )

    def _without(self) -> Explained:
        held = {each.area: each for each in self._year.base.areas}
        parts = [
            (board, share)
            for (board, heir), share in sorted(self._year.parts.items())
            if heir == self._area and share
        ]
        inputs = tuple(
            explain_allocation(self._year.base, code, "allocation", self._base_origins())
            if share == 1
            else Explained(
                f"Part of the allocation of {self._ran.boards.name(code)} ({code})",
                "share × A₀",
                held[code].allocation * share,
                "£",
                "What the board would have, times the share of it that is here.",
                "share × A₀",
                (
                    given(
                        "Share of the board that is here",
                        "share",
                        share,
                        "share",
                        "how its money of the base year divides: by sub-ICB location, else as the scenario says",
                        Confidence.CHOSEN,
                    ),
                    explain_allocation(self._year.base, code, "allocation", self._base_origins()),
                ),
            )
            for code, share in parts
            if code in held
        )
        return Explained(
            f"What {self._name} would have without the changes",
            "A₀",
            self._year.without[self._area],
            "£",
            "The allocations of the boards that it is made of, from the same file without its changes, added up.",
            "A₀ = Σ allocations of the boards before",
            inputs,
        )

    def _moved(self) -> Explained:
        ran = self._ran
        return given(
            f"Money of services that move, for the people of {self._name}, at prices of {ran.scenario.base_year}",
            "moved",
            self._year.moved[self._area],
            "£",
            f"{_ledger(self._ran)}: the lines of the changes, by whose people they are, on the days they hold",
            Confidence.COMPUTED,
        )

    def _came(self) -> Explained:
        whole = sum(self._year.moved.values(), ZERO)
        grown = sum(self._year.came.values(), ZERO)
        return Explained(
            f"What came to {self._name} with services that move",
            "came",
            self._year.came[self._area],
            "£",
            "Money of the services at the base year’s prices, grown as all the money grew; to the penny.",
            "came = moved × growth of the money",
            (
                self._moved(),
                given(
                    "Growth of the money since the base year, times",
                    "growth",
                    (grown / whole if whole else Decimal(1)).quantize(Decimal("0.00000001")),
                    "index",
                    "the scenario’s money against its baselines",
                    Confidence.COMPUTED,
                ),
            ),
        )

    def _names(self) -> dict[str, str]:
        codes = {*self._ran.boards.base, *(each.area for each in self._year.allocated.areas)}
        return {code: f"{self._ran.boards.name(code)} ({code})" for code in codes}

    def _origins(self) -> Origins:
        first = self._year is self._ran.first
        baseline = (
            f"{_ledger(self._ran)}: what boards share, with the changes, {self._ran.scenario.base_year}"
            if first
            else f"the allocation of the year before and what moved since, from {_ledger(self._ran)}"
        )
        return self._made(baseline)

    def _base_origins(self) -> Origins:
        return self._made(
            f"{_ledger(self._ran)}: what boards share, or the base’s allocation of the year before"
        )

    def _made(self, baseline: str) -> Origins:
        chosen = self._ran.scenario.target.source == "given"
        return Origins(
            (baseline, Confidence.COMPUTED),
            (self._ran.shares_from, Confidence.CHOSEN if chosen else Confidence.INFERRED),
            ("set in the scenario, as growth of all baselines or in pounds", Confidence.CHOSEN),
            ("set in the scenario", Confidence.CHOSEN),
            names=self._names(),
        )
