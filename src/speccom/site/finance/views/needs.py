"""The pages of need models and of their numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from speccom.site.core.pages import Link
from speccom.site.explore.forms import text
from speccom.site.finance.forms.rows import row
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.presenters.needs import model_page, models_page
from speccom.site.finance.queries import needs as queries
from speccom.site.finance.views import rendered


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    return rendered(request, "needs", models_page(queries.models()))


@require_safe
def model(request: HttpRequest, key: str) -> HttpResponse:
    kept = queries.model(key, text(request.GET, "version"))
    return rendered(request, "need", model_page(kept, queries.results(kept), queries.models()))


@require_safe
def explain(request: HttpRequest, key: str) -> HttpResponse:
    kept = queries.model(key, text(request.GET, "version"))
    number = text(request.GET, "number")
    if table := text(request.GET, "table"):
        found = queries.explained_cell(kept, table, row(request.GET), number)
    else:
        found = queries.explained(kept, text(request.GET, "area"), number)
    back = Link(kept.name, reverse("need", args=[kept.key], query={"version": kept.version}))
    trail = (Link("Finance", reverse("finance")), Link("Need models", reverse("needs")), back)
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=kept.synthetic))
