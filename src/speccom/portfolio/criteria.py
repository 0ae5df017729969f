"""The criteria of the portfolio analysis with their bars, as tables that ship; it knows no line and no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from speccom import content
from speccom.errors import SpeccomError

SUITABILITY, READINESS = "suitability", "readiness"
YES, NO, CANNOT_TELL = "yes", "no", "cannot_tell"
ANSWERS = {YES: "Yes", NO: "No", CANNOT_TELL: "Cannot tell"}
"""What a panel member may answer, in words."""


class PortfolioError(SpeccomError):
    """Something asked of the portfolio that cannot be."""

    code = "portfolio"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its test and group, what it asks, and which answer favours leadership by boards.

    `filled_by` is `measured` or `judged`. `favours` is `yes` or `no` of a judgement, `low` or `high` of a
    measure, and empty of a measure that only tells what is at stake. The words are ours, after the source.
    """

    criterion: str
    test: str
    group: str
    name: str
    question: str
    filled_by: str
    favours: str
    source: str
    confidence: str

    @property
    def judged(self) -> bool:
        return self.filled_by == "judged"

    @property
    def weighs(self) -> bool:
        """Whether it counts for or against."""
        return bool(self.favours)


@dataclass(frozen=True, slots=True)
class Measure:
    """Which column of `measures.COLUMNS` fills a criterion, with the bar it is held to, if any, and whose bar."""

    criterion: str
    column: str
    bar: float | None
    unit: str
    why: str
    basis: str


@dataclass(frozen=True, slots=True)
class Test:
    """One of the two tests: the shares of its weighing criteria that must be known, and of those favourable."""

    test: str
    name: str
    fewest_known: float
    fewest_favourable: float
    basis: str


@cache
def criteria() -> dict[str, Criterion]:
    """Every criterion, in the order of the source."""
    return {row["criterion"]: Criterion(**row) for row in content.rows(__package__, "criteria")}


@cache
def judged() -> dict[str, Criterion]:
    """Those that people judge."""
    return {key: each for key, each in criteria().items() if each.judged}


@cache
def measures() -> dict[str, Measure]:
    """The measure of each measured criterion."""
    return {
        row["criterion"]: Measure(
            row["criterion"],
            row["column"],
            float(row["bar"]) if row["bar"] else None,
            row["unit"],
            row["why"],
            row["basis"],
        )
        for row in content.rows(__package__, "measures")
    }


@cache
def tests() -> dict[str, Test]:
    """Both tests with their bars."""
    return {
        row["test"]: Test(
            row["test"],
            row["name"],
            float(row["fewest_known"]),
            float(row["fewest_favourable"]),
            row["basis"],
        )
        for row in content.rows(__package__, "tests")
    }


def criterion(key: str) -> Criterion:
    """One by its key. Raises `PortfolioError`, naming what there is."""
    if key not in criteria():
        raise PortfolioError(f"{key!r} is no criterion: choose from {', '.join(criteria())}.")
    return criteria()[key]
