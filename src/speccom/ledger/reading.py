"""An engine with the ledger open on it, for one question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.manifest import Manifest, open_ledger
from speccom.workspace import Workspace


@contextmanager
def reading(
    workspace: Workspace, month: int | None = None, year: str | None = None
) -> Iterator[tuple[DuckDBEngine, Manifest]]:
    """The relation `ledger` on an engine, whole or of a month or financial year, and its manifest.

    What does not fit in memory is spilt outside the workspace, so that a reader writes nothing there.
    """
    with (
        TemporaryDirectory(prefix="speccom-") as spill,
        DuckDBEngine(temp_directory=Path(spill), memory_limit="2GB", preserve_order=False) as engine,
    ):
        yield engine, open_ledger(engine, workspace, month, year)
