"""What the pages of the ledger show first, worked out at the end of a build, so that no visitor waits for it."""

from __future__ import annotations

from speccom.insight.areas import ENGLAND
from speccom.insight.asked import EVERYTHING, named
from speccom.insight.equity import equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.public_charts import hidden_charts
from speccom.insight.tiers import Thresholds
from speccom.insight.trends import trends
from speccom.insight.variation import variation
from speccom.insight.volatility import tiers_overview, volatility
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import summaries, years_held
from speccom.register import Register
from speccom.workspace import Workspace

MANY_PEOPLE = 300_000
"""Rows of people of the last year from which lines may take a second or longer to be answered when first asked for."""


def prepare(workspace: Workspace, register: Register) -> None:
    """Keep what everybody is shown where no board, year or bar was chosen; see `kept`.

    Of all lines, and of each programme, pathway, service and line that has many people; others are answered at once.
    """
    _prepare(workspace, register, EVERYTHING)
    with summaries(workspace, years_held(require_manifest(workspace))[-1:]) as (engine, _):
        counted = engine.fetch("select service_line, count(*) as people from people group by service_line")
    people = {row["service_line"]: row["people"] for row in counted.to_pylist()}
    for lines in named(register):
        if sum(people.get(code, 0) for code in lines.codes) >= MANY_PEOPLE:
            _prepare(workspace, register, lines.asked)


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
