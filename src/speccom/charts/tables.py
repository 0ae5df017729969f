"""A table of words for a page: headings, rows, a total; the numbers in it are already written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from speccom.charts.words import count, pounds, pounds_in_full

Kind = Literal["text", "code", "pounds", "pounds in full", "count", "percent"]
_WRITTEN: dict[Kind, Callable[[Any], str]] = {
    "pounds": pounds,
    "pounds in full": pounds_in_full,
    "count": count,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands under it; all but text and codes are set to the right."""

    heading: str
    kind: Kind = "text"

    @property
    def numeric(self) -> bool:
        return self.kind not in ("text", "code")


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table; the first cell of a row heads it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


def write_out(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    total: Sequence[Any] | None = None,
) -> Table:
    """Put values into words by each column's kind; nothing is shown as a dash."""
    return Table(
        caption,
        tuple(columns),
        tuple(_row(columns, row) for row in rows),
        None if total is None else _row(columns, total, missing=""),
    )


def _row(columns: Sequence[Column], values: Sequence[Any], missing: str = "–") -> tuple[str, ...]:
    return tuple(_cell(column.kind, value, missing) for column, value in zip(columns, values, strict=True))


def _cell(kind: Kind, value: Any, missing: str) -> str:
    if value is None or value == "":
        return missing
    write = None if isinstance(value, str) else _WRITTEN.get(kind)
    return write(value) if write else str(value)


def records(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a result as dictionaries; results are small, lines are not."""
    return table.to_pylist()


def total(rows: Sequence[dict[str, Any]], name: str) -> Decimal:
    """The exact sum of one column of pounds, nothing counting as nothing."""
    return sum((row[name] or Decimal(0) for row in rows), Decimal(0))
