"""What everybody may see of patients by fifth of deprivation: nothing small, and nothing by subtraction."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.insight.deprived import FIFTHS, patients, two_gradients, with_deprivation, world
from tests.insight.test_equity import ENGLAND, fifth, homeless, line, said, shared_people
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, row_of
from tests.ledger.worlds import Row

from speccom.insight.equity import Equity, equity
from speccom.insight.equity_tables import PATIENTS, SPEND
from speccom.insight.variation import variation


def rows_of(found: Equity, icb: str) -> list[dict[str, Any]]:
    return [row for row in found.fifths.table.to_pylist() if row["icb"] == icb]


def small(found: Equity) -> list[int]:
    return [count for count in found.fifths.table["patients"].to_pylist() if count and count < 8]


def test_rates_and_the_gradient_are_made_of_rounded_counts(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients()), public=True)
    most = fifth(found, 1)
    assert (most["patients"], most["spend"], most["withheld"]) == (70, Decimal(7200), None)
    assert most["access"] == pytest.approx(70 / 2200 * 100_000, rel=0.005)
    assert most["standardised_ratio"] == round(70 / most["expected_patients"], 2)
    own = line(found, NORTH_EAST_LONDON)
    assert own["slope_index"] == pytest.approx(40 / 1100 * 100_000 / 0.8, rel=0.005)
    assert own["relative_index"] == round(own["relative_index"], 2)
    assert "rounded to the nearest 5" in said(found)


def test_pounds_by_board_and_fifth_are_not_public(tmp_path: Path) -> None:
    found = equity(world(tmp_path, two_gradients()), public=True)
    for row in rows_of(found, NORTH_EAST_LONDON):
        assert (row["spend"], row["spend_per_head"], row["standardised_spend"]) == (None, None, None)
    measures = found.gradients.table.select(["icb", "measure"]).to_pylist()
    assert {"icb": ENGLAND, "measure": SPEND} in measures
    assert {"icb": NORTH_EAST_LONDON, "measure": SPEND} not in measures


def test_a_small_fifth_is_withheld_with_another_so_that_no_subtraction_gives_it_back(tmp_path: Path) -> None:
    rows = [
        *patients(NORTH_EAST_LONDON, (60, 50, 40, 30, 3)),
        *patients(WEST_YORKSHIRE, (12, 20, 28, 36, 44), first=1001),
    ]
    found = equity(world(tmp_path, rows), public=True)
    least = fifth(found, 5, NORTH_EAST_LONDON)
    assert "1 to 7" in least["withheld"]
    assert all(
        least[name] is None for name in ("patients", "access", "expected_patients", "rate", "direct_rate")
    )
    # The fifth of England is shown or the board's total is: whichever is, another part of it is withheld too.
    for total, parts in (
        (
            row_of(found.fifths, icb=NORTH_EAST_LONDON, fifth="all"),
            [fifth(found, n, NORTH_EAST_LONDON) for n in FIFTHS],
        ),
        (fifth(found, 5), [fifth(found, 5, board) for board in (NORTH_EAST_LONDON, WEST_YORKSHIRE)]),
    ):
        assert total["withheld"] or sum(part["withheld"] is not None for part in parts) >= 2
    own = line(found, NORTH_EAST_LONDON)
    assert own["slope_index"] is None
    assert "a fifth is withheld" in own["note"]
    assert "a fifth is withheld" in said(found)


def test_few_who_cannot_be_placed_are_not_given_away_by_englands_total(tmp_path: Path) -> None:
    rows = [*two_gradients(), *(Row(patient_id=5000 + each, age=30, cost=Decimal(31)) for each in range(3))]
    found = equity(world(tmp_path, rows), public=True)
    unplaced = row_of(found.fifths, icb=ENGLAND, fifth="not placed")
    assert unplaced["patients"] is None and unplaced["spend"] is None and unplaced["withheld"]
    others = [row for row in rows_of(found, ENGLAND) if row["fifth"] not in ("all", "not placed")]
    assert any(row["withheld"] for row in others)
    assert "have no LSOA" not in said(found)


def test_englands_total_is_that_of_the_variation_page(tmp_path: Path) -> None:
    rows = [
        *two_gradients(),
        *(Row(patient_id=6000 + each, gp_responsibility=None, lsoa="E01000001") for each in range(3)),
    ]
    workspace = world(tmp_path, rows)
    here = row_of(equity(workspace, public=True).fifths, icb=ENGLAND, fifth="all")
    there = row_of(variation(workspace, public=True), icb=ENGLAND)
    assert (here["patients"], here["spend"]) == (there["patients"], there["spend"])


def test_without_lists_england_is_protected_too(tmp_path: Path) -> None:
    found = equity(ledger(tmp_path, patients(NORTH_EAST_LONDON, (3, 0, 0, 0, 0))), public=True)
    [row] = found.fifths.table.to_pylist()
    assert row["patients"] is None and row["access"] is None and row["withheld"]


def test_boards_alone_leave_out_those_that_are_withheld(tmp_path: Path) -> None:
    few = [row for row in homeless() if row.gp_responsibility != "15F"]
    few += [Row(patient_id=100 + each, age=30, gp_responsibility="15F") for each in range(3)]
    found = equity(world(tmp_path, few, shared_people()), public=True)
    assert found.told_by is None
    assert "fewer than 2 boards" in said(found)
    shown = equity(world(tmp_path / "more", homeless(), shared_people()), public=True)
    assert shown.told_by == "boards alone"
    assert line(shown)["slope_index"] == float(f"{line(shown)['slope_index']:.3g}")


def test_a_population_without_deprivation_shows_england_and_asks_for_the_list(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, two_gradients())
    with_deprivation(workspace, tmp_path)
    found = equity(workspace, public=True)
    assert "speccom reference import population FILE" in said(found)
    [row] = found.fifths.table.to_pylist()
    assert row["patients"] == 340


counts = st.lists(st.sampled_from([0, 1, 2, 3, 5, 7, 8, 9, 12, 20]), min_size=5, max_size=5)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(london=counts, leeds=counts, unplaced=st.sampled_from([0, 2, 9]))
def test_no_small_count_can_be_had_by_taking_tables_from_each_other(
    tmp_path_factory: pytest.TempPathFactory, london: list[int], leeds: list[int], unplaced: int
) -> None:
    rows = [
        *patients(NORTH_EAST_LONDON, london),
        *patients(WEST_YORKSHIRE, leeds, first=1001),
        *(Row(patient_id=5000 + each, age=30) for each in range(unplaced)),
    ]
    if not rows:
        return
    found = equity(world(tmp_path_factory.mktemp("world"), rows), public=True)
    assert small(found) == []
    if found.told_by != "where each patient lives":
        return
    truth = {(NORTH_EAST_LONDON, n): count for n, count in zip(FIFTHS, london, strict=True)}
    truth |= {(WEST_YORKSHIRE, n): count for n, count in zip(FIFTHS, leeds, strict=True)}
    hidden = {key for key, count in truth.items() if count and fifth(found, key[1], key[0])["withheld"]}
    for board in (NORTH_EAST_LONDON, WEST_YORKSHIRE):
        own = {key for key in hidden if key[0] == board}
        if not row_of(found.fifths, icb=board, fifth="all")["withheld"]:
            assert len(own) != 1, "one hidden fifth is the board's total less the others"
    for number in FIFTHS:
        if not fifth(found, number)["withheld"]:
            assert len({key for key in hidden if key[1] == number}) != 1, (
                "one hidden board is the fifth less the other"
            )
    england = [fifth(found, number) for number in FIFTHS]
    england.append(row_of(found.fifths, icb=ENGLAND, fifth="not placed"))
    if not row_of(found.fifths, icb=ENGLAND, fifth="all")["withheld"]:
        assert sum(row["withheld"] is not None for row in england) != 1
    for place, row in enumerate(found.gradients.table.to_pylist()):
        if row["measure"] == PATIENTS and row["slope_index"] is not None:
            assert not any(fifth(found, n, row["icb"])["withheld"] for n in FIFTHS), place
