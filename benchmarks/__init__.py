"""Speed as ratios against a limit measured in the same run: `make bench`, or `python -m benchmarks NAME`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Ratio:
    """How long something takes, or how much, against what it is held to; both measured here, in one unit."""

    name: str
    measured: float
    reference: float
    limit: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.measured / self.reference

    @property
    def holds(self) -> bool:
        return self.ratio <= self.limit

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "TOO SLOW"
        both = f"{self.measured:.3g} {self.unit} ÷ {self.reference:.3g} {self.unit}"
        return f"{self.name}: {both} = {self.ratio:.2f} (limit {self.limit:g}) {verdict}"


def median_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """The median wall-clock seconds of a few runs."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds)
