"""Assigns the records of one file outside the ledger: finds the columns, runs the table, adds its answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from speccom.assignment import DECIDING_COLUMNS, assign, register_lookups
from speccom.assignment.tables import TableError, reading, writing
from speccom.contracts.schemas import DATA_SETS, fields, normalise_header
from speccom.engine import Engine
from speccom.register import Register

SHORT_HEADERS = {
    "financial_year": "financial_year",
    "month": "month",
    "provider": "provider",
    "commissioner": "submitted_commissioner",
    "category": "submitted_category",
    "service_code": "service_code",
    "pod": "point_of_delivery",
    "tfc": "treatment_function",
    "gp_responsibility": "gp_responsibility",
    "residence_responsibility": "residence_responsibility",
    "practice": "practice",
}
OPTIONAL = {"practice"}

# What is added, and the column of `assigned` that it comes from.
ADDED = {
    "assigned_commissioner": "assigned_commissioner",
    "assigned_category": "assigned_category",
    "assigned_reason": "reason",
}

_MONTH = re.compile(r"0?[1-9]|1[0-2]")
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_ANSWERS = """
    select assigned_commissioner, assigned_category, reason, reason like 'X-%' as unresolved
    from assigned
    order by row nulls last
"""

Months = set[tuple[str | None, int | None]]


@dataclass(frozen=True, slots=True)
class Assigned:
    """What was done with a file."""

    rows: int
    unresolved: int


@dataclass(frozen=True, slots=True)
class Practices:
    """The imported lists of practices, codes in upper case."""

    prison: Collection[str] = ()
    armed_forces: Collection[str] = ()


def assign_file(
    source: Path, output: Path, *, engine: Engine, register: Register, practices: Practices
) -> Assigned:
    """Write `source` to `output` with who pays for each record: its rows and columns, and those of `ADDED`.

    Headers are the short ones, the Data Dictionary's, or the ledger's. A column of `source` that has the
    name of an added one is replaced. No check is run: a record that cannot be placed is unresolved.
    Raises `TableError` for a file that cannot be read, or that lacks a column; then nothing is written.
    """
    with reading(source) as (names, batches):
        places = _find_columns(names, source)
        if output.exists() and output.samefile(source):
            raise TableError(f"{output} is the file to be read: give --output another name.")
        rows = unresolved = 0
        months: Months = set()
        with writing(output) as write:
            for batch in batches:
                answers = _assign_batch(engine, register, practices, _records(batch, places), months)
                write(_added(batch, answers))
                rows += batch.num_rows
                unresolved += answers["unresolved"].to_pylist().count(True)
            if rows == 0:
                write(_added(_no_rows(names), _no_rows(list(ADDED.values()))))
    return Assigned(rows, unresolved)


def _find_columns(names: list[str], source: Path) -> dict[str, int]:
    """Deciding column → its place in the file. Raises `TableError` for one missing, or there twice."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        column = _columns_by_header().get(normalise_header(name))
        if column in found:
            raise TableError(
                f"{source} has two columns for the same thing, {names[found[column]]!r} and {name!r}: "
                "take one out."
            )
        if column is not None:
            found[column] = place
    missing = [
        short for short, column in SHORT_HEADERS.items() if column not in found and short not in OPTIONAL
    ]
    if missing:
        raise TableError(
            f"{source} lacks {'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)}: "
            "put these names, or the Data Dictionary's, in its first row."
        )
    return found


@cache
def _columns_by_header() -> Mapping[str, str]:
    """Each header that is understood, as `normalise_header` spells it → the deciding column."""
    standard = {
        name: field.column
        for data_set in DATA_SETS
        for field in fields(data_set)
        for name in (field.name, field.also_named)
        if name and field.column in DECIDING_COLUMNS
    }
    spelt = {**{column: column for column in DECIDING_COLUMNS}, **SHORT_HEADERS, **standard}
    return {normalise_header(name): column for name, column in spelt.items()}


def _records(batch: pa.Table, places: Mapping[str, int]) -> pa.Table:
    """The deciding columns of a batch as the table reads them, with a row number."""
    columns: dict[str, pa.Array[Any]] = {"row": pa.array(range(batch.num_rows), pa.int64())}
    for name in DECIDING_COLUMNS:
        if name in places:
            columns[name] = _codes(batch.column(places[name]), as_month=name == "month")
        else:
            columns[name] = pa.nulls(batch.num_rows, pa.string())
    return pa.table(columns)


def _codes(column: pa.ChunkedArray[Any], *, as_month: bool) -> pa.Array[Any]:
    """Codes trimmed and in upper case, a blank as null; or months as numbers, an unreadable one as null."""
    spelt = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = [_code(text) for text in spelt.dictionary.to_pylist()]
    if as_month:
        months = [int(code) if code and _MONTH.fullmatch(code) else None for code in codes]
        return pa.array(months, pa.int32()).take(spelt.indices)
    return pa.array(codes, pa.string()).take(spelt.indices)


def _code(text: str | None) -> str | None:
    return (text or "").translate(_UNSEEN).strip().upper() or None


def _assign_batch(
    engine: Engine, register: Register, practices: Practices, records: pa.Table, months: Months
) -> pa.Table:
    """The answers for a batch, in its order. `months` are those looked up so far, and grows."""
    found = set(zip(records["financial_year"].to_pylist(), records["month"].to_pylist(), strict=True))
    if not months or not found <= months:
        months |= found
        register_lookups(engine, register, months, practices.prison, practices.armed_forces)
    engine.register("records", records)
    assign(engine)
    return engine.fetch(_ANSWERS)


def _added(batch: pa.Table, answers: pa.Table) -> pa.Table:
    """A batch with the answers, each in the place of a column of its name, else after the others."""
    names, columns = list(batch.column_names), list(batch.columns)
    for name, column in ADDED.items():
        if name in names:
            columns[names.index(name)] = answers[column]
        else:
            names.append(name)
            columns.append(answers[column])
    return pa.Table.from_arrays(columns, names)


def _no_rows(names: list[str]) -> pa.Table:
    return pa.Table.from_arrays([pa.array([], pa.string()) for _ in names], names)
