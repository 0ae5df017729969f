"""The rule of who commissions: refusals first, then a decision table over three facts.

It judges a service line's status, an area's place and its region's arrangement, each on a date as far
as was known by another. It knows no file, and no wording of explanations or refusals.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from speccom.register import refusals
from speccom.register.facts import CONFIDENCE, Fact, in_force
from speccom.register.model import Answer, Area

if TYPE_CHECKING:
    from speccom.register.register import Register

ACCOUNTABLE = "X24"  # NHS England, for the whole portfolio and in every arrangement
_STRENGTH = {word: strength for strength, word in enumerate(CONFIDENCE)}


class Row(NamedTuple):
    """One row of the decision table; `by` and `pays` name the kind of body."""

    arrangement: str
    by: str
    pays: str
    category: str
    mental_health_category: str


_RETAINED = Row("retained", "national", "national", "21", "22")
_NATIONAL = Row("national", "national", "national", "21", "22")
# (the region's arrangement, whether the line is GREEN) → what follows
RULE = {
    ("national", True): _NATIONAL,
    ("national", False): _NATIONAL,
    ("joint", True): Row("joint", "committee", "national", "21", "22"),
    ("joint", False): _RETAINED,
    ("delegated", True): Row("delegated", "board", "board", "25", "26"),
    ("delegated", False): _RETAINED,
}


class Place(NamedTuple):
    """An area on a date, with the facts that put it there: its own role, then each step up to the region."""

    area: Area
    steps: tuple[Fact, ...]


def who_commissions(register: Register, line: str, area: str, on: date, known: date | None) -> Answer:
    """Apply the rule; see `Register.who_commissions`."""
    service_line = register.lines.get(line) or register.line(line)
    status = commissioned_status(register, service_line.code, on, known)
    place = place_of(register, area, on, known)
    icb = place.area.icb
    arrangement = arrangement_of(register, place.area.region, on, known)
    row = RULE[arrangement.value, status is not None and status.value == "GREEN"]

    steps = [*(() if status is None else (status,)), *place.steps, arrangement]
    decision_maker = holder = responsible = icb
    if row.pays == "national":
        hub = hub_of(register, place.area.region, on, known)
        decision_maker, holder, responsible = ACCOUNTABLE, ACCOUNTABLE, hub.subject
        if row.by == "committee":
            member = committee_of(register, icb, on, known)
            decision_maker = member.value
            steps.append(member)
        steps.append(hub)
    return Answer(
        service_line.code,
        place.area.code,
        icb,
        on,
        known,
        row.arrangement,
        responsible,
        row.mental_health_category if service_line.mental_health else row.category,
        ACCOUNTABLE,
        decision_maker,
        holder,
        holder,
        min((step.confidence for step in steps), key=_STRENGTH.__getitem__),
        tuple(steps),
    )


def commissioned_status(register: Register, line: str, on: date, known: date | None) -> Fact | None:
    """The fact of a line's status on a date, or none where there was none yet.

    Raises `NotCommissioned` for a code that is NOT APPLICABLE then. What a code is has always been known
    with its name, so a code that was never anything else is refused whatever `known` says.
    """
    facts = register.statuses.get(line, ())
    status = in_force(facts, on, known)
    nature = status or (facts[-1] if facts else None)
    if nature is not None and nature.value == "NOT APPLICABLE":
        raise refusals.not_commissioned(register, line, on)
    return status


def place_of(register: Register, area: str, on: date, known: date | None) -> Place:
    """Where an area lies on a date. Raises `UnknownArea`, or `NotActive` naming dates and successors."""
    roles = register.area_roles.get(area)
    if roles is None:
        area = area.strip().upper()
        roles = register.area_roles.get(area)
        if roles is None:
            raise refusals.unknown_area(register, area)
    role = in_force(roles, on, known)
    if role is None:
        raise refusals.not_active(register, area, on, known)
    icb = area
    steps: tuple[Fact, ...] = ()
    if role.value == "sub-ICB location":
        board = in_force(register.boards.get(area, ()), on, known)
        if board is None:
            raise refusals.not_active(register, area, on, known)
        icb, steps = board.value, (board,)
    region = in_force(register.regions.get(icb, ()), on, known)
    if region is None:
        raise refusals.not_active(register, area, on, known)
    kind = "icb" if icb == area else "sub_icb"
    return Place(Area(area, kind, icb, region.value), (*steps, region))


def arrangement_of(register: Register, region: str, on: date, known: date | None) -> Fact:
    """A region's arrangement on a date; before any was known, there is nothing to answer from."""
    facts = register.facts.about(region, "arrangement")
    found = in_force(facts, on, known)
    if found is None:
        raise refusals.no_arrangement(region, facts, on)
    return found


def hub_of(
    register: Register, region: str, on: date, known: date | None, relation: str = "hub of region"
) -> Fact:
    """The commissioning hub that acts for NHS England in a region."""
    for facts in register.facts.of(relation).values():
        found = in_force(facts, on, known)
        if found is not None and found.value == region:
            return found
    raise refusals.lacks(region, relation.removesuffix(" of region"), on)


def committee_of(register: Register, icb: str, on: date, known: date | None) -> Fact:
    """The statutory joint committee of which a board is a member."""
    found = in_force(register.facts.about(icb, "member of joint committee"), on, known)
    if found is None:
        raise refusals.lacks(icb, "joint committee", on)
    return found
