"""One short function to a page: read what was asked, ask, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from speccom.site.accounts.access import actor, may
from speccom.site.audit import forms, presenters, queries


@may("audit.open")
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    asked, asks = forms.question(request.GET), actor(request)
    found, more = queries.entries(asks, asked)
    page = presenters.entries_page(asked, found, more, queries.actions_seen(asks))
    return render(request, "audit/entries.jinja", {"page": page})


@may("audit.open")
@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    page = presenters.entry_page(queries.entry(actor(request), number))
    return render(request, "audit/entry.jinja", {"page": page})
