"""The ledger: assigning and writing every row, against reading and rewriting the same Parquet; and its memory.

The summaries that a build makes of the ledger are timed apart, in `summaries`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import Ratio, median_seconds
from benchmarks._workspaces import FEWEST_LINES, received
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.build import build
from speccom.workspace import Workspace, remove_tree

THREADS = 2
LIMIT = 2.5
LIMIT_GIGABYTES = 4.0

_BUILD_AND_WEIGH = """
import resource, sys
from pathlib import Path
from speccom.ledger.build import build
from speccom.workspace import Workspace
build(Workspace(Path(sys.argv[1])), threads=2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main(lines: int) -> list[Ratio]:
    """Build against rewriting (both on two threads, zstd), and the build's peak memory against its limit."""
    lines = max(lines, FEWEST_LINES)
    return measure(received(lines), f"{lines:,} lines")


def measure(workspace: Workspace, name: str) -> list[Ratio]:
    """The ratios of one workspace, whose ledger is made anew each time."""
    with tempfile.TemporaryDirectory(prefix="speccom-benchmark-") as directory:
        reference = median_seconds(_rewriting(workspace, Path(directory)))

    def build_anew() -> float:
        remove_tree(workspace.ledger)
        built = build(workspace, threads=THREADS)
        return built.seconds - built.summing_seconds

    seconds = statistics.median(build_anew() for _ in range(3))
    return [
        Ratio(f"assign and build the ledger, {name}", seconds, reference, LIMIT),
        Ratio(f"memory of that build, {name}", _gigabytes(workspace), LIMIT_GIGABYTES, 1, "GB"),
    ]


def _rewriting(workspace: Workspace, directory: Path) -> Callable[[], None]:
    checked = sorted(workspace.receipts.glob("*/checked.parquet"))

    def rewrite() -> None:
        with DuckDBEngine(threads=THREADS, temp_directory=directory / "spill") as engine:
            engine.parquet("checked", checked)
            engine.write_parquet("select * from checked", directory / "rewritten.parquet")

    return rewrite


def _gigabytes(workspace: Workspace) -> float:
    """The peak memory of a process that does nothing but build."""
    remove_tree(workspace.ledger)
    command = [sys.executable, "-c", _BUILD_AND_WEIGH, str(workspace.root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024**2
