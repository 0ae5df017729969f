"""Finds services, service lines and organisations by code or by words of their names; knows nothing of pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from speccom.register import Register

Kind = Literal["service", "service line", "organisation"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its kind, the key of its page, and its name."""

    kind: Kind
    key: str
    name: str


def search(register: Register, query: str, limit: int = 20) -> list[Hit]:
    """The best matches first: a code as it is, then names that hold every word; none for an empty query."""
    words = query.lower().split()
    if not words:
        return []
    code = query.strip().upper()
    everything = list(_everything(register))
    exact = [hit for hit in everything if hit.key == code]
    named = [hit for hit in everything if hit.key != code and all(word in hit.name.lower() for word in words)]
    return (exact + sorted(named, key=lambda hit: len(hit.name)))[:limit]


def _everything(register: Register) -> Iterator[Hit]:
    for service in register.services.values():
        yield Hit("service", service.ref, service.name)
    for line in register.lines.values():
        yield Hit("service line", line.code, line.name)
    for organisation in register.organisations.values():
        yield Hit("organisation", organisation.code, organisation.name)
