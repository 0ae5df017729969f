"""What the who page asks: the answer with its reasons, its spells, and what words may have meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from speccom.register import Answer, Register
from speccom.site.explore.queries.timeline import Spell, of_area


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, its explanation as the API gives it, and the spells of the same line and area."""

    answer: Answer
    explained: dict[str, Any]
    spells: list[Spell]


def tell(register: Register, line: str, area: str, on: date, known: date | None) -> Told:
    """Ask and explain. Raises what `Register.who_commissions` raises."""
    answer = register.who_commissions(line, area, on, known)
    spells = of_area(register, answer.service_line, answer.area, known)
    return Told(answer, register.explain(answer), spells)


def areas_to_choose(register: Register, on: date, known: date | None) -> dict[str, list[str]]:
    """Board → the sub-ICB locations in it, for every area active on a date; boards by name."""
    active = register.areas(on, known)
    boards = sorted(
        (code for code, area in active.items() if area.kind == "icb"),
        key=lambda code: register.organisations[code].name,
    )
    return {
        board: sorted(code for code, area in active.items() if area.kind == "sub_icb" and area.icb == board)
        for board in boards
    }
