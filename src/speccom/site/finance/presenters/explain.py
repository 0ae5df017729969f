"""The page of one number: its formula, what went into it, and where each of those came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speccom.finance.explained import MEANING, Confidence, Explained
from speccom.site.core.pages import Link, Page, Tag, table

COLOURS = {
    Confidence.STATED: "green",
    Confidence.INFERRED: "blue",
    Confidence.RECALLED: "orange",
    Confidence.CHOSEN: "grey",
    Confidence.COMPUTED: "white",
}


@dataclass(frozen=True, kw_only=True)
class ExplainPage(Page):
    """One number and everything below it."""

    explained: Explained
    back: Link
    confidences: tuple[tuple[Tag, str], ...]
    colours: dict[Confidence, str]
    synthetic: bool = False


def explain_page(
    explained: Explained, back: Link, *, trail: Sequence[Link] = (), synthetic: bool = False
) -> ExplainPage:
    """The page of any number of any subject; `back` leads to the page that showed it."""
    rows = [
        (
            ("– " * depth) + each.name,
            each.symbol,
            each.said,
            each.formula,
            each.source,
            Tag(str(each.confidence), COLOURS[each.confidence]),
        )
        for depth, each in explained.walk()
    ]
    used = {each.confidence for _, each in explained.walk()}
    return ExplainPage(
        title=explained.name,
        lead=explained.in_words,
        trail=tuple(trail),
        tables=(
            table(
                "numbers",
                "Every number that it is made of",
                ("Number", "Called", "Value", "Formula", "Source", "Confidence"),
                rows,
            ),
        ),
        sources=explained.sources() or ("worked out from what was asked",),
        explained=explained,
        back=back,
        confidences=tuple(
            (Tag(str(each), COLOURS[each]), MEANING[each]) for each in Confidence if each in used
        ),
        colours=COLOURS,
        synthetic=synthetic,
    )
