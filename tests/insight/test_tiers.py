"""Tiers: the smallest footprint found where it was planted, why, how nearly, and what never happens."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.insight.case_costs import CaseCosts
from speccom.insight.chance import chance_of_missing
from speccom.insight.tiers import (
    JUDGED_UNITS,
    LADDER,
    LINES,
    NO_ACTIVITY,
    NO_COSTS,
    NO_UNIT,
    RUNGS,
    SENSITIVITY,
    UNITS,
    Settings,
    ThresholdError,
    Thresholds,
    TierError,
    recommend,
)
from speccom.insight.years import YEARS

# How many like units each footprint has, in a country of eight boards.
UNITS_OF = {"icb": 8, "multi_icb": 4, "region": 2, "england": 1}
ALIKE = CaseCosts.alike(1_000.0)
FEW_SETTINGS = Settings(q=(0.05,), alpha=(0.05,), fewest_providers=(2,))


def line(name, cases, *, providers=5, away=0.1, shares=None, mean=1_000.0):
    """One line's units at every footprint: `cases` in all, shared by the boards alike or by `shares`."""
    boards = np.full(8, 1 / 8) if shares is None else np.array(shares, float) / sum(shares)
    rows = []
    for footprint, number in UNITS_OF.items():
        for unit, own in enumerate(boards.reshape(number, -1).sum(axis=1)):
            has = providers[footprint] if isinstance(providers, dict) else providers
            crosses = away[footprint] if isinstance(away, dict) else away
            rows.append(
                {
                    "service_line": name,
                    "footprint": footprint,
                    "unit": f"{footprint}{unit}",
                    "expected_cases": cases * own,
                    "expected_cost": cases * own * mean,
                    "providers": has,
                    "out_of_area_share": crosses,
                }
            )
    return rows


def ask(rows, thresholds=None, costs=ALIKE, **options):
    lines = {row["service_line"] for row in rows}
    table = pa.Table.from_pylist(rows, UNITS)
    given_costs = costs if isinstance(costs, dict) else dict.fromkeys(lines, costs)
    return recommend(table, given_costs, thresholds, **{"settings": FEW_SETTINGS, **options})


def tier(rows, thresholds=None, **options):
    return ask(rows, thresholds, **options).lines.to_pylist()[0]


# Cases alike need about 1,537 a unit for a miss by 5% to have a chance of 5%.
@pytest.mark.parametrize(
    ("cases", "footprint"), [(16_000, "icb"), (8_000, "multi_icb"), (4_000, "region"), (2_000, "england")]
)
def test_the_planted_tier_is_found(cases, footprint):
    found = tier(line("A", cases))
    assert found["recommended"] == found["by_chance_alone"] == footprint
    assert found["met"]
    assert found["decided_by"] == ("smallest footprint" if footprint == "icb" else "chance")
    assert found["margin"] >= 0
    assert found["margin_below"] is None if footprint == "icb" else found["margin_below"] < 0


def test_a_line_too_small_for_england_is_given_england_and_not_met():
    found = tier(line("A", 40))
    assert (found["recommended"], found["met"], found["by_chance_alone"]) == ("england", False, None)
    assert found["decided_by"] == "chance"
    assert found["margin"] < 0
    assert found["no_longer_if_q_below"] is None


def test_chances_are_those_of_the_chance_module():
    costs = CaseCosts.of_moments(2_000, 1.5)
    found = ask(line("A", 900), Thresholds(q=0.1, side="over"), costs)
    for row in found.units.to_pylist():
        expected = chance_of_missing(row["expected_cases"], costs, 0.1, side="over")
        assert row["chance"] == pytest.approx(float(expected), abs=1e-4)


def test_a_single_provider_raises_the_tier():
    providers = {"icb": 1, "multi_icb": 1, "region": 3, "england": 9}
    found = tier(line("A", 16_000, providers=providers))
    assert (found["recommended"], found["by_chance_alone"]) == ("region", "icb")
    assert found["decided_by"] == "providers"
    assert found["smaller_if_q_from"] is None
    assert (
        tier(line("A", 16_000, providers=providers), Thresholds(fewest_providers=0))["recommended"] == "icb"
    )


def test_care_that_crosses_the_boundary_raises_the_tier():
    away = {"icb": 0.7, "multi_icb": 0.3, "region": 0.1, "england": 0.0}
    found = tier(line("A", 16_000, away=away))
    assert (found["recommended"], found["decided_by"]) == ("multi_icb", "out_of_area")
    both = tier(line("A", 8_000, away=away))
    assert both["decided_by"] == "chance, out_of_area"
    assert tier(line("A", 16_000, away=away), Thresholds(most_out_of_area=0.7))["recommended"] == "icb"


def test_what_is_not_known_is_not_judged_and_is_named():
    found = tier(line("A", 16_000, providers=None, away=None))
    assert (found["recommended"], found["not_judged"]) == ("icb", "providers, out_of_area")
    assert found["providers"] is None
    assert tier(line("A", 16_000))["not_judged"] is None


