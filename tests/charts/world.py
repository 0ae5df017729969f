"""A small half-year of results, made without a ledger, that every chart and the report are drawn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.charts.results import Accounted, Area, Cited, Found, Results
from speccom.charts.tiles import tiles
from speccom.charts.words import reasons
from speccom.period import FinancialYear, Month

MONEY = pa.decimal128(38, 8)
REGIONS = ("Y56", "Y58", "Y59", "Y60", "Y61", "Y62", "Y63")
HOSTILE = "<script>alert('x')</script> & \"Sons\""


def table(rows: list[dict[str, Any]], **kinds: pa.DataType) -> pa.Table:
    """Rows as an Arrow table; names ending in a money word become exact decimals."""
    money = {"actual", "plan", "cost", "host", "population", "aggregate", "patient_level", "difference"}
    columns = {
        name: pa.array(
            [round(row[name], 2) if name in money and row[name] is not None else row[name] for row in rows],
            MONEY if name in money else kinds.get(name),
        )
        for name in rows[0]
    }
    return pa.table(columns)


def pounds(number: int) -> Decimal:
    """A repeatable, uneven sum of money."""
    return Decimal(number * 7919 % 900_000_000 + 40_000_000) + Decimal("0.37")


def results(
    *, synthetic: bool = True, name: str = "University Hospitals of Somewhere", conserved: bool = True
) -> Results:
    """Twenty-nine commissioners, 42 areas, seven regions, six months and forty providers."""
    year = FinancialYear(2025)
    on = date(2025, 4, 1)
    placed = tiles(on)
    payers = [
        {
            "commissioner": tile.area,
            "commissioner_name": f"NHS {tile.short_name} ICB",
            "arrangement": arrangement,
            "lines": 100 + number,
            "patients": 80 + number,
            "actual": pounds(number + 1) if arrangement else pounds(number + 1) / 9,
            "plan": pounds(number + 2),
        }
        for number, tile in enumerate(placed[:28])
        for arrangement in ("delegated", None)
    ] + [
        {
            "commissioner": "13R",
            "commissioner_name": name,
            "arrangement": "retained",
            "lines": 1000,
            "patients": 900,
            "actual": Decimal("1888777666.55"),
            "plan": None,
        }
    ]
    areas = [
        {
            "icb": tile.area,
            "icb_name": tile.short_name,
            "arrangement": "delegated",
            "lines": 9,
            "patients": 8,
            "actual": pounds(number + 5) / 3,
            "plan": None,
        }
        for number, tile in enumerate(placed)
    ]
    challenged = [
        {
            "provider": f"R{number:02}",
            "provider_name": f"{name} {number}",
            "step": step,
            "lines": number + place + 1,
            "cost": pounds(number * 13 + place) / (40 + number * 3),
        }
        for number in range(40)
        for place, step in enumerate(("G1", "C1", "C2", "Z", "HC", "X"))
        if (number + place) % 4
    ]
    return Results(
        synthetic=synthetic,
        built=datetime(2025, 11, 3, 9, 30, tzinfo=UTC),
        snapshot="0123456789abcdef",
        months=[Month(year, number) for number in range(1, 7)],
        receipts=204,
        providers=40,
        patients=48_210,
        accounted=Accounted(
            {"received": 1_203_456, "ledger": 1_100_000, "quarantined": 3_456, "superseded": 100_000},
            {
                "received": Decimal("12534567890.12500000"),
                "ledger": Decimal("12000000000.12500000"),
                "quarantined": Decimal("34567890.00000000"),
                "superseded": Decimal("500000000.00000000"),
            },
            17,
            conserved,
        ),
        areas_on=on,
        areas=[
            Area(
                tile.area,
                f"NHS {tile.short_name} ICB",
                REGIONS[number % 7],
                "delegated" if number % 3 else "joint",
                Decimal(500_000 + number * 40_000),
            )
            for number, tile in enumerate(placed)
        ],
        found=[
            Found("site_malformed", "warn", "The site is not five to nine characters.", 412),
            Found("cost_unreadable", "reject record", "The total cost cannot be read as a number.", 17),
        ],
        sources=[
            Cited(
                "Next steps on delegation", "NHS England", "2023-02-02", "https://www.england.nhs.uk/board"
            ),
            Cited("Commissioning code list", "NHS England", "", ""),
        ],
        by_payer=table(payers),
        by_arrangement=table(
            [
                {
                    "arrangement": arrangement,
                    "lines": lines,
                    "patients": lines // 2,
                    "actual": Decimal(actual),
                    "plan": None,
                }
                for arrangement, lines, actual in (
                    ("delegated", 500_000, "6123456789.10"),
                    ("retained", 300_000, "4100200300.40"),
                    ("joint", 10_000, "210000000"),
                    (None, 90_000, "1500600700.80"),
                )
            ]
        ),
        by_area=table(areas),
        by_line=table(
            [
                {
                    "service_line": f"NCBPS{number:02}A",
                    "service_line_name": f"Adult {name} services {number}",
                    "lines": number * 11,
                    "patients": number * 7,
                    "actual": pounds(number * 31),
                    "plan": pounds(number * 37),
                }
                for number in range(1, 30)
            ]
        ),
        by_month=table(
            [
                {
                    "month": str(number),
                    "month_name": f"{date(2025, number + 3, 1):%B %Y}",
                    "lines": 200_000,
                    "patients": 30_000,
                    "actual": Decimal(1_900_000_000 + number * 31_000_000),
                    "plan": Decimal(2_000_000_000) if number < 6 else None,
                }
                for number in range(1, 7)
            ]
        ),
        challenged=table(challenged),
        bases=table(
            [
                {
                    "region": region,
                    "region_name": f"NHS England {region}",
                    "host": pounds(number * 3 + 1) * 2,
                    "population": pounds(number * 5 + 2) * 2,
                }
                for number, region in enumerate(REGIONS)
            ]
        ),
        reconciled=table(
            [
                {
                    "provider": f"R{number:02}",
                    "provider_name": f"{name} {number}",
                    "aggregate": pounds(number),
                    "patient_level": pounds(number) - number,
                    "difference": Decimal(number),
                    "keys": 90,
                    "differing": number // 2,
                }
                for number in range(40)
            ]
        ),
    )


def nothing_challenged() -> Results:
    """The same half-year with every line as the rules assign it, and no finding."""
    made = results(synthetic=False)
    return replace(made, challenged=made.challenged.slice(0, 0), found=[])


assert {"G1", "C1", "C2", "Z", "HC", "X"} <= set(reasons())
