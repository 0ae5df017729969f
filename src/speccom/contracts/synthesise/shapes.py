"""What made-up files should look like: the content tables of the generator, read and typed."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from speccom import content
from speccom.contracts.schemas import points_of_delivery

PEOPLE = ("infant", "child", "woman", "man")
# How the lines of a service fall on people; `all` is mostly adults, as specialised care is.
PEOPLE_MIX: dict[str, tuple[float, float, float, float]] = {
    "infant": (1.0, 0.0, 0.0, 0.0),
    "child": (0.1, 0.9, 0.0, 0.0),
    "woman": (0.0, 0.0, 1.0, 0.0),
    "man": (0.0, 0.0, 0.0, 1.0),
    "adult": (0.0, 0.0, 0.5, 0.5),
    "all": (0.01, 0.15, 0.42, 0.42),
}


@dataclass(frozen=True, slots=True)
class LineShape:
    """How lines of a service look: where, on whom, how often, with which treatment functions and HRGs."""

    shape: str
    people: str
    centres: int
    reach: str
    roles: frozenset[str]
    volume: float
    treatment_functions: tuple[str, ...]
    tariff_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One point of delivery of a shape: share of lines, cost in pounds (a day, if `per_day`), mean stay."""

    shape: str
    code: str
    weight: float
    cost: float
    per_day: bool
    stay: float
    weekdays: bool
    tariff_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Lines that share a sum of money and a payer: `step` says who pays where no service line does."""

    name: str
    data_set: str
    lines: float
    pounds_a_year: int
    step: str
    category: str
    service_codes: tuple[str, ...]
    look: LineShape | None


@dataclass(frozen=True, slots=True)
class ProviderShape:
    """What kind of provider a trust is, told from its name, and how big beside others of its kind."""

    role: str
    size: float
    service_lines: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Item:
    """An excluded drug or device; `national_service` where it is funded nationally."""

    name: str
    code: str
    service_lines: re.Pattern[str] | None
    national_service: str
    national_category: str
    weight: float
    price: float
    quantity: int
    strength: str
    unit: str
    route: str
    dispensing_route: str


def line_shape(name: str) -> LineShape:
    """The look of a service line, by the first pattern that its name matches."""
    return next(look for pattern, look in _line_shapes() if pattern.search(name))


def provider_shape(name: str) -> ProviderShape:
    """The look of a provider, by the first pattern that its name matches."""
    return next(look for pattern, look in _provider_shapes() if pattern.search(name))


@cache
def deliveries() -> tuple[Delivery, ...]:
    return tuple(
        Delivery(
            row["shape"],
            row["point_of_delivery"],
            float(row["weight"]),
            float(row["cost"]),
            row["per_day"] == "yes",
            float(row["stay"]),
            row["weekdays"] == "yes",
            tuple(row["tariff_codes"].split()),
        )
        for row in rows("points_of_delivery")
    )


@cache
def pools() -> tuple[Pool, ...]:
    return tuple(
        Pool(
            row["pool"],
            row["data_set"],
            float(row["lines"]),
            int(row["pounds_a_year"]),
            row["step"],
            row["category"],
            tuple(row["service_codes"].split()),
            _look({**row, "reach": "local", "centres": "400", "volume": "1"}) if row["roles"] else None,
        )
        for row in rows("pools")
    )


@cache
def items(name: str) -> tuple[Item, ...]:
    """The `drugs` or the `devices`."""
    return tuple(
        Item(
            row[name.removesuffix("s")],
            row["code"],
            re.compile(row["service_lines"], re.IGNORECASE) if row["service_lines"] else None,
            row.get("national_service", ""),
            row.get("national_category", ""),
            float(row["weight"]),
            float(row["price"]),
            int(row["quantity"]),
            row.get("strength") or row.get("size", ""),
            row.get("unit", ""),
            row.get("route", ""),
            row.get("dispensing_route", ""),
        )
        for row in rows(name)
    )


@cache
def all_items() -> tuple[Item, ...]:
    """The drugs, then the devices."""
    return (*items("drugs"), *items("devices"))


@cache
def shape_names() -> tuple[str, ...]:
    return tuple(sorted({look.shape for look in deliveries()}))


def non_activity(point_of_delivery: str) -> bool:
    """Whether a point of delivery is money without care."""
    return points_of_delivery()[point_of_delivery].non_activity


@cache
def non_activity_codes() -> frozenset[str]:
    return frozenset(code for code, row in points_of_delivery().items() if row.non_activity)


def data_set_shares() -> dict[str, float]:
    """The share of patient-level lines in each of the three patient-level sets."""
    held = {row["data_set"]: float(row["lines"]) for row in rows("data_sets")}
    return {name: count / sum(held.values()) for name, count in held.items()}


def season(month: int) -> float:
    return float(rows("season")[month - 1]["factor"])


def fraction(*of: object) -> float:
    """A number in (0, 1) that belongs to a name and not to a seed: a line is as big in every made-up year."""
    digest = hashlib.sha256("\x1f".join(map(str, of)).encode()).digest()
    return (int.from_bytes(digest[:7]) + 0.5) / 2**56


def lognormal(sigma: float, *of: object) -> float:
    """A positive number around 1 that belongs to a name."""
    return math.exp(sigma * NormalDist().inv_cdf(fraction(*of)))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one content file."""
    return tuple(content.rows(__package__, name))


@cache
def _line_shapes() -> tuple[tuple[re.Pattern[str], LineShape], ...]:
    return tuple((re.compile(row["pattern"], re.IGNORECASE), _look(row)) for row in rows("line_shapes"))


def _look(row: dict[str, str]) -> LineShape:
    return LineShape(
        row["shape"],
        row["people"],
        int(row["centres"]),
        row["reach"],
        frozenset(row["roles"].split()),
        float(row["volume"]),
        tuple(row["treatment_functions"].split()),
        tuple(row["tariff_codes"].split()),
    )


@cache
def _provider_shapes() -> tuple[tuple[re.Pattern[str], ProviderShape], ...]:
    return tuple(
        (
            re.compile(row["pattern"], re.IGNORECASE),
            ProviderShape(
                row["role"],
                float(row["size"]),
                re.compile(row["service_lines"], re.IGNORECASE) if row["service_lines"] else None,
            ),
        )
        for row in rows("provider_shapes")
    )
