"""What the page of bases shows and withholds, worked out at the end of a build, so that no visitor waits for it."""

from __future__ import annotations

from speccom.finance.bases.money import money_of
from speccom.finance.bases.public import hidden_of
from speccom.register import Register
from speccom.workspace import Workspace


def prepare(workspace: Workspace, register: Register) -> None:
    """Keep what crossed between areas, and what is withheld of each year that is held."""
    money = money_of(workspace, register=register)
    for year in money.years:
        hidden_of(workspace, money, year)
