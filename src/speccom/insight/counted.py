"""Lines, pounds and distinct patients of one question; patients of all lines come from what a build has counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from speccom.insight.areas import NOT_A_BOARD
from speccom.insight.asked import EVERYTHING
from speccom.insight.opened import Opened

_WHOLE = "select icb, patients from everyone where level in ('board', 'england')"


def boards(asked: Opened) -> dict[str, dict[str, Any]]:
    """Of each board: patients, lines, `withheld` (lines without a patient), actual and aggregate pounds."""
    withheld = {row["area"]: row["lines"] for row in asked.rows("board_withheld")}
    people = _patients(asked, "board")
    return {
        row["area"]: {
            **row,
            "patients": people.get((row["area"], None), 0),
            "withheld": withheld.get(row["area"], 0),
        }
        for row in asked.rows("board_sums")
    }


def crossings(asked: Opened, *, count: bool = True) -> list[dict[str, Any]]:
    """Of each board at each provider: host_icb, patients, lines, actual. Needs `provider_host` on the engine.

    Without `count` patients are 0, for whoever has them from elsewhere: to tell them apart is most of the work.
    """
    people = _patients(asked, "provider") if count else {}
    return [
        {**row, "patients": people.get((row["area"], row["provider"]), 0)} for row in asked.rows("incomes")
    ]


def exchanges(asked: Opened, *, count: bool = True) -> list[dict[str, Any]]:
    """Of each board in the area of each host: patients, lines, actual. Needs `provider_host`; `count` as above."""
    people = _patients(asked, "host") if count else {}
    sums: dict[tuple[str, str | None], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for row in asked.rows("incomes"):
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
    return asked.seen.within(set(counted))


def of_hosts(asked: Opened) -> dict[str | None, int]:
    """Patients cared for in the area of each host, each once, wherever they live. Needs `provider_host`."""
    return asked.seen.of_hosts(_hosts(asked))


def _patients(asked: Opened, level: str) -> Mapping[tuple[str, str | None], int]:
    """Patients by board and what they crossed to: a `provider`, the board that is `host`, or nothing (`board`)."""
    if _kept(asked):
        rows = asked.engine.fetch(
            f"select icb as area, other, patients from everyone where level = '{level}'"
        )
        return {(row["area"], row["other"]): row["patients"] for row in rows.to_pylist()}
    if level == "provider":
        return asked.seen.by_provider()
    if level == "host":
        return asked.seen.by_host(_hosts(asked))
    return {(area, None): patients for area, patients in asked.seen.by_area().items()}


def _hosts(asked: Opened) -> dict[str, str | None]:
    rows = asked.engine.fetch("select provider, host_icb from provider_host").to_pylist()
    return {row["provider"]: row["host_icb"] for row in rows}


def _kept(asked: Opened) -> bool:
    """Whether the question is one whose patients a build has counted: all lines, a year, boards as they were."""
    return asked.lines.asked == EVERYTHING and asked.boundaries is None and len(asked.years) == 1
