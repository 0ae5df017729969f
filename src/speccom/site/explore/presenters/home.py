"""Words for the first page: one box, and where else to begin."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from speccom.register import Register
from speccom.site.core.pages import Link, Page


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """Examples of what to ask, and ways in with a sentence each."""

    examples: tuple[Link, ...]
    ways_in: tuple[tuple[Link, str], ...]


def home_page(register: Register, *, demonstrated: bool) -> HomePage:
    """The first page. `demonstrated`: the workspace holds the results of a demonstration."""
    demonstration = (
        Link("Who pays: a demonstration", reverse("demonstration")),
        "A half-year of made-up records: who pays for each, and why. It is about nobody.",
    )
    return HomePage(
        title="Find out who commissions a specialised service",
        lead=(
            "Specialised services treat people with rare or complex conditions. To commission a "
            "service is to plan "
            "it, pay for it and check that it is good. Who does that has changed, service by "
            "service and place by place."
        ),
        examples=tuple(
            Link(words, reverse("search", query={"q": words}))
            for words in ("renal dialysis", "HIV", "neurosurgery", "NCBPS11B", "Frimley")
        ),
        ways_in=(
            (
                Link("Who commissions?", reverse("who")),
                "Choose a service, a place and a date, and get one sentence with its reasons and sources.",
            ),
            (
                Link("All services", reverse("services")),
                f"The {len(register.services)} prescribed services and the lines that they are paid by.",
            ),
            (
                Link("Organisations", reverse("organisations")),
                (
                    "Integrated care boards, their parts, committees and regions, and what became of "
                    "those that closed."
                ),
            ),
            (
                Link("Decisions, 2012 to 2027", reverse("decisions")),
                "Who decided what, and what each decision changed.",
            ),
            (
                Link("What changed between two dates", reverse("changes")),
                "Answers that differ, and the facts that made them differ.",
            ),
            (
                Link("Insight: spend and flows", reverse("insight")),
                "Why spend a head differs between boards, and where people are cared for.",
            ),
            (
                Link("Where sources disagree", reverse("disagreements")),
                "Published papers do not always agree. See where it matters.",
            ),
            *((demonstration,) if demonstrated else ()),
        ),
    )
