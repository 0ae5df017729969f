"""Explains the numbers of a scenario: each board's gain down to the base, what came with services, and the formula."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.explained_allocations import NUMBERS as OF_ALLOCATION
from speccom.finance.explained_allocations import Origins
from speccom.finance.explained_allocations import explain as explain_allocation
from speccom.finance.scenarios.cells import ZERO
from speccom.finance.scenarios.file import ScenarioError
from speccom.finance.scenarios.run import Ran, Year

OWN = ("without", "came", "gain", "moved")
NUMBERS = (*OWN, *OF_ALLOCATION)
"""What can be explained of a board in a year."""


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
            f"{self._ledger()}: the lines of the changes, by whose people they are, on the days that the changes hold",
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

    def _ledger(self) -> str:
        manifest = self._ran.cells.manifest
        return f"the ledger built on {manifest.built:%-d %B %Y}" + (
            " (made-up records)" if manifest.synthetic else ""
        )

    def _names(self) -> dict[str, str]:
        codes = {*self._ran.boards.base, *(each.area for each in self._year.allocated.areas)}
        return {code: f"{self._ran.boards.name(code)} ({code})" for code in codes}

    def _origins(self) -> Origins:
        first = self._year is self._ran.first
        baseline = (
            f"{self._ledger()}: what boards share, with the changes, {self._ran.scenario.base_year}"
            if first
            else f"the allocation of the year before and what moved since, from {self._ledger()}"
        )
        return self._made(baseline)

    def _base_origins(self) -> Origins:
        return self._made(f"{self._ledger()}: what boards share, or the base’s allocation of the year before")

    def _made(self, baseline: str) -> Origins:
        chosen = self._ran.scenario.target.source == "given"
        return Origins(
            (baseline, Confidence.COMPUTED),
            (self._ran.shares_from, Confidence.CHOSEN if chosen else Confidence.INFERRED),
            ("set in the scenario, as growth of all baselines or in pounds", Confidence.CHOSEN),
            ("set in the scenario", Confidence.CHOSEN),
            names=self._names(),
        )
