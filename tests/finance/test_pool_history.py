"""What the ledger says of a pool: cases, case costs and a year's excess, counted by hand; and what is withheld."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.pool_worlds import (
    NORTH_EAST_LONDON,
    SOUTH_EAST_LONDON,
    WEST_YORKSHIRE,
    cost_of,
    pooled,
)
from tests.ledger.worlds import RENAL

from speccom.finance.pool_history import FEWEST_PATIENTS, History, history
from speccom.finance.pools import PoolError
from speccom.insight.peers import save_group
from speccom.ledger.manifest import LedgerError
from speccom.period import FinancialYear
from speccom.workspace import Workspace

LAST = FinancialYear(2026)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return pooled(tmp_path_factory.mktemp("pools"))


def codes(found: History) -> list[str]:
    return [each.code for each in found.members]


def test_cases_are_patients_a_year_and_a_case_costs_what_its_lines_come_to(workspace: Workspace) -> None:
    found = history(workspace, RENAL, f"{NORTH_EAST_LONDON},{WEST_YORKSHIRE}")
    assert {each.code: each.expected_cases for each in found.members} == {"QMF": 41.5, "QWO": 91.5}
    costs = [cost_of(number) for place in range(4) for each in (40, 90, 3) for number in range(
        each + place * (each > 3)
    )]  # fmt: skip
    assert found.patient_years == len(costs)
    assert found.costs.mean == pytest.approx(float(sum(costs)) / len(costs))
    own = sum(cost_of(number) for place in range(4) for number in range(40 + place)) / 4
    assert found.own_cost["QMF"] == own.quantize(Decimal("0.01"))


def test_premiums_from_bands_are_near_those_of_every_patient(workspace: Workspace) -> None:
    found = history(workspace, RENAL)
    costs = [float(cost_of(number)) for place in range(4) for each in (40, 90, 3) for number in range(
        each + place * (each > 3)
    )]  # fmt: skip
    for retention in (50.0, 300.0, 5_000.0):
        exact = sum(max(cost - retention, 0) for cost in costs) / len(costs)
        assert float(found.costs.excess(retention)) == pytest.approx(exact, rel=0.01)


def test_the_pounds_above_a_retention_are_those_of_each_patients_year(workspace: Workspace) -> None:
    found = history(workspace, RENAL, settle=LAST, retention=Decimal("250.50"))
    for code, patients in ((NORTH_EAST_LONDON, 43), (WEST_YORKSHIRE, 93), (SOUTH_EAST_LONDON, 3)):
        costs = [cost_of(number) for number in range(patients)]
        actual = found.actual[code]
        assert actual.cost == sum(costs)
        assert actual.above == sum(max(cost - Decimal("250.50"), Decimal(0)) for cost in costs)


def test_a_year_that_is_settled_is_not_in_what_led_to_expect_it_unless_it_is_named(
    workspace: Workspace,
) -> None:
    found = history(workspace, RENAL, settle=LAST)
    assert [str(year) for year in found.years] == ["2023/24", "2024/25", "2025/26"]
    assert found.members[1].expected_cases == 41
    named = history(workspace, RENAL, settle=LAST, years=[LAST])
    assert [str(year) for year in named.years] == ["2026/27"]


def test_years_before_the_first_that_is_held_are_refused(workspace: Workspace) -> None:
    with pytest.raises(PoolError, match="Nothing is held of years before 2023/24"):
        history(workspace, RENAL, settle=FinancialYear(2023))
    with pytest.raises(LedgerError, match="holds nothing of 2019/20"):
        history(workspace, RENAL, years=[FinancialYear(2019)])


def test_a_part_of_a_year_is_not_settled(tmp_path: Path) -> None:
    from tests.finance.pool_worlds import year
    from tests.insight.worlds import ledger
    from tests.ledger.worlds import LONDON

    part = [row for row in year("202526", LONDON, 40) if row.month < 8]
    workspace = ledger(tmp_path, [*year("202425", LONDON, 40), *part])
    with pytest.raises(PoolError, match="holds 7 of the 12 months of 2025/26"):
        history(workspace, RENAL, settle=FinancialYear(2025))
    assert [str(each) for each in history(workspace, RENAL).years] == ["2024/25"]


def test_years_differ_only_once_four_are_held(workspace: Workspace) -> None:
    assert history(workspace, RENAL, settle=LAST).chances.between_years == 0
    assert "needs 4 whole years, and 3 are used" in " ".join(history(workspace, RENAL, settle=LAST).notes)
    assert history(workspace, RENAL, between_years=0.02, correlation=0.5).chances.between_years == 0.02


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("england", ["QKK", "QMF", "QWO"]),
        ("region:Y56", ["QKK", "QMF"]),
        ("region:y63,QMF", ["QMF", "QWO"]),
        ("qwo", ["QWO"]),
        ("group:both", ["QMF", "QWO"]),
    ],
)
def test_areas_are_named_by_code_region_committee_and_group(
    workspace: Workspace, asked: str, expected: list[str]
) -> None:
    save_group(workspace, "both", ["QMF", "QWO"])
    assert codes(history(workspace, RENAL, asked)) == expected


def test_a_committees_boards_are_named_by_the_committee(workspace: Workspace) -> None:
    from speccom.register import Register

    committee = Register.load(workspace).committee(WEST_YORKSHIRE)
    assert WEST_YORKSHIRE in codes(history(workspace, RENAL, f"committee:{committee}"))


@pytest.mark.parametrize("asked", ["ZZZ", "region:Y99", "committee:none", "group:none", "county:Kent"])
def test_an_area_that_is_none_is_refused_with_those_that_are(workspace: Workspace, asked: str) -> None:
    with pytest.raises(PoolError, match=f"'{asked}' names no board on .*region: with Y56"):
        history(workspace, RENAL, asked)
    with pytest.raises(PoolError, match="one area at least"):
        history(workspace, RENAL, " , ")


def test_a_board_without_a_patient_is_left_out_and_said(workspace: Workspace) -> None:
    found = history(workspace, RENAL, "QMF,QNC")
    assert codes(found) == ["QMF"]
    assert [gap.reason for gap in found.gaps] == ["it has no patient of these lines in these years"]
    with pytest.raises(PoolError, match="None of QNC has patients enough"):
        history(workspace, RENAL, "QNC")


def test_lines_without_history_are_refused(workspace: Workspace) -> None:
    with pytest.raises(PoolError, match=r"has 0 patient-years in .*there is no history"):
        history(workspace, "NCBPS06A")


def test_what_everybody_may_see_is_rounded_and_few_patients_are_withheld(workspace: Workspace) -> None:
    found = history(workspace, RENAL, "QKK,QMF,QWO", public=True)
    assert {each.code: each.expected_cases for each in found.members} == {"QMF": 40, "QWO": 90}
    assert [gap.reason for gap in found.gaps] == ["it has too few patients a year to be shown"]
    assert not any(found.own_cost.values())
    assert found.patient_years % 5 == 0


def test_no_band_of_costs_that_everybody_may_see_is_of_fewer_than_eight(tmp_path: Path) -> None:
    """A single patient dearer than all others is in a band with seven more, so no premium tells what she cost."""
    from dataclasses import replace

    from tests.finance.pool_worlds import year
    from tests.insight.worlds import ledger
    from tests.ledger.worlds import LONDON

    years = ("202324", "202425", "202526")
    rows = [row for code in years for row in year(code, LONDON, 40)]
    rows[0] = replace(rows[0], cost=Decimal(900_000))
    workspace = ledger(tmp_path, rows)
    open_ = history(workspace, RENAL)
    shown = history(workspace, RENAL, public=True)
    assert open_.costs.values is not None
    assert shown.costs.values is not None
    assert shown.costs.probabilities is not None
    assert open_.costs.values[-1] > 800_000
    shares = [
        high - low
        for low, high in zip(shown.costs.probabilities, shown.costs.probabilities[1:], strict=False)
        if high > low
    ]
    assert (
        min(shares) * shown.patient_years >= FEWEST_PATIENTS - 3
    )  # eight, rounded to five, of a whole so too
    assert float(shown.costs.values[-1]) < 900_000


def test_a_page_needs_three_years_so_that_their_mean_does_not_tell_one(tmp_path: Path) -> None:
    workspace = pooled(tmp_path, ["202425", "202526"])
    assert history(workspace, RENAL).members
    with pytest.raises(PoolError, match="from 3 whole years on, and 2 are held"):
        history(workspace, RENAL, public=True)


def test_a_year_that_boards_began_in_is_not_used_unless_it_is_named(tmp_path: Path) -> None:
    """There were no boards before July 2022, so a quarter of that year's people are of none."""
    workspace = pooled(tmp_path, ["202223", "202324", "202425"])
    found = history(workspace, RENAL)
    assert [str(each) for each in found.years] == ["2023/24", "2024/25"]
    assert "Not used: 2022/23 (34%)" in " ".join(found.notes)
    named = history(workspace, RENAL, years=[FinancialYear(2022), FinancialYear(2023)])
    assert [str(each) for each in named.years] == ["2022/23", "2023/24"]
    assert "Much of 2022/23 (34%) is of people of no board" in " ".join(named.notes)
