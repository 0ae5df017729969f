"""Where the homes and hosts of the ledger lie, and what holds of each pot and line, on the first day of each month."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from speccom.engine import Engine
from speccom.finance.bases.rules import pots, rule_on
from speccom.insight.areas import NOT_A_BOARD, name_of, register_boards
from speccom.insight.result import Gap
from speccom.period import FinancialYear, Month
from speccom.register import Register

UNKNOWN, OTHER_NATION = "UNKNOWN", "OTHER NATION"
FIRST_BOARDS = date(2022, 7, 1)
"""The day on which integrated care boards began: providers of earlier months stand where they lay then."""

_DEVOLVED = re.compile(r"7A[1-7]$|S[0-9][0-9][A-Z]|ZT")
Row = Mapping[str, Any]


def register_places(engine: Engine, register: Register, boundaries: date | None) -> list[Gap]:
    """Make `home_place` and `host_place` readable: the board and region of each home and host, by month.

    What cannot be placed on the boundaries stays under the board that it had, and is a gap.
    """
    homes = engine.fetch("select distinct icb, home from months order by icb, home").to_pylist()
    gaps = register_boards(engine, register, [(row["icb"], row["home"]) for row in homes], boundaries)
    boards = {
        (row["icb"], row["home"]): row["area"] for row in engine.fetch("select * from board").to_pylist()
    }
    place = _Places(register, boundaries)
    _by_month(
        engine,
        "home_place",
        ("icb", "home", "board", "region", "arrangement"),
        _distinct(engine, "icb", "home"),
        lambda row, on: [place.home(row["icb"], row["home"], boards[row["icb"], row["home"]], on)],
    )
    _by_month(
        engine,
        "host_place",
        ("provider", "host_icb", "board", "region"),
        _distinct(engine, "provider", "host_icb"),
        lambda row, on: [place.host(row["provider"], row["host_icb"], on)],
    )
    return [*gaps, *place.gaps()]


def register_rules(engine: Engine, register: Register, months: Iterable[Month]) -> None:
    """Make `line_then` and `rule_then` readable: the facts of each line and the basis of each pot, by month."""
    held = [{"financial_year": month.year.code, "month": month.number} for month in months]
    _by_month(
        engine,
        "line_then",
        ("service_line", "suitable", "highly_specialised"),
        held,
        lambda _, on: [
            (code, register.line_status(code, on) == "GREEN", line.highly_specialised is True)
            for code, line in register.lines.items()
        ],
    )
    _by_month(
        engine,
        "rule_then",
        ("pot", "basis", "level"),
        held,
        lambda _, on: [
            (pot, rule.basis, rule.level) for pot in pots() if (rule := rule_on(pot, on)) is not None
        ],
    )


class _Places:
    """The board and region of homes and hosts on a day, and what could not be placed."""

    def __init__(self, register: Register, boundaries: date | None) -> None:
        self._register, self._boundaries = register, boundaries
        self._unplaced: set[str] = set()
        self._kept: dict[str, str] = {}
        self._hosts: dict[tuple[str, date], str | None] = {}

    def home(self, icb: str, home: str, board: str, on: date) -> tuple[str | None, ...]:
        region = board if board in NOT_A_BOARD else self._region(board, on)
        return icb, home, board, region, self._arrangement(icb, on)

    def host(self, provider: str, then: str, on: date) -> tuple[str, ...]:
        lay_in = then or (self._host_on(provider, FIRST_BOARDS) if on < FIRST_BOARDS else None)
        board = lay_in
        if lay_in and self._boundaries is not None:
            board = self._host_on(provider, self._boundaries)
            if board is None:
                board = self._kept[provider] = lay_in
        if board:
            return provider, then, board, self._region(board, on)
        known = self._register.providers.get(provider)
        region = known.region if known else None
        if (region and not region.startswith("Y")) or _DEVOLVED.match(provider):
            return provider, then, OTHER_NATION, OTHER_NATION
        self._unplaced.add(provider)
        return provider, then, UNKNOWN, region or UNKNOWN

    def gaps(self) -> list[Gap]:
        """A gap for each provider without a board, and for each that stays under one that was divided."""
        return [
            *(
                Gap(self._name(provider), "board in whose area it lies", "the register has none for it then")
                for provider in sorted(self._unplaced)
            ),
            *(
                Gap(
                    self._name(provider),
                    f"place on the boundaries of {self._boundaries:%-d %B %Y}",
                    f"{name_of(self._register, board)}, in which it lay, was divided; it stays under that board",
                )
                for provider, board in sorted(self._kept.items())
            ),
        ]

    def _host_on(self, provider: str, on: date) -> str | None:
        if (provider, on) not in self._hosts:
            self._hosts[provider, on] = self._register.host_icb(provider, on)
        return self._hosts[provider, on]

    def _name(self, provider: str) -> str:
        known = self._register.providers.get(provider)
        return f"{known.name} ({provider})" if known else provider or "No provider stated"

    def _region(self, board: str, on: date) -> str:
        """The region of a board on the boundaries' date, else on the month's, else the last it had."""
        for day in (self._boundaries, on):
            area = self._register.areas(day).get(board) if day else None
            if area is not None:
                return area.region
        facts = self._register.regions.get(board, ())
        return facts[0].value if facts else UNKNOWN

    def _arrangement(self, icb: str, on: date) -> str | None:
        """The arrangement of a board's region; for no board, `national` while every region's was."""
        area = self._register.areas(on).get(icb)
        if area is not None:
            return self._register.arrangement(area.region, on)
        found = {self._register.arrangement(region, on) for region in self._all_regions}
        return "national" if found == {"national"} else None

    @cached_property
    def _all_regions(self) -> list[str]:
        return sorted(self._register.facts.of("arrangement"))


def _distinct(engine: Engine, *columns: str) -> list[dict[str, Any]]:
    """The groups of some columns of the months, a missing value as none at all."""
    named = ", ".join(f"coalesce({name}, '') as {name}" for name in columns)
    return engine.fetch(
        f"select distinct financial_year, month, {named} from months "
        f"order by financial_year, month, {', '.join(columns)}"
    ).to_pylist()


def _by_month(
    engine: Engine,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    told: Callable[[Row, date], Iterable[tuple[Any, ...]]],
) -> None:
    """Make a small table readable: what is told of each row on the first day of its month."""
    held: list[tuple[Any, ...]] = []
    for row in rows:
        on = Month(FinancialYear.parse(row["financial_year"]), row["month"]).start
        held += [(row["financial_year"], row["month"], *each) for each in told(row, on)]
    names = ("financial_year", "month", *columns)
    values = list(zip(*held, strict=True)) or [()] * len(names)
    engine.register(
        name,
        pa.table(
            {
                column: pa.array(list(each), _KINDS.get(column, pa.string()))
                for column, each in zip(names, values, strict=True)
            }
        ),
    )


_KINDS = {"month": pa.int32(), "suitable": pa.bool_(), "highly_specialised": pa.bool_()}
