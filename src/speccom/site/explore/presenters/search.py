"""Words for the search page and for every list of things found."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from speccom.register import Register
from speccom.site.core.pages import Link, Page
from speccom.site.core.words import count
from speccom.site.explore.presenters.shared import KINDS, ROLES
from speccom.site.explore.search import Hit

_PAGES = {"service": "service", "service line": "line", "organisation": "organisation"}


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: its name and page, and a few words on what it is."""

    link: Link
    what: str


@dataclass(frozen=True, kw_only=True)
class SearchPage(Page):
    """What was asked and what was found."""

    query: str
    hits: tuple[Found, ...]


def search_page(register: Register, query: str, hits: list[Hit]) -> SearchPage:
    """The search page; without a query, only its box."""
    lead = f"{count(len(hits), 'result')} for “{query}”." if hits else ""
    if query and not hits:
        lead = f"Nothing in the register matches “{query}”. Try fewer words, another spelling, or a code."
    return SearchPage(title="Search", lead=lead, query=query, hits=found(register, hits))


def found(register: Register, hits: list[Hit]) -> tuple[Found, ...]:
    """Hits with where they lead and what they are."""
    return tuple(
        Found(Link(hit.name, reverse(_PAGES[hit.kind], args=[hit.key])), _what(register, hit)) for hit in hits
    )


def _what(register: Register, hit: Hit) -> str:
    if hit.kind == "service":
        return f"Prescribed service {hit.key}"
    if hit.kind == "service line":
        return f"{hit.key}: {KINDS[register.lines[hit.key].kind]}"
    organisation = register.organisations[hit.key]
    ended = f", until {organisation.valid_to:%B %Y}" if organisation.valid_to else ""
    return f"{hit.key}: {ROLES[organisation.role]}{ended}"
