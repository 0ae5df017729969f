"""How a table leaves the command line: text, CSV, XLSX or JSON, exact, and marked when it is synthetic."""

from __future__ import annotations

import json
import math
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from speccom import spreadsheets
from speccom.errors import SpeccomError
from speccom.spreadsheets import Cell, is_money
from speccom.spreadsheets import exact as exact  # commands write single amounts with it

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.table import Table

SYNTHETIC = "SYNTHETIC: made by Speccom's generator; no real patient, provider return or payment is in it."
ROWS_IN_TEXT = 60
"""What a person reads in a terminal; more than this is for a file."""
_BETWEEN, _NAME = 3, 16  # characters from one column to the next, and what a name needs at least
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)  # wider than any decimal of the ledger
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "�")


class OutputError(SpeccomError):
    """A result that cannot be written as asked."""

    code = "output"


class Format(StrEnum):
    """The forms in which a table can leave; all but `text` keep every decimal."""

    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def write_table(
    table: pa.Table,
    format: str,
    output: Path | None,
    *,
    title: str,
    synthetic: bool,
    notes: Sequence[str] = (),
) -> Path | None:
    """Write one table to `output`, or to the terminal when there is none; give back the file written.

    Decimals with three places are counts of activity, every other decimal is pounds (see `exact`).
    A workbook always needs a file: without `output` one is named after the title in this directory.
    `notes` say what was asked, of what, and from which sources.
    """
    if format not in _WRITERS:
        raise OutputError(f"{format!r} is not a format: write one of {', '.join(_WRITERS)}.")
    write = _WRITERS[Format(format)]
    if output is None and format == Format.XLSX:
        output = Path(file_name(title, "xlsx", synthetic=synthetic))
    if synthetic and format != Format.TEXT:
        print(SYNTHETIC, file=sys.stderr)
    if output is None:
        write(table, sys.stdout, title, synthetic, notes)
        return None
    with _replacing(output) as aside:
        if format == Format.XLSX:
            _write_workbook(aside, [(title, table)], title, synthetic, notes)
        else:
            with aside.open("w", encoding="utf-8", newline="") as handle:
                write(table, handle, title, synthetic, notes)
    print(f"Written: {output} ({table.num_rows:,} rows)", file=sys.stderr)
    return output


def write_workbook(
    path: Path,
    tables: Sequence[tuple[str, pa.Table]],
    *,
    title: str,
    synthetic: bool,
    notes: Sequence[str] = (),
) -> None:
    """One workbook with a sheet for each (name, table) after the sheet that says what it is."""
    with _replacing(path) as aside:
        _write_workbook(aside, tables, title, synthetic, notes)


def write_text(path: Path | None, text: str) -> None:
    """Text as a file, replaced as one act, or to the terminal where none is named."""
    if path is None:
        sys.stdout.write(text)
        return
    with _replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")
    print(f"Written: {path}", file=sys.stderr)


def write_csv(path: Path, table: pa.Table) -> None:
    """One table as an exact CSV file, replaced as one act."""
    with _replacing(path) as aside, aside.open("w", encoding="utf-8", newline="") as handle:
        _csv(table, handle, "", False, ())


def file_name(title: str, suffix: str, *, synthetic: bool) -> str:
    """The name we give a file when nobody named it; synthetic data says so first."""
    return f"{'synthetic-' if synthetic else ''}{spreadsheets.slug(title)}.{suffix}"


def _csv(table: pa.Table, stream: IO[str], _title: str, _synthetic: bool, _notes: Sequence[str]) -> None:
    spreadsheets.write_csv(table, stream)


