"""The page of risk pools and the pages of its numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from speccom.site.core.library import ledger, register
from speccom.site.core.pages import Link
from speccom.site.explore.forms import text
from speccom.site.finance.forms.pools import question
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.presenters.pools import pool_page
from speccom.site.finance.queries import pools as queries
from speccom.site.finance.views import rendered
from speccom.site.insight.presenters import empty_page, line_choices


@require_safe
def pools(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page())
    asked = question(request.GET)
    found = queries.worked(held, asked)
    page = pool_page(held, asked, found, line_choices(register(), asked.lines), queries.areas_offered(held))
    return rendered(request, "pools", page)


@require_safe
def explain(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page(404))
    asked = question(request.GET)
    number = text(request.GET, "number") or "premium"
    found = queries.explained(held, asked, text(request.GET, "area").upper(), number)
    back = Link("The whole pool", reverse("pools", query=asked.query))
    trail = (Link("Finance", reverse("finance")), Link("Risk pools", back.address))
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=held.synthetic))
