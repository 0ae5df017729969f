"""The register's answers as Arrow tables: every cell of a date, and what changed between two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from speccom.errors import SpeccomError
from speccom.period import PeriodError
from speccom.register import commissioning
from speccom.register.facts import ALWAYS, MANY_VALUED, Fact, in_force, shipped_files
from speccom.register.model import Answer
from speccom.register.refusals import NotCommissioned

if TYPE_CHECKING:
    from speccom.register.register import Register


def _schema(*names: str) -> pa.Schema:
    """Columns of text, and `on` a date."""
    return pa.schema([pa.field(name, pa.date32() if name == "on" else pa.string()) for name in names])


ANSWERED = ("arrangement", "responsible_commissioner", "service_category")
MATRIX = _schema("service_line", "area", "on", *ANSWERED)
CHANGES = _schema("kind", "subject", "attribute", "before", "after", "on", "source_id")
_STATUS = "delegation status"


class Change(NamedTuple):
    """One row of `changes`; an empty `before` or `after` is a fact or cell that was not there."""

    kind: str
    subject: str
    attribute: str
    before: str
    after: str
    on: date
    source_id: str


# The answers of an area are the same for every line of one class, so each class is asked about once:
# whether the line is GREEN (or, being not applicable, has no answer) on each date asked about, and
# whether its category is the mental health one.
_Class = tuple[bool, tuple[bool | None, ...]]


def matrix(register: Register, on: date, known: date | None) -> pa.Table:
    """Every line × area that has an answer on a date, by line and then area, in the columns of `MATRIX`.

    No rows before there were integrated care boards (2022-07-01).
    """
    areas = sorted(register.areas(on, known))
    columns: dict[str, list[str]] = {"service_line": [], "area": [], **{name: [] for name in ANSWERED}}
    for lines in _classes(register, [on], known).values():
        answers = [
            answer for area in areas if (answer := _answer(register, lines[0], area, on, known)) is not None
        ]
        for line in lines:
            columns["service_line"] += [line] * len(answers)
            columns["area"] += [answer.area for answer in answers]
            for name in ANSWERED:
                columns[name] += [getattr(answer, name) for answer in answers]
    day = pa.repeat(pa.scalar(on, pa.date32()), len(columns["area"]))
    table = pa.table({name: columns.get(name, day) for name in MATRIX.names}, schema=MATRIX)
    return table.sort_by([("service_line", "ascending"), ("area", "ascending")])


def changes(register: Register, from_: date, to: date) -> pa.Table:
    """What changed in (from_, to], in the columns of `CHANGES`: facts first, then answers.

    `fact`: a value that began, ended or took another's place on `on`; a value restated unchanged is no
    change, and a plan is none until it is so. `answer`: one row for each part of a cell (its subject is
    `LINE AREA`) that differs between the two dates, `on` the day on which it became what it is at `to`,
    with the source of the fact that made it so. Raises `PeriodError` when `to` is before `from_`.
    """
    if to < from_:
        raise PeriodError(f"{to} is before {from_}: give the earlier date first.")
    facts = sorted(_fact_changes(register, from_, to), key=lambda change: (change.on, change[1:]))
    rows = [*facts, *sorted(_answer_changes(register, from_, to))]
    columns = zip(*rows, strict=True) if rows else [[] for _ in CHANGES]
    return pa.table(dict(zip(CHANGES.names, map(list, columns), strict=True)), schema=CHANGES)


def differences(before: Register, after: Register, on: date) -> dict[str, list[str]]:
    """The parts of answers that differ between two registers on a date, by line, area and the order of `ANSWERED`.

    Columns line, area, part, before, after; an empty `before` or `after` is no answer.
    """
    areas = sorted({*before.areas(on), *after.areas(on)})
    found: dict[str, list[str]] = {name: [] for name in ("line", "area", "part", "before", "after")}
    alike: dict[tuple[_Class, _Class], tuple[list[str], ...]] = {}
    for line in sorted({*before.lines, *after.lines}):
        classes = _class(before, line, on), _class(after, line, on)
        if classes not in alike:
            alike[classes] = _differing(before, after, line, areas, on)
        for name, values in zip(("area", "part", "before", "after"), alike[classes], strict=True):
            found[name] += values
        found["line"] += [line] * len(alike[classes][0])
    return found


def _differing(
    before: Register, after: Register, line: str, areas: list[str], on: date
) -> tuple[list[str], ...]:
    rows = [
        (area, part, was, now)
        for area in areas
        for part, was, now in zip(
            ANSWERED,
            _parts(_answer(before, line, area, on)),
            _parts(_answer(after, line, area, on)),
            strict=True,
        )
        if was != now
    ]
    return tuple(map(list, zip(*rows, strict=True))) if rows else ([], [], [], [])


def _class(register: Register, line: str, on: date) -> _Class:
    held = register.lines.get(line)
    return held is not None and held.mental_health, (_suitable(register, line, on, None),)


def _classes(register: Register, days: list[date], known: date | None) -> dict[_Class, list[str]]:
    """The lines that have an answer on any of the days, by class."""
    classes: dict[_Class, list[str]] = defaultdict(list)
    for code, line in register.lines.items():
        suitable = tuple(_suitable(register, code, day, known) for day in days)
        if any(each is not None for each in suitable):
            classes[line.mental_health, suitable].append(code)
    return classes


def _suitable(register: Register, code: str, on: date, known: date | None) -> bool | None:
    try:
        status = commissioning.commissioned_status(register, code, on, known)
    except NotCommissioned:
        return None
    return status is not None and status.value == "GREEN"


def _answer(register: Register, line: str, area: str, on: date, known: date | None = None) -> Answer | None:
    try:
        return register.who_commissions(line, area, on, known)
    except SpeccomError:
        return None


# --- facts


def _fact_changes(register: Register, from_: date, to: date) -> Iterator[Change]:
    every = register.facts.load(*shipped_files())
    grouped: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in every:
        many = (fact.value,) if fact.attribute in MANY_VALUED else ()
        grouped[(fact.subject, fact.attribute, *many)].append(fact)
    for (subject, attribute, *_), facts in grouped.items():
        if attribute == "plan":
            continue
        for day in _boundaries(facts, from_, to):
            before, after = in_force(facts, day - timedelta(days=1)), in_force(facts, day)
            if (before and before.value) != (after and after.value):
                because = after or before
                assert because is not None
                yield Change(
                    "fact",
                    subject,
                    attribute,
                    before.value if before else "",
                    after.value if after else "",
                    day,
                    because.source_id,
                )


def _boundaries(facts: Iterable[Fact], from_: date, to: date) -> list[date]:
    """The days in (from_, to] on which any of the facts begins or ends."""
    days = {day for fact in facts for day in (fact.valid_from, fact.valid_to) if day is not None}
    return sorted(day for day in days - {ALWAYS} if from_ < day <= to)


# --- answers


def _answer_changes(register: Register, from_: date, to: date) -> Iterator[Change]:
    attributes = (_STATUS, "role", "in integrated care board", "in region", "arrangement")
    relations = ("hub of region", "member of joint committee")
    facts = [
        fact
        for attribute in attributes + relations
        for each in register.facts.of(attribute).values()
        for fact in each
    ]
    days = [from_, *_boundaries(facts, from_, to)]
    for lines in _classes(register, days, None).values():
        for area in sorted(register.area_roles):
            yield from _cell_changes(register, lines, area, days)


def _cell_changes(register: Register, lines: list[str], area: str, days: list[date]) -> Iterator[Change]:
    """The changes of one area for the lines of one class, which all change alike."""
    answers = [_answer(register, lines[0], area, day) for day in days]
    first, last = _parts(answers[0]), _parts(answers[-1])
    if first == last:
        return
    settled = len(days) - 1
    while _parts(answers[settled - 1]) == last:
        settled -= 1
    day, after, before = days[settled], answers[settled], answers[settled - 1]
    place = _source(after, before, day)
    for line in lines:
        source = place or _source(
            _answer(register, line, area, day), _answer(register, line, area, days[settled - 1]), day, _STATUS
        )
        for name, was, now in zip(ANSWERED, first, last, strict=True):
            if was != now:
                yield Change("answer", f"{line} {area}", name, was, now, day, source)


def _parts(answer: Answer | None) -> tuple[str, ...]:
    return tuple(getattr(answer, name) for name in ANSWERED) if answer else ("",) * len(ANSWERED)


def _source(after: Answer | None, before: Answer | None, day: date, attribute: str = "") -> str:
    """The source of what changed on the day: a fact that began then, else one that ended then."""
    began = [step for step in (after.steps if after else ()) if step.valid_from == day]
    ended = [step for step in (before.steps if before else ()) if step.valid_to == day]
    causes = [step for step in (*began[::-1], *ended[::-1]) if attribute or step.attribute != _STATUS]
    return causes[0].source_id if causes else ""
