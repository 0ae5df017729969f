"""What the who page asks: the answer with its reasons, its spells, and what words may have meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from speccom.register import Answer, Register
from speccom.site.explore.queries.timeline import Spell, of_area
from speccom.site.explore.search import search

_LINE_CODE = re.compile(r"[A-Za-z]*\d\w*")
_AREA_CODE = re.compile(r"(?=\w*\d)\w{3,6}|[A-Z]{3}")


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


def lines_meant(register: Register, words: str) -> list[str]:
    """The service lines that words may mean, best first; a code, known or not, stands for itself."""
    if words.upper() in register.lines or _LINE_CODE.fullmatch(words):
        return [words.upper()]
    return list(dict.fromkeys(_lines_found(register, words)))


def areas_meant(register: Register, words: str, on: date, known: date | None) -> list[str]:
    """The areas that words may mean on a date, boards first; a code, known or not, stands for itself."""
    if words.upper() in register.organisations or _AREA_CODE.fullmatch(words):
        return [words.upper()]
    wanted = words.lower().split()
    active = register.areas(on, known)
    boards = [code for code, area in active.items() if area.kind == "icb"]
    return sorted(
        code for code in boards if all(word in register.organisations[code].name.lower() for word in wanted)
    )


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


def _lines_found(register: Register, words: str) -> list[str]:
    found: list[str] = []
    for hit in search(register, words, limit=50):
        if hit.kind == "service line":
            found.append(hit.key)
        elif hit.kind == "service":
            found += [line.code for line in register.lines.values() if line.service_ref == hit.key]
    return found
