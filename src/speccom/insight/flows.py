"""Where each board's people are cared for: board to provider, board to board, shares, net money, distance."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import NOT_A_BOARD, name_of
from speccom.insight.counted import patients
from speccom.insight.opened import Opened, opened, register_hosts
from speccom.insight.result import Column, Gap, Result, described
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

MONEY = pa.decimal128(38, 8)
ZERO = Decimal(0)
ELSEWHERE = "UNKNOWN"
EARTH_RADIUS = 6371.0088
"""Kilometres: the mean radius of the Earth (IUGG)."""
BANDS = ((0, 25), (25, 50), (50, 100), (100, 200), (200, None))
"""Straight-line kilometres from and to, half open."""

_FLOW = {
    "patients": Column("people", "distinct patients of the pair over the lines"),
    "lines": Column("lines", "patient-level lines"),
    "spend": Column("£", "pounds of the patient-level sets"),
}
PROVIDER_COLUMNS = {
    "icb": Column("code", "the patients' board, or where people are of no board"),
    "icb_name": Column("", "its name"),
    "provider": Column("code", "the provider"),
    "provider_name": Column("", "its name"),
    "host_icb": Column("code", "the board in whose area the provider lies; empty outside England"),
    "neuroscience_centre": Column("yes or no", "whether the provider is one of the 24 neuroscience centres"),
    **_FLOW,
    "share_of_board": Column("share", "of the board's spend, the part at this provider"),
    "share_of_provider": Column("share", "of the provider's income, the part for this board: its catchment"),
    "kilometres": Column("km", "straight line from the middle of the board's providers to the provider"),
    "distance_band": Column("km", "the band that the distance lies in"),
}
BOARD_COLUMNS = {
    "icb": Column("code", "the patients' board"),
    "icb_name": Column("", "its name"),
    "host": Column("code", "the board in whose area they were cared for, or `UNKNOWN`"),
    "host_name": Column("", "its name"),
    **_FLOW,
    "share_of_board": Column("share", "of the patients' board's spend, the part there"),
    "share_of_host": Column("share", "of the income of the host's providers, the part for these people"),
}
BALANCE_COLUMNS = {
    "icb": Column("code", "the board, or where people are of no board"),
    "icb_name": Column("", "its name"),
    "region": Column("code", "its region"),
    "spend": Column("£", "pounds spent on its people, wherever"),
    "income": Column("£", "pounds earned by the providers in its area, from whomever"),
    "at_home": Column("£", "pounds spent on its people in its area"),
    "outflow": Column("£", "pounds spent on its people elsewhere"),
    "inflow": Column("£", "pounds earned in its area from other boards' people"),
    "net": Column("£", "inflow less outflow; sums to nothing over all rows"),
    "outflow_share": Column("share", "outflow ÷ spend"),
    "import_share": Column("share", "inflow ÷ income"),
    "largest_provider": Column("code", "the provider at which most is spent on its people"),
    "largest_provider_share": Column("share", "of its spend, the part there"),
    "neuroscience_centres": Column("codes", "neuroscience centres in its area"),
}


def by_provider(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    register: Register | None = None,
) -> Result:
    """A row for each board and provider between which people flow, the board's greatest spend first.

    Columns are those of `PROVIDER_COLUMNS`. Distance is in a straight line, from the mean of the points of
    the providers that a board hosts; a board without any, or a provider without a point, has a gap.
    Sources: the ledger; the register's points of providers; insight.md, "Flows".
    """
    with opened(workspace, lines, [year] if year else None, boundaries, register) as asked:
        register_hosts(asked)
        run_steps(asked.engine, __package__, ["incomes"])
        people = patients(asked, "provider")
        rows = asked.engine.fetch("select * from incomes").to_pylist()
        return _by_provider(
            asked, [{**row, "patients": people.get((row["area"], row["provider"]), 0)} for row in rows]
        )


def by_board(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    register: Register | None = None,
) -> Result:
    """A row for each board and each board in whose area its people are cared for; see `BOARD_COLUMNS`."""
    with opened(workspace, lines, [year] if year else None, boundaries, register) as asked:
        register_hosts(asked)
        run_steps(asked.engine, __package__, ["incomes"])
        return _by_board(asked, _between_boards(asked))


def balances(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    register: Register | None = None,
) -> Result:
    """A row for each board: what is spent on its people, what its providers earn, and the net; sums to nothing.

    Columns are those of `BALANCE_COLUMNS`. People of no board, and providers of no board, have rows.
    """
    with opened(workspace, lines, [year] if year else None, boundaries, register) as asked:
        register_hosts(asked)
        run_steps(asked.engine, __package__, ["incomes"])
        return _balances(asked, asked.engine.fetch("select * from incomes").to_pylist())


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two points in degrees (longitude, latitude), by the haversine formula."""
    (east, north), (other_east, other_north) = (
        (math.radians(lon), math.radians(lat)) for lon, lat in (one, other)
    )
    chord = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(chord)))


