"""One short function to a page: read what was asked, ask, present, render."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from speccom.insight.equity import needed
from speccom.insight.peers import groups_of
from speccom.ledger.manifest import Manifest
from speccom.site.core.library import boundaries, ledger, register
from speccom.site.core.pages import Page
from speccom.site.explore import downloads
from speccom.site.explore.forms import text
from speccom.site.insight import forms, presenters, queries


def render_page(request: HttpRequest, template: str, page: Page) -> HttpResponse:
    offered = downloads.offered(request, page)
    if wanted := text(request.GET, "download"):
        return downloads.file(request, offered, wanted)
    return render(request, f"insight/{template}.jinja", {"page": offered}, status=page.status)


def of_the_ledger(
    answer: Callable[[HttpRequest, Manifest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A page of what the ledger says; while there is none, how to build one."""

    @wraps(answer)
    def answered(request: HttpRequest) -> HttpResponse:
        held = ledger()
        return answer(request, held) if held else render_page(request, "start", presenters.empty_page(404))

    return answered


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    held = ledger()
    page = presenters.start_page(held) if held else presenters.empty_page()
    return render_page(request, "start", page)


@require_safe
@of_the_ledger
def variation(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = forms.question(request.GET, "variation")
    choose = presenters.choices(register(), held, asked, tuple(groups_of(settings.WORKSPACE)))
    result = queries.variation_of(held, asked)
    return render_page(request, "answer", presenters.variation_page(held, asked, choose, result))


@require_safe
@of_the_ledger
def flows(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = forms.question(request.GET, "flows")
    choose = presenters.choices(register(), held, asked, ())
    results = {by: queries.flows_of(held, asked, by) for by in presenters.NEEDED[asked.by]}
    on = queries.last_day(held, asked)
    return render_page(
        request, "answer", presenters.flows_page(held, asked, choose, results, boundaries(on), on)
    )


@require_safe
@of_the_ledger
def equity(request: HttpRequest, held: Manifest) -> HttpResponse:
    asked = forms.question(request.GET, "equity")
    choose = presenters.choices(register(), held, asked, ())
    found = queries.equity_of(held, asked, [code for code, _ in choose.boards])
    needs = needed(settings.WORKSPACE)
    return render_page(request, "equity", presenters.equity_page(held, asked, choose, found, needs))
