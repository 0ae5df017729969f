"""Budgets: exact pounds over whole months, refused with the numbers that clash."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.finance.position.worlds import BOARD, budgets_of, lines, month, plans, stood, world

from speccom.finance.position.budgets import budgets
from speccom.finance.position.inputs import PositionError, monthly
from speccom.finance.position.table import position
from speccom.period import Interval
from speccom.workspace import Workspace

HEADER = "commissioner,service_line,provider,from,to,pounds\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return world(tmp_path, lines(range(1, 7)), plans(range(1, 13)))


@given(
    pounds=st.decimals(-(10**9), 10**9, places=2),
    start=st.integers(0, 30),
    length=st.integers(1, 40),
)
def test_the_months_of_a_budget_add_up_to_it_to_the_penny(pounds: Decimal, start: int, length: int) -> None:
    first = month(start % 12 + 1, 2023 + start // 12)
    last = first
    for _ in range(length - 1):
        last = type(last).containing(last.end)
    parts = monthly(pounds, Interval(first.start, last.end))
    assert sum(parts.values()) == pounds
    assert len(parts) == length
    assert max(parts.values()) - min(parts.values()) <= Decimal("0.01") * 2


def test_a_budget_belongs_to_the_months_before_its_end(workspace: Workspace) -> None:
    budgets_of(workspace, HEADER + "QKS,,,2025-04-01,2025-07-01,300\nQKS,,,2025-07-01,2026-04-01,1800\n")
    [row] = position(stood(workspace, 3)).table.to_pylist()
    assert (row["budget"], row["budget_variance"], row["year_budget"]) == (300, 2700, 2100)
    [row] = position(stood(workspace, 4)).table.to_pylist()
    assert row["budget"] == 500


def test_budgets_that_share_a_pound_are_refused_with_both_rows_and_sums(workspace: Workspace) -> None:
    with pytest.raises(PositionError) as refused:
        budgets_of(
            workspace,
            HEADER + "QKS,NCBPS11B,,2025-04-01,2026-04-01,1000\nQKS,,RJ1,2026-03-01,2026-04-01,20.50\n",
        )
    said = str(refused.value)
    assert "rows 2 and 3" in said
    assert "£1,000.00 in [2025-04-01, 2026-04-01)" in said
    assert "£20.50 in [2026-03-01, 2026-04-01)" in said
    assert budgets(workspace) is None


def test_budgets_that_meet_on_the_day_of_change_do_not_clash(workspace: Workspace) -> None:
    said = budgets_of(workspace, HEADER + "QKS,,,2025-04-01,2025-10-01,1\nQKS,,,2025-10-01,2026-04-01,2\n")
    assert said == "Imported 2 budgets of 1 commissioners, £3.00 in all, from budgets.csv."


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ("QKS,,,2025-04-01,2026-04-01,1.005", "pounds", "no sum in pounds"),
        ('QKS,,,2025-04-01,2026-04-01,"1,000"', "pounds", "no sum in pounds"),
        ("QKS,,,2025-04-01,2026-03-31,1", "to", "not the first day of a month"),
        ("QKS,,,2025-04-01,2025-04-01,1", "to", "is empty"),
        ("QZZ,,,2025-04-01,2026-04-01,1", "commissioner", "no body of the register"),
        ("91Q,,,2025-04-01,2026-04-01,1", "commissioner", "a location within QKS"),
        ("QKS,!,,2025-04-01,2026-04-01,1", "service_line", "no service line"),
        ("QKS,,R1H00,2025-04-01,2026-04-01,1", "provider", "no provider"),
    ],
)
def test_a_fault_is_named_with_its_row_and_field(
    workspace: Workspace, row: str, field: str, why: str
) -> None:
    with pytest.raises(PositionError, match=f"row 2, field {field}: .*{why}"):
        budgets_of(workspace, HEADER + row + "\n")


def test_a_column_that_nobody_reads_is_refused(workspace: Workspace) -> None:
    with pytest.raises(PositionError, match="nothing reads the column 'amount'"):
        budgets_of(workspace, "commissioner,from,to,pounds,amount\nQKS,2025-04-01,2026-04-01,1,2\n")


def test_a_budget_of_nothing_has_a_variance_and_no_share(workspace: Workspace) -> None:
    budgets_of(workspace, HEADER + "QKS,,,2025-04-01,2026-04-01,0\n")
    [row] = position(stood(workspace)).table.to_pylist()
    assert (row["budget"], row["budget_variance"], row["budget_variance_share"]) == (0, 6000, None)
    assert "a budget of nothing" in row["note"]


def test_a_budget_that_is_not_divided_so_is_not_shared_out(workspace: Workspace) -> None:
    budgets_of(workspace, HEADER + "QKS,,,2025-04-01,2026-04-01,12000\n")
    found = position(stood(workspace), ("service_line",))
    assert found.table["budget"].to_pylist() == [None]
    assert "its budgets are not divided by service line" in " ".join(found.said())


def test_spend_that_no_budget_covers_is_said(workspace: Workspace) -> None:
    budgets_of(workspace, HEADER + "QKS,NCBPS06A,,2025-04-01,2026-04-01,12000\n")
    [row] = position(stood(workspace)).table.to_pylist()
    assert row["budget"] == 6000
    assert "£6,000.00 of actual is of what no budget covers" in row["note"]


def test_without_budgets_a_gap_says_how_to_import_them(workspace: Workspace) -> None:
    found = position(stood(workspace))
    [row] = found.table.to_pylist()
    assert (row["commissioner"], row["budget"], row["forecast_against"]) == (BOARD, None, "plan")
    assert "speccom reference import budgets FILE" in " ".join(found.said())


def test_a_budget_of_part_of_the_year_is_not_held_against_the_full_year(workspace: Workspace) -> None:
    budgets_of(workspace, HEADER + "QKS,,,2025-04-01,2025-10-01,6000\n")
    [row] = position(stood(workspace)).table.to_pylist()
    assert (row["budget"], row["year_budget"], row["forecast_against"]) == (6000, None, "plan")
    assert "budget of 6 of 12 months" in row["note"]
