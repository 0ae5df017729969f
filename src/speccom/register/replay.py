"""The decisions of 2022 to 2026 made again, one after another, on a register that knew none of them.

What comes of it must answer as the shipped register does: line for line, area for area, day for day, and as it
was known on each day. The sequence is `content/replay.json`; lists of service lines are those published.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from speccom.register import decided, facts
from speccom.register.decided import Decision, Preview
from speccom.register.register import Register
from speccom.workspace import Workspace

START = date(2022, 7, 1)
"""The register begins with the first integrated care boards."""
_LINES = "service_line_statuses"


class Difference(NamedTuple):
    """One answer that the replayed register gives and the shipped one does not, as known on a day (or by now)."""

    on: date
    known: date | None
    line: str
    area: str
    part: str
    shipped: str
    replayed: str


def sequence() -> tuple[Decision, ...]:
    """The decisions in the order in which they became known, their published lists written out."""
    held = json.loads((facts.CONTENT / "replay.json").read_text(encoding="utf-8"))
    sources = {row["source_id"]: row for row in facts.table("sources")}
    found = []
    for record in held:
        paper = sources[record["paper"]]
        found.append(
            decided.from_record(
                {
                    **record,
                    "paper": paper["title"],
                    "url": paper["url"],
                    "effects": [
                        effect for each in record["effects"] for effect in _written_out(each, record)
                    ],
                }
            )
        )
    return tuple(found)


def begin(workspace: Workspace) -> None:
    """Make a workspace's register one of `START`. Raises `DecisionError` where it holds facts of its own."""
    workspace.make()
    if any(workspace.register.iterdir()):
        raise decided.DecisionError(
            f"{workspace.register} holds facts already: replay into a workspace of its own (--workspace DIR)."
        )
    (workspace.register / facts.HELD_UNTIL).write_text(f"{START}\n", encoding="utf-8")


def replay(workspace: Workspace, told: Callable[[Preview], None] = lambda _: None) -> list[Difference]:
    """Adopt every decision of the sequence in a new workspace and compare; empty when all agrees."""
    begin(workspace)
    for decision in sequence():
        told(decided.adopt(workspace, decision))
    return differences(workspace)


def differences(workspace: Workspace) -> list[Difference]:
    """Where a replayed workspace answers otherwise than the shipped register; empty when all agrees."""
    return list(compare(Register.load(), Register.load(workspace)))


def compare(shipped: Register, replayed: Register) -> Iterator[Difference]:
    """Where two registers answer differently, on every day on which either changes and on the day before.

    Between those days neither changes, so that the answers of every day are held. As known: on the day on which
    each decision became known and on the day before.
    """
    days = _days(shipped) | _days(replayed)
    known = {day for each in sequence() for day in (each.recorded_on, each.recorded_on - timedelta(days=1))}
    for as_known in (None, *sorted(day for day in known if day >= START)):
        for on in sorted(days):
            was, now = shipped.matrix(on, as_known), replayed.matrix(on, as_known)
            if not was.equals(now):
                yield from _differences(on, as_known, _cells(was), _cells(now))


def _written_out(effect: Mapping[str, Any], record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An effect, or for a `list` the statuses published with the decision, those that hold from a day on."""
    if effect["kind"] != "list":
        yield effect
        return
    lines: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fact in facts.shipped(_LINES):
        if (
            fact.recorded_on.isoformat() == record["made_on"]
            and fact.valid_from.isoformat() == effect["from"]
        ):
            lines[fact.value, effect["from"]].append(fact.subject)
    for (status, start), codes in sorted(lines.items()):
        yield {"kind": "status", "lines": sorted(codes), "status": status, "from": start}


def _days(register: Register) -> set[date]:
    """The days from `START` on which a decided fact begins or ends, and the days before them."""
    days = {
        day
        for attribute in facts.DECIDED
        for each in register.facts.of(attribute).values()
        for fact in each
        for day in (fact.valid_from, fact.valid_to)
        if day is not None and day >= START
    }
    return {START, *days, *(day - timedelta(days=1) for day in days if day > START)}


def _cells(matrix: Any) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["service_line"], row["area"]): row for row in matrix.to_pylist()}


def _differences(
    on: date,
    known: date | None,
    was: Mapping[tuple[str, str], Mapping[str, str]],
    now: Mapping[tuple[str, str], Mapping[str, str]],
) -> Iterator[Difference]:
    for cell in sorted(was.keys() | now.keys()):
        for part in ("arrangement", "responsible_commissioner", "service_category"):
            shipped, replayed = was.get(cell, {}).get(part, ""), now.get(cell, {}).get(part, "")
            if shipped != replayed:
                yield Difference(on, known, *cell, part, shipped, replayed)
