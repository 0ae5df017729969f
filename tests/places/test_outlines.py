"""Simplified outlines: neighbours still meet, small waves go, and islands that matter stay."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from speccom.places.outlines import Ring, area_of, simplified


def wavy(start: tuple[float, float], end: tuple[float, float], waves: float, steps: int = 40) -> Ring:
    """A line with small waves from one point up to but not including another."""
    points = []
    for step in range(steps):
        along = step / steps
        x = start[0] + (end[0] - start[0]) * along
        y = start[1] + (end[1] - start[1]) * along
        points.append((x + waves * math.sin(step) * (step > 0), y))
    return points


def neighbours(waves: float) -> tuple[Ring, Ring]:
    """Two squares side by side whose common border is wavy, each the other way round along it."""
    border = wavy((10, 0), (10, 10), waves)
    left = [(0.0, 0.0), *border, (10.0, 10.0), (0.0, 10.0)]
    right = [(20.0, 10.0), (10.0, 10.0), *border[::-1], (20.0, 0.0)]
    return left, right


@given(waves=st.floats(0.01, 2), tolerance=st.floats(0.05, 3))
def test_neighbours_keep_the_same_border(waves: float, tolerance: float) -> None:
    left, right = neighbours(waves)
    found = simplified({"left": [left], "right": [right]}, tolerance, 0)
    (one,), (other,) = found["left"], found["right"]
    shared = [point for point in one if point in set(other)]
    assert {(10.0, 0.0), (10.0, 10.0)} <= set(shared)
    assert set(shared) == {point for point in one if abs(point[0] - 10) <= 2.01 and point[0] not in (0, 20)}
    assert area_of(one) + area_of(other) == 200 or math.isclose(area_of(one) + area_of(other), 200)


def test_small_waves_are_smoothed_and_large_ones_stay() -> None:
    left, right = neighbours(0.1)
    assert len(simplified({"left": [left], "right": [right]}, 0.5, 0)["left"][0]) == 4
    left, right = neighbours(3)
    assert len(simplified({"left": [left], "right": [right]}, 0.5, 0)["left"][0]) > 12


def test_an_island_in_a_hole_keeps_to_the_hole() -> None:
    island = [(4 + math.cos(turn / 20), 5 + math.sin(turn / 20)) for turn in range(126)]
    turned = island[50:] + island[:50]
    outer = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    found = simplified({"around": [outer, turned[::-1]], "island": [island]}, 0.05, 0)
    assert set(found["around"][1]) == set(found["island"][0])
    assert len(found["island"][0]) < 40


def test_tiny_islands_go_but_no_shape_is_lost() -> None:
    def square(size: float, at: float) -> Ring:
        return [(at, at), (at + size, at), (at + size, at + size), (at, at + size)]

    found = simplified({"both": [square(10, 0), square(1, 30)], "tiny": [square(0.1, 50)]}, 0.5, 4)
    assert [area_of(ring) for ring in found["both"]] == [100]
    assert len(found["tiny"]) == 1
