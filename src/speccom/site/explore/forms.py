"""Reads what was asked from an address: dates, and text of a sensible length; refuses the rest in words."""

from __future__ import annotations

from collections.abc import Mapping
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

    def settled(self, line: str, area: str) -> Question:
        """The same question with the codes that its words mean."""
        return replace(self, line=line, area=area)


@dataclass(frozen=True, slots=True)
class Span:
    """Two days, in the order given; what lies in (`from_`, `to`] is asked about."""

    from_: date
    to: date


def text(asked: Mapping[str, str], name: str, longest: int = LONGEST) -> str:
    """One value without the space around it. Raises `AskedWrong` when it is longer than any question."""
    value = " ".join(asked.get(name, "").replace("\x00", " ").split())
    if len(value) > longest:
        raise AskedWrong(
            f"What was asked has {len(value):,} characters: use {longest:,} or fewer, such as a few "
            "words or a code."
        )
    return value


def day(asked: Mapping[str, str], name: str, otherwise: date) -> date:
    """One date, or another where none is given. Raises `PeriodError` for what is no date."""
    value = text(asked, name)
    return parse_date(value) if value else otherwise


def known(asked: Mapping[str, str], today: date) -> date | None:
    """The day up to which facts count, where one is given. It cannot lie in the future: nobody knows yet."""
    found = parse_date(given) if (given := text(asked, "known")) else None
    if found and found > today:
        raise PeriodError(
            f"What will be known on {long_date(found)} cannot be said yet: give `known` a date up to today."
        )
    return found


def question(asked: Mapping[str, str], today: date) -> Question:
    """The question of the who page."""
    area = text(asked, "place") or text(asked, "area")  # what was typed wins over what was chosen before
    return Question(text(asked, "line"), area, day(asked, "on", today), known(asked, today))


def span(asked: Mapping[str, str], from_: date, to: date) -> Span:
    """The two dates of the changes page, or the usual ones."""
    found = Span(day(asked, "from", from_), day(asked, "to", to))
    if found.to < found.from_:
        raise PeriodError(f"{found.to} is before {found.from_}: give the earlier date first.")
    return found
