"""Spend a head as access times intensity: counted by hand, parted without remainder, and honest about gaps."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    NORTH_EAST_LONDON,
    RENAL,
    WEST_YORKSHIRE,
    Row,
    ledger,
    many_boards,
    people,
    row_of,
    two_boards,
)

from speccom.insight.peers import groups_of, save_group
from speccom.insight.result import InsightError
from speccom.insight.variation import Spell, split, variation
from speccom.ledger.manifest import LedgerError
from speccom.period import FinancialYear
from speccom.workspace import Workspace

MERGED, FRIMLEY, FRIMLEY_HOME = (
    "Z9B2Z",
    "QNQ",
    "D4U1Y",
)  # one is North Central and North West London from 2026
CENTRAL_HOME, WEST_HOME = "93C", "D2Z9S"
SPINAL = "NCBPS06A"

spells = st.builds(
    Spell,
    patients=st.integers(1, 10**6),
    lines=st.integers(1, 10**7),
    spend=st.decimals(1, 10**9, places=2, allow_nan=False, allow_infinity=False),
    population=st.floats(1, 10**8),
)


def test_patients_lines_and_pounds_are_those_counted_by_hand(tmp_path: Path) -> None:
    result = variation(ledger(tmp_path, two_boards()))
    board = row_of(result, icb=NORTH_EAST_LONDON)
    assert (board["patients"], board["lines"], board["spend"]) == (49, 55, Decimal(4630))
    assert board["access"] == pytest.approx(49 / board["population"] * 100_000)
    assert board["intensity"] == pytest.approx(4630 / 49)
    england = row_of(result, icb="ENG")
    assert (england["patients"], england["lines"], england["spend"]) == (79, 94, Decimal(11260))


def test_patients_are_distinct_over_activity_drugs_and_devices_together(tmp_path: Path) -> None:
    rows = people(NORTH_EAST_LONDON, BARTS, range(1, 11))
    rows += people(NORTH_EAST_LONDON, BARTS, range(6, 16), data_set="DrPLCM")
    rows += people(NORTH_EAST_LONDON, BARTS, range(11, 18), data_set="DePLCM")
    board = row_of(variation(ledger(tmp_path, rows)), icb=NORTH_EAST_LONDON)
    assert (board["patients"], board["lines"], board["spend"]) == (17, 27, Decimal(2700))


def test_a_patient_of_two_boards_is_one_of_england(tmp_path: Path) -> None:
    rows = people(NORTH_EAST_LONDON, BARTS, range(1, 11)) + people(
        WEST_YORKSHIRE, LEEDS, range(10, 21), month=2
    )
    result = variation(ledger(tmp_path, rows))
    assert row_of(result, icb=NORTH_EAST_LONDON)["patients"] == 10
    assert row_of(result, icb=WEST_YORKSHIRE)["patients"] == 11
    assert row_of(result, icb="ENG")["patients"] == 20


def test_access_times_intensity_is_the_spend_a_head_of_every_row(tmp_path: Path) -> None:
    result = variation(ledger(tmp_path, two_boards()))
    for row in result.table.to_pylist():
        if row["access"] and row["intensity"]:
            assert row["access"] / 100_000 * row["intensity"] == pytest.approx(row["spend_per_head"])
            assert row["access_ratio"] * row["intensity_ratio"] == pytest.approx(row["spend_ratio"])


@given(spells, spells)
def test_ratios_multiply_and_effects_add_up_for_any_two_areas(one: Spell, other: Spell) -> None:
    parts = split(one, other)
    assert parts.access_ratio is not None
    assert parts.intensity_ratio is not None
    assert parts.access_effect is not None
    assert parts.intensity_effect is not None
    assert parts.spend_ratio == pytest.approx(parts.access_ratio * parts.intensity_ratio)
    size = max(one.per_head or 0, other.per_head or 0)
    cross = max((one.access or 0) * (other.intensity or 0), (other.access or 0) * (one.intensity or 0))
    assert parts.difference == pytest.approx(
        parts.access_effect + parts.intensity_effect, abs=1e-9 * max(size, cross)
    )
    back = split(other, one)
    assert back.access_effect == pytest.approx(-parts.access_effect)
    if parts.access_share is not None and parts.spend_ratio:
        assert parts.access_share * math.log(parts.spend_ratio) == pytest.approx(
            math.log(parts.access_ratio), abs=1e-6
        )


def test_an_area_against_itself_has_no_difference_and_nothing_to_share_out() -> None:
    one = Spell(10, 20, Decimal(500), 1000.0)
    parts = split(one, one)
    assert (parts.spend_ratio, parts.difference, parts.access_share) == (1.0, 0.0, None)


def test_lines_without_a_patient_count_as_pounds_and_are_warned_of(tmp_path: Path) -> None:
    rows = people(NORTH_EAST_LONDON, BARTS, range(1, 9))
    rows += [Row(patient_id=None, withheld_identity_reason="01", cost=Decimal(50)) for _ in range(2)]
    board = row_of(variation(ledger(tmp_path, rows)), icb=NORTH_EAST_LONDON)
    assert (board["patients"], board["lines"], board["spend"]) == (8, 10, Decimal(900))
    assert "20% of lines have no patient" in board["note"]


def test_a_board_without_a_line_has_a_gap_and_no_zero_rate_of_others(tmp_path: Path) -> None:
    result = variation(ledger(tmp_path, two_boards()), RENAL)
    empty = row_of(result, icb="QKS")
    assert (empty["patients"], empty["intensity"], empty["intensity_ratio"]) == (0, None, None)
    assert any("NHS Kent and Medway ICB" in gap.subject for gap in result.gaps)


def test_a_service_without_activity_has_gaps_for_every_board(tmp_path: Path) -> None:
    result = variation(ledger(tmp_path, two_boards()), SPINAL)
    assert {row["patients"] for row in result.table.to_pylist()} == {0}
    assert sum(gap.missing == "access or intensity" for gap in result.gaps) == 42
    assert all(row["spend_ratio"] is None for row in result.table.to_pylist())


def test_boards_of_the_first_of_april_2026_are_made_of_their_parts(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, many_boards([CENTRAL_HOME, WEST_HOME]))
    before = variation(workspace, boundaries=date(2026, 3, 31))
    after = variation(workspace, boundaries=date(2026, 4, 1))
    parts = [row_of(before, icb=icb) for icb in ("QMJ", "QRV")]
    whole = row_of(after, icb=MERGED)
    assert whole["patients"] == sum(row["patients"] for row in parts) == 67
    assert whole["spend"] == sum(row["spend"] for row in parts)
    assert whole["population"] == pytest.approx(sum(row["population"] for row in parts))
    assert "QMJ" not in after.table["icb"].to_pylist()
    assert MERGED not in before.table["icb"].to_pylist()


def test_frimley_is_split_so_its_people_stay_and_the_split_is_a_gap(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, many_boards([FRIMLEY_HOME]))
    assert not [
        gap for gap in variation(workspace, boundaries=date(2026, 3, 31)).gaps if "divided" in gap.reason
    ]
    result = variation(workspace, boundaries=date(2026, 4, 1))
    frimley = row_of(result, icb=FRIMLEY)
    assert (frimley["patients"], frimley["population"], frimley["access"]) == (30, None, None)
    assert any("NHS Frimley ICB" in gap.subject and "divided" in gap.reason for gap in result.gaps)
    # A board that took a part of it has no population that is known.
    assert any(gap.missing == "population of 2025/26" for gap in result.gaps)
    assert row_of(result, icb="ENG")["patients"] == 0


def test_a_year_without_populations_is_a_gap_and_never_a_rate(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, people(NORTH_EAST_LONDON, BARTS, range(10), financial_year="203031"))
    result = variation(workspace, year=FinancialYear.parse("2030/31"))
    assert {row["access"] for row in result.table.to_pylist()} == {None}
    assert any(gap.missing == "population of 2030/31" for gap in result.gaps)


def test_peers_are_the_region_a_group_or_boards_that_are_named(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, [*two_boards(), *many_boards(["72Q", "93C"])])
    region = row_of(variation(workspace, peers="region"), icb=NORTH_EAST_LONDON)
    assert region["compared_with"] == "other boards of NHS England London"
    named = row_of(variation(workspace, peers=WEST_YORKSHIRE), icb=NORTH_EAST_LONDON)
    assert named["compared_with"] == WEST_YORKSHIRE
    other = row_of(variation(workspace), icb=WEST_YORKSHIRE)
    assert named["spend_ratio"] == pytest.approx(
        row_of(variation(workspace), icb=NORTH_EAST_LONDON)["spend_per_head"] / other["spend_per_head"]
    )
    save_group(workspace, "north", [WEST_YORKSHIRE, "QF7"])
    assert groups_of(workspace) == {"north": (WEST_YORKSHIRE, "QF7")}
    kept = row_of(variation(workspace, peers="group:north"), icb=NORTH_EAST_LONDON)
    assert kept["compared_with"] == f"{WEST_YORKSHIRE}, QF7"
    for wrong in ("group:south", "QZZ", ","):
        with pytest.raises(InsightError, match=r"group|board"):
            variation(workspace, peers=wrong)


def test_nothing_built_and_a_year_that_is_not_held_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="speccom build"):
        variation(Workspace(tmp_path).make())
    with pytest.raises(LedgerError, match="2025/26"):
        variation(ledger(tmp_path, people(NORTH_EAST_LONDON, GUYS, [1])), year=FinancialYear(1999))
