"""What positions are asked of the ledger for a page: protected, and remembered until the ledger is built anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from speccom.finance.explained import Explained
from speccom.finance.position.course import by_month
from speccom.finance.position.everybody import changed
from speccom.finance.position.everybody import everybody as of_everybody
from speccom.finance.position.explained import explain, explain_challenge, explain_together
from speccom.finance.position.explained_months import explain_month
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.months import months_held, year_to_date
from speccom.finance.position.risks import Public, risks
from speccom.finance.position.shown import OTHERS, Shown, shown, shown_of_all, shown_position
from speccom.finance.position.shown_challenges import shown_challenges
from speccom.finance.position.standing import Standing, standing
from speccom.finance.position.table import position
from speccom.insight.result import Result
from speccom.ledger.manifest import Manifest
from speccom.period import FinancialYear, Month
from speccom.site.core.library import register, remembered
from speccom.site.finance.forms.position import Opened, Question

REMEMBERED = 32


@dataclass(frozen=True)
class Found:
    """A position as everybody may see it: of everything, by line and provider, and month by month."""

    of: Standing
    may: Shown
    whole: Result
    lines: Result
    providers: Result
    course: Result
    challenges: Result
    risks: Result


def months(held: Manifest) -> list[Month]:
    """The months that can be asked for."""
    return list(_months(held.built))


def commissioners(held: Manifest, year: FinancialYear) -> tuple[tuple[str, str], ...]:
    """Who pays for anything in a year: code and name, by name."""
    return _payers(held.built, year)


def found(held: Manifest, asked: Question) -> Found:
    """The position that was asked for. Raises `PositionError` for nobody who pays, `TooFew` for too few patients."""
    return _found(held.built, tuple(changed(settings.WORKSPACE)), asked.commissioner, asked.month)


def everybody(held: Manifest, month: Month) -> Result:
    """A row for each commissioner of whose total everybody may know, at a month that is held."""
    return _everybody(held.built, tuple(changed(settings.WORKSPACE)), month)


def explained(held: Manifest, asked: Question, wanted: Opened) -> Explained:
    """The working of one number. A row that is not shown by itself is not opened either."""
    made = found(held, asked)
    if not wanted.by:
        return explain(made.of, ("commissioner",), (asked.commissioner,), wanted.number)
    if wanted.by == "month":
        return explain_month(made.of, int(wanted.code), wanted.number)
    if wanted.by == "challenge":
        return explain_challenge(made.of, _row(made.challenges, int(wanted.code)), wanted.number)
    if wanted.code == OTHERS and made.may.together[wanted.by]:
        shown = made.lines if wanted.by == "service_line" else made.providers
        return explain_together(made.of, _row(shown, shown.table.num_rows), wanted.number)
    if wanted.code not in made.may.alone[wanted.by]:
        raise PositionError(f"{wanted.code or 'That row'} is not shown by itself in this position.")
    return explain(made.of, (wanted.by,), (wanted.code,), wanted.number)


def _row(result: Result, number: int) -> dict[str, Any]:
    """A row by its place, from 1. Raises `PositionError` where there is none."""
    if not 1 <= number <= result.table.num_rows:
        raise PositionError(f"There is no row {number} here: choose from 1 to {result.table.num_rows}.")
    return result.table.slice(number - 1, 1).to_pylist()[0]


@remembered(2)
def _months(built: datetime) -> tuple[Month, ...]:
    return tuple(months_held(settings.WORKSPACE))


@remembered(REMEMBERED)
def _payers(built: datetime, year: FinancialYear) -> tuple[tuple[str, str], ...]:
    names = register().organisations
    codes = shown_of_all(settings.WORKSPACE, register(), year).keys() & names.keys()
    return tuple(sorted(((code, names[code].name) for code in codes), key=lambda each: each[1]))


@remembered(REMEMBERED)
def _everybody(built: datetime, changed: tuple[int, ...], month: Month) -> Result:
    return of_everybody(settings.WORKSPACE, register(), month)


@remembered(REMEMBERED)
def _found(built: datetime, changed: tuple[int, ...], commissioner: str, month: Month) -> Found:
    held = year_to_date(settings.WORKSPACE, month, commissioner=commissioner, register=register())
    may, of = shown(held, commissioner), standing(held)
    challenges = shown_challenges(held, commissioner)
    return Found(
        of,
        may,
        position(of, ("commissioner",)),
        shown_position(of, "service_line", may),
        shown_position(of, "provider", may),
        by_month(of),
        challenges,
        risks(of, commissioner, Public(may, challenges)),
    )
