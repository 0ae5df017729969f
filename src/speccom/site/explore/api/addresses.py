"""Where a page's answer stands in the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from django.http import HttpRequest
from django.urls import reverse

from speccom.site.core.library import register
from speccom.site.core.pages import Page
from speccom.site.explore.presenters.changes import ChangesPage
from speccom.site.explore.presenters.who import WhoPage
from speccom.site.explore.queries.programmes import group_by_slug, programme_by_slug

Address: TypeAlias = Callable[[Page, Mapping[str, str]], str | None]


def of_page(request: HttpRequest, page: Page) -> str | None:
    """The address of the same answer for programs, or of the page's first table; none for a page of words."""
    match = request.resolver_match
    if match and match.url_name in _ADDRESSES:
        return _ADDRESSES[match.url_name](page, request.GET | match.kwargs)
    return next((link.address for table in page.tables for link in table.files if link.text == "JSON"), None)


def _address(name: str, *in_path: str, **asked: str) -> str:
    said = {key.rstrip("_"): value for key, value in asked.items() if value}
    return reverse(f"api:{name}", args=in_path, query=said or None)


def _who(page: Page, asked: Mapping[str, str]) -> str | None:
    if not isinstance(page, WhoPage):  # only asks, so far
        return None
    ask = page.ask
    return _address("who", line=ask.line, area=ask.area, on=ask.on, known=ask.known)


def _changes(page: Page, asked: Mapping[str, str]) -> str | None:
    assert isinstance(page, ChangesPage)
    return _address("changes", from_=page.from_, to=page.to)


def _group(page: Page, asked: Mapping[str, str]) -> str | None:
    programme = programme_by_slug(register(), asked["programme"])
    group = group_by_slug(register(), programme, asked["group"]) if programme else None
    return _address("lines", programme=programme or "", group=group.name) if group else None


_ADDRESSES: dict[str, Address] = {
    "who": _who,
    "search": lambda page, asked: _address("search", q=asked["q"]) if asked.get("q") else None,
    "services": lambda page, asked: _address("services"),
    "service": lambda page, asked: _address("service", asked["ref"]),
    "lines": lambda page, asked: _address("lines"),
    "line": lambda page, asked: _address(
        "line", asked["code"], on=asked.get("on", ""), known=asked.get("known", "")
    ),
    "organisations": lambda page, asked: _address("organisations"),
    "organisation": lambda page, asked: _address("organisation", asked["code"]),
    "programmes": lambda page, asked: _address("lines"),
    "programme": lambda page, asked: _address(
        "lines", programme=programme_by_slug(register(), asked["programme"]) or ""
    ),
    "group": _group,
    "decisions": lambda page, asked: _address("decisions"),
    "changes": _changes,
    "data": lambda page, asked: reverse("api:openapi-json"),
}
