"""Reads what was asked from an address: dates, and text of a sensible length; refuses the rest in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from speccom.errors import SpeccomError
from speccom.period import PeriodError, long_date, parse_date

LONGEST = 200


class AskedWrong(SpeccomError):
    """Something in an address that cannot be read as a question."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who commissions `line` for `area` on `on`, as far as was `known`; empty parts were not said yet."""

    line: str
    area: str
    on: date
    known: date | None

    def settled(self, lines: Sequence[str], areas: Sequence[str]) -> Question:
        """The same question with the one code that its words mean, where there is one."""
        return replace(self, line=lines[0] if lines else "", area=areas[0] if areas else "")


@dataclass(frozen=True, slots=True)
class Span:
    """Two days, in the order given; what lies in (`from_`, `to`] is asked about."""

    from_: date
    to: date


def text(asked: Mapping[str, str], name: str) -> str:
    """One value without the space around it. Raises `AskedWrong` when it is longer than any question."""
    value = " ".join(asked.get(name, "").replace("\x00", " ").split())
    if len(value) > LONGEST:
        raise AskedWrong(
            f"What was asked has {len(value):,} characters: use {LONGEST} or fewer, such as a few "
            "words or a code."
        )
    return value


def day(asked: Mapping[str, str], name: str, otherwise: date) -> date:
    """One date, or another where none is given. Raises `PeriodError` for what is no date."""
    value = text(asked, name)
    return parse_date(value) if value else otherwise


def question(asked: Mapping[str, str], today: date) -> Question:
    """The question of the who page. `known` cannot lie in the future: nobody knows yet."""
    known = parse_date(given) if (given := text(asked, "known")) else None
    if known and known > today:
        raise PeriodError(
            f"What will be known on {long_date(known)} cannot be said yet: give `known` a date up to today."
        )
    return Question(text(asked, "line"), text(asked, "area"), day(asked, "on", today), known)


def span(asked: Mapping[str, str], from_: date, to: date) -> Span:
    """The two dates of the changes page, or the usual ones."""
    found = Span(day(asked, "from", from_), day(asked, "to", to))
    if found.to < found.from_:
        raise PeriodError(f"{found.to} is before {found.from_}: give the earlier date first.")
    return found
