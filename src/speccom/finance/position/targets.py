"""Targets as imported: a commissioner's fair share of a year's money in exact pounds; none is worked out here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from speccom.finance.position import inputs
from speccom.finance.position.inputs import PositionError
from speccom.period import FinancialYear, PeriodError
from speccom.places.lists import AreaFile, load, read, save
from speccom.register import Register
from speccom.workspace import Workspace

KIND = "targets"
COLUMNS = ("commissioner", "year", "target", "note")
NEEDED = COLUMNS[:3]
NONE_IMPORTED = "no targets were imported: speccom reference import targets FILE"
_MONEY = pa.decimal128(38, 2)


def import_targets(workspace: Workspace, register: Register, path: Path) -> str:
    """Import targets from a CSV file in place of those before; give what was taken in, in words.

    Columns: commissioner, year (`2025/26`), target (pounds); note is for people. Raises `PositionError` with the row
    and field of a fault, or with the two rows and sums that give one commissioner two targets of a year.
    """
    file = read(path)
    inputs.columns(file, NEEDED, COLUMNS)
    held: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for number, cells in file.rows:
        body, year = inputs.commissioner(file, number, cells, register), _year(file, number, cells)
        target = inputs.pounds(file, number, cells, "target")
        if target <= 0:
            raise inputs.refuse(
                file, number, "target", "a target is above nothing; leave the row out for none."
            )
        if (body, year.code) in held:
            row, before = held[body, year.code]
            raise PositionError(
                f"{file.name}, rows {row} and {number}: both are the target of {body} in {year}, £{before:,.2f} and "
                f"£{target:,.2f}; keep one."
            )
        held[body, year.code] = number, target
    bodies, years = zip(*held, strict=True) if held else ((), ())
    pounds = pa.array([target for _, target in held.values()], _MONEY)
    table = {"commissioner": pa.array(bodies, pa.string()), "year": pa.array(years, pa.string())}
    save(workspace, KIND, file, pa.table({**table, "target": pounds}))
    return f"Imported {len(held):,} targets of {len(set(bodies)):,} commissioners from {file.name}."


def targets(workspace: Workspace, year: FinancialYear) -> Mapping[str, Decimal] | None:
    """Pounds by commissioner of a year, as imported; none where none were imported of any year."""
    table = load(workspace, KIND)
    if table is None:
        return None
    return {row["commissioner"]: row["target"] for row in table.to_pylist() if row["year"] == year.code}


def _year(file: AreaFile, number: int, cells: Mapping[str, str]) -> FinancialYear:
    try:
        return FinancialYear.parse(cells.get("year", ""))
    except PeriodError as error:
        raise inputs.refuse(file, number, "year", str(error)) from error
