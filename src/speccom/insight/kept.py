"""Keeps what takes long to work out under the workspace's results, for every process, while it is made of the same."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from speccom.insight.asked import lines_of
from speccom.insight.result import Gap, Result
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.places.deprivation import LISTS
from speccom.register import Register
from speccom.workspace import Workspace, remove_tree, write_atomically

MOST = 500_000_000
"""Bytes of results that are kept of one ledger; those that were not asked for longest make room."""
_ABOUT = b"speccom"
_NOT_OF_ANSWERS = {"__pycache__", "charts", "cli", "contracts", "site"}
"""Parts of the program that show answers, or that are at work before a ledger is there."""


def kept(
    workspace: Workspace,
    manifest: Manifest,
    register: Register,
    name: str,
    asked: Mapping[str, object],
    make: Callable[[], Sequence[pa.Table]],
) -> list[pa.Table]:
    """The tables that `make` gives for a question, from before if the same was asked of the same ledger.

    The same ledger is one of the same months with the same register and imported lists, read by the same program. A
    file is written whole or not at all; where none can be written, the tables are made each time.
    """
    path = place(workspace, manifest, register, name, asked)
    found = held(path)
    if found is None:
        found = list(make())
        _write(path, found)
    return found


def place(
    workspace: Workspace, manifest: Manifest, register: Register, name: str, asked: Mapping[str, object]
) -> Path:
    """The file of a question's tables, which need not be there; another one once they are made of something else."""
    directory = workspace.kept / _fingerprint(workspace, manifest, register)
    return directory / f"{name}-{_digest(asked)}.arrows"


def kept_of_lines(
    workspace: Workspace,
    register: Register,
    name: str,
    lines: str,
    asked: Mapping[str, object],
    make: Callable[[], list[pa.Table]],
) -> list[pa.Table]:
    """As `kept`, of some lines, however they were named."""
    wanted = lines_of(register, lines).asked
    return kept(workspace, require_manifest(workspace), register, name, {"lines": wanted, **asked}, make)


def kept_result(
    workspace: Workspace,
    register: Register,
    name: str,
    lines: str,
    asked: Mapping[str, object],
    make: Callable[[], Result],
) -> Result:
    """As `kept_of_lines`, where what is made is one result."""
    [found] = kept_of_lines(workspace, register, name, lines, asked, lambda: [packed(make())])
    return unpacked(found)


def packed(result: Result) -> pa.Table:
    """A result as one table, what is said beside it in the table's own metadata."""
    about = {
        "title": result.title,
        "notes": result.notes,
        "gaps": [list(gap) for gap in result.gaps],
        "synthetic": result.synthetic,
    }
    return result.table.replace_schema_metadata({_ABOUT: json.dumps(about).encode()})


def unpacked(table: pa.Table) -> Result:
    """The result that `packed` made a table of."""
    about = json.loads((table.schema.metadata or {})[_ABOUT])
    return Result(
        about["title"],
        table.replace_schema_metadata(None),
        tuple(about["notes"]),
        tuple(Gap(*gap) for gap in about["gaps"]),
        about["synthetic"],
    )


def _fingerprint(workspace: Workspace, manifest: Manifest, register: Register) -> str:
    months = [
        [each.financial_year, each.month, each.fingerprint, bool(each.files)] for each in manifest.months
    ]
    summaries = [each.fingerprint for each in manifest.summaries]
    lists = [
        [path.name, about.st_size, about.st_mtime_ns]
        for kind in LISTS
        for path in sorted(workspace.reference.glob(f"{kind}-*.parquet"))
        for about in [path.stat()]
    ]
    return _digest(
        [_code(), months, summaries, lists, manifest.snapshot, register.snapshot, manifest.synthetic]
    )


@cache
def _code() -> str:
    """A digest of every file that answers are made by: what another version kept is not read."""
    digest = hashlib.sha256()
    places = [files("speccom")]
    while places:
        for place in sorted(places.pop().iterdir(), key=lambda each: each.name):
            if place.is_dir():
                places += [] if place.name in _NOT_OF_ANSWERS else [place]
            elif place.name.endswith((".py", ".sql", ".csv")):
                digest.update(place.name.encode() + b"\0" + place.read_bytes())
    return digest.hexdigest()


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:24]


def held(path: Path) -> list[pa.Table] | None:
    """The tables of a file; none where there is none, or it is not whole."""
    try:
        source = io.BytesIO(path.read_bytes())
        # Asked for now, so that others make room before it; the time of writing stays.
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except OSError:
        return None
    tables = []
    size = len(source.getbuffer())
    try:
        while source.tell() < size:
            tables.append(pa.ipc.open_stream(source).read_all())
    except (pa.ArrowInvalid, OSError):
        return None
    return tables or None


def _write(path: Path, tables: Sequence[pa.Table]) -> None:
    to = io.BytesIO()
    for table in tables:
        with pa.ipc.new_stream(to, table.schema) as stream:
            stream.write_table(table)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, to.getvalue())
        _make_room(path.parent)
    except OSError:  # a workspace that may only be read keeps nothing
        return


def _make_room(directory: Path) -> None:
    """Remove what was kept of other ledgers, and of this one what was not asked for longest, down to `MOST`."""
    for other in directory.parent.iterdir():
        if other != directory:
            remove_tree(other)
    there = sorted(
        ((path, path.stat()) for path in directory.glob("*.arrows")), key=lambda each: each[1].st_atime_ns
    )
    beyond = sum(about.st_size for _, about in there) - MOST
    for path, about in there[:-1]:
        if beyond <= 0:
            return
        path.unlink(missing_ok=True)
        beyond -= about.st_size
