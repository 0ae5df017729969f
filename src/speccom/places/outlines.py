"""Simplifies polygons so that neighbours still meet: each border between two of them is simplified once.

Knows points in a plane, and nothing of boards or files. Rings are cut where three or more rings meet, or two
part; every piece is thinned by the method of Douglas and Peucker; pieces shared by two rings stay one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]
"""A closed line without its last point, which would repeat the first."""

_LEAST = 3  # corners that a ring needs


def simplified(
    shapes: Mapping[str, Sequence[Ring]], tolerance: float, least_area: float
) -> dict[str, list[Ring]]:
    """Each shape's rings with no point further than `tolerance` from the line that was.

    A ring of less than `least_area` is left out, unless it is the largest of its shape.
    """
    corners = _corners(ring for rings in shapes.values() for ring in rings)
    thinned: dict[tuple[Point, ...], tuple[Point, ...]] = {}
    found = {}
    for name, rings in shapes.items():
        new = [_simplify(ring, corners, tolerance, thinned) for ring in rings]
        whole = sorted((ring for ring in new if len(ring) >= _LEAST), key=area_of, reverse=True)
        if not whole:  # so small that nothing was left of it: keep it as it is
            whole = [max(rings, key=area_of)]
        found[name] = [whole[0], *(ring for ring in whole[1:] if area_of(ring) >= least_area)]
    return found


def area_of(ring: Ring) -> float:
    """The area that a ring encloses."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _corners(rings: Iterable[Ring]) -> set[Point]:
    """The points at which a ring must be cut: those whose neighbours are not the same in every ring."""
    beside: dict[Point, set[frozenset[Point]]] = defaultdict(set)
    for ring in rings:
        for place, point in enumerate(ring):
            beside[point].add(frozenset((ring[place - 1], ring[(place + 1) % len(ring)])))
    return {point for point, neighbours in beside.items() if len(neighbours) > 1}


def _simplify(
    ring: Ring,
    corners: set[Point],
    tolerance: float,
    thinned: dict[tuple[Point, ...], tuple[Point, ...]],
) -> Ring:
    cuts = [place for place, point in enumerate(ring) if point in corners]
    if (
        not cuts
    ):  # an island, or a ring that lies whole in another: cut it at two points that any ring agrees on
        cuts = sorted({ring.index(min(ring)), ring.index(max(ring))})
    turned = ring[cuts[0] :] + ring[: cuts[0]]
    ends = [cut - cuts[0] for cut in cuts[1:]] + [len(ring)]
    new: Ring = []
    start = 0
    for end in ends:
        piece = tuple((turned + turned[:1])[start : end + 1])
        new += _thin_once(piece, tolerance, thinned)[:-1]
        start = end
    return new


def _thin_once(
    piece: tuple[Point, ...], tolerance: float, thinned: dict[tuple[Point, ...], tuple[Point, ...]]
) -> tuple[Point, ...]:
    """A piece, thinned the same way whichever way its ring runs: both sides get the same points."""
    backwards = piece[::-1]
    key = min(piece, backwards)
    if key not in thinned:
        thinned[key] = _thin(key, tolerance)
    return thinned[key] if key == piece else thinned[key][::-1]


def _thin(line: tuple[Point, ...], tolerance: float) -> tuple[Point, ...]:
    """The ends of a line and the points between that are too far from the lines that join what is kept."""
    keep = {0, len(line) - 1}
    parts = [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        furthest, distance = 0, tolerance**2
        for place in range(first + 1, last):
            away = _squared_distance(line[place], line[first], line[last])
            if away > distance:
                furthest, distance = place, away
        if furthest:
            keep.add(furthest)
            parts += [(first, furthest), (furthest, last)]
    return tuple(line[place] for place in sorted(keep))


def _squared_distance(point: Point, start: Point, end: Point) -> float:
    """From a point to the nearest of a stretch of line."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length))
    return (x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2
