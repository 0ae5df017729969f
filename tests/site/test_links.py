"""Every link of the site, followed from the first page as far as they lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import urlsplit

from django.test import Client

from speccom.site.core.library import register
from speccom.site.explore.queries.programmes import groups_of, programmes, slug

_HREF = re.compile(r'href="([^"]+)"')
_ID = re.compile(r'\bid="([^"]+)"')


def links(address: str, html: str) -> Iterator[str]:
    """Where a page leads within the site, the page itself for a link to a part of it."""
    for found in map(unescape, _HREF.findall(html)):
        if found.startswith("#"):
            yield address + found
        elif found.startswith("/") and not found.startswith("/static/"):
            yield found


def one_of_each(addresses: Iterable[str]) -> list[str]:
    """Questions of which each part (`line=NCBPS11B`, `download=areas.csv`) is asked of a kind of page once.

    Every line in every area would be tens of thousands, and is one page asked again and again.
    """
    chosen, seen = [], set()
    for address in sorted(addresses):
        parts = urlsplit(address)
        asked = {(parts.path.split("/")[1], part) for part in parts.query.split("&")}
        if asked - seen:
            chosen.append(address)
            seen |= asked
    return chosen


class Walk:
    """What was found on the way: parts of each page by address, questions, links to parts, what failed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.waiting: list[str] = []
        self.named: dict[str, set[str]] = {}
        self.questions: set[str] = set()
        self.parts: set[tuple[str, str]] = set()
        self.failed: list[tuple[str, int]] = []

    def follow(self, address: str) -> None:
        """Every page without a question that a page leads to, however far."""
        self.waiting.append(address)
        while self.waiting:
            self.look(self.waiting.pop())

    def look(self, address: str) -> None:
        """One page, unless it was seen; its links are noted."""
        if address in self.named:
            return
        response = self.client.get(address)
        self.named[address] = set()
        if response.status_code == 302 and response["Location"].startswith("/sign-in/"):
            self.note(response["Location"])  # behind signing in
        elif response.status_code != 200:
            self.failed.append((address, response.status_code))
        elif not response.streaming and response["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            self.named[address] = set(_ID.findall(html))
            for link in links(address, html):
                self.note(link)

    def note(self, link: str) -> None:
        whole, _, part = link.partition("#")
        if "?" in whole:
            self.questions.add(whole)
            return
        self.waiting.append(whole)
        if part:
            self.parts.add((whole, part))


def test_every_page_is_reached_from_the_first_and_no_link_leads_nowhere(client: Client) -> None:
    walk = Walk(client)
    walk.follow("/")
    reached = set(walk.named)
    asked = one_of_each(walk.questions)
    for question in asked:
        walk.look(question)
    assert walk.failed == []
    assert set(walk.waiting) <= reached  # an answer leads to no page that was not reached without it
    assert [part for part in walk.parts if part[1] not in walk.named[part[0]]] == []
    assert pages_of_the_register() <= reached
    assert len(asked) > len(register().lines) / 2


def pages_of_the_register() -> set[str]:
    held = register()
    return {
        *(f"/services/{ref}/" for ref in held.services),
        *(f"/lines/{code}/" for code in held.lines),
        *(f"/organisations/{code}/" for code in (*held.organisations, *held.providers)),
        *(f"/programmes/{slug(name)}/" for name in programmes(held)),
        *(
            f"/programmes/{slug(name)}/{slug(group.name)}/"
            for name in programmes(held)
            for group in groups_of(held, name)
        ),
    }
