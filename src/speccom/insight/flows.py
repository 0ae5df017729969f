"""Where each board's people are cared for: board to provider, board to board, shares, net money, distance."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.insight.areas import NOT_A_BOARD, name_of
from speccom.insight.counted import crossings, exchanges
from speccom.insight.heads import heads
from speccom.insight.kept import kept_result
from speccom.insight.opened import Opened, opened, register_hosts, year_asked
from speccom.insight.public import WITHHELD, Count, Public
from speccom.insight.public import public as published
from speccom.insight.result import Column, Gap, Result, described
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

MONEY = pa.decimal128(38, 8)
ZERO = Decimal(0)
ELSEWHERE = "UNKNOWN"
WHOLE = "a part of it is withheld"
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
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """A row for each board and provider between which people flow, the board's greatest spend first.

    Columns are those of `PROVIDER_COLUMNS`. With `public`, counts are protected before anything is made of
    them, `WITHHELD` says of each row why it has none, and no share of a provider is given. Distance is in
    a straight line, from the mean of the points of the providers that a board hosts; a board without any,
    or a provider without a point, has a gap.
    Sources: the ledger; the register's points of providers; insight.md, "Flows".
    """
    return _made("provider", crossings, _by_provider, workspace, lines, year, boundaries, public, register)


def by_board(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """A row for each board and each board in whose area its people are cared for; see `BOARD_COLUMNS`.

    `public` as in `by_provider`.
    """
    return _made("board", exchanges, _by_board, workspace, lines, year, boundaries, public, register)


def balances(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """A row for each board: what is spent on its people, what its providers earn, and the net; sums to nothing.

    Columns are those of `BALANCE_COLUMNS`. People of no board, and providers of no board, have rows. `public`
    as in `by_provider`; then the largest provider is the largest of those shown.
    """
    return _made("balance", crossings, _balances, workspace, lines, year, boundaries, public, register)


def _made(
    name: str,
    counted: Callable[..., list[dict[str, Any]]],
    told: Callable[[Opened, list[dict[str, Any]], Public | None], Result],
    workspace: Workspace,
    lines: str,
    year: FinancialYear | None,
    boundaries: date | None,
    public: bool,
    register: Register | None,
) -> Result:
    """One table of flows; what everybody may see is kept for the next who asks."""
    known = register or Register.load(workspace)

    def make() -> Result:
        with opened(workspace, lines, [year] if year else None, boundaries, known) as asked:
            register_hosts(asked)
            # In public the patients are those of the cells that may be shown.
            rows = counted(asked, count=not public)
            return told(asked, rows, published(asked, list(heads(asked).people)) if public else None)

    if not public:
        return make()
    asked_for = {"year": year_asked(workspace, year), "boundaries": boundaries}
    return kept_result(workspace, known, f"flows-{name}", lines, asked_for, make)


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
    """Pounds by patients' board, by provider and by host; none where they are withheld."""

    boards: Mapping[str, Decimal | None]
    providers: Mapping[str, Decimal | None]
    hosts: Mapping[str, Decimal | None]


def _sums(rows: Iterable[Mapping[str, Any]], shown: Public | None) -> _Sums:
    if shown is not None:
        return _Sums(
            {board: count.spend for board, count in shown.boards.items()},
            {},
            {host: count.spend for host, count in shown.incomes.items()},
        )
    boards: dict[str, Decimal | None] = defaultdict(Decimal)
    providers: dict[str, Decimal | None] = defaultdict(Decimal)
    hosts: dict[str, Decimal | None] = defaultdict(Decimal)
    for row in rows:
        for sums, key in ((boards, row["area"]), (providers, row.get("provider") or ""), (hosts, _host(row))):
            sums[key] = (sums[key] or ZERO) + row["actual"]
    return _Sums(boards, providers, hosts)


def _host(row: Mapping[str, Any]) -> str:
    return row["host_icb"] or ELSEWHERE


def _seen(
    rows: Iterable[dict[str, Any]], cells: Mapping[tuple[str, str], Count] | None, other: str
) -> list[dict[str, Any]]:
    """Rows with what may be shown of each, the greatest spend of a board first and the withheld last."""
    seen = []
    for row in rows:
        count = (
            None
            if cells is None
            else cells[row["area"], _host(row) if other == "host" else row["provider"] or ""]
        )
        if count is not None:
            shown = {"patients": count.patients, "lines": count.lines, "actual": count.spend}
            row = row | shown | {"withheld": count.withheld}
        seen.append(row)
    return sorted(
        seen,
        key=lambda row: (
            row["area"],
            row["actual"] is None,
            -(row["actual"] or 0),
            row.get("provider") or "",
            _host(row),
        ),
    )


