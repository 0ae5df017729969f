"""Holds the formulae against published figures: distances from target, and weighted populations of practices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from speccom import content
from speccom.finance.pace import distance_from
from speccom.finance.target import with_inequalities

ALLOCATION, TARGET = "allocation", "target"
DISTANCE, DISTANCE_PERCENT = "distance_from_target", "distance_from_target_pct"
NEED = "primary_medical_need_weighted_population"
INEQUALITIES = "health_inequalities_weighted_population"
FINAL = "primary_medical_final_weighted_population"
PRIMARY_MEDICAL_H = Decimal("0.15")
"""The share of primary medical money that followed health inequalities, 2023/24 to 2025/26."""

Figures = Mapping[str, "Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One published number, with its unit, the page it was read on and how surely."""

    year: str
    area: str
    measure: str
    value: Decimal
    unit: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A published number, what the formula gives from the numbers published beside it, and how near it must be."""

    published: Figure
    computed: Decimal
    tolerance: Decimal

    @property
    def agrees(self) -> bool:
        return abs(self.computed - self.published.value) <= self.tolerance


@cache
def figures() -> tuple[Figure, ...]:
    """Every published figure that is shipped."""
    return tuple(
        Figure(**{**row, "value": Decimal(row["value"])})  # type: ignore[arg-type]
        for row in content.rows(__package__, "published")
    )


def figure(year: str, area: str, measure: str) -> Figure:
    """One of them. Raises `KeyError` for none."""
    return {(each.year, each.area, each.measure): each for each in figures()}[year, area, measure]


def compare() -> list[Compared]:
    """Each published number that follows from others published beside it, compared with what our formulae give."""
    beside: dict[tuple[str, str], dict[str, Figure]] = {}
    for each in figures():
        beside.setdefault((each.year, each.area), {})[each.measure] = each
    return [found for held in beside.values() for check in _CHECKS for found in check(held)]


def _percent(held: Figures) -> Iterator[Compared]:
    """Percent of target to two places; one was printed cut instead of rounded, so the hundredth is the tolerance."""
    if DISTANCE_PERCENT in held:
        share = distance_from(held[TARGET].value, held[ALLOCATION].value)
        yield Compared(held[DISTANCE_PERCENT], round(share * 100, 2), Decimal("0.01"))


def _pounds(held: Figures) -> Iterator[Compared]:
    """In thousands: from an allocation and a target that were each rounded to a thousand."""
    if DISTANCE in held:
        yield Compared(held[DISTANCE], held[ALLOCATION].value - held[TARGET].value, Decimal(1))


def _practice(held: Figures) -> Iterator[Compared]:
    """Weighted people of a practice, published to six places and one to three from parts of nine digits."""
    if FINAL in held:
        final = with_inequalities(PRIMARY_MEDICAL_H, held[NEED].value, held[INEQUALITIES].value)
        yield Compared(held[FINAL], final, Decimal("0.00001"))


_CHECKS: tuple[Callable[[Figures], Iterator[Compared]], ...] = (_percent, _pounds, _practice)
