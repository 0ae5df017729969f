"""Rates by fifth of deprivation against numbers worked out here, gradients that are there and are not, and gaps."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.deprived import (
    BOARDS,
    FIFTHS,
    REGISTER,
    every_lsoa,
    lived_in,
    lsoa,
    patients,
    two_gradients,
    with_boards,
    with_deprivation,
    with_people,
    world,
    written,
)
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, row_of
from tests.ledger.worlds import BARTS, LONDON, RENAL, SPINAL, Row

from speccom.insight.ages import Groups
from speccom.insight.equity import COLUMNS, GRADIENT_COLUMNS, Equity, equity
from speccom.insight.equity_tables import FEWER, MORE, NEITHER, PATIENTS, SPEND, UNTOLD
from speccom.insight.fifths import ByHome, Part
from speccom.insight.gradients import DIRECT, INDIRECT, patients_measured
from speccom.insight.statistics.intervals import count_limits
from speccom.places.deprivation import import_lsoa_areas
from speccom.places.populations import import_population
from speccom.workspace import Workspace

ENGLAND = "ENG"
MOST = "1 (most deprived)"


def fifth(found: Equity, number: int, icb: str = ENGLAND) -> dict[str, Any]:
    names = {1: MOST, 5: "5 (least deprived)"}
    return row_of(found.fifths, icb=icb, fifth=names.get(number, str(number)))


def line(found: Equity, icb: str = ENGLAND, measure: str = PATIENTS) -> dict[str, Any]:
    return row_of(found.gradients, icb=icb, measure=measure)


def said(found: Equity) -> str:
    return " ".join(found.fifths.said())


# --- by where patients live


def test_patients_and_pounds_are_those_counted_by_hand(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients()))
    most = fifth(found, 1)
    assert (most["population"], most["patients"], most["spend"]) == (2200, 72, Decimal(7200))
    assert most["access"] == pytest.approx(72 / 2200 * 100_000)
    limits = count_limits(72)
    assert most["access_lower"] == pytest.approx(float(limits.lower) / 2200 * 100_000)
    assert most["access_upper"] == pytest.approx(float(limits.upper) / 2200 * 100_000)
    assert most["spend_per_head"] == pytest.approx(7200 / 2200)
    own = fifth(found, 5, WEST_YORKSHIRE)
    assert (own["population"], own["patients"], own["spend"]) == (1100, 44, Decimal(4400))
    whole = row_of(found.fifths, icb=ENGLAND, fifth="all")
    assert (whole["patients"], whole["population"]) == (340, 11_000)
    assert row_of(found.fifths, icb=ENGLAND, fifth="not placed")["patients"] == 0


def test_the_gradient_of_equal_fifths_is_that_of_least_squares(tmp_path: Path) -> None:
    found = line(equity(world(tmp_path, two_gradients())), NORTH_EAST_LONDON)
    # Ages are alike in all fifths, so the indirect rate is the crude one: 20 to 60 patients of 1,100 people.
    rates = np.array([20, 30, 40, 50, 60]) / 1100 * 100_000
    slope = (rates[-1] - rates[0]) / 0.8
    assert found["rates"] == INDIRECT
    assert found["slope_index"] == pytest.approx(slope)
    assert found["least_deprived"] == pytest.approx(rates[2] - slope / 2)
    assert found["most_deprived"] == pytest.approx(rates[2] + slope / 2)
    assert found["relative_index"] == pytest.approx((rates[2] + slope / 2) / (rates[2] - slope / 2))
    # SII = Σ cᵢ rᵢ with c = (ridit − ½) / 0.4 for five equal groups, and errors from half the width of the limits.
    limits = count_limits(np.array([20, 30, 40, 50, 60]))
    errors = (limits.upper - limits.lower) / (2 * 1.959964) / 1100 * 100_000
    pull = (np.array([0.1, 0.3, 0.5, 0.7, 0.9]) - 0.5) / 0.4
    spread = 1.959964 * math.sqrt(((pull * errors) ** 2).sum())
    assert found["slope_lower"] == pytest.approx(slope - spread, rel=1e-4)
    assert found["slope_upper"] == pytest.approx(slope + spread, rel=1e-4)
    assert found["reading"] == MORE


def test_a_gradient_the_other_way_has_a_negative_slope_and_a_relative_index_below_one(tmp_path: Path) -> None:
    found = line(equity(world(tmp_path, two_gradients())), WEST_YORKSHIRE)
    assert found["slope_index"] == pytest.approx(-(44 - 12) / 1100 * 100_000 / 0.8)
    assert found["relative_index"] < 1
    assert found["slope_upper"] < 0
    assert found["reading"] == FEWER


def test_age_is_allowed_for_so_that_an_old_area_is_not_taken_for_a_well_served_one(tmp_path: Path) -> None:
    # Each age has one rate everywhere: 1 of 100 below 65, 1 of 10 above. The least deprived areas are older.
    people = {(NORTH_EAST_LONDON, fifth): (1000, 100 * fifth) for fifth in FIFTHS}
    rows: list[Row] = []
    for number in FIFTHS:
        first = number * 1000
        rows += lived_in(NORTH_EAST_LONDON, number, range(first, first + 10), age=40)
        rows += lived_in(NORTH_EAST_LONDON, number, range(first + 500, first + 500 + 10 * number), age=70)
    found = equity(world(tmp_path, rows, people))
    crude = [fifth(found, number)["access"] for number in FIFTHS]
    assert crude[4] > 2 * crude[0]
    # In all: 50 of 5,000 below 65 and 150 of 1,500 above; expected in fifth 5: 10 + 50.
    assert fifth(found, 5)["expected_patients"] == pytest.approx(60)
    for number in FIFTHS:
        assert fifth(found, number)["standardised_ratio"] == pytest.approx(1)
        assert fifth(found, number)["direct_rate"] == pytest.approx(200 / 6500 * 100_000)
    assert line(found)["rates"] == DIRECT
    assert line(found)["slope_index"] == pytest.approx(0, abs=1e-6)
    assert line(found)["relative_index"] == pytest.approx(1)
    assert line(found)["reading"] == NEITHER
    spend = line(found, measure=SPEND)
    assert spend["slope_index"] == pytest.approx(0, abs=1e-9)


def test_sex_is_allowed_for_where_the_population_has_it(tmp_path: Path) -> None:
    # Men are treated at 1 of 10, women at 1 of 100; deprived areas have more men, and no gradient of their own.
    people = {1: (900, 100), 2: (700, 300), 3: (500, 500), 4: (300, 700), 5: (100, 900)}
    rows: list[Row] = []
    for number, (men, women) in people.items():
        first = number * 1000
        rows += lived_in(NORTH_EAST_LONDON, number, range(first, first + men // 10), gender="1")
        rows += lived_in(
            NORTH_EAST_LONDON, number, range(first + 500, first + 500 + women // 100), gender="2"
        )
    workspace = ledger(tmp_path, rows)
    listed = [
        (lsoa(NORTH_EAST_LONDON, number), sex, count)
        for number, pair in people.items()
        for sex, count in zip(("male", "female"), pair, strict=True)
    ]
    import_population(workspace, REGISTER, written(tmp_path, "p.csv", "lsoa21_code,sex,a0plus", listed))
    with_deprivation(workspace, tmp_path)
    found = equity(workspace)
    assert fifth(found, 1)["population"] == 1000
    assert fifth(found, 1)["access"] > 4 * fifth(found, 5)["access"]
    assert line(found)["slope_index"] == pytest.approx(0, abs=1e-6)
    assert "standardised by age and sex" in said(found)


def test_without_sexes_the_reference_says_that_age_alone_is_allowed_for(tmp_path: Path) -> None:
    assert "by age alone, because the imported population has no sexes" in said(
        equity(world(tmp_path, two_gradients()))
    )


def test_spend_has_a_gradient_of_its_own_with_limits_from_how_unlike_patients_costs_are(
    tmp_path: Path,
) -> None:
    rows = [
        *lived_in(NORTH_EAST_LONDON, 1, range(1, 21), cost="300.00"),
        *(
            row
            for number in (2, 3, 4, 5)
            for row in lived_in(NORTH_EAST_LONDON, number, range(number * 100, number * 100 + 20))
        ),
    ]
    found = equity(world(tmp_path, rows, {(NORTH_EAST_LONDON, number): (1000, 0) for number in FIFTHS}))
    most = fifth(found, 1)
    assert most["spend_per_head"] == pytest.approx(6)
    error = math.sqrt(20 * 300**2) / 1000
    assert most["standardised_spend"] == pytest.approx(6)
    assert most["spend_lower"] == pytest.approx(6 - 1.959964 * error, rel=1e-5)
    assert line(found)["reading"] == NEITHER
    assert line(found, measure=SPEND)["reading"] == MORE


def test_a_person_counts_once_over_data_sets_and_at_the_small_area_of_most_lines(tmp_path: Path) -> None:
    rows = lived_in(NORTH_EAST_LONDON, 1, [1])
    rows += lived_in(NORTH_EAST_LONDON, 2, [1], month=2) + lived_in(NORTH_EAST_LONDON, 2, [1], month=3)
    rows += lived_in(NORTH_EAST_LONDON, 2, [1], data_set="DrPLCM")
    found = equity(world(tmp_path, rows))
    assert [fifth(found, number)["patients"] for number in FIFTHS] == [0, 1, 0, 0, 0]
    assert fifth(found, 2)["spend"] == Decimal(400)


def test_people_count_where_they_live_whoever_is_responsible(tmp_path: Path) -> None:
    away = Row(gp_responsibility=LONDON, patient_id=9, lsoa=lsoa(WEST_YORKSHIRE, 3), age=30)
    found = equity(world(tmp_path, [*two_gradients(), away]))
    assert fifth(found, 3, WEST_YORKSHIRE)["patients"] == 28 + 1
    assert fifth(found, 3, NORTH_EAST_LONDON)["patients"] == 40


def test_a_set_of_lines_is_asked_as_anywhere_else(tmp_path: Path) -> None:
    rows = [*two_gradients(), *lived_in(NORTH_EAST_LONDON, 1, range(2000, 2012), service_code=SPINAL)]
    workspace = world(tmp_path, rows)
    assert fifth(equity(workspace, SPINAL), 1)["patients"] == 12
    assert fifth(equity(workspace, f"{SPINAL},{RENAL}"), 1)["patients"] == 72 + 12
    assert (
        equity(workspace, RENAL).fifths.title
        == "Patients and spend by deprivation: " + REGISTER.lines[RENAL].name
    )


def test_every_row_adds_up_to_england(tmp_path: Path) -> None:
    rows = [
        *two_gradients(),
        Row(patient_id=5001, age=30),
        Row(patient_id=5002, lsoa="E01999999", cost=Decimal("7.50")),
        Row(patient_id=None, withheld_identity_reason="01", cost=Decimal(11)),
    ]
    found = equity(world(tmp_path, rows))
    england = [row for row in found.fifths.table.to_pylist() if row["icb"] == ENGLAND]
    *parts, whole = england
    assert sum(row["patients"] for row in parts) == whole["patients"] == 342
    assert sum(row["spend"] for row in parts) == whole["spend"] == sum(row.cost or 0 for row in rows)
    text = said(found)
    assert "340 of 342 patients (99.4%) are placed" in text
    assert "1 have no LSOA; 1 have one that is not among the LSOAs of 2021" in text
    assert "1 lines have no patient" in text


def test_every_column_is_there_with_its_unit(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients()))
    assert found.fifths.table.column_names == list(COLUMNS)
    assert found.gradients.table.column_names == list(GRADIENT_COLUMNS)
    assert found.fifths.synthetic


# --- laws


@given(
    counts=st.lists(st.integers(10, 400), min_size=5, max_size=5),
    people=st.lists(st.integers(500, 5000), min_size=5, max_size=5),
    times=st.integers(2, 5),
)
def test_more_people_and_patients_in_proportion_change_no_index_and_narrow_its_limits(
    counts: list[int], people: list[int], times: int
) -> None:
    one, more = measured(counts, people), measured([n * times for n in counts], [n * times for n in people])
    assert more.line.slope.value == pytest.approx(one.line.slope.value, abs=1e-6)
    width, narrower = (each.line.slope.upper - each.line.slope.lower for each in (one, more))
    assert narrower[0] < width[0]


@given(rate=st.integers(1, 9), people=st.lists(st.integers(2_000, 50_000), min_size=5, max_size=5))
def test_a_world_without_gradient_has_none_beyond_its_limits(rate: int, people: list[int]) -> None:
    found = measured([round(each * rate / 100) for each in people], people).line
    assert found.slope.lower[0] <= 0 <= found.slope.upper[0]
    assert found.relative.lower[0] <= 1 <= found.relative.upper[0]


def test_chance_alone_is_taken_for_a_gradient_one_time_in_twenty() -> None:
    draws = np.random.default_rng(4).poisson(60, (2000, 5))
    found = [measured(list(counts), [3000] * 5).line.slope for counts in draws]
    beyond = np.mean([slope.lower[0] > 0 or slope.upper[0] < 0 for slope in found])
    assert beyond == pytest.approx(0.05, abs=0.015)


def test_a_planted_gradient_is_found_at_its_size() -> None:
    # From 1.5% at the least deprived person to 3% at the most, on equal fifths.
    rates = 0.03 - 0.015 * (np.arange(5) * 0.2 + 0.1)
    counts = np.random.default_rng(5).poisson(rates * 40_000)
    found = measured([int(count) for count in counts], [40_000] * 5).line
    assert found.relative.lower[0] < 2 < found.relative.upper[0]
    assert found.slope.lower[0] < 1500 < found.slope.upper[0]
    assert found.slope.lower[0] > 1000


def measured(counts: list[int], people: list[int]) -> Any:
    persons = np.array(people, dtype=float).reshape(1, 5, 1)
    events = np.array(counts, dtype=float).reshape(1, 5, 1)
    nothing = np.zeros((1, 5))
    home = ByHome(
        (ENGLAND,),
        persons,
        events,
        nothing,
        nothing,
        nothing,
        np.zeros(1),
        {(ENGLAND, number): Part(count, count) for number, count in zip(FIFTHS, counts, strict=True)},
        Part(),
        Part(),
        Part(),
    )
    return patients_measured(home, events[..., 0])


# --- what cannot be said


def test_without_lists_england_is_shown_and_what_to_import_is_said(tmp_path: Path) -> None:
    found = equity(ledger(tmp_path, two_gradients()))
    [row] = found.fifths.table.to_pylist()
    assert (row["icb"], row["fifth"], row["patients"]) == (ENGLAND, "all", 340)
    assert found.gradients.table.num_rows == 0
    assert found.told_by is None
    for kind in ("population", "deprivation"):
        assert f"speccom reference import {kind} FILE" in said(found)


def test_lists_of_two_censuses_are_no_pair(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    with_people(workspace, tmp_path, census="11")
    with_deprivation(workspace, tmp_path, census="21")
    text = said(equity(workspace))
    assert (
        "people are of LSOAs of 2011 and deprivation is of those of 2021: import both for one census" in text
    )


def test_without_the_look_up_of_boards_england_alone_has_a_gradient(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    with_people(workspace, tmp_path)
    with_deprivation(workspace, tmp_path)
    found = equity(workspace)
    assert set(found.gradients.table["icb"].to_pylist()) == {ENGLAND}
    assert line(found)["slope_index"] is not None
    assert "no look-up of boards for LSOAs of 2021" in said(found)


def test_the_census_that_places_most_patients_is_taken_and_the_other_is_said(tmp_path: Path) -> None:
    rows = [*two_gradients(), Row(patient_id=7001, lsoa="E01777777", age=40)]
    workspace = world(tmp_path, rows)
    with_deprivation(workspace, tmp_path, census="11")
    with_people(workspace, tmp_path, {(NORTH_EAST_LONDON, number): (1000, 100) for number in FIFTHS}, "11")
    text = said(equity(workspace))
    assert "LSOAs of 2021" in text
    assert "340 of 341 patients" in text
    assert "Lists of 2011 would place 200." in text


def test_many_who_cannot_be_placed_are_warned_of(tmp_path: Path) -> None:
    rows = [*two_gradients(), *(Row(patient_id=6000 + each, age=30) for each in range(60))]
    text = said(equity(world(tmp_path, rows)))
    assert "340 of 400 patients (85.0%)" in text
    assert "enough to bend the rates" in text


def test_people_whose_small_area_has_no_deprivation_are_said(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    people = [(code, 1000, 100) for _, _, code in every_lsoa()] + [("E01888888", 400, 50)]
    import_population(workspace, REGISTER, written(tmp_path, "p.csv", "lsoa21_code,a0_64,a65plus", people))
    with_deprivation(workspace, tmp_path)
    assert "450 people of the population: no fifth" in said(equity(workspace))


def test_a_board_with_a_fifth_that_nobody_lives_in_has_no_gradient_and_says_which(tmp_path: Path) -> None:
    people = {
        (board, number): (1000, 100)
        for board in BOARDS
        for number in FIFTHS
        if (board, number) != (NORTH_EAST_LONDON, 1)
    }
    rows = [
        *patients(NORTH_EAST_LONDON, (0, 50, 40, 30, 20)),
        *patients(WEST_YORKSHIRE, (12, 20, 28, 36, 44), first=1001),
    ]
    found = equity(world(tmp_path, rows, people))
    own = line(found, NORTH_EAST_LONDON)
    assert own["slope_index"] is None
    assert "nobody there lives in fifth 1" in own["note"]
    assert fifth(found, 1, NORTH_EAST_LONDON)["access"] is None
    assert fifth(found, 2, NORTH_EAST_LONDON)["access"] is not None
    assert line(found)["slope_index"] is not None
    assert "no gradient of patients per 100,000, because nobody there lives in fifth 1" in said(found)


def test_a_population_of_nobody_is_a_gap_and_no_division(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients(), {(NORTH_EAST_LONDON, 1): (0, 0)}))
    assert found.told_by is None
    assert "nobody lives in the small areas of the population" in said(found)


def test_a_line_without_activity_has_noughts_and_no_gradient_but_a_reason(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients()), SPINAL)
    assert found.told_by is None
    [row] = found.fifths.table.to_pylist()
    assert (row["fifth"], row["patients"], row["spend"]) == ("all", 0, Decimal(0))
    assert "no gradient" in said(found)


def test_one_patient_is_one_with_wide_limits_and_no_reading(tmp_path: Path) -> None:
    found = equity(world(tmp_path, lived_in(NORTH_EAST_LONDON, 1, [1])))
    assert fifth(found, 1)["patients"] == 1
    assert fifth(found, 1)["direct_rate"] is None
    assert fifth(found, 2)["access"] == 0
    assert fifth(found, 2)["access_upper"] > 0
    assert line(found)["reading"] == NEITHER
    assert line(found, measure=SPEND)["slope_lower"] is None


def test_patients_without_an_age_are_in_crude_rates_alone(tmp_path: Path) -> None:
    rows = [*two_gradients(), *lived_in(NORTH_EAST_LONDON, 1, range(3000, 3010), age=None)]
    found = equity(world(tmp_path, rows))
    assert fifth(found, 1)["patients"] == 82
    assert fifth(found, 1)["direct_rate"] == pytest.approx(72 / 2200 * 100_000)
    assert "10 patients placed have no age" in said(found)


def test_no_age_at_all_leaves_crude_rates(tmp_path: Path) -> None:
    rows = patients(NORTH_EAST_LONDON, (60, 50, 40, 30, 20), age=None)
    found = line(equity(world(tmp_path, rows)))
    assert (found["rates"], found["reading"]) == ("crude", MORE)
    assert "no age is allowed for" in found["note"]


def test_a_board_that_was_split_is_a_gap_of_that_day(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    with_people(workspace, tmp_path)
    with_deprivation(workspace, tmp_path)
    header = "lsoa21_code,icb24_code_nhs"
    rows = [(code, board if board == WEST_YORKSHIRE else "QNQ") for board, _, code in every_lsoa()]
    import_lsoa_areas(workspace, REGISTER, written(tmp_path, "split.csv", header, rows))
    found = equity(workspace, boundaries=date(2026, 4, 1))
    assert "no gradient, because it took a part of NHS Frimley ICB" in said(found)
    assert line(found)["slope_index"] is not None


# --- by boards alone


def shared_people() -> dict[tuple[str, int], tuple[int, int]]:
    """London has its people in fifths 1 and 2, Yorkshire in 3 to 5; fifth 2 is shared."""
    return {
        (NORTH_EAST_LONDON, 1): (3000, 0),
        (NORTH_EAST_LONDON, 2): (1000, 0),
        (WEST_YORKSHIRE, 2): (1000, 0),
        (WEST_YORKSHIRE, 3): (2000, 0),
        (WEST_YORKSHIRE, 4): (2000, 0),
        (WEST_YORKSHIRE, 5): (3000, 0),
    }


def homeless() -> list[Row]:
    """80 patients of London's 4,000 people, 40 of Yorkshire's 8,000; none has a small area."""
    london = [Row(patient_id=each, age=30, gp_responsibility=LONDON) for each in range(1, 81)]
    leeds = [
        Row(patient_id=each, age=30, gp_responsibility="15F", provider=BARTS) for each in range(101, 141)
    ]
    return [*london, *leeds]


def test_boards_alone_tell_by_their_peoples_shares_and_say_how_weak_that_is(tmp_path: Path) -> None:
    found = equity(world(tmp_path, homeless(), shared_people()))
    london, leeds = 80 / 4000 * 100_000, 40 / 8000 * 100_000
    rates = [fifth(found, number)["rate"] for number in FIFTHS]
    assert rates == pytest.approx([london, (london + leeds) / 2, leeds, leeds, leeds])
    assert {row["patients"] for row in found.fifths.table.to_pylist() if row["fifth"] != "all"} == {None}
    own = line(found)
    assert (own["told_by"], own["reading"]) == ("boards alone", UNTOLD)
    assert "all difference within boards is hidden" in own["note"]
    assert "no patient of these lines has an LSOA in the ledger" in said(found)
    assert "speccom reference import postcodes" in said(found)
    assert set(found.gradients.table["icb"].to_pylist()) == {ENGLAND}


def test_people_of_a_board_that_was_split_are_of_no_fifth_and_are_counted_as_a_gap(tmp_path: Path) -> None:
    """Frimley's people can be of no board of April 2026, so boards alone leave them out: never as a rate of zero."""
    frimley = {(WEST_YORKSHIRE, 5): 1500}
    workspace = ledger(tmp_path, homeless())
    with_people(workspace, tmp_path, shared_people() | {key: (each, 0) for key, each in frimley.items()})
    with_deprivation(workspace, tmp_path)
    header = "lsoa21_code,icb24_code_nhs"
    rows = [(code, "QNQ" if (board, at) in frimley else board) for board, at, code in every_lsoa()]
    import_lsoa_areas(workspace, REGISTER, written(tmp_path, "split.csv", header, rows))
    found = equity(workspace, boundaries=date(2026, 4, 1))
    assert (
        "1,500 of 10,500 people of England: no fifth, because they live in boards that were divided"
        in said(found)
    )
    assert [row["population"] for row in found.fifths.table.to_pylist()] == [
        3000,
        2000,
        2000,
        2000,
        0,
        10_500,
    ]
    assert (fifth(found, 5)["rate"], fifth(found, 5)["access"]) == (None, None)


