"""Health for whatever watches the site, and the pages of addresses that do not work."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from speccom.site.core.library import register
from speccom.site.core.refusals import RefusalPage


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the site can answer: its database responds and its register is read."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"healthy": True, "register": register().snapshot})


def _error_page(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    page = RefusalPage(title=title, status=status, sentence=sentence, near=())
    return render(request, "core/refusal.jinja", {"page": page}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error_page(
        request, 400, "That cannot be read", "The address or the form has something that cannot be read."
    )


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error_page(request, 403, "Not allowed", "You do not have permission to see this page.")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error_page(
        request,
        404,
        "Page not found",
        "There is no page at this address. If you typed it, check that it is right.",
    )


def broken(request: HttpRequest) -> HttpResponse:
    return _error_page(
        request, 500, "Something went wrong", "The fault is ours and not yours. Please try again in a minute."
    )
