"""Bodies that commission or once did: what they are part of, what is part of them, who followed whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from speccom.register import Fact, Register
from speccom.register.facts import in_force


@dataclass(frozen=True, slots=True)
class Succession:
    """One body followed another on a day, whole or in part; the fact names the source."""

    predecessor: str
    successor: str
    whole: bool
    fact: Fact


def successors(register: Register, code: str) -> list[Succession]:
    """Every succession in which a body was followed."""
    return [
        Succession(code, fact.value, extent == "whole", fact)
        for extent in ("whole", "part")
        for fact in sorted(
            register.facts.about(code, f"succeeded in {extent} by"), key=lambda fact: fact.value
        )
    ]


def predecessors(register: Register, code: str) -> list[Succession]:
    """Every succession in which a body followed another."""
    return [
        each
        for other in register.predecessors(code)
        for each in successors(register, other)
        if each.successor == code
    ]


def by_role(register: Register, role: str, on: date) -> tuple[list[str], list[str]]:
    """The codes of a role: those there on a date, and those that are no longer; each by name."""
    named = sorted((each.name, each.code) for each in register.organisations.values() if each.role == role)
    there = {code for _, code in named if in_force(register.facts.about(code, "role"), on)}
    return [code for _, code in named if code in there], [code for _, code in named if code not in there]


def related(register: Register, code: str, relation: str) -> Sequence[Fact]:
    """What a body is related to, oldest first."""
    return sorted(register.facts.about(code, relation), key=lambda fact: fact.valid_from)


def related_to(register: Register, code: str, relation: str, on: date) -> list[Fact]:
    """What is related to a body on a date, by subject."""
    found = [in_force(facts, on) for facts in register.facts.of(relation).values()]
    return sorted(fact for fact in found if fact and fact.value == code)


def ever_related_to(register: Register, code: str, relation: str) -> list[Fact]:
    """What was ever related to a body, by subject and then date."""
    facts = (fact for each in register.facts.of(relation).values() for fact in each)
    return sorted(fact for fact in facts if fact.value == code)


def delegated_to(register: Register, icb: str, on: date) -> dict[str, list[str]]:
    """Service reference → the lines that a board itself commissions on a date; empty if it does none."""
    region = in_force(register.regions.get(icb, ()), on)
    if region is None or register.arrangement(region.value, on) != "delegated":
        return {}
    found: dict[str, list[str]] = {}
    for line in register.lines.values():
        if register.line_status(line.code, on) == "GREEN" and line.service_ref:
            found.setdefault(line.service_ref, []).append(line.code)
    return found
