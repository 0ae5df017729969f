"""The checks as records: what each looks for, how grave it is, and what the sender is told to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from speccom import content
from speccom.contracts.schemas import DATA_SETS, DataSet
from speccom.errors import SpeccomError

Severity = Literal["reject file", "reject record", "warn"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `field` is the column that it judges, in our names; empty where that is a whole row or file.

    `condition` is SQL over one row (of `rows.known_rows`), true where the check finds fault. Checks of
    files have none: those are found while the file is scanned and its header read.
    """

    code: str
    data_sets: frozenset[DataSet]
    scope: Literal["file", "record"]
    severity: Severity
    category: str
    field: str
    message: str
    what_to_do: str
    condition: str


class FileRefused(SpeccomError):
    """A file of which nothing can be received. `reason` is the code of a file check.

    `row` is a row of the spreadsheet (the header is 1), `field` a name or the number of a column, `detail`
    what is added to the check's own words, `file` the name that its sender gave it.
    """

    def __init__(
        self,
        reason: str,
        *,
        row: int | None = None,
        field: str | int | None = None,
        detail: str = "",
        file: str = "The file",
    ) -> None:
        check = all_checks()[reason]
        shown = f"number {field}" if isinstance(field, int) else field
        where = ", ".join([file, *([f"row {row}"] if row else []), *([f"field {shown}"] if shown else [])])
        super().__init__(f"{where}: {check.message}{detail}; {check.what_to_do}.", code=reason.lower())
        self.reason, self.row, self.field, self.detail, self.file = reason, row, field, detail, file

    def in_columns(self, header: Sequence[str]) -> FileRefused:
        """The same, with a column's number made its name."""
        field = self.field
        if isinstance(field, int) and 0 < field <= len(header):
            field = header[field - 1].strip() or field
        return FileRefused(self.reason, row=self.row, field=field, detail=self.detail, file=self.file)

    def named(self, file: str) -> FileRefused:
        """The same, with the name of the file."""
        return FileRefused(self.reason, row=self.row, field=self.field, detail=self.detail, file=file)


@cache
def all_checks() -> dict[str, Check]:
    """Every check by its code, in the order in which findings of one row are told."""
    return {row["code"]: _check(row) for row in content.rows(__package__, "checks")}


def record_checks(data_set: DataSet, columns: Iterable[str]) -> list[Check]:
    """The checks of single rows that a file with these columns can be held to."""
    present = {"", *columns}
    return [
        check
        for check in all_checks().values()
        if check.scope == "record" and data_set in check.data_sets and check.field in present
    ]


def _check(row: dict[str, str]) -> Check:
    data_sets = frozenset(name for name in DATA_SETS if name in row["data_sets"].split())
    return Check(**cast(dict[str, str], {**row, "data_sets": data_sets}))  # type: ignore[arg-type]
