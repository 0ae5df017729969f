"""Words that several pages share: arrangements, statuses, roles, confidence, sources, where things lead."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from speccom.register import Register, Source
from speccom.site.core.pages import Link, Tag
from speccom.site.core.words import long_date

ICB = "integrated care board (ICB)"

ARRANGEMENTS = {
    "national": Tag("National", "grey"),
    "joint": Tag("Joint", "orange"),
    "delegated": Tag("Delegated", "blue"),
    "retained": Tag("Retained", "purple"),
    "part-joint": Tag("Partly joint", "yellow"),
    "part-delegated": Tag("Partly delegated", "aqua-green"),
    None: Tag("Not commissioned", "white"),
}
ARRANGEMENTS_EXPLAINED = (
    ("National", "NHS England decides and pays, as it did for every specialised service before April 2023."),
    ("Joint", "A committee of NHS England and the integrated care boards decides. NHS England pays."),
    ("Delegated", "The integrated care board decides and pays. NHS England stays accountable."),
    ("Retained", "NHS England has kept the service: it decides and pays."),
)
STATUSES = {
    "GREEN": Tag("Suitable and delegated", "green"),
    "AMBER": Tag("Suitable, not yet ready", "yellow"),
    "RED": Tag("Kept by NHS England", "purple"),
    "BLUE": Tag("Infrastructure", "aqua-green"),
    "NOT APPLICABLE": Tag("Not a specialised service", "white"),
    None: Tag("No status yet", "white"),
}
KINDS = {
    "service line": "A part of a specialised service that is paid for on its own",
    "top up": "A top-up: money added to the price of other care because it is specialised",
    "network or hosted": "A network, or a service that one body hosts for others",
    "other nhse direct commissioning": (
        "Other care that NHS England commissions directly, and no specialised service"
    ),
    "retired or not applicable": "A code that is no longer used, or is no specialised service",
}
CONFIDENCE = {
    "stated": "Read in its source",
    "inferred": "Follows from its source",
    "recalled": "Not yet checked against a source",
}
ROLES = {
    "integrated care board": "Integrated care board (ICB)",
    "sub-ICB location": "Sub-ICB location",
    "region": "NHS England region",
    "joint committee": "Joint committee",
    "specialised commissioning hub": "Specialised commissioning hub of NHS England",
    "health and justice hub": "Health and justice hub of NHS England",
    "national": "National body",
    "national hub": "National hub of NHS England",
}


def name_of(register: Register, code: str) -> str:
    """An organisation or trust by name, the code where neither is known; boards in full."""
    held = register.organisations.get(code) or register.providers.get(code)
    return in_full(held.name) if held else code


def in_full(name: str) -> str:
    """`NHS Kent and Medway ICB` with its last word written out."""
    return name.replace(" ICB", " Integrated Care Board")


def organisation_link(register: Register, code: str) -> Link:
    """An organisation by its short name, leading to its page."""
    return Link(register.organisations[code].name, reverse("organisation", args=[code]))


def line_link(register: Register, code: str) -> Link:
    """A service line by name, leading to its page."""
    return Link(register.lines[code].name, reverse("line", args=[code]))


def source_link(source: Source) -> Link:
    """A paper by its title, with publisher and date, leading to it where it can be."""
    when = f", {long_date(date.fromisoformat(source.published))}" if source.published else ""
    note = f" ({source.note})" if source.note else ""
    return Link(f"{source.title}. {source.publisher}{when}{note}", source.url or None)


def source_in_short(source: Source) -> Link:
    """A paper by publisher and date alone, for a table with little room."""
    when = f", {long_date(date.fromisoformat(source.published))}" if source.published else ", undated"
    return Link(f"{source.publisher}{when}", source.url or None)
