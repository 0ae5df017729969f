"""Decisions that change the register: what one says, the facts that it makes, what they would change, adopting it.

Knows the register and the workspace's own facts, and nothing of who may decide or how a decision came about.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from speccom.errors import SpeccomError
from speccom.period import PeriodError, parse_date
from speccom.register import facts
from speccom.register.facts import WORDS, Fact, in_force
from speccom.register.integrity import Finding
from speccom.register.model import Source
from speccom.register.register import Register
from speccom.register.tables import differences
from speccom.workspace import Workspace, sync_directory, write_atomically

_ID = re.compile(r"[A-Z][A-Z0-9-]{1,39}")
_CODE = re.compile(r"[A-Z0-9_]{2,20}")


class DecisionError(SpeccomError):
    """A decision that cannot be read, or that would leave the register with a gap or an overlap."""

    code = "decision"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of a body on a day: what changes, for whom, from when, and under which conditions.

    One without effects is on record and changes no answer.

    `effects` are mappings with a `kind` of `EFFECTS` and that kind's own words; dates in them are ISO texts and
    half-open. `recorded_on` is the day from which the decision was public knowledge. `confidence` is that of
    the facts that it makes. `amends` and `revokes` are references of earlier decisions: that they are named is
    all that it does to them, and what is to change is among the effects.
    """

    decision_id: str
    title: str
    body: str
    made_on: date
    effects: tuple[Mapping[str, Any], ...]
    recorded_on: date
    minute: str = ""
    paper: str = ""
    url: str = ""
    conditions: tuple[str, ...] = ()
    scope: str = ""
    services: str = ""
    confidence: str = "stated"
    amends: tuple[str, ...] = ()
    revokes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.decision_id):
            raise DecisionError(
                f"{self.decision_id!r} is no reference of a decision: capital letters, digits and hyphens, "
                "a letter first, such as W2026-01."
            )
        for name in ("title", "body"):
            if not str(getattr(self, name)).strip():
                raise DecisionError(f"The decision {self.decision_id} has no {name}: say it.")
        if self.recorded_on < self.made_on:
            raise DecisionError(
                f"{self.decision_id} was public on {self.recorded_on}, before it was made on {self.made_on}."
            )


class Effect(NamedTuple):
    """One kind of effect: what it means in words, the words that it takes, and the facts that it makes."""

    words: str
    takes: Mapping[str, str]
    facts: Callable[[_Making, Mapping[str, Any]], Iterator[Fact]]


@dataclass(frozen=True, slots=True)
class _Making:
    """The facts of one decision as they are made, on a register as it stands before them."""

    register: Register
    decision: Decision

    def begins(
        self, subject: str, attribute: str, value: str, start: date, end: date | None = None
    ) -> Iterator[Fact]:
        """A value from a day, which closes the one that it takes the place of."""
        current = self._before(subject, attribute, start)
        if current is not None and current.value == value and current.valid_to is None and end is None:
            return
        if current is not None and current.valid_to is None and current.valid_from < start:
            yield self._fact(subject, attribute, current.value, current.valid_from, start, current)
        yield self._fact(subject, attribute, value, start, end)

    def named(self, subject: str, name: str, start: date) -> Iterator[Fact]:
        """The name of a new body, unless the register has known it by that name already."""
        if name not in {fact.value for fact in self.register.facts.about(subject, "name")}:
            yield from self.begins(subject, "name", name, start)

    def ends(self, subject: str, attribute: str, on: date, value: str | None = None) -> Iterator[Fact]:
        """The end of the value that is in force and open on the day before a day."""
        for each in self.register.facts.about(subject, attribute):
            if each.valid_to is None and each.valid_from < on and value in (None, each.value):
                yield self._fact(subject, attribute, each.value, each.valid_from, on, each)

    def _before(self, subject: str, attribute: str, start: date) -> Fact | None:
        return in_force(self.register.facts.about(subject, attribute), start)

    def _fact(
        self,
        subject: str,
        attribute: str,
        value: str,
        start: date,
        end: date | None,
        closes: Fact | None = None,
    ) -> Fact:
        of = self.decision
        return Fact(
            subject,
            attribute,
            value,
            start,
            end,
            of.recorded_on,
            of.recorded_on,
            of.decision_id,
            closes.confidence if closes else of.confidence,
        )


