"""One short function to a page: read what was sent, act, present, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from speccom.errors import SpeccomError
from speccom.site.accounts.refusals import NotAllowed, TooManyTries
from speccom.site.core.edited import Stale, keep_theirs_beside
from speccom.site.core.pages import Page, Table

Made = TypeVar("Made")
STATUS = {TooManyTries: 429, NotAllowed: 403, Stale: 409}
"""What a refusal answers with, where it is not 400."""


def rendered(request: HttpRequest, template: str, page: Page, status: int = 200) -> HttpResponse:
    """A page by its template in `jinja2/accounts/`."""
    return render(request, f"accounts/{template}.jinja", {"page": page}, status=status)


def sent(request: HttpRequest) -> Any:
    """What a form was sent with, empty or not; None where the page is only asked for."""
    return request.POST if request.method == "POST" else None


def tried(form: Any, act: Callable[[dict[str, Any]], Made]) -> tuple[Made | None, int]:
    """Act on a form that was sent and can be read; what is refused is told above the form.

    Returns what came of it, or None, and the status that the form's page then has.
    """
    done, _, status = edited(form, act)
    return done, status


def edited(form: Any, act: Callable[[dict[str, Any]], Made]) -> tuple[Made | None, Table | None, int]:
    """As `tried`, and between them what somebody saved meanwhile beside what was sent."""
    if not form.is_bound:
        return None, None, 200
    if not form.is_valid():
        return None, None, 400
    try:
        return act(form.cleaned_data), None, 200
    except SpeccomError as error:
        form.add_error(None, str(error))
        if isinstance(error, Stale):
            keep_theirs_beside(form, error)
        return None, getattr(error, "beside", None), STATUS.get(type(error), 400)


def address_of(request: HttpRequest) -> str:
    """The address that a request came from: past as many proxies as the settings name, and no further."""
    named = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    if 0 < settings.PROXIES <= len(named):
        return named[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))
