"""The course of an assessment: which moves lead on, what each still lacks, and when each step is due.

It knows what was rated and recommended, and nobody by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from speccom.errors import SpeccomError
from speccom.period import long_date
from speccom.readiness.tables import Move, criteria, moves, ratings, recommendations, sides, states

BEST = next(iter(ratings()))
FIRST = next(iter(states()))
"""The state in which an assessment begins."""
LAST = next(each.state for each in states().values() if not each.held_by)
"""The state that nobody holds: what the panel recommended stands."""
PLANNING = ("condition", "step")
"""The kinds of points that answer a test that is not met."""


class ReadinessError(SpeccomError):
    """Something about an assessment that cannot be done as asked."""

    code = "readiness"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one side has said: criterion → rating, where it gave its grounds; what it recommends; what it plans.

    `planned` are the criteria that a condition or a step of development belongs to.
    """

    rated: Mapping[str, str] = field(default_factory=dict)
    recommendation: str = ""
    planned: Collection[str] = ()


def shown_in(side: str) -> tuple[str, ...]:
    """The states in which others than a side see its part of an assessment."""
    order = list(states())
    return tuple(order[order.index(sides()[side].shown_from) :])


def ways_on(state: str) -> tuple[Move, ...]:
    """The moves that there are from a state, whoever may make them."""
    return tuple(move for move in moves().values() if move.from_state == state)


def move_named(name: str, state: str) -> Move:
    """A move by its key. Raises `ReadinessError` where there is none, or none from this state."""
    move = moves().get(name)
    if move is None:
        raise ReadinessError(f"{name!r} is no move of an assessment: choose one that its page offers.")
    if move.from_state != state:
        raise ReadinessError(
            f"The assessment is {states()[state].name.lower()}, so “{move.name}” cannot be done: "
            f"that needs it to be {states()[move.from_state].name.lower()}. Open its page again."
        )
    return move


def lacking(move: Move, standing: Standing) -> tuple[str, ...]:
    """What a move still lacks, a sentence each; empty where it may go on."""
    return tuple(sentence for need in move.needs for sentence in _NEEDS[need](standing))


def below_best(standing: Standing) -> tuple[str, ...]:
    """The criteria that are rated, and not as met."""
    return tuple(key for key in criteria() if standing.rated.get(key, BEST) != BEST)


def proposed_deadlines(opened: date) -> dict[str, date]:
    """State → the day by which it should be left, for a round that opens on a day. A round may set others."""
    return {
        state.state: opened + timedelta(days=state.days)
        for state in states().values()
        if state.days is not None
    }


def check_deadlines(opened: date, deadlines: Mapping[str, date]) -> None:
    """Raises `ReadinessError` where a step would be due before the one before it."""
    earlier, what = opened, "the day on which the round opens"
    for state in states().values():
        if state.days is None:
            continue
        due = deadlines[state.state]
        if due <= earlier:
            raise ReadinessError(
                f"“{state.name}” would end on {long_date(due)}, which is not after {what}, {long_date(earlier)}: "
                "give a later day."
            )
        earlier, what = due, f"the end of “{state.name}”"


def overdue(state: str, deadlines: Mapping[str, date], on: date) -> bool:
    """Whether a step is not done though its last day has passed; on the last day itself it is not late."""
    due = deadlines.get(state)
    return due is not None and on > due


REMINDED = timedelta(days=7)
"""For how long before its last day a step is one to remind of."""


def due_soon(state: str, deadlines: Mapping[str, date], on: date) -> bool:
    """Whether the last day of a step is near, or this is it."""
    due = deadlines.get(state)
    return due is not None and due - REMINDED <= on <= due


def _ratings(standing: Standing) -> list[str]:
    missing = [each.label for key, each in criteria().items() if key not in standing.rated]
    return [f"Rate every test, with your grounds: {'; '.join(missing)}."] if missing else []


def _recommendation(standing: Standing) -> list[str]:
    chosen = recommendations().get(standing.recommendation)
    if chosen is None:
        return ["Choose what to recommend, and say why."]
    order = list(ratings())
    too_low = [
        criteria()[key].label
        for key, rating in standing.rated.items()
        if order.index(rating) > order.index(chosen.lowest_rating)
    ]
    unplanned = [criteria()[key].label for key in below_best(standing) if key not in standing.planned]
    found = []
    if too_low:
        found.append(
            f"“{chosen.name}” does not stand beside a test rated lower than "
            f"“{ratings()[chosen.lowest_rating].name}”: {'; '.join(too_low)}. "
            "Recommend otherwise, or look at the rating again."
        )
    if unplanned:
        found.append(
            "Give a condition or a step of development for each test that is not met: "
            f"{'; '.join(unplanned)}."
        )
    return found


_NEEDS = {"ratings": _ratings, "recommendation": _recommendation}
"""What `moves.csv` may name as needed → what finds it lacking."""
