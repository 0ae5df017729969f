"""Workspaces of made-up receipts for the benchmarks; made once a run, removed at its end."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from speccom.contracts.receive import receive
from speccom.contracts.synthesise import synthesise
from speccom.contracts.synthesise.run import default_workers
from speccom.ledger.build import build
from speccom.period import FinancialYear
from speccom.workspace import Workspace

# With fewer, opening a database and reading the register are most of what is measured.
FEWEST_LINES = 2_000_000

_directories: list[tempfile.TemporaryDirectory[str]] = []


@cache
def received(lines: int) -> Workspace:
    """Half a year of a nation, `lines` patient-level lines of it, received from some 800 clean files."""
    os.environ.setdefault("SPECCOM_PATIENT_KEY", "benchmark" * 8)
    directory = tempfile.TemporaryDirectory(prefix="speccom-benchmark-")
    _directories.append(directory)
    files, workspace = Path(directory.name, "files"), Workspace(Path(directory.name, "workspace"))
    synthesise(
        files,
        year=FinancialYear(2025),
        months=[1, 2, 3, 4, 5, 6],
        lines=lines,
        seed=1,
        workers=default_workers(),
    )
    receive(workspace, [files])
    return workspace


def built(lines: int) -> tuple[Workspace, str]:
    """The same with its ledger, of enough lines to measure, and how many they are in words."""
    lines = max(lines, FEWEST_LINES)
    workspace = received(lines)
    build(workspace)
    return workspace, f"{lines:,} lines"
