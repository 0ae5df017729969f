"""What the decision table looks up, as small tables made from the register for the months at hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date

import pyarrow as pa

from speccom.engine import Engine
from speccom.period import FinancialYear, Month, PeriodError
from speccom.register import Register

COLOURS = {"GREEN", "AMBER", "RED", "BLUE"}

TEXT: pa.DataType = pa.string()
NUMBER: pa.DataType = pa.int32()
DAY: pa.DataType = pa.date32()
FLAG: pa.DataType = pa.bool_()

_COLUMNS = {
    "month_on": {"financial_year": TEXT, "month": NUMBER, "on_date": DAY},
    "area_on": {
        "on_date": DAY,
        "area": TEXT,
        "kind": TEXT,
        "icb": TEXT,
        "region": TEXT,
        "hub": TEXT,
        "justice_hub": TEXT,
        "delegated": FLAG,
    },
    "host_on": {
        "on_date": DAY,
        "provider": TEXT,
        "icb": TEXT,
        "region": TEXT,
        "hub": TEXT,
    },
    "line_on": {"on_date": DAY, "service_code": TEXT, "status": TEXT, "category": TEXT},
    "known_code": {"service_code": TEXT},
    "practice_list": {"practice": TEXT, "prison": FLAG, "armed_forces": FLAG},
}


def register_lookups(
    engine: Engine,
    register: Register,
    months: Iterable[tuple[str | None, int | None]],
    prison_practices: Iterable[str] = (),
    armed_forces_practices: Iterable[str] = (),
) -> None:
    """Make the look-ups readable on an engine, for the financial years (`202526`) and months (1 to 12) given.

    A year or month that cannot be read gets no day, so that nothing resolves on it. Each table has one
    row per day and code: month_on, area_on, host_on, line_on; and known_code, practice_list without a day.
    """
    rows = _rows(register, months, prison_practices, armed_forces_practices)
    for name, kinds in _COLUMNS.items():
        engine.register(name, _table(kinds, rows[name]))


def digest_of_lookups(
    register: Register,
    months: Iterable[tuple[str | None, int | None]],
    prison_practices: Iterable[str] = (),
    armed_forces_practices: Iterable[str] = (),
) -> str:
    """A digest of all that assigning the given months looks up; the same whatever else the register says.

    It is of the rows that `register_lookups` hands to the engine, in any order, and of nothing else: what the
    assignment reads it reads from them.
    """
    rows = _rows(register, months, prison_practices, armed_forces_practices)
    digest = hashlib.sha256()
    for name in _COLUMNS:
        digest.update(json.dumps([name, sorted(json.dumps(row, default=str) for row in rows[name])]).encode())
    return digest.hexdigest()


def _rows(
    register: Register,
    months: Iterable[tuple[str | None, int | None]],
    prison_practices: Iterable[str],
    armed_forces_practices: Iterable[str],
) -> dict[str, Iterator[tuple[object, ...]]]:
    """The rows of each table of `_COLUMNS`."""
    days = {pair: day for pair in months if (day := first_day(*pair)) is not None}
    on_dates = sorted(set(days.values()))
    prison, armed = set(prison_practices), set(armed_forces_practices)
    return {
        "month_on": ((year, month, day) for (year, month), day in days.items()),
        "area_on": (row for on in on_dates for row in _areas(register, on)),
        "host_on": (row for on in on_dates for row in _hosts(register, on)),
        "line_on": (row for on in on_dates for row in _lines(register, on)),
        "known_code": ((code,) for code in register.lines),
        "practice_list": ((each, each in prison, each in armed) for each in sorted(prison | armed)),
    }


def first_day(financial_year: str | None, month: int | None) -> date | None:
    """The first day of a financial month, or none where the year (`202526`) or month cannot be read."""
    if financial_year is None or month is None or "/" in financial_year:
        return None
    try:
        return Month(FinancialYear.parse(financial_year), month).start
    except (PeriodError, ValueError):  # a ValueError is the year 10000
        return None


def _areas(register: Register, on: date) -> Iterator[tuple[object, ...]]:
    for area in register.areas(on).values():
        hub, justice_hub = register.hub(area.region, on), register.justice_hub(area.region, on)
        delegated = register.arrangement(area.region, on) == "delegated"
        yield on, area.code, area.kind, area.icb, area.region, hub, justice_hub, delegated


def _hosts(register: Register, on: date) -> Iterator[tuple[object, ...]]:
    areas = register.areas(on)
    for provider in register.providers:
        host = areas.get(register.host_icb(provider, on) or "")
        if host is not None:
            yield on, provider, host.icb, host.region, register.hub(host.region, on)


def _lines(register: Register, on: date) -> Iterator[tuple[object, ...]]:
    for code, line in register.lines.items():
        status = register.line_status(code, on)
        mental_health = line.grouping == "Mental Health"
        yield on, code, status, ("22" if mental_health else "21") if status in COLOURS else None


def _table(kinds: dict[str, pa.DataType], rows: Iterator[tuple[object, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    arrays = (pa.array(list(column), kind) for column, kind in zip(columns, kinds.values(), strict=True))
    return pa.table(dict(zip(kinds, arrays, strict=True)))
