"""Facts in time: one value of one attribute, when it held and when that became known; knows no rule."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from speccom.errors import SpeccomError
from speccom.period import PeriodError, parse_date

CONTENT = Path(__file__).parent / "content"
COLUMNS = (
    "subject",
    "attribute",
    "value",
    "valid_from",
    "valid_to",
    "recorded_on",
    "ended_recorded_on",
    "source_id",
    "confidence",
)
# From weakest (unverified) through following from a source to strongest: read in the named source.
CONFIDENCE = ("recalled", "inferred", "stated")

# Attributes that one subject may have several values of on one day.
MANY_VALUED = frozenset({"succeeded in part by", "also in", "amends decision", "revokes decision"})

# A workspace's own values of these are held to the same words as the shipped ones: the rule reads them.
WORDS = {
    "arrangement": frozenset({"national", "joint", "delegated"}),
    "delegation status": frozenset({"GREEN", "AMBER", "RED", "BLUE", "NOT APPLICABLE"}),
    "grouping": frozenset({"Acute", "Both", "Mental Health", "Not Applicable"}),
}

# What decisions make: a register that begins in the past leaves out what was decided later, and only that.
DECIDED = frozenset(
    {
        "arrangement",
        "delegation status",
        "member of joint committee",
        "role",
        "in region",
        "in integrated care board",
        "succeeded in whole by",
        "succeeded in part by",
        "hub of region",
        "health and justice hub of region",
    }
)

ALWAYS = date.min
ADDED_SOURCES = "sources.csv"
HELD_UNTIL = "held_until"


class FactError(SpeccomError):
    """A fact added by the workspace that cannot be read; the message names the file, row and column."""

    code = "bad_fact"


class Fact(NamedTuple):
    """One row of the register.

    It held on [`valid_from`, `valid_to`), half-open; an empty `valid_to` is open, and `ALWAYS` stands
    for a start that the source does not give. It was public from `recorded_on`; its end only from
    `ended_recorded_on`.
    """

    subject: str
    attribute: str
    value: str
    valid_from: date
    valid_to: date | None
    recorded_on: date
    ended_recorded_on: date
    source_id: str
    confidence: str

    def end_as_known(self, known: date | None) -> date | None:
        """The end that was public on `known` (all of it when empty): an end not yet public is open."""
        return self.valid_to if known is None or self.ended_recorded_on <= known else None


def in_force(facts: Sequence[Fact], on: date, known: date | None = None) -> Fact | None:
    """The one of a subject's facts, latest recorded first, that holds on a date as far as was known."""
    for fact in facts:
        if fact.valid_from > on or (known is not None and fact.recorded_on > known):
            continue
        end = fact.valid_to
        if end is None or on < end or (known is not None and fact.ended_recorded_on > known):
            return fact
    return None


class Facts:
    """Every fact loaded so far, by attribute and subject.

    Files of shipped content are read when first asked for, so that a question about one area does
    not pay for populations; the additions of a workspace are read at once and lie on top.
    """

    def __init__(self, additions: Iterable[Fact] = (), until: date | None = None) -> None:
        self.additions = tuple(additions)
        self._until = until
        self._loaded: set[str] = set()
        self._facts: dict[str, dict[str, list[Fact]]] = {}
        for fact in self.additions:
            self._place(fact)

    def load(self, *files: str) -> Facts:
        """Make sure that these files of shipped content are in."""
        fresh = [file for file in dict.fromkeys(files) if file not in self._loaded]
        if not fresh:
            return self
        self._loaded.update(fresh)
        for file in fresh:
            for fact in shipped(file) if self._until is None else _until(shipped(file), self._until):
                self._facts.setdefault(fact.attribute, {}).setdefault(fact.subject, []).append(fact)
        for attribute, subject in {(fact.attribute, fact.subject) for fact in self.additions}:
            self._facts[attribute][subject] = _settled(self._facts[attribute][subject])
        return self

    def of(self, attribute: str) -> dict[str, list[Fact]]:
        """The facts of an attribute by subject, each subject's latest recorded first."""
        return self._facts.get(attribute, {})

    def about(self, subject: str, attribute: str) -> Sequence[Fact]:
        return self._facts.get(attribute, {}).get(subject, ())

    def value(self, subject: str, attribute: str) -> str | None:
        """What an attribute of a subject is, or was last."""
        facts = self.about(subject, attribute)
        return facts[0].value if facts else None

    def __iter__(self) -> Iterator[Fact]:
        for by_subject in self._facts.values():
            for facts in by_subject.values():
                yield from facts

    def _place(self, fact: Fact) -> None:
        self._facts.setdefault(fact.attribute, {}).setdefault(fact.subject, []).append(fact)


