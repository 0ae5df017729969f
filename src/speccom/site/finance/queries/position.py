"""What positions are asked of the ledger for a page: protected, and remembered until the ledger is built anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from speccom.finance.explained import Explained
from speccom.finance.position.course import by_month
from speccom.finance.position.explained import explain
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.months import months_held, payers, year_to_date
from speccom.finance.position.shown import Shown, shown, shown_position
from speccom.finance.position.standing import Standing, standing
from speccom.finance.position.table import position
from speccom.insight.result import Result
from speccom.ledger.manifest import Manifest
from speccom.period import FinancialYear, Month
from speccom.site.core.library import register, remembered
from speccom.site.finance.forms.position import Opened, Question

REMEMBERED = 32
IMPORTED = ("reference/budgets.parquet", "reference/contracts.parquet", "ledger/completion.parquet")


@dataclass(frozen=True)
class Found:
    """A position as everybody may see it: of everything, by line and provider, and month by month."""

    of: Standing
    may: Shown
    whole: Result
    lines: Result
    providers: Result
    course: Result


def months(held: Manifest) -> list[Month]:
    """The months that can be asked for."""
    return list(_months(held.built))


def commissioners(held: Manifest, year: FinancialYear) -> tuple[tuple[str, str], ...]:
    """Who pays for anything in a year: code and name, by name."""
    return _payers(held.built, year)


def found(held: Manifest, asked: Question) -> Found:
    """The position that was asked for. Raises `PositionError` for nobody who pays, `TooFew` for too few patients."""
    return _found(held.built, _changed(), asked.commissioner, asked.month)


def explained(held: Manifest, asked: Question, wanted: Opened) -> Explained:
    """The working of one number. A row that is not shown by itself is not opened either."""
    made = found(held, asked)
    if not wanted.by:
        return explain(made.of, ("commissioner",), (asked.commissioner,), wanted.number)
    if wanted.code not in made.may.alone[wanted.by]:
        raise PositionError(f"{wanted.code or 'That row'} is not shown by itself in this position.")
    return explain(made.of, (wanted.by,), (wanted.code,), wanted.number)


@remembered(2)
def _months(built: datetime) -> tuple[Month, ...]:
    return tuple(months_held(settings.WORKSPACE))


@remembered(REMEMBERED)
def _payers(built: datetime, year: FinancialYear) -> tuple[tuple[str, str], ...]:
    names = register().organisations
    codes = payers(settings.WORKSPACE, register(), year)
    return tuple(sorted(((code, names[code].name) for code in codes), key=lambda each: each[1]))


def _changed() -> tuple[int, ...]:
    """When what can be imported or measured last changed."""
    files = [settings.WORKSPACE.root / name for name in IMPORTED]
    return tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)


@remembered(REMEMBERED)
def _found(built: datetime, changed: tuple[int, ...], commissioner: str, month: Month) -> Found:
    held = year_to_date(settings.WORKSPACE, month, commissioner=commissioner, register=register())
    may, of = shown(held, commissioner), standing(held)
    return Found(
        of,
        may,
        position(of, ("commissioner",)),
        shown_position(of, "service_line", may),
        shown_position(of, "provider", may),
        by_month(of),
    )
