"""A small ledger for the tests of pools: two boards over some years, and a third with few patients."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from tests.insight.worlds import ledger
from tests.ledger.worlds import LEEDS, LEEDS_AREA, LONDON, Row

from speccom.workspace import Workspace

NORTH_EAST_LONDON, WEST_YORKSHIRE, SOUTH_EAST_LONDON = "QMF", "QWO", "QKK"
SOUTH_EAST = "72Q"
FIRST_PATIENT = {LONDON: 1_000, LEEDS_AREA: 2_000, SOUTH_EAST: 3_000}


def cost_of(number: int) -> Decimal:
    """Pounds of a patient's year: most cost a few hundred, one of ten ten thousand."""
    return Decimal(10_000) if number % 10 == 0 else Decimal(100 + 37 * (number % 10))


def year(code: str, home: str, patients: int) -> list[Row]:
    """So many patients of a home, each with a line in two months of the year; every month has a line."""
    first = FIRST_PATIENT[home]
    return [
        Row(
            provider=LEEDS,
            financial_year=code,
            month=(number + half * 6) % 12 + 1,
            gp_responsibility=home,
            patient_id=first + number,
            cost=cost_of(number) / 2,
        )
        for number in range(patients)
        for half in (0, 1)
    ]


def pooled(
    directory: Path, codes: Iterable[str] = ("202324", "202425", "202526", "202627"), few: int = 3
) -> Workspace:
    """Forty and ninety patients a year, one more in each; `few` of a third board."""
    rows = []
    for place, code in enumerate(codes):
        rows += [
            *year(code, LONDON, 40 + place),
            *year(code, LEEDS_AREA, 90 + place),
            *year(code, SOUTH_EAST, few),
            Row(provider=LEEDS, financial_year=code, month=1, patient_id=None, cost=Decimal(500)),
        ]
    return ledger(directory, rows)