def _settled(facts: list[Fact]) -> list[Fact]:
    """Latest recorded first, after an added end has closed the open fact that it repeats."""
    ordered = sorted(
        set(facts),
        key=lambda fact: (fact.recorded_on, fact.valid_from, fact.valid_to is not None),
        reverse=True,
    )
    settled: list[Fact] = []
    for fact in reversed(ordered):
        same = next((i for i, other in enumerate(settled) if _repeats(fact, other)), None)
        if same is None:
            settled.append(fact)
        else:
            settled[same] = settled[same]._replace(valid_to=fact.valid_to, ended_recorded_on=fact.recorded_on)
    return settled[::-1]


def _repeats(later: Fact, earlier: Fact) -> bool:
    """Whether a later fact says of an earlier, open one only that it ends.

    Of two recorded on one day from two sources, the one with an end is the later.
    """
    same_day = (
        later.recorded_on == earlier.recorded_on
        and later.valid_to is not None
        and later.source_id != earlier.source_id
    )
    return (
        earlier.valid_to is None
        and (later.value, later.valid_from) == (earlier.value, earlier.valid_from)
        and (later.recorded_on > earlier.recorded_on or same_day)
    )


def _until(shipped: Iterable[Fact], day: date) -> Iterator[Fact]:
    """Shipped facts without what was decided after a day: a decided end that came later is open again."""
    for fact in shipped:
        if fact.attribute not in DECIDED:
            yield fact
        elif fact.recorded_on <= day:
            ended = fact.valid_to is None or fact.ended_recorded_on <= day
            yield fact if ended else fact._replace(valid_to=None, ended_recorded_on=fact.recorded_on)


def held_until(directory: Path) -> date | None:
    """The day after which a workspace's register ships no decided fact; none where it ships them all.

    It stands in `register/held_until`, for a register that begins in the past and is decided anew from there.
    """
    path = directory / HELD_UNTIL
    if not path.exists():
        return None
    try:
        return parse_date(path.read_text(encoding="utf-8").strip())
    except (PeriodError, UnicodeDecodeError) as error:
        raise FactError(f"{path} must hold one day, such as 2022-07-01: {error}") from error


def shipped_files() -> list[str]:
    """The names of the shipped files of facts."""
    return sorted(path.stem for path in (CONTENT / "facts").glob("*.csv"))


