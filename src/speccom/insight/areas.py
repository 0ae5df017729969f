"""Which board each line's people count to: as it was, or on the boundaries of another date; and its footprints."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from speccom.engine import Engine
from speccom.insight.result import Gap, InsightError
from speccom.period import parse_date
from speccom.register import Register

NOT_A_BOARD = {"OTHER NATION": "Other nations of the United Kingdom", "UNKNOWN": "Not known"}
"""Where people are counted who are of no board in England; they keep rows of their own."""
AS_IT_WAS = "then"
ENGLAND = "ENG"


@dataclass(frozen=True, slots=True)
class Footprint:
    """A board and what it is a part of, as far as the register says."""

    icb: str
    committee: str | None
    region: str


def boundaries_of(text: str, today: date) -> date | None:
    """The date whose boundaries are meant: none for `then`, else `today` or a date. Raises `InsightError`."""
    if text == AS_IT_WAS:
        return None
    on = today if text == "today" else parse_date(text)
    if on < date(2022, 7, 1):
        raise InsightError(f"There were no integrated care boards on {on}: ask for a date from July 2022.")
    return on


def footprints(register: Register, on: date) -> dict[str, Footprint]:
    """Every board active on a date, by code, in the order of the codes."""
    return {
        area.icb: Footprint(area.icb, register.committee(area.icb), area.region)
        for _, area in sorted(register.areas(on).items())
        if area.kind == "icb"
    }


def register_boards(
    engine: Engine, register: Register, homes: Collection[tuple[str, str]], on: date | None
) -> list[Gap]:
    """Make `board` readable: for each (icb, home) of the summaries the board that its people count to.

    With `on`, the board of that date; a home whose board was split keeps the code of the board it had,
    so that nothing is lost, and is a gap.
    """
    boards, gaps = [], []
    for icb, home in homes:
        board = icb
        if on is not None and icb not in NOT_A_BOARD:
            found = register.board_on(home, on)
            if found is None:
                gaps.append(_split(register, icb, home, on))
            board = found or icb
        boards.append(board)
    engine.register(
        "board",
        pa.table(
            {
                "icb": pa.array([icb for icb, _ in homes], pa.string()),
                "home": pa.array([home for _, home in homes], pa.string()),
                "area": pa.array(boards, pa.string()),
            }
        ),
    )
    return gaps


def name_of(register: Register, area: str) -> str:
    """What an area is called, the rows that are none and England included."""
    if area == ENGLAND:
        return "England"
    organisation = register.organisations.get(area)
    return NOT_A_BOARD.get(area) or (organisation.name if organisation else area)


def _split(register: Register, icb: str, home: str, on: date) -> Gap:
    successors = ", ".join(register.successors(icb, on)) or "none"
    return Gap(
        f"{name_of(register, icb)} ({home})",
        f"place on the boundaries of {on:%-d %B %Y}",
        f"it was divided between {successors} and no population weights for its parts are held; "
        "its people stay under the board that they had",
    )
