"""Reads a question of bases from an address: by which areas, in which year, and the way of which area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speccom.ledger.manifest import LedgerError, Manifest
from speccom.ledger.summaries import years_held
from speccom.period import FinancialYear
from speccom.site.explore.forms import AskedWrong, text

BY = {"region": "Regions", "icb": "Integrated care boards"}
_ONLY_THEN = (
    "From two answers on different boundaries a sum that is withheld in one could be worked out, so this page shows "
    "areas as they were. An analyst who holds the data can ask for more: speccom bases --help."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `area` is empty where none was named, and `start` is the year that its waterfall begins in."""

    by: str
    year: FinancialYear
    start: FinancialYear
    area: str

    @property
    def query(self) -> dict[str, str]:
        """The question as an address has it."""
        said = {"by": self.by, "year": str(self.year), "area": self.area}
        if self.start != self.year:
            said["from"] = str(self.start)
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Opened:
    """One number that is to be opened: of the area, or of a step, a kind of its money or a crossing that is named."""

    number: str
    step: str
    pot: str
    home: str
    host: str


def opened(asked: Mapping[str, str]) -> Opened:
    """The number that is to be opened. Raises `AskedWrong`."""
    number, step, pot, home, host = (text(asked, name) for name in ("number", "step", "pot", "home", "host"))
    return Opened(number or "transfer", step, pot, home.upper(), host.upper())


def question(asked: Mapping[str, str], held: Manifest) -> Question:
    """The question of the page. Raises `AskedWrong`, `PeriodError` and `LedgerError`."""
    by = text(asked, "by") or "region"
    if by not in BY:
        raise AskedWrong(f"{by!r} is nothing to show bases by: choose from {', '.join(BY)}.")
    if (text(asked, "boundaries") or "then") != "then":
        raise AskedWrong(_ONLY_THEN)
    years = years_held(held)
    year = FinancialYear.parse(text(asked, "year")) if text(asked, "year") else years[-1]
    start = FinancialYear.parse(text(asked, "from")) if text(asked, "from") else year
    for each in (year, start):
        if each not in years:
            named = ", ".join(map(str, years))
            raise LedgerError(f"The ledger holds nothing of {each}: choose from {named}.")
    return Question(by, year, start, text(asked, "area").upper())
