"""Baselines and target shares on the boards of a later day: merged ones added, split ones by the weights given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from speccom.finance.explained import Explained, given
from speccom.finance.split_boards import Parts, pennies, split_boards
from speccom.finance.target import Boundaries, on_boundaries
from speccom.site.core.library import register
from speccom.site.finance.forms.allocation import MERGERS, Question
from speccom.site.finance.queries.amounts import CHOSEN, Amounts, called_here


def splits() -> dict[str, tuple[str, ...]]:
    """The boards that the mergers split, each with those that have its parts."""
    bodies = register().organisations
    boards = [code for code, body in bodies.items() if body.role == "integrated care board"]
    return split_boards(register(), sorted(boards), MERGERS)


def merged(
    asked: Question, on: date, shares: Amounts, baselines: Amounts
) -> tuple[Amounts, Amounts, tuple[str, ...]]:
    """Shares and baselines by the boards of a day, and what could not be placed."""
    parts = dict(asked.parts)
    moved = on_boundaries(shares.values, register(), on, parts)
    before = on_boundaries(baselines.values, register(), on, parts)
    money = pennies(before.values, baselines.values.values())
    return (
        Amounts(
            moved.values, _added(moved, moved.values, shares, "s", parts), shares.notes, shares.synthetic
        ),
        Amounts(money, _added(before, money, baselines, "B", parts), baselines.notes, baselines.synthetic),
        moved.gaps,
    )


def _added(
    moved: Boundaries, values: Mapping[str, Decimal], of: Amounts, symbol: str, parts: Parts
) -> dict[str, Explained]:
    """A board that follows one as a whole keeps its explanation; one that follows others, or parts, is their sum."""
    what, unit = {"s": ("Target share", "share"), "B": ("Baseline", "£")}[symbol]
    found = {}
    for area, made in moved.made_of.items():
        if len(made) == 1 and made[0][1] == 1:
            found[area] = of.explained[made[0][0]]
            continue
        split = any(share != 1 for _, share in made)
        words = "The boards that it followed, added up"
        if split:
            words += "; of one that was split, its part" + (", to the penny" if unit == "£" else "")
        found[area] = Explained(
            f"{what} of {called_here(area)}, merged",
            symbol,
            values[area],
            unit,
            f"{words}.",
            f"{symbol} = Σ{symbol} of the boards before{', each × its part here' if split else ''}",
            tuple(
                each
                for before, share in made
                for each in (
                    of.explained[before],
                    *([] if share == 1 else [_part(before, area, share, parts)]),
                )
            ),
        )
    return found


def _part(before: str, area: str, share: Decimal, parts: Parts) -> Explained:
    """Which part of a split board is here, from the weights of all of its parts."""
    return Explained(
        f"Part of {called_here(before)} that is in {called_here(area)}",
        "part",
        share,
        "share",
        "The weight of the part here, of the weights of all parts.",
        "part = weight here ÷ all weights",
        tuple(
            given(f"Weight of the part of {before} in {called_here(heir)}", "weight", weight, "", *CHOSEN)
            for (board, heir), weight in parts.items()
            if board == before
        ),
    )