@cache
def shipped(file: str) -> tuple[Fact, ...]:
    """The facts of one shipped file, latest recorded first. Its form is held by the register's check."""
    with (CONTENT / "facts" / f"{file}.csv").open(newline="", encoding="utf-8") as handle:
        rows = csv.reader(handle)
        next(rows)
        facts = [
            Fact(
                subject,
                attribute,
                value,
                _day(start) or ALWAYS,
                _day(end),
                _day(recorded) or ALWAYS,
                _day(ended or recorded) or ALWAYS,
                source,
                confidence,
            )
            for subject, attribute, value, start, end, recorded, ended, source, confidence in rows
        ]
    facts.sort(key=lambda fact: (fact.recorded_on, fact.valid_from), reverse=True)
    return tuple(facts)


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one of the thin tables beside the facts: sources, decided_by, identifiers."""
    with (CONTENT / f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        return tuple(csv.DictReader(handle))


@cache
def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def added(directory: Path, sources: Collection[str]) -> tuple[Fact, ...]:
    """The facts that a workspace adds: every CSV of its `register` directory, in the shipped columns.

    `sources` are the ids that a fact may name. Raises `FactError`, naming file, row and column, for
    anything that the rule could not rely on.
    """
    paths = sorted(path for path in directory.glob("*.csv") if path.name != ADDED_SOURCES)
    facts = tuple(fact for path in paths for fact in _read_added(path, sources))
    for fact, times in Counter(facts).items():
        if times > 1:
            raise FactError(
                f"{directory}: {fact.subject} {fact.attribute} is added twice; keep one row of it."
            )
    return facts


def added_sources(directory: Path) -> tuple[dict[str, str], ...]:
    """The sources that a workspace's own facts name: its `register/sources.csv`, in the shipped columns."""
    path = directory / ADDED_SOURCES
    if not path.exists():
        return ()
    columns = list(table("sources")[0])
    with path.open(newline="", encoding="utf-8-sig") as handle:
        rows = csv.DictReader(handle)
        if rows.fieldnames != columns:
            raise FactError(f"{path}: the header must be {','.join(columns)}.")
        return tuple(rows)


def _read_added(path: Path, sources: Collection[str]) -> Iterator[Fact]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows = csv.reader(handle, strict=True)
            header = next(rows, [])
            if tuple(header) != COLUMNS:
                raise FactError(f"{path}, row 1: the header must be {','.join(COLUMNS)}.")
            for number, row in enumerate(rows, start=2):
                if row:
                    yield _added_fact(f"{path}, row {number}", row, sources)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FactError(f"{path} cannot be read as a CSV ({error}): save it as CSV UTF-8.") from error


def _added_fact(where: str, row: list[str], sources: Collection[str]) -> Fact:
    if len(row) != len(COLUMNS):
        raise FactError(f"{where}: {len(row)} values where {len(COLUMNS)} are wanted ({', '.join(COLUMNS)}).")
    cells = dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True))
    for column in ("subject", "attribute", "value", "valid_from", "recorded_on", "source_id"):
        if not cells[column]:
            raise FactError(f"{where}: {column} is empty; every added fact gives one.")
    days = {column: _added_day(where, column, cells[column]) for column in COLUMNS[3:7]}
    start, end, recorded = days["valid_from"], days["valid_to"], days["recorded_on"]
    assert start is not None and recorded is not None
    if end is not None and end <= start:
        raise FactError(f"{where}: valid_to {end} must be after valid_from {start}.")
    if cells["confidence"] not in CONFIDENCE:
        raise FactError(f"{where}: confidence must be stated, inferred or recalled.")
    if cells["source_id"] not in sources:
        raise FactError(
            f"{where}: there is no source {cells['source_id']!r}: name one of the register's, "
            f"or describe it in {ADDED_SOURCES} beside this file."
        )
    words = WORDS.get(cells["attribute"])
    if words and cells["value"] not in words:
        raise FactError(
            f"{where}: {cells['attribute']} {cells['value']!r} must be one of {', '.join(sorted(words))}."
        )
    return Fact(
        cells["subject"],
        cells["attribute"],
        cells["value"],
        start,
        end,
        recorded,
        days["ended_recorded_on"] or recorded,
        cells["source_id"],
        cells["confidence"],
    )


def _added_day(where: str, column: str, text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except PeriodError as error:
        raise FactError(f"{where}: {column}: {error}") from error


def snapshot(directory: Path | None) -> str:
    """Sixteen hex digits that change whenever any shipped or added row does."""
    own = sorted([*directory.glob("*.csv"), *directory.glob(HELD_UNTIL)]) if directory else []
    files = [*sorted(CONTENT.rglob("*.csv")), *own]
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]
