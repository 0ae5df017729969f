"""What the API says when it cannot answer: a word for programs, a sentence for people, the right status."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from speccom.errors import SpeccomError
from speccom.site.core.refusals import KINDS
from speccom.site.explore.api.answers import json_text

# status → error and message of what no endpoint said itself
OTHERWISE = {
    404: ("not_found", "There is nothing at this address: see {description} for what there is."),
    405: ("method_not_allowed", "The register can only be read: use GET."),
    500: ("fault", "The fault is ours and not yours: please try again in a minute."),
}


def error(status: int, code: str, message: str) -> HttpResponse:
    """The response for what cannot be answered."""
    return HttpResponse(
        json_text({"error": code, "message": message}),
        status=status,
        content_type="application/json; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


def of_status(status: int, description: str) -> HttpResponse:
    """The error for a status alone; `description` is the address of the API's description."""
    code, message = OTHERWISE.get(status, ("bad_input", f"{HTTPStatus(status).phrase}: this cannot be read."))
    return error(status, code, message.format(description=description))


def refusal(request: HttpRequest, refused: SpeccomError) -> HttpResponse:
    """What the library or the site refuses, with the status that its page has."""
    status, _ = KINDS.get(refused.code, (400, ""))
    return error(status, refused.code, str(refused))


def lacking(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """A question without a part that it must have."""
    names = " and ".join(dict.fromkeys(str(each["loc"][-1]) for each in wrong.errors))
    return error(
        400, "bad_input", f"The question lacks {names}: add it to the address, after the question mark."
    )


def install(api: NinjaAPI) -> None:
    """Say every refusal of an API so; what is no refusal is a fault, and stays one."""
    api.exception_handler(SpeccomError)(refusal)
    api.exception_handler(ValidationError)(lacking)
