"""What other parts of the site recommend to decide: a list that they offer to and decisions are drafted from.

Knows what a recommendation says, and nothing of who makes one or of what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from speccom.errors import SpeccomError

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

ARRANGEMENTS = frozenset({"delegated", "joint", "retained", ""})
"""What may be recommended of lines and areas; empty where the recommendation is of no arrangement."""


class RecommendationError(SpeccomError):
    """A recommendation that no decision could be drafted from."""

    code = "recommendation"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a part of the site recommends to decide, with its evidence.

    `reference` names it for good and is unique, such as `PORTFOLIO-12`. `lines` are codes of service lines
    and `areas` of integrated care boards or regions; either may be empty. `tier` is one of the register's
    planning tiers or empty. `address` is the page of its evidence, `settled` when it was settled.
    """

    reference: str
    title: str
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    arrangement: str
    tier: str
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    address: str
    settled: datetime

    def __post_init__(self) -> None:
        if self.arrangement not in ARRANGEMENTS:
            raise RecommendationError(
                f"{self.reference} recommends {self.arrangement!r}: it must be delegated, joint, retained or empty."
            )
        if not (self.reference.strip() and self.title.strip()):
            raise RecommendationError("A recommendation needs a reference and a title.")


Source: TypeAlias = Callable[["Actor"], Iterable[Recommendation]]
"""Gives the recommendations of one part of the site that an actor may see."""

_sources: list[Source] = []


def offer(source: Source) -> None:
    """Let a part of the site recommend; called once, when its app is ready."""
    if source not in _sources:
        _sources.append(source)


def recommended(actor: Actor) -> list[Recommendation]:
    """Everything recommended that an actor may see, the latest settled first."""
    found = [each for source in _sources for each in source(actor)]
    return sorted(found, key=lambda each: (each.settled, each.reference), reverse=True)
