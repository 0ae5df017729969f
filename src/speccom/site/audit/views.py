"""One short function to a page: read what was asked, ask, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from speccom.errors import SpeccomError
from speccom.site.accounts.access import actor, may
from speccom.site.audit import actions, forms, presenters, queries
from speccom.site.explore import downloads
from speccom.site.explore.forms import AskedWrong, text


@may("audit.open")
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    return _entries(request)


@may("audit.open")
@require_POST
def file(request: HttpRequest) -> HttpResponse:
    asked, asks = forms.question(request.GET), actor(request)
    wanted = text(request.POST, "file")
    try:
        if wanted not in presenters.FILES:
            raise AskedWrong(f"{wanted!r} is no kind of file: choose one.")
        rows = queries.chosen(asks, asked)
        found = actions.export(
            actor=asks, rows=rows, asked=asked.query, reason=request.POST.get("reason", "")[:500]
        )
    except SpeccomError as error:
        return _entries(request, str(error), 400)
    return downloads.file(request, presenters.file_page(found), f"entries.{wanted}")


@may("audit.open")
@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    page = presenters.entry_page(queries.entry(actor(request), number))
    return render(request, "audit/entry.jinja", {"page": page})


def _entries(request: HttpRequest, wrong: str = "", status: int = 200) -> HttpResponse:
    asked, asks = forms.question(request.GET), actor(request)
    found, more = queries.entries(asks, asked)
    page = presenters.entries_page(asked, found, more, queries.actions_seen(asks), wrong)
    return render(request, "audit/entries.jinja", {"page": page}, status=status)
