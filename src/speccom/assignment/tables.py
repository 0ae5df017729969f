"""Reads and writes tables as CSV or Parquet, a batch at a time, with every value as it came."""

from __future__ import annotations

import codecs
import csv
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.errors import SpeccomError

BATCH_ROWS = 50_000
_BLOCK_BYTES = 1 << 20


class TableError(SpeccomError):
    """A file that cannot be read or written as a table; the message names it, and any row."""

    code = "table"


@contextmanager
def reading(path: Path) -> Iterator[tuple[list[str], Iterator[pa.Table]]]:
    """The column names of a file as it spells them, and its rows in order, as tables of `BATCH_ROWS`.

    Parquet by its suffix, else CSV: UTF-8 or, where it is not, Windows-1252; each value is a text.
    Raises `TableError`, at the latest when the faulty row is reached.
    """
    if not path.is_file():
        raise TableError(f"There is no file {path}: check its name.")
    if path.suffix.lower() == ".parquet":
        try:
            with pq.ParquetFile(path) as file:
                yield file.schema_arrow.names, map(_table, file.iter_batches(BATCH_ROWS))
        except (pa.ArrowInvalid, OSError) as error:
            raise TableError(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
        return
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        rows = csv.reader(file, strict=True)
        names = _next_row(rows, path)
        if not names:
            raise TableError(f"{path} is empty: give a file with a header row and records.")
        yield names, _csv_batches(rows, names, path)


@contextmanager
def writing(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """A function that adds a table's rows to a new file; the file appears, whole, when all is done.

    Parquet by its suffix, else CSV in UTF-8. Every table has the columns of the first.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with (_parquet_writer if path.suffix.lower() == ".parquet" else _csv_writer)(aside) as write:
            yield write
        aside.replace(path)
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def _csv_batches(rows: Iterator[list[str]], names: list[str], path: Path) -> Iterator[pa.Table]:
    def checked() -> Iterator[list[str]]:
        number = 1
        while (row := _next_row(rows, path)) is not None:
            number += 1
            if len(row) == len(names):
                yield row
            elif row:  # an empty line is no row
                raise TableError(
                    f"{path}, row {number}, has {len(row)} values where the header has {len(names)}: "
                    "look for a missing comma, a comma outside quotes, or a file that was cut short."
                )

    whole = checked()
    while batch := list(islice(whole, BATCH_ROWS)):
        columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
        yield pa.Table.from_arrays(columns, names)


def _next_row(rows: Iterator[list[str]], path: Path) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        line = getattr(rows, "line_num", "?")
        raise TableError(
            f"{path}, line {line}, cannot be read as CSV ({error}): check its quotes."
        ) from error


def _encoding(path: Path) -> str:
    """`utf-8-sig` or `cp1252`; refuses what is no text at all."""
    decoder, encoding = codecs.getincrementaldecoder("utf-8")(), "utf-8-sig"
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            if b"\0" in block:
                raise TableError(
                    f"{path} is not a CSV file: it holds NUL bytes. Save it as CSV in UTF-8, and give that."
                )
            encoding = encoding if _decodes(decoder, block) else "cp1252"
        return encoding if _decodes(decoder, b"", final=True) else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        decoder.reset()
        return False
    return True


@contextmanager
def _csv_writer(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer, begun = csv.writer(file, lineterminator="\n"), False

        def write(table: pa.Table) -> None:
            nonlocal begun
            if not begun:
                writer.writerow(table.column_names)
                begun = True
            writer.writerows(zip(*map(_cells, table.columns), strict=True))

        yield write


def _cells(column: pa.ChunkedArray[Any]) -> list[object]:
    values: list[object] = column.to_pylist()
    # As digits: str() may give a decimal an exponent.
    return [format(value, "f") if isinstance(value, Decimal) else value for value in values]


@contextmanager
def _parquet_writer(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    writer: pq.ParquetWriter | None = None

    def write(table: pa.Table) -> None:
        nonlocal writer
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
