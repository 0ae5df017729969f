"""What is planted in made-up years is found: steps, growth and prices by `trends`, volatile lines by `volatility`.

The files' own lines, drawn at the size of three million in three years; of them the planted services and a few others
become a ledger by the same build as any, without being written and read as text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.contracts.test_synthesise_years import YEARS, Year, drawn_year, effect_of, line_of
from tests.ledger.worlds import COLUMNS, Row, build_in, checked, workspace_in

from speccom.contracts import book
from speccom.contracts.book import Coverage, CoveredMonth, Quarantined, Receipt
from speccom.contracts.synthesise.years import worlds
from speccom.insight.areas import ENGLAND
from speccom.insight.trends import trends
from speccom.insight.volatility import volatility
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

LINES = 3_000_000
UNTOUCHED = ("NCBPS11B", "NCBPS13C", "NCBPS01C")
"""Large services in which nothing is planted but what all areas share."""
PLANTED = (
    ("volume_growth", "tomography"),
    ("volume_growth", "pain"),
    ("volume_step", ""),
    ("price_drift", ""),
    ("provider_years", "burn"),
    ("provider_years", "molecular"),
    ("provider_years", "neonatal"),
    ("case_cost", "burn"),
    ("case_cost", "molecular"),
)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Workspace:
    held = workspace_in(tmp_path_factory.mktemp("planted"))
    wanted = set(UNTOUCHED)
    for kind, text in PLANTED:
        effect = effect_of(kind, text)
        wanted |= {code for code, line in register.lines.items() if effect.concerns(line.name)}
    months = list(range(1, 13))
    for world in worlds(register, YEARS, months, LINES, 1):
        _receive(held, drawn_year(register, world), sorted(wanted))
    build_in(held)
    return held


def _receive(workspace: Workspace, year: Year, wanted: Sequence[str]) -> None:
    """One receipt of a year's lines of some services, as receiving leaves it."""
    chosen = np.flatnonzero(np.isin(year.code, wanted) & (year.lines.patient >= 0))
    lines, code = year.lines.take(chosen), year.world.year.code
    areas = np.array(year.world.places.areas)[lines.responsible]
    example = checked([Row()], [2])
    told: dict[str, Any] = {
        "row": np.arange(2, len(chosen) + 2),
        "data_set": pa.repeat("PLCM", len(chosen)),
        "financial_year": pa.repeat(code, len(chosen)),
        "month": lines.month + 1,
        "provider": year.provider[chosen],
        "gp_responsibility": areas,
        "submitted_commissioner": areas,
        "service_code": year.code[chosen],
        "patient_id": lines.patient,
        "activity": pa.repeat(Decimal(1), len(chosen)),
        "cost": np.round(lines.pence / 100, 2),
    }
    assert told.keys() <= {"row", *COLUMNS}
    columns = []
    for each in example.schema:
        values = told.get(each.name, pa.nulls(len(chosen), each.type))
        columns.append((values if isinstance(values, pa.Array) else pa.array(values)).cast(each.type))
    held = pa.Table.from_arrays(columns, schema=example.schema)
    sums = held.group_by(["provider", "month"]).aggregate([([], "count_all"), ("cost", "sum")]).to_pylist()
    coverage = tuple(
        Coverage(row["provider"], code, row["month"], row["count_all"], row["cost_sum"]) for row in sums
    )
    number = len(book.read(workspace)) + 1
    receipt = Receipt(
        receipt=number,
        received="2026-05-01T09:00:00+00:00",
        sha256=hashlib.sha256(code.encode()).hexdigest(),
        name=f"{code}.csv",
        data_set="PLCM",
        providers=tuple(sorted({each.provider for each in coverage})),
        financial_years=(code,),
        months=tuple(CoveredMonth(code, month) for month in range(1, 13)),
        rows=len(chosen),
        cost=sum((each.cost for each in coverage), Decimal(0)),
        unread_costs=0,
        quarantined=Quarantined(0, Decimal(0)),
        findings={},
        synthetic=True,
        coverage=coverage,
        key_fingerprint="0" * 16,
    )
    receipt.directory(workspace).mkdir()
    pq.write_table(held, receipt.directory(workspace) / "checked.parquet")
    book.append(workspace, [receipt])


def changed(
    workspace: Workspace, measure: str, until: Month, icb: str = ENGLAND
) -> dict[str, dict[str, Any]]:
    """What had changed by a month against the first year, by line."""
    first = Month(YEARS[0], 1)
    result = trends(workspace, icb=icb, measure=measure, start=first, until=until)
    return {row["service_line"]: row for row in result.table.to_pylist()}


