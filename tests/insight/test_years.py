"""Years drawn at random: the same whoever draws them, pooled year by year, and true to the formulas."""

import numpy as np
import pytest

from speccom.insight.case_costs import CaseCosts, ChanceError
from speccom.insight.chance import (
    EXACT_BELOW,
    chance_of_missing,
    coefficient_of_variation,
    pooled_variation_of_areas,
)
from speccom.insight.years import NO_CASES, NO_COSTS, UNKNOWN_CASES, YEARS, simulate_years

LINES = ["NCBPS01A", "NCBPS01B", "NCBPS01C"]
CASES = np.array([[2.0, 5.0, 0.5, 12.0], [40.0, 90.0, 25.0, 300.0], [8.0, 31.0, 29.0, 0.0]])
COSTS = [
    CaseCosts.of_quantiles([0, 0.5, 0.95, 1], [100, 900, 7_000, 30_000]),
    CaseCosts.of_moments(2_500, 1.2),
    CaseCosts.alike(400),
]
FOOTPRINTS = {"icb": ["A", "B", "C", "D"], "region": ["N", "N", "S", "S"], "england": ["ENG"] * 4}


def draw(lines=(0, 1, 2), **options):
    chosen = list(lines)
    given = {"seed": 11, "years": 3_000, **options}
    return simulate_years(
        [LINES[line] for line in chosen], CASES[chosen], [COSTS[line] for line in chosen], FOOTPRINTS, **given
    )


def cells(table):
    return {(row["service_line"], row["footprint"], row["unit"]): row for row in table.to_pylist()}


def test_the_same_seed_gives_the_same_years_whatever_the_workers():
    assert draw(workers=1) == draw(workers=3) == draw()
    assert draw(seed=12) != draw()


def test_a_line_is_drawn_the_same_among_others_and_in_any_order():
    whole = cells(draw())
    assert cells(draw((2, 0))) == {key: row for key, row in whole.items() if key[0] != LINES[1]}


def test_more_years_begin_with_the_same_years():
    two, three = (cells(draw((1,), years=years))[(LINES[1], "england", "ENG")] for years in (2, 3))
    # Two years' percentiles lie on the straight line between them, three years' on two such lines.
    apart = (two["cost_95"] - two["cost_5"]) / 0.9
    first_two = [two["cost_50"] - apart / 2, two["cost_50"] + apart / 2]
    middle = three["cost_50"]
    all_three = [
        middle - (middle - three["cost_5"]) / 0.9,
        middle,
        middle + (three["cost_95"] - middle) / 0.9,
    ]
    for year in first_two:
        assert min(abs(year - other) for other in all_three) < 1e-6 * year


def test_columns_and_progress_are_as_stated():
    done = []
    table = draw(progress=done.append)
    assert table.schema == YEARS
    assert table.num_rows == 3 * (4 + 2 + 1)
    assert done == [1, 2, 3]


def test_drawn_years_have_the_mean_variation_and_chance_that_the_formulas_give():
    years = 20_000
    for row in draw(years=years, q=0.2).to_pylist():
        if row["gap"]:
            continue
        costs = COSTS[LINES.index(row["service_line"])]
        variation = float(coefficient_of_variation(row["expected_cases"], costs.variation))
        assert row["mean_cost"] == pytest.approx(row["expected_cost"], rel=5 * variation / years**0.5)
        assert row["variation"] == pytest.approx(variation, rel=0.06)
        for side, name in (("either", "chance_of_missing"), ("over", "chance_of_overspending")):
            chance = float(chance_of_missing(row["expected_cases"], costs, 0.2, side=side))
            # A pool of small areas is summed exactly where the formula is fitted from thirty cases on.
            fit = 0.012 if row["expected_cases"] >= EXACT_BELOW else 0.0
            assert row[name] == pytest.approx(chance, abs=4 * (chance * (1 - chance) / years) ** 0.5 + fit)
        assert row["cost_5"] <= row["cost_50"] <= row["cost_95"]


def test_a_pools_years_are_its_areas_years_added_up():
    found = cells(draw(years=20_000))
    for line in LINES[:2]:
        areas = [found[(line, "icb", unit)] for unit in "AB"]
        pool = found[(line, "region", "N")]
        assert pool["mean_cost"] == pytest.approx(sum(row["mean_cost"] for row in areas))
        cv = pooled_variation_of_areas(
            [row["variation"] for row in areas], [row["mean_cost"] for row in areas]
        )
        assert pool["variation"] == pytest.approx(float(cv), rel=0.03)


def test_a_year_that_is_dear_for_all_areas_does_not_pool_away():
    own = 0.01
    found = cells(draw((1,), years=20_000, between_year=[own]))
    row = found[(LINES[1], "england", "ENG")]
    expected = coefficient_of_variation(row["expected_cases"], COSTS[1].variation, own)
    assert row["variation"] == pytest.approx(float(expected), rel=0.04)
    assert row["variation"] > own**0.5


def test_cases_alike_are_counted_above_thirty_too():
    found = cells(draw((2,), years=500))[(LINES[2], "icb", "B")]
    assert found["cost_50"] % 400 == 0


def test_what_cannot_be_drawn_has_a_reason_and_no_numbers():
    cases = np.array([[0.0, 0.0, 3.0, np.nan], [1.0, 2.0, 3.0, 4.0]])
    table = simulate_years(LINES[:2], cases, [COSTS[0], None], FOOTPRINTS, seed=1, years=50)
    found = cells(table)
    assert found[(LINES[0], "icb", "A")]["gap"] == NO_CASES
    assert found[(LINES[0], "region", "N")]["gap"] == NO_CASES
    assert found[(LINES[0], "region", "S")]["gap"] == UNKNOWN_CASES
    assert found[(LINES[0], "icb", "C")]["gap"] is None
    assert found[(LINES[1], "england", "ENG")]["gap"] == NO_COSTS
    for row in found.values():
        numbers = [row[name] for name in YEARS.names[3:-1]]
        assert all(number is None for number in numbers) == bool(row["gap"])


def test_one_expected_case_is_drawn_like_any_other():
    table = simulate_years(["X"], [[0.001]], [COSTS[2]], {"icb": ["A"]}, seed=1, years=20)
    row = table.to_pylist()[0]
    # No case in any of twenty years: a mean of nothing, about which nothing varies.
    assert (row["mean_cost"], row["variation"], row["chance_of_missing"]) == (0.0, None, 1.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lines": ["A"]}, "for each line"),
        ({"lines": ["A", "A", "B"]}, "twice"),
        ({"expected_cases": -CASES}, "zero or more"),
        ({"footprints": {}}, "No footprint"),
        ({"footprints": {"icb": ["A"]}}, "1 areas"),
        ({"between_year": [0, -1, 0]}, "between years"),
        ({"q": 0}, "above zero"),
        ({"years": 1}, "1 years"),
        ({"seed": -1}, "seed"),
    ],
)
def test_arrays_that_do_not_match_are_refused(change, says):
    given = {
        "lines": LINES,
        "expected_cases": CASES,
        "case_costs": COSTS,
        "footprints": FOOTPRINTS,
        "seed": 1,
    }
    with pytest.raises(ChanceError, match=says):
        simulate_years(**{**given, **change})
