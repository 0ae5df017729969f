"""The page of host and population basis, and the pages of its numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from speccom.site.core.library import ledger, register
from speccom.site.core.pages import Link
from speccom.site.finance.forms.bases import opened, question
from speccom.site.finance.presenters.bases import bases_page, no_ledger_page
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.queries import bases as queries
from speccom.site.finance.views import rendered
from speccom.site.insight.presenters import empty_page


@require_safe
def bases(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", no_ledger_page(register()))
    asked = question(request.GET, held)
    named = {by: queries.areas_of(held, by) for by in ("region", "icb")}
    return rendered(request, "bases", bases_page(register(), held, asked, queries.answer(held, asked), named))


@require_safe
def explain(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page(404))
    asked = question(request.GET, held)
    found = queries.explained(held, asked, opened(request.GET))
    back = Link("Both bases", reverse("bases", query=asked.query))
    trail = (Link("Finance", reverse("finance")), Link("Host and population basis", back.address))
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=held.synthetic))
