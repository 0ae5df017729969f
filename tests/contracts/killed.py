"""Receives files over and over, each time in a process that dies one file-system act later.

Run as `python killed.py FILES DIRECTORY`: DIRECTORY/1, /2, … are workspaces, each left as the process that
died at act 1, 2, … left it. Ends with the first receiving that no death came to.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from speccom.contracts.receive import receive
from speccom.engine.duckdb import DuckDBEngine
from speccom.workspace import Workspace

ACTS = ["mkdir", "open", "fsync", "sync", "rename", "replace", "unlink", "rmdir", "chmod"]
DIED, DONE = 9, 0


def die_at(death: int) -> None:
    """Make this process end, without any tidying up, before or after its file-system act of that number."""
    moments, one_at_a_time = count(1), Lock()

    def moment() -> None:
        with one_at_a_time:
            if next(moments) == death:
                os._exit(DIED)

    def mortal(act: Callable[..., Any]) -> Callable[..., Any]:
        def acts(*arguments: Any, **named: Any) -> Any:
            moment()
            result = act(*arguments, **named)
            moment()
            return result

        return acts

    def half_written(engine: DuckDBEngine, sql: str, path: Path) -> None:
        path.write_bytes(b"PAR1 and no more")
        moment()
        write(engine, sql, path)

    def half_copied(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        moment()
        copy(source, target)

    write, copy = DuckDBEngine.write_parquet, shutil.copyfile
    for name in ACTS:
        setattr(os, name, mortal(getattr(os, name)))
    DuckDBEngine.write_parquet = mortal(half_written)  # type: ignore[method-assign]
    shutil.copyfile = mortal(half_copied)


def main(files: Path, directory: Path) -> None:
    for death in count(1):
        child = os.fork()  # of a process that has not started a database
        if child == 0:
            die_at(death)
            receive(Workspace(directory / str(death)), [files])
            os._exit(DONE)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == DONE:
            return
        assert os.waitstatus_to_exitcode(status) == DIED, f"receiving failed by itself at act {death}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
