"""What the register says when it cannot answer: which code or date, why, and what to ask instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from speccom.errors import SpeccomError
from speccom.period import long_date
from speccom.register.facts import Fact, in_force

if TYPE_CHECKING:
    from speccom.register.register import Register


class UnknownServiceLine(SpeccomError):
    """No such code; the message suggests the nearest."""

    code = "unknown_service_line"


class NotCommissioned(SpeccomError):
    """A code that nobody commissions as a specialised service on the date; the message says what it is."""

    code = "not_applicable"


class UnknownArea(SpeccomError):
    """Not the code of an integrated care board or sub-ICB location."""

    code = "unknown_area"


class NotActive(SpeccomError):
    """An area that does not exist, or has no integrated care board, on the date."""

    code = "not_active"


def unknown_service_line(register: Register, asked: str) -> UnknownServiceLine:
    """Suggest the codes that look alike, else the lines whose names hold the words."""
    lines = register.lines
    words = asked.lower().split()
    near = _alike(asked.strip().upper(), lines) or [
        line.code for line in lines.values() if words and all(word in line.name.lower() for word in words)
    ]
    return UnknownServiceLine(
        f"{asked.strip().upper()!r} is not a code of the service code list, such as NCBPS11B."
        + _nearest((code, lines[code].name) for code in near[:3])
    )


def not_commissioned(register: Register, code: str, on: date) -> NotCommissioned:
    line = register.lines[code]
    return NotCommissioned(
        f"{code} ({line.name}) is not commissioned as a specialised service on {long_date(on)}: its kind is "
        f"{line.kind}, and its delegation status not applicable; ask about the line of a specialised service."
    )


def unknown_area(register: Register, code: str) -> UnknownArea:
    """Say what the code is, if it is an organisation of another role; else suggest the nearest areas."""
    role = register.facts.value(code, "role")
    if role:
        name = register.facts.value(code, "name")
        return UnknownArea(
            f"{code} is {name}, {'an' if role[0] in 'aeiou' else 'a'} {role}: "
            "give the code of an integrated care board or a sub-ICB location."
        )
    near = _alike(code, register.area_roles)
    return UnknownArea(
        f"{code!r} is not the code of an integrated care board or sub-ICB location, such as QNC or 05W."
        + _nearest((each, register.organisations[each].name) for each in near)
    )


def not_active(register: Register, code: str, on: date, known: date | None) -> NotActive:
    """Say when the area is there, what came before or after it, and what to ask instead."""
    organisation = register.organisations[code]
    as_known = f", as known on {long_date(known)}" if known else ""
    asked = f"{code} ({organisation.name}) is not active on {long_date(on)}{as_known}"
    split = _split(register, code, on)
    if split:
        return NotActive(f"{asked}: {split}")
    dates = f"it is active from {long_date(organisation.valid_from)}"
    if organisation.valid_to:
        dates += f" up to but not including {long_date(organisation.valid_to)}"
    instead = ""
    if organisation.valid_to and organisation.valid_to <= on:
        after = register.successors(code, on)
        instead = f"; ask for what followed it: {_named(register, after)}" if after else ""
    elif on < organisation.valid_from:
        before = register.predecessors(code)
        instead = f"; before that, ask for {_named(register, before, 'or')}" if before else ""
    return NotActive(f"{asked}: {dates}{instead}.")


def no_arrangement(region: str, arrangements: Sequence[Fact], on: date) -> NotActive:
    since = min((fact.valid_from for fact in arrangements), default=None)
    held = f": arrangements are held from {long_date(since)}" if since else ""
    return NotActive(
        f"No arrangement for specialised services is known in {region} on {long_date(on)}{held}."
    )


def lacks(code: str, what: str, on: date) -> NotActive:
    return NotActive(f"{code} has no {what} in the register on {long_date(on)}: add the fact that names it.")


def _split(register: Register, code: str, on: date) -> str | None:
    """What became of a location whose board was split, so that it has no single successor."""
    boards = register.boards.get(code, ())
    if not boards or in_force(boards, on) or in_force(register.area_roles[code], on) is None:
        return None
    last = boards[0]
    parts = register.successors(last.value, on)
    if last.valid_to is None or on < last.valid_to or len(parts) < 2:
        return None
    return (
        f"its integrated care board, {_named(register, [last.value])}, was split between "
        f"{_named(register, parts)} on {long_date(last.valid_to)}, so the location has no single successor; "
        "ask for the board that is responsible for the patient's practice."
    )


def _named(register: Register, codes: Sequence[str], joined: str = "and") -> str:
    named = [f"{code} ({register.organisations[code].name})" for code in codes]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {joined} {named[-1]}"


def _alike(code: str, codes: Iterable[str]) -> list[str]:
    """The three codes that begin and end most as this one does, of those that do for more than half of it.

    One wrong, missing or added character leaves all the others counted. Much cheaper than a general
    likeness of texts, since a file of questions may hold many unknown codes.
    """
    scored = [(_shared(code, other), other) for other in codes]
    likely = sorted((-shared, other) for shared, other in scored if 2 * shared > len(code))
    return [other for _, other in likely[:3]]


def _shared(one: str, other: str) -> int:
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start + end


def _nearest(candidates: Iterable[tuple[str, str]]) -> str:
    named = "; ".join(f"{code} ({name})" for code, name in candidates)
    return f" Nearest: {named}." if named else ""
