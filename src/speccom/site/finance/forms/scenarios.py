"""Reads a new scenario from a form: one to start from, its parameters, the changes to keep and those to add."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from speccom.finance.scenarios import Scenario, ScenarioError, parse
from speccom.finance.scenarios.file import LARGEST, written
from speccom.site.explore.forms import AskedWrong

LIMITS = ("k", "cmax", "deadband", "gmin", "gmax", "floor")
LONGEST = 2000
FIELDS = (
    "start",
    "name",
    "about",
    "years",
    "growth",
    *LIMITS,
    "no_overshoot",
    "move",
    "lines",
    "areas",
    "move_on",
    "boards",
    "into",
    "into_name",
    "merge_on",
)
_PERCENT = re.compile(r"[-−+]?[0-9]{1,4}(\.[0-9]{1,6})?")


def said(posted: QueryDict) -> dict[str, str]:
    """Every field as it was written. Raises `AskedWrong` for one that is longer than any answer."""
    found = {name: posted.get(name, "").replace("\x00", " ").strip() for name in FIELDS}
    long = next((name for name, value in found.items() if len(value) > LONGEST), None)
    if long is not None:
        raise AskedWrong(f"{long} has {len(found[long]):,} characters: use {LONGEST:,} or fewer.")
    return found


def starting(start: Scenario, name: str) -> dict[str, str]:
    """The fields as a scenario to start from has them; `name` is what its address is made of."""
    pace = {name: _as_percent(getattr(start.pace, name)) for name in LIMITS}
    return {
        **dict.fromkeys(FIELDS, ""),
        **pace,
        "start": name,
        "name": f"{start.name}, changed"[:120],
        "about": "",
        "years": str(start.years),
        "growth": _as_percent(start.growth[0]) if start.growth else "",
        "no_overshoot": "yes" if start.pace.no_overshoot else "",
        "move": "delegate",
    }


def pasted(posted: QueryDict) -> Scenario | None:
    """The scenario of a whole file, where one was pasted."""
    text = posted.get("file", "")
    if len(text) > LARGEST:
        raise ScenarioError(f"The file has {len(text):,} characters: a scenario has at most {LARGEST:,}.")
    return parse(text) if text.strip() else None


def scenario(fields: Mapping[str, str], keep: list[str], start: Scenario) -> Scenario:
    """The scenario that the form says. Raises `ScenarioError` and `AskedWrong`, naming the field."""
    told: dict[str, Any] = json.loads(start.canonical, parse_float=Decimal, parse_int=Decimal)
    changes = [each for nth, each in enumerate(told["changes"], start=1) if str(nth) in keep]
    told |= {
        "name": fields["name"],
        "about": fields["about"],
        "years": Decimal(_number(fields["years"], "Years")),
        "money": {"growth": _share(fields["growth"], "Growth of the money")}
        if fields["growth"]
        else told["money"],
        "pace": _pace(fields, told["pace"]),
        "changes": [*changes, *_added(fields)],
    }
    return parse(written(told))


def _pace(fields: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    pace: dict[str, Any] = {name: _share(fields[name], name) for name in LIMITS if fields[name]}
    if "taper" in before and "gmin" in pace:
        pace["taper"] = before["taper"]
    if fields["no_overshoot"]:
        pace["no_overshoot"] = True
    return pace


def _added(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if fields["lines"]:
        areas = [each.upper() for each in _words(fields["areas"])]
        found.append(
            {
                "change": fields["move"] if fields["move"] in ("delegate", "retain") else "delegate",
                "lines": _words(fields["lines"]),
                "areas": "all" if not areas or areas == ["ALL"] else areas,
                "on": fields["move_on"],
            }
        )
    if fields["boards"]:
        merged = {
            "change": "merge",
            "boards": [each.upper() for each in _words(fields["boards"])],
            "into": fields["into"].upper(),
            "on": fields["merge_on"],
        }
        found.append(merged | ({"name": fields["into_name"]} if fields["into_name"] else {}))
    return found


def _words(value: str) -> list[str]:
    """Texts with commas or lines between them."""
    return [each.strip() for each in re.split(r"[,;\n]", value) if each.strip()]


def _share(value: str, name: str) -> Decimal:
    digits = value.removesuffix("%").strip()
    if not _PERCENT.fullmatch(digits):
        raise AskedWrong(f"{name} is {value[:40]!r}: give a number of percent, such as 1 or 0.5.")
    return Decimal(digits.replace("−", "-")) / 100


def _number(value: str, name: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        raise AskedWrong(f"{name} is {value[:40]!r}: give a whole number.")
    return int(value)


def _as_percent(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{(value * 100).normalize():f}"
    return "0" if text in ("-0", "") else text
