"""Each page on the ledger and on money, first seen after a build and again, in a process that knows nothing yet.

Another workspace with its ledger: `python -m benchmarks.pages WORKSPACE`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import Ratio
from benchmarks._workspaces import FEWEST_LINES, received
from speccom.workspace import Workspace

LIMIT = 1.0
QUESTIONS = {
    "all lines": "",
    "a programme": "lines=programme:Cancer",
    "a service": "lines=service:12",
    "a line": "lines=NCBPS01C",
    "a board": "icb=QKS",
}
ASKED = ("variation", "equity", "flows", "changes", "control", "volatility", "tiers")
"""Pages that every question can be asked of; the board is shown first, or the answer is of it alone."""
_NOT_BY_BOARD = ("volatility", "tiers")
OTHERS = {
    "where to begin": "/insight/",
    "flows by board": "/insight/flows/?by=board",
    "what flows out and in": "/insight/flows/?by=balance",
    "changes of every board": "/insight/changes/?icb=each",
    "bases by region": "/finance/bases/",
    "bases by board": "/finance/bases/?by=icb",
    "bases of a board": "/finance/bases/?area=QKS",
    "allocation": "/finance/allocation/",
    "scenarios": "/finance/scenarios/",
    "need models": "/finance/needs/",
    "position, to choose from": "/finance/position/",
    "position of a board": "/finance/position/?commissioner=QKS",
}


def main(lines: int) -> list[Ratio]:
    """Every page of a nation's half year against its limit in seconds, as it is first seen after a build."""
    lines = max(lines, FEWEST_LINES)
    workspace = received(lines)
    speccom("build", workspace)
    return measure(workspace)


def measure(workspace: Workspace) -> list[Ratio]:
    """The ratios of one workspace with its ledger."""
    return [_viewed(workspace, name, address) for name, address in addresses().items()]


def addresses() -> dict[str, str]:
    """What is measured → where it is."""
    asked = {
        f"{page}, {question}": f"/insight/{page}/{'?' * bool(query)}{query}"
        for page in ASKED
        for question, query in QUESTIONS.items()
        if not (question == "a board" and page in _NOT_BY_BOARD)
    }
    return asked | OTHERS


def speccom(command: str, workspace: Workspace) -> None:
    """Run a command of Speccom on a workspace, silently."""
    program = str(Path(sys.executable).with_name("speccom"))
    subprocess.run(
        [program, *command.split(), "--workspace", str(workspace.root)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _viewed(workspace: Workspace, name: str, address: str) -> Ratio:
    visit = [sys.executable, "-m", "benchmarks._visit", str(workspace.root), address]
    done = subprocess.run(visit, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{address} could not be measured: {done.stderr.strip().splitlines()[-1]}")
    (seconds, worked), (again, _) = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{name}: {seconds:.2f} s at first ({worked:.2f} s of processor time), {again:.2f} s again",
        flush=True,
    )
    return Ratio(f"first view of {name}", seconds, LIMIT, 1)


if __name__ == "__main__":
    for ratio in measure(Workspace(Path(sys.argv[1]).resolve())):
        print(ratio)
