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


def test_every_page_is_reached_from_the_first_and_no_link_leads_nowhere(client: Client) -> None:
    waiting, questions, parts, named = ["/"], set(), set(), {}
    failed = []
    while waiting:
        address = waiting.pop()
        if address in named:
            continue
        response = client.get(address)
        named[address] = set()
        if response.status_code != 200:
            failed.append((address, response.status_code))
        elif response["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            named[address] = set(_ID.findall(html))
            for link in links(address, html):
                whole, _, part = link.partition("#")
                if part and "?" not in whole:
                    parts.add((whole, part))
                if "?" in whole:
                    questions.add(whole)
                else:
                    waiting.append(whole)
    asked = one_of_each(questions)
    failed += [(address, status) for address in asked if (status := client.get(address).status_code) != 200]
    assert failed == []
    assert [part for part in parts if part[1] not in named[part[0]]] == []
    assert pages_of_the_register() <= named.keys()
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
