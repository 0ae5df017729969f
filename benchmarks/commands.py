"""Commands that analyse the ledger, each as a whole process with nothing kept from before.

Another workspace with its ledger: `python -m benchmarks.commands WORKSPACE`.
"""

from __future__ import annotations

import resource
import shutil
import sys
import time
from pathlib import Path

from benchmarks import Ratio
from benchmarks._workspaces import built
from benchmarks.pages import speccom
from speccom.workspace import Workspace

LIMIT = 10.0
COMMANDS = (
    "flows",
    "flows --by board",
    "flows --by balance",
    "variation",
    "equity",
    "trends",
    "volatility",
    "tiers",
    "bases",
    "position --by commissioner",
)


def main(lines: int) -> list[Ratio]:
    """Every command over a nation's half year against its limit in seconds."""
    return measure(built(lines)[0])


def measure(workspace: Workspace) -> list[Ratio]:
    """The ratios of one workspace with its ledger; what was kept of it is removed before each."""
    return [_timed(workspace, command) for command in COMMANDS]


def _timed(workspace: Workspace, command: str) -> Ratio:
    shutil.rmtree(workspace.results / "kept", ignore_errors=True)
    begun, worked = time.perf_counter(), _worked()
    speccom(command, workspace)
    seconds = time.perf_counter() - begun
    print(f"speccom {command}: {seconds:.2f} s, {_worked() - worked:.2f} s of processor time", flush=True)
    return Ratio(f"speccom {command}", seconds, LIMIT, 1)


def _worked() -> float:
    """Seconds of the processor that children have had."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    for ratio in measure(Workspace(Path(sys.argv[1]).resolve())):
        print(ratio)