def test_one_tiny_board_does_not_decide_for_all_but_is_shown():
    shares = [1, 1, 1, 1, 1, 1, 1, 0.05]
    rows = line("A", 16_000, shares=shares)
    found = ask(rows)
    assert found.lines.to_pylist()[0]["recommended"] == "icb"
    failing = [row["unit"] for row in found.units.to_pylist() if row["meets"] is False]
    assert failing == ["icb7"]
    rung = found.rungs.to_pylist()[0]
    assert (rung["units"], rung["units_meeting"]) == (8, 7)
    assert rung["spend_meeting"] == pytest.approx(7 / 7.05)
    assert rung["worst_chance"] > 0.05 >= rung["chance"]
    assert tier(rows, Thresholds(share_of_spend=1))["recommended"] == "multi_icb"


def test_the_q_at_which_a_recommendation_changes_is_where_it_changes():
    rows = line("A", 4_000)
    costs = CaseCosts.of_moments(1_000, 0.4)
    found = tier(rows, costs=costs)
    assert found["recommended"] == "region"
    lowest, smaller = found["no_longer_if_q_below"], found["smaller_if_q_from"]
    assert lowest <= 0.05 < smaller
    assert tier(rows, Thresholds(q=lowest * 1.0001), costs=costs)["recommended"] == "region"
    assert tier(rows, Thresholds(q=lowest * 0.9999), costs=costs)["recommended"] == "england"
    assert tier(rows, Thresholds(q=smaller * 0.9999), costs=costs)["recommended"] == "region"
    assert tier(rows, Thresholds(q=smaller * 1.0001), costs=costs)["recommended"] == "multi_icb"


def test_sensitivity_counts_the_settings_that_agree():
    found = ask(line("A", 8_000), settings=Settings(q=(0.05, 0.2), alpha=(0.05,), fewest_providers=(1, 9)))
    rows = found.sensitivity.to_pylist()
    assert [(row["q"], row["fewest_providers"], row["recommended"], row["met"]) for row in rows] == [
        (0.05, 1, "multi_icb", True),
        (0.05, 9, "england", False),
        (0.2, 1, "icb", True),
        (0.2, 9, "england", False),
    ]
    assert found.lines.to_pylist()[0]["settings_that_agree"] == 0.25


def test_pooling_like_boards_gains_what_the_root_says():
    gains = [row["pooling_gain"] for row in ask(line("A", 800)).rungs.to_pylist()]
    assert gains == pytest.approx([1 - (number / 8) ** 0.5 for number in UNITS_OF.values()])


def test_years_that_differ_for_all_keep_a_line_from_any_tier():
    found = tier(line("A", 1e7), between_year={"A": 0.01})
    assert (found["recommended"], found["met"]) == ("england", False)


def test_one_patient_and_one_provider_are_judged_not_refused():
    found = tier(line("A", 1, providers=1))
    assert (found["recommended"], found["met"]) == ("england", False)
    assert found["decided_by"] == "chance, providers"
    assert 0.05 < found["chance"] <= 1


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"expected_cases": 0}, NO_ACTIVITY),
        ({"expected_cases": None}, "the expected patients are not known"),
        ({"expected_cost": None}, "the expected cost is not known"),
        ({"expected_cost": 0}, "no cost is expected"),
        ({"expected_cost": -5}, "no cost is expected"),
    ],
)
def test_a_line_without_activity_has_a_gap_and_no_recommendation(change, gap):
    found = ask([{**row, **change} for row in line("A", 100)] + line("B", 16_000))
    first, second = found.lines.to_pylist()
    assert first["gap"] == gap
    assert all(value is None for name, value in first.items() if name not in ("service_line", "gap"))
    assert second["recommended"] == "icb"
    own = [row for row in found.rungs.to_pylist() if row["service_line"] == "A"]
    assert [row["gap"] for row in own] == [gap] * 4
    units = [row for row in found.units.to_pylist() if row["service_line"] == "A"]
    assert all(row["gap"] and row["chance"] is None for row in units)


def test_a_line_whose_costs_are_not_known_has_a_gap():
    found = tier(line("A", 100), costs={})
    assert (found["recommended"], found["gap"]) == (None, NO_COSTS)


def test_a_unit_without_activity_is_left_out_and_counted():
    rows = line("A", 16_000)
    rows[0] = {**rows[0], "expected_cases": 0.0, "expected_cost": 0.0}
    found = ask(rows)
    rung = found.rungs.to_pylist()[0]
    assert (rung["units"], rung["units_left_out"], rung["units_meeting"]) == (8, 1, 7)
    assert found.units.to_pylist()[0]["gap"] == "no patients are expected"
    assert found.lines.to_pylist()[0]["recommended"] == "icb"


def test_a_footprint_without_units_is_no_answer_and_says_so():
    rows = [row for row in line("A", 16_000) if row["footprint"] != "icb"]
    found = ask(rows)
    assert found.lines.to_pylist()[0]["recommended"] == "multi_icb"
    assert found.rungs.to_pylist()[0]["gap"] == NO_UNIT


