"""What a report is made from: the ledger's own summaries, gathered once and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from speccom.period import Month


@dataclass(frozen=True, slots=True)
class Accounted:
    """Rows and exact pounds, each received line counted in one place."""

    rows: Mapping[str, int]
    cost: Mapping[str, Decimal]
    unread_costs: int
    conserved: bool


@dataclass(frozen=True, slots=True)
class Area:
    """One ICB on the day of the report: where it lies, how green lines are commissioned, its people."""

    code: str
    name: str
    region: str
    arrangement: str
    population: Decimal | None


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found: how many rows, and whether that kept them out of the ledger."""

    code: str
    severity: str
    message: str
    rows: int


@dataclass(frozen=True, slots=True)
class Cited:
    """A source that the register rests on."""

    title: str
    publisher: str
    published: str
    url: str


@dataclass(frozen=True, slots=True)
class Results:
    """Every table of a report. Pounds are exact decimals; `actual` is patient-level, `plan` is ACM.

    Columns, beside `lines`, `patients`, `actual` and `plan` where not said otherwise:
    `by_payer` commissioner, commissioner_name, arrangement; `by_arrangement` arrangement;
    `by_area` icb, icb_name, arrangement; `by_line` service_line, service_line_name; `by_month` month,
    month_name, in order; `challenged` provider, provider_name, step, lines, cost; `bases` region,
    region_name, host, population, where a code without a Y is no region of England; `reconciled`
    provider, provider_name, keys, differing, aggregate, patient_level, difference.
    """

    synthetic: bool
    built: datetime
    snapshot: str
    months: Sequence[Month]
    receipts: int
    providers: int
    patients: int
    accounted: Accounted
    areas_on: date
    areas: Sequence[Area]
    found: Sequence[Found]
    sources: Sequence[Cited]
    by_payer: pa.Table
    by_arrangement: pa.Table
    by_area: pa.Table
    by_line: pa.Table
    by_month: pa.Table
    challenged: pa.Table
    bases: pa.Table
    reconciled: pa.Table
