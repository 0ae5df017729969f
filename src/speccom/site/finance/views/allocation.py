"""The page of allocations and the pages of its numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from speccom.site.core.pages import Link
from speccom.site.explore.forms import AskedWrong, text
from speccom.site.finance.forms.allocation import question
from speccom.site.finance.presenters.allocation import Offered, allocation_page
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.queries import allocation as queries
from speccom.site.finance.queries.merged import splits
from speccom.site.finance.queries.shares import models_offered
from speccom.site.finance.views import rendered


@require_safe
def allocation(request: HttpRequest) -> HttpResponse:
    years = queries.years_held()
    asked = question(request.GET, years, splits())
    offered = Offered(tuple(map(str, years)), queries.baselines_offered(), models_offered(), splits())
    page = allocation_page(asked, queries.worked(asked), offered)
    return rendered(request, "allocation", page)


@require_safe
def explain(request: HttpRequest) -> HttpResponse:
    asked = question(request.GET, queries.years_held(), splits())
    year = text(request.GET, "in_year") or "1"
    if not year.isascii() or not year.isdigit():
        raise AskedWrong(f"{year!r} is no year: give 1 for the first.")
    number = text(request.GET, "number") or "allocation"
    found = queries.explained(asked, text(request.GET, "area").upper(), int(year), number)
    back = Link("All allocations", reverse("allocation", query=asked.query))
    trail = (Link("Finance", reverse("finance")), Link("Allocations", back.address))
    synthetic = queries.worked(asked).result.synthetic
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=synthetic))
