"""What a question is of: a set of service lines under one name, and the financial years and months meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from speccom import content
from speccom.insight.result import InsightError
from speccom.register import Register

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Lines:
    """Some service lines under one name; `asked` is the text that asks for them again."""

    asked: str
    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pathway:
    """One pathway of care over several services; `basis` says whose grouping it is."""

    key: str
    name: str
    services: tuple[str, ...]
    lines: tuple[str, ...]
    basis: str


def lines_of(register: Register, asked: str) -> Lines:
    """The service lines meant by a text: `all`, codes of lines, references of services, a programme or a pathway.

    Several go with commas, and their union is meant: `NCBPS08O,NCBPS08P`, `service:12`, `programme:Cancer`,
    `pathway:kidney`. The kind can be left out where the text is of one kind only. Raises `InsightError`,
    naming what would do.
    """
    parts = [part.strip() for part in asked.split(",") if part.strip()]
    if not parts:
        raise InsightError("Name the lines to look at: all, a line, a service, a programme or a pathway.")
    found = [_one(register, part) for part in parts]
    codes = sorted({code for each in found for code in each.codes})
    return Lines(",".join(each.asked for each in found), "; ".join(each.name for each in found), tuple(codes))


@cache
def pathways() -> dict[str, Pathway]:
    """The pathways that ship: groupings of our own after the case studies, each with its basis."""
    return {
        row["pathway"]: Pathway(
            row["pathway"],
            row["name"],
            tuple(row["services"].split()),
            tuple(row["lines"].split()),
            row["basis"],
        )
        for row in content.rows(__package__, "pathways")
    }


def named(register: Register) -> Iterator[Lines]:
    """Every programme, pathway, service with a line, and line, each as it would be asked for."""
    for name in programmes(register):
        yield lines_of(register, f"programme:{name}")
    for key in pathways():
        yield lines_of(register, f"pathway:{key}")
    for ref in sorted({line.service_ref for line in register.lines.values() if line.service_ref}):
        yield lines_of(register, f"service:{ref}")
    for code in sorted(register.lines):
        yield lines_of(register, f"line:{code}")


def _one(register: Register, part: str) -> Lines:
    kind, _, rest = part.rpartition(":")
    kinds = {"line": _line, "service": _service, "programme": _programme, "pathway": _pathway}
    if kind and kind.lower() not in kinds:
        raise InsightError(f"{part!r}: {kind!r} is no kind; write line, service, programme or pathway.")
    if part.lower() == EVERYTHING:
        return Lines(EVERYTHING, "all specialised services", register.specialised)
    for name, find in kinds.items():
        found = find(register, rest) if kind.lower() in ("", name) else None
        if found is not None:
            return found
    raise InsightError(
        f"{part!r} is no service line, service, programme or pathway: write a code such as NCBPS08O, a "
        f"service such as service:{next(iter(register.services))}, a programme ({', '.join(programmes(register))}), "
        f"a pathway ({', '.join(pathways())}) or all."
    )


def _line(register: Register, text: str) -> Lines | None:
    line = register.lines.get(text.upper())
    return Lines(line.code, line.name, (line.code,)) if line else None


def _service(register: Register, text: str) -> Lines | None:
    service = register.services.get(text.upper()) or register.services.get(text)
    if service is None:
        return None
    codes = tuple(sorted(line.code for line in register.lines.values() if line.service_ref == service.ref))
    if not codes:
        raise InsightError(
            f"Service {service.ref} ({service.name}) has no line in the service code list, so nothing in a "
            "ledger can be of it: ask for a line or another service."
        )
    return Lines(f"service:{service.ref}", service.name, codes)


def programmes(register: Register) -> list[str]:
    """The programmes of care that any line is of, by name."""
    return sorted({line.programme for line in register.lines.values() if line.programme})


def _programme(register: Register, text: str) -> Lines | None:
    named = next((each for each in programmes(register) if each.lower() == text.lower()), None)
    if named is None:
        return None
    codes = tuple(sorted(line.code for line in register.lines.values() if line.programme == named))
    return Lines(f"programme:{named}", f"{named} programme", codes)


def _pathway(register: Register, text: str) -> Lines | None:
    pathway = pathways().get(text.lower())
    if pathway is None:
        return None
    codes = {line.code for line in register.lines.values() if line.service_ref in pathway.services}
    codes |= set(pathway.lines) & register.lines.keys()
    return Lines(f"pathway:{pathway.key}", pathway.name, tuple(sorted(codes)))
