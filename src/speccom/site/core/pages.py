"""The shapes that presenters fill and templates lay out: pages, links, tables. They decide no words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; without an address they are only words."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """One word with a colour of the design system, such as an arrangement or a confidence."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a reader reads it, and as a file holds it: exact money, a whole float, or none.

    `address` is where it opens to what it was made of, if it does.
    """

    text: str
    value: int | float | Decimal | None
    numeric: bool = True
    address: str | None = None


Cell: TypeAlias = str | int | Link | Tag | Number
"""What stands in one place of a table; a number stands to the right."""


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table, whole: what is shown is what is downloaded. The first cell of a row heads it.

    `key` names it in its page's address and is unique there. `files` lead to it as CSV, XLSX and JSON.
    """

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    files: tuple[Link, ...] = ()

    @property
    def plain(self) -> list[tuple[str | int, ...]]:
        """The rows without addresses or colours, as a spreadsheet holds them."""
        return [
            tuple(cell.text if isinstance(cell, Link | Tag | Number) else cell for cell in row)
            for row in self.rows
        ]


def table(key: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table from any rows."""
    return Table(key, caption, tuple(columns), tuple(tuple(row) for row in rows))


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has: title, the sentence under it, the way back, tables, its address in the API.

    `sources` are what its files name where its tables are not of the register. Presenters subclass it with
    what their template lays out.
    """

    title: str
    lead: str = ""
    trail: tuple[Link, ...] = ()
    tables: tuple[Table, ...] = ()
    api: str | None = None
    sources: tuple[str, ...] = ()
    status: int = field(default=200)

    def table(self, key: str) -> Table:
        """One of its tables by key. Raises `KeyError` for none."""
        return {each.key: each for each in self.tables}[key]


@dataclass(frozen=True, kw_only=True)
class FormPage(Page):
    """A page with one form, what it says before it, and its button; where somebody saved meanwhile, theirs beside."""

    form: Any
    button: str
    notes: tuple[str, ...] = ()
    beside: Table | None = None
