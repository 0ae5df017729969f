"""The file that says what is to be shared, and the answer to it as JSON: every number exact, every slip refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from speccom.finance.exact_json import exact_json, told
from speccom.finance.pace import NAMES, Allocated, AllocationError, Parameters

KEYS = ("baseline", "target_share", "money", "parameters", "notes", "synthetic")
_PLACES = 12  # of a share in JSON: far below a penny of any allocation
_LARGEST = 20_000_000  # bytes: a file of areas is some kilobytes


@dataclass(frozen=True, slots=True)
class Request:
    """What a file asks: baselines in pounds and target shares by area, the money, and the pace of change.

    `notes` say what the inputs stand for, and `synthetic` that any of them was made up: every answer repeats both.
    """

    baseline: Mapping[str, Decimal]
    target_share: Mapping[str, Decimal]
    money: Decimal
    parameters: Parameters
    notes: tuple[str, ...] = ()
    synthetic: bool = False


def read_request(path: Path) -> Request:
    """The request of a JSON file. Raises `AllocationError`, naming what in the file is wrong."""
    try:
        if path.stat().st_size > _LARGEST:
            raise AllocationError(f"{path} is larger than any file of areas: it is refused unread.")
        return parse_request(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AllocationError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise AllocationError(f"{path} is not a text in UTF-8: save it as one.") from error


def parse_request(text: str) -> Request:
    """The request in a JSON text: an object of `baseline`, `target_share`, `money` and `parameters`.

    Numbers are read as decimals, digit by digit. A key that is there twice or is not known, a value that is
    no number, NaN and infinity are refused. `parameters` may be left out; none of them is as if left out. So may
    `notes`, a list of texts, and `synthetic`, true or false.
    """
    found = exact_json(text, AllocationError)
    if not isinstance(found, dict):
        raise AllocationError(f"The file holds {_kind(found)}: it must be an object of {', '.join(KEYS)}.")
    _known(found, KEYS, "The file")
    missing = [key for key in KEYS[:3] if key not in found]
    if missing:
        raise AllocationError(f"The file has no {' and no '.join(missing)}: it needs {', '.join(KEYS[:3])}.")
    return Request(
        _by_area(found, "baseline"),
        _by_area(found, "target_share"),
        _number(found["money"], "money"),
        parameters_of(found.get("parameters")),
        _notes(found.get("notes", [])),
        _switch(found.get("synthetic", False), "synthetic"),
    )


def written(request: Request) -> str:
    """The JSON text of a request without parameters, as `parse_request` reads it; its numbers to 20 places."""

    def digits(value: Decimal) -> str:
        return f"{value:.20f}".rstrip("0").rstrip(".")

    def by_area(values: Mapping[str, Decimal]) -> str:
        return ",\n".join(f"  {json.dumps(area)}: {digits(value)}" for area, value in values.items())

    entries = [
        *([f'"synthetic": {json.dumps(request.synthetic)}'] if request.synthetic else []),
        f'"notes": {json.dumps(list(request.notes), ensure_ascii=False, indent=1)}',
        f'"baseline": {{\n{by_area(request.baseline)}}}',
        f'"target_share": {{\n{by_area(request.target_share)}}}',
        f'"money": {digits(request.money)}',
        '"parameters": {}',
    ]
    return "{" + ",\n ".join(entries) + "}\n"


def parameters_of(given: Any) -> Parameters:
    """The pace of change from a JSON object; what is absent or null sets no limit. Raises `AllocationError`."""
    if given is None:
        return Parameters()
    if not isinstance(given, dict):
        raise AllocationError(f"parameters is {_kind(given)}: it must be an object of {', '.join(NAMES)}.")
    _known(given, NAMES, "parameters")
    read: dict[str, Callable[[Any, str], Any]] = dict.fromkeys(NAMES, _number)
    read |= {"taper": _taper, "no_overshoot": _switch}
    said = {name: value for name, value in given.items() if value is not None}
    return Parameters(**{name: read[name](value, f"parameters, {name}") for name, value in said.items()})


def as_json(found: Allocated) -> dict[str, Any]:
    """A year's answer as JSON has it: money as text to the penny, every other number as a number."""
    return {
        "g0": _share(found.g0),
        "areas": [
            {
                "area": each.area,
                "baseline": f"{each.baseline:.2f}",
                "target": f"{each.target:.2f}",
                "opening_distance": _share(each.opening_distance),
                "growth": _share(each.growth),
                "allocation": f"{each.allocation:.2f}",
                "closing_distance": _share(each.closing_distance),
            }
            for each in found.areas
        ],
    }


def _share(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), _PLACES) + 0.0  # no −0.0


# --- what JSON itself lets through


def _known(found: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    unknown = [key for key in found if key not in keys]
    if unknown:
        raise AllocationError(
            f"{where} has {', '.join(map(repr, unknown))}, which {'is' if len(unknown) == 1 else 'are'} not known: "
            f"it may have {', '.join(keys)}."
        )


def _by_area(found: Mapping[str, Any], key: str) -> dict[str, Decimal]:
    given = found[key]
    if not isinstance(given, dict):
        raise AllocationError(f"{key} is {_kind(given)}: it must be an object of a number for each area.")
    alike: dict[str, str] = {}
    for area in given:
        if not area.strip():
            raise AllocationError(f"{key} has an area without a code: give each area its code.")
        other = alike.setdefault(area.strip().upper(), area)
        if other != area:
            raise AllocationError(
                f"{key} has {other!r} as {told(given[other])} and {area!r} as {told(given[area])}, which differ in "
                "spaces or capitals alone: keep one."
            )
    return {area: _number(value, f"{key}, {area}") for area, value in given.items()}


def _number(value: Any, where: str) -> Decimal:
    if not isinstance(value, Decimal):
        raise AllocationError(f"{where}: {told(value)} is {_kind(value)}, and must be a number.")
    return value


def _notes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise AllocationError(f"notes: {told(value)} must be a list of texts.")
    return tuple(value)


def _switch(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise AllocationError(f"{where}: {told(value)} is {_kind(value)}, and must be true or false.")
    return value


def _taper(value: Any, where: str) -> tuple[Decimal, Decimal]:
    if not isinstance(value, list) or len(value) != 2:
        raise AllocationError(
            f"{where}: {told(value)} must be a list of two distances over target, [u0, u1]: such as [0.05, 0.10]."
        )
    return _number(value[0], where), _number(value[1], where)


def _kind(value: Any) -> str:
    kinds: dict[type, str] = {
        bool: "true or false",
        str: "a text",
        list: "a list",
        dict: "an object",
        Decimal: "a number",
        type(None): "null",
    }
    return kinds.get(type(value), "of another kind")
