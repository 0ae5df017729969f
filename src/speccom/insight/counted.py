"""Lines, pounds and distinct patients of one question; patients of all lines come from what a build has counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.asked import EVERYTHING
from speccom.insight.opened import Opened

_WHOLE = "select icb, patients from everyone where level in ('board', 'england')"
_STEPS = {"board": "board_people", "provider": "crossings", "host": "exchanges"}


def boards(asked: Opened) -> dict[str, dict[str, Any]]:
    """Of each board: patients, lines, `withheld` (lines without a patient), actual and aggregate pounds."""
    run_steps(asked.engine, __package__, ["board_sums", "board_withheld"])
    withheld = {
        row["area"]: row["lines"] for row in asked.engine.fetch("select * from board_withheld").to_pylist()
    }
    people = _patients(asked, "board")
    return {
        row["area"]: {
            **row,
            "patients": people.get((row["area"], None), 0),
            "withheld": withheld.get(row["area"], 0),
        }
        for row in asked.engine.fetch("select * from board_sums").to_pylist()
    }


def crossings(asked: Opened, *, count: bool = True) -> list[dict[str, Any]]:
    """Of each board at each provider: host_icb, patients, lines, actual. Needs `provider_host` on the engine.

    Without `count` patients are 0, for whoever has them from elsewhere: to tell them apart is most of the work.
    """
    run_steps(asked.engine, __package__, ["incomes"])
    people = _patients(asked, "provider") if count else {}
    return [
        {**row, "patients": people.get((row["area"], row["provider"]), 0)}
        for row in asked.engine.fetch("select * from incomes").to_pylist()
    ]


def exchanges(asked: Opened, *, count: bool = True) -> list[dict[str, Any]]:
    """Of each board in the area of each host: patients, lines, actual. Needs `provider_host`; `count` as above."""
    run_steps(asked.engine, __package__, ["incomes"])
    people = _patients(asked, "host") if count else {}
    sums: dict[tuple[str, str | None], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for row in asked.engine.fetch("select * from incomes").to_pylist():
        held = sums[row["area"], row["host_icb"]]
        held[0] += row["lines"]
        held[1] += row["actual"]
    return [
        {
            "area": area,
            "host_icb": host,
            "patients": people.get((area, host), 0),
            "lines": lines,
            "actual": spent,
        }
        for (area, host), (lines, spent) in sums.items()
    ]


def patients_of_england(asked: Opened, counted: Sequence[str]) -> int:
    """Patients of some boards together, one of two boards counted once."""
    if _kept(asked):
        held = {row["icb"]: row["patients"] for row in asked.engine.fetch(_WHOLE).to_pylist()}
        if held.keys() - {None, *NOT_A_BOARD} <= set(counted):
            return int(held.get(None, 0))
    asked.engine.register("counted_board", pa.table({"area": pa.array(list(counted), pa.string())}))
    register_people(asked)
    run_steps(asked.engine, __package__, ["england_people"])
    [row] = asked.engine.fetch("select patients from england_people").to_pylist()
    return int(row["patients"])


def _patients(asked: Opened, level: str) -> dict[tuple[str, str | None], int]:
    """Patients by board and what they crossed to: a `provider`, the board that is `host`, or nothing (`board`)."""
    if _kept(asked):
        rows = asked.engine.fetch(
            f"select icb as area, other, patients from everyone where level = '{level}'"
        )
    else:
        register_people(asked)
        run_steps(asked.engine, __package__, [_STEPS[level]])
        rows = asked.engine.fetch(f"select * from {_STEPS[level]}")
    return {(row["area"], row.get("other")): row["patients"] for row in rows.to_pylist()}


def register_people(asked: Opened) -> None:
    """Make `people_seen` readable; of all lines most counts are a build's, so that laying it by would take longer."""
    asked.once("people_seen", kept=not _kept(asked))


def _kept(asked: Opened) -> bool:
    """Whether the question is one whose patients a build has counted: all lines, a year, boards as they were."""
    return asked.lines.asked == EVERYTHING and asked.boundaries is None and len(asked.years) == 1
