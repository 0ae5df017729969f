"""What must hold of the register as a whole: each rule by name, with the faults that break it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from speccom.register import facts
from speccom.register.facts import CONFIDENCE, MANY_VALUED, WORDS, Fact, in_force

if TYPE_CHECKING:
    from speccom.register.register import Register

RELATIONS = (
    "part of",
    "hub of region",
    "health and justice hub of region",
    "in region",
    "in integrated care board",
    "member of joint committee",
    "host integrated care board",
)
STATUSES_FROM = date(2023, 4, 1)
ARRANGEMENTS_FROM = date(2013, 4, 1)


@dataclass(frozen=True)
class Finding:
    """One rule and what breaks it; it holds when nothing does."""

    check: str
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def check(register: Register) -> list[Finding]:
    """Try every rule of `CHECKS` on the shipped content with the workspace's additions."""
    register.facts.load(*facts.shipped_files())
    return [Finding(name, tuple(rule(register))) for name, rule in CHECKS.items()]


def totals(register: Register) -> dict[str, int]:
    """The numbers that the record is known by, as the register counts them."""
    return {name: count(register) for name, (count, _) in TOTALS.items()}


# --- rules


def _form(register: Register) -> Iterator[str]:
    for fact in register.facts:
        if fact.valid_to is not None and fact.valid_to <= fact.valid_from:
            yield f"{_row(fact)} ends before it begins."
        if fact.ended_recorded_on < fact.recorded_on:
            yield f"{_row(fact)}: its end was known before the fact was."
        if fact.confidence not in CONFIDENCE:
            yield f"{_row(fact)}: confidence {fact.confidence!r} is not one of {', '.join(CONFIDENCE)}."
        if fact.value not in WORDS.get(fact.attribute, {fact.value}):
            yield f"{_row(fact)}: not one of the words that {fact.attribute} may be."


def _overlaps(register: Register) -> Iterator[str]:
    """A later-recorded addition supersedes what it overlaps; nothing else may overlap."""
    grouped: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in register.facts:
        many = (fact.value,) if fact.attribute in MANY_VALUED else ()
        grouped[(fact.subject, fact.attribute, *many)].append(fact)
    added = set(register.facts.additions)
    for each in grouped.values():
        ordered = sorted(each, key=lambda fact: fact.valid_from)
        for index, earlier in enumerate(ordered):
            for later in ordered[index + 1 :]:
                overlap = earlier.valid_to is None or later.valid_from < earlier.valid_to
                supersedes = earlier.recorded_on != later.recorded_on and {earlier, later} & added
                if overlap and not supersedes:
                    yield f"{_row(earlier)} overlaps {_row(later)}."


def _sources(register: Register) -> Iterator[str]:
    for fact in register.facts:
        named = (fact.source_id, fact.value) if fact.attribute == "also in" else (fact.source_id,)
        for source in named:
            if source not in register.sources:
                yield f"{_row(fact)}: there is no source {source!r}."


def _decisions(register: Register) -> Iterator[str]:
    for row in facts.table("decided_by"):
        if row["decision_id"] not in register.decisions:
            yield f"{row['attribute']} recorded on {row['recorded_on']}: no decision {row['decision_id']!r}."


def _references(register: Register) -> Iterator[str]:
    for line in register.lines.values():
        if line.service_ref is not None and line.service_ref not in register.services:
            yield f"{line.code} belongs to service {line.service_ref!r}, which is not in the register."
    for provider in register.facts.of("neuroscience centre"):
        if provider not in register.providers:
            yield f"{provider} is a neuroscience centre and not a provider in the register."


def _relation_ends(register: Register) -> Iterator[str]:
    for relation in RELATIONS:
        for child, related in register.facts.of(relation).items():
            roles = register.facts.about(child, "role")
            for fact in related:
                if relation != "host integrated care board" and _gap(roles, fact.valid_from, fact.valid_to):
                    yield f"{_row(fact)}: {child} is not there throughout."
                if _gap(register.facts.about(fact.value, "role"), fact.valid_from, fact.valid_to):
                    yield f"{_row(fact)}: {fact.value} is not there throughout."


def _successions(register: Register) -> Iterator[str]:
    for extent in ("whole", "part"):
        for predecessor, followed in register.facts.of(f"succeeded in {extent} by").items():
            before = register.organisations.get(predecessor)
            for fact in followed:
                if before is None or before.valid_to != fact.valid_from:
                    yield f"{_row(fact)}: {predecessor} does not end on that day."
                if in_force(register.facts.about(fact.value, "role"), fact.valid_from) is None:
                    yield f"{_row(fact)}: {fact.value} is not there on that day."


def _arrangements(register: Register) -> Iterator[str]:
    for region in _with_role(register, "region"):
        gap = _gap(register.facts.about(region, "arrangement"), ARRANGEMENTS_FROM, None)
        if gap:
            yield f"{region} has no arrangement on {gap}."


def _regions(register: Register) -> Iterator[str]:
    for icb in _with_role(register, "integrated care board"):
        for role in register.facts.about(icb, "role"):
            gap = _gap(register.regions.get(icb, ()), role.valid_from, role.valid_to)
            if gap:
                yield f"{icb} is in no region on {gap}."


