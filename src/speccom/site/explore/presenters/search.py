"""Words for the search page, whole or as one types, and for every list of things found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from speccom.register import Register
from speccom.site.core.pages import Link, Page
from speccom.site.core.words import count, listed
from speccom.site.explore.presenters.shared import KINDS, ROLES
from speccom.site.explore.search import Found as FoundByIndex
from speccom.site.explore.search import Hit

_PAGES = {
    "service": "service",
    "service line": "line",
    "programme": "programme",
    "organisation": "organisation",
    "trust": "organisation",
}
HEADINGS = {
    "service": "Services",
    "service line": "Service lines and codes",
    "programme": "National programmes of care",
    "group": "Clinical reference groups",
    "organisation": "Organisations that commission, now or before",
    "trust": "Hospital trusts",
    "practice": "GP practices",
    "decision": "Decisions",
}
SHOWN = 8
"""Hits of one kind that are shown at once; more are one click away on the same page."""

_EVERYDAY = "Some of these were found by everyday words, which are Speccom’s own and not from a source."


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: its name and page, and a few words on what it is."""

    link: Link
    what: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind, the first few and the rest."""

    heading: str
    first: tuple[Found, ...]
    rest: tuple[Found, ...]


@dataclass(frozen=True, kw_only=True)
class SearchPage(Page):
    """What was asked and what was found, by kind; `status_words` is said aloud while one types."""

    query: str
    hits: tuple[Found, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
    status_words: str = ""
    everyday: str = ""
    near: tuple[Found, ...] = ()


def search_page(register: Register, query: str, told: FoundByIndex, near: Sequence[Hit] = ()) -> SearchPage:
    """The search page; without a query, only its box. `near` is what is spelt like a query without hits."""
    hits = [hit for hit in told.hits if hit.kind != "not specialised"]
    notes = dict.fromkeys(hit.note for hit in told.hits if hit.note)
    return SearchPage(
        title="Search",
        lead=_said(query, len(hits), told.read_as, bool(notes)),
        query=query,
        hits=found(register, hits),
        groups=_groups(register, hits),
        notes=tuple(notes),
        status_words=count(len(hits), "result") if query else "",
        everyday=_EVERYDAY if any(hit.how == "everyday words" and not hit.because for hit in hits) else "",
        near=found(register, near),
    )


def found(register: Register, hits: Iterable[Hit]) -> tuple[Found, ...]:
    """Hits with where they lead and what they are."""
    return tuple(
        Found(Link(_name(hit), address(hit)), _what(register, hit))
        for hit in hits
        if hit.kind != "not specialised"
    )


def address(hit: Hit) -> str:
    """The page of what was found."""
    if hit.kind == "group":
        return reverse("group", args=hit.key.split("/"))
    if hit.kind == "decision":
        return f"{reverse('decisions')}#{hit.key}"
    if hit.kind == "practice":
        return reverse("who", query={"area": hit.key})
    return reverse(_PAGES[hit.kind], args=[hit.key])


def _said(query: str, number: int, read_as: dict[str, str], noted: bool) -> str:
    if not query:
        return ""
    if not number:
        return "" if noted else f"Nothing in the register matches “{query}”."
    words = f"{count(number, 'result')} for “{query}”."
    if read_as:
        read = listed([f"“{one}” as “{other}”" for one, other in read_as.items()])
        words += f" We read {read}."
    return words


def _groups(register: Register, hits: Sequence[Hit]) -> tuple[Group, ...]:
    """The hits by kind; the kind of the best hit first."""
    by_kind: dict[str, list[Hit]] = {}
    for hit in hits:
        by_kind.setdefault(hit.kind, []).append(hit)
    groups = []
    for kind, of_kind in by_kind.items():
        shown = found(register, of_kind)
        # One hit more is shown rather than hidden behind a click.
        cut = len(shown) if len(shown) <= SHOWN + 1 else SHOWN
        groups.append(Group(HEADINGS[kind], shown[:cut], shown[cut:]))
    return tuple(groups)


def _name(hit: Hit) -> str:
    """A service that the regulations no longer have is named in brackets there, and without them here."""
    return hit.name.strip("()") if hit.kind == "service" and hit.name.startswith("(") else hit.name


def _what(register: Register, hit: Hit) -> str:
    words = _kind(register, hit)
    return f"{words}. {hit.because}" if hit.because else words


def _kind(register: Register, hit: Hit) -> str:
    match hit.kind:
        case "service":
            return f"Prescribed service {hit.key}"
        case "service line":
            return f"{hit.key}: {KINDS[register.lines[hit.key].kind]}"
        case "programme":
            return "National programme of care"
        case "group":
            return "Clinical reference group"
        case "decision":
            return f"Decision {hit.key}, {register.decisions[hit.key].made_on}"
        case "trust":
            return f"{hit.key}: Hospital trust"
        case "practice":
            return f"{hit.key}: GP practice in {hit.note}" if hit.note else f"{hit.key}: GP practice"
    organisation = register.organisations[hit.key]
    ended = f", until {organisation.valid_to:%B %Y}" if organisation.valid_to else ""
    return f"{hit.key}: {ROLES[organisation.role]}{ended}"
