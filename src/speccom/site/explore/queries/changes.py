"""What changed between two dates, summed up from the register's own table of changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from speccom.register import Register
from speccom.register.facts import ALWAYS, shipped_files

# What a reader is told of; other facts (figures on population and need, hosts, codes) are counted.
TELLING = (
    "arrangement",
    "delegation status",
    "role",
    "in region",
    "in integrated care board",
    "member of joint committee",
    "hub of region",
    "succeeded in whole by",
    "succeeded in part by",
    "wording",
)


@dataclass(frozen=True, slots=True)
class ChangingDay:
    """A day on which facts that a reader is told of began or ended, and when the last became known."""

    on: date
    known: date


@dataclass(frozen=True, slots=True)
class AnswersChanged:
    """On a day the answer of lines in areas went from one arrangement to another (empty: none)."""

    on: date
    before: str
    after: str
    lines: int
    areas: int
    answers: int


@dataclass(frozen=True, slots=True)
class FactsChanged:
    """On a day an attribute of these subjects went from one value to another (empty: none), by one source."""

    on: date
    attribute: str
    before: str
    after: str
    source_id: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Everything that changed: answers summed up, facts summed up, and how many other facts there are."""

    answers: list[AnswersChanged]
    facts: list[FactsChanged]
    others: int
    rows: int


@lru_cache(maxsize=4)  # one since 2013 takes some 25 MB
def table(register: Register, from_: date, to: date) -> pa.Table:
    """The register's table of changes in (from_, to], kept for the next who asks."""
    return register.changes(from_, to)


def changed(register: Register, from_: date, to: date) -> Changed:
    """What changed in (from_, to], latest day first."""
    rows = table(register, from_, to)
    facts = rows.filter(pc.field("kind") == "fact").to_pylist()
    telling = [row for row in facts if row["attribute"] in TELLING]
    return Changed(_answers(rows), _facts(telling), len(facts) - len(telling), rows.num_rows)


@lru_cache(maxsize=2)
def days_of_change(register: Register, until: date) -> list[ChangingDay]:
    """The days on which something changed up to and on a day, what became known last first."""
    known: dict[date, date] = {}
    for fact in register.facts.load(*shipped_files()):
        if fact.attribute in TELLING:
            ends = (fact.valid_to, fact.ended_recorded_on)
            for day, recorded in ((fact.valid_from, fact.recorded_on), ends):
                if day and ALWAYS < day <= until:
                    known[day] = max(known.get(day, recorded), recorded)
    found = [ChangingDay(day, recorded) for day, recorded in known.items()]
    return sorted(found, key=lambda each: (each.known, each.on), reverse=True)


def _answers(rows: pa.Table) -> list[AnswersChanged]:
    cells = rows.filter((pc.field("kind") == "answer") & (pc.field("attribute") == "arrangement"))
    if cells.num_rows == 0:
        return []
    parts = pc.split_pattern(cells["subject"].combine_chunks(), " ")
    for place, name in enumerate(("line", "area")):
        cells = cells.append_column(name, pc.list_element(parts, place))
    summed = cells.group_by(["on", "before", "after"]).aggregate(
        [("line", "count_distinct"), ("area", "count_distinct"), ("line", "count")]
    )
    found = [
        AnswersChanged(
            row["on"],
            row["before"],
            row["after"],
            row["line_count_distinct"],
            row["area_count_distinct"],
            row["line_count"],
        )
        for row in summed.to_pylist()
    ]
    return sorted(found, key=lambda each: (-each.on.toordinal(), each.before, each.after))


def _facts(rows: list[dict[str, Any]]) -> list[FactsChanged]:
    grouped: dict[tuple[date, str, str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        key = (row["on"], row["attribute"], row["before"], row["after"], row["source_id"])
        grouped[key].append(row["subject"])
    found = [FactsChanged(*key, tuple(subjects)) for key, subjects in grouped.items()]
    return sorted(found, key=lambda each: (-each.on.toordinal(), each.attribute, each.after, each.before))
