"""Target shares for the page of allocations: of core allocations, or built from core need or from a kept need model."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from speccom.finance import inputs
from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.needs.kept import Kept, kept_model, kept_models
from speccom.finance.needs.weighted import read_weighted
from speccom.finance.target import (
    STANDS_IN,
    Need,
    Weights,
    core_need,
    core_shares,
    core_source,
    target_shares,
)
from speccom.site.core.library import register, remembered
from speccom.site.finance.forms.allocation import Question
from speccom.site.finance.queries.amounts import Amounts, called_here


def models_offered() -> list[Kept]:
    """The kept need models whose areas are boards, the latest first: others have no share of a board to give."""
    return [each for each in kept_models(settings.WORKSPACE) if _of_boards(each.weighted, each.fingerprint)]


def need_of(asked: Question) -> Need:
    """People, and people weighted by need: of the need model asked for, or of core services."""
    if asked.model is None:
        return core_need(register(), asked.year)
    need = read_weighted([kept_model(settings.WORKSPACE, *asked.model).weighted])
    return replace(need, names={area: called_here(area) for area in need.population})


def shares_of(asked: Question) -> Amounts:
    """The target shares asked for."""
    return _of_core(asked) if asked.shares == "core" else _built(asked)


def _of_core(asked: Question) -> Amounts:
    source = core_source(register(), asked.year)
    values = core_shares(register(), asked.year)
    return Amounts(
        values,
        {
            area: given(
                f"Target share of {called_here(area)}", "s", share, "share", source, Confidence.INFERRED
            )
            for area, share in values.items()
        },
        (f"Target shares are those of the core allocations of {asked.year}. {STANDS_IN}",),
    )


def _built(asked: Question) -> Amounts:
    need = need_of(asked)
    forces = inputs.market_forces(settings.WORKSPACE) if asked.market_forces else None
    spend = dict(asked.weights) if asked.model is None else dict.fromkeys(need.weighted, Decimal(1))
    found = target_shares(need, Weights(spend, asked.health_inequalities, forces, not asked.market_forces))
    explained = {area: each.explained for area, each in found.items()}
    said = f"Target shares are built from core need, with weights set in the form. {STANDS_IN}"
    if asked.model is not None:
        kept = kept_model(settings.WORKSPACE, *asked.model)
        explained = {area: _opening(each, kept, area) for area, each in explained.items()}
        said = (
            f"Target shares are built from the need model “{kept.name}” kept in this workspace (version "
            f"{kept.version}; {kept.service}, {kept.year}), and not from core need. It is a model of the data that "
            f"it was given, and no published need: {'; '.join(kept.sources)}"
        )
    without = "" if asked.market_forces else " They are without a market forces factor, as asked."
    return Amounts(
        {area: each.share for area, each in found.items()},
        explained,
        (f"{said}{without}",),
        need.synthetic,
    )


def _opening(explained: Explained, kept: Kept, area: str) -> Explained:
    """The same, with the people weighted for the model's service opening to the model's own working."""
    if explained.symbol == "NWP of the component":
        query = {"area": area, "number": "NWP", "version": kept.version}
        return replace(explained, address=reverse("explain-need", args=[kept.key], query=query))
    return replace(explained, inputs=tuple(_opening(each, kept, area) for each in explained.inputs))


@remembered(64)
def _of_boards(weighted: Path, fingerprint: str) -> bool:
    """Read once for a fingerprint: what it names never changes."""
    bodies = register().organisations
    areas = [bodies.get(area) for area in read_weighted([weighted]).population]
    return all(body is not None and body.role == "integrated care board" for body in areas)
