"""CSV files of areas as their publishers give them: read with the place of each fault, kept as Parquet."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.workspace import Workspace, write_atomically

_LSOA = re.compile(r"lsoa(\d\d)_?(?:code|cd)")
_ICB_ODS = re.compile(r"icb(?:\d\d)?_?(?:code_h|code_nhs|ods_code|cdh)")
_ICB_ONS = re.compile(r"icb(?:\d\d)?_?(?:code|cd|ons_code)")
_LSOA_CODE = re.compile(r"[EW]01\d{6}")


class AreaListError(SpeccomError):
    """A list of areas that cannot be imported or is wanting; the message names file, row and field."""

    code = "reference"


@dataclass(frozen=True, slots=True)
class AreaFile:
    """A file read: its header in lower case, and each row with its number, counted from the header as 1."""

    name: str
    content: bytes
    header: list[str]
    rows: list[tuple[int, dict[str, str]]]

    def column(self, pattern: re.Pattern[str]) -> str | None:
        """The first column of a name."""
        return next((name for name in self.header if pattern.fullmatch(name)), None)

    def refuse(self, row: int, field: str, why: str) -> AreaListError:
        """What is wrong with one field."""
        return AreaListError(f"{self.name}, row {row}, field {field}: {why}")

    def number(self, row: int, cells: Mapping[str, str], field: str) -> float:
        """A number of 0 or more in a field. Raises `AreaListError`."""
        text = cells[field]
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            raise self.refuse(row, field, f"{text[:20]!r} is no number of 0 or more; correct it.")
        return float(text)

    def whole(self, row: int, cells: Mapping[str, str], field: str) -> int:
        """A whole number of 0 or more in a field. Raises `AreaListError`."""
        value = self.number(row, cells, field)
        if value != int(value):
            raise self.refuse(row, field, f"{cells[field]!r} is no whole number; correct it.")
        return int(value)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took in: how many areas, of which sort (`icb`, `lsoa11`, `lsoa21`), from which file."""

    areas: int
    sort: str
    name: str


def read(path: Path) -> AreaFile:
    """A CSV file with a header. Raises `AreaListError`."""
    try:
        content = path.read_bytes()
        table = csv.reader(content.decode("utf-8-sig").splitlines(), strict=True)
        header = [cell.strip().lower() for cell in next(table, [])]
        rows = list(_rows(path.name, header, table))
    except OSError as error:
        raise AreaListError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AreaListError(f"{path.name} is not a CSV file in UTF-8: save it as one.") from error
    if not rows:
        raise AreaListError(f"{path.name} has no rows: export the list again.")
    return AreaFile(path.name, content, header, rows)


def _rows(name: str, header: list[str], table: Iterator[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in enumerate(table, start=2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise AreaListError(f"{name}, row {number}: {len(cells)} cells under {len(header)} headings.")
        yield number, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def areas(file: AreaFile, register: Register) -> tuple[str, list[str]]:
    """The sort of area that a file is by, and the code of each row: LSOA, or board by its ODS code.

    A board is read from an ODS code where there is a column of them, else from its ONS code by the register.
    Raises `AreaListError` for a code that is not known.
    """
    if (lsoa := file.column(_LSOA)) is not None:
        return f"lsoa{lsoa[4:6]}", [lsoa_code(file, number, row, lsoa) for number, row in file.rows]
    return "icb", boards(file, register)


def lsoa_code(file: AreaFile, number: int, row: Mapping[str, str], column: str) -> str:
    """The small area of a row."""
    if not _LSOA_CODE.fullmatch(row[column]):
        raise file.refuse(number, column, f"{row[column][:20]!r} is no LSOA code, such as E01000001.")
    return row[column]


def boards(file: AreaFile, register: Register) -> list[str]:
    """The ODS code of each row's board."""
    ods, ons = file.column(_ICB_ODS), file.column(_ICB_ONS)
    column = ods or ons
    if column is None:
        raise AreaListError(
            f"{file.name}, row 1: no column of areas; call it lsoa21_code (small areas), "
            "icb_ods_code or icb24_code (boards)."
        )
    coded = {fact.value: code for code, facts in register.facts.of("ONS code").items() for fact in facts}
    icbs = {code for code, body in register.organisations.items() if body.role == "integrated care board"}
    known = {code: code for code in icbs} if ods else coded
    for number, row in file.rows:
        if row[column] not in known:
            raise file.refuse(
                number, column, f"{row[column][:20]!r} is no board of the register; give its ODS code."
            )
    return [known[row[column]] for _, row in file.rows]


def lacking(file: AreaFile, columns: list[str], what: str) -> AreaListError:
    """That a file has not the columns of its kind."""
    return AreaListError(
        f"{file.name}, row 1: {what} needs the column{'s' * (len(columns) > 1)} {', '.join(columns)}; "
        f"it has {', '.join(file.header[:8])}."
    )


def save(workspace: Workspace, kind: str, file: AreaFile, table: pa.Table) -> None:
    """Keep a list in place of the one before."""
    about = {
        "kind": kind,
        "name": file.name,
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    buffer = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"speccom": json.dumps(about)}), buffer, compression="zstd")
    with workspace.lock("the import"):
        write_atomically(workspace.reference / f"{kind}.parquet", buffer.getvalue().to_pybytes())


def load(workspace: Workspace, kind: str) -> pa.Table | None:
    """A list that was imported, read again when it has changed; none where it was not."""
    path = workspace.reference / f"{kind}.parquet"
    try:
        return _load(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def file_of(table: pa.Table) -> str:
    """The name of the file that a list was imported from."""
    about = (table.schema.metadata or {}).get(b"speccom", b"{}")
    return str(json.loads(about).get("name", "a file"))


@lru_cache(maxsize=8)
def _load(path: Path, changed: int) -> pa.Table:
    return pq.read_table(path)
