"""How budgets and contracts are read from CSV files: exact pounds, whole months, codes that the register knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from speccom.errors import SpeccomError
from speccom.period import Interval, Month, PeriodError, parse_date
from speccom.places.lists import AreaFile
from speccom.register import Register

PENNY = Decimal("0.01")
_POUNDS = re.compile(r"-?\d{1,15}(\.\d{1,2})?")
_RATE = re.compile(r"(0|1)(\.\d{1,12})?")
_PROVIDER = re.compile(r"[A-Z0-9]{3,6}")
_LINE = re.compile(r"[A-Z0-9]{3,12}")


class PositionError(SpeccomError):
    """A position that cannot be given as asked, or a file of budgets or contracts that cannot be taken in."""

    code = "position"


def columns(file: AreaFile, needed: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a header that lacks what is needed, or has a column that nobody would read."""
    lacking = [name for name in needed if name not in file.header]
    strange = [name for name in file.header if name not in known]
    if lacking or strange or len(set(file.header)) != len(file.header):
        fault = (
            f"no column {lacking[0]}"
            if lacking
            else f"nothing reads the column {strange[0]!r}"
            if strange
            else "a column is there twice"
        )
        raise PositionError(f"{file.name}, row 1: {fault}; the columns are {', '.join(known)}.")


def refuse(file: AreaFile, row: int, field: str, why: str) -> PositionError:
    """What is wrong with one field of a file."""
    return PositionError(f"{file.name}, row {row}, field {field}: {why}")


def pounds(file: AreaFile, row: int, cells: Mapping[str, str], field: str) -> Decimal:
    """Exact pounds, to the penny at most: `1234567.89`, without a sign of currency or commas."""
    text = cells.get(field, "")
    if not _POUNDS.fullmatch(text):
        raise refuse(file, row, field, f"{text[:24]!r} is no sum in pounds; write it as 1234567.89.")
    return Decimal(text)


def rate(file: AreaFile, row: int, cells: Mapping[str, str], field: str) -> Decimal:
    """A share from 0 to 1."""
    text = cells.get(field, "")
    if not _RATE.fullmatch(text) or Decimal(text) > 1:
        raise refuse(file, row, field, f"{text[:24]!r} is no share from 0 to 1; write 0.75 for 75%.")
    return Decimal(text)


def whole_months(file: AreaFile, row: int, cells: Mapping[str, str]) -> Interval:
    """The half-open dates `from` and `to`, both the first day of a month."""
    days = []
    for field in ("from", "to"):
        try:
            day = parse_date(cells.get(field, ""))
        except PeriodError as error:
            raise refuse(file, row, field, str(error)) from error
        if day.day != 1:
            raise refuse(
                file,
                row,
                field,
                f"{day} is not the first day of a month; months are whole, and `to` is the first day after.",
            )
        days.append(day)
    try:
        return Interval(days[0], days[1])
    except PeriodError as error:
        raise refuse(file, row, "to", str(error)) from error


def commissioner(file: AreaFile, row: int, cells: Mapping[str, str], register: Register) -> str:
    """A board, a hub or another body of the register that pays; not a sub-ICB location, whose board does."""
    code = cells.get("commissioner", "").upper()
    body = register.organisations.get(code)
    if body is None:
        raise refuse(
            file,
            row,
            "commissioner",
            f"{code[:12]!r} is no body of the register; give a board's or hub's code.",
        )
    if body.role == "sub-ICB location":
        board = register.board_on(code, body.valid_from) or "its board"
        raise refuse(
            file, row, "commissioner", f"{code} is a location within {board}, which pays: name that."
        )
    return code


def provider(file: AreaFile, row: int, cells: Mapping[str, str]) -> str:
    """A provider's code; independent providers are many, so it need not be in the register."""
    code = cells.get("provider", "").upper()
    if not _PROVIDER.fullmatch(code) or code.endswith("00"):
        raise refuse(file, row, "provider", f"{code[:12]!r} is no provider's code, such as RJ1.")
    return code


def service_line(file: AreaFile, row: int, cells: Mapping[str, str]) -> str:
    """A service line's code as it stands in the ledger."""
    code = cells.get("service_line", "").upper()
    if not _LINE.fullmatch(code):
        raise refuse(file, row, "service_line", f"{code[:16]!r} is no service line, such as NCBPS11B.")
    return code


def months_of(interval: Interval) -> list[Month]:
    """The months of an interval that begins and ends with one."""
    if interval.end is None:
        raise PositionError(f"What begins on {interval.start} has no end: give the first day after it.")
    months = [Month.containing(interval.start)]
    while months[-1].end < interval.end:
        months.append(Month.containing(months[-1].end))
    return months


def monthly(pounds: Decimal, interval: Interval) -> dict[Month, Decimal]:
    """A sum over the months of an interval in equal parts to the penny; the parts add up to it exactly."""
    months = months_of(interval)
    parts, before = {}, Decimal(0)
    for number, month in enumerate(months, start=1):
        upto = (pounds * number / len(months)).quantize(PENNY, ROUND_HALF_EVEN)
        parts[month] = upto - before
        before = upto
    return parts


def said(interval: Interval) -> str:
    """An interval as an error names it."""
    end: date | None = interval.end
    return f"[{interval.start}, {end or '…'})"