def band_of(distance: float | None) -> str | None:
    """The band that a distance in kilometres lies in; none for no distance."""
    if distance is None:
        return None
    lower, upper = next(band for band in BANDS if band[1] is None or distance < band[1])
    return f"{lower} and more" if upper is None else f"{lower} to {upper}"


def neuroscience_centres(register: Register) -> frozenset[str]:
    """The providers that are neuroscience centres, as the register names them."""
    return frozenset(register.facts.load("neuroscience_centres").of("neuroscience centre"))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Pounds by patients' board, by provider and by host."""

    boards: Mapping[str, Decimal]
    providers: Mapping[str, Decimal]
    hosts: Mapping[str, Decimal]


def _sums(rows: Iterable[Mapping[str, Any]]) -> _Sums:
    boards: dict[str, Decimal] = defaultdict(Decimal)
    providers: dict[str, Decimal] = defaultdict(Decimal)
    hosts: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        boards[row["area"]] += row["actual"]
        providers[row.get("provider") or ""] += row["actual"]
        hosts[row["host_icb"] or ELSEWHERE] += row["actual"]
    return _Sums(boards, providers, hosts)


def _between_boards(asked: Opened) -> list[dict[str, Any]]:
    """Lines, pounds and distinct patients of each board in the area of each host."""
    people = patients(asked, "host")
    sums: dict[tuple[str, str | None], list[Any]] = defaultdict(lambda: [0, ZERO])
    for row in asked.engine.fetch("select * from incomes").to_pylist():
        held = sums[row["area"], row["host_icb"]]
        held[0] += row["lines"]
        held[1] += row["actual"]
    return [
        {
            "area": area,
            "host_icb": host,
            "patients": people.get((area, host), 0),
            "lines": lines,
            "actual": spent,
        }
        for (area, host), (lines, spent) in sums.items()
    ]


