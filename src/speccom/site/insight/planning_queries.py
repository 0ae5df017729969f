"""What the ledger is asked of changes, volatility and tiers: only guarded results, remembered till it is built anew."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from speccom.insight import volatility as planning
from speccom.insight.public_charts import hidden_charts
from speccom.insight.result import Result
from speccom.insight.tiers import Thresholds
from speccom.insight.trends import chart_of, trends
from speccom.insight.volatility import Tiers
from speccom.ledger.manifest import Manifest
from speccom.period import Month
from speccom.site.core.library import register, remembered
from speccom.site.insight.planning_forms import Changes, Planning
from speccom.site.insight.queries import REMEMBERED


def changes_of(held: Manifest, asked: Changes) -> Result:
    """What changed, as everybody may see it."""
    return _changes(held.built, asked.lines, asked.board, asked.measure, asked.until)


def chart(held: Manifest, asked: Changes) -> Result:
    """The months of some lines of one board or of all, as everybody may see them."""
    return _chart(held.built, asked.lines, asked.board, asked.measure, asked.until)


def volatility_of(held: Manifest, asked: Planning) -> Result:
    """How each line varies at each size of area, as everybody may see it."""
    return _volatility(held.built, asked.lines)


def tiers_of(held: Manifest, asked: Planning) -> Tiers:
    """What is recommended for each line at some bars, as everybody may see it; of one line all there is."""
    return _tiers(held.built, asked.lines, asked.bars, asked.lines.upper() in register().lines)


@remembered(REMEMBERED)
def _changes(built: datetime, lines: str, icb: str | None, measure: str, until: Month | None) -> Result:
    return trends(
        settings.WORKSPACE,
        lines,
        icb=icb,
        measure=measure,
        until=until,
        public=True,
        register=register(),
    )


@remembered(REMEMBERED)
def _chart(built: datetime, lines: str, icb: str | None, measure: str, until: Month | None) -> Result:
    hidden = hidden_charts(settings.WORKSPACE, lines, register=register())
    return chart_of(
        settings.WORKSPACE,
        lines,
        icb,
        measure=measure,
        until=until,
        hidden=hidden,
        register=register(),
    )


@remembered(REMEMBERED)
def _volatility(built: datetime, lines: str) -> Result:
    return planning.volatility(settings.WORKSPACE, lines, public=True, register=register())


@remembered(REMEMBERED)
def _tiers(built: datetime, lines: str, bars: Thresholds, one: bool) -> Tiers:
    if one:
        return planning.tiers(settings.WORKSPACE, lines, thresholds=bars, public=True, register=register())
    return planning.tiers_overview(settings.WORKSPACE, lines, bars, register=register())