def test_pounds_may_come_as_exact_decimals_and_counts_as_whole_numbers():
    table = pa.Table.from_pylist(line("A", 16_000), UNITS)
    money = table["expected_cost"].cast(pa.decimal128(18, 2))
    exact = table.set_column(4, "expected_cost", money)
    exact = exact.set_column(5, "providers", exact["providers"].cast(pa.int64()))
    assert recommend(exact, {"A": ALIKE}) == recommend(table, {"A": ALIKE})


def test_every_column_is_explained_in_the_reference():
    page = Path(__file__).parents[2] / "docs" / "reference" / "volatility-and-tiers.md"
    words = page.read_text(encoding="utf-8")
    for schema in (LINES, RUNGS, JUDGED_UNITS, SENSITIVITY, UNITS, YEARS):
        assert [name for name in schema.names if f"`{name}`" not in words] == []


def test_tables_have_the_columns_that_are_stated():
    found = ask(line("A", 16_000))
    assert found.lines.schema == LINES
    assert found.rungs.schema == RUNGS
    assert found.units.schema == JUDGED_UNITS
    assert found.sensitivity.schema == SENSITIVITY


@given(st.permutations(range(45)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_does_not_matter(order):
    rows = line("A", 16_000) + line("B", 3_000) + line("C", 0)
    assert ask([rows[at] for at in order]) == ask(rows)


shares = st.lists(st.floats(0.02, 1), min_size=8, max_size=8)


@given(
    shares,
    st.floats(20, 60_000),
    st.floats(0, 2),
    st.floats(0.02, 0.3),
    st.floats(0.01, 0.4),
    st.floats(1, 2),
    st.sampled_from(["q", "alpha"]),
)
@settings(max_examples=60, deadline=None)
def test_asking_less_never_recommends_a_bigger_footprint(own, cases, variation, q, alpha, factor, more):
    rows, costs = line("A", cases, shares=own), CaseCosts.of_moments(1_000, variation)
    asked = {"q": q, "alpha": alpha}
    strict = tier(rows, Thresholds(**asked), costs=costs)
    easy = tier(rows, Thresholds(**{**asked, more: asked[more] * factor}), costs=costs)
    assert LADDER.index(easy["recommended"]) <= LADDER.index(strict["recommended"])
    assert easy["met"] or not strict["met"]


@given(shares, st.floats(100, 60_000), st.floats(0.1, 1), st.floats(0.1, 1))
@settings(max_examples=40, deadline=None)
def test_asking_it_of_less_of_the_spend_never_recommends_a_bigger_footprint(own, cases, one, other):
    rows = line("A", cases, shares=own)
    less, more = (
        tier(rows, Thresholds(share_of_spend=share))["recommended"] for share in sorted([one, other])
    )
    assert LADDER.index(less) <= LADDER.index(more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"q": 0},
        {"q": 1},
        {"alpha": 0},
        {"alpha": float("nan")},
        {"fewest_providers": -1},
        {"fewest_providers": 1.5},
        {"most_out_of_area": 1.1},
        {"share_of_spend": 0},
        {"side": "under"},
    ],
)
def test_thresholds_outside_what_they_can_be_are_refused(wrong):
    with pytest.raises(ThresholdError, match=next(iter(wrong))):
        Thresholds(**wrong)


@pytest.mark.parametrize(("wrong", "says"), [({"q": ()}, "No q"), ({"alpha": (0.05, 2.0)}, "alpha is 2")])
def test_settings_to_try_are_thresholds_too(wrong, says):
    with pytest.raises(ThresholdError, match=says):
        Settings(**wrong)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"footprint": "county"}, "county"),
        ({"unit": None}, "a unit"),
        ({"expected_cases": -1}, "expected_cases is -1"),
        ({"expected_cost": float("inf")}, "expected_cost is inf"),
        ({"out_of_area_share": 1.5}, "out_of_area_share is 1.5"),
        ({"unit": "icb1"}, "given twice"),
    ],
)
def test_units_that_do_not_fit_are_refused_with_their_place(change, says):
    rows = line("A", 100)
    rows[0] = {**rows[0], **change}
    with pytest.raises(TierError, match=says):
        ask(rows)


def test_a_table_without_a_column_is_refused():
    table = pa.Table.from_pylist(line("A", 100), UNITS).drop_columns(["providers"])
    with pytest.raises(TierError, match="no column providers"):
        recommend(table, {"A": ALIKE})
    with pytest.raises(TierError, match="ladder"):
        recommend(table, {"A": ALIKE}, ladder=[])


def test_a_table_with_words_for_numbers_is_refused():
    table = pa.Table.from_pylist(line("A", 100), UNITS)
    words = table.set_column(3, "expected_cases", pa.array(["many"] * table.num_rows))
    with pytest.raises(TierError, match="where they belong"):
        recommend(words, {"A": ALIKE})


def test_a_variance_between_years_below_zero_is_refused_with_its_line():
    with pytest.raises(TierError, match="A: the variance between years"):
        ask(line("A", 100), between_year={"A": -0.1})
