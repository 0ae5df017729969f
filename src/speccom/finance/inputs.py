"""What a finance team brings for allocations: baselines and the market forces factor by board, kept as imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from speccom.places.lists import AreaFile, AreaListError, Imported, boards, lacking, load, read, save
from speccom.register import Register
from speccom.workspace import Workspace

BASELINES, MARKET_FORCES = "baselines", "market-forces"
_COLUMNS = {BASELINES: ("baseline", "allocation"), MARKET_FORCES: ("market_forces_factor", "mff")}
_WHAT = {BASELINES: "baselines by board", MARKET_FORCES: "the market forces factor by board"}
_AREA = "area"
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")


def import_baselines(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import what each board has before the first year: a column of boards, and `baseline` (pounds)."""
    return _import(workspace, register, path, BASELINES)


def import_market_forces(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import the market forces factor: a column of boards, and `market_forces_factor` (1 is England's mean)."""
    return _import(workspace, register, path, MARKET_FORCES)


def baselines(workspace: Workspace) -> dict[str, Decimal] | None:
    """Pounds by board as imported; none where none were."""
    return _load(workspace, BASELINES)


def market_forces(workspace: Workspace) -> dict[str, Decimal] | None:
    """The market forces factor by board as imported; none where none was."""
    return _load(workspace, MARKET_FORCES)


def read_list(register: Register, path: Path, kind: str) -> dict[str, Decimal]:
    """The same from a file that is not imported; its areas may also be others than boards, in a column `area`.

    `kind` is `BASELINES` or `MARKET_FORCES`. Raises `AreaListError`, naming row and field.
    """
    return dict(_values(register, read(path), kind))


def _import(workspace: Workspace, register: Register, path: Path, kind: str) -> Imported:
    """Take in a list in place of the one before. Raises `AreaListError`, naming row and field."""
    file = read(path)
    codes = boards(file, register)
    values = _digits(file, codes, kind)
    save(workspace, kind, file, pa.table({"area": codes, "value": values}))
    return Imported(len(codes), "icb", file.name)


def _values(register: Register, file: AreaFile, kind: str) -> Iterator[tuple[str, Decimal]]:
    codes = [row[_AREA] for _, row in file.rows] if _AREA in file.header else boards(file, register)
    return zip(codes, map(Decimal, _digits(file, codes, kind)), strict=True)


def _digits(file: AreaFile, codes: list[str], kind: str) -> list[str]:
    """The value of each row. Raises `AreaListError` for an area that is there twice, and for what is no value."""
    column = next((name for name in _COLUMNS[kind] if name in file.header), None)
    if column is None:
        raise lacking(file, [_COLUMNS[kind][0]], _WHAT[kind])
    values = [_value(file, number, row, column, kind) for number, row in file.rows]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise AreaListError(
            f"{file.name}: {', '.join(twice)} {'is' if len(twice) == 1 else 'are'} there twice."
        )
    return values


def _value(file: AreaFile, number: int, row: dict[str, str], column: str, kind: str) -> str:
    """The digits of a cell, kept as they are: money is exact."""
    digits = row[column].removeprefix("£").replace(",", "")
    if not _NUMBER.fullmatch(digits):
        raise file.refuse(number, column, f"{row[column][:20]!r} is no number of 0 or more; correct it.")
    if kind == MARKET_FORCES and not Decimal(digits):
        raise file.refuse(number, column, "a factor of 0 leaves a board without a target; correct it.")
    return digits


def _load(workspace: Workspace, kind: str) -> dict[str, Decimal] | None:
    table = load(workspace, kind)
    return None if table is None else {row["area"]: Decimal(row["value"]) for row in table.to_pylist()}
