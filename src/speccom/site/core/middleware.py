"""What happens around every request: refusals become pages, and browsers learn what pages never use."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from speccom.errors import SpeccomError
from speccom.site.core.refusals import refuse

Respond = Callable[[HttpRequest], HttpResponse]


def permissions_policy(respond: Respond) -> Respond:
    """Tell browsers that no page asks for a camera, a microphone or a place."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        return response

    return middleware


class Refusals:
    """Turns what the library cannot answer into a page with its reason; never a fault of the site."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refuse(request, error) if isinstance(error, SpeccomError) else None
