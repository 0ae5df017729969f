"""What the ledger is asked for a page: protected results only, each remembered until the ledger is built anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings

from speccom.insight.equity import Equity, equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.result import InsightError, Result
from speccom.insight.variation import variation
from speccom.ledger.manifest import Manifest
from speccom.period import FinancialYear
from speccom.site.core.library import register, remembered
from speccom.site.insight.forms import Question

REMEMBERED = 48
"""How many results a process keeps: a few megabytes."""

_FLOWS = {"provider": by_provider, "board": by_board, "balance": balances}


def variation_of(held: Manifest, asked: Question) -> Result:
    """Spend a head, access and intensity of each board, as everybody may see them."""
    return _checked(_variation(held.built, asked.lines, asked.year, asked.peers), asked.icb)


def flows_of(held: Manifest, asked: Question, by: str) -> Result:
    """Flows by provider, board or as balances, as everybody may see them."""
    return _checked(_flows(held.built, by, asked.lines, asked.year), asked.icb)


def equity_of(held: Manifest, asked: Question, boards: Sequence[str]) -> Equity:
    """Patients and spend by fifth of deprivation, as everybody may see them; `boards` are those of the form."""
    lists = settings.WORKSPACE.reference
    changed = max((path.stat().st_mtime_ns for path in lists.glob("*.parquet")), default=0)
    if asked.icb and asked.icb not in boards:
        raise InsightError(
            f"{asked.icb!r} is no board of this year: choose from {', '.join(sorted(boards))}."
        )
    return _equity(held.built, changed, asked.lines, asked.year)


def last_day(held: Manifest, asked: Question) -> date:
    """The first day of the last month asked for: the day of the boards in a result."""
    return max(
        each.period.start for each in held.months if each.files and asked.year in (None, each.period.year)
    )


@remembered(REMEMBERED)
def _variation(built: datetime, lines: str, year: FinancialYear | None, peers: str) -> Result:
    return variation(settings.WORKSPACE, lines, year, peers=peers, public=True, register=register())


@remembered(REMEMBERED)
def _equity(built: datetime, changed: int, lines: str, year: FinancialYear | None) -> Equity:
    """Remembered until the ledger is built or a list is imported anew."""
    return equity(settings.WORKSPACE, lines, year, public=True, register=register())


@remembered(REMEMBERED)
def _flows(built: datetime, by: str, lines: str, year: FinancialYear | None) -> Result:
    return _FLOWS[by](settings.WORKSPACE, lines, year, public=True, register=register())


def _checked(result: Result, icb: str) -> Result:
    boards = sorted({str(each) for each in result.table["icb"].to_pylist()} - {"ENG"})
    if icb and icb not in boards:
        raise InsightError(f"{icb!r} is no board with a row here: choose from {', '.join(boards) or 'none'}.")
    return result
