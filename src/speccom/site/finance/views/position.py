"""The page of a position and the pages of its numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from speccom.site.core.library import ledger
from speccom.site.core.pages import Link
from speccom.site.finance.forms.position import opened, question
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.presenters.position import choose_page, position_page
from speccom.site.finance.queries import position as queries
from speccom.site.finance.views import rendered
from speccom.site.insight.presenters import empty_page


@require_safe
def position(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page())
    months = queries.months(held)
    asked = question(request.GET, months)
    bodies = queries.commissioners(held, asked.month.year)
    if not asked.commissioner:
        page = choose_page(asked, queries.everybody(held, asked.month), months, bodies)
        return rendered(request, "position", page)
    return rendered(request, "position", position_page(asked, queries.found(held, asked), months, bodies))


@require_safe
def explain(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page(404))
    asked = question(request.GET, queries.months(held))
    found = queries.explained(held, asked, opened(request.GET))
    back = Link("The whole position", reverse("position", query=asked.query))
    trail = (Link("Finance", reverse("finance")), Link("Position", back.address))
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=held.synthetic))
