"""Distinct patients of one question, from the summary that keeps those of all lines where that will do."""

from __future__ import annotations

import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.asked import EVERYTHING
from speccom.insight.opened import Opened

_WHOLE = "select icb, patients from everyone where level in ('board', 'england')"
_STEPS = {"board": "board_people", "provider": "crossings", "host": "exchanges"}


def patients(asked: Opened, level: str) -> dict[tuple[str, str | None], int]:
    """Patients by board and what they crossed to: a `provider`, the board that is `host`, or nothing (`board`)."""
    if _kept(asked):
        rows = asked.engine.fetch(
            f"select icb as area, other, patients from everyone where level = '{level}'"
        )
    else:
        run_steps(asked.engine, __package__, [_STEPS[level]])
        rows = asked.engine.fetch(f"select * from {_STEPS[level]}")
    return {(row["area"], row.get("other")): row["patients"] for row in rows.to_pylist()}


def patients_of_england(asked: Opened, boards: list[str]) -> int:
    """Patients of some boards together, one of two boards counted once."""
    if _kept(asked):
        held = {row["icb"]: row["patients"] for row in asked.engine.fetch(_WHOLE).to_pylist()}
        if held.keys() - {None, *NOT_A_BOARD} <= set(boards):
            return int(held.get(None, 0))
    asked.engine.register("counted_board", pa.table({"area": pa.array(boards, pa.string())}))
    run_steps(asked.engine, __package__, ["england_people"])
    [row] = asked.engine.fetch("select patients from england_people").to_pylist()
    return int(row["patients"])


def _kept(asked: Opened) -> bool:
    """Whether the question is one whose patients a build has counted: all lines, a year, boards as they were."""
    return asked.lines.asked == EVERYTHING and asked.boundaries is None and len(asked.years) == 1
