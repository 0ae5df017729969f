"""The preview of a national decision with its effect on the ledger, as a whole process, against seconds."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks import Ratio
from benchmarks._workspaces import built
from speccom.register import Register
from speccom.workspace import Workspace

SECONDS = 3.0
CORES = 2
ON = date(2027, 4, 1)
RUNS = 3


def main(lines: int) -> list[Ratio]:
    """What `speccom decision preview` takes for every delegated line in every area; nothing is adopted."""
    return measure(*built(lines))


def measure(workspace: Workspace, name: str) -> list[Ratio]:
    """The ratios of one workspace with its ledger: by the clock, and by the processors' time on two of them."""
    with tempfile.TemporaryDirectory(prefix="speccom-benchmark-") as directory:
        path = Path(directory, "decision.json")
        path.write_text(json.dumps(_everything_comes_back()), encoding="utf-8")
        figures = [_from_the_shell(workspace, path) for _ in range(RUNS)]
    by_clock, by_processor = (median(each) for each in zip(*figures, strict=True))
    said = f"a preview of every delegated line in every area, {name}"
    return [
        Ratio(said, by_clock, SECONDS, 1),
        Ratio(f"{said}, processor time", by_processor, SECONDS * CORES, 1),
    ]


def _everything_comes_back() -> dict[str, object]:
    """Every line that is delegated on the day is retained, so that each board's part goes to several hubs."""
    register = Register.load()
    green = [line for line in register.specialised if register.line_status(line, ON) == "GREEN"]
    return {
        "decision_id": "B2027-01",
        "title": "Every delegated service line comes back",
        "body": "A board of a benchmark",
        "made_on": "2026-12-01",
        "effects": [{"kind": "status", "lines": green, "status": "RED", "from": ON.isoformat()}],
    }


def _from_the_shell(workspace: Workspace, path: Path) -> tuple[float, float]:
    """Seconds by the clock and of processors, of the command and all that it starts."""
    command = [Path(sys.executable).with_name("speccom"), "decision", "preview", str(path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = os.times().elapsed
    subprocess.run([*command, "--workspace", str(workspace.root)], check=True, stdout=subprocess.DEVNULL)
    seconds = os.times().elapsed - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
