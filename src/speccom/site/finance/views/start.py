"""The page that leads to every other of the app."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from speccom.site.finance.presenters.start import start_page
from speccom.site.finance.views import rendered


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return rendered(request, "start", start_page())
