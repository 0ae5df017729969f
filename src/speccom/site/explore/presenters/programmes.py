"""Words for the national programmes of care and their clinical reference groups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from speccom.register import Register, ServiceLine
from speccom.site.core.pages import Cell, Link, Page, table
from speccom.site.core.words import count
from speccom.site.explore.presenters.services import ListPage, lines_table, programme_link
from speccom.site.explore.presenters.shared import CONFIDENCE, source_link
from speccom.site.explore.queries.programmes import Group, slug

_GROUP = (
    "A clinical reference group is a group of doctors, nurses, patients and others who advise NHS England on "
    "a family of specialised services."
)


@dataclass(frozen=True, kw_only=True)
class GroupPage(Page):
    """One clinical reference group: what is held of it, and the service lines that it advises on."""

    facts: tuple[tuple[str, Cell], ...]
    explained: str


def programmes_page(register: Register, programmes: dict[str, list[ServiceLine]]) -> ListPage:
    """Every programme of the service code list."""
    rows = [
        (
            programme_link(name),
            len({line.service_ref for line in lines if line.service_ref}),
            len(lines),
        )
        for name, lines in programmes.items()
    ]
    return ListPage(
        title="National programmes of care",
        lead=(
            "NHS England groups specialised services into six national programmes of care. A few "
            "lines are listed "
            "under older or other headings: they are shown as their source has them."
        ),
        tables=(table("programmes", "Programmes", ("Programme", "Services", "Service lines"), rows),),
    )


def programme_page(register: Register, name: str, groups: list[Group], on: date) -> ListPage:
    """One programme: its groups, and the lines of each."""
    rows = [
        (
            Link(group.name, reverse("group", args=[slug(name), slug(group.name)])),
            group.code or "–",
            len(group.lines),
            CONFIDENCE[group.facts[0].confidence] if group.facts else "Named on service lines only",
        )
        for group in groups
    ]
    lines = sorted((line for group in groups for line in group.lines), key=lambda line: line.name)
    return ListPage(
        title=name,
        trail=(Link("Programmes of care", reverse("programmes")),),
        lead=f"A national programme of care with {count(len(lines), 'service line')}.",
        notes=(_GROUP, "The list of groups held here is incomplete: see where sources disagree."),
        tables=(
            table(
                "groups", "Clinical reference groups", ("Group", "Code", "Service lines", "How sure"), rows
            ),
            lines_table(register, lines, on),
        ),
    )


def group_page(register: Register, programme: str, group: Group, on: date) -> GroupPage:
    """One group."""
    facts: list[tuple[str, Cell]] = [("Programme of care", programme_link(programme))]
    if group.code:
        facts.append(("Code", group.code))
    named = {"remit": "What it does", "operating model": "How it works", "name": ""}
    facts += [(named[fact.attribute], fact.value) for fact in group.facts if named[fact.attribute]]
    for (source, confidence), _ in Counter((fact.source_id, fact.confidence) for fact in group.facts).items():
        facts += [("Source", source_link(register.sources[source])), ("How sure", CONFIDENCE[confidence])]
    return GroupPage(
        title=group.name,
        trail=(Link("Programmes of care", reverse("programmes")), programme_link(programme)),
        facts=tuple(facts),
        explained=_GROUP
        if group.facts
        else f"{_GROUP} This one is named on service lines, and on no list of groups held here.",
        tables=(lines_table(register, list(group.lines), on),) if group.lines else (),
    )
