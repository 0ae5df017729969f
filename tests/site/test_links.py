"""Every link of the site, followed from its home page until there is nothing new."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

_HREF = re.compile(r'href="(/[^"]*)"')
_PAGES = re.compile(r"^/(static|api)/")


def kind(address: str) -> tuple[str, tuple[str, ...]]:
    """Links that differ only in what they ask a page are of one kind; one of a kind is followed."""
    parts = urlsplit(address)
    return parts.path, tuple(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))


def test_every_link_that_can_be_reached_from_home_leads_somewhere(client: Client) -> None:
    waiting, seen, broken = ["/"], {kind("/")}, []
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        # Without a ledger the pages of insight say so, with the status of what is not there.
        if response.status_code != 200 and not address.startswith("/insight/"):
            broken.append(f"{address}: {response.status_code}")
        if response.streaming or not response["Content-Type"].startswith("text/html"):
            continue
        for link in map(unescape, _HREF.findall(response.content.decode())):
            target = link.partition("#")[0]
            if not _PAGES.match(target) and kind(target) not in seen:
                seen.add(kind(target))
                waiting.append(target)
    assert not broken
    assert len(seen) > 1_000
