"""Where people live, which provider they go to, and who pays for a home or a host in each month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise.catalogue import REACH_KM
from speccom.period import Month
from speccom.register import Register

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DEVOLVED_BODIES = tuple(f"7A{number}" for number in range(1, 8))
_FIXED_PAYERS = ("X24", "13Q", "VPP00")
_BEFORE_REORGANISATION = date(2025, 4, 1)
# Kilometres in a degree of latitude, and of longitude in the middle of England.
_KM = np.array([111.2, 67.6])
# Few enough that areas far from large providers still use rather less care: an assumption, of about a quarter.
_BALANCING_ROUNDS = 5


@dataclass(frozen=True)
class Places:
    """Homes, hosts and payers; payers are indices into `bodies`, -1 for none.

    `areas` are the `english` sub-ICB locations, then the devolved bodies, with `people` in each; `area`
    gives their bodies. `region`, `hub`, `justice_hub` and `delegated` are months × English areas; `host`
    (the provider's board), `host_hub` and `host_delegated` are months × providers. `flows` are reaches ×
    providers × English areas: cumulative shares of patients. `host_known` says where the host always is.
    """

    areas: list[str]
    english: int
    people: Floats
    bodies: list[str]
    area: Ints
    region: Ints
    hub: Ints
    justice_hub: Ints
    delegated: Mask
    host: Ints
    host_hub: Ints
    host_delegated: Mask
    host_known: Mask
    flows: Floats


def build(
    register: Register, periods: list[Month], providers: list[str], sizes: Floats, from_nearest: bool
) -> Places:
    """The places of some months. Codes and payers are the register's; where an area lies is an assumption.

    `sizes` are reaches × providers: the volume of each provider's services of that reach. Flows fall off
    with distance or, `from_nearest`, with the distance beyond the nearest provider.
    """
    # Before there were boards no home resolves; lines then name the areas that boards began with.
    boards = [body for body in register.organisations.values() if body.role == "integrated care board"]
    days = [max(period.start, min(board.valid_from for board in boards)) for period in periods]
    areas = _areas(register, days)
    regions = [[register.areas(day)[area].region for area in areas] for day in days]
    hosts = [[register.host_icb(provider, day) for provider in providers] for day in days]
    host_regions = [
        [
            register.areas(day)[host].region if host else register.providers[provider].region or ""
            for host, provider in zip(row, providers, strict=True)
        ]
        for row, day in zip(hosts, days, strict=True)
    ]
    bodies: dict[str, int] = {}

    def body(code: str | None) -> int:
        return -1 if code is None else bodies.setdefault(code, len(bodies))

    def payers(rows: list[list[str]], of: Callable[[str, date], str | None]) -> Ints:
        return np.array(
            [[body(of(region, day)) for region in row] for row, day in zip(rows, days, strict=True)]
        )

    def delegated(rows: list[list[str]]) -> Mask:
        return np.array(
            [
                [register.arrangement(region, period.start) == "delegated" for region in row]
                for row, period in zip(rows, periods, strict=True)
            ]
        )

    every = [*areas, *DEVOLVED_BODIES]
    where, people = _geography(register, areas, days[0])
    found = {
        "area": np.array([body(code) for code in every]),
        "region": payers(regions, lambda region, day: region),
        "hub": payers(regions, register.hub),
        "justice_hub": payers(regions, register.justice_hub),
        "host": np.array([[body(host) for host in row] for row in hosts]),
        "host_hub": payers(host_regions, register.hub),
    }
    for code in _FIXED_PAYERS:
        body(code)
    return Places(
        areas=every,
        english=len(areas),
        people=np.concatenate([people, np.full(len(DEVOLVED_BODIES), people.mean() / 20)]),
        bodies=list(bodies),
        **found,
        delegated=delegated(regions),
        host_delegated=delegated(host_regions),
        host_known=np.array([None not in each for each in zip(*hosts, strict=True)]),
        flows=_flows(register, providers, where, people, sizes, from_nearest),
    )


def _areas(register: Register, days: list[date]) -> list[str]:
    """The sub-ICB locations that are active in every month."""
    return sorted(
        code
        for code, area in register.areas(days[0]).items()
        if area.kind == "sub_icb" and all(code in register.areas(day) for day in days)
    )


def boards_before_reorganisation(register: Register, areas: list[str], day: date) -> list[str]:
    """The board of each area before April 2026, or that of `day` where it had none then."""
    known = {**register.areas(day), **register.areas(_BEFORE_REORGANISATION)}
    return [known[area].icb for area in areas]


def followed_by(register: Register, before: list[str], after: list[str], day: date) -> dict[str, list[str]]:
    """The areas among `after` that follow each area that is among `before` alone.

    Where the register names no successor of an area, they are all those of the boards that follow its own.
    """
    now = register.areas(day)
    found = {}
    for area in set(before) - set(after):
        board = boards_before_reorganisation(register, [area], day)[0]
        boards = register.successors(board, day) or [board]
        found[area] = [code for code in register.successors(area, day) if code in after] or [
            code for code in after if code in now and now[code].icb in boards
        ]
    return found


def _geography(register: Register, areas: list[str], day: date) -> tuple[Floats, Floats]:
    """Latitude and longitude, and people, of each area.

    The register places trusts, not areas: an area stands where one of its board's trusts stands, and a
    board's people are spread evenly over its areas. Boards are those before the reorganisation.
    """
    boards = boards_before_reorganisation(register, areas, day)
    where, people = np.zeros((len(areas), 2)), np.zeros(len(areas))
    for board in sorted(set(boards)):
        own = [number for number, own_board in enumerate(boards) if own_board == board]
        trusts = sorted(
            (provider.longitude, provider.latitude)
            for provider in register.providers.values()
            if provider.host_icb == board and provider.longitude is not None and provider.latitude is not None
        )
        for place, number in enumerate(own):
            longitude, latitude = trusts[place * len(trusts) // len(own)]
            where[number] = latitude, longitude
            people[number] = float(register.population(board, "2025/26") or 0) / len(own)
    return where, people


def _flows(
    register: Register,
    providers: list[str],
    where: Floats,
    people: Floats,
    sizes: Floats,
    from_nearest: bool,
) -> Floats:
    """Cumulative shares of each provider's patients by home, for each reach.

    Flows fall off with distance, and are brought towards each area's using care in proportion to its people
    while each provider gives what its size allows: people far from large providers travel more.
    """
    sites = np.array(
        [[register.providers[code].latitude, register.providers[code].longitude] for code in providers], float
    )
    distance = np.sqrt((((sites[:, None, :] - where[None, :, :]) * _KM) ** 2).sum(axis=2))
    if from_nearest:
        distance -= distance.min(axis=0)
    # A very few come from anywhere.
    drawn = np.stack([people * (np.exp(-distance / scale) + 1e-6) for scale in REACH_KM.values()])
    for _ in range(_BALANCING_ROUNDS):
        drawn *= people / people.sum() / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-300)
        drawn *= np.maximum(sizes / sizes.sum(axis=1, keepdims=True), 1e-12)[:, :, None] / drawn.sum(
            axis=2, keepdims=True
        )
    return np.cumsum(drawn / drawn.sum(axis=2, keepdims=True), axis=2)
