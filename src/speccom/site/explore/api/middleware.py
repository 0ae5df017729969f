"""What holds for every answer of the API: any site may read it, nobody can write, and errors are JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from speccom.site.explore.api import errors

PREFIX = "/api/"
DESCRIPTION = "/api/v1/openapi.json"
METHODS = "GET, HEAD, OPTIONS"
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Content-Disposition, Speccom-Register",
}
_PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}

Respond = Callable[[HttpRequest], HttpResponse]


def open_to_all(respond: Respond) -> Respond:
    """Cross-origin reading, OPTIONS, HEAD, and JSON for whatever went wrong on the way."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return respond(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers=_PREFLIGHT)
            del response["Content-Type"]  # there is no content
        else:
            response = _read(request, respond)
        for name, value in _OPEN.items():
            response[name] = value
        return response

    return middleware


def _read(request: HttpRequest, respond: Respond) -> HttpResponse:
    asked = request.method
    request.method = "GET" if asked == "HEAD" else asked  # the server leaves the content out
    try:
        response = respond(request)
    finally:
        request.method = asked
    if response.status_code >= 400 and not response.get("Content-Type", "").startswith("application/json"):
        response = errors.of_status(response.status_code, DESCRIPTION)
    if response.status_code == 405:
        response["Allow"] = METHODS
    return response
