"""The feed tells each day of change once, under an address that stays, and is not sent twice."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime
from html import unescape

from django.test import Client
from tests.site.reading import words

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client) -> list[ET.Element]:
    response = client.get("/changes/feed.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


def said(entry: ET.Element, part: str) -> str:
    text = entry.findtext(f"{ATOM}{part}")
    assert text is not None
    return text


def test_each_day_of_change_is_an_entry_that_leads_to_its_page(client: Client) -> None:
    found = entries(client)
    by_day = {said(entry, "title").partition(":")[0]: entry for entry in found}
    assert len(by_day) == len(found)
    delegation = by_day["1 April 2024"]
    assert "Joint → Delegated" in said(delegation, "summary")
    link = delegation.find(f"{ATOM}link")
    assert link is not None
    address = link.attrib["href"].removeprefix("http://testserver")
    assert address == "/changes/?from=2024-03-31&to=2024-04-01"
    assert "After 31 March 2024" in words(client.get(address).content.decode())


def test_an_entry_is_dated_by_the_day_on_which_it_became_known(client: Client) -> None:
    by_day = {said(entry, "title").partition(":")[0]: entry for entry in entries(client)}
    assert said(by_day["1 April 2025"], "published").startswith("2024-12-05")
    known = [datetime.fromisoformat(said(entry, "updated")) for entry in by_day.values()]
    assert known == sorted(known, reverse=True)


def test_the_feed_is_valid_atom(client: Client) -> None:
    root = ET.fromstring(client.get("/changes/feed.atom").content)
    for part in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{part}")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    relations = {link.attrib["rel"]: link.attrib["href"] for link in root.findall(f"{ATOM}link")}
    assert relations["self"] == "http://testserver/changes/feed.atom"
    ids = [said(entry, "id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) > 5
    for entry in root.findall(f"{ATOM}entry"):
        assert "<ul><li>" in unescape(said(entry, "summary"))


def test_the_feed_is_not_sent_twice_and_pages_lead_to_it(client: Client) -> None:
    first = client.get("/changes/feed.atom")
    assert client.get("/changes/feed.atom", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert client.post("/changes/feed.atom").status_code == 405
    assert 'type="application/atom+xml"' in client.get("/changes/").content.decode()