def varies(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """England's row of each line."""
    rows = volatility(workspace).table.to_pylist()
    return {row["service_line"]: row for row in rows if row["footprint"] == "england"}


SECOND_YEAR, THIRD_YEAR = Month(FinancialYear(2024), 12), Month(FinancialYear(2025), 12)
SUMMER = Month(FinancialYear(2025), 3)


@pytest.mark.parametrize("service", ["tomography", "pain"])
def test_growth_and_decline_are_found_a_year_on_with_their_size(
    workspace: Workspace, register: Register, service: str
) -> None:
    planted = effect_of("volume_growth", service)
    found = changed(workspace, "lines", SECOND_YEAR)[line_of(planted, register)]
    assert found["change_share"] == pytest.approx(planted.size, abs=0.05)
    assert found["direction"] == ("up" if planted.size > 0 else "down")


def test_a_step_is_found_with_its_month_once_seven_months_show_it(
    workspace: Workspace, register: Register
) -> None:
    planted = effect_of("volume_step")
    code = line_of(planted, register)
    # Six months of some thirty lines a month are not enough: a step of 60% is then still within the limits.
    assert code not in changed(workspace, "lines", SECOND_YEAR, planted.area)
    found = changed(workspace, "lines", SUMMER, planted.area)[code]
    assert planted.start is not None
    assert (found["since"], found["direction"]) == (f"{planted.start:%B %Y}", "up")
    assert found["change_share"] == pytest.approx(planted.size, abs=0.15)


def test_a_drift_of_price_is_found_in_spend_and_not_in_lines_after_two_steps(
    workspace: Workspace, register: Register
) -> None:
    planted = effect_of("price_drift")
    code = line_of(planted, register)
    # One step of 6% is less than months of this service differ by chance at this size.
    assert code not in changed(workspace, "spend", SECOND_YEAR)
    found = changed(workspace, "spend", THIRD_YEAR)[code]
    assert found["change_share"] == pytest.approx((1 + planted.size) ** 2 - 1, abs=0.04)
    assert code not in changed(workspace, "lines", THIRD_YEAR)


@pytest.mark.parametrize("measure", ["spend", "lines"])
def test_nothing_is_found_where_nothing_is_planted(workspace: Workspace, measure: str) -> None:
    for until in (SECOND_YEAR, THIRD_YEAR):
        assert changed(workspace, measure, until).keys().isdisjoint(UNTOUCHED)


@pytest.mark.parametrize("service", ["burn", "molecular"])
def test_providers_income_varies_as_planted_and_little_elsewhere(
    workspace: Workspace, register: Register, service: str
) -> None:
    # A squared variation of 1 / size between a provider's years. Neonatal care's (1 / 25) is too small to be told
    # from chance here: its 140 patients at 37 providers make as much.
    planted = effect_of("provider_years", service)
    found = varies(workspace)
    codes = [code for code, line in register.lines.items() if planted.concerns(line.name) and code in found]
    large = max(codes, key=lambda code: found[code]["patients"])
    expected = planted.size**-0.5
    assert found[large]["provider_income_variation"] == pytest.approx(expected, rel=0.5)
    for code in ("NCBPS01C", "NCBPS11B", "NCBPS01R"):
        assert found[code]["provider_income_variation"] < expected / 3


def test_a_volatile_service_varies_beyond_chance_and_a_steady_one_does_not(
    workspace: Workspace, register: Register
) -> None:
    found = varies(workspace)
    [volatile] = [
        code for code in found if effect_of("case_cost", "molecular").concerns(register.lines[code].name)
    ]
    assert found[volatile]["observed_variation"] > 3 * found[volatile]["chance_variation"]
    for code in ("NCBPS01C", "NCBPS11B", "NCBPS01R"):
        assert found[code]["observed_variation"] < 2 * found[code]["chance_variation"]


def test_costs_of_cases_spread_most_where_most_is_planted(workspace: Workspace, register: Register) -> None:
    found = varies(workspace)
    burns, oncology = (
        max(
            found[code]["case_variation"]
            for code in found
            if effect_of("case_cost", service).concerns(register.lines[code].name)
        )
        for service in ("burn", "molecular")
    )
    assert burns > effect_of("case_cost", "burn").size
    assert burns > 2 * oncology
