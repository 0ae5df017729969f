"""The assessment as rows: tests, ratings, recommendations, sides, states and moves. It knows no assessment.

The eight tests are published, in our own words here; their labels, the ratings, the states and who may move
them are Speccom's own, since none were published.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from speccom import content


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the eight tests; `source` is the register's, `label_confidence` that of our label."""

    criterion: str
    label: str
    test: str
    source: str
    confidence: str
    label_confidence: str


@dataclass(frozen=True, slots=True)
class Rating:
    """How far a test is met, from the best to the worst."""

    rating: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """What a panel may recommend, the arrangement that it is of, and the lowest rating that it stands with."""

    recommendation: str
    name: str
    arrangement: str
    lowest_rating: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Side:
    """Who assesses: at which kind of organisation, with which permission, and from which state others see it."""

    side: str
    name: str
    kind: str
    permission: str
    shown_from: str


@dataclass(frozen=True, slots=True)
class State:
    """Where an assessment stands: in whose hands, and due how many days after the round opens (None: never)."""

    state: str
    name: str
    held_by: str
    days: int | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Move:
    """One way on or back: from which state to which, by whom, and what has to be there first."""

    move: str
    name: str
    from_state: str
    to_state: str
    side: str
    permission: str
    needs: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Point:
    """A kind of thing that a side adds beside its ratings: which sides may, and what has to be said with it."""

    point: str
    name: str
    many: str
    sides: tuple[str, ...]
    needs: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Published:
    """One thing that a source states of how systems were assessed; without a source, what was not found.

    `source` is a source of the register, or an address.
    """

    what: str
    sentence: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken as evidence, and how names of such files end."""

    kind: str
    name: str
    media_type: str
    endings: tuple[str, ...]


@cache
def criteria() -> dict[str, Criterion]:
    """The eight tests by key, in their published order."""
    return {row["criterion"]: Criterion(**row) for row in _rows("criteria")}


@cache
def ratings() -> dict[str, Rating]:
    """The ratings by key, the best first."""
    return {row["rating"]: Rating(**row) for row in _rows("ratings")}


@cache
def recommendations() -> dict[str, Recommended]:
    """The recommendations by key."""
    return {row["recommendation"]: Recommended(**row) for row in _rows("recommendations")}


@cache
def sides() -> dict[str, Side]:
    """Who assesses, by key, in their order."""
    return {row["side"]: Side(**row) for row in _rows("sides")}


@cache
def states() -> dict[str, State]:
    """The states by key, in the order in which they are passed."""
    return {
        row["state"]: State(
            row["state"],
            row["name"],
            row["held_by"],
            int(row["days"]) if row["days"] else None,
            row["meaning"],
        )
        for row in _rows("states")
    }


@cache
def moves() -> dict[str, Move]:
    """The moves by key."""
    return {
        row["move"]: Move(
            row["move"],
            row["name"],
            row["from_state"],
            row["to_state"],
            row["side"],
            row["permission"],
            tuple(row["needs"].split()),
            row["meaning"],
        )
        for row in _rows("moves")
    }


@cache
def points() -> dict[str, Point]:
    """The kinds of points by key: strengths, risks, conditions and steps of development."""
    return {
        row["point"]: Point(
            row["point"],
            row["name"],
            row["many"],
            tuple(row["sides"].split()),
            tuple(row["needs"].split()),
            row["meaning"],
        )
        for row in _rows("points")
    }


@cache
def published() -> tuple[Published, ...]:
    """What sources state of how systems were assessed."""
    return tuple(Published(**row) for row in _rows("published"))


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of file that are taken as evidence, by key."""
    return {
        row["kind"]: Kind(row["kind"], row["name"], row["media_type"], tuple(row["endings"].split()))
        for row in _rows("kinds")
    }


def _rows(name: str) -> list[dict[str, str]]:
    return content.rows(__package__, name)
