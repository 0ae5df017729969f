"""Words for services and service lines: what each is, its lines and status, its arrangement by region."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.urls import reverse

from speccom.register import Fact, Register, ServiceLine
from speccom.site.core.pages import Cell, Link, Page, Table, Tag, table
from speccom.site.core.words import count, listed, long_date
from speccom.site.explore.presenters.pictures import Pictures
from speccom.site.explore.presenters.shared import (
    ARRANGEMENTS,
    CONFIDENCE,
    KINDS,
    STATUSES,
    name_of,
    organisation_link,
    source_in_short,
    source_link,
)
from speccom.site.explore.presenters.who import Ask
from speccom.site.explore.queries.programmes import slug
from speccom.site.explore.queries.services import ToldService
from speccom.site.explore.queries.timeline import RegionSpell, day_before

Facts = tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, kw_only=True)
class ListPage(Page):
    """A page that is a list of tables with a few words above."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServicePage(Page):
    """One prescribed service: what the law calls it, what it is made of, who commissions it today."""

    facts: Facts
    summary: str
    lines: Table
    regions: Table | None
    address: str
    insight: tuple[Link, ...] = ()
    pictures: Pictures | None = None


@dataclass(frozen=True, kw_only=True)
class LinePage(Page):
    """One code of the service code list: what it is, its status, who commissions it by region."""

    facts: Facts
    summary: str
    ask: Ask | None
    statuses: Table
    regions: Table | None
    explained: tuple[tuple[str, str], ...]
    address: str
    insight: tuple[Link, ...] = ()
    pictures: Pictures | None = None


DrawnPage = TypeVar("DrawnPage", ServicePage, LinePage)


def with_pictures(page: DrawnPage, pictures: Pictures | None) -> DrawnPage:
    """The same page with its pictures, and the table of its map among its tables."""
    if pictures is None:
        return page
    of_map: tuple[Table, ...] = (pictures.map.table,) if pictures.map.table else ()
    return replace(page, pictures=pictures, tables=(*page.tables, *of_map))


def services_page(register: Register, grouped: dict[str, list[ServiceLine]], on: date) -> ListPage:
    """Every prescribed service."""
    rows = [
        (
            Link(register.services[ref].name, reverse("service", args=[ref])),
            ref,
            listed(sorted({line.programme for line in lines if line.programme})) or "–",
            len(lines),
            _in_short(register, lines, on),
        )
        for ref, lines in grouped.items()
    ]
    services = table(
        "services",
        f"Prescribed services, as they stand on {long_date(on)}",
        ("Service", "Number", "Programme of care", "Service lines", "Today"),
        rows,
    )
    return ListPage(
        title="Services",
        lead=(
            "Regulations name the services that are specialised. Each has a number, and is made of "
            "service lines: "
            "the parts that are paid for one by one, each with a code."
        ),
        tables=(services,),
    )


def lines_page(register: Register, grouped: dict[str, list[ServiceLine]], on: date) -> ListPage:
    """The codes that belong to no prescribed service, by kind."""
    tables = tuple(
        table(
            kind.replace(" ", "-"),
            f"{KINDS[kind]} ({count(len(lines), 'code')})",
            ("Name", "Code", "Status today"),
            (
                (
                    Link(line.name, reverse("line", args=[line.code])),
                    line.code,
                    STATUSES[register.line_status(line.code, on)],
                )
                for line in lines
            ),
        )
        for kind, lines in grouped.items()
    )
    return ListPage(
        title="Codes that are not part of one service",
        lead=(
            "NHS England’s service code list holds more than services: top-ups, networks, and care "
            "that is not specialised."
        ),
        tables=tables,
    )


