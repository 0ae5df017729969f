"""What each decision changed: services that passed to another arrangement, boards that began or closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from speccom.period import PeriodError, parse_date
from speccom.register import Decision, Fact, Register
from speccom.register.facts import in_force
from speccom.site.explore.queries.timeline import BEGINNING, arrangement_on


@dataclass(frozen=True, slots=True)
class Passed:
    """On a day, so many services came under an arrangement in so many boards (none: in all of England)."""

    on: date
    arrangement: str
    services: int
    boards: int | None


@dataclass(frozen=True, slots=True)
class Redrawn:
    """On a day, so many boards closed and began; then there were so many."""

    on: date
    closed: int
    begun: int
    after: int


@lru_cache(maxsize=2)
def effects(register: Register) -> dict[str, list[Passed | Redrawn]]:
    """Decision → what it changed, earliest first; nothing for a decision that moved no service and no board.

    A decision is followed to the days on which the facts that rest on it changed something; a decision that
    takes effect on the day it is made is followed to that day too.
    """
    days: dict[str, set[date]] = defaultdict(set)
    for fact in _decisive(register):
        decision = register.decided_by(fact)
        if decision and _changes_something(register, fact):
            days[decision.decision_id].add(fact.valid_from)
    found: dict[str, list[Passed | Redrawn]] = {}
    for decision in register.decisions.values():
        if made_on := _day(decision):
            days[decision.decision_id].add(made_on)
        changed: list[Passed | Redrawn] = []
        for day in sorted(days[decision.decision_id]):
            adopted = decision.source_id == decision.decision_id  # here, and so of services and boards alike
            if decision.services != "n/a":
                changed += passed(register, day)
            if decision.services == "n/a" or adopted:
                changed += redrawn(register, day)
        found[decision.decision_id] = changed
    return found


def passed(register: Register, on: date) -> list[Passed]:
    """The services that came under another arrangement on a day, by boards with the same number of them.

    A service counts once, however many of its lines passed; boards are those there on both days.
    """
    if on <= BEGINNING:
        in_law = register.statutory_services(on)
        return [Passed(on, "national", len(in_law), None)] if on == BEGINNING else []
    eve = on - timedelta(days=1)
    before, after = _boards(register, eve), _boards(register, on)
    gained = {region: _gained(register, region, on) for region in set(after.values())}
    counted: dict[tuple[str, int], int] = defaultdict(int)
    for board in before.keys() & after.keys():
        for arrangement, services in gained[after[board]].items():
            counted[arrangement, len(services)] += 1
    rows = [Passed(on, arrangement, services, boards) for (arrangement, services), boards in counted.items()]
    return sorted(rows, key=lambda row: (row.arrangement, -row.services))


def redrawn(register: Register, on: date) -> list[Redrawn]:
    """The boards that closed and began on a day, if any did."""
    before, after = _boards(register, on - timedelta(days=1)), _boards(register, on)
    closed, begun = before.keys() - after.keys(), after.keys() - before.keys()
    return [Redrawn(on, len(closed), len(begun), len(after))] if closed or begun else []


def _gained(register: Register, region: str, on: date) -> dict[str, set[str]]:
    """Arrangement → the services with a line under it in a region on a day, and with none on the eve."""
    before, after = (_services(register, region, day) for day in (on - timedelta(days=1), on))
    gained = {how: after[how] - before[how] for how in ("national", "joint", "delegated")}
    return {how: services for how, services in gained.items() if services}


def _services(register: Register, region: str, on: date) -> dict[str, set[str]]:
    """Arrangement → the services with a line under it in a region on a day."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in register.lines.values():
        how = arrangement_on(register, line.code, region, on)
        if how and line.service_ref:
            found[how].add(line.service_ref)
    return found


def _boards(register: Register, on: date) -> dict[str, str]:
    """Board → its region, for every board active on a day."""
    return {area.code: area.region for area in register.areas(on).values() if area.kind == "icb"}


def _decisive(register: Register) -> list[Fact]:
    return [
        fact
        for attribute in ("arrangement", "delegation status", "role")
        for facts in register.facts.of(attribute).values()
        for fact in facts
        if attribute != "role" or fact.source_id in register.decisions
    ]


def _changes_something(register: Register, fact: Fact) -> bool:
    """Whether a fact says something else than what held on its eve."""
    facts = register.facts.about(fact.subject, fact.attribute)
    before = in_force(facts, fact.valid_from - timedelta(days=1))
    return before is None or before.value != fact.value


def _day(decision: Decision) -> date | None:
    """The day of a decision, where its source gives one."""
    try:
        return parse_date(decision.made_on)
    except PeriodError:
        return None