def test_boards_that_are_whole_leave_nobody_out(tmp_path: Path) -> None:
    assert "people of England" not in said(equity(world(tmp_path, homeless(), shared_people())))


def test_the_limits_of_boards_alone_know_that_fifths_share_their_boards(tmp_path: Path) -> None:
    own = line(equity(world(tmp_path, homeless(), shared_people())))
    people = np.array([3000, 2000, 2000, 2000, 3000])[::-1] / 12_000
    pull = people * (np.cumsum(people) - people / 2 - 0.5)
    pull = pull / (people * (np.cumsum(people) - people / 2 - 0.5) ** 2).sum()
    london = np.array([1, 0.5, 0, 0, 0])[::-1]
    # The slope is a weighted sum of the two boards' rates: Var = Σ k² O/n².
    k_london, k_leeds = (pull * london).sum(), (pull * (1 - london)).sum()
    variance = k_london**2 * 80 / 4000**2 + k_leeds**2 * 40 / 8000**2
    width = own["slope_upper"] - own["slope_lower"]
    assert width == pytest.approx(2 * 1.959964 * math.sqrt(variance) * 100_000, rel=1e-5)


def test_one_board_alone_tells_nothing(tmp_path: Path) -> None:
    people = {(NORTH_EAST_LONDON, number): (1000, 0) for number in FIFTHS}
    found = equity(world(tmp_path, homeless()[:80], people))
    assert found.told_by is None
    assert "fewer than 2 boards" in said(found)


