"""The adult neuroscience centres, where each lies, and the boards that have none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from speccom.register import Fact, Register


@dataclass(frozen=True, slots=True)
class Centre:
    """A trust that is a centre: its code, place, region, and the board in whose area it lies on the date."""

    provider: str
    name: str
    place: str
    region: str
    board: str | None
    fact: Fact


def centres(register: Register, on: date) -> list[Centre]:
    """Every centre, by region and name."""
    facts = register.facts.load("neuroscience_centres")
    found = []
    for provider, named in facts.of("neuroscience centre").items():
        place, region = (
            facts.value(provider, f"neuroscience centre {what}") or "" for what in ("place", "region")
        )
        board = register.host_icb(provider, on)
        found.append(Centre(provider, named[0].value, place, region, board, named[0]))
    return sorted(found, key=lambda centre: (centre.region, centre.name))


def boards_without(register: Register, on: date) -> list[str]:
    """The boards of a date in whose area no centre lies, by name."""
    hosts = {centre.board for centre in centres(register, on)}
    boards = (area.code for area in register.areas(on).values() if area.kind == "icb")
    return sorted(
        (code for code in boards if code not in hosts), key=lambda code: register.organisations[code].name
    )