def service_page(
    register: Register, ref: str, told: ToldService, on: date, *, ledger: bool = False
) -> ServicePage:
    """One service. `ledger`: there is one, so that spend and flows can be asked for."""
    service, lines, statutory = register.services[ref], told.lines, told.statutory
    shown = lines_table(register, lines, on)
    by_region = (
        _regions_over_time(register, told.regions)
        if any(spell.arrangement for each in told.regions.values() for spell in each)
        else None
    )
    facts: list[tuple[str, Cell]] = [("Number", f"{ref} in NHS England’s manual of prescribed services")]
    if statutory:
        first, last = statutory.wordings[0], statutory.wordings[-1]
        if last.valid_to and last.valid_to <= on:
            facts.append(
                (
                    "In the regulations",
                    (
                        f"Paragraph {statutory.paragraph} of Schedule 4, until "
                        f"{long_date(day_before(last.valid_to))}"
                    ),
                )
            )
        else:
            facts.append(
                (
                    "In the regulations",
                    (
                        f"Paragraph {statutory.paragraph} of Schedule 4 since "
                        f"{long_date(first.valid_from)}: “{last.value}”"
                    ),
                )
            )
        facts.append(("Source", source_link(register.sources[last.source_id])))
    programmes = sorted({line.programme for line in lines if line.programme})
    facts += [("National programme of care", programme_link(name)) for name in programmes]
    facts += [("Clinical reference group", name) for name in told.groups]
    return ServicePage(
        title=service.name,
        trail=(Link("Services", reverse("services")),),
        facts=tuple(facts),
        summary=_summary(register, lines, on),
        lines=shown,
        regions=by_region,
        address=reverse("service", args=[ref]),
        insight=_insight(f"service:{ref}") if ledger and lines else (),
        tables=(shown, *((by_region,) if by_region else ())),
    )


def _insight(lines: str) -> tuple[Link, ...]:
    """Where the ledger says what is spent on a service or a service line."""
    asked = {"lines": lines}
    return (
        Link("Spend a head, access and intensity by board", reverse("variation", query=asked)),
        Link("Where each board’s people are cared for", reverse("flows", query=asked)),
        Link("What is spent, month by month", reverse("control", query=asked)),
        Link("How steady it is from year to year", reverse("volatility", query=asked)),
        Link("At which size to plan it", reverse("tiers", query=asked)),
    )


def line_page(
    register: Register,
    line: ServiceLine,
    group: str | None,
    statuses: list[Fact],
    regions: dict[str, list[RegionSpell]],
    on: date,
    ask: Ask,
    *,
    ledger: bool = False,
) -> LinePage:
    """One code; `ask` asks who commissions it for an area. `ledger` as for a service."""
    by_region = (
        _regions_over_time(register, regions)
        if any(spell.arrangement for each in regions.values() for spell in each)
        else None
    )
    held = _status_table(register, statuses)
    facts: list[tuple[str, Cell]] = [("Code", line.code), ("What it is", KINDS[line.kind])]
    trail: tuple[Link, ...] = (Link("Services", reverse("services")),)
    if line.service_ref:
        service = Link(register.services[line.service_ref].name, reverse("service", args=[line.service_ref]))
        facts.append(("Part of the service", service))
        trail += (service,)
    if line.programme:
        facts.append(("National programme of care", programme_link(line.programme)))
    if group:
        facts.append(("Clinical reference group", group))
    if line.highly_specialised is not None:
        facts.append(
            (
                "Highly specialised",
                "Yes: for very few people, at very few hospitals" if line.highly_specialised else "No",
            )
        )
    facts.append(("Status today", STATUSES[register.line_status(line.code, on)]))
    commissioned = register.line_status(line.code, on) != "NOT APPLICABLE"
    return LinePage(
        insight=_insight(line.code) if ledger and line.service_ref else (),
        title=line.name,
        trail=trail,
        facts=tuple(facts),
        summary=_line_summary(register, line, on),
        ask=ask if commissioned else None,
        statuses=held,
        regions=by_region,
        address=reverse("line", args=[line.code]),
        explained=tuple((tag.text, words) for tag, words in STATUSES_EXPLAINED),
        tables=(held, *((by_region,) if by_region else ())),
    )


STATUSES_EXPLAINED = (
    (
        STATUSES["GREEN"],
        (
            "Judged suitable for integrated care boards, and delegated to them where the region has "
            "taken that on."
        ),
    ),
    (STATUSES["AMBER"], "Judged suitable, and not delegated yet."),
    (STATUSES["RED"], "NHS England commissions it everywhere."),
    (STATUSES["BLUE"], "A top-up, a network or a hosted service. NHS England commissions it."),
    (STATUSES["NOT APPLICABLE"], "Nobody commissions it as a specialised service."),
)