def test_small_areas_that_no_list_holds_are_said_to_be_of_another_census(tmp_path: Path) -> None:
    rows = [Row(patient_id=each, age=30, lsoa="E01777777") for each in range(20)]
    rows += [
        Row(patient_id=100 + each, age=30, lsoa="E01777778", gp_responsibility="15F") for each in range(20)
    ]
    found = equity(world(tmp_path, rows))
    assert found.told_by == "boards alone"
    assert "the LSOAs of 40 patients are none of those of 2021" in said(found)


def test_groups_of_age_and_sex_put_each_person_in_one_place() -> None:
    groups = Groups(np.array([0.0, 5.0, 65.0]), by_sex=True)
    assert groups.of_people([0, 5, 65, 65], ["male", "female", "female", "persons"]).tolist() == [0, 3, 5, -1]
    found = groups.of_patients([4, 5, 90, None, 30], ["1", "2", "1", "1", "9"])
    assert found.tolist() == [0, 3, 4, -1, -1]


def test_a_workspace_of_another_year_is_asked_by_year(tmp_path: Path) -> None:
    from speccom.ledger.manifest import LedgerError
    from speccom.period import FinancialYear

    workspace: Workspace = world(tmp_path, two_gradients())
    with pytest.raises(LedgerError, match="holds nothing of 2023/24"):
        equity(workspace, year=FinancialYear.parse("2023/24"))


def test_boards_look_up_is_read_for_its_own_census(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    with_people(workspace, tmp_path)
    with_deprivation(workspace, tmp_path)
    with_boards(workspace, tmp_path, census="11")
    assert set(equity(workspace).gradients.table["icb"].to_pylist()) == {ENGLAND}
