"""Reads a question of allocations from an address: whose money, towards which shares, at what pace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from speccom.finance.pace import Parameters
from speccom.finance.published import figure
from speccom.finance.split_boards import parts_of
from speccom.finance.target import CORE_COMPONENTS
from speccom.period import FinancialYear, parse_date
from speccom.site.explore.forms import AskedWrong, text

BASELINES = ("people", "last", "ledger", "imported")
SHARES = ("core", "built")
OF_A_MODEL = "need"
"""Target shares from a kept need model are asked for as need:KEY:VERSION."""
MERGERS = date(2026, 4, 1)
"""The boundaries that the page offers beside those of the year."""
MOST_YEARS = 10
LIMITS = ("k", "cmax", "deadband", "gmin", "gmax", "floor", "u0", "u1")
WEIGHTS = {name: f"w_{name.replace(' ', '_')}" for name in CORE_COMPONENTS}
"""Component of services → the name of its spend weight in an address."""
EXAMPLE = {"k": "20", "cmax": "1", "years": "5"}
"""What the page shows before anything is set: for illustration, and no policy."""
_AS_MONEY = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_AS_PERCENT = re.compile(r"[-−+]?[0-9]{1,4}(\.[0-9]{1,6})?")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `given` is what the address says, as it says it, for the form and for links."""

    year: FinancialYear
    baseline: str
    shares: str
    total: Decimal
    growth: Decimal
    years: int
    boundaries: date | None
    parts: tuple[tuple[tuple[str, str], Decimal], ...]
    parameters: Parameters
    weights: tuple[tuple[str, Decimal], ...]
    health_inequalities: Decimal | None
    market_forces: bool
    given: tuple[tuple[str, str], ...]
    example: bool

    @property
    def model(self) -> tuple[str, str] | None:
        """Key and version of the need model that target shares are to be built from; none for another source."""
        kind, _, named = self.shares.partition(":")
        key, _, version = named.partition(":")
        return (key, version) if kind == OF_A_MODEL else None

    @property
    def query(self) -> dict[str, str]:
        """The question as an address has it."""
        return {name: value for name, value in self.given if value}


NAMES = (
    "year",
    "baseline",
    "shares",
    "total",
    "growth",
    "years",
    "boundaries",
    *LIMITS,
    "no_overshoot",
    *WEIGHTS.values(),
    "h",
    "mff",
)


def usual_total() -> Decimal:
    """The money of services delegated to boards, as published."""
    return figure("2025/26", "ENG", "delegated_services_value").value * 10**9


def usual_growth() -> Decimal:
    """The growth of core allocations, as published, in percent: it stands in."""
    return figure("2025/26", "ENG", "core_allocation_growth").value


def part_name(board: str, heir: str) -> str:
    """What the weight of a part of a split board is called in an address."""
    return f"part_{board}_{heir}"


def question(
    asked: Mapping[str, str],
    years_held: tuple[FinancialYear, ...],
    splits: Mapping[str, tuple[str, ...]],
) -> Question:
    """The question of the page; `splits` are the boards that the mergers split, each with those that have its parts.

    Raises `AskedWrong`, `PeriodError`, `AllocationError` and `TargetError`.
    """
    pairs = {part_name(board, heir): (board, heir) for board, heirs in splits.items() for heir in heirs}
    given = {name: text(asked, name) for name in (*NAMES, *pairs)}
    example = not any(given.values())
    if example:
        given |= EXAMPLE
    year = FinancialYear.parse(given["year"]) if given["year"] else years_held[-1]
    if year not in years_held:
        raise AskedWrong(f"There are no weighted populations of {year}: choose {_or(map(str, years_held))}.")
    return Question(
        year,
        _one_of(given["baseline"] or "people", BASELINES, "baseline"),
        _shares(given["shares"] or "core"),
        _money(given["total"]) if given["total"] else usual_total(),
        _percent(given["growth"], "growth") / _HUNDRED if given["growth"] else usual_growth() / _HUNDRED,
        _years(given["years"]),
        parse_date(given["boundaries"]) if given["boundaries"] not in ("", "then") else None,
        tuple(parts_of(splits, {pair: given[name] for name, pair in pairs.items() if given[name]}).items()),
        _parameters(given),
        tuple(
            (component, _percent(given[name], f"spend weight of {component}") / _HUNDRED)
            for component, name in WEIGHTS.items()
            if given[name]
        ),
        _percent(given["h"], "h") / _HUNDRED if given["h"] else None,
        given["mff"] != "without",
        tuple(given.items()),
        example,
    )


def _shares(value: str) -> str:
    return value if value.startswith(f"{OF_A_MODEL}:") else _one_of(value, SHARES, "target")


def _parameters(given: Mapping[str, str]) -> Parameters:
    limits = {name: _percent(given[name], name) / _HUNDRED for name in LIMITS if given[name]}
    u0, u1 = limits.pop("u0", None), limits.pop("u1", None)
    if (u0 is None) != (u1 is None):
        raise AskedWrong("The guarantee fades from u0 to u1: give both, or neither.")
    taper = None if u0 is None or u1 is None else (u0, u1)
    return Parameters(**limits, taper=taper, no_overshoot=given["no_overshoot"] == "yes")


def _percent(value: str, name: str) -> Decimal:
    if not _AS_PERCENT.fullmatch(value.removesuffix("%").strip()):
        raise AskedWrong(f"{name} is {value!r}: give a number of percent, such as 1 or 0.5.")
    return Decimal(value.removesuffix("%").strip().replace("−", "-"))


def _money(value: str) -> Decimal:
    digits = value.removeprefix("£").replace(",", "").replace(" ", "")
    if not _AS_MONEY.fullmatch(digits) or not Decimal(digits):
        raise AskedWrong(f"The money is {value!r}: give a number of pounds, such as 14000000000.")
    return Decimal(digits)


def _years(value: str) -> int:
    if not value:
        return 1
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST_YEARS:
        raise AskedWrong(f"{value!r} is no number of years: give a whole number from 1 to {MOST_YEARS}.")
    return int(value)


def _one_of(value: str, choices: tuple[str, ...], what: str) -> str:
    if value not in choices:
        raise AskedWrong(f"{value!r} is no {what}: choose from {_or(choices)}.")
    return value


def _or(words: Iterable[str]) -> str:
    return ", ".join(words)