def _json(table: pa.Table, stream: IO[str], title: str, synthetic: bool, notes: Sequence[str]) -> None:
    about: dict[str, object] = {"synthetic": synthetic, "title": title, "notes": list(notes)}
    if columns := _columns(table):
        about["columns"] = {name: {"unit": unit, "meaning": meaning} for name, unit, meaning in columns}
    stream.write(json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": [')
    separator = "\n"
    for batch in spreadsheets.rows(table):
        for row in batch:
            stream.write(
                separator + json.dumps(dict(zip(table.column_names, row, strict=True)), ensure_ascii=False)
            )
            separator = ",\n"
    stream.write("\n]}\n")


def _columns(table: pa.Table) -> list[tuple[str, str, str]]:
    """(name, unit, meaning) of each column that says what it is."""
    return [
        (field.name, field.metadata.get(b"unit", b"").decode(), field.metadata[b"meaning"].decode())
        for field in table.schema
        if field.metadata and b"meaning" in field.metadata
    ]


def _text(table: pa.Table, stream: IO[str], title: str, synthetic: bool, notes: Sequence[str]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    shown = _shown(table.slice(0, ROWS_IN_TEXT))
    widths = [max(len(text) for text in (*column.heading.split(), *column.cells, "")) for column in shown]
    if console.is_terminal:  # a pipe or a file has no edge to fit
        _fit(widths, shown, console.width)
    console.width = sum(widths) + _BETWEEN * len(widths)
    if synthetic:
        console.print(Text(SYNTHETIC, style="bold"), soft_wrap=True)
    console.print(Text(title, style="bold"), soft_wrap=True)
    console.print(_drawn(shown, widths))
    if table.num_rows > ROWS_IN_TEXT:
        more = table.num_rows - ROWS_IN_TEXT
        console.print(f"… {more:,} more rows: use --format csv", soft_wrap=True)
    elif table.num_rows == 0:
        console.print("No rows.")
    for note in notes:
        console.print(Text(note, style="dim"), soft_wrap=True)


class _Shown(NamedTuple):
    """One column as a person reads it: pounds to the penny, thousands apart."""

    heading: str
    number: bool
    cells: list[str]


def _shown(table: pa.Table) -> list[_Shown]:
    import pyarrow.types as types

    numeric = (types.is_decimal, types.is_integer, types.is_floating)
    return [
        _Shown(
            field.name.replace("_", " "),
            any(is_of(field.type) for is_of in numeric),
            [_readable(value, is_money(field)) for value in column.to_pylist()],
        )
        for field, column in zip(table.schema, table.columns, strict=True)
    ]


def _fit(widths: list[int], shown: Sequence[_Shown], edge: int) -> None:
    """Narrow the widest names, a character at a time, until the table fits; codes and numbers stay whole."""
    while sum(widths) + _BETWEEN * len(widths) > edge:
        names = [place for place, column in enumerate(shown) if not column.number and widths[place] > _NAME]
        if not names:
            return
        widths[max(names, key=widths.__getitem__)] -= 1


def _readable(value: Cell, money: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return (
            f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"
            if money
            else f"{Decimal(exact(value, 0)):,f}"
        )
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.{_places(value)}f}" if math.isfinite(value) else "–"
    return str(value).translate(_CONTROL)


def _places(value: float) -> int:
    """Decimals that a reader needs: a ratio or share has three, a rate two, what is in thousands none."""
    size = abs(value)
    return 3 if size < 10 else 2 if size < 1000 else 0


def _drawn(shown: Sequence[_Shown], widths: Sequence[int]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold")
    for column, width in zip(shown, widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.number else "left"
        drawn.add_column(Text(column.heading), justify=justify, vertical="bottom", width=width)
    for row in zip(*(column.cells for column in shown), strict=True):
        drawn.add_row(*(Text(_cut(cell, width)) for cell, width in zip(row, widths, strict=True)))
    return drawn


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _write_workbook(
    path: Path, tables: Sequence[tuple[str, pa.Table]], title: str, synthetic: bool, notes: Sequence[str]
) -> None:
    made = f"Made {datetime.now(UTC):%-d %B %Y, %H:%M} UTC by Speccom"
    about = [title, *([SYNTHETIC] if synthetic else []), made, *notes]
    for _, table in tables:
        about += [
            f"{name}{f' ({unit})' if unit else ''}: {meaning}" for name, unit, meaning in _columns(table)
        ]
    about.append("Pounds are shown to the penny; a column ending _exact keeps digits that a cell cannot.")
    printed = (SYNTHETIC if synthetic else "", title)
    spreadsheets.write_workbook(str(path), tables, about, emphasised=(SYNTHETIC,), printed=printed)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write into, put in its place only when it is whole."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}. Name another with --output."
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


_WRITERS = {Format.TEXT: _text, Format.CSV: _csv, Format.XLSX: _text, Format.JSON: _json}