def _by_provider(asked: Opened, rows: list[dict[str, Any]]) -> Result:
    rows = sorted(rows, key=lambda row: (row["area"], -row["actual"], row["provider"] or ""))
    sums = _sums(rows)
    centres = neuroscience_centres(asked.register)
    points = _points(asked)
    middles = _middles(asked, points)
    distances = [
        kilometres(middles[row["area"]], points[row["provider"]])
        if row["area"] in middles and row["provider"] in points
        else None
        for row in rows
    ]
    names = {code: each.name for code, each in asked.register.providers.items()}
    kinds: dict[str, tuple[list[Any], pa.DataType]] = {
        "icb": ([row["area"] for row in rows], pa.string()),
        "icb_name": ([name_of(asked.register, row["area"]) for row in rows], pa.string()),
        "provider": ([row["provider"] for row in rows], pa.string()),
        "provider_name": ([names.get(row["provider"], row["provider"]) for row in rows], pa.string()),
        "host_icb": ([row["host_icb"] for row in rows], pa.string()),
        "neuroscience_centre": ([row["provider"] in centres for row in rows], pa.bool_()),
        **_flow(rows),
        "share_of_board": ([_share(row["actual"], sums.boards[row["area"]]) for row in rows], pa.float64()),
        "share_of_provider": (
            [_share(row["actual"], sums.providers[row["provider"] or ""]) for row in rows],
            pa.float64(),
        ),
        "kilometres": (distances, pa.float64()),
        "distance_band": ([band_of(distance) for distance in distances], pa.string()),
    }
    return Result(
        title=f"Where each board's people are cared for: {asked.lines.name}",
        table=described({name: (column, *kinds[name]) for name, column in PROVIDER_COLUMNS.items()}),
        notes=(
            *asked.scope(),
            "Distance is in a straight line, from the mean of the points of the board's own providers.",
        ),
        gaps=(*asked.gaps, *_no_distance(asked, rows, middles, points), *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _by_board(asked: Opened, rows: list[dict[str, Any]]) -> Result:
    rows = sorted(rows, key=lambda row: (row["area"], -row["actual"], row["host_icb"] or ELSEWHERE))
    sums = _sums(rows)
    hosts = [row["host_icb"] or ELSEWHERE for row in rows]
    kinds: dict[str, tuple[list[Any], pa.DataType]] = {
        "icb": ([row["area"] for row in rows], pa.string()),
        "icb_name": ([name_of(asked.register, row["area"]) for row in rows], pa.string()),
        "host": (hosts, pa.string()),
        "host_name": ([name_of(asked.register, host) for host in hosts], pa.string()),
        **_flow(rows),
        "share_of_board": ([_share(row["actual"], sums.boards[row["area"]]) for row in rows], pa.float64()),
        "share_of_host": (
            [_share(row["actual"], sums.hosts[host]) for row, host in zip(rows, hosts, strict=True)],
            pa.float64(),
        ),
    }
    return Result(
        title=f"Between boards: {asked.lines.name}",
        table=described({name: (column, *kinds[name]) for name, column in BOARD_COLUMNS.items()}),
        notes=asked.scope(),
        gaps=(*asked.gaps, *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _balances(asked: Opened, rows: list[dict[str, Any]]) -> Result:
    sums = _sums(rows)
    at_home: dict[str, Decimal] = defaultdict(Decimal)
    largest: dict[str, tuple[Decimal, str]] = {}
    for row in rows:
        if row["area"] == (row["host_icb"] or ELSEWHERE):
            at_home[row["area"]] += row["actual"]
        largest[row["area"]] = max(
            largest.get(row["area"], (Decimal("-Infinity"), "")), (row["actual"], row["provider"] or "")
        )
    areas = [
        *asked.boards,
        *sorted({*sums.boards, *sums.hosts} - {*asked.boards, *NOT_A_BOARD}),
        *(area for area in NOT_A_BOARD if area in sums.boards or area in sums.hosts),
    ]
    spend = [sums.boards.get(area, ZERO) for area in areas]
    income = [sums.hosts.get(area, ZERO) for area in areas]
    home = [at_home.get(area, ZERO) for area in areas]
    outflow = [spent - own for spent, own in zip(spend, home, strict=True)]
    inflow = [earned - own for earned, own in zip(income, home, strict=True)]
    centres = _centres_of(asked)
    boards = asked.boards
    kinds: dict[str, tuple[list[Any], pa.DataType]] = {
        "icb": (areas, pa.string()),
        "icb_name": ([name_of(asked.register, area) for area in areas], pa.string()),
        "region": ([boards[area].region if area in boards else None for area in areas], pa.string()),
        "spend": (spend, MONEY),
        "income": (income, MONEY),
        "at_home": (home, MONEY),
        "outflow": (outflow, MONEY),
        "inflow": (inflow, MONEY),
        "net": ([into - out for into, out in zip(inflow, outflow, strict=True)], MONEY),
        "outflow_share": (
            [_share(out, spent) for out, spent in zip(outflow, spend, strict=True)],
            pa.float64(),
        ),
        "import_share": (
            [_share(into, earned) for into, earned in zip(inflow, income, strict=True)],
            pa.float64(),
        ),
        "largest_provider": ([largest[area][1] if area in largest else None for area in areas], pa.string()),
        "largest_provider_share": (
            [_share(largest[area][0], sums.boards[area]) if area in largest else None for area in areas],
            pa.float64(),
        ),
        "neuroscience_centres": ([" ".join(centres.get(area, ())) for area in areas], pa.string()),
    }
    return Result(
        title=f"What flows out and in: {asked.lines.name}",
        table=described({name: (column, *kinds[name]) for name, column in BALANCE_COLUMNS.items()}),
        notes=asked.scope(),
        gaps=(*asked.gaps, *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _flow(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[list[Any], pa.DataType]]:
    return {
        "patients": ([row["patients"] for row in rows], pa.int64()),
        "lines": ([row["lines"] for row in rows], pa.int64()),
        "spend": ([row["actual"] for row in rows], MONEY),
    }


def _share(part: Decimal, whole: Decimal) -> float | None:
    """A part of pounds as a share; nothing of nothing is no share."""
    return float(part / whole) if whole else None


def _centres_of(asked: Opened) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for provider in sorted(neuroscience_centres(asked.register)):
        host = asked.register.host_icb(provider, asked.on)
        if host:
            found[host].append(provider)
    return found


def _points(asked: Opened) -> dict[str, tuple[float, float]]:
    return {
        code: (each.longitude, each.latitude)
        for code, each in asked.register.providers.items()
        if each.longitude is not None and each.latitude is not None
    }


def _middles(asked: Opened, points: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The mean point of the providers that each board hosts, a stand-in for where its people live."""
    hosted: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for provider, point in points.items():
        host = asked.register.host_icb(provider, asked.on)
        if host in asked.boards and host is not None:
            hosted[host].append(point)
    return {
        host: (sum(east for east, _ in each) / len(each), sum(north for _, north in each) / len(each))
        for host, each in hosted.items()
    }


def _no_distance(
    asked: Opened,
    rows: Iterable[Mapping[str, Any]],
    middles: Mapping[str, object],
    points: Mapping[str, object],
) -> list[Gap]:
    pairs = {(row["area"], row["provider"]) for row in rows}
    without = sorted({area for area, _ in pairs if area in asked.boards and area not in middles})
    nowhere = sorted({provider or "no provider" for _, provider in pairs if provider not in points})
    return [
        *(
            Gap(name_of(asked.register, area), "distances", "it hosts no provider whose point is known")
            for area in without
        ),
        *(Gap(provider, "distances", "its point is not in the register") for provider in nowhere),
    ]


def _nothing(asked: Opened, rows: Sequence[object]) -> list[Gap]:
    return [] if rows else [Gap(asked.lines.name, "flows", "the ledger has no line of it in these years")]
