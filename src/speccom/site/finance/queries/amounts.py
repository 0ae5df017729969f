"""Amounts by board as the page of allocations passes them on: baselines and target shares, each explained."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from speccom.finance.explained import Confidence, Explained
from speccom.finance.target import called
from speccom.site.core.library import register

CHOSEN = ("set in the form of the page", Confidence.CHOSEN)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Amounts by board with the explanation of each, the notes that belong to them, and whether made up."""

    values: dict[str, Decimal]
    explained: dict[str, Explained]
    notes: tuple[str, ...]
    synthetic: bool = False


def called_here(area: str) -> str:
    """A board's name with its code, by the register of this workspace."""
    return called(register(), area)
