"""GP practices by code and name, each with the sub-ICB location that it belongs to, as imported."""

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

# The Organisation Data Service's `epraccur`: no header, 27 columns, of which these are read (counted from 0).
WIDTH = 27
CODE, NAME, POSTCODE, CLOSED, STATUS, COMMISSIONER, SETTING = 0, 1, 9, 11, 12, 14, 25
_GP_PRACTICE = "4"  # the prescribing setting; others are clinics, prisons, out-of-hours services and so on
_CODE = re.compile(r"[A-Z0-9]{6}")


class PracticeListError(SpeccomError):
    """A practice list that cannot be imported; the message names file, row and column."""

    code = "practices"


@dataclass(frozen=True, slots=True)
class Practice:
    """One open GP practice; `area` is the sub-ICB location (or board) that commissions for its people."""

    code: str
    name: str
    postcode: str
    area: str


@dataclass(frozen=True, eq=False)
class PracticeList:
    """An imported list, by code: one object for each version of the file, so that indexes can be kept."""

    by_code: Mapping[str, Practice]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took in and what it left out."""

    practices: int
    closed: int
    not_practices: int
    elsewhere: int
    name: str


def path_of(workspace: Workspace) -> Path:
    """Where the list lies, if it was imported."""
    return workspace.reference / "practices.parquet"


def import_practices(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import an `epraccur` file in place of the list before. Raises `PracticeListError`.

    Kept are open GP practices of the register's areas; closed ones, other prescribers, and those of
    Wales and the islands are counted and left out.
    """
    try:
        content = path.read_bytes()
        rows = list(_rows(path.name, content.decode("utf-8-sig")))
    except OSError as error:
        raise PracticeListError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PracticeListError(f"{path.name} is not a CSV file in UTF-8: save it as one.") from error
    prescribers = [row for row in rows if row[SETTING] == _GP_PRACTICE]
    there = [row for row in prescribers if row[STATUS] != "C" and not row[CLOSED]]
    kept = {row[CODE]: row for row in there if row[COMMISSIONER] in register.area_roles}
    if not kept:
        raise PracticeListError(
            f"{path.name} has no open GP practice (setting 4 in column 26) of a sub-ICB location known here "
            "(column 15): import the file epraccur of the Organisation Data Service as it is published."
        )
    _write(workspace, path.name, content, list(kept.values()))
    return Imported(
        len(kept),
        len(prescribers) - len(there),
        len(rows) - len(prescribers),
        len(there) - len(kept),
        path.name,
    )


def practices(workspace: Workspace) -> PracticeList:
    """The list, empty where none was imported; read again when it has changed."""
    try:
        changed = path_of(workspace).stat().st_mtime_ns
    except FileNotFoundError:
        return _NONE
    return _read(path_of(workspace), changed)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> PracticeList:
    return PracticeList({row["code"]: Practice(**row) for row in pq.read_table(path).to_pylist()})


_NONE = PracticeList({})


def _rows(name: str, text: str) -> Iterator[list[str]]:
    """The rows, trimmed. Raises for a row of another width or without a code."""
    for number, row in enumerate(csv.reader(text.splitlines(), strict=True), start=1):
        if not any(row):
            continue
        if len(row) != WIDTH:
            raise PracticeListError(
                f"{name}, row {number}: {len(row)} columns where epraccur has {WIDTH}; "
                "import the file as it is published, without a header."
            )
        cells = [cell.strip() for cell in row]
        cells[CODE], cells[COMMISSIONER] = cells[CODE].upper(), cells[COMMISSIONER].upper()
        if not _CODE.fullmatch(cells[CODE]):
            raise PracticeListError(
                f"{name}, row {number}, column {CODE + 1}: {cells[CODE][:20]!r} is no practice code, "
                "such as A81001; import the file as it is published, without a header."
            )
        yield cells


def _write(workspace: Workspace, name: str, content: bytes, rows: list[list[str]]) -> None:
    about = {
        "kind": "practices",
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    places = {"code": CODE, "name": NAME, "postcode": POSTCODE, "area": COMMISSIONER}
    columns = {
        column: pa.array([row[place] for row in rows], pa.string()) for column, place in places.items()
    }
    table = pa.table(columns).replace_schema_metadata({"speccom": json.dumps(about)})
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    with workspace.lock("the import"):
        write_atomically(path_of(workspace), buffer.getvalue().to_pybytes())
