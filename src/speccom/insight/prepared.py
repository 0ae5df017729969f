"""What the pages of the ledger show first, worked out at the end of a build, so that no visitor waits for it."""

from __future__ import annotations

from speccom.insight.areas import ENGLAND
from speccom.insight.asked import EVERYTHING, lines_of, programmes
from speccom.insight.equity import equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.kept import WORTH_KEEPING
from speccom.insight.public_charts import hidden_charts
from speccom.insight.tiers import Thresholds
from speccom.insight.trends import trends
from speccom.insight.variation import variation
from speccom.insight.volatility import tiers_overview, volatility
from speccom.ledger.manifest import require_manifest
from speccom.register import Register
from speccom.workspace import Workspace

MANY_LINES = 5_000_000
"""Lines of the ledger from which a programme takes longer than a second to be answered."""


def prepare(workspace: Workspace, register: Register) -> None:
    """Keep what everybody is shown where no board, year or bar was chosen; see `kept`.

    Of all lines, and in a large ledger of each programme; a service or a line is answered at once.
    """
    _prepare(workspace, register, EVERYTHING)
    months = require_manifest(workspace).months
    if sum(held.rows for month in months for held in month.receipts.values()) >= MANY_LINES:
        for name in programmes(register):
            programme = lines_of(register, f"programme:{name}")
            if len(programme.codes) >= WORTH_KEEPING:
                _prepare(workspace, register, programme.asked)


def _prepare(workspace: Workspace, register: Register, lines: str) -> None:
    variation(workspace, lines, public=True, register=register)
    for flows in (by_provider, by_board, balances):
        flows(workspace, lines, public=True, register=register)
    equity(workspace, lines, public=True, register=register)
    hidden_charts(workspace, lines, register=register)
    for icb in (ENGLAND, None):
        trends(workspace, lines, icb=icb, public=True, register=register)
    volatility(workspace, lines, public=True, register=register)
    tiers_overview(workspace, lines, Thresholds(), register=register)
