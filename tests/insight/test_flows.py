"""Where people are cared for: every pound once, net sums to nothing, and distances as the crow flies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    NORTH_EAST_LONDON,
    SOUTH_EAST_LONDON,
    WEST_YORKSHIRE,
    Row,
    ledger,
    many_boards,
    people,
    row_of,
    two_boards,
)

from speccom.insight.flows import balances, band_of, by_board, by_provider, kilometres

places = st.tuples(st.floats(-6, 2), st.floats(50, 56))


def test_a_pair_has_its_own_distinct_patients_and_exact_pounds(tmp_path: Path) -> None:
    result = by_provider(ledger(tmp_path, two_boards()))
    pair = row_of(result, icb=NORTH_EAST_LONDON, provider=GUYS)
    assert (pair["patients"], pair["spend"], pair["host_icb"]) == (12, Decimal(600), SOUTH_EAST_LONDON)
    assert pair["share_of_board"] == pytest.approx(600 / 4630)
    assert pair["share_of_provider"] == 1
    assert row_of(result, icb=WEST_YORKSHIRE, provider=BARTS)["share_of_provider"] == pytest.approx(
        630 / 4630
    )
    boards = {row["icb"]: Decimal(0) for row in result.table.to_pylist()}
    for row in result.table.to_pylist():
        boards[row["icb"]] += row["spend"]
    assert boards == {NORTH_EAST_LONDON: Decimal(4630), WEST_YORKSHIRE: Decimal(6630)}


def test_patients_of_two_hospitals_of_one_area_are_once_between_boards(tmp_path: Path) -> None:
    rows = people(NORTH_EAST_LONDON, GUYS, range(1, 11)) + people(NORTH_EAST_LONDON, "RJZ", range(6, 16))
    workspace = ledger(tmp_path, rows)
    assert row_of(by_board(workspace), host=SOUTH_EAST_LONDON)["patients"] == 15
    assert sum(row["patients"] for row in by_provider(workspace).table.to_pylist()) == 20


def test_net_pounds_sum_to_nothing_over_all_rows(tmp_path: Path) -> None:
    rows = [*two_boards(), *many_boards(["72Q", "93C", "D4U1Y"]), Row(gp_responsibility="7A4", patient_id=5)]
    result = balances(ledger(tmp_path, rows))
    table = result.table.to_pylist()
    assert sum(row["net"] for row in table) == 0
    assert sum(row["spend"] for row in table) == sum(row["income"] for row in table)
    for row in table:
        assert row["net"] == row["inflow"] - row["outflow"] == row["income"] - row["spend"]
        assert row["at_home"] + row["outflow"] == row["spend"]
    assert row_of(result, icb=WEST_YORKSHIRE)["outflow_share"] == pytest.approx(630 / 6630)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([NORTH_EAST_LONDON, WEST_YORKSHIRE]),
            st.sampled_from([BARTS, GUYS, LEEDS]),
            st.integers(1, 9),
            st.decimals(-(10**4), 10**6, places=2, allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_flows_net_is_nothing_and_pounds_are_kept(
    tmp_path_factory: pytest.TempPathFactory, flows: list[tuple[str, str, int, Decimal]]
) -> None:
    rows = [
        row for icb, provider, patient, cost in flows for row in people(icb, provider, [patient], str(cost))
    ]
    workspace = ledger(tmp_path_factory.mktemp("flows"), rows)
    total = sum((cost for *_, cost in flows), Decimal(0))
    assert sum(row["spend"] for row in by_provider(workspace).table.to_pylist()) == total
    assert sum(row["spend"] for row in by_board(workspace).table.to_pylist()) == total
    assert sum(row["net"] for row in balances(workspace).table.to_pylist()) == 0


def test_one_provider_for_everybody_leaves_every_other_area(tmp_path: Path) -> None:
    result = balances(ledger(tmp_path, many_boards(["A3A8R", "72Q", "02T"])))
    assert row_of(result, icb=NORTH_EAST_LONDON)["import_share"] > 0.5
    for icb in (SOUTH_EAST_LONDON, WEST_YORKSHIRE):
        row = row_of(result, icb=icb)
        assert (row["outflow_share"], row["income"], row["import_share"]) == (1, 0, None)
        assert (row["largest_provider"], row["largest_provider_share"]) == (BARTS, 1)


def test_flows_follow_the_boundaries_of_the_date_that_is_asked(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, many_boards(["93C", "D2Z9S", "D4U1Y"]))
    before = by_board(workspace, boundaries=date(2026, 3, 31)).table["icb"].to_pylist()
    after = by_board(workspace, boundaries=date(2026, 4, 1))
    assert sorted(before) == ["QMJ", "QNQ", "QRV"]
    assert sorted(after.table["icb"].to_pylist()) == ["QNQ", "Z9B2Z"]
    assert any("NHS Frimley ICB" in gap.subject for gap in after.gaps)


def test_a_line_that_nobody_had_is_a_gap(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_boards())
    for ask in (by_provider, by_board, balances):
        result = ask(workspace, "NCBPS06A")
        assert any(gap.missing == "flows" for gap in result.gaps)
    assert by_provider(workspace, "NCBPS06A").table.num_rows == 0


@given(places, places)
def test_distance_is_the_same_both_ways_and_nothing_at_home(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert kilometres(one, other) == pytest.approx(kilometres(other, one))
    assert kilometres(one, one) == pytest.approx(0, abs=1e-6)


def test_bands_are_half_open() -> None:
    assert [band_of(each) for each in (0, 24.9, 25, 199.9, 200, None)] == [
        "0 to 25",
        "0 to 25",
        "25 to 50",
        "100 to 200",
        "200 and more",
        None,
    ]
