"""The file that says what a pool's areas expect, for numbers that no ledger holds; every slip refused by its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from speccom.finance.exact_json import exact_json, told
from speccom.finance.pool_years import Chances
from speccom.finance.pools import MOST_POUNDS, Actual, Member, PoolError
from speccom.insight.case_costs import CaseCosts, ChanceError

KEYS = ("areas", "cost", "name", "between_years", "correlation", "actual")
AREA = ("name", "cases", "cost", "population", "share")
COST = ("mean", "variation", "probabilities", "values", "costs")
ACTUAL = ("cost", "above")
_LARGEST = 20_000_000  # bytes: a file of areas is some kilobytes


@dataclass(frozen=True, eq=False, slots=True)
class PoolFile:
    """What a file says: the areas, how years differ, and what a year came to, if it says so."""

    name: str
    members: tuple[Member, ...]
    chances: Chances
    actual: Mapping[str, Actual]


def read_pool(path: Path) -> PoolFile:
    """The pool of a JSON file. Raises `PoolError`, naming what in the file is wrong."""
    try:
        if path.stat().st_size > _LARGEST:
            raise PoolError(f"{path} is larger than any file of areas: it is refused unread.")
        return parse_pool(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PoolError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PoolError(f"{path} is not a text in UTF-8: save it as one.") from error


def parse_pool(text: str) -> PoolFile:
    """The pool in a JSON text: an object of the keys `KEYS`, of which `areas` must be there.

    `areas` is an object of area codes, each an object of `AREA` with `cases` (expected in a year) at least; `cost`,
    for all areas or of one, says what a case costs: `mean` and `variation` (standard deviation ÷ mean), or
    `probabilities` from 0 to 1 with `values` in pounds, or `costs` of cases that there were.
    """
    found = exact_json(text, PoolError)
    whole = _object(found, KEYS, "The file")
    areas = whole.get("areas")
    if not isinstance(areas, dict) or not areas:
        raise PoolError("The file has no areas: give an object with the code of each area and its cases.")
    shared = _costs(whole["cost"], "cost") if whole.get("cost") is not None else None
    return PoolFile(
        _name(whole, "The file") or "Areas of a file",
        tuple(_member(code, given, shared) for code, given in areas.items()),
        Chances(
            float(_number(whole.get("between_years", Decimal(0)), "between_years")),
            float(_number(whole.get("correlation", Decimal(1)), "correlation")),
        ),
        {
            code: _actual(given, f"actual, {code}")
            for code, given in _anything(
                {} if whole.get("actual") is None else whole["actual"], "actual"
            ).items()
        },
    )


def _member(code: str, given: Any, shared: CaseCosts | None) -> Member:
    if not code.strip():
        raise PoolError("areas has an area without a code: give each area its code.")
    where = f"areas, {code}"
    held = _object(given, AREA, where)
    costs = _costs(held["cost"], f"{where}, cost") if held.get("cost") is not None else shared
    if costs is None:
        raise PoolError(f"{where} has no cost, and the file has none for all: say what a case costs.")
    return Member(
        code,
        _name(held, where) or code,
        float(_required(held, "cases", where)),
        costs,
        _optional(held, "population", where),
        _optional(held, "share", where),
    )


def _costs(given: Any, where: str) -> CaseCosts:
    held = {key: value for key, value in _object(given, COST, where).items() if value is not None}
    ways: dict[frozenset[str], Any] = {
        frozenset(("mean", "variation")): lambda: CaseCosts.of_moments(
            float(_required(held, "mean", where)), float(_required(held, "variation", where))
        ),
        frozenset(("probabilities", "values")): lambda: CaseCosts.of_quantiles(
            _numbers(held, "probabilities", where), _numbers(held, "values", where)
        ),
        frozenset(("costs",)): lambda: CaseCosts.observed(_numbers(held, "costs", where)),
    }
    way = ways.get(frozenset(held))
    if way is None:
        raise PoolError(
            f"{where} has {', '.join(held) or 'nothing'}: give mean and variation, or probabilities and values, "
            "or costs of cases."
        )
    try:
        costs: CaseCosts = way()
    except ChanceError as error:
        raise PoolError(f"{where}: {error}") from error
    return costs


def _actual(given: Any, where: str) -> Actual:
    held = _object(given, ACTUAL, where)
    cost, above = _required(held, "cost", where), _optional(held, "above", where)
    if abs(cost) > MOST_POUNDS:
        raise PoolError(f"{where}, cost is {cost}: £{MOST_POUNDS:,} is the most.")
    if above is not None and not 0 <= above <= max(cost, Decimal(0)):
        raise PoolError(
            f"{where}: above is {above} of a cost of {cost}: give what of the cost is above, 0 or more."
        )
    return Actual(cost, above)


def _object(given: Any, keys: tuple[str, ...], where: str) -> Mapping[str, Any]:
    found = _anything(given, where)
    unknown = [key for key in found if key not in keys]
    if unknown:
        raise PoolError(
            f"{where} has {', '.join(map(repr, unknown))}, not known: it may have {', '.join(keys)}."
        )
    return found


def _anything(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise PoolError(f"{where} is {told(given)}: it must be an object.")
    return given


def _name(held: Mapping[str, Any], where: str) -> str:
    value = held.get("name")
    if value is not None and not isinstance(value, str):
        raise PoolError(f"{where}, name is {told(value)}: it must be a text.")
    return (value or "").strip()


def _required(held: Mapping[str, Any], key: str, where: str) -> Decimal:
    if held.get(key) is None or held[key] == "":
        raise PoolError(f"{where} has no {key}, or a blank one: give a number.")
    return _number(held[key], f"{where}, {key}")


def _optional(held: Mapping[str, Any], key: str, where: str) -> Decimal | None:
    return None if held.get(key) is None else _number(held[key], f"{where}, {key}")


def _number(value: Any, where: str) -> Decimal:
    if not isinstance(value, Decimal):
        raise PoolError(f"{where} is {told(value)}: it must be a number.")
    return value


def _numbers(held: Mapping[str, Any], key: str, where: str) -> list[float]:
    given = held[key]
    if not isinstance(given, list):
        raise PoolError(f"{where}, {key} must be a list of numbers.")
    return [float(_number(value, f"{where}, {key}")) for value in given]
