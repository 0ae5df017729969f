"""What the pages of the ledger show first, worked out at the end of a build, so that no visitor waits for it."""

from __future__ import annotations

from speccom.insight.areas import ENGLAND
from speccom.insight.asked import EVERYTHING
from speccom.insight.equity import equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.public_charts import hidden_charts
from speccom.insight.tiers import Thresholds
from speccom.insight.trends import trends
from speccom.insight.variation import variation
from speccom.insight.volatility import tiers_overview, volatility
from speccom.register import Register
from speccom.workspace import Workspace


def prepare(workspace: Workspace, register: Register, lines: str = EVERYTHING) -> None:
    """Keep what everybody is shown of some lines where nothing else was asked; see `kept`."""
    variation(workspace, lines, public=True, register=register)
    for flows in (by_provider, by_board, balances):
        flows(workspace, lines, public=True, register=register)
    equity(workspace, lines, public=True, register=register)
    hidden_charts(workspace, lines, register=register)
    for icb in (ENGLAND, None):
        trends(workspace, lines, icb=icb, public=True, register=register)
    volatility(workspace, lines, public=True, register=register)
    tiers_overview(workspace, lines, Thresholds(), register=register)