def programme_link(name: str) -> Link:
    """A programme of care by name, leading to its page."""
    return Link(name, reverse("programme", args=[slug(name)]))


def _in_short(register: Register, lines: list[ServiceLine], on: date) -> Tag:
    """The status that all the service's lines have, or that it differs."""
    statuses = {register.line_status(line.code, on) for line in lines}
    if not lines:
        return Tag("No line in use", "white")
    return STATUSES[statuses.pop()] if len(statuses) == 1 else Tag("Differs by line", "grey")


def _summary(register: Register, lines: list[ServiceLine], on: date) -> str:
    """Who commissions the lines of a service, in one or two sentences."""
    if not lines:
        return "No service line of today’s code list belongs to this service."
    statuses = [register.line_status(line.code, on) for line in lines]
    boards, nobody = statuses.count("GREEN"), statuses.count("NOT APPLICABLE")
    national = len(lines) - boards - nobody
    whole = {boards: _BY_BOARDS, national: _BY_NHS_ENGLAND, nobody: _BY_NOBODY}.get(len(lines))
    if whole:
        return whole.format(
            what="its one service line" if len(lines) == 1 else f"all {len(lines)} of its service lines"
        )
    parts = (
        (boards, "integrated care boards (ICBs) commission {number}"),
        (national, "NHS England commissions {number}"),
        (nobody, "nobody commissions {number} as a specialised service"),
    )
    said = listed([words.format(number=number) for number, words in parts if number])
    return f"It has {len(lines)} service lines: {said}."


_BY_BOARDS = (
    "Integrated care boards (ICBs) commission {what}, each for the people of its own area. NHS England "
    "stays accountable."
)
_BY_NHS_ENGLAND = "NHS England commissions {what} for all of England."
_BY_NOBODY = "Nobody commissions {what} as a specialised service today."


def _line_summary(register: Register, line: ServiceLine, on: date) -> str:
    status = register.line_status(line.code, on)
    if status == "GREEN":
        return (
            "Integrated care boards (ICBs) commission it, each for the people of its own area. NHS "
            "England stays accountable for it."
        )
    if status == "NOT APPLICABLE":
        return "Nobody commissions this code as a specialised service today."
    return "NHS England commissions it for all of England."


def lines_table(register: Register, lines: list[ServiceLine], on: date) -> Table:
    return table(
        "lines",
        "Its service lines",
        ("Service line", "Code", "Status today"),
        (
            (
                Link(line.name, reverse("line", args=[line.code])),
                line.code,
                STATUSES[register.line_status(line.code, on)],
            )
            for line in lines
        ),
    )


def _regions_over_time(register: Register, regions: dict[str, list[RegionSpell]]) -> Table:
    """One row to a region: how it is now, since when, and how it was before."""
    rows: list[tuple[Cell, ...]] = []
    for region, spells in sorted(regions.items(), key=lambda item: name_of(register, item[0])):
        now, earlier = spells[-1], spells[-2::-1]
        before = [
            f"{ARRANGEMENTS[spell.arrangement].text.lower()} from {long_date(spell.start)}"
            for spell in earlier
        ]
        rows.append(
            (
                organisation_link(register, region),
                ARRANGEMENTS[now.arrangement],
                long_date(now.start),
                "; ".join(before) or "–",
            )
        )
    return table("regions", "Who commissions it in each region", ("Region", "Now", "Since", "Before"), rows)


def _status_table(register: Register, statuses: list[Fact]) -> Table:
    return table(
        "statuses",
        "Its status on NHS England’s service code list",
        ("Status", "From", "To", "How sure", "Source"),
        (
            (
                STATUSES[fact.value],
                long_date(fact.valid_from),
                long_date(day_before(fact.valid_to)) if fact.valid_to else "Today and on",
                CONFIDENCE[fact.confidence],
                source_in_short(register.sources[fact.source_id]),
            )
            for fact in statuses
        ),
    )
