"""Writes Arrow tables as CSV and workbooks: every digit kept, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa
    import xlsxwriter

Cell: TypeAlias = str | int | float | bool | date | Decimal | None

_DIGITS_A_SPREADSHEET_KEEPS = 15
_ROWS_IN_A_SHEET = 1_048_575  # Excel's own limit, less the heading
_CHARACTERS_IN_A_CELL = 32_767
_CHARACTERS_ABOVE_A_PAGE = 200  # Excel takes 255, codes included
_BATCH = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: pa.Table, stream: IO[str]) -> None:
    """A heading, then every row: decimals exact, dates ISO, text that begins a formula made harmless."""
    for text in csv_parts(table):
        stream.write(text)


def csv_parts(table: pa.Table) -> Iterator[str]:
    """What `write_csv` writes, some thousand rows at a time, for whoever sends it on as it is made."""
    buffer = _Buffer()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([harmless(name) for name in table.column_names])
    yield buffer.taken()
    for batch in rows(table, text=harmless):
        writer.writerows(batch)
        yield buffer.taken()


def write_workbook(
    to: str | IO[bytes],
    tables: Sequence[tuple[str, pa.Table]],
    about: Sequence[str],
    *,
    emphasised: Sequence[str] = (),
    printed: tuple[str, str] = ("", ""),
) -> None:
    """A sheet `About` with a line for each text, then a sheet for each table.

    The first line, and those `emphasised`, are bold. `printed` stands above and below each page on paper, the
    second beside its number. A table longer than a sheet goes on in another.
    Beside a column of decimals that a spreadsheet would round stands one named `_exact` with their text.
    """
    import xlsxwriter

    # Text stays text: nothing that a provider wrote may become a formula, a link or a number.
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(to, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("About")
        sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
        for row, line in enumerate(about):
            sheet.write_string(
                row, 0, line[:_CHARACTERS_IN_A_CELL], bold if row == 0 or line in emphasised else None
            )
        for name, table in tables:
            for number, start in enumerate(range(0, max(table.num_rows, 1), _ROWS_IN_A_SHEET)):
                _sheet(book, _sheet_name(name, number), table.slice(start, _ROWS_IN_A_SHEET))
        for each in book.worksheets():
            _on_paper(each, *printed)


def rows(
    table: pa.Table, text: Callable[[str], str] | None = None
) -> Iterator[Iterator[tuple[str | int | float | bool | None, ...]]]:
    """Rows in batches, decimals as exact text and dates in ISO form; `text` is applied to every string."""
    least = [2 if is_money(field) else 0 for field in table.schema]
    for start in range(0, table.num_rows, _BATCH):
        batch = table.slice(start, _BATCH)
        columns = [
            [_portable(value, places, text) for value in column.to_pylist()]
            for column, places in zip(batch.columns, least, strict=True)
        ]
        yield zip(*columns, strict=True)


def exact(value: Decimal, least: int = 2) -> str:
    """A decimal as text without exponent: no digit lost, at least `least` places kept (`1234.50`)."""
    whole, _, places = f"{value:f}".partition(".")
    places = places.rstrip("0").ljust(least, "0")
    return f"{whole}.{places}" if places else whole


def is_money(field: pa.Field[Any]) -> bool:
    """Whether a column holds pounds: every decimal but those of three places, which count activity."""
    import pyarrow.types as types

    return bool(types.is_decimal(field.type) and field.type.scale != 3)


def harmless(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; the rest stays."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def slug(title: str) -> str:
    """A title as the name of a file writes it."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"


class _Buffer:
    """What a CSV writer can write to, and that gives back what was written since it was last asked."""

    def __init__(self) -> None:
        self._written: list[str] = []

    def write(self, text: str) -> None:
        self._written.append(text)

    def taken(self) -> str:
        taken, self._written = "".join(self._written), []
        return taken


def _portable(value: Any, least: int, text: Callable[[str], str] | None) -> Any:
    if isinstance(value, str):
        return text(value) if text else value
    if isinstance(value, Decimal):
        return exact(value, least)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) and text:  # CSV has only text: write it as JSON does
        return "true" if value else "false"
    return value


# --- sheets


def _sheet_name(name: str, number: int) -> str:
    clean = re.sub(r"[\[\]:*?/\\']", " ", name).strip() or "Table"
    return clean[:31] if number == 0 else f"{clean[:27]} {number + 1}"


def _on_paper(sheet: Any, above: str, below: str) -> None:
    """How a sheet prints: across, as wide as a page, the heading on each."""
    above, below = (text.replace("&", "&&")[:_CHARACTERS_ABOVE_A_PAGE] for text in (above, below))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    if sheet.name != "About":
        sheet.repeat_rows(0)
    sheet.set_header(f"&C{above}" if above else "")
    sheet.set_footer(f"&L{below}&RPage &P of &N")


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
        widest = max((_width(value) for value in values[:200]), default=0)
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


def _width(value: Cell) -> int:
    """The characters that a cell shows: pounds to the penny, thousands apart."""
    if isinstance(value, Decimal):
        return len(f"{value:,.2f}")
    if isinstance(value, int) and not isinstance(value, bool):
        return len(f"{value:,}")
    return 0 if value is None else len(str(value))


def _plain(value: Cell) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
