"""The pages of scenarios: the list, the form, one result, two beside each other, and the pages of numbers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from speccom.errors import SpeccomError
from speccom.finance.scenarios import LONGEST_NAME
from speccom.site.core.library import ledger
from speccom.site.core.pages import Link
from speccom.site.explore.forms import AskedWrong, text
from speccom.site.finance.forms import scenarios as forms
from speccom.site.finance.forms.rows import row
from speccom.site.finance.presenters.explain import explain_page
from speccom.site.finance.presenters.scenarios import compare_page, list_page, new_page, result_page
from speccom.site.finance.queries import scenarios as queries
from speccom.site.finance.views import rendered
from speccom.site.insight.presenters import empty_page


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    return rendered(
        request, "scenarios", list_page(queries.held_scenarios(), has_ledger=ledger() is not None)
    )


@require_safe
def result(request: HttpRequest, wanted: str) -> HttpResponse:
    asked, held = queries.scenario(wanted), ledger()
    if text(request.GET, "download") == "scenario.json":
        response = HttpResponse(asked.canonical, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="scenario-{asked.hash}.json"'
        return response
    if held is None:
        return rendered(request, "no_ledger", empty_page())
    named = (text(request.GET, "ledger"), text(request.GET, "register"))
    page = result_page(
        queries.answer(held, asked), queries.named(asked), queries.fingerprint(held, asked), named
    )
    return rendered(request, "scenario", page)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page())
    if request.method == "POST":
        return _made(request)
    start = queries.scenario(text(request.GET, "start", LONGEST_NAME) or "april-2026-mergers")
    fields = forms.starting(start, queries.named(start))
    keep = [str(nth) for nth in range(1, len(start.changes) + 1)]
    return rendered(request, "new_scenario", new_page(start, queries.held_scenarios(), fields, keep))


def _made(request: HttpRequest) -> HttpResponse:
    """Go to what the form says, which is kept nowhere, or the form again with what is wrong."""
    fields = forms.said(request.POST)
    keep = request.POST.getlist("keep")[:200]
    start = queries.scenario(fields["start"] or "april-2026-mergers")
    try:
        made = forms.pasted(request.POST) or forms.scenario(fields, keep, start)
        queries.check(made)
        wanted = queries.named(made)
    except SpeccomError as error:
        page = new_page(start, queries.held_scenarios(), fields, keep, error=str(error))
        return rendered(request, "new_scenario", page)
    return redirect(reverse("scenario", args=[wanted]))


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page())
    one, two = (text(request.GET, each, LONGEST_NAME) for each in ("a", "b"))
    if not one or not two:
        raise AskedWrong("Choose two scenarios to set side by side, as a and b in the address.")
    both = queries.scenario(one), queries.scenario(two)
    found = queries.compared(held, *both)
    named = {queries.named(each): each for each in both}
    return rendered(request, "compare_scenarios", compare_page(found, named, queries.held_scenarios()))


@require_safe
def explain(request: HttpRequest, wanted: str) -> HttpResponse:
    held = ledger()
    if held is None:
        return rendered(request, "no_ledger", empty_page(404))
    asked = queries.scenario(wanted)
    year = text(request.GET, "year") or str(asked.following[0])
    area, number = text(request.GET, "area").upper(), text(request.GET, "number") or "gain"
    if table := text(request.GET, "table"):
        found = queries.explained_row(held, asked, table, row(request.GET), number)
    elif beside := text(request.GET, "beside", LONGEST_NAME):
        found = queries.explained_difference(held, asked, queries.scenario(beside), area, year)
    else:
        found = queries.explained(held, asked, area, year, number)
    back = Link("The scenario", reverse("scenario", args=[queries.named(asked)]))
    trail = (
        Link("Finance", reverse("finance")),
        Link("Scenarios", reverse("scenarios")),
        Link(asked.name, back.address),
    )
    return rendered(request, "explain", explain_page(found, back, trail=trail, synthetic=held.synthetic))
