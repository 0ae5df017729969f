"""What the ledger is asked for the page of bases: protected results only, remembered until it is built anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from speccom.finance.bases import Money, level_of, money_of
from speccom.finance.bases.explained import explain_basis, explain_crossing, explain_pot, explain_step
from speccom.finance.bases.public import (
    Hidden,
    hidden_of,
    public_bases_of,
    public_pots_of,
    public_transfers_of,
    public_waterfall_of,
)
from speccom.finance.explained import Explained
from speccom.insight.result import Result
from speccom.ledger.manifest import Manifest
from speccom.period import FinancialYear
from speccom.site.core.library import register, remembered
from speccom.site.finance.forms.bases import Opened, Question

REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page is made of; `steps` are there where an area was named, `transfers` by region alone."""

    bases: Result
    pots: Result
    transfers: Result | None
    steps: Result | None
    areas: tuple[str, ...]


def answer(held: Manifest, asked: Question) -> Answer:
    """Both bases, pots, transfers and steps, as everybody may see them. Raises `BasesError` for another area."""
    if asked.area:
        level_of(_money(held.built), asked.area)
    return _answer(held.built, asked)


def areas_of(held: Manifest, by: str) -> list[str]:
    """The areas that any pound is of."""
    return _money(held.built).areas(by)


def explained(held: Manifest, asked: Question, wanted: Opened) -> Explained:
    """One number of an area, of a kind of its money, of a crossing or of a step, made of what may be shown."""
    found, money, number = answer(held, asked), _money(held.built), wanted.number
    if wanted.step and found.steps is not None:
        return explain_step(money, asked.year, found.steps, wanted.step, running=number == "running")
    if wanted.pot:
        return explain_pot(money, asked.year, found.pots, asked.area, wanted.pot, number)
    if wanted.home and found.transfers is not None:
        return explain_crossing(money, found.transfers, wanted.home, wanted.host, number)
    return explain_basis(money, asked.year, found.bases, found.pots, asked.area, number)


def hidden(held: Manifest, year: FinancialYear) -> Mapping[str, Hidden]:
    """What is withheld of a year, by region and by board, for every page that tells the same money."""
    return _hidden(held.built, year)


@remembered(1)
def _money(built: datetime) -> Money:
    return money_of(settings.WORKSPACE, register=register())


@remembered(8)
def _hidden(built: datetime, year: FinancialYear) -> Mapping[str, Hidden]:
    return hidden_of(settings.WORKSPACE, _money(built), year)


@remembered(REMEMBERED)
def _answer(built: datetime, asked: Question) -> Answer:
    money, hidden = _money(built), _hidden(built, asked.year)
    steps = None
    if asked.area:
        both = {year: _hidden(built, year) for year in {asked.year, asked.start}}
        steps = public_waterfall_of(money, asked.area, asked.year, asked.start, both)
    return Answer(
        public_bases_of(money, asked.year, asked.by, hidden[asked.by]),
        public_pots_of(money, asked.year, asked.by, hidden[asked.by]),
        public_transfers_of(money, asked.year, hidden["region"]) if asked.by == "region" else None,
        steps,
        tuple(money.areas(asked.by)),
    )
