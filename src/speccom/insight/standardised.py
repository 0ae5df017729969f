"""Patients of each board against those that its ages would have at England's rates; limits and funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speccom.insight.opened import Opened
from speccom.insight.result import Gap


@dataclass(frozen=True, slots=True)
class Ratio:
    """Observed over expected patients, with 95% limits and its place in the funnel."""

    expected: float
    ratio: float
    lower: float
    upper: float
    funnel: str


@dataclass(frozen=True, slots=True)
class Standardised:
    """The ratio of each board that has one, what was used, and why others have none."""

    rows: Mapping[str, Ratio]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]


def standardised(asked: Opened, boards: Sequence[str]) -> Standardised:
    """Indirectly standardised ratios of patients by age, where a population by age was imported."""
    return Standardised(
        {},
        (),
        (
            Gap(
                "Every board",
                "age-standardised ratio",
                "no population by age is imported: speccom reference import population FILE",
            ),
        ),
    )
