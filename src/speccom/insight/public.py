"""The counts of one question as everybody may see them, protected once, so that every table picks from the same.

Two releases are protected: boards by provider with each board's total, and boards by host with both totals. They
are of the same people, so what one hides the other must not give back: `_together` hides more until neither does.
Knows counts of boards, hosts and providers, and no rate, page or command.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.insight import counted as counts
from speccom.insight.areas import ENGLAND
from speccom.insight.disclosure import Protected, Release, protect_release
from speccom.insight.opened import Opened
from speccom.insight.result import Column

WITHHELD = Column("", "why the row's counts and pounds are not shown; empty where they are")
SECONDARY = "withheld so that another number cannot be worked out"
NOWHERE = "UNKNOWN"
REMEMBERED = 16
"""How many questions' cells a process keeps."""

_COUNTS, _MONEY = ("patients", "lines"), ("spend",)
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """One cell as it may be shown: rounded counts and pounds, or none of them and why not."""

    patients: int | None
    lines: int | None
    spend: Decimal | None
    withheld: str | None = None

    @classmethod
    def hidden(cls, why: str) -> Count:
        return cls(None, None, None, why)


@dataclass(frozen=True, slots=True)
class Public:
    """Every cell of a question: by board and provider, board and host, board, host; England; what to say of it."""

    providers: Mapping[Pair, Count]
    hosts: Mapping[Pair, Count]
    boards: Mapping[str, Count]
    incomes: Mapping[str, Count]
    england: Count
    note: str

    def words(self, cells: Iterable[Count]) -> str:
        """The note on protection, with how many of some cells it withholds."""
        held = [cell.withheld is not None for cell in cells]
        return f"{self.note} Withheld here: {sum(held):,} of {len(held):,} rows."


_remembered: dict[tuple[object, ...], Public] = {}


def public(asked: Opened, counted: Sequence[str]) -> Public:
    """Protect what was asked; `counted` are the boards that are England's. Needs `provider_host` on the engine.

    The last answers are remembered until the ledger is built anew, since several tables are made of each.
    Raises `DisclosureError` where nothing can be shown safely.
    """
    key = (
        asked.workspace.root,
        asked.manifest.built,
        asked.lines.codes,
        asked.years,
        asked.boundaries,
        tuple(counted),
    )
    found = _remembered.get(key)
    if found is None:
        found = _public(asked, counted)
        while len(_remembered) >= REMEMBERED:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[key] = found
    return found


def _public(asked: Opened, counted: Sequence[str]) -> Public:
    provider_cells = [{**_cell(row), "provider": row["provider"] or ""} for row in counts.crossings(asked)]
    host_cells = [_cell(row) for row in counts.exchanges(asked)]
    if not provider_cells:
        nothing = Count(0, 0, Decimal(0))
        return Public({}, {}, {}, {}, nothing, "Nothing is withheld: there is nothing to show.")
    # A board of which only an aggregate is held has no cell to protect.
    with_cells = {cell["icb"] for cell in provider_cells}
    boards = {area: row["patients"] for area, row in counts.boards(asked).items() if area in with_cells}
    country = {area: ENGLAND if area in counted else area for area in boards}
    for cell in (*provider_cells, *host_cells):
        cell["country"] = country[cell["icb"]]
    countries = {area: people for area, people in boards.items() if country[area] != ENGLAND}
    if ENGLAND in country.values():
        countries[ENGLAND] = counts.patients_of_england(asked, counted)
    people = {host or NOWHERE: patients for host, patients in counts.of_hosts(asked).items()}
    hosts = {cell["host"]: people.get(cell["host"], 0) for cell in host_cells}
    totals: dict[tuple[str, ...], pa.Table] = {
        ("icb",): _totals("icb", boards),
        ("country",): _totals("country", countries),
    }
    by_provider = _protected(provider_cells, "provider", totals)
    by_host = _protected(host_cells, "host", {**totals, ("host",): _totals("host", hosts)})
    lies_in = {(cell["icb"], cell["provider"]): cell["host"] for cell in provider_cells}
    return _together(by_provider, by_host, lies_in, [area for area in counted if area in boards])


def _cell(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "icb": row["area"],
        "host": row["host_icb"] or NOWHERE,
        "patients": row["patients"],
        "lines": int(row["lines"]),
        "spend": row["actual"],
    }


