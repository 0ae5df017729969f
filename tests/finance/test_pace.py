"""The pace of change: worked numbers, laws that hold for any world, and what is refused with its numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.finance.worlds import (
    FOUR,
    WORKED_BASELINE,
    WORKED_MONEY,
    WORKED_SHARE,
    World,
    limits,
    rate,
    worlds,
)

from speccom.finance.pace import (
    Allocated,
    AllocationError,
    Held,
    Parameters,
    allocate,
    correction,
    guarantee,
)
from speccom.finance.penny import PENNY, to_the_penny

A_HAIR = Decimal(1).scaleb(-20)
MILLION = 1_000_000


def worked(money: Decimal = WORKED_MONEY, times: int = MILLION, **parameters: object) -> Allocated:
    """The worked example, in pounds of which a penny is a hundred-millionth."""
    return allocate(
        {area: held * times for area, held in WORKED_BASELINE.items()},
        WORKED_SHARE,
        money * times,
        Parameters(**parameters),  # type: ignore[arg-type]
    )


def millions(found: Allocated) -> list[str]:
    return [f"{each.allocation / MILLION:.4f}" for each in found.areas]


def solved(world: World, asked: Parameters) -> Allocated:
    """The allocations of a world, leaving aside those whose bounds contradict the money."""
    try:
        return allocate(*world, asked)
    except AllocationError as error:
        assume("sums to" not in str(error))
        raise


# --- worked numbers


def test_without_a_speed_every_area_grows_as_the_money_does() -> None:
    found = worked(k=rate("0"))
    assert f"{found.g0:.5%}" == "5.00000%"
    assert millions(found) == ["105.0000", "210.0000", "315.0000", "420.0000"]


def test_a_fifth_of_the_distance_and_at_most_a_hundredth() -> None:
    found = worked(k=rate("0.2"), cmax=rate("0.01"))
    assert f"{found.g0:.5%}" == "4.92130%"
    assert millions(found) == ["103.9213", "211.7474", "312.6949", "421.6364"]
    assert [f"{each.opening_distance:+.4%}" for each in found.areas] == [
        "+11.1111%",
        "-4.7619%",
        "+3.4483%",
        "-2.4390%",
    ]


def test_in_pounds_the_worked_example_sums_to_its_money_to_the_penny() -> None:
    found = worked(times=1, k=rate("0.2"), cmax=rate("0.01"))
    assert [str(each.allocation) for each in found.areas] == ["103.92", "211.75", "312.69", "421.64"]


def test_a_floor_lifts_the_areas_furthest_below_their_target_to_it() -> None:
    found = worked(k=rate("0.2"), floor=rate("0.01"))
    assert [each.held for each in found.areas] == [None, Held.FLOOR, None, Held.FLOOR]
    assert [f"{each.closing_distance:.4%}" for each in found.areas if each.held] == ["-1.0000%", "-1.0000%"]


def test_without_overshoot_an_area_over_target_comes_to_it_and_no_further() -> None:
    assert worked(k=rate("1")).area("E1").closing_distance < -rate("0.004")
    found = worked(k=rate("1"), no_overshoot=True)
    assert found.area("E1").allocation == rate("94.50") * MILLION
    assert found.area("E1").held == Held.TARGET


def test_a_deadband_leaves_areas_near_their_target_alone() -> None:
    limits_ = Parameters(k=rate("0.5"), deadband=rate("0.03"))
    assert correction(rate("0.02"), limits_) == 0
    assert correction(rate("0.05"), limits_) == rate("-0.010")
    assert correction(rate("-0.05"), limits_) == rate("0.010")


@pytest.mark.parametrize(
    ("distance", "promised"),
    [("-0.2", "0.02"), ("0.05", "0.02"), ("0.06", "0.016"), ("0.09", "0.004"), ("0.10", None), ("0.3", None)],
)
def test_a_guarantee_fades_in_a_line_and_ends(distance: str, promised: str | None) -> None:
    limits_ = Parameters(gmin=rate("0.02"), taper=(rate("0.05"), rate("0.10")))
    assert guarantee(rate(distance), limits_) == (None if promised is None else rate(promised))


def test_a_guarantee_of_a_loss_never_turns_into_a_smaller_loss() -> None:
    limits_ = Parameters(gmin=rate("-0.02"), taper=(rate("0.05"), rate("0.10")))
    assert guarantee(rate("0.08"), limits_) == rate("-0.02")


def test_an_area_without_a_baseline_gets_its_floor_and_has_no_growth() -> None:
    baseline, shares = {"new": rate("0"), "old": rate("100")}, {"new": rate("0.5"), "old": rate("0.5")}
    found = allocate(baseline, shares, rate("110"), Parameters(k=rate("0.1"), floor=rate("0.6")))
    assert (found.area("new").allocation, found.area("new").growth) == (rate("22.00"), None)
    assert found.area("old").allocation == rate("88.00")


def test_no_area_owes_money_however_far_it_is_over_its_target() -> None:
    baseline = {"far": rate("900"), "near": rate("100")}
    shares = {"far": rate("0.01"), "near": rate("0.99")}
    found = allocate(baseline, shares, rate("1000"), Parameters(k=rate("1")))
    assert found.area("far").allocation == 0
    assert found.area("far").held == Held.NOTHING_LESS


# --- laws


@given(worlds(), limits())
def test_allocations_and_targets_sum_to_the_money_to_the_penny(world: World, asked: Parameters) -> None:
    found = solved(world, asked)
    assert sum(each.allocation for each in found.areas) == world[2]
    assert sum(each.target for each in found.areas) == world[2]
    assert all(each.allocation % PENNY == 0 and each.allocation >= 0 for each in found.areas)


@given(worlds(), limits())
def test_the_distances_weighted_by_target_shares_sum_to_nought(world: World, asked: Parameters) -> None:
    found = solved(world, asked)
    for distances in (
        [each.opening_distance for each in found.areas],
        [each.closing_distance for each in found.areas],
    ):
        shares = [each.share for each in found.areas]
        assert abs(sum(s * d for s, d in zip(shares, distances, strict=True))) < A_HAIR


@given(worlds())
def test_without_a_speed_growth_is_uniform(world: World) -> None:
    baseline, _, money = world
    found = allocate(*world, Parameters(k=Decimal(0)))
    whole = sum(baseline.values(), Decimal(0))
    assert all(abs(each.allocation - each.baseline * money / whole) < PENNY for each in found.areas)


@given(worlds(), limits())
def test_areas_at_their_target_stay_there(world: World, asked: Parameters) -> None:
    _, shares, money = world
    at_target = {area: share * 10**12 for area, share in shares.items()}  # of twelve places: whole pounds
    found = solved((at_target, shares, money), replace(asked, gmin=None, gmax=None))
    assert all(abs(each.allocation - each.target) <= PENNY for each in found.areas)


@given(worlds(), limits(), st.sampled_from([Decimal("0.5"), Decimal(3), Decimal(1000)]))
def test_scaling_baselines_and_money_alike_changes_no_growth_and_no_distance(
    world: World, asked: Parameters, times: Decimal
) -> None:
    baseline, shares, money = world
    assume(all(not held or held * times >= PENNY for held in baseline.values()))
    money = money.quantize(Decimal(1)) + 1
    found = solved((baseline, shares, money), asked)
    scaled = allocate({area: held * times for area, held in baseline.items()}, shares, money * times, asked)
    assert abs(scaled.g0 - found.g0) < A_HAIR
    for one, other in zip(found.areas, scaled.areas, strict=True):
        assert abs(one.opening_distance - other.opening_distance) < A_HAIR * (1 + abs(one.opening_distance))
        assert abs(other.allocation - one.allocation * times) <= PENNY * max(times, 1)


def test_scaling_baselines_alone_changes_no_distance_but_the_weight_of_a_correction() -> None:
    once, twice = worked(k=rate("0.2")), worked(times=MILLION, k=rate("0.2"))
    doubled = allocate(
        {area: held * 2 * MILLION for area, held in WORKED_BASELINE.items()},
        WORKED_SHARE,
        WORKED_MONEY * MILLION,
        Parameters(k=rate("0.2")),
    )
    assert once == twice
    assert [each.opening_distance for each in doubled.areas] == [each.opening_distance for each in once.areas]
    assert [each.correction for each in doubled.areas] == [each.correction for each in once.areas]
    assert doubled.area("E1").allocation < once.area("E1").allocation


@given(worlds(), st.randoms(use_true_random=False), limits())
def test_the_order_of_areas_does_not_matter(world: World, random: object, asked: Parameters) -> None:
    baseline, shares, money = world
    found = solved(world, asked)
    turned = allocate(dict(reversed(baseline.items())), dict(reversed(shares.items())), money, asked)
    assert found.closing() == turned.closing()


@given(worlds(), limits(no_overshoot=False))
def test_an_area_below_target_never_grows_slower_than_one_above(world: World, asked: Parameters) -> None:
    areas = [each for each in solved(world, asked).areas if each.growth is not None]
    for below in (each for each in areas if each.opening_distance < 0):
        for above in (each for each in areas if each.opening_distance > 0):
            assert below.growth is not None and above.growth is not None
            assert below.growth >= above.growth - PENNY / below.baseline - PENNY / above.baseline


@given(worlds(), limits(), st.integers(1, 10**8))
def test_more_money_takes_more_than_a_penny_from_no_area(world: World, asked: Parameters, more: int) -> None:
    baseline, shares, money = world
    less_held = solved(world, asked)
    more_held = solved((baseline, shares, money + Decimal(more) / 100), asked)
    for one, other in zip(less_held.areas, more_held.areas, strict=True):
        assert other.allocation >= one.allocation - PENNY


@given(worlds(), limits())
def test_every_bound_is_kept(world: World, asked: Parameters) -> None:
    found = solved(world, asked)
    for each in found.areas:
        exact_target = each.share * world[2]
        if asked.floor is not None:
            assert each.allocation > (1 - asked.floor) * exact_target - PENNY
        if each.guarantee is not None:
            assert each.allocation > each.baseline * (1 + each.guarantee) - PENNY
        ceilings = [exact_target * (1 - asked.floor)] if asked.floor is not None else [Decimal(0)]
        if asked.gmax is not None:
            assert each.allocation < max(each.baseline * (1 + asked.gmax), *ceilings, Decimal(0)) + PENNY
        if asked.no_overshoot and each.opening_distance < 0:
            promised = each.baseline * (1 + (each.guarantee if each.guarantee is not None else -1))
            assert each.allocation < max(exact_target, promised) + PENNY


@given(worlds(), limits(no_overshoot=True))
def test_no_correction_carries_an_area_over_target_below_it(world: World, asked: Parameters) -> None:
    found = solved(world, asked)
    for each in found.areas:
        if each.opening_distance > 0:
            freely = min(found.g0, asked.gmax) if asked.gmax is not None else found.g0
            assert each.allocation > min(each.baseline * (1 + freely), each.share * world[2]) - PENNY


def merged(values: dict[str, Decimal]) -> dict[str, Decimal]:
    first, second, *rest = values
    return {f"{first}+{second}": values[first] + values[second], **{area: values[area] for area in rest}}


@given(worlds().filter(lambda world: len(world[0]) > 2), limits())
def test_baselines_and_targets_add_when_areas_merge(world: World, asked: Parameters) -> None:
    baseline, shares, money = world
    apart = solved(world, replace(asked, gmin=None, gmax=None))
    together = solved((merged(baseline), merged(shares), money), replace(asked, gmin=None, gmax=None))
    first, second, *rest = apart.areas
    assert together.areas[0].baseline == first.baseline + second.baseline
    assert abs(together.areas[0].target - first.target - second.target) <= PENNY
    assert [each.baseline for each in together.areas[1:]] == [each.baseline for each in rest]


def test_allocations_do_not_add_when_areas_merge() -> None:
    asked = Parameters(k=rate("0.2"), cmax=rate("0.01"))
    apart = worked(k=asked.k, cmax=asked.cmax)
    together = allocate(
        merged({area: held * MILLION for area, held in WORKED_BASELINE.items()}),
        merged(WORKED_SHARE),
        WORKED_MONEY * MILLION,
        asked,
    )
    # One over its target and one under it: merged they are at their target, and neither correction is left.
    assert together.areas[0].opening_distance == 0
    gained = together.areas[0].allocation - apart.area("E1").allocation - apart.area("E2").allocation
    assert f"{gained / MILLION:.4f}" == "-0.6333"


# --- rounding


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=30))
def test_rounding_moves_no_amount_by_a_penny_and_keeps_the_sum(parts: list[int]) -> None:
    total = Decimal(12345) / 100
    amounts = {f"{place:02}": total * part / sum(parts) for place, part in enumerate(parts)}
    found = to_the_penny(amounts, total)
    assert sum(found.values()) == total
    assert all(abs(found[code] - amounts[code]) < PENNY + A_HAIR for code in amounts)


def test_of_equal_remainders_the_code_that_sorts_first_gets_the_penny() -> None:
    third = Decimal(1) / 3
    assert to_the_penny({"B": third, "C": third, "A": third}, Decimal(1)) == {
        "B": rate("0.33"),
        "C": rate("0.33"),
        "A": rate("0.34"),
    }


def test_a_guarantee_is_rounded_up_and_a_cap_down() -> None:
    amounts = {"A": rate("1.001"), "B": rate("1.009"), "C": rate("1.99")}
    plain = to_the_penny(amounts, rate("4.00"))
    kept = to_the_penny(amounts, rate("4.00"), least={"A": rate("1.001")}, most={"B": rate("1.009")})
    assert plain == {"A": rate("1.00"), "B": rate("1.01"), "C": rate("1.99")}
    assert kept == {"A": rate("1.01"), "B": rate("1.00"), "C": rate("1.99")}


# --- refusals, each with the numbers that clash


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"gmin": "0.06"},
            ("£1,060.00", "£10.00 more than the money, £1,050.00", "least growth (gmin): E4 £424.00"),
        ),
        (
            {"gmin": "0.05", "floor": "0"},
            ("£1,071.00", "£21.00 more", "floor): E4 £430.50", "gmin): E3 £315.00"),
        ),
        ({"gmax": "0.04"}, ("£1,040.00", "leaves £10.00", "£1,050.00", "most growth (gmax): E4 £416.00")),
        ({"gmin": "0.03", "gmax": "0.02"}, ("gmin is 0.03 and gmax is 0.02",)),
        ({"k": "1.2"}, ("k is 1.2", "from 0 to 1")),
        ({"k": "-0.1"}, ("k is -0.1",)),
        ({"k": "NaN"}, ("k is NaN",)),
        ({"floor": "5"}, ("floor is 5", "0.01 is one percent")),
        ({"cmax": "-1"}, ("cmax is -1",)),
        ({"gmax": "-1.5"}, ("gmax is -1.5",)),
    ],
)
def test_parameters_that_cannot_be_are_refused_with_the_numbers(
    parameters: dict[str, str], said: tuple[str, ...]
) -> None:
    with pytest.raises(AllocationError) as refused:
        worked(times=1, **{name: rate(value) for name, value in parameters.items()})
    assert all(each in str(refused.value) for each in said), str(refused.value)


@pytest.mark.parametrize("ends", [("0.1", "0.05"), ("-0.1", "0.05"), ("0.1", "Infinity")])
def test_a_taper_runs_upwards_from_nought(ends: tuple[str, str]) -> None:
    with pytest.raises(AllocationError, match="u"):
        worked(gmin=rate("0"), taper=(rate(ends[0]), rate(ends[1])))


def test_parameters_that_limit_nothing_say_so() -> None:
    said = Parameters(cmax=rate("0.01"), taper=(rate("0.05"), rate("0.1"))).idle()
    assert [each.split()[0] for each in said] == ["cmax", "taper"]
    assert Parameters(k=rate("0.2"), cmax=rate("0.01")).idle() == []


def test_money_exactly_at_the_guarantees_or_at_the_caps_is_shared() -> None:
    assert millions(worked(gmin=rate("0.05"))) == ["105.0000", "210.0000", "315.0000", "420.0000"]
    assert millions(worked(gmax=rate("0.05"), k=rate("0.2"))) == [
        "105.0000",
        "210.0000",
        "315.0000",
        "420.0000",
    ]
    assert worked(gmin=rate("0.05"), gmax=rate("0.05")).area("E1").growth == rate("0.05")


@pytest.mark.parametrize(
    ("baseline", "shares", "money", "said"),
    [
        ({"E1": "0", "E2": "0"}, {"E1": ".5", "E2": ".5"}, "10", "2 areas sum to 0"),
        ({"E1": "-1", "E2": "2"}, {"E1": ".5", "E2": ".5"}, "10", "E1 is -1"),
        ({"E1": "0.001", "E2": "2"}, {"E1": ".5", "E2": ".5"}, "10", "less than a penny"),
        ({"E1": "1"}, {"E1": ".5", "E2": ".5"}, "10", "E2 has no baseline"),
        ({"E1": "1", "E2": "2", "E3": "3"}, {"E1": ".5", "E2": ".5"}, "10", "E3 has no target share"),
        ({"E1": "1", "E2": "2"}, {"E1": ".5", "E2": ".4"}, "10", "sum to 0.9, which is -0.1 from 1"),
        ({"E1": "1", "E2": "2"}, {"E1": "1.5", "E2": "-.5"}, "10", "E2 is -0.5"),
        ({"E1": "1", "E2": "2"}, {"E1": "1", "E2": "0"}, "10", "E2 is 0"),
        ({"E1": "1", "E2": "2"}, {"E1": ".5", "E2": ".5"}, "0", "money is 0"),
        ({"E1": "1", "E2": "2"}, {"E1": ".5", "E2": ".5"}, "10.001", "whole pennies"),
        ({"E1": "NaN", "E2": "2"}, {"E1": ".5", "E2": ".5"}, "10", "E1 is NaN"),
        ({}, {}, "10", "There is no area"),
    ],
)
def test_inputs_that_cannot_be_are_refused_with_the_area_and_the_number(
    baseline: dict[str, str], shares: dict[str, str], money: str, said: str
) -> None:
    with pytest.raises(AllocationError, match=said.replace("(", r"\(")):
        allocate(
            {area: rate(held) for area, held in baseline.items()},
            {area: rate(held) for area, held in shares.items()},
            rate(money),
        )


def test_shares_that_were_rounded_are_scaled_to_one() -> None:
    third = rate("0.3333333")
    found = allocate(dict.fromkeys("ABC", rate("10")), dict.fromkeys("ABC", third), rate("30"))
    assert abs(sum(each.share for each in found.areas) - 1) < A_HAIR
    with pytest.raises(AllocationError, match=r"0\.9999"):
        allocate(dict.fromkeys("ABC", rate("10")), dict.fromkeys("ABC", rate("0.3333")), rate("30"))


@given(worlds(most_areas=6), limits())
@example(
    (dict.fromkeys(FOUR, Decimal(100)), dict.fromkeys(FOUR, Decimal("0.25")), Decimal(400)), Parameters()
)
def test_g0_is_what_the_formula_of_the_reference_gives(world: World, asked: Parameters) -> None:
    """The rule written out once more, plainly, area by area, at the g0 that was found."""
    baseline, _, money = world
    found = solved(world, asked)
    for each in found.areas:
        held, target = baseline[each.area], each.share * money
        low = each.guarantee if each.guarantee is not None else Decimal(-1)
        grown = max(found.g0 + each.correction, low)
        grown = grown if asked.gmax is None else min(grown, asked.gmax)
        amount = max(
            held * (1 + grown), (1 - asked.floor) * target if asked.floor is not None else Decimal(0)
        )
        if asked.no_overshoot and each.opening_distance < 0:
            amount = min(amount, max(target, held * (1 + low)))
        if asked.no_overshoot and each.opening_distance > 0:
            freely = found.g0 if asked.gmax is None else min(found.g0, asked.gmax)
            amount = max(amount, min(held * (1 + freely), target))
        assert abs(amount - each.allocation) < PENNY + A_HAIR


def test_years_follow_each_other_without_a_gap() -> None:
    from speccom.finance.paths import path

    years = path(WORKED_BASELINE, WORKED_SHARE, [rate("1050"), rate("1100")], Parameters(k=rate("0.2"))).years
    assert all(
        {each.area: each.baseline for each in later.areas} == earlier.closing()
        for earlier, later in pairwise(years)
    )
