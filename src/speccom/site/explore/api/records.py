"""What the register holds as flat records for programs: codes, dates and words as the register has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from speccom.register import Decision, Register, ServiceLine, Source
from speccom.site.explore.presenters.search import found
from speccom.site.explore.queries import decisions as decisions_asked
from speccom.site.explore.queries import services as services_asked
from speccom.site.explore.queries.programmes import groups_of, programmes
from speccom.site.explore.search import Hit

Record = dict[str, Any]
TRUST = "trust"


def services(register: Register) -> list[Record]:
    """Every prescribed service with its lines, by number."""
    return [
        {"ref": ref, "name": register.services[ref].name, "lines": [line.code for line in lines]}
        for ref, lines in services_asked.lines_by_service(register).items()
    ]


def service(register: Register, ref: str) -> Record:
    """One prescribed service."""
    return next(record for record in services(register) if record["ref"] == ref)


def lines(register: Register, on: date, service: str, programme: str, group: str) -> list[Record]:
    """Every code of the service code list by code, or those of a service, a programme, a group."""
    wanted = {"service": service, "programme": programme}
    grouped = _codes_of_group(register, group) if group else register.lines.keys()
    found = (line(register, register.lines[code], on) for code in sorted(grouped))
    return [
        record for record in found if all(record[name] == value for name, value in wanted.items() if value)
    ]


def _codes_of_group(register: Register, name: str) -> set[str]:
    groups = (group for each in programmes(register) for group in groups_of(register, each))
    return {line.code for group in groups if group.name == name for line in group.lines}


def line(register: Register, held: ServiceLine, on: date, known: date | None = None) -> Record:
    """One code of the service code list, with its status on a date, as far as was public by `known`."""
    return {
        "code": held.code,
        "name": held.name,
        "service": held.service_ref,
        "programme": held.programme,
        "group": services_asked.group_of(register, held.code),
        "grouping": held.grouping,
        "kind": held.kind,
        "highly_specialised": held.highly_specialised,
        "status": register.line_status(held.code, on, known),
        "on": on.isoformat(),
        "known": known.isoformat() if known else None,
    }


def organisations(register: Register, on: date) -> list[Record]:
    """Every body that commissions or once did, then every trust; by code."""
    codes = [*sorted(register.organisations), *sorted(register.providers)]
    return [organisation(register, code, on) for code in codes]


def organisation(register: Register, code: str, on: date) -> Record:
    """One body or trust, what came before and after it, and its board and region on a date."""
    return {
        "code": code,
        **(_body(register, code, on) if code in register.organisations else _trust(register, code, on)),
        "predecessors": register.predecessors(code),
        "successors": register.successors(code, date.max),
        "on": on.isoformat(),
    }


def _body(register: Register, code: str, on: date) -> Record:
    held, area = register.organisations[code], register.areas(on).get(code)
    return {
        "name": held.name,
        "role": held.role,
        "valid_from": held.valid_from.isoformat(),
        "valid_to": held.valid_to.isoformat() if held.valid_to else None,
        "board": area.icb if area else None,
        "region": area.region if area else None,
    }


def _trust(register: Register, code: str, on: date) -> Record:
    held = register.providers[code]
    return {
        "name": held.name,
        "role": TRUST,
        "valid_from": None,  # the register does not hold since when a trust is there
        "valid_to": None,
        "board": register.host_icb(code, on),
        "region": held.region,
    }


def decisions(register: Register) -> list[Record]:
    """Every decision in the order of the record, with what it changed."""
    effects = decisions_asked.effects(register)
    return [_decision(held, effects.get(held.decision_id, [])) for held in register.decisions.values()]


def _decision(held: Decision, effects: list[decisions_asked.Passed | decisions_asked.Redrawn]) -> Record:
    changed = [asdict(effect) | {"on": effect.on.isoformat()} for effect in effects]
    return asdict(held) | {"effects": changed}


def sources(register: Register) -> list[Record]:
    """Every source that a fact may name."""
    return [_source(held) for held in register.sources.values()]


def _source(held: Source) -> Record:
    return {name: value or None for name, value in asdict(held).items()}


def hits(register: Register, found_hits: Sequence[Hit]) -> list[Record]:
    """What was found, best first, with the page that it leads to."""
    return [
        {"kind": hit.kind, "key": hit.key, "name": hit.name, "found_by": hit.how, "page": said.link.address}
        for hit, said in zip(found_hits, found(register, found_hits), strict=True)
    ]


def answer(explained: Record) -> Record:
    """An answer without its reasons, as one row: the sources that it rests on by id."""
    parts = {name: value for name, value in explained.items() if not isinstance(value, list)}
    return parts | {"sources": [source["source_id"] for source in explained["sources"]]}