def _totals(level: str, people: Mapping[str, int]) -> pa.Table:
    return pa.table(
        {
            level: pa.array(list(people), pa.string()),
            "patients": pa.array(list(people.values()), pa.int64()),
        }
    )


def _protected(
    cells: list[dict[str, Any]], other: str, totals: Mapping[tuple[str, ...], pa.Table]
) -> Protected:
    kinds = {"patients": pa.int64(), "lines": pa.int64(), "spend": pa.decimal128(38, 8)}
    columns = {
        name: pa.array([cell[name] for cell in cells], kinds.get(name, pa.string()))
        for name in ("icb", "country", other, *kinds)
    }
    return protect_release(
        Release(
            pa.table(columns),
            dimensions=("icb", other),
            counts=_COUNTS,
            money=_MONEY,
            hierarchies={"icb": ("country",)},
            tables=[("icb", other), *totals],
            distinct=("patients",),
            totals=totals,
        )
    )


def _held(protected: Protected, *levels: str) -> dict[Any, Count]:
    """The cells of one table by their keys, a key alone where there is one level."""
    found = {}
    for row in protected.table(*levels).to_pylist():
        key = tuple(row[level] for level in levels)
        found[key if len(levels) > 1 else key[0]] = Count(
            row["patients"], row["lines"], row["spend"], row["suppressed_because"]
        )
    return found


def _together(
    by_provider: Protected, by_host: Protected, lies_in: Mapping[Pair, str], counted: Sequence[str]
) -> Public:
    """Both releases, what is hidden in one and could be had from the other hidden in both."""
    providers, hosts = _held(by_provider, "icb", "provider"), _held(by_host, "icb", "host")
    boards, incomes = _held(by_provider, "icb"), _held(by_host, "host")
    countries = _held(by_provider, "country")
    for held, other in ((boards, _held(by_host, "icb")), (countries, _held(by_host, "country"))):
        for key, count in other.items():
            if count.withheld and not held[key].withheld:
                held[key] = count
    england = countries.get(ENGLAND, Count.hidden("no board of England is in what was asked"))
    of_host: dict[Pair, list[Pair]] = defaultdict(list)
    for pair, host in lies_in.items():
        of_host[pair[0], host].append(pair)
    rows, columns, of_board = defaultdict(list), defaultdict(list), defaultdict(list)
    for pair in hosts:
        rows[pair[0]].append(pair)
        columns[pair[1]].append(pair)
    for pair in providers:
        of_board[pair[0]].append(pair)
    while True:
        before = _hidden(providers) + _hidden(hosts) + _hidden(boards) + _hidden(incomes)
        for pair, parts in of_host.items():
            secret = [part for part in parts if providers[part].withheld]
            if len(secret) == 1:
                _hide(hosts, [pair])
            elif hosts[pair].withheld and not secret:
                _hide(providers, parts)
        for total, cells, groups in (
            (boards, hosts, rows),
            (incomes, hosts, columns),
            (boards, providers, of_board),
        ):
            _complement(total, cells, groups)
        _complement({ENGLAND: england}, boards, {ENGLAND: counted})
        if before == _hidden(providers) + _hidden(hosts) + _hidden(boards) + _hidden(incomes):
            return Public(providers, hosts, boards, incomes, england, by_provider.note)


def _complement(
    totals: dict[str, Count], cells: dict[Any, Count], groups: Mapping[str, Sequence[Any]]
) -> None:
    """Where a total is shown and one part alone is hidden, hide the least other part, else the total."""
    for key, parts in groups.items():
        secret = [part for part in parts if cells[part].withheld]
        if totals[key].withheld or len(secret) != 1:
            continue
        shown = [part for part in parts if not cells[part].withheld]
        if shown:
            _hide(cells, _least(cells, shown))
        else:
            _hide(totals, [key])


def _least(cells: Mapping[Any, Count], keys: Sequence[Any]) -> list[Any]:
    return sorted(keys, key=lambda key: (abs(cells[key].spend or 0), key))[:1]


def _hide(cells: dict[Any, Count], keys: Iterable[Any]) -> None:
    for key in keys:
        if not cells[key].withheld:
            cells[key] = Count.hidden(SECONDARY)


def _hidden(cells: Mapping[Any, Count]) -> int:
    return sum(count.withheld is not None for count in cells.values())
