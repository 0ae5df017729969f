"""Reads what was asked of the ledger from an address, and refuses what a public page must not answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speccom.period import FinancialYear
from speccom.site.explore.forms import AskedWrong, text

BY = {"provider": "provider", "board": "board", "balance": "what flows out and in"}
PEERS = {
    "england": "England",
    "region": "other boards of its region",
    "nearest": "the boards nearest in need and age",
}
_APART = (
    "From two answers that overlap a number that is withheld in one could be worked out, so these pages show "
    "{}. An analyst who holds the data can ask for more: speccom {} --help."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of which lines, year and board, against whom, and by what; empty parts were not said."""

    lines: str
    year: FinancialYear | None
    icb: str
    peers: str
    by: str


def question(asked: Mapping[str, str], command: str) -> Question:
    """The question of a page. Raises `AskedWrong` and `PeriodError`."""
    lines = text(asked, "code") or text(asked, "lines") or "all"
    if "," in lines:
        raise AskedWrong(_APART.format("one line, service, programme or pathway at a time", command))
    if (text(asked, "boundaries") or "then") != "then":
        raise AskedWrong(_APART.format("boards as they were, and on no other boundaries", command))
    by = text(asked, "by") or "provider"
    if by not in BY:
        raise AskedWrong(f"{by!r} is nothing to show flows by: choose from {', '.join(BY)}.")
    year = text(asked, "year")
    return Question(
        lines,
        FinancialYear.parse(year) if year else None,
        text(asked, "icb").upper(),
        text(asked, "peers") or "england",
        by,
    )
