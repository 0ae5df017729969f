"""XmR charts against an oracle that is slow and obvious, laws of moving and stretching, and what is refused."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccom.insight.statistics.control_chart import (
    Assurance,
    PointType,
    Rule,
    assurance,
    part_of_two_in_three,
    seven_point_one_side,
    seven_point_trend,
    xmr,
)
from speccom.insight.statistics.numbers import StatisticsError

# Whole numbers, so that no rounding decides whether a point lies on a line.
values = st.integers(-40, 40).map(float)
whole_series = st.lists(values, min_size=2, max_size=40)
broken_series = st.lists(st.one_of(values, values, values, st.just(math.nan)), min_size=1, max_size=40)
ARRAYS = ("mean", "lower", "upper", "mean_moving_range", "points", "rule", "direction", "point_type")


def words(chart_types: np.ndarray) -> list[str]:
    return [PointType(int(code)).word for code in chart_types]


def oracle(
    points: Sequence[float], *, fixed: int | None = None, screen: bool = True
) -> tuple[list[int], list[int]]:
    """Rules and directions of one whole series, point by point, in the words of the method."""
    baseline = points[:fixed]
    mean = sum(baseline) / len(baseline)
    ranges = [abs(b - a) for a, b in itertools.pairwise(baseline)]
    if ranges and screen:
        ranges = [each for each in ranges if each <= 3.267 * sum(ranges) / len(ranges)]
    width = 2.66 * sum(ranges) / len(ranges) if ranges else math.nan
    rules, directions = [], []
    for at, point in enumerate(points):
        found = (Rule.NONE, 0)
        for side in (1, -1):
            if _in_run(points, at, 7, lambda run, side=side: all(side * (y - mean) > 1e-9 for y in run)):
                found = (Rule.SHIFT, side)
        for side in (1, -1):
            close = [side * (y - mean) > 2 / 3 * width for y in points]
            if close[at] and _in_run(close, at, 3, lambda run: sum(run) >= 2):
                found = (Rule.TWO_IN_THREE, side)
        trends = [
            side
            for side in (1, -1)
            if _in_run(points, at, 7, lambda run, side=side: all(side * step > 0 for step in np.diff(run)))
        ]
        if trends:
            into = 1 if at and points[at] > points[at - 1] else -1
            found = (Rule.TREND, trends[0] if len(trends) == 1 else into)
        if abs(point - mean) > width:
            found = (Rule.OUTSIDE, 1 if point > mean else -1)
        rules.append(int(found[0]))
        directions.append(found[1])
    return rules, directions


def _in_run(points: Sequence, at: int, length: int, holds: object) -> bool:
    starts = range(max(at - length + 1, 0), min(at, len(points) - length) + 1)
    return any(holds(points[start : start + length]) for start in starts)  # type: ignore[operator]


@given(
    st.one_of(whole_series, st.lists(st.integers(0, 3).map(float), min_size=2, max_size=40)),
    st.one_of(st.none(), st.integers(2, 30)),
    st.booleans(),
)
def test_every_point_has_the_rule_that_the_oracle_gives_it(
    points: list[float], fixed: int | None, screen: bool
) -> None:
    chart = xmr(points, fix_after_n_points=fixed, screen_outliers=screen)
    rules, directions = oracle(points, fixed=fixed, screen=screen)
    assert chart.rule.tolist() == rules
    assert chart.direction.tolist() == directions


@given(st.lists(st.integers(-2, 3), min_size=8, max_size=30))
def test_slow_walks_with_trends_agree_with_the_oracle(steps: list[int]) -> None:
    points = np.cumsum(steps).astype(float).tolist()
    chart = xmr(points)
    assert (chart.rule.tolist(), chart.direction.tolist()) == oracle(points)


@given(broken_series)
def test_a_missing_month_is_left_out_as_if_only_the_others_had_been_charted(points: list[float]) -> None:
    chart, present = xmr(points), ~np.isnan(points)
    assert chart.missing.tolist() == (~present).tolist()
    assert set(words(chart.point_type[~present])) <= {"missing"}
    if present.any():
        alone = xmr(np.array(points)[present])
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(chart, name)[present], getattr(alone, name), err_msg=name)
        assert (chart.mean == alone.mean[0]).all()  # the line runs on through the gap


@given(whole_series, st.integers(-1000, 1000), st.sampled_from([0.5, 2.0, 8.0]))
def test_moving_and_stretching_a_series_moves_and_stretches_its_chart(
    points: list[float], shift: int, scale: float
) -> None:
    chart, moved = xmr(points), xmr(np.array(points) * scale + shift)
    for line in ("mean", "lower", "upper"):
        assert getattr(moved, line) == pytest.approx(getattr(chart, line) * scale + shift, abs=1e-9)
    assert moved.rule.tolist() == chart.rule.tolist()
    assert moved.direction.tolist() == chart.direction.tolist()


@given(whole_series)
def test_turning_a_series_upside_down_turns_directions_and_what_they_mean(points: list[float]) -> None:
    up, down = xmr(points, improvement="increase"), xmr(np.negative(points), improvement="decrease")
    assert up.rule.tolist() == down.rule.tolist()
    assert up.direction.tolist() == (-down.direction).tolist()
    assert up.point_type.tolist() == down.point_type.tolist()


@given(broken_series, broken_series, st.one_of(st.none(), st.integers(2, 20)))
def test_rebasing_gives_what_two_charts_would(
    before: list[float], after: list[float], fixed: int | None
) -> None:
    both = xmr(before + after, rebase=[len(before)], fix_after_n_points=fixed)
    apart = [xmr(each, fix_after_n_points=fixed) for each in (before, after)]
    for name in ARRAYS:
        expected = np.concatenate([getattr(chart, name) for chart in apart])
        np.testing.assert_array_equal(getattr(both, name), expected, err_msg=name)


def test_a_matrix_of_series_is_charted_as_each_alone() -> None:
    draws = np.random.default_rng(8)
    matrix = draws.poisson(9, (5, 4, 36)).astype(float)
    matrix[draws.random(matrix.shape) < 0.15] = np.nan
    rebase = draws.random(matrix.shape) < 0.04
    better = draws.choice(["increase", "decrease", "neutral"], (5, 4))
    target = draws.integers(5, 12, matrix.shape)
    together = xmr(matrix, rebase=rebase, improvement=better, target=target)
    for place in np.ndindex(5, 4):
        options = {"improvement": better[place], "target": target[place]}
        alone = xmr(matrix[place], rebase=rebase[place], **options)
        for name in (*ARRAYS, "assurance"):
            np.testing.assert_array_equal(getattr(together, name)[place], getattr(alone, name), err_msg=name)


def test_an_outlying_moving_range_is_left_out_of_the_limits_unless_asked_in() -> None:
    points = [1.0, 2] * 4 + [30, 2] + [1.0, 2] * 4
    screened, kept = xmr(points), xmr(points, screen_outliers=False)
    assert screened.mean_moving_range[0] == 1
    assert kept.mean_moving_range[0] > 3
    assert screened.mean[0] == kept.mean[0]
    assert screened.rule[8] == Rule.OUTSIDE


def test_a_baseline_fixed_on_its_first_points_is_not_moved_by_later_ones() -> None:
    chart = xmr([1, 3, 1, 3, 50, 60, 70], fix_after_n_points=4)
    assert chart.mean.tolist() == [2.0] * 7
    assert chart.upper[0] == pytest.approx(2 + 2.66 * 2)
    assert chart.points.tolist() == [4] * 7
    assert (chart.rule[4:] == Rule.OUTSIDE).all()


def test_a_level_series_is_all_common_cause_whatever_its_level() -> None:
    for level in (0.1, 1 / 3, 1e9 + 0.1, 0.0):
        chart = xmr([level] * 12)
        assert (chart.rule == Rule.NONE).all() and (chart.lower == chart.upper).all()


def test_one_point_has_a_mean_and_no_limits_so_it_is_judged_by_none() -> None:
    chart = xmr([5.0], target=3, improvement="increase")
    assert chart.mean[0] == 5 and np.isnan(chart.lower[0]) and chart.points[0] == 1
    assert words(chart.point_type) == ["missing"]
    assert chart.assurance[0] == Assurance.NOT_APPLICABLE


def test_special_points_say_whether_they_are_better_or_only_high_or_low() -> None:
    points = [10.0, 11] * 6 + [30]
    assert words(xmr(points, improvement="increase").point_type)[-1] == "special_cause_improvement"
    assert words(xmr(points, improvement="decrease").point_type)[-1] == "special_cause_concern"
    assert words(xmr(points).point_type)[-1] == "special_cause_neutral_high"
    assert words(xmr(np.negative(points)).point_type)[-1] == "special_cause_neutral_low"
    assert set(words(xmr(points[:-1], improvement="increase").point_type)) == {"common_cause"}


def test_a_target_that_changes_is_judged_month_by_month() -> None:
    chart = xmr([10, 11] * 6, target=[5] * 4 + [10.5] * 4 + [20] * 3 + [np.nan], improvement="increase")
    assert [Assurance(int(code)).word for code in chart.assurance] == (
        ["consistent_pass"] * 4 + ["inconsistent"] * 4 + ["consistent_fail"] * 3 + ["not_applicable"]
    )


@pytest.mark.parametrize(
    ("target", "better", "word"),
    [
        (4, "increase", "consistent_fail"),
        (4, "decrease", "consistent_pass"),
        (0, "increase", "consistent_pass"),
        (0, "decrease", "consistent_fail"),
        (2, "increase", "inconsistent"),
        (3, "increase", "inconsistent"),
        (1, "decrease", "inconsistent"),
        (4, "neutral", "not_applicable"),
        (math.nan, "increase", "not_applicable"),
    ],
)
def test_a_process_between_one_and_three_meets_its_target_or_does_not(
    target: float, better: str, word: str
) -> None:
    assert Assurance(int(assurance(1, 3, target, better))).word == word


def test_six_on_one_side_or_a_value_on_the_mean_make_no_shift() -> None:
    assert seven_point_one_side([1] * 6).sum() == 0
    assert seven_point_one_side([1] * 6 + [0, 1]).sum() == 0
    assert seven_point_one_side([-1] * 8).tolist() == [0] * 6 + [1, 1]


def test_a_trend_needs_six_steps_one_way_and_no_standing_still() -> None:
    assert seven_point_trend([1, 2, 3, 4, 5, 6]).sum() == 0
    assert seven_point_trend([1, 2, 3, 3, 4, 5, 6]).sum() == 0
    assert seven_point_trend([7, 6, 5, 4, 3, 2, 1, 0]).tolist() == [0] * 6 + [-1, -1]


def test_two_close_points_in_three_count_only_on_the_same_side() -> None:
    assert part_of_two_in_three([1, -1, 0, 1]).tolist() == [0, 0, 0, 0]
    assert part_of_two_in_three([-1, 0, -1, 0, 0]).tolist() == [1, 0, 1, 0, 0]
    assert part_of_two_in_three([1, 0, 0, 1]).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("at least one", lambda: xmr([])),
        ("must be finite", lambda: xmr([1, math.inf])),
        ("rebase 3 is not a month after the first of the 3", lambda: xmr([1, 2, 3], rebase=[3])),
        ("rebase 0 is not", lambda: xmr([1, 2, 3], rebase=[0])),
        ("by position", lambda: xmr([1, 2, 3], rebase=[1.5])),
        ("must be shaped like values", lambda: xmr([1, 2, 3], rebase=[True, False])),
        ("fix_after_n_points must be 2 or more: found 1", lambda: xmr([1, 2, 3], fix_after_n_points=1)),
        ("improvement up is not one of increase, decrease, neutral", lambda: xmr([1, 2], improvement="up")),
        ("do not fit together", lambda: xmr([1, 2, 3], target=[1, 2])),
        ("each −1, 0 or 1", lambda: seven_point_one_side([1, 2])),
        ("none of them missing", lambda: seven_point_trend([1, math.nan])),
    ],
)
def test_what_cannot_be_charted_is_refused(said: str, call: object) -> None:
    with pytest.raises(StatisticsError, match=said):
        call()  # type: ignore[operator]
