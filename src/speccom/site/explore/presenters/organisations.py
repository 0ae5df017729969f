"""Words for organisations: what each is, where it belongs, what became of it, what it commissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from speccom.register import Fact, Organisation, Provider, Register
from speccom.site.core.pages import Cell, Link, Page, Table, table
from speccom.site.core.words import count, long_date
from speccom.site.explore.presenters.services import ListPage
from speccom.site.explore.presenters.shared import (
    ARRANGEMENTS,
    CONFIDENCE,
    ROLES,
    in_full,
    organisation_link,
    source_in_short,
)
from speccom.site.explore.queries import organisations as ask
from speccom.site.explore.queries.organisations import Succession
from speccom.site.explore.queries.timeline import day_before

# role → heading of its list, and the sentence above it
LISTS = {
    "integrated care board": "Integrated care boards (ICBs)",
    "region": "NHS England regions",
    "specialised commissioning hub": "Specialised commissioning hubs",
    "joint committee": "Joint committees",
    "sub-ICB location": "Sub-ICB locations: the parts of integrated care boards",
    "health and justice hub": "Health and justice hubs",
    "national": "National body",
    "national hub": "National hub",
}
EXPLAINED = {
    "integrated care board": (
        "An integrated care board (ICB) plans and pays for health care for everybody registered with a "
        "GP (family doctor) in its area."
    ),
    "sub-ICB location": (
        "A sub-ICB location is a part of an integrated care board’s area. Contract data name it by this code."
    ),
    "region": "NHS England works through seven regions.",
    "joint committee": (
        "A joint committee brought NHS England and integrated care boards together to decide on "
        "specialised services."
    ),
    "specialised commissioning hub": "A commissioning hub acts and pays for NHS England in a region.",
    "health and justice hub": (
        "A health and justice hub acts for NHS England in a region for people in prison and others in "
        "the care of the law."
    ),
    "national": "NHS England is accountable for every specialised service, whoever commissions it.",
    "national hub": "The national hub acts for NHS England in all of England.",
}


@dataclass(frozen=True, kw_only=True)
class OrganisationPage(Page):
    """One body: its facts, its relations in time, who came before and after, what it commissions today."""

    facts: tuple[tuple[str, Cell], ...]
    explained: str
    ended: str
    commissions: str
    relations: Table | None
    successions: Table | None
    parts: Table | None
    services: Table | None
    ask: Link | None


def organisations_page(register: Register, on: date) -> ListPage:
    """Every body by role, those that are there first."""
    tables = []
    for role, heading in LISTS.items():
        there, gone = ask.by_role(register, role, on)
        rows = [
            (organisation_link(register, code), code, _lasted(register.organisations[code]))
            for code in there + gone
        ]
        if rows:
            tables.append(table(role.replace(" ", "-"), heading, ("Name", "Code", "Dates"), rows))
    tables.append(_trusts(register, on))
    return ListPage(
        title="Organisations",
        lead=(
            "Who commissions specialised services, who once did, what became of those that closed, and the "
            "trusts that provide them."
        ),
        tables=tuple(tables),
    )


def _trusts(register: Register, on: date) -> Table:
    """Every trust by name, with the board in whose area it lies."""
    rows: list[tuple[Cell, ...]] = []
    for provider in sorted(register.providers.values(), key=lambda provider: (provider.name, provider.code)):
        host = register.host_icb(provider.code, on)
        trust = Link(provider.name, reverse("organisation", args=[provider.code]))
        rows.append((trust, provider.code, organisation_link(register, host) if host else "–"))
    return table("trusts", "Trusts: they provide care", ("Name", "Code", "In the area of"), rows)


def organisation_page(register: Register, code: str, on: date) -> OrganisationPage:
    """One body by code."""
    body = register.organisations[code]
    relations = _relations(register, body)
    successions = _successions(register, code)
    parts = _parts(register, body, on)
    services = _services(register, code, on)
    active = body.valid_to is None or on < body.valid_to
    area = body.role in {"integrated care board", "sub-ICB location"} and active
    return OrganisationPage(
        title=in_full(body.name),
        trail=(Link("Organisations", reverse("organisations")),),
        facts=(("Code", code), ("What it is", ROLES[body.role]), ("Dates", _lasted(body))),
        explained=EXPLAINED[body.role],
        ended=_ended(register, body, on),
        commissions=_commissions(register, body, services, on),
        relations=relations,
        successions=successions,
        parts=parts,
        services=services,
        ask=Link("Who commissions a service for this area?", reverse("who", query={"area": code}))
        if area
        else None,
        tables=tuple(each for each in (successions, relations, parts, services) if each),
    )


def provider_page(
    register: Register, provider: Provider, host: str | None, centre: Fact | None, on: date
) -> OrganisationPage:
    """One trust: where it lies. It provides services and commissions none."""
    facts: list[tuple[str, Cell]] = [
        ("Code", provider.code),
        ("What it is", "A provider of services: a trust"),
    ]
    if provider.region in register.organisations:
        facts.append(("NHS England region", organisation_link(register, provider.region)))
    else:
        facts.append(("Where", "Outside the regions of NHS England"))
    if host:
        facts.append(("Integrated care board in whose area it lies", organisation_link(register, host)))
    elif provider.host_icb:
        facts.append(
            ("Integrated care board in whose area it lay", organisation_link(register, provider.host_icb))
        )
    if centre:
        facts.append(
            ("Neuroscience centre", Link("One of the adult neuroscience centres", reverse("neuroscience")))
        )
    return OrganisationPage(
        title=provider.name,
        trail=(Link("Organisations", reverse("organisations")),),
        facts=tuple(facts),
        explained="A provider treats people. It commissions nothing: it is paid by those who do.",
        ended="",
        commissions="",
        relations=None,
        successions=None,
        parts=None,
        services=None,
        ask=None,
    )


def _lasted(body: Organisation) -> str:
    if body.valid_to:
        return f"From {long_date(body.valid_from)} to {long_date(day_before(body.valid_to))}"
    return f"Since {long_date(body.valid_from)}"


def _ended(register: Register, body: Organisation, on: date) -> str:
    if body.valid_to is None:
        return ""
    after = ask.successors(register, body.code)
    verb = "ended" if body.valid_to <= on else "will end"
    names = " and ".join(
        f"{in_full(register.organisations[each.successor].name)} ({each.successor})" for each in after
    )
    if not after:
        return f"It {verb} on {long_date(day_before(body.valid_to))}."
    if len(after) == 1 and after[0].whole:
        return f"It {verb} on {long_date(day_before(body.valid_to))}. {names} followed it."
    return f"It {verb} on {long_date(day_before(body.valid_to))} and was split: parts of it went to {names}."


def _commissions(register: Register, body: Organisation, services: Table | None, on: date) -> str:
    if body.role == "integrated care board" and services:
        lines = sum(row[2] for row in services.rows if isinstance(row[2], int))
        return (
            f"On {long_date(on)} it commissions {count(len(services.rows), 'specialised service')} "
            "for the people of its "
            f"area, in {count(lines, 'service line')}. NHS England stays accountable for them."
        )
    if body.role == "integrated care board" and (body.valid_to is None or on < body.valid_to):
        return f"On {long_date(on)} no specialised service is delegated to it."
    return ""


def _successions(register: Register, code: str) -> Table | None:
    found = [*ask.predecessors(register, code), *ask.successors(register, code)]
    rows = [_succession_row(register, each) for each in found]
    columns = ("Before", "After", "How much", "On", "Source")
    return table("successions", "Who followed whom", columns, rows) if rows else None


def _succession_row(register: Register, each: Succession) -> tuple[Cell, ...]:
    return (
        organisation_link(register, each.predecessor),
        organisation_link(register, each.successor),
        "All of it" if each.whole else "A part of it",
        long_date(each.fact.valid_from),
        source_in_short(register.sources[each.fact.source_id]),
    )


RELATIONS = {
    "in integrated care board": "Part of the integrated care board",
    "in region": "In the region of",
    "part of": "Part of",
    "member of joint committee": "Member of the joint committee",
    "hub of region": "Hub of the region of",
    "health and justice hub of region": "Health and justice hub of the region of",
    "arrangement": "Arrangement for suitable services",
}


def _relations(register: Register, body: Organisation) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for relation, words in RELATIONS.items():
        for fact in ask.related(register, body.code, relation):
            value: Cell = (
                ARRANGEMENTS[fact.value]
                if relation == "arrangement"
                else organisation_link(register, fact.value)
            )
            rows.append((words, value, *_dated(register, fact)))
    return (
        table(
            "relations",
            "Where it belongs, over time",
            ("What", "Which", "From", "To", "How sure", "Source"),
            rows,
        )
        if rows
        else None
    )


def _dated(register: Register, fact: Fact) -> tuple[Cell, ...]:
    return (
        long_date(fact.valid_from),
        long_date(day_before(fact.valid_to)) if fact.valid_to else "Today and on",
        CONFIDENCE[fact.confidence],
        source_in_short(register.sources[fact.source_id]),
    )


PARTS = {
    "integrated care board": ("in integrated care board", "Its sub-ICB locations", "Location"),
    "region": ("in region", "Integrated care boards of the region", "Board"),
    "joint committee": ("member of joint committee", "Its members", "Board"),
}


def _parts(register: Register, body: Organisation, on: date) -> Table | None:
    if body.role not in PARTS:
        return None
    relation, caption, heading = PARTS[body.role]
    facts = ask.ever_related_to(register, body.code, relation)
    rows = [
        (organisation_link(register, fact.subject), fact.subject, *_dated(register, fact)[:2])
        for fact in facts
        if fact.subject in register.organisations
    ]
    return table("parts", caption, (heading, "Code", "From", "To"), rows) if rows else None


def _services(register: Register, code: str, on: date) -> Table | None:
    found = ask.delegated_to(register, code, on)
    rows = [
        (Link(register.services[ref].name, reverse("service", args=[ref])), ref, len(lines))
        for ref, lines in sorted(found.items(), key=lambda item: register.services[item[0]].name)
    ]
    return (
        table(
            "services",
            f"Specialised services that it commissions on {long_date(on)}",
            ("Service", "Number", "Service lines"),
            rows,
        )
        if rows
        else None
    )
