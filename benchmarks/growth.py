"""How time and memory grow with lines: making files, receiving, building and what a build works out besides.

Other sizes: `python -m benchmarks.growth 5000000 20000000 60000000` (some half a gigabyte of disk for a million lines).
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import Ratio

SIZES = (500_000, 1_000_000, 2_000_000)
LIMIT = 1.15
"""The most that processor time may grow by: lines to this power, where 1 is in step with them."""
MEMORY_LIMIT = 4_000.0
STEPS = ("receive", "build")


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds by the clock and of the processor, and megabytes at its peak."""

    seconds: float
    worked: float
    peak: float


def main(lines: int) -> list[Ratio]:
    """Growth from the first size to the last, of processor time, and the peak memory of the last."""
    return measure([*SIZES, lines] if lines > max(SIZES) else list(SIZES))


def measure(sizes: list[int]) -> list[Ratio]:
    """The ratios over some sizes, the least first; each has its own workspace, removed when it is measured."""
    found = {size: _costs(size) for size in sorted(sizes)}
    least, most = min(found), max(found)
    ratios = []
    for step in STEPS:
        before, after = found[least][step], found[most][step]
        grown = math.log(after.worked / before.worked) / math.log(most / least)
        name = f"{step}, {least:,} to {most:,} lines"
        ratios.append(Ratio(f"power of lines by which processor time grows: {name}", grown, 1.0, LIMIT, ""))
        ratios.append(
            Ratio(f"peak memory of {step}, {most:,} lines", after.peak, MEMORY_LIMIT, 1, "MB"),
        )
    return ratios


def _costs(lines: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory(prefix="speccom-growth-") as directory:
        files, workspace = f"{directory}/files", f"{directory}/workspace"
        made = ["synthesise", files, "--year", "2025/26", "--lines", str(lines), "--dirt", "typical"]
        found = {
            "synthesise": _run([*made, "--workspace", workspace]),
            "receive": _run(["receive", files, "--workspace", workspace]),
            "build": _run(["build", "--workspace", workspace]),
        }
    for step, cost in found.items():
        print(
            f"{step}, {lines:,} lines: {cost.seconds:.1f} s, {cost.worked:.1f} s of processor time, "
            f"{cost.peak:,.0f} MB at its peak",
            flush=True,
        )
    return found


def _run(arguments: list[str]) -> Cost:
    program = str(Path(sys.executable).with_name("speccom"))
    begun = time.perf_counter()
    done = subprocess.Popen(
        [program, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"SPECCOM_PATIENT_KEY": "benchmark" * 8},
    )
    _, status, used = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if done.returncode:
        sys.exit(f"speccom {' '.join(arguments)} left with {done.returncode}: run it to see why.")
    return Cost(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


if __name__ == "__main__":
    for ratio in measure([int(size) for size in sys.argv[1:]] or list(SIZES)):
        print(ratio)
