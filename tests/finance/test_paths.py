"""Several years of the pace of change: what carries over, when it converges, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.finance.worlds import WORKED_BASELINE, WORKED_MONEY, WORKED_SHARE, rate, shares_of

from speccom.finance.allocations import allocations
from speccom.finance.pace import AllocationError, Parameters, allocate
from speccom.finance.paths import growing_money, path


def test_each_year_is_the_year_by_itself_from_what_the_one_before_left() -> None:
    asked = Parameters(k=rate("0.2"), cmax=rate("0.01"))
    money = growing_money(WORKED_MONEY, [rate("0.03")] * 2)
    years = path(WORKED_BASELINE, WORKED_SHARE, money, asked).years
    assert [str(year.money) for year in years] == ["1050", "1081.50", "1113.94"]
    assert years[1] == allocate(years[0].closing(), WORKED_SHARE, money[1], asked)
    assert years[2] == allocate(years[1].closing(), WORKED_SHARE, money[2], asked)


def test_a_fifth_of_a_distance_a_year_halves_it_in_about_three() -> None:
    found = path(WORKED_BASELINE, WORKED_SHARE, [rate("100000000")] * 4, Parameters(k=rate("0.2")))
    start, *after = found.largest_distances()
    assert after[2] > start / 2 > after[3] * rate("0.9")
    assert list(after) == sorted(after, reverse=True)
    assert list(found.out_of_place()) == sorted(found.out_of_place(), reverse=True)


def test_years_to_converge_counts_only_what_stays_within() -> None:
    found = path(WORKED_BASELINE, WORKED_SHARE, [rate("100000000")] * 6, Parameters(k=rate("0.5")))
    distances = found.largest_distances()
    assert found.years_to_converge(distances[0]) == 0
    assert found.years_to_converge(distances[3]) == 3
    assert found.years_to_converge(rate("0.0000001")) is None


def test_shares_may_change_from_year_to_year() -> None:
    even = dict(zip(WORKED_SHARE, shares_of([1, 1, 1, 1]), strict=True))
    found = path(
        WORKED_BASELINE, [WORKED_SHARE, even], [WORKED_MONEY, WORKED_MONEY], Parameters(k=rate("0.1"))
    )
    assert found.years[1].area("E1").target == rate("262.50")
    with pytest.raises(AllocationError, match="target shares for 2 years and money for 1"):
        path(WORKED_BASELINE, [WORKED_SHARE, even], [WORKED_MONEY])


@given(st.lists(st.decimals("0.95", "1.10", places=3), min_size=1, max_size=10))
def test_in_every_year_what_lies_above_target_is_what_lies_below_it(growth: list[Decimal]) -> None:
    money = [(WORKED_MONEY * each).quantize(Decimal("0.01")) for each in growth]
    found = path(WORKED_BASELINE, WORKED_SHARE, money, Parameters(k=rate("0.3")))
    for year, above in zip(found.years, found.out_of_place(), strict=True):
        lacking = sum((max(Decimal(0), each.target - each.allocation) for each in year.areas), Decimal(0))
        assert lacking == above * year.money or abs(lacking - above * year.money) < Decimal("1e-15")


def test_a_later_year_that_cannot_be_solved_is_named() -> None:
    with pytest.raises(AllocationError, match=r"Year 2: What areas must have at least sums to £1,071\.00"):
        path(WORKED_BASELINE, WORKED_SHARE, [rate("1050"), rate("1060")], Parameters(gmin=rate("0.02")))


@pytest.mark.parametrize("growth", ["-1", "11", "NaN"])
def test_money_cannot_vanish_or_grow_tenfold(growth: str) -> None:
    with pytest.raises(AllocationError, match="Money is to grow by"):
        growing_money(WORKED_MONEY, [rate(growth)])


def test_the_table_has_a_row_for_each_year_and_area_and_says_what_each_column_is() -> None:
    found = path(
        WORKED_BASELINE, WORKED_SHARE, [WORKED_MONEY] * 2, Parameters(k=rate("0.2"), floor=rate("0.01"))
    )
    result = allocations(found, names={"E1": "East"})
    rows = result.table.to_pylist()
    assert [(row["year"], row["area_name"]) for row in rows[:4]] == [
        (1, "East"),
        (1, "E2"),
        (1, "E3"),
        (1, "E4"),
    ]
    assert sum(row["allocation"] for row in rows) == 2 * WORKED_MONEY
    assert rows[1]["held_by"] == "most below target (floor)"
    assert all(field.metadata[b"meaning"] for field in result.table.schema)
    assert result.notes[0] == "Pace of change: k = 0.2, floor = 0.01."
