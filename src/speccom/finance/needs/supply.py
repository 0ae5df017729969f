"""How near and how plentiful the care of some lines is to each area, from the register's providers and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speccom.finance.needs.model_file import NeedsError
from speccom.insight.flows import kilometres
from speccom.insight.opened import Opened
from speccom.insight.result import Column, Gap
from speccom.places.lists import AreaFile, read

SUPPLY = {
    "km_to_provider": Column(
        "km", "in a straight line to the nearest provider with a hundredth or more of the pounds of the lines"
    ),
    "local_activity_per_head": Column(
        "£ a head", "spent on anybody at the providers that its board hosts, for each of the board’s people"
    ),
}
"""The columns of supply that can be asked for."""
LEAST_SHARE = 0.01
"""A provider with less of the pounds of the lines than this is a stray patient's, and no place to go to."""
_POINT = ("longitude", "latitude")
_ENGLAND = {"longitude": (-7.0, 2.0), "latitude": (49.0, 56.0)}

Point = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Supply:
    """Each column that was asked for, by area; an area without a value is not there and has a gap."""

    columns: Mapping[str, Mapping[str, float]]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]


def read_points(path: Path) -> dict[str, Point]:
    """Longitude and latitude of each area from a CSV of `area`, `longitude`, `latitude` (degrees, WGS 84).

    Raises `AreaListError`, naming row and field.
    """
    file = read(path)
    lacking = [name for name in ("area", *_POINT) if name not in file.header]
    if lacking:
        raise NeedsError(
            f"{file.name} has no column {', '.join(lacking)}: give area, longitude and latitude, in degrees."
        )
    found: dict[str, Point] = {}
    for number, row in file.rows:
        code = row["area"].strip()
        if not code or code in found:
            raise file.refuse(
                number, "area", f"{code!r} is {'there twice' if code else 'no area'}; correct it."
            )
        found[code] = (_degrees(file, number, row, "longitude"), _degrees(file, number, row, "latitude"))
    return found


def supply(
    asked: Opened,
    wanted: Sequence[str],
    points: Mapping[str, Point] | None,
    boards: Mapping[str, str],
    people: Mapping[str, int],
) -> Supply:
    """Columns of `SUPPLY` for each area of `people` (people by area; `boards`: the board of each).

    `km_to_provider` needs `points`, a point of each area such as where its people live on the mean. Pounds are those
    of the lines and year asked, patient-level. Raises `NeedsError` for a column that is none, or cannot be made.
    """
    unknown = [name for name in wanted if name not in SUPPLY]
    if unknown:
        raise NeedsError(f"{unknown[0]!r} is no column of supply: choose from {', '.join(SUPPLY)}.")
    rows = asked.engine.fetch(
        "select provider, sum(actual) as actual from months_asked where provider is not null group by provider"
    ).to_pylist()
    pounds = {row["provider"]: float(row["actual"] or 0) for row in rows}
    columns: dict[str, dict[str, float]] = {}
    gaps: list[Gap] = []
    notes: list[str] = []
    for name in dict.fromkeys(wanted):
        if name == "km_to_provider":
            columns[name], lost = _nearest(asked, pounds, points, people)
            notes.append(
                "Distance: in a straight line, to the one point that the register has of each provider."
            )
        else:
            columns[name], lost = _local(asked, pounds, boards, people)
            notes.append(
                "Local activity follows need as well as supply, since areas with more need have more care built: "
                "fit with it and without."
            )
        gaps += lost
        missing = [area for area in people if area not in columns[name]]
        gaps += [Gap(area, name, "it has no point or no board, or no provider does") for area in missing]
    return Supply(columns, tuple(gaps), tuple(notes))


def _nearest(
    asked: Opened, pounds: Mapping[str, float], points: Mapping[str, Point] | None, people: Mapping[str, int]
) -> tuple[dict[str, float], list[Gap]]:
    if points is None:
        raise NeedsError(
            "km_to_provider needs a point of each area: give --coordinates FILE, a CSV of area, longitude, latitude."
        )
    enough = LEAST_SHARE * sum(pounds.values())
    held = asked.register.providers
    places: list[Point] = []
    gaps = []
    for code in sorted(code for code, spent in pounds.items() if spent > 0 and spent >= enough):
        provider = held.get(code)
        if provider is None or provider.longitude is None or provider.latitude is None:
            gaps.append(Gap(code, "a place to go to", "the register has no point of this provider"))
        else:
            places.append((provider.longitude, provider.latitude))
    if not places:
        raise NeedsError(
            "No provider of the lines asked for has a point in the register: km_to_provider cannot be told."
        )
    near = {
        area: min(kilometres(points[area], place) for place in places) for area in people if area in points
    }
    return near, gaps


def _local(
    asked: Opened, pounds: Mapping[str, float], boards: Mapping[str, str], people: Mapping[str, int]
) -> tuple[dict[str, float], list[Gap]]:
    of_board: dict[str, int] = {}
    for area, number in people.items():
        if area in boards:
            of_board[boards[area]] = of_board.get(boards[area], 0) + number
    hosted = dict.fromkeys(of_board, 0.0)
    away = 0.0
    for provider, spent in pounds.items():
        host = asked.register.host_icb(provider, asked.on)
        if host in hosted:
            hosted[host] += spent
        else:
            away += spent
    gaps = (
        [Gap(f"£{away:,.2f}", "local activity", "its providers lie in no board of the table")] if away else []
    )
    found = {
        area: hosted[boards[area]] / of_board[boards[area]]
        for area in people
        if area in boards and of_board[boards[area]]
    }
    return found, gaps


def _degrees(file: AreaFile, number: int, row: Mapping[str, str], name: str) -> float:
    low, high = _ENGLAND[name]
    try:
        value = float(row[name])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise file.refuse(
            number, name, f"{row[name][:20]!r} lies outside England: give degrees from {low:g} to {high:g}."
        )
    return value
