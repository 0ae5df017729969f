"""Small ledgers for the tests of insight: a few patients of two boards, counted by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.ledger.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    receive,
    workspace_in,
)

from speccom.insight.result import Result
from speccom.workspace import Workspace

NORTH_EAST_LONDON, SOUTH_EAST_LONDON, WEST_YORKSHIRE = "QMF", "QKK", "QWO"
HOMES = {NORTH_EAST_LONDON: LONDON, WEST_YORKSHIRE: LEEDS_AREA}


def people(icb: str, provider: str, numbers: Iterable[int], cost: str = "100.00", **others: Any) -> list[Row]:
    """One line for each patient of a board at a provider."""
    return [
        Row(provider=provider, gp_responsibility=HOMES[icb], patient_id=number, cost=Decimal(cost), **others)
        for number in numbers
    ]


def ledger(directory: Path, rows: Sequence[Row]) -> Workspace:
    """A workspace with a ledger of these rows, a file to each data set and provider."""
    workspace = workspace_in(directory)
    for key in dict.fromkeys((row.data_set, row.provider) for row in rows):
        receive(workspace, [row for row in rows if (row.data_set, row.provider) == key], name=f"{key}.csv")
    build_in(workspace)
    return workspace


def two_boards() -> list[Row]:
    """North East London: 40 patients at Barts, 12 at Guy's, 3 at Leeds. West Yorkshire: 30 at Leeds, 9 at Barts."""
    return [
        *people(NORTH_EAST_LONDON, BARTS, range(1, 41)),
        *people(NORTH_EAST_LONDON, GUYS, range(35, 47), "50.00"),
        *people(NORTH_EAST_LONDON, LEEDS, range(60, 63), "10.00"),
        *people(WEST_YORKSHIRE, LEEDS, range(101, 131), "200.00"),
        *people(WEST_YORKSHIRE, BARTS, range(120, 129), "70.00"),
    ]


def many_boards(homes: Sequence[str], size: int = 30) -> list[Row]:
    """Patients of several homes, each at Barts, a few more in each home than in the one before."""
    rows: list[Row] = []
    for place, home in enumerate(homes):
        first = 1000 * (place + 1)
        rows += [
            replace(
                Row(provider=BARTS),
                gp_responsibility=home,
                patient_id=first + each,
                cost=Decimal(100 + place * 10),
            )
            for each in range(size + 7 * place)
        ]
    return rows


SMALL_HOME = "72Q"
FOURTEEN_MONTHS = [("202425", month) for month in range(1, 13)] + [("202526", month) for month in (1, 2)]


def fourteen_months() -> list[Row]:
    """Renal care of five boards from April 2024, of one of them three patients; spinal care of five patients.

    North East London's 20 patients cost three times as much in May 2025 as before.
    """
    boards = [(LONDON, 20, 100), (LEEDS_AREA, 18, 90), ("93C", 16, 80), ("00L", 12, 70), (SMALL_HOME, 3, 60)]
    rows: list[Row] = []
    for code, month in FOURTEEN_MONTHS:
        last = (code, month) == FOURTEEN_MONTHS[-1]
        for place, (home, patients, pounds) in enumerate(boards):
            dearer = 3 if last and home == LONDON else 1
            rows += [
                Row(
                    financial_year=code,
                    month=month,
                    gp_responsibility=home,
                    provider=(BARTS, GUYS)[each % 2],
                    patient_id=1000 * (place + 1) + each,
                    cost=Decimal(pounds * dearer + each + month % 2),
                )
                for each in range(patients)
            ]
        rows += [
            Row(
                financial_year=code,
                month=month,
                gp_responsibility=LONDON,
                service_code=SPINAL,
                patient_id=9000 + each,
                cost=Decimal(31),
            )
            for each in range(5)
        ]
    return rows


def row_of(result: Result, **keys: str) -> dict[str, Any]:
    """The one row that has these values."""
    [found] = [
        row for row in result.table.to_pylist() if all(row[name] == value for name, value in keys.items())
    ]
    return found


__all__ = [
    "BARTS",
    "GUYS",
    "LEEDS",
    "NORTH_EAST_LONDON",
    "RENAL",
    "SOUTH_EAST_LONDON",
    "WEST_YORKSHIRE",
    "Row",
    "ledger",
    "many_boards",
    "people",
    "row_of",
    "two_boards",
]
