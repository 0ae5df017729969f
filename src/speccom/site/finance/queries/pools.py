"""What the ledger is asked for the page of pools: protected history only, remembered until it is built anew."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from speccom.finance.explained import Explained
from speccom.finance.explained_pools import explain
from speccom.finance.pool_history import History, areas_of, history
from speccom.finance.pool_results import Pool, pool
from speccom.insight.areas import footprints, name_of
from speccom.insight.case_costs import CaseCosts
from speccom.insight.peers import groups_of
from speccom.ledger.manifest import Manifest
from speccom.site.core.library import register, remembered
from speccom.site.finance.forms.pools import Question

REMEMBERED = 48
SIMULATIONS = 10_000
"""Years that a page draws: a fraction of a second for every board of England. The command draws more."""
SEED = 1
_USUALLY = 0.9
"""The share of cases that lie wholly below the retention that a page chooses where none is given."""


def worked(held: Manifest, asked: Question) -> Pool:
    """The pool asked for, of what everybody may see. Raises `PoolError`, `LedgerError` and `InsightError`."""
    return _worked(held.built, asked, _last(held))


def explained(held: Manifest, asked: Question, area: str, number: str) -> Explained:
    """One number of an area in it, down to its inputs and their sources."""
    return explain(worked(held, asked), area, number)


def areas_offered(held: Manifest) -> tuple[tuple[str, str], ...]:
    """Sets of boards that can pool: England, regions, committees, groups; each as (value, words)."""
    return _areas_offered(held.built, _last(held))


def _last(held: Manifest) -> date:
    """The first day of the last month held: the day of the boards."""
    return max(each.period.start for each in held.months if each.files)


@remembered(REMEMBERED)
def _history(built: datetime, lines: str) -> History:
    """Of every board, so that other areas, retentions and ways to share of the same lines need no ledger."""
    return history(settings.WORKSPACE, lines, public=True, register=register())


@remembered(REMEMBERED)
def _worked(built: datetime, asked: Question, on: date) -> Pool:
    codes = areas_of(footprints(register(), on), asked.areas, on, groups_of(settings.WORKSPACE))
    found = _history(built, asked.lines).among(codes)
    return pool(
        found.name,
        found.members,
        asked.arrangement(usual_retention(found.costs)),
        type(found.chances)(found.chances.between_years, asked.correlation),
        simulations=SIMULATIONS,
        seed=SEED,
        q=asked.q,
        notes=found.notes,
        gaps=found.gaps,
        source=found.source,
        synthetic=found.synthetic,
    )


def usual_retention(costs: CaseCosts) -> Decimal:
    """A round number of pounds that about nine cases of ten stay below."""
    if costs.probabilities is None or costs.values is None:
        return Decimal(round(costs.mean))
    at = next(v for p, v in zip(costs.probabilities, costs.values, strict=True) if p >= _USUALLY)
    return Decimal(int(float(f"{at:.1g}")) or 1)


@remembered(1)
def _areas_offered(built: datetime, on: date) -> tuple[tuple[str, str], ...]:
    known = register()
    boards = footprints(known, on).values()
    regions = sorted({each.region for each in boards}, key=lambda code: name_of(known, code))
    committees = sorted(
        {each.committee for each in boards if each.committee}, key=lambda code: name_of(known, code)
    )
    return (
        *((f"region:{code}", f"{name_of(known, code)} ({code})") for code in regions),
        *((f"committee:{code}", f"{name_of(known, code)} ({code})") for code in committees),
        *((f"group:{name}", f"the group {name}") for name in groups_of(settings.WORKSPACE)),
        ("england", "All boards of England"),
    )
