"""One short function to a page: read what was asked, ask, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from speccom.site.core.pages import Page
from speccom.site.explore import downloads
from speccom.site.explore.forms import text


def rendered(request: HttpRequest, template: str, page: Page) -> HttpResponse:
    """A page by its template in `jinja2/finance/`, or the file of one of its tables that was asked for."""
    offered = downloads.offered(request, page)
    if wanted := text(request.GET, "download"):
        return downloads.file(request, offered, wanted)
    return render(request, f"finance/{template}.jinja", {"page": offered}, status=page.status)
