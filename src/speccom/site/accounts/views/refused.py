"""The page of a form that did not come from this site, or whose cookie is gone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from speccom.site.accounts.access import not_allowed


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    return not_allowed(
        request, "The form was not sent from a page of this site, or its page is old: open it again."
    )
