"""Pages for what cannot be answered: the library's own sentence, the right status, where to go instead."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from speccom.errors import SpeccomError
from speccom.site.core.library import register
from speccom.site.core.pages import Link, Page
from speccom.site.core.words import address_of, codes_in

# A refusal's code → status and heading. What is not here was asked in a way that cannot be read: 400.
KINDS = {
    "unknown_service_line": (404, "No such service line"),
    "unknown_area": (404, "No such area"),
    "not_active": (404, "Not there on that date"),
    "not_applicable": (404, "Not a specialised service on that date"),
    "not_found": (404, "Not in the register"),
    "bad_period": (400, "That is not a date"),
    "insight": (400, "That cannot be asked of the ledger"),
    "ledger": (404, "Not in the ledger"),
    "bases": (400, "That cannot be asked of bases"),
    "allocation": (400, "That cannot be shared out"),
    "pool": (400, "Such a pool cannot be"),
    "position": (404, "There is no such position"),
    "target": (400, "That target cannot be worked out"),
    "scenario": (400, "That scenario cannot be"),
    "no_scenario": (404, "No such scenario"),
    "scenario_withheld": (403, "That scenario is not shown"),
    "disclosure": (400, "That cannot be shown safely"),
    "not_allowed": (403, "Not allowed"),
    "sign_in_refused": (403, "You are not signed in"),
    "link_dead": (404, "This link no longer works"),
    "provider_failed": (400, "Signing in did not work"),
    "stale": (409, "Somebody else saved meanwhile"),
    "portfolio": (400, "That cannot be done to the portfolio"),
    "readiness": (400, "That cannot be done to an assessment"),
    "evidence_refused": (400, "That file is not taken"),
    "decision": (400, "That decision cannot be"),
    "bad_input": (400, "That cannot be read"),
}
_UNREADABLE = (400, "That cannot be answered")


class NotFound(SpeccomError):
    """A page of something that the register does not hold; `near` are the nearest that it does."""

    code = "not_found"

    def __init__(self, message: str, near: tuple[Link, ...] = (), *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.near = near


@dataclass(frozen=True, kw_only=True)
class RefusalPage(Page):
    """Why there is no answer, what is nearest, and how to go on."""

    sentence: str
    near: tuple[Link, ...]


def refusal_page(error: SpeccomError) -> RefusalPage:
    """The page of a refusal; its nearest matches are those that it carries, else the codes that it names."""
    status, heading = KINDS.get(error.code, _UNREADABLE)
    near = getattr(error, "near", ()) or tuple(
        Link(_named(code), address_of(code)) for code in codes_in(str(error))
    )
    return RefusalPage(title=heading, status=status, sentence=str(error), near=near)


def refuse(request: HttpRequest, error: SpeccomError) -> HttpResponse:
    """The response for a refusal."""
    page = refusal_page(error)
    return render(request, "core/refusal.jinja", {"page": page}, status=page.status)


def _named(code: str) -> str:
    held = register()
    named = held.lines.get(code) or held.organisations.get(code) or held.providers.get(code)
    return f"{named.name} ({code})" if named else code
