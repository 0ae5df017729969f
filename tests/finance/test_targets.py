"""Targets as a result: shares that sum to 1, areas that merge or were split, and the file that allocations take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.finance.worlds import rate

from speccom.finance.allocation_file import parse_request, written
from speccom.finance.explained import Confidence
from speccom.finance.pace import LEAST_SHARE, AllocationError, allocate
from speccom.finance.split_boards import parts_of, split_boards
from speccom.finance.target import Need, TargetError, Weights, core_need
from speccom.finance.targets import Boundary, Targets, table_of, targets
from speccom.period import FinancialYear
from speccom.register import Register

MERGED = date(2026, 4, 1)
A_HAIR = Decimal(1).scaleb(-20)
QNQ = {("QNQ", "QRL"): "1", ("QNQ", "S0E4D"): "1", ("QNQ", "S9B9J"): "1"}
OTHERS = {("QM7", "D7T5G"): "3", ("QM7", "S1Y5D"): "7", ("QJG", "D7T5G"): "1", ("QJG", "T6Y0W"): "6"}
CORE = Weights({"general acute": rate("0.7"), "mental health": rate("0.3")}, rate("0.1"), None, True)
amounts = st.integers(1, 10**9)


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def core(register: Register) -> Need:
    return core_need(register, FinancialYear(2025))


def split(register: Register, core: Need, said: dict[tuple[str, str], str]) -> Boundary:
    return Boundary(register, MERGED, parts_of(split_boards(register, core.population, MERGED), said))


def world(people: list[int], needs: list[int]) -> Need:
    areas = [f"A{place}" for place in range(len(people))]
    return Need(
        {area: Decimal(each) for area, each in zip(areas, people, strict=True)},
        {"renal": {area: Decimal(each) for area, each in zip(areas, needs, strict=True)}},
        None,
        "a small world",
        Confidence.STATED,
    )


def renal(need: Need, baselines: dict[str, Decimal] | None = None) -> Targets:
    weights = Weights({"renal": Decimal(1)}, Decimal(0), None, True)
    return targets(need, weights, "renal", baselines=baselines)


def of(register: Register, found: Targets) -> dict[str, dict[str, object]]:
    return {row["area"]: row for row in table_of(found, register).table.to_pylist()}


@example([(1, 1, 1), (1, 10**9, 1)], 100)  # a share that is too small to measure a distance against
@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=12), st.integers(1, 10**14))
def test_the_file_for_allocations_has_shares_that_sum_to_one_and_shares_out_every_penny(
    rows: list[tuple[int, int, int]], pennies: int
) -> None:
    people, needs, held = (list(each) for each in zip(*rows, strict=True))
    baselines = {f"A{place}": Decimal(each) / 100 for place, each in enumerate(held)}
    money = Decimal(pennies) / 100 + len(rows)
    asked = renal(world(people, needs), baselines).request(money)
    read = parse_request(written(asked))
    assert read == asked
    assert sum(read.target_share.values()) == 1
    if min(read.target_share.values()) < LEAST_SHARE:
        with pytest.raises(AllocationError, match=r"The target share of A[0-9]+ is .*thousand-millionth"):
            allocate(read.baseline, read.target_share, read.money)
        return
    year = allocate(read.baseline, read.target_share, read.money)
    assert sum(each.allocation for each in year.areas) == money


@given(st.lists(st.tuples(amounts, amounts), min_size=2, max_size=8))
def test_areas_that_merge_have_the_target_of_their_parts(rows: list[tuple[int, int]]) -> None:
    people, needs = (list(each) for each in zip(*rows, strict=True))
    apart = renal(world(people, needs)).areas
    merged = renal(world([people[0] + people[1], *people[2:]], [needs[0] + needs[1], *needs[2:]])).areas
    assert abs(merged["A0"].share - apart["A0"].share - apart["A1"].share) < A_HAIR


def test_boards_that_merged_add_in_every_column_and_the_index_is_of_the_sums(
    register: Register, core: Need
) -> None:
    held = {area: round(people * 200, 2) for area, people in core.population.items()}
    before = of(register, targets(core, CORE, "core", baselines=held))
    found = targets(core, CORE, "core", baselines=held, boundary=Boundary(register, MERGED, {}))
    after = of(register, found)["Z9B2Z"]
    for column in ("population", "weighted_population_1", "weighted_population", "target_share", "baseline"):
        assert float(after[column]) == pytest.approx(  # type: ignore[arg-type]
            float(before["QMJ"][column]) + float(before["QRV"][column])  # type: ignore[arg-type]
        )
    low, high = sorted(float(before[area]["need_index"]) for area in ("QMJ", "QRV"))  # type: ignore[arg-type]
    assert low < float(after["need_index"]) < high  # type: ignore[arg-type]
    assert [gap[:3] for gap in found.gaps] == ["QJG", "QM7", "QNQ"]
    assert set(found.gaps) <= set(found.notes)


def test_the_market_forces_factor_of_a_merged_board_is_the_mean_by_weighted_people(
    register: Register, core: Need
) -> None:
    forces = dict.fromkeys(core.population, rate("1")) | {"QMJ": rate("1.2"), "QRV": rate("1.1")}
    weights = Weights(CORE.spend, CORE.health_inequalities, forces)
    before = of(register, targets(core, weights, "core"))
    after = of(register, targets(core, weights, "core", boundary=Boundary(register, MERGED, {})))
    first, second = (float(before[area]["weighted_population_1"]) for area in ("QMJ", "QRV"))  # type: ignore[arg-type]
    assert after["Z9B2Z"]["market_forces_factor"] == pytest.approx(
        (1.2 * first + 1.1 * second) / (first + second)
    )


def test_with_the_weights_of_all_parts_nothing_is_left_over_and_no_penny_lost(
    register: Register, core: Need
) -> None:
    held = {area: round(people * 200, 2) + rate("0.01") for area, people in core.population.items()}
    found = targets(core, CORE, "core", baselines=held, boundary=split(register, core, QNQ | OTHERS))
    assert found.gaps == ()
    assert len(found.areas) == 36
    assert not {"QNQ", "QM7", "QJG"} & set(found.areas)
    baselines = [each.baseline or Decimal(0) for each in found.areas.values()]
    assert sum(baselines) == sum(held.values())
    assert all(each == round(each, 2) for each in baselines)
    assert abs(sum(each.share for each in found.areas.values()) - 1) < A_HAIR


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({("QNQ", "QRL"): "1"}, "QNQ was split between QRL, S0E4D, S9B9J: S0E4D, S9B9J has no weight"),
        (QNQ | {("QNQ", "QRL"): "0"}, "QNQ in QRL is 0: give a number above nought"),
        (QNQ | {("QNQ", "QRL"): "many"}, "'many': give a number"),
        ({("QMJ", "Z9B2Z"): "1"}, "QMJ has no part in Z9B2Z.*choose from QJG in D7T5G"),
    ],
)
def test_weights_of_parts_that_cannot_be_are_refused(
    register: Register, core: Need, said: dict[tuple[str, str], str], what: str
) -> None:
    with pytest.raises(TargetError, match=what):
        split(register, core, said)


def test_baselines_are_of_the_areas_that_have_targets() -> None:
    need = world([10, 20], [1, 1])
    with pytest.raises(TargetError, match="A1 has a target and no baseline"):
        renal(need, {"A0": Decimal(1)})
    with pytest.raises(TargetError, match="A9 has a baseline and no target"):
        renal(need, dict.fromkeys(("A0", "A1", "A9"), Decimal(1)))
    with pytest.raises(TargetError, match="no baselines to share money from"):
        renal(need).request(Decimal(100))
    with pytest.raises(AllocationError, match="whole pennies"):
        renal(need, dict.fromkeys(("A0", "A1"), Decimal(1))).request(rate("0.001"))