# --- effects


def _arrange(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    regions = making.register.facts.of("arrangement")
    for region in _codes(effect, "regions"):
        if region not in regions:
            raise DecisionError(f"{region!r} is no region: choose from {', '.join(sorted(regions))}.")
        arrangement = _word(effect, "arrangement", WORDS["arrangement"])
        yield from making.begins(region, "arrangement", arrangement, _day(effect, "from"))


def _status(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    status = _word(effect, "status", WORDS["delegation status"])
    for code in _codes(effect, "lines"):
        line = making.register.line(code)
        end = _day(effect, "to") if effect.get("to") else None
        yield from making.begins(line.code, "delegation status", status, _day(effect, "from"), end)


def _form(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    code, start = _code(effect, "committee"), _day(effect, "from")
    if code in making.register.organisations:
        raise DecisionError(
            f"{code} is {making.register.organisations[code].name}: a committee needs a new code."
        )
    name = str(effect["name"]).strip()
    if not name:
        raise DecisionError(f"The committee {code} has no name: say it.")
    yield from making.named(code, name, start)
    yield from making.begins(code, "role", "joint committee", start)


def _dissolve(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    """A committee ends with its last day, and so does every membership of it."""
    code, on = _code(effect, "committee"), _day(effect, "from")
    committee = making.register.organisations.get(code)
    if committee is None or committee.role != "joint committee":
        raise DecisionError(f"{code!r} is no joint committee that could be dissolved.")
    for attribute in ("name", "role"):
        yield from making.ends(code, attribute, on)
    for board in sorted(making.register.facts.of("member of joint committee")):
        yield from making.ends(board, "member of joint committee", on, code)


def _join(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    start, committee = _day(effect, "from"), _code(effect, "committee")
    held = making.register.organisations.get(committee)
    if held is None or held.role != "joint committee":
        raise DecisionError(f"{committee!r} is no joint committee: form it first.")
    for board in _codes(effect, "boards"):
        _active(making.register, board, start)
        yield from making.begins(board, "member of joint committee", committee, start)


def _leave(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    for board in _codes(effect, "boards"):
        ended = list(making.ends(board, "member of joint committee", _day(effect, "from")))
        if not ended:
            raise DecisionError(f"{board} is in no joint committee that could end on {effect['from']}.")
        yield from ended


def _establish(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    code, start = _code(effect, "board"), _day(effect, "from")
    held = making.register.organisations.get(code)
    if held is not None and (held.valid_to is None or start < held.valid_to):
        raise DecisionError(f"{code} is {held.name} from {held.valid_from}: a new board needs a new code.")
    region = _code(effect, "region")
    if region not in making.register.facts.of("arrangement"):
        raise DecisionError(f"{region!r} is no region for {code} to be in.")
    name = str(effect["name"]).strip()
    if not name:
        raise DecisionError(f"{code} has no name: say it.")
    yield from making.named(code, name, start)
    yield from making.begins(code, "role", "integrated care board", start)
    yield from making.begins(code, "in region", region, start)


def _succeed(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    """A board ends, and others follow it; its locations go to the one that follows it whole, or as said."""
    register, board, on = making.register, _code(effect, "board"), _day(effect, "on")
    _active(register, board, on)
    whole, parts = effect.get("whole"), _codes(effect, "parts") if effect.get("parts") else ()
    if bool(whole) == bool(parts):
        raise DecisionError(f"{board} is followed in whole by one board, or in part by several: say which.")
    locations = {str(key): str(heir) for key, heir in dict(effect.get("locations", {})).items()}
    for attribute in ("name", "role", "in region", "member of joint committee"):
        yield from making.ends(board, attribute, on)
    for heir in parts or (str(whole),):
        yield from making.begins(board, f"succeeded in {'part' if parts else 'whole'} by", heir, on)
    for location, related in sorted(register.boards.items()):
        current = in_force(related, on)
        if current is None or current.value != board:
            continue
        heir = locations.get(location) or (str(whole) if whole else "")
        if heir:
            yield from making.begins(location, "in integrated care board", heir, on)
        else:  # split with its board: asked about afterwards, the register asks for the practice
            yield from making.ends(location, "in integrated care board", on)
    # Trusts are hosted by whoever follows as a whole; the register finds that by the succession.
    for trust in sorted(register.facts.load("providers").of("host integrated care board")):
        yield from making.ends(trust, "host integrated care board", on, board)


def _tier(making: _Making, effect: Mapping[str, Any]) -> Iterator[Fact]:
    tier = _word(effect, "tier", TIERS)
    for code in _codes(effect, "lines"):
        line = making.register.line(code)
        yield from making.begins(line.code, "planning tier", tier, _day(effect, "from"))


TIERS = frozenset({"ICB", "multi-ICB", "region", "England"})
EFFECTS: dict[str, Effect] = {
    "arrange": Effect(
        "Suitable services of regions come under another arrangement.",
        {"regions": "codes", "arrangement": "national, joint or delegated", "from": "a day"},
        _arrange,
    ),
    "status": Effect(
        "Service lines change their place in the list of what is delegated.",
        {
            "lines": "codes",
            "status": "GREEN, AMBER, RED, BLUE or NOT APPLICABLE",
            "from": "a day",
            "to?": "a day",
        },
        _status,
    ),
    "form": Effect(
        "A joint committee is formed.", {"committee": "a code", "name": "its name", "from": "a day"}, _form
    ),
    "dissolve": Effect(
        "A joint committee ends, and its memberships.", {"committee": "a code", "from": "a day"}, _dissolve
    ),
    "join": Effect(
        "Boards are members of a joint committee.",
        {"committee": "a code", "boards": "codes", "from": "a day"},
        _join,
    ),
    "leave": Effect("Boards leave their joint committee.", {"boards": "codes", "from": "a day"}, _leave),
    "establish": Effect(
        "A board is established.",
        {"board": "its code", "name": "its name", "region": "a code", "from": "a day"},
        _establish,
    ),
    "succeed": Effect(
        "A board ends and is followed by another in whole, or by several in part.",
        {
            "board": "its code",
            "whole?": "a code",
            "parts?": "codes",
            "locations?": "location: code",
            "on": "a day",
        },
        _succeed,
    ),
    "tier": Effect(
        "Service lines are planned at another size of footprint.",
        {"lines": "codes", "tier": "ICB, multi-ICB, region or England", "from": "a day"},
        _tier,
    ),
}


def facts_of(register: Register, decision: Decision) -> tuple[Fact, ...]:
    """The facts that a decision makes on a register, the ends of those that it replaces included.

    Effects are made in their order, and each sees those before it. Raises `DecisionError` for an unknown
    kind, a word missing or not known, a code that the register does not have or that is not active then.
    """
    made: list[Fact] = []
    growing = register
    for number, effect in enumerate(decision.effects, start=1):
        kind = EFFECTS.get(str(effect.get("kind")))
        if kind is None:
            raise DecisionError(
                f"Effect {number} of {decision.decision_id} is of kind {effect.get('kind')!r}: "
                f"choose from {', '.join(EFFECTS)}."
            )
        _check_words(decision, number, effect, kind)
        if number > 1 and effect.get("kind") in _READS_EARLIER:
            growing = register.adding(made, _source_of(decision))
        made += kind.facts(_Making(growing, decision), effect)
    repeated = next((fact for fact, times in Counter(made).items() if times > 1), None)
    if repeated is not None:
        raise DecisionError(
            f"{decision.decision_id} says twice that {repeated.subject} has {repeated.attribute} "
            f"{repeated.value!r} from {repeated.valid_from}: say it once."
        )
    return tuple(made)


_READS_EARLIER = frozenset({"join", "leave", "succeed", "dissolve"})
"""Kinds that ask for bodies, which an earlier effect of the same decision may have made."""


# --- preview


@dataclass(frozen=True)
class Preview:
    """What a decision would change: its facts, and the answers of each day on which any changes.

    `answers` has a row for each line × area × part of an answer that would differ, in the columns of
    `PREVIEW`; empty `before` or `after` is no answer. `snapshot` is of the register that it was held against,
    `before`, and `after` is what that would become.
    """

    decision: Decision
    facts: tuple[Fact, ...]
    answers: pa.Table
    snapshot: str
    days: tuple[date, ...]
    before: Register = field(repr=False, compare=False)
    after: Register = field(repr=False, compare=False)

    @property
    def cells(self) -> int:
        """How many lines × areas × days would be answered differently."""
        return self.answers.group_by(["on", "line", "area"]).aggregate([]).num_rows


_COLUMNS: list[pa.Field[Any]] = [
    pa.field("on", pa.date32()),
    pa.field("line", pa.string()),
    pa.field("area", pa.string()),
    pa.field("part", pa.string()),
    pa.field("before", pa.string()),
    pa.field("after", pa.string()),
]
PREVIEW = pa.schema(_COLUMNS)


def preview(register: Register, decision: Decision) -> Preview:
    """What adopting a decision would change, from the days on which its facts begin or end.

    Raises `DecisionError` where the register would have a gap or an overlap, naming subject and dates.
    """
    _check_reference(register, decision.decision_id)
    _check_earlier(register, decision)
    made = facts_of(register, decision)
    after = register.adding(made, _source_of(decision))
    faults = new_faults(register, after)
    if faults:
        raise DecisionError(
            f"{decision.decision_id} would leave the register at fault: {' '.join(faults[:5])}"
            f"{f' And {len(faults) - 5} more.' if len(faults) > 5 else ''}"
        )
    days = sorted({day for fact in made for day in (fact.valid_from, fact.valid_to) if day is not None})
    first = min((effect_day for effect_day in _effect_days(decision)), default=decision.made_on)
    days = [day for day in days if day >= first]
    tables = [_differing(register, after, day) for day in days]
    answers = pa.concat_tables(tables) if tables else PREVIEW.empty_table()
    return Preview(decision, made, answers, register.snapshot, tuple(days), register, after)


def _check_reference(register: Register, reference: str) -> None:
    """A source alone is what an adoption leaves that was killed before its facts were there."""
    named = any(fact.source_id == reference for fact in register.facts)
    shipped = any(row["source_id"] == reference for row in facts.table("sources"))
    if reference in register.decisions or named or shipped:
        raise DecisionError(
            f"{reference} is in the register already: a later decision amends it, by a new reference."
        )


def _check_earlier(register: Register, decision: Decision) -> None:
    for word, references in (("amend", decision.amends), ("revoke", decision.revokes)):
        for reference in references:
            if reference not in register.decisions:
                raise DecisionError(f"There is no decision {reference!r} in the register to {word}.")
            by = [later for how, later in register.later_decisions(reference) if how == "revokes"]
            if by:
                raise DecisionError(
                    f"{reference} was revoked by {by[0]}, so that there is nothing to {word}."
                )


def new_faults(before: Register, after: Register) -> list[str]:
    """The faults that one register has and another had not, totals that the past is known by aside."""
    found = [
        (finding.check, fault)
        for finding in after.check()
        for fault in finding.faults
        if not _historical(finding)
    ]
    if not found:
        return []
    held = {(finding.check, fault) for finding in before.check() for fault in finding.faults}
    return [fault for check, fault in found if (check, fault) not in held]


def _historical(finding: Finding) -> bool:
    return finding.check == "the totals are those of the record"


def _differing(before: Register, after: Register, on: date) -> pa.Table:
    rows = differences(before, after, on)
    day = pa.repeat(pa.scalar(on, pa.date32()), len(rows["line"]))
    return pa.table({name: rows.get(name, day) for name in PREVIEW.names}, schema=PREVIEW)


# --- adoption


def adopt(workspace: Workspace, decision: Decision, snapshot: str | None = None) -> Preview:
    """Make a decision part of the workspace's register; from then on every answer follows it.

    With `snapshot`, that of a preview, the register must not have changed since. The decision's facts become
    one file, replaced as one act, so that a kill at any moment leaves all of them or none. Raises
    `DecisionError` as `preview` does.
    """
    with workspace.lock(ADOPTING):
        return write(workspace, decision, snapshot)


ADOPTING = "adopting a decision"


def write(workspace: Workspace, decision: Decision, snapshot: str | None = None) -> Preview:
    """`adopt` for a caller that holds the workspace's lock, to do more than this under it."""
    register = Register.load(workspace)
    if snapshot is not None and register.snapshot != snapshot:
        raise DecisionError(
            f"The register changed since {decision.decision_id} was previewed: preview it again."
        )
    found = preview(register, decision)
    _write_source(workspace, decision)  # first: a source that no fact names does no harm
    rows = [*found.facts, *_record_of(decision)]
    write_atomically(file_of(workspace, decision.decision_id), _csv(facts.COLUMNS, map(_row, rows)))
    return found


def file_of(workspace: Workspace, reference: str) -> Path:
    """The file that holds an adopted decision's facts; whether it is there tells whether it was adopted."""
    return workspace.register / f"{reference}.csv"


def _record_of(decision: Decision) -> Iterator[Fact]:
    """The decision itself as facts, as the shipped decisions are."""
    for attribute, value in (
        ("made on", decision.made_on.isoformat()),
        ("made by", decision.body),
        ("decision", decision.title),
        ("scope", decision.scope),
        ("services", decision.services),
        ("minute", decision.minute),
        ("conditions", "; ".join(decision.conditions)),
        *(("amends decision", reference) for reference in decision.amends),
        *(("revokes decision", reference) for reference in decision.revokes),
    ):
        if value:
            yield Fact(
                decision.decision_id,
                attribute,
                value,
                decision.made_on,
                None,
                decision.recorded_on,
                decision.recorded_on,
                decision.decision_id,
                decision.confidence,
            )


def forget(workspace: Workspace, reference: str) -> None:
    """Take away the source of an adoption that was stopped before its facts were there: nothing happened.

    For a caller that holds the workspace's lock. Does nothing for a decision that was adopted.
    """
    held = facts.added_sources(workspace.register)
    rows = [row for row in held if row["source_id"] != reference]
    if file_of(workspace, reference).exists() or len(rows) == len(held):
        return
    if rows:
        _write_sources(workspace, rows)
    else:
        (workspace.register / facts.ADDED_SOURCES).unlink()
        sync_directory(workspace.register)


def _write_source(workspace: Workspace, decision: Decision) -> None:
    rows = [
        row for row in facts.added_sources(workspace.register) if row["source_id"] != decision.decision_id
    ]
    _write_sources(workspace, [*rows, asdict(_source_of(decision))])


def _write_sources(workspace: Workspace, rows: Iterable[Mapping[str, str]]) -> None:
    columns = list(facts.table("sources")[0])
    path = workspace.register / facts.ADDED_SOURCES
    write_atomically(path, _csv(columns, ([each[name] for name in columns] for each in rows)))


def _source_of(decision: Decision) -> Source:
    return Source(
        decision.decision_id,
        decision.paper or decision.title,
        decision.body,
        decision.made_on.isoformat(),
        decision.url,
        "",
    )


def _row(fact: Fact) -> list[str]:
    def day(on: date | None) -> str:
        return on.isoformat() if on else ""

    return [
        fact.subject,
        fact.attribute,
        fact.value,
        day(fact.valid_from),
        day(fact.valid_to),
        day(fact.recorded_on),
        day(fact.ended_recorded_on) if fact.ended_recorded_on != fact.recorded_on else "",
        fact.source_id,
        fact.confidence,
    ]


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue().encode()


# --- files


def read(path: Path) -> Decision:
    """A decision from its JSON file. Raises `DecisionError` naming what cannot be read."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise DecisionError(f"{path} cannot be read as a decision ({error}).") from error
    return from_record(held, str(path))


def from_record(held: object, where: str = "The decision") -> Decision:
    """A decision from what its JSON holds; `recorded_on` is the day it was made where it is not given."""
    if not isinstance(held, dict):
        raise DecisionError(f"{where} must be an object with decision_id, title, body, made_on and effects.")
    known = set(Decision.__dataclass_fields__)
    if unknown := sorted(set(held) - known):
        raise DecisionError(f"{where}: there is no {', '.join(unknown)}; it has {', '.join(sorted(known))}.")
    if missing := sorted({"decision_id", "title", "body", "made_on", "effects"} - set(held)):
        raise DecisionError(f"{where} lacks {', '.join(missing)}.")
    if not (isinstance(held["effects"], list) and all(isinstance(each, dict) for each in held["effects"])):
        raise DecisionError(f"{where}: effects must be a list of objects, each with a kind.")
    made_on = _day(held, "made_on")
    return Decision(
        **{
            **held,
            "made_on": made_on,
            "recorded_on": _day(held, "recorded_on") if held.get("recorded_on") else made_on,
            "effects": tuple(held["effects"]),
            **{name: tuple(held.get(name, ())) for name in ("conditions", "amends", "revokes")},
        }
    )


# --- small helpers


def _check_words(decision: Decision, number: int, effect: Mapping[str, Any], kind: Effect) -> None:
    wanted = {word.rstrip("?"): not word.endswith("?") for word in kind.takes}
    missing = [word for word, needed in wanted.items() if needed and effect.get(word) in (None, "", [])]
    unknown = sorted(set(effect) - {"kind", *wanted})
    if missing or unknown:
        said = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has no {', '.join(unknown)}"] * bool(
            unknown
        )
        raise DecisionError(
            f"Effect {number} of {decision.decision_id} ({effect.get('kind')}) {' and '.join(said)}: "
            f"it takes {', '.join(f'{word} ({what})' for word, what in kind.takes.items())}."
        )


def _effect_days(decision: Decision) -> Iterator[date]:
    for effect in decision.effects:
        for word in ("from", "on"):
            if effect.get(word):
                yield _day(effect, word)


def _active(register: Register, board: str, on: date) -> None:
    area = register.areas(on).get(board)
    if area is None or area.kind != "icb":
        raise DecisionError(f"{board!r} is no integrated care board on {on}.")


def _codes(effect: Mapping[str, Any], word: str) -> tuple[str, ...]:
    held = effect[word]
    if not isinstance(held, list | tuple) or not held:
        raise DecisionError(f"{word} must be a list of codes, and not {held!r}.")
    return tuple(_checked(str(each), word) for each in held)


def _code(effect: Mapping[str, Any], word: str) -> str:
    return _checked(str(effect[word]), word)


def _checked(text: str, word: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise DecisionError(f"{text!r} is no code, in {word}.")
    return code


def _word(effect: Mapping[str, Any], word: str, choices: Iterable[str]) -> str:
    said = str(effect[word])
    if said not in set(choices):
        raise DecisionError(f"{word} {said!r} must be one of {', '.join(sorted(choices))}.")
    return said


def _day(held: Mapping[str, Any], word: str) -> date:
    try:
        return parse_date(str(held[word]))
    except PeriodError as error:
        raise DecisionError(f"{word}: {error}") from error