def _described(
    meant: Mapping[str, Column],
    kinds: dict[str, tuple[list[Any], pa.DataType]],
    withheld: list[str | None] | None,
) -> pa.Table:
    """The table of columns as they are meant, and why rows are withheld where they may be."""
    told = dict(meant)
    if withheld is not None:
        kinds["withheld"] = (withheld, pa.string())
        told["withheld"] = WITHHELD
    return described({name: (column, *kinds[name]) for name, column in told.items()})


def _by_provider(asked: Opened, rows: list[dict[str, Any]], shown: Public | None) -> Result:
    rows = _seen(rows, shown.providers if shown else None, "provider")
    sums = _sums(rows, shown)
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
            [_share(row["actual"], sums.providers.get(row["provider"] or "")) for row in rows],
            pa.float64(),
        ),
        "kilometres": (distances, pa.float64()),
        "distance_band": ([band_of(distance) for distance in distances], pa.string()),
    }
    return Result(
        title=f"Where each board's people are cared for: {asked.lines.name}",
        table=_described(
            {
                name: each
                for name, each in PROVIDER_COLUMNS.items()
                if not (shown and name == "share_of_provider")
            },
            kinds,
            [row["withheld"] for row in rows] if shown else None,
        ),
        notes=(
            *asked.scope(),
            *([shown.words(shown.providers.values())] if shown else []),
            "Distance is in a straight line, from the mean of the points of the board's own providers.",
        ),
        gaps=(*asked.gaps, *_no_distance(asked, rows, middles, points), *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _by_board(asked: Opened, rows: list[dict[str, Any]], shown: Public | None) -> Result:
    rows = _seen(rows, shown.hosts if shown else None, "host")
    sums = _sums(rows, shown)
    hosts = [_host(row) for row in rows]
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
        table=_described(BOARD_COLUMNS, kinds, [row["withheld"] for row in rows] if shown else None),
        notes=(*asked.scope(), *([shown.words(shown.hosts.values())] if shown else [])),
        gaps=(*asked.gaps, *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _balances(asked: Opened, rows: list[dict[str, Any]], shown: Public | None) -> Result:
    rows = _seen(rows, shown.providers if shown else None, "provider")
    sums = _sums(rows, shown)
    at_home: dict[str, Decimal | None] = defaultdict(Decimal)
    largest: dict[str, tuple[Decimal, str]] = {}
    for row in rows:
        if row["actual"] is None:
            continue
        if row["area"] == _host(row):
            at_home[row["area"]] = (at_home[row["area"]] or ZERO) + row["actual"]
        largest[row["area"]] = max(
            largest.get(row["area"], (Decimal("-Infinity"), "")), (row["actual"], row["provider"] or "")
        )
    if shown is not None:
        at_home = {board: count.spend for (board, host), count in shown.hosts.items() if board == host}
    areas = [
        *asked.boards,
        *sorted({*sums.boards, *sums.hosts} - {*asked.boards, *NOT_A_BOARD}),
        *(area for area in NOT_A_BOARD if area in sums.boards or area in sums.hosts),
    ]
    spend = [sums.boards.get(area, ZERO) for area in areas]
    income = [sums.hosts.get(area, ZERO) for area in areas]
    home = [at_home.get(area, ZERO) for area in areas]
    outflow = [_less(spent, own) for spent, own in zip(spend, home, strict=True)]
    inflow = [_less(earned, own) for earned, own in zip(income, home, strict=True)]
    withheld = [WHOLE if None in each else None for each in zip(spend, income, home, strict=True)]
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
        # What its people cost at home is in both, so the net needs only the two totals.
        "net": ([_less(earned, spent) for earned, spent in zip(income, spend, strict=True)], MONEY),
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
            [_share(largest[area][0], sums.boards.get(area)) if area in largest else None for area in areas],
            pa.float64(),
        ),
        "neuroscience_centres": ([" ".join(centres.get(area, ())) for area in areas], pa.string()),
    }
    return Result(
        title=f"What flows out and in: {asked.lines.name}",
        table=_described(BALANCE_COLUMNS, kinds, withheld if shown else None),
        notes=(*asked.scope(), *([_of_balances(shown, withheld)] if shown else [])),
        gaps=(*asked.gaps, *_nothing(asked, rows)),
        synthetic=asked.synthetic,
    )


def _flow(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[list[Any], pa.DataType]]:
    return {
        "patients": ([row["patients"] for row in rows], pa.int64()),
        "lines": ([row["lines"] for row in rows], pa.int64()),
        "spend": ([row["actual"] for row in rows], MONEY),
    }


def _share(part: Decimal | None, whole: Decimal | None) -> float | None:
    """A part of pounds as a share; nothing of nothing is no share, nor is what is withheld."""
    return float(part / whole) if whole and part is not None else None


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _of_balances(shown: Public, withheld: Sequence[str | None]) -> str:
    held = sum(each is not None for each in withheld)
    return f"{shown.note} Something is withheld in {held:,} of {len(withheld):,} rows here."


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
