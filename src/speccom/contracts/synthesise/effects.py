"""What is planted in a range of made-up years, so that what an analysis finds can be held against it.

Reads the effects from the content tables, and writes and reads the truth beside the files; how an effect
changes what is drawn is `demand`'s to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from speccom.contracts.synthesise import shapes
from speccom.errors import SpeccomError
from speccom.register import Register

# Not a contract file by its ending, so that a directory of files can be received as it is.
TRUTH = "SYNTHETIC_planted.json"
_TABLES = ("planted_trends", "planted_variation", "planted_flows", "planted_volatility")
KINDS = {
    "volume_growth": "lines and patients grow by this share every April",
    "volume_step": "lines and patients are this share more from the month of `start` on",
    "price_drift": "the cost of a case grows by this share every April, beside the other services",
    "national_total": "what the whole of a year costs grows by this share every April",
    "access": "patients per head are this many times what they would be",
    "intensity": "cost per patient is this many times what it would be",
    "need_gradient": "patients per head go with this power of the area's core need index",
    "access_spread": "standard deviation, between areas, of the logarithm of patients per head",
    "intensity_spread": "standard deviation, between areas, of the logarithm of cost per patient",
    "redirect": "this share of the area's lines goes to `provider`, whatever the distance",
    "provider_years": "a provider's volumes vary between years with a squared variation of 1 / this",
    "case_cost": "coefficient of variation of the cost of a case within a point of delivery",
}


class PlantedError(SpeccomError):
    """A directory without a truth to read; the message says what would have one."""

    code = "planted"


@dataclass(frozen=True, slots=True)
class Effect:
    """One planted effect.

    `size` means what KINDS says of `kind`. `service_lines` is a pattern of names of service lines; `area`
    a board's code as it was before the reorganisation of April 2026, or `all`; `start` the day from which
    a step holds; `provider` where a flow goes. `basis` says that all of it is a synthetic assumption.
    """

    table: str
    kind: str
    service_lines: str
    area: str
    size: float
    start: date | None
    provider: str
    basis: str

    def concerns(self, name: str) -> bool:
        """Whether a service line of that name has the effect."""
        return bool(self.service_lines) and re.search(self.service_lines, name, re.IGNORECASE) is not None


@cache
def planted_effects() -> tuple[Effect, ...]:
    """Every effect of the content tables, whatever the years; a single year is made without any of them."""
    return tuple(
        Effect(
            table,
            row["kind"],
            row["service_lines"],
            row.get("area") or "all",
            float(row["size"]),
            date.fromisoformat(row["from"]) if row.get("from") else None,
            row.get("provider") or "",
            row["basis"],
        )
        for table in _TABLES
        for row in shapes.rows(table)
    )


def of_kind(*kinds: str) -> list[Effect]:
    return [effect for effect in planted_effects() if effect.kind in kinds]


def turnover(change: str) -> float:
    """The share of people whose home or whose self changes each year: `moves_home` or `stops`."""
    return next(float(row["share"]) for row in shapes.rows("turnover") if row["change"] == change)


@cache
def returning(name: str) -> float:
    """The share of a service line's people who are its people the next year too, by its name."""
    return next(
        float(row["share"])
        for row in shapes.rows("returning")
        if re.search(row["service_lines"], name, re.IGNORECASE)
    )


def write_truth(
    directory: Path, register: Register, arguments: dict[str, Any], years: Sequence[dict[str, Any]]
) -> None:
    """Write what is planted beside the files; `years` say what each year came to."""
    content = {
        "synthetic": True,
        "note": "Planted in made-up files by Speccom: no figure here is anybody's, all are assumptions.",
        "arguments": arguments,
        "years": list(years),
        "turnover": {row["change"]: float(row["share"]) for row in shapes.rows("turnover")},
        "effects": [_stated(effect, register) for effect in planted_effects()],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (directory / TRUTH).write_text(f"{text}\n", encoding="utf-8")


def planted(directory: Path) -> dict[str, Any]:
    """The truth beside made-up files of several years.

    `effects` are the effects, each with the codes of its service lines and its `size`; `years` have lines
    and pence; `turnover` the shares of people who move home or stop. Raises `PlantedError` without one.
    """
    try:
        found: dict[str, Any] = json.loads((directory / TRUTH).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlantedError(
            f"Nothing is planted in {directory}: it has no {TRUTH}. Effects are planted in a range of years: "
            "speccom synthesise DIR --year 2022/23-2025/26 --lines N."
        ) from None
    except (OSError, ValueError) as error:
        raise PlantedError(f"{directory / TRUTH} cannot be read ({error}): make the files again.") from error
    return found


def _stated(effect: Effect, register: Register) -> dict[str, Any]:
    codes = [code for code, line in sorted(register.lines.items()) if effect.concerns(line.name)]
    return {
        "kind": effect.kind,
        "meaning": KINDS[effect.kind],
        "size": effect.size,
        "service_lines": "all" if effect.service_lines in ("", ".") else codes,
        "area": effect.area,
        "start": effect.start.isoformat() if effect.start else None,
        "provider": effect.provider or None,
        "table": effect.table,
        "basis": effect.basis,
    }
