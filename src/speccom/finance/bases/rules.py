"""Which basis each pot of money is on, in time: dated rows with their sources; knows no ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import pyarrow as pa

from speccom import content
from speccom.insight.result import Column, Result, described
from speccom.period import Interval, parse_date
from speccom.register import Register

POPULATION, HOST, CENTRAL, OUTSIDE = "population", "host", "central", "outside"
OTHER = "other"
"""The pot of what is no specialised commissioning."""
BASES = {
    HOST: "host basis: by where care is given",
    POPULATION: "population basis: by whose people they are",
    CENTRAL: "held centrally",
    OUTSIDE: "outside the framework",
}
LEVELS = {
    "region": "regions",
    "icb": "integrated care boards",
    "england": "England as a whole",
    "none": "no area",
}


@dataclass(frozen=True, slots=True)
class Pot:
    """One kind of money: what it is called, and what is in it."""

    pot: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The basis and level of a pot on the days of an interval, half open, with who says so."""

    pot: str
    valid: Interval
    basis: str
    level: str
    source_id: str
    confidence: str
    reading: str


@cache
def pots() -> dict[str, Pot]:
    """Every pot by its key, in the order in which they are told."""
    return {row["pot"]: Pot(**row) for row in _rows("pots")}


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule. A pot has at most one on a day; `delegated` has none while no region can be."""
    return tuple(
        Rule(
            row["pot"],
            Interval(parse_date(row["valid_from"]), parse_date(row["valid_to"]) if row["valid_to"] else None),
            row["basis"],
            row["level"],
            row["source_id"],
            row["confidence"],
            row["reading"],
        )
        for row in _rows("rules")
    )


def rule_on(pot: str, on: date) -> Rule | None:
    """The rule of a pot on a day; none on a day when there was no such pot."""
    return next((rule for rule in rules() if rule.pot == pot and on in rule.valid), None)


def rules_result(register: Register | None = None) -> Result:
    """Which basis applies when: a row for each pot and stretch of time, with its source and confidence.

    Columns: pot, pot_name, valid_from, valid_to (the first day on which it no longer holds; empty while it
    does), basis, level, confidence, reading, source. Source: finance.md, "Bases".
    """
    known = register or Register.load()
    held = sorted(rules(), key=lambda rule: (list(pots()).index(rule.pot), rule.valid.start))
    text, day = pa.string(), pa.date32()
    table = described(
        {
            "pot": (Column("code", "the kind of money"), [rule.pot for rule in held], text),
            "pot_name": (Column("", "its name"), [pots()[rule.pot].name for rule in held], text),
            "valid_from": (
                Column("", "the first day on which it holds"),
                [rule.valid.start for rule in held],
                day,
            ),
            "valid_to": (
                Column("", "the first day on which it no longer holds"),
                [rule.valid.end for rule in held],
                day,
            ),
            "basis": (Column("", "how areas share it"), [BASES[rule.basis] for rule in held], text),
            "level": (Column("", "the areas that share it"), [LEVELS[rule.level] for rule in held], text),
            "confidence": (
                Column("", "stated in the source, or inferred from it"),
                [rule.confidence for rule in held],
                text,
            ),
            "reading": (Column("", "what is read in the source"), [rule.reading for rule in held], text),
            "source": (
                Column("", "where it is read"),
                [source_of(known, rule.source_id) for rule in held],
                text,
            ),
        }
    )
    return Result("Which basis applies when", table, (), (), synthetic=False)


def source_of(register: Register, source_id: str) -> str:
    """A source in one line: title, publisher, date, address."""
    source = register.sources[source_id]
    return ", ".join(each for each in (source.title, source.publisher, source.published, source.url) if each)


def _rows(name: str) -> list[dict[str, str]]:
    return content.rows(__package__, name)
