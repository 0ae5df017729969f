"""Who commissions: one call, the matrix of a date, and the command from a cold shell, against limits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from itertools import islice, product
from pathlib import Path

from benchmarks import Ratio, median_seconds
from speccom.errors import SpeccomError
from speccom.register import Register

CALL_LIMIT = 50e-6
MATRIX_LIMIT = 1.0
SHELL_LIMIT = 0.5
CALLS = 20_000


def main(lines: int) -> list[Ratio]:
    """Three ratios whose reference is the limit itself, in seconds; none depends on `lines`."""
    register = Register.load()
    return [
        Ratio("who commissions, one call", _one_call(register), CALL_LIMIT, 1),
        Ratio(
            "who commissions, every line and area of a date",
            median_seconds(_matrix(register)),
            MATRIX_LIMIT,
            1,
        ),
        Ratio("speccom who, from a cold shell", median_seconds(_from_the_shell), SHELL_LIMIT, 1),
    ]


def _one_call(register: Register) -> float:
    """Seconds for one question, over many different ones, refusals included."""
    questions = list(islice(product(register.lines, sorted(register.area_roles)), CALLS))
    on, known = date(2024, 5, 1), date(2023, 6, 1)

    def ask_all() -> None:
        for line, area in questions:
            try:
                register.who_commissions(line, area, on, known)
            except SpeccomError:
                continue

    return median_seconds(ask_all) / len(questions)


def _matrix(register: Register) -> Callable[[], object]:
    days = iter([date(2022, 8, 1), date(2024, 5, 1), date(2026, 5, 1)])
    return lambda: register.matrix(next(days))


def _from_the_shell() -> None:
    with tempfile.TemporaryDirectory() as workspace:
        command = [Path(sys.executable).with_name("speccom"), "who", "NCBPS11B", "QNC", "--on", "2024-05-01"]
        subprocess.run([*command, "--workspace", workspace], check=True, stdout=subprocess.DEVNULL)
