"""A scenario's file: read strictly, written in one canonical form, known by the hash of its content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import Any

from speccom.errors import SpeccomError
from speccom.finance.allocation_file import parameters_of
from speccom.finance.exact_json import exact_json
from speccom.finance.pace import NAMES, AllocationError, Parameters
from speccom.finance.target import CORE_COMPONENTS
from speccom.period import FinancialYear, PeriodError, parse_date

VERSION = 1
LARGEST = 100_000  # characters: a scenario of hundreds of changes has fewer
MOST_CHANGES, MOST_YEARS, MOST_NAMED = 200, 10, 400
HASH_LENGTH = 32
TIERS = ("icb", "multi_icb", "region", "england")
SETTABLE = (*NAMES, "growth", "h")
"""What a change of kind `set` can set: a parameter of the pace, the money's growth, the health-inequality share."""
_EXACT = Context(prec=100)
_AREA = re.compile(r"[A-Z0-9]{3,6}")
_TOP = ("speccom_scenario", "name", "about", "base_year", "years", "money", "pace", "target", "changes")


class ScenarioError(SpeccomError):
    """A scenario that cannot be read or cannot be: the field or change, its value, and what to do."""

    code = "scenario"


@dataclass(frozen=True, slots=True)
class Move:
    """Lines that are delegated, retained or moved to a tier, for areas, from a day up to another.

    `lines` are texts as `insight.asked.lines_of` reads them; `areas` are boards or regions, or `all`.
    """

    kind: str
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    on: date
    until: date | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Boards that become one on a day; a code that the register does not know needs a name."""

    boards: tuple[str, ...]
    into: str
    on: date
    name: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A board that is divided on a day: the share of each part, and which sub-ICB locations are known to go where."""

    board: str
    into: tuple[tuple[str, Decimal], ...]
    on: date
    members: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Successions:
    """Every merger and division of boards that the register knows of a day; `weights` for boards that are divided."""

    on: date
    weights: tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter that is another from the first year on that begins on a day or after it."""

    parameter: str
    value: Any
    on: date


Change = Move | Merge | Split | Successions | Setting


@dataclass(frozen=True, slots=True)
class Target:
    """Where target shares come from: `core`, `built` (spend weights, h, market forces) or `given` (by area)."""

    source: str
    year: FinancialYear | None = None
    spend: tuple[tuple[str, Decimal], ...] = ()
    h: Decimal | None = None
    market_forces: str = ""
    shares: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked: the base year's money, how it grows or what it is, the pace, the target and the changes in order.

    Either `growth` or `totals` is there, one for each of the years after the base year.
    """

    name: str
    about: str
    base_year: FinancialYear
    growth: tuple[Decimal, ...]
    totals: tuple[Decimal, ...]
    years: int
    pace: Parameters
    target: Target
    changes: tuple[Change, ...]
    canonical: str = field(default="", compare=False)

    @property
    def hash(self) -> str:
        """What it is known by: the hash of its canonical form."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()[:HASH_LENGTH]

    @property
    def following(self) -> tuple[FinancialYear, ...]:
        """The years that money is shared in: those after the base year."""
        return tuple(FinancialYear(self.base_year.start_year + nth) for nth in range(1, self.years + 1))


def parse(text: str) -> Scenario:
    """The scenario of a JSON text. Raises `ScenarioError`, naming the field, its value and what to do."""
    if len(text) > LARGEST:
        raise ScenarioError(
            f"The file has {len(text):,} characters, and a scenario at most {LARGEST:,}: it is refused unread."
        )
    found = exact_json(text, ScenarioError)
    top = _object(found, "The file", _TOP)
    version = top.get("speccom_scenario")
    if isinstance(version, bool) or version != VERSION:
        raise ScenarioError(
            f"speccom_scenario is {_told(version)}: this program reads version {VERSION}. "
            'Begin with "speccom_scenario": 1.'
        )
    years = _whole(top.get("years", Decimal(1)), "years", 1, MOST_YEARS)
    growth, totals = _money(_needed(top, "money", "what there will be to share is not published"), years)
    changes = _list(top.get("changes", []), "changes", MOST_CHANGES)
    read = [_change(each, f"changes, {nth}") for nth, each in enumerate(changes, start=1)]
    scenario = Scenario(
        _words(_needed(top, "name", "a scenario is known by it"), "name", 120),
        _words(top.get("about", ""), "about", 2000, empty=True),
        _year(_needed(top, "base_year", "its money is what moves"), "base_year"),
        growth,
        totals,
        years,
        _pace(_needed(top, "pace", "no pace of change is published for specialised services")),
        _target(_needed(top, "target", "no target shares are published for specialised services")),
        tuple(sorted(read, key=lambda each: each.on)),
    )
    return _with_canonical(scenario, top, changes, read)


def _with_canonical(
    scenario: Scenario, top: Mapping[str, Any], changes: list[Any], read: list[Change]
) -> Scenario:
    """The scenario with its canonical form: keys and changes in order, numbers as short as they can be written."""
    order = sorted(range(len(read)), key=lambda nth: read[nth].on)
    told = {
        "about": "",
        "years": Decimal(1),
        **{key: top[key] for key in _TOP if key in top},
        "base_year": str(scenario.base_year),
        "changes": [changes[nth] for nth in order],
    }
    return Scenario(
        **{name: getattr(scenario, name) for name in Scenario.__slots__ if name != "canonical"},
        canonical=written(told) + "\n",
    )


def written(value: Any, depth: int = 0) -> str:
    """JSON text of what a file may hold: keys in order, and numbers digit by digit, as short as they can be written."""
    inner, outer = " " * (depth + 1), " " * depth
    if isinstance(value, Decimal):
        digits = f"{value.normalize(_EXACT):f}"
        return "0" if digits == "-0" else digits
    if isinstance(value, dict) and value:
        pairs = (f"{inner}{written(key)}: {written(value[key], depth + 1)}" for key in sorted(value))
        return "{\n" + ",\n".join(pairs) + f"\n{outer}}}"
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return "[\n" + ",\n".join(f"{inner}{written(each, depth + 1)}" for each in value) + f"\n{outer}]"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# --- what a value may be


def _object(value: Any, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} is {_told(value)}: it must be an object of {', '.join(keys)}.")
    for key in value:
        if key not in keys:
            raise ScenarioError(f"{where} has {key!r}, which is not known: it may have {', '.join(keys)}.")
    blank = next((key for key in value if value[key] is None), None)
    if blank is not None:
        raise ScenarioError(f"{where}, {blank} is left blank: give a value, or leave it out if it may be.")
    return value


def _needed(held: Mapping[str, Any], key: str, why: str, where: str = "The file") -> Any:
    if held.get(key) is None:
        raise ScenarioError(f"{where} has no {key}, and there is no default, because {why}: give it.")
    return held[key]


def _list(value: Any, where: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise ScenarioError(f"{where} is {_told(value)}: it must be a list.")
    if len(value) > most:
        raise ScenarioError(f"{where} has {len(value)} entries: {most} are the most.")
    return value


def _words(value: Any, where: str, longest: int, *, empty: bool = False) -> str:
    if not isinstance(value, str) or (not value.strip() and not empty):
        raise ScenarioError(f"{where} is {_told(value)}: it must be a text.")
    if len(value) > longest or any(ord(each) < 32 and each != "\n" for each in value):
        raise ScenarioError(f"{where} must be of at most {longest} printable characters: write it shorter.")
    return value.strip()


def _number(value: Any, where: str, low: Decimal | None = None, high: Decimal | None = None) -> Decimal:
    if not isinstance(value, Decimal):
        raise ScenarioError(f"{where} is {_told(value)}: it must be a number.")
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"{low} or more" if high is None else f"from {low} to {high}"
        raise ScenarioError(f"{where} is {value}: it must be {span}.")
    return value


def _whole(value: Any, where: str, low: int, high: int) -> int:
    number = _number(value, where, Decimal(low), Decimal(high))
    if number != int(number):
        raise ScenarioError(f"{where} is {number}: it must be a whole number.")
    return int(number)


def _year(value: Any, where: str) -> FinancialYear:
    try:
        return FinancialYear.parse(_words(value, where, 20))
    except PeriodError as error:
        raise ScenarioError(f"{where}: {error}") from error


def _date(value: Any, where: str) -> date:
    try:
        return parse_date(_words(value, where, 40))
    except PeriodError as error:
        raise ScenarioError(f"{where}: {error}") from error


def _code(value: Any, where: str) -> str:
    text = _words(value, where, 40).upper()
    if not _AREA.fullmatch(text):
        raise ScenarioError(f"{where} is {_told(value)}: it must be the code of an area, such as QKK.")
    return text


# --- money, pace and target


def _money(value: Any, years: int) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    held = _object(value, "money", ("growth", "total"))
    if len(held) != 1:
        raise ScenarioError(
            f"money has {' and '.join(held) or 'nothing'}: give growth (a share, such as 0.03) or total "
            "(pounds), not both."
        )
    ((key, given),) = held.items()
    listed = given if isinstance(given, list) else [given] * (years if key == "growth" or years == 1 else 1)
    if len(listed) != years:
        raise ScenarioError(
            f"money, {key} has {len(listed)} numbers for {years} years: give one for each year."
        )
    if key == "growth":
        low, high = Decimal("-0.99"), Decimal(10)
        return tuple(_number(each, "money, growth", low, high) for each in listed), ()
    return (), tuple(_number(each, "money, total", Decimal("0.01"), Decimal(10**15)) for each in listed)


def _pace(value: Any) -> Parameters:
    held = _object(value, "pace", NAMES)
    _needed(
        held, "k", "the speed is not published for specialised services (0 lets all areas grow alike)", "pace"
    )
    try:
        return parameters_of(held)
    except AllocationError as error:
        raise ScenarioError(f"pace: {error}") from error


def _target(value: Any) -> Target:
    held = _object(value, "target", ("source", "year", "spend", "h", "market_forces", "shares"))
    source = _needed(held, "source", "what stands in for need is a choice", "target")
    wanted = {
        "core": ("year",),
        "built": ("year", "spend", "h", "market_forces"),
        "given": ("shares",),
    }
    if not isinstance(source, str) or source not in wanted:
        raise ScenarioError(f"target, source is {_told(source)}: choose from {', '.join(wanted)}.")
    needless = [key for key in held if key not in ("source", *wanted[source])]
    if needless:
        raise ScenarioError(
            f"target has {needless[0]!r}, which a source of {source} does not use: leave it out."
        )
    for key in wanted[source]:
        _needed(held, key, _WHY[key], "target")
    if source == "given":
        return Target(source, shares=_by_area(held["shares"], "target, shares"))
    year = _year(held["year"], "target, year")
    if source == "core":
        return Target(source, year)
    spend = _object(held["spend"], "target, spend", CORE_COMPONENTS)
    if held["market_forces"] not in ("imported", "without"):
        raise ScenarioError(
            f"target, market_forces is {_told(held['market_forces'])}: choose imported or without."
        )
    return Target(
        source,
        year,
        tuple((name, _number(part, f"target, spend, {name}", Decimal(0))) for name, part in spend.items()),
        _number(held["h"], "target, h", Decimal(0), Decimal(1)),
        held["market_forces"],
    )


_WHY = {
    "year": "weighted populations are of a year",
    "spend": "the weights of components are not published for specialised services",
    "h": "which part of specialised money follows avoidable mortality is not published",
    "market_forces": "it is a choice",
    "shares": "they are what is asked with",
}


def _by_area(value: Any, where: str) -> tuple[tuple[str, Decimal], ...]:
    if not isinstance(value, dict) or not value:
        raise ScenarioError(f"{where} is {_told(value)}: it must be an object of a number for each area.")
    if len(value) > MOST_NAMED:
        raise ScenarioError(f"{where} has {len(value)} areas: {MOST_NAMED} are the most.")
    found: dict[str, Decimal] = {}
    for area, number in value.items():
        code, share = _code(area, where), _number(number, f"{where}, {area}")
        if code in found:
            raise ScenarioError(f"{where} has {code} twice, as {found[code]} and as {share}: keep one.")
        found[code] = share
    return tuple(found.items())


# --- changes


def _change(value: Any, where: str) -> Change:
    kinds = {
        "delegate": ("lines", "areas", "on", "until"),
        "retain": ("lines", "areas", "on", "until"),
        "tier": ("lines", "areas", "tier", "on", "until"),
        "merge": ("boards", "into", "on", "name", "region"),
        "split": ("board", "into", "on", "members", "names"),
        "successions": ("on", "weights"),
        "set": ("parameter", "value", "on"),
    }
    kind = value.get("change") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise ScenarioError(f"{where}: change is {_told(kind)}: choose from {', '.join(kinds)}.")
    held = _object(value, where, ("change", *kinds[kind]))
    on = _date(_needed(held, "on", "a change holds from a day", where), f"{where}, on")
    if kind in ("delegate", "retain", "tier"):
        return _move(kind, held, on, where)
    if kind == "merge":
        return _merge(held, on, where)
    if kind == "split":
        return _split(held, on, where)
    if kind == "successions":
        weights = held.get("weights", {})
        if not isinstance(weights, dict):
            raise ScenarioError(f"{where}, weights is {_told(weights)}: it must be an object by board.")
        return Successions(
            on,
            tuple(
                (_code(board, f"{where}, weights"), _parts(parts, f"{where}, weights, {board}"))
                for board, parts in weights.items()
            ),
        )
    return _setting(held, on, where)


def _move(kind: str, held: Mapping[str, Any], on: date, where: str) -> Move:
    lines = _texts(_needed(held, "lines", "it says what moves", where), f"{where}, lines")
    areas = _texts(_needed(held, "areas", "it says for whom; all is every board", where), f"{where}, areas")
    until = _date(held["until"], f"{where}, until") if "until" in held else None
    if until is not None and until <= on:
        raise ScenarioError(
            f"{where}: until is {until} and on is {on}: a change ends after the day that it begins on."
        )
    tier = None
    if kind == "tier":
        tier = _needed(held, "tier", "it says where to", where)
        if tier not in TIERS:
            raise ScenarioError(f"{where}, tier is {_told(tier)}: choose from {', '.join(TIERS)}.")
    codes = areas if areas == ("all",) else tuple(_code(each, f"{where}, areas") for each in areas)
    return Move(kind, lines, codes, on, until, tier)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else _list(value, where, MOST_NAMED)
    if not listed:
        raise ScenarioError(f"{where} is empty: name one at least.")
    return tuple(_words(each, where, 80) for each in listed)


def _merge(held: Mapping[str, Any], on: date, where: str) -> Merge:
    boards = tuple(
        _code(each, f"{where}, boards")
        for each in _list(_needed(held, "boards", "it says who", where), f"{where}, boards", MOST_NAMED)
    )
    into = _code(_needed(held, "into", "it says what they become", where), f"{where}, into")
    if len(set(boards)) != len(boards) or len({*boards, into}) < 2:
        raise ScenarioError(
            f"{where}: boards are {', '.join(boards)} into {into}: name each board once, and two at least."
        )
    return Merge(
        boards,
        into,
        on,
        _words(held["name"], f"{where}, name", 120) if "name" in held else None,
        _code(held["region"], f"{where}, region") if "region" in held else None,
    )


def _split(held: Mapping[str, Any], on: date, where: str) -> Split:
    board = _code(_needed(held, "board", "it says who", where), f"{where}, board")
    why = "the share of each part, such as of people, is never guessed"
    into = _parts(_needed(held, "into", why, where), f"{where}, into")
    members = held.get("members", {})
    names = held.get("names", {})
    for each, called in ((members, "members"), (names, "names")):
        if not isinstance(each, dict) or len(each) > MOST_NAMED:
            raise ScenarioError(f"{where}, {called} is {_told(each)}: it must be an object of texts.")
    placed = tuple(
        (_code(home, f"{where}, members"), _code(part, f"{where}, members, {home}"))
        for home, part in members.items()
    )
    stray = next((part for _, part in placed if part not in dict(into)), None)
    if stray is not None:
        raise ScenarioError(
            f"{where}, members name {stray}, which is no part: choose from {', '.join(dict(into))}."
        )
    named = tuple(
        (_code(code, f"{where}, names"), _words(name, f"{where}, names", 120)) for code, name in names.items()
    )
    return Split(board, into, on, placed, named)


def _parts(value: Any, where: str) -> tuple[tuple[str, Decimal], ...]:
    parts = _by_area(value, where)
    if len(parts) < 2:
        raise ScenarioError(f"{where} has {len(parts)} part: a board is divided into two at least.")
    for area, share in parts:
        if share <= 0:
            raise ScenarioError(f"{where}, {area} is {share}: each part has a share above nought.")
    whole = sum((share for _, share in parts), Decimal(0))
    if whole != 1:
        raise ScenarioError(
            f"{where}: the shares of {', '.join(dict(parts))} sum to {whole}, and must sum to 1."
        )
    return parts


def _setting(held: Mapping[str, Any], on: date, where: str) -> Setting:
    name = _needed(held, "parameter", "it says what is set", where)
    if name not in SETTABLE:
        raise ScenarioError(f"{where}, parameter is {_told(name)}: choose from {', '.join(SETTABLE)}.")
    value = _needed(held, "value", f"what {name} is to be is not published", where)
    if name == "growth":
        value = _number(value, f"{where}, value", Decimal("-0.99"), Decimal(10))
    elif name == "h":
        value = _number(value, f"{where}, value", Decimal(0), Decimal(1))
    else:
        try:
            value = getattr(parameters_of({name: value}), name)
        except AllocationError as error:
            raise ScenarioError(f"{where}: {error}") from error
    return Setting(name, value, on)


def _told(value: Any) -> str:
    if value is None:
        return "missing"
    return (
        str(value) if isinstance(value, Decimal) else json.dumps(value, default=str, ensure_ascii=False)[:60]
    )
