"""How answers change over time: spells of a line in an area, of a line by region, boards on a date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from speccom.errors import SpeccomError
from speccom.register import Answer, Fact, NotCommissioned, Register
from speccom.register.commissioning import RULE, arrangement_of, commissioned_status, place_of
from speccom.register.facts import ALWAYS

BEGINNING = date(2013, 4, 1)
"""NHS England began to commission specialised services; nothing earlier is held."""

_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class Spell:
    """From `start` up to `end` (open when empty) one answer held; no answer when there was none to give."""

    start: date
    end: date | None
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class RegionSpell:
    """From `start` up to `end` a line was commissioned in a region by one `arrangement` of the rule.

    `arrangement` is empty where the line was no specialised service.
    """

    start: date
    end: date | None
    arrangement: str | None


def of_area(register: Register, line: str, area: str, known: date | None = None) -> list[Spell]:
    """The spells of one line in one area, oldest first; the first and last may be without an answer."""
    areas = [area, *(fact.value for fact in register.boards.get(area, ()))]
    relevant = [*register.statuses.get(line, ())]
    for each in areas:
        relevant += [*register.area_roles.get(each, ()), *register.boards.get(each, ())]
        relevant += [
            *register.regions.get(each, ()),
            *register.facts.about(each, "member of joint committee"),
        ]
    regions = {fact.value for each in areas for fact in register.regions.get(each, ())}
    relevant += _of_regions(register, regions)

    def on(day: date) -> Answer | None:
        try:
            return register.who_commissions(line, area, day, known)
        except SpeccomError:
            return None

    return [
        Spell(start, end, answer)
        for start, end, answer in _spells(_boundaries(relevant, known), on, _outcome)
    ]


def by_region(register: Register, line: str, known: date | None = None) -> dict[str, list[RegionSpell]]:
    """Region code → the spells of one line there since `BEGINNING`, oldest first."""
    found = {}
    for region in sorted(each.code for each in register.organisations.values() if each.role == "region"):
        facts = [*register.statuses.get(line, ()), *register.facts.about(region, "arrangement")]

        def on(day: date, region: str = region) -> str | None:
            return arrangement_on(register, line, region, day, known)

        spells = _spells([BEGINNING, *_boundaries(facts, known)], on, lambda seen: seen)
        found[region] = [RegionSpell(*spell) for spell in spells]
    return found


def lines_by_region(register: Register, lines: Sequence[str]) -> dict[str, list[RegionSpell]]:
    """As `by_region`, of several lines at once, arranged as `together` says.

    Lines that are no specialised service at the time do not count; none at all is no arrangement.
    """
    each = [by_region(register, line) for line in lines]
    found = {}
    for region in each[0] if each else ():
        spells = [spell for one in each for spell in one[region]]

        def on(day: date, spells: list[RegionSpell] = spells) -> str | None:
            return together(
                spell.arrangement
                for spell in spells
                if spell.start <= day and (spell.end is None or day < spell.end)
            )

        found[region] = [
            RegionSpell(*spell) for spell in _spells({spell.start for spell in spells}, on, lambda seen: seen)
        ]
    return found


def together(arrangements: Iterable[str | None]) -> str | None:
    """The arrangement that all have, those without one aside.

    Where they differ, some are retained and the others as their region is: `part-joint` or `part-delegated`.
    """
    found = {arrangement for arrangement in arrangements if arrangement}
    if len(found) <= 1:
        return found.pop() if found else None
    return "part-" + min(arrangement.removeprefix("part-") for arrangement in found - {"retained"})


def arrangement_on(
    register: Register, line: str, region: str, on: date, known: date | None = None
) -> str | None:
    """The rule's arrangement of a line in a region on a date; none where it is no specialised service."""
    try:
        status = commissioned_status(register, line, on, known)
    except NotCommissioned:
        return None
    suitable = status is not None and status.value == "GREEN"
    return RULE[arrangement_of(register, region, on, known).value, suitable].arrangement


def map_on(
    register: Register, lines: Sequence[str], on: date, known: date | None = None
) -> dict[str, Counter[str]]:
    """Board code → arrangement → how many of the lines have it there, for every board active on a date.

    With `known`, both are as far as was public by then.
    """
    boards = {area.code: area.region for area in register.areas(on, known).values() if area.kind == "icb"}
    by_region = {
        region: Counter(how for line in lines if (how := arrangement_on(register, line, region, on, known)))
        for region in set(boards.values())
    }
    return {board: by_region[region] for board, region in boards.items()}


def board_of(register: Register, area: str, on: date) -> str | None:
    """The board of an area on a date; none where it is not active."""
    try:
        return place_of(register, area, on, None).area.icb
    except SpeccomError:
        return None


def _of_regions(register: Register, regions: Iterable[str]) -> list[Fact]:
    wanted = set(regions)
    facts = [fact for region in wanted for fact in register.facts.about(region, "arrangement")]
    for hubs in register.facts.of("hub of region").values():
        facts += [fact for fact in hubs if fact.value in wanted]
    return facts


def _boundaries(facts: Iterable[Fact], known: date | None) -> list[date]:
    """The days on which any of the facts begins or, as far as was known, ends."""
    days: set[date] = set()
    for fact in facts:
        if known is None or fact.recorded_on <= known:
            days |= {fact.valid_from, fact.end_as_known(known) or ALWAYS}
    return sorted(day for day in days if day >= BEGINNING)


def _outcome(answer: Answer | None) -> tuple[str, ...] | None:
    return answer and (answer.arrangement, answer.responsible_commissioner, answer.decision_maker)


def _spells(
    days: Iterable[date], on: Callable[[date], _Seen], outcome: Callable[[_Seen], object]
) -> list[tuple[date, date | None, _Seen]]:
    """Runs of days with the same outcome, each with what was seen on its first day."""
    spells: list[tuple[date, date | None, _Seen]] = []
    for day in sorted(set(days)):
        seen = on(day)
        if spells and outcome(spells[-1][2]) == outcome(seen):
            continue
        if spells:
            spells[-1] = (spells[-1][0], day, spells[-1][2])
        spells.append((day, None, seen))
    return spells


def day_before(day: date) -> date:
    """The last day of a half-open interval that ends on `day`."""
    return day - timedelta(days=1)
