"""Made-up files: 5 million lines in two minutes, as a ratio at a smaller number of lines."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import Ratio, median_seconds
from speccom.contracts.synthesise import synthesise
from speccom.contracts.synthesise.run import default_workers
from speccom.period import FinancialYear

LIMIT_LINES = 5_000_000
LIMIT_SECONDS = 120.0
# With fewer, starting up is most of what is measured.
FEWEST_LINES = 1_000_000


def main(lines: int) -> list[Ratio]:
    """Seconds for half a year of all four data sets, to disk, against the limit's share for `lines`."""
    lines = max(lines, FEWEST_LINES)
    with tempfile.TemporaryDirectory() as directory:

        def work() -> None:
            synthesise(
                Path(directory),
                year=FinancialYear(2025),
                months=[1, 2, 3, 4, 5, 6],
                lines=lines,
                seed=1,
                dirt="typical",
                workers=default_workers(),
            )

        seconds = median_seconds(work)
    allowed = LIMIT_SECONDS * lines / LIMIT_LINES
    return [Ratio(f"synthesise, {lines:,} lines with typical dirt", seconds, allowed, 1)]
