"""One short function to a page of what changed, how steady it is, and at which size to plan it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from speccom.ledger.manifest import Manifest
from speccom.site.insight import planning_forms, planning_presenters, planning_queries
from speccom.site.insight.views import of_the_ledger, render_page


@require_safe
@of_the_ledger
def changes(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = planning_forms.changes(request.GET, "trends")
    result = planning_queries.changes_of(held, asked)
    return render_page(request, "plan", planning_presenters.changes_page(held, asked, result))


@require_safe
@of_the_ledger
def control(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = planning_forms.changes(request.GET, "trends")
    result = planning_queries.chart(held, asked)
    return render_page(request, "plan", planning_presenters.control_page(held, asked, result))


@require_safe
@of_the_ledger
def volatility(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = planning_forms.planning(request.GET, "volatility")
    result = planning_queries.volatility_of(held, asked)
    return render_page(request, "plan", planning_presenters.volatility_page(held, asked, result))


@require_safe
@of_the_ledger
def tiers(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = planning_forms.planning(request.GET, "tiers")
    found = planning_queries.tiers_of(held, asked)
    return render_page(request, "plan", planning_presenters.tiers_page(held, asked, found))
