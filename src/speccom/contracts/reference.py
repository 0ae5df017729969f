"""Lists that the shipped content does not hold and that a user imports: where each lies and who reads it."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.errors import SpeccomError
from speccom.workspace import Workspace, write_atomically


class ReferenceListError(SpeccomError):
    """A list that cannot be imported; the message names file, row and column."""

    code = "reference"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of list. `columns` are ours, each with the header names by which a source may call it;
    `forms` are the patterns that every value of a column has; the first column is the key."""

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, str]


_PRACTICE = {"practice": ("PRACTICE", "PRACTICE CODE", "GP PRACTICE CODE", "CODE", "ORGANISATION CODE")}
_PRACTICE_FORM = {"practice": "[A-Z0-9]{6}"}
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "hrg",
            "healthcare resource groups",
            {"code": ("HRG", "HRG CODE", "CODE", "HRG4+ CODE")},
            {"code": "[A-Z][A-Z0-9]{2,5}"},
        ),
        Kind("prison-practices", "prison practices", _PRACTICE, _PRACTICE_FORM),
        Kind("armed-forces-practices", "armed-forces practices", _PRACTICE, _PRACTICE_FORM),
        Kind(
            "postcodes",
            "postcodes with their LSOA",
            {
                "postcode": ("POSTCODE", "PCD", "PCDS", "PCD7", "PCD8"),
                "lsoa": ("LSOA", "LSOA21", "LSOA11", "LSOA21CD", "LSOA11CD"),
            },
            {"postcode": "[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", "lsoa": "[EWSN][0-9]{8}"},
        ),
        Kind(
            "providers",
            "providers",
            {"provider": ("PROVIDER", "PROVIDER CODE", "ORGANISATION CODE", "ODS CODE", "CODE")},
            {"provider": "[A-Z0-9]{3,6}"},
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Imported:
    """One list as it lies in the workspace: how many rows, from which file, when."""

    kind: str
    rows: int
    name: str
    sha256: str
    imported: str


def path_of(workspace: Workspace, kind: str) -> Path:
    """Where the list of a kind lies, if it was imported."""
    return workspace.reference / f"{kind}.parquet"


def codes(workspace: Workspace, kind: str) -> list[str]:
    """The keys of a list; none where it was not imported."""
    path = path_of(workspace, kind)
    if not path.exists():
        return []
    return [str(code) for code in pq.read_table(path).column(0).to_pylist()]


def prison_practices(workspace: Workspace) -> list[str]:
    """Practices in prisons; none where the list was not imported."""
    return codes(workspace, "prison-practices")


def armed_forces_practices(workspace: Workspace) -> list[str]:
    """Practices of the armed forces; none where the list was not imported."""
    return codes(workspace, "armed-forces-practices")


def imported(workspace: Workspace) -> list[Imported]:
    """Every list that was imported."""
    found = []
    for name in KINDS:
        path = path_of(workspace, name)
        if path.exists():
            file = pq.read_metadata(path)
            found.append(Imported(**json.loads((file.metadata or {})[b"speccom"]), rows=file.num_rows))
    return found


def import_list(workspace: Workspace, kind_name: str, path: Path) -> Imported:
    """Import a CSV file as one of the lists, in place of the one before. Raises `ReferenceListError`."""
    kind = KINDS.get(kind_name)
    if kind is None:
        raise ReferenceListError(f"{kind_name!r} is no kind of list: choose {', '.join(KINDS)}.")
    try:
        content = path.read_bytes()
        rows = _read(kind, path.name, content.decode("utf-8-sig"))
    except OSError as error:
        raise ReferenceListError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReferenceListError(f"{path.name} is not a CSV file in UTF-8: save it as one.") from error
    about = {
        "kind": kind.name,
        "name": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in kind.columns}
    table = pa.table(columns).replace_schema_metadata({"speccom": json.dumps(about)})
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    with workspace.lock("the import"):
        write_atomically(path_of(workspace, kind.name), buffer.getvalue().to_pybytes(), 0o600)
    return Imported(**about, rows=table.num_rows)


def _read(kind: Kind, name: str, text: str) -> list[dict[str, str]]:
    """The rows of a list: known columns only, trimmed, upper case, each key once."""
    table = csv.reader(text.splitlines())
    header = [cell.strip().upper() for cell in next(table, [])]
    places = {column: _place(kind, name, header, column) for column in kind.columns}
    rows: dict[str, dict[str, str]] = {}
    for number, cells in enumerate(table, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {column: _cell(cells, place) for column, place in places.items()}
        for column, value in row.items():
            if not re.fullmatch(kind.forms[column], value):
                raise ReferenceListError(
                    f"{name}, row {number}, field {header[places[column]]}: {value!r} is not of the form of "
                    f"{kind.title}; correct it and import the list again."
                )
        key = next(iter(row.values()))
        if rows.setdefault(key, row) != row:
            raise ReferenceListError(
                f"{name}, row {number}: {key} is there twice and differs; keep one of the two."
            )
    if not rows:
        raise ReferenceListError(f"{name} has no rows: export the list again.")
    return list(rows.values())


def _place(kind: Kind, name: str, header: list[str], column: str) -> int:
    for place, cell in enumerate(header):
        if cell in kind.columns[column]:
            return place
    raise ReferenceListError(
        f"{name}, row 1: no column for the {column} of {kind.title}; call it {kind.columns[column][0]}."
    )


def _cell(cells: list[str], place: int) -> str:
    return cells[place].replace(" ", "").upper() if place < len(cells) else ""
