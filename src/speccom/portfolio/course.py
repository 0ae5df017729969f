"""The course of a review round: its states and the moves between them, as tables that ship; it knows nobody by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from speccom import content
from speccom.portfolio.criteria import PortfolioError

OPEN, DISCLOSED, SETTLED, WITHDRAWN = "open", "disclosed", "settled", "withdrawn"


@dataclass(frozen=True, slots=True)
class State:
    """One state of a round: whether it takes judgements, shows everybody's, and takes overrides."""

    state: str
    name: str
    judging: bool
    shown: bool
    overriding: bool
    colour: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Move:
    """One move between states, by whom. The first has no state to come from."""

    move: str
    name: str
    from_state: str
    to_state: str
    permission: str
    meaning: str


@cache
def states() -> dict[str, State]:
    """Every state, in the order of a round."""
    return {
        row["state"]: State(
            row["state"],
            row["name"],
            row["judging"] == "yes",
            row["shown"] == "yes",
            row["overriding"] == "yes",
            row["colour"],
            row["meaning"],
        )
        for row in content.rows(__package__, "states")
    }


@cache
def moves() -> tuple[Move, ...]:
    """Every move."""
    return tuple(Move(**row) for row in content.rows(__package__, "moves"))


def ways_on(state: str) -> tuple[Move, ...]:
    """The moves that there are from a state, whoever may make them."""
    return tuple(move for move in moves() if move.from_state == state)


def move_named(name: str, state: str = "") -> Move:
    """A move by its key, from a state. Raises `PortfolioError` where there is none."""
    found = next((each for each in moves() if (each.move, each.from_state) == (name, state)), None)
    if found is not None:
        return found
    if all(each.move != name for each in moves()):
        raise PortfolioError(f"{name!r} is no move of a round: choose one that its page offers.")
    raise PortfolioError(
        f"The round is “{states()[state].name.lower()}”, so this cannot be done: open it again."
    )
