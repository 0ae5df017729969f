"""Scenario files for small ledgers: two boards, a delegated and a retained line, every month of a year."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE
from tests.ledger.worlds import BARTS, LEEDS, LEEDS_AREA, LONDON, RENAL, SPINAL, Row

from speccom.finance.scenarios import Scenario, parse

SHARES = {NORTH_EAST_LONDON: 0.4, WEST_YORKSHIRE: 0.6}
BASE: dict[str, Any] = {
    "speccom_scenario": 1,
    "name": "A test",
    "base_year": "2025/26",
    "money": {"growth": 0},
    "pace": {"k": 0},
    "target": {"source": "given", "shares": SHARES},
    "changes": [],
}
DELEGATE = {"change": "delegate", "lines": [SPINAL], "areas": "all", "on": "2026-04-01"}
MERGE = {
    "change": "merge",
    "boards": [NORTH_EAST_LONDON, WEST_YORKSHIRE],
    "into": "XXN",
    "name": "Both",
    "region": "Y56",
    "on": "2026-04-01",
}


def text_of(*changes: dict[str, Any], **others: Any) -> str:
    return json.dumps(BASE | {"changes": list(changes)} | others)


def scenario_of(*changes: dict[str, Any], **others: Any) -> Scenario:
    return parse(text_of(*changes, **others))


def a_year(patients: int = 1) -> list[Row]:
    """Each month: renal (delegated) £100 in each board, spinal (retained) £31 in London, £62 in Leeds, and a drug."""
    rows = []
    for month in range(1, 13):
        for person in range(patients):
            for home, provider, pounds in ((LONDON, BARTS, 31), (LEEDS_AREA, LEEDS, 62)):
                who = {
                    "gp_responsibility": home,
                    "provider": provider,
                    "month": month,
                    "patient_id": person + pounds * 1000,
                }
                rows.append(Row(**who, cost=Decimal(100)))
                rows.append(Row(**who, service_code=SPINAL, cost=Decimal(pounds)))
        rows.append(
            Row(
                data_set="DrPLCM",
                point_of_delivery="DRUG",
                service_code=SPINAL,
                month=month,
                patient_id=31000,
                cost=Decimal(7),
            )
        )
    return rows


__all__ = ["BASE", "DELEGATE", "MERGE", "RENAL", "SHARES", "a_year", "scenario_of", "text_of"]
