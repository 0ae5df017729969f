"""How a table leaves the command line: text, CSV, XLSX or JSON, exact, and marked when it is synthetic."""

from __future__ import annotations

import csv
import json
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from speccom.errors import SpeccomError

if TYPE_CHECKING:
    import pyarrow as pa
    import xlsxwriter
    from rich.table import Table

SYNTHETIC = "SYNTHETIC: made by Speccom's generator; no real patient, provider return or payment is in it."
ROWS_IN_TEXT = 60
"""What a person reads in a terminal; more than this is for a file."""
_DIGITS_A_SPREADSHEET_KEEPS = 15
_ROWS_IN_A_SHEET = 1_048_575  # Excel's own limit, less the heading
_CHARACTERS_IN_A_CELL = 32_767
_BETWEEN, _NAME = 3, 16  # characters from one column to the next, and what a name needs at least
_BATCH = 20_000
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)  # wider than any decimal of the ledger
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "�")

Cell: TypeAlias = str | int | float | bool | date | Decimal | None


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


def write_csv(path: Path, table: pa.Table) -> None:
    """One table as an exact CSV file, replaced as one act."""
    with _replacing(path) as aside, aside.open("w", encoding="utf-8", newline="") as handle:
        _csv(table, handle, "", False, ())


def file_name(title: str, suffix: str, *, synthetic: bool) -> str:
    """The name we give a file when nobody named it; synthetic data says so first."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"
    return f"{'synthetic-' if synthetic else ''}{slug}.{suffix}"


def exact(value: Decimal, least: int = 2) -> str:
    """A decimal as text without exponent: no digit lost, at least `least` places kept (`1234.50`)."""
    whole, _, places = f"{value:f}".partition(".")
    places = places.rstrip("0").ljust(least, "0")
    return f"{whole}.{places}" if places else whole


def is_money(field: pa.Field[Any]) -> bool:
    """Whether a column holds pounds: every decimal but those of three places, which count activity."""
    import pyarrow.types as types

    return bool(types.is_decimal(field.type) and field.type.scale != 3)


def _csv(table: pa.Table, stream: IO[str], _title: str, _synthetic: bool, _notes: Sequence[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.column_names)
    for rows in _rows(table, text=_spreadsheet_safe):
        writer.writerows(rows)


def _json(table: pa.Table, stream: IO[str], title: str, synthetic: bool, notes: Sequence[str]) -> None:
    about = {"synthetic": synthetic, "title": title, "notes": list(notes)}
    stream.write(json.dumps(about, ensure_ascii=False)[:-1] + ', "rows": [')
    separator = "\n"
    for rows in _rows(table):
        for row in rows:
            stream.write(
                separator + json.dumps(dict(zip(table.column_names, row, strict=True)), ensure_ascii=False)
            )
            separator = ",\n"
    stream.write("\n]}\n")


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
    return str(value).translate(_CONTROL)


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
    import xlsxwriter

    # Text stays text: nothing that a provider wrote may become a formula, a link or a number.
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        about = book.add_worksheet("About")
        about.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
        made = f"Made {datetime.now(UTC):%-d %B %Y, %H:%M} UTC by Speccom"
        lines = [title, *([SYNTHETIC] if synthetic else []), made, *notes]
        lines.append("Pounds are shown to the penny; a column ending _exact keeps digits that a cell cannot.")
        for row, line in enumerate(lines):
            about.write_string(row, 0, line, bold if row == 0 or line == SYNTHETIC else None)
        for name, table in tables:
            for number, start in enumerate(range(0, max(table.num_rows, 1), _ROWS_IN_A_SHEET)):
                _sheet(book, _sheet_name(name, number), table.slice(start, _ROWS_IN_A_SHEET))


def _sheet_name(name: str, number: int) -> str:
    clean = re.sub(r"[\[\]:*?/\\']", " ", name).strip() or "Table"
    return clean[:31] if number == 0 else f"{clean[:27]} {number + 1}"


def _sheet(book: xlsxwriter.Workbook, name: str, table: pa.Table) -> None:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bottom": 1})
    pounds = book.add_format({"num_format": "#,##0.00"})
    quantity = book.add_format({"num_format": "#,##0.###"})
    whole = book.add_format({"num_format": "#,##0"})
    columns = _with_exact_columns(table)
    sheet.freeze_panes(1, 0)
    if table.num_rows:
        sheet.autofilter(0, 0, table.num_rows, len(columns) - 1)
    for index, (label, _, values) in enumerate(columns):
        widest = max((len(_readable(value, True)) for value in values[:200]), default=0)
        sheet.set_column(index, index, min(max(widest, len(label)) + 2, 60))
        sheet.write_string(0, index, label, heading)
    for row, cells in enumerate(zip(*(values for _, _, values in columns), strict=True), start=1):
        for index, value in enumerate(cells):
            if value is None:
                continue
            if isinstance(value, Decimal):
                sheet.write_number(row, index, value, pounds if columns[index][1] else quantity)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(row, index, value, whole if isinstance(value, int) else None)
            else:
                sheet.write_string(row, index, _plain(value)[:_CHARACTERS_IN_A_CELL])


def _with_exact_columns(table: pa.Table) -> list[tuple[str, bool, list[Cell]]]:
    """(name, pounds?, values) of each column; beside one that a spreadsheet would round, its exact text."""
    columns: list[tuple[str, bool, list[Cell]]] = []
    for field, column in zip(table.schema, table.columns, strict=True):
        values, money = column.to_pylist(), is_money(field)
        columns.append((field.name, money, values))
        decimals = (value for value in values if isinstance(value, Decimal))
        if any(len(value.normalize().as_tuple().digits) > _DIGITS_A_SPREADSHEET_KEEPS for value in decimals):
            least = 2 if money else 0
            texts: list[Cell] = [
                exact(value, least) if isinstance(value, Decimal) else None for value in values
            ]
            columns.append((f"{field.name}_exact", False, texts))
    return columns


def _exact_or_none(value: Cell, money: bool) -> Cell:
    return exact(value, 2 if money else 0) if isinstance(value, Decimal) else None


def _plain(value: Cell) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _rows(table: pa.Table, text: Any = None) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Rows in batches, decimals as exact text and dates in ISO form; `text` is applied to every string."""
    least = [2 if is_money(field) else 0 for field in table.schema]
    for start in range(0, table.num_rows, _BATCH):
        batch = table.slice(start, _BATCH)
        columns = [
            [_portable(value, places, text) for value in column.to_pylist()]
            for column, places in zip(batch.columns, least, strict=True)
        ]
        yield zip(*columns, strict=True)


def _portable(value: Any, least: int, text: Any) -> Any:
    if isinstance(value, str):
        return text(value) if text else value
    if isinstance(value, Decimal):
        return exact(value, least)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) and text:  # CSV has only text: write it as JSON does
        return "true" if value else "false"
    return value


def _spreadsheet_safe(value: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; the rest stays."""
    return f"'{value}" if value.startswith(_FORMULA) else value


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
