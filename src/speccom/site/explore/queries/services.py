"""Services, their lines, programmes and groups, and the regulations that name them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from speccom.register import Fact, Register, ServiceLine
from speccom.register.facts import in_force
from speccom.site.explore.queries.timeline import RegionSpell, lines_by_region


@dataclass(frozen=True, slots=True)
class Statutory:
    """A service's paragraph of Schedule 4: its number and its wordings, oldest first."""

    paragraph: str
    wordings: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ToldService:
    """One service: its lines, its place in the regulations, its groups, and its spells by region.

    The spells are those of `lines_by_region`; there are none without lines.
    """

    lines: list[ServiceLine]
    statutory: Statutory | None
    groups: list[str]
    regions: dict[str, list[RegionSpell]]


def tell(register: Register, ref: str) -> ToldService:
    """What a service's page shows."""
    lines = lines_of(register, ref)
    groups = sorted({group for line in lines if (group := group_of(register, line.code))})
    regions = lines_by_region(register, [line.code for line in lines])
    return ToldService(lines, statutory(register, ref), groups, regions)


def lines_of(register: Register, service: str) -> list[ServiceLine]:
    """The lines of one service, by name."""
    found = [line for line in register.lines.values() if line.service_ref == service]
    return sorted(found, key=lambda line: line.name)


def lines_by_service(register: Register) -> dict[str, list[ServiceLine]]:
    """Service reference → its lines; services in the order of their numbers, those without lines included."""
    found: dict[str, list[ServiceLine]] = {ref: [] for ref in sorted(register.services, key=_number)}
    for line in register.lines.values():
        if line.service_ref in found:
            found[line.service_ref].append(line)
    return found


def lines_without_service(register: Register) -> dict[str, list[ServiceLine]]:
    """Kind → the codes of the service code list that belong to no prescribed service, by code."""
    found: dict[str, list[ServiceLine]] = defaultdict(list)
    for code in sorted(register.lines):
        if register.lines[code].service_ref is None:
            found[register.lines[code].kind].append(register.lines[code])
    return dict(found)


def statutory(register: Register, service: str) -> Statutory | None:
    """The paragraph of Schedule 4 whose manual number is the service's reference, if there is one."""
    facts = register.facts.load("statutory_services")
    for subject, numbers in facts.of("manual number").items():
        if numbers[0].value == service:
            wordings = sorted(facts.about(subject, "wording"), key=lambda fact: fact.valid_from)
            return Statutory(subject.rpartition(" ")[2], tuple(wordings))
    return None


def group_of(register: Register, line: str) -> str | None:
    """The clinical reference group of a line, in the words of the service code list."""
    return register.facts.value(line, "clinical reference group")


def statuses_of(register: Register, line: str) -> list[Fact]:
    """The delegation statuses of a line, oldest first."""
    return sorted(register.statuses.get(line, ()), key=lambda fact: fact.valid_from)


def status_on(register: Register, line: str, on: date) -> Fact | None:
    """The status of a line in force on a date."""
    return in_force(register.statuses.get(line, ()), on)


def _number(ref: str) -> tuple[int, int, str]:
    """Numbers in their order, then anything else: 9 before 10 before ACC."""
    digits = "".join(each for each in ref if each.isdigit())
    return (0, int(digits), ref) if digits and ref[0].isdigit() else (1, 0, ref)