def _boards(register: Register) -> Iterator[str]:
    """A location of a board that was split has none afterwards, and says so when asked."""
    for location in _with_role(register, "sub-ICB location"):
        boards = register.boards.get(location, ())
        for role in register.facts.about(location, "role"):
            gap = _gap(boards, role.valid_from, role.valid_to)
            split = (
                gap
                and boards
                and gap == boards[0].valid_to
                and len(register.successors(boards[0].value, gap)) > 1
            )
            if gap and not split:
                yield f"{location} is in no integrated care board on {gap}."


def _hubs(register: Register) -> Iterator[str]:
    for relation in ("hub of region", "health and justice hub of region"):
        hubs: dict[str, list[Fact]] = defaultdict(list)
        for related in register.facts.of(relation).values():
            for fact in related:
                hubs[fact.value].append(fact)
        for region in _with_role(register, "region"):
            role = register.organisations[region]
            gap = _gap(hubs[region], role.valid_from, role.valid_to)
            if gap:
                yield f"{region} has no {relation.removesuffix(' of region')} on {gap}."
            if len({fact.subject for fact in hubs[region] if fact.valid_to is None}) > 1:
                yield f"{region} has more than one {relation.removesuffix(' of region')}."


def _committees(register: Register) -> Iterator[str]:
    for icb, regions in register.regions.items():
        members = register.facts.about(icb, "member of joint committee")
        for place in regions:
            for fact in register.facts.about(place.value, "arrangement"):
                start = max(fact.valid_from, place.valid_from)
                end = min((each for each in (fact.valid_to, place.valid_to) if each), default=None)
                if (
                    fact.value == "joint"
                    and (end is None or start < end)
                    and (gap := _gap(members, start, end))
                ):
                    yield f"{icb} is jointly arranged and in no joint committee on {gap}."


def _statuses(register: Register) -> Iterator[str]:
    for line in register.lines:
        gap = _gap(register.statuses.get(line, ()), STATUSES_FROM, None)
        if gap:
            yield f"{line} has no delegation status on {gap}."


def _totals(register: Register) -> Iterator[str]:
    for name, (count, expected) in TOTALS.items():
        counted = count(register)
        if counted != expected:
            yield f"{name}: {counted}, where the record says {expected}."


def _identifiers(register: Register) -> Iterator[str]:
    held = {fact.subject for fact in register.facts}
    for row in facts.table("identifiers"):
        if row["subject"] not in held:
            yield f"{row['subject']} was in an earlier release and is gone."


CHECKS: dict[str, Callable[[Register], Iterator[str]]] = {
    "every fact is well formed": _form,
    "no two facts overlap": _overlaps,
    "every source exists": _sources,
    "every decision that facts rest on exists": _decisions,
    "every reference leads somewhere": _references,
    "both ends of every relation exist on its dates": _relation_ends,
    "every succession joins an end to a body that is there": _successions,
    "every region has one arrangement, every day": _arrangements,
    "every board is in one region, every day": _regions,
    "every location is in one board, every day, unless the board was split": _boards,
    "every region has its hubs, every day": _hubs,
    "every jointly arranged board has its committee": _committees,
    "every line has a delegation status from April 2023": _statuses,
    "the totals are those of the record": _totals,
    "no identifier has vanished": _identifiers,
}

# --- totals


def _statutory(on: date) -> Callable[[Register], int]:
    return lambda register: len(register.statutory_services(on))


def _delegable(on: date) -> Callable[[Register], int]:
    """Services with a GREEN line, grouped by reference: what was decided is services, not lines."""

    def count(register: Register) -> int:
        green = (line for line in register.lines.values() if register.line_status(line.code, on) == "GREEN")
        return len({line.service_ref for line in green})

    return count


def _count_boards(on: date) -> Callable[[Register], int]:
    return lambda register: sum(1 for area in register.areas(on).values() if area.kind == "icb")


# name → (how it is counted, what the record says)
TOTALS: dict[str, tuple[Callable[[Register], int], int]] = {
    "statutory services on 2013-04-01": (_statutory(date(2013, 4, 1)), 143),
    "statutory services on 2015-04-01": (_statutory(date(2015, 4, 1)), 146),
    "statutory services on 2020-04-01": (_statutory(date(2020, 4, 1)), 154),
    "services suitable for delegation in 2024/25": (_delegable(date(2024, 4, 1)), 59),
    "services suitable for delegation in 2025/26": (_delegable(date(2025, 4, 1)), 70),
    "integrated care boards on 2026-03-31": (_count_boards(date(2026, 3, 31)), 42),
    "integrated care boards on 2026-04-01": (_count_boards(date(2026, 4, 1)), 36),
    "prescribed services by reference": (lambda register: len(register.services), 157),
    "codes of the service code list": (lambda register: len(register.lines), 514),
}

# --- small helpers


def _gap(held: Sequence[Fact], start: date, end: date | None) -> date | None:
    """The first day of [start, end) on which none of the facts is in force."""
    ends = {fact.valid_to for fact in held if fact.valid_to is not None and fact.valid_to > start}
    days = [start, *sorted(day for day in ends if end is None or day < end)]
    return next((day for day in days if in_force(held, day) is None), None)


def _with_role(register: Register, role: str) -> list[str]:
    return [code for code, organisation in register.organisations.items() if organisation.role == role]


def _row(fact: Fact) -> str:
    end = f", {fact.valid_to})" if fact.valid_to else ", open)"
    return f"{fact.subject} {fact.attribute} {fact.value!r} [{fact.valid_from}{end}"
