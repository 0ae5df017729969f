"""What every analysis gives back: a table whose columns say their unit, what it could not say, and its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from speccom.errors import SpeccomError


class InsightError(SpeccomError):
    """A question that the ledger cannot be asked; the message says what can be."""

    code = "insight"


class Gap(NamedTuple):
    """Something that a table does not say, of what, and why; never shown as a nothing."""

    subject: str
    missing: str
    reason: str

    def __str__(self) -> str:
        return f"{self.subject}: no {self.missing}, because {self.reason}"


class Column(NamedTuple):
    """One column of a result: its unit and what it means."""

    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Result:
    """One analysis. `table` has a row for each subject; a cell without a value has a gap or a note beside it.

    Each field of the table carries `unit` and `meaning` in its metadata. `notes` say what was asked, of
    which months, from which sources, and what weakens the numbers. `synthetic` is true when any line was
    made up.
    """

    title: str
    table: pa.Table
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]
    synthetic: bool

    def said(self) -> tuple[str, ...]:
        """The notes, then the gaps in words, each reason once with what it is of."""
        by_reason: dict[tuple[str, str], list[str]] = {}
        for gap in self.gaps:
            by_reason.setdefault((gap.missing, gap.reason), []).append(gap.subject)
        return (
            *self.notes,
            *(f"{_several(of)}: no {missing}, because {why}." for (missing, why), of in by_reason.items()),
        )


def described(columns: Mapping[str, tuple[Column, Sequence[Any] | pa.Array[Any], pa.DataType]]) -> pa.Table:
    """A table of named columns, each with what it is, its values and its type."""
    fields, arrays = [], []
    for name, (column, held, kind) in columns.items():
        fields.append(pa.field(name, kind, metadata={"unit": column.unit, "meaning": column.meaning}))
        arrays.append(held if isinstance(held, pa.Array) else pa.array(list(held), kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def meaning(field: pa.Field[Any]) -> Column:
    """What a field of a result is."""
    about = field.metadata or {}
    return Column(about.get(b"unit", b"").decode(), about.get(b"meaning", b"").decode())


def _several(subjects: Sequence[str]) -> str:
    shown = list(dict.fromkeys(subjects))
    if len(shown) <= 6:
        return ", ".join(shown)
    return f"{', '.join(shown[:5])} and {len(shown) - 5:,} more"
