"""Builds a workspace over and over, each time in a process that dies one file-system act later.

Run as `python killed.py TEMPLATE DIRECTORY`: DIRECTORY/1, /2, … are copies of the TEMPLATE workspace, each
left as the process that died at act 1, 2, … left it. Ends with the first build that no death came to.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.build import build
from speccom.workspace import Workspace

ACTS = ["mkdir", "open", "fsync", "replace", "unlink", "rmdir"]
DIED, DONE = 9, 0


def die_at(death: int) -> None:
    """Make this process end, without any tidying up, just before its file-system act of that number."""
    moments = count(1)

    def mortal(act: Callable[..., Any]) -> Callable[..., Any]:
        def acts(*arguments: Any, **named: Any) -> Any:
            if next(moments) == death:
                os._exit(DIED)
            return act(*arguments, **named)

        return acts

    def half_written(engine: DuckDBEngine, sql: str, directory: Path, by: list[str]) -> list[Path]:
        if next(moments) == death:
            torn = directory / "financial_year=202526" / "month=2" / "data_set=PLCM"
            torn.mkdir(parents=True)
            (torn / "data_0.parquet").write_bytes(b"PAR1 and no more")
            os._exit(DIED)
        return write(engine, sql, directory, by)

    write = DuckDBEngine.write_partitions
    for name in ACTS:
        setattr(os, name, mortal(getattr(os, name)))
    DuckDBEngine.write_partitions = mortal(half_written)  # type: ignore[method-assign]


def main(template: Path, directory: Path) -> None:
    for death in count(1):
        copy = directory / str(death)
        shutil.copytree(template, copy)
        # A fork of a process that has not yet started a database: every death is a process's own.
        child = os.fork()
        if child == 0:
            die_at(death)
            build(Workspace(copy), threads=1)
            os._exit(DONE)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == DONE:
            return
        assert os.waitstatus_to_exitcode(status) == DIED, f"the build failed by itself at act {death}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
