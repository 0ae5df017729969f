"""Need models: known coefficients come back, supply is taken out, and nothing but the data moves an index."""

from __future__ import annotations

import csv
import math
import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.finance.need_worlds import (
    BOARDS,
    changed,
    coefficients_of,
    index_of,
    made_up,
    model_in,
    worked,
)

from speccom.finance.needs import Workshop, read_model
from speccom.finance.needs.area_table import read_areas
from speccom.finance.needs.design import design_of
from speccom.finance.needs.diagnostics import influence, reset
from speccom.finance.needs.example import NEED, SUPPLY
from speccom.finance.needs.fit import fit
from speccom.finance.needs.kept import keep, kept_model, kept_models
from speccom.finance.needs.model_file import NeedsError
from speccom.finance.needs.public import FEWEST, public
from speccom.finance.needs.weighted import read_weighted
from speccom.finance.needs.working import working
from speccom.finance.target import Weights, target_shares
from speccom.workspace import Workspace

PLAIN = {"cluster": "", "supply_dummies": []}
TRUE = NEED | SUPPLY


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return worked(tmp_path_factory.mktemp("needs"), made_up())


def flat(areas: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same areas with boards of no effect of their own: the outcome is the planted one and no noise."""
    people = np.array([row["population"] for row in areas], dtype=float)
    means = {name: np.average([row[name] for row in areas], weights=people) for name in TRUE}
    return changed(
        areas,
        cost=lambda row: (
            row["expected_cost"]
            * (1 + sum(effect * (row[name] - means[name]) for name, effect in TRUE.items()))
        ),
    )


# --- known coefficients


def test_without_noise_the_planted_coefficients_come_back_exactly(tmp_path: Path) -> None:
    rows = coefficients_of(worked(tmp_path, flat(made_up()), PLAIN))
    scale = rows["constant"]["coefficient"]  # outcomes are held against the national ratio, which is near 1
    for name, effect in TRUE.items():
        assert rows[name]["coefficient"] / scale == pytest.approx(effect, rel=1e-6)


def test_planted_coefficients_lie_within_their_limits_as_often_as_limits_say(tmp_path: Path) -> None:
    inside = [
        row["lower"] <= TRUE[name] <= row["upper"]
        for seed in range(40)
        for name, row in coefficients_of(worked(tmp_path, made_up(seed, 12), folds=2)).items()
        if name in TRUE
    ]
    # 95 of 100 by construction; 16 clusters make limits a little too narrow. 120 draws: 0.86 is four errors below.
    assert 0.86 <= sum(inside) / len(inside) <= 1


@pytest.mark.parametrize("form", ["poisson", "gamma"])
def test_a_log_model_gives_back_the_effects_that_multiply(tmp_path: Path, form: str) -> None:
    draw = np.random.default_rng(5)
    areas = made_up()
    shape = 60.0
    multiplied = changed(
        areas,
        cost=lambda row: (
            row["expected_cost"]
            * math.exp(0.012 * row["deprivation_score"] - 0.004 * row["km_to_centre"])
            * draw.gamma(shape, 1 / shape)
        ),
    )
    columns = PLAIN | {"need": ["deprivation_score"]}
    rows = coefficients_of(worked(tmp_path, multiplied, columns, form=form))
    for name, effect in {"deprivation_score": 0.012, "km_to_centre": -0.004}.items():
        assert abs(rows[name]["coefficient"] - effect) < 3 * rows[name]["standard_error"]
        assert rows[name]["standard_error"] < 0.2 * abs(effect)


def test_ages_may_be_variables_where_no_expected_outcome_is_given(tmp_path: Path) -> None:
    draw = np.random.default_rng(9)
    areas = [dict(row) | {"share_old": float(draw.uniform(0.1, 0.3))} for row in made_up()]
    aged = changed(areas, cost=lambda row: row["population"] * (10 + 100 * row["share_old"]))
    rows = coefficients_of(
        worked(tmp_path, aged, PLAIN | {"expected": "", "need": ["share_old"], "supply": []})
    )
    mean = np.average([10 + 100 * row["share_old"] for row in aged], weights=[r["population"] for r in aged])
    assert rows["share_old"]["coefficient"] == pytest.approx(100 / mean, rel=1e-9)


# --- supply


def test_leaving_supply_out_biases_need_and_holding_it_at_its_mean_does_not(tmp_path: Path) -> None:
    areas = made_up()
    naive = worked(tmp_path, areas, {"supply": [], "supply_dummies": []})
    ours = worked(tmp_path, areas, {"supply_dummies": []})
    true, told, biased = (
        TRUE["deprivation_score"],
        coefficients_of(ours)["deprivation_score"],
        coefficients_of(naive)["deprivation_score"],
    )
    assert abs(told["coefficient"] - true) < 2.5 * told["standard_error"]
    assert abs(biased["coefficient"] - true) > 5 * biased["standard_error"]
    planted = _planted_index(areas)
    far = {
        name: max(abs(index_of(w)[b]["need_index"] - planted[b]) for b in BOARDS)
        for name, w in (("ours", ours), ("naive", naive))
    }
    assert far["ours"] < 0.012
    assert far["naive"] > 2 * far["ours"]


def _planted_index(areas: list[dict[str, object]]) -> dict[str, float]:
    """The need index of each board that the planted coefficients give, supply at its mean."""
    people = np.array([row["population"] for row in areas], dtype=float)
    expected = np.array([row["expected_cost"] for row in areas], dtype=float)
    ratio = np.ones(len(areas))
    for name, effect in NEED.items():
        values = np.array([row[name] for row in areas], dtype=float)
        ratio += effect * (values - np.average(values, weights=people))
    need = expected * ratio
    level = need.sum() / people.sum()
    where = np.array([row["board"] for row in areas])
    return {b: need[where == b].sum() / people[where == b].sum() / level for b in BOARDS}


def test_supply_alone_moves_no_index(tmp_path: Path) -> None:
    """Two areas that differ in supply alone have one index, and with supply left in they do not."""
    areas = flat(made_up())
    twin = dict(areas[0]) | {"area": "twin", "km_to_centre": areas[0]["km_to_centre"] + 40}
    both = flat([*areas, twin])
    found = worked(tmp_path, both, PLAIN | {"board": "", "region": ""})
    rows = index_of(found)
    assert rows["twin"]["need_index"] == pytest.approx(rows[areas[0]["area"]]["need_index"], rel=1e-9)
    assert rows["twin"]["with_supply_index"] < rows[areas[0]["area"]]["with_supply_index"] - 0.1


# --- what an index keeps to


@pytest.mark.parametrize("form", ["weighted", "poisson", "gamma"])
def test_indices_average_to_1_and_need_weighted_people_sum_to_people(tmp_path: Path, form: str) -> None:
    found = worked(tmp_path, made_up(), form=form)
    people, need = found.design.population, found.need
    for index in (need.index, need.age, need.with_supply):
        assert np.average(index, weights=people) == pytest.approx(1, abs=1e-12)
    assert np.average(need.additional, weights=found.design.reference) == pytest.approx(1, abs=1e-12)
    assert need.weighted.sum() == pytest.approx(people.sum())
    assert need.share.sum() == pytest.approx(1)
    assert (need.age * need.additional) / need.index == pytest.approx(np.full(len(people), 1.0))
    boards = index_of(found)
    assert sum(row["need_weighted_population"] for row in boards.values()) == pytest.approx(people.sum())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    money=st.floats(0.01, 1000),
    distance=st.floats(0.001, 10_000),
    shift=st.floats(-500, 500),
    order=st.integers(0, 10_000),
    form=st.sampled_from(["weighted", "poisson", "gamma"]),
)
def test_units_and_the_order_of_rows_change_nothing(
    tmp_path: Path, money: float, distance: float, shift: float, order: int, form: str
) -> None:
    areas = made_up(per_board=8)
    before = worked(tmp_path, areas, form=form)
    other = changed(
        areas,
        cost=lambda row: row["cost"] * money,
        expected_cost=lambda row: row["expected_cost"] * 3,
        km_to_centre=lambda row: row["km_to_centre"] * distance + shift,
    )
    random.Random(order).shuffle(other)
    after = worked(tmp_path, other, form=form)
    assert after.need.index == pytest.approx(before.need.index, rel=1e-7)
    assert after.fitted.explained == pytest.approx(before.fitted.explained, rel=1e-7)
    assert coefficients_of(after)["km_to_centre"]["coefficient"] * distance == pytest.approx(
        coefficients_of(before)["km_to_centre"]["coefficient"], rel=1e-6
    )
    assert _out_of_sample(after) == pytest.approx(_out_of_sample(before), rel=1e-6)


def _out_of_sample(found: Workshop) -> list[float]:
    held = found.results["sensitivity"].table["out_of_sample"].to_pylist()
    return [value for value in held if value is not None]


# --- diagnostics


@pytest.mark.parametrize("form", ["weighted"])
def test_influence_is_what_a_refit_without_the_area_shows(tmp_path: Path, form: str) -> None:
    model = read_model(model_in(tmp_path, made_up(per_board=6), PLAIN, form=form))
    design = design_of(model, read_areas(model))
    whole = fit(design, form)
    told = influence(whole)
    worst = int(told.cook.argmax())
    kept = np.arange(len(design.ratio)) != worst
    without = fit(design.rows(kept), form)
    moved = whole.coefficients - without.coefficients
    exog = np.column_stack([np.ones(len(kept)), design.matrix])
    square = exog.T @ (exog * design.weights[:, None])
    distance = moved @ square @ moved / (exog.shape[1] * whole.dispersion)
    assert told.cook[worst] == pytest.approx(distance, rel=1e-6)
    usual = np.sqrt(whole.dispersion * np.diag(np.linalg.inv(square)))
    assert told.dfbetas[worst] == pytest.approx(max(moved / usual, key=abs), rel=1e-6)


def test_a_bent_effect_fails_the_test_of_form_and_squaring_mends_it(tmp_path: Path) -> None:
    areas = made_up(noise=0.05)
    bent = changed(
        areas,
        cost=lambda row: (
            row["expected_cost"]
            * (0.6 + 0.0006 * row["deprivation_score"] ** 2 + row["cost"] / row["expected_cost"] * 0.02)
        ),
    )
    columns = PLAIN | {"need": ["deprivation_score"], "supply": []}
    wrong = worked(tmp_path, bent, columns)
    right = worked(tmp_path, bent, columns, transform={"deprivation_score": "square"})
    assert reset(wrong.fitted).chance < 0.001
    assert right.fitted.explained > wrong.fitted.explained
    assert right.results["coefficients"].table["term"].to_pylist()[1] == "square(deprivation_score)"


def test_variables_that_nearly_repeat_each_other_are_inflated(tmp_path: Path, found: Workshop) -> None:
    draw = np.random.default_rng(2)
    areas = changed(made_up(), illness_share=lambda row: row["deprivation_score"] + draw.normal(0, 0.2))
    rows = coefficients_of(worked(tmp_path, areas))
    assert rows["illness_share"]["inflation"] > 100
    assert coefficients_of(found)["illness_share"]["inflation"] < 3


def test_clustered_errors_are_wider_where_boards_have_effects_of_their_own(tmp_path: Path) -> None:
    areas = made_up()
    clustered = coefficients_of(worked(tmp_path, areas, {"supply_dummies": []}))
    apart = coefficients_of(worked(tmp_path, areas, PLAIN))
    assert clustered["constant"]["coefficient"] == pytest.approx(apart["constant"]["coefficient"])
    assert clustered["constant"]["standard_error"] > 1.5 * apart["constant"]["standard_error"]


def test_tenths_and_groups_hold_everybody_once_and_sum_to_what_was_observed(found: Workshop) -> None:
    tenths = found.results["calibration"].table.to_pylist()
    cost = sum(Decimal(str(row["cost"])) for row in made_up())
    assert sum(row["observed"] for row in tenths) == pytest.approx(cost)
    assert [row["tenth"] for row in tenths] == list(range(1, 11))
    left = found.results["residuals"].table.to_pylist()
    for kind, groups in (("board", 16), ("region", 4), ("deprivation", 5)):
        rows = [row for row in left if row["kind"] == kind]
        assert len(rows) == groups
        assert sum(row["areas"] for row in rows) == len(found.areas)
        # Weights are people and not expected outcome, so the sums agree nearly.
        assert float(sum(row["predicted"] for row in rows)) == pytest.approx(float(cost), rel=1e-3)


def test_every_region_and_variable_is_left_out_once_and_shares_still_sum_to_1(found: Workshop) -> None:
    rows = found.results["sensitivity"].table.to_pylist()
    kinds = [(row["kind"], row["what"]) for row in rows]
    assert kinds[0] == ("out of sample", "5 parts")
    assert [what for kind, what in kinds if kind == "without region"] == ["Y0", "Y1", "Y2", "Y3"]
    assert {what for kind, what in kinds if kind == "without variable"} == set(TRUE)
    assert all(row["out_of_sample"] > 0.3 for row in rows if row["kind"] == "without region")
    movers = found.results["movers"].table.to_pylist()
    for kind, what in kinds[1:]:
        own = [row for row in movers if (row["kind"], row["what"]) == (kind, what)]
        assert sum(row["other_share"] for row in own) == pytest.approx(1)
        most = next(row for row in rows if (row["kind"], row["what"]) == (kind, what))
        assert most["gain"] == pytest.approx(max(row["change"] for row in own))
        assert most["loss"] == pytest.approx(min(row["change"] for row in own))
    assert not found.results["sensitivity"].gaps


def test_a_candidate_is_tried_and_stays_out_of_the_model(tmp_path: Path) -> None:
    found = worked(tmp_path, made_up(), {"need": ["deprivation_score"], "candidates": ["illness_share"]})
    tried = [r for r in found.results["sensitivity"].table.to_pylist() if r["kind"] == "with variable"]
    assert [row["what"] for row in tried] == ["illness_share"]
    assert tried[0]["explained"] > found.fitted.explained
    assert "illness_share" not in coefficients_of(found)


def test_noise_explains_nothing_out_of_sample(tmp_path: Path) -> None:
    draw = np.random.default_rng(4)
    areas = changed(made_up(), cost=lambda row: row["expected_cost"] * float(draw.normal(1, 0.1)))
    found = worked(tmp_path, areas)
    assert found.results["sensitivity"].table.to_pylist()[0]["out_of_sample"] < 0.01


# --- kept, explained, given to targets, shown to everybody


def test_a_kept_model_comes_back_whole_and_is_a_version_for_each_input(
    tmp_path: Path, found: Workshop
) -> None:
    place = Workspace(tmp_path / "workspace")
    first = keep(place, found)
    assert keep(place, found).version == first.version
    for name, result in found.results.items():
        held = first.result(name)
        assert held.table.equals(result.table)
        assert (held.title, held.notes, held.gaps) == (result.title, result.notes, result.gaps)
        assert held.table.schema.field(0).metadata == result.table.schema.field(0).metadata
    other = keep(place, worked(tmp_path, made_up(seed=8)))
    assert other.version != first.version
    assert [each.version for each in kept_models(place)].count(first.version) == 1
    assert kept_model(place, first.key, first.version).fingerprint == found.fingerprint
    with pytest.raises(NeedsError, match="choose from example-need-for-renal-dialysis"):
        kept_model(place, "nothing")


def test_the_working_of_a_share_multiplies_and_adds_up(tmp_path: Path, found: Workshop) -> None:
    kept = keep(Workspace(tmp_path / "workspace"), found)
    whole = working(kept, "Q03")
    by = {symbol: whole.find(symbol) for symbol in ("NWP", "POP", "N", "age", "additional", "ΣNWP")}
    values = {symbol: float(each.value) for symbol, each in by.items() if each}  # type: ignore[arg-type]
    assert values["NWP"] == pytest.approx(values["POP"] * values["N"])
    assert values["N"] == pytest.approx(values["age"] * values["additional"])
    assert float(whole.value) == pytest.approx(values["NWP"] / values["ΣNWP"])  # type: ignore[arg-type]
    parts = [float(each.value) for each in by["additional"].inputs if each.value]  # type: ignore[arg-type, union-attr]
    *effects, level = parts
    assert sum(effects) / level == pytest.approx(values["additional"], rel=1e-6)
    assert whole.sources()
    with pytest.raises(NeedsError, match="no row"):
        working(kept, "QXX")


def test_a_target_share_is_the_models_own_where_nothing_else_is_weighed(
    tmp_path: Path, found: Workshop
) -> None:
    kept = keep(Workspace(tmp_path / "workspace"), found)
    need = read_weighted([kept.weighted])
    weights = Weights({kept.service: Decimal(1)}, Decimal(0), without_market_forces=True)
    shares = target_shares(need, weights)
    for board, row in index_of(found).items():
        assert float(shares[board].share) == pytest.approx(row["share"], rel=1e-9)
        assert float(shares[board].need_index) == pytest.approx(row["need_index"], rel=1e-9)
    assert "Synthetic" in need.notes[0]
    with pytest.raises(NeedsError, match="two files"):
        read_weighted([kept.weighted, kept.weighted])
    [line, *rows] = list(csv.reader(kept.weighted.read_text().splitlines()))
    assert all(row[line.index("model")] == found.fingerprint for row in rows)
    assert all(row[line.index("synthetic")] == "true" for row in rows)


def test_everybody_sees_no_outcome_and_no_ratio_of_few_people(tmp_path: Path, found: Workshop) -> None:
    few = changed(
        made_up(), patients=lambda row: 7 if row["area"] == "Q00-01" else 0 if row["board"] == "Q00" else 30
    )
    for workshop, hidden in ((worked(tmp_path, few), {"Q00"}), (found, set())):
        shown = public(workshop.results["residuals"]).table
        assert not {"observed", "predicted", "people_behind"} & set(shown.column_names)
        rows = {
            row["of"]: row["observed_over_predicted"] for row in shown.to_pylist() if row["kind"] == "board"
        }
        assert {board for board, value in rows.items() if value is None} == hidden
        assert all(value == round(value, 2) for value in rows.values() if value is not None)
    assert FEWEST == 8
    unknown = public(worked(tmp_path, made_up(), {"people": ""}).results["calibration"])
    assert unknown.table["observed_over_predicted"].null_count == unknown.table.num_rows
    assert "does not say how many patients" in unknown.said()[-1]
