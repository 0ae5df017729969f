"""What there is to ask about money, and where."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from speccom.site.core.pages import Link, Page

# The name of an address, what its page is called, and one sentence of what it answers; in the order of the page.
WAYS_IN: tuple[tuple[str, str, str], ...] = (
    (
        "bases",
        "Host and population basis",
        "What each area’s hospitals cost, what its people cost, and what moves when money follows people.",
    ),
    (
        "position",
        "Position: plan, budget and the full year",
        "What a board or hub has spent against its plan and budget, and what the year will come to.",
    ),
    (
        "allocation",
        "Allocations and the pace of change",
        "What each board would get if its money moved towards its fair share, how fast, and which bounds hold whom.",
    ),
    (
        "pools",
        "Risk pools between areas",
        "What a dear patient or a dear year would cost each board alone, and what if boards paid for it together.",
    ),
    (
        "needs",
        "Need models",
        "How a need index is fitted on areas, what supply was taken out of it, and how far the answer can be trusted.",
    ),
    (
        "scenarios",
        "Scenarios",
        "What follows for every board if boards merge, services are delegated, or the pace and the money change.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class StartPage(Page):
    """The ways in, each a link with a sentence."""

    ways_in: tuple[tuple[Link, str], ...]


def start_page() -> StartPage:
    """Every page of money with what it answers."""
    return StartPage(
        title="Finance: how money is shared",
        lead="How money for specialised services could be shared between areas, and the working behind every number.",
        ways_in=tuple((Link(title, reverse(name)), sentence) for name, title, sentence in WAYS_IN),
    )
