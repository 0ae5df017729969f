"""What the codes in a result are called: names from the register and the standard's code lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from speccom.contracts import schemas
from speccom.period import FinancialYear, Month
from speccom.register import Register

NOT_RESOLVED = "Not resolved"
NOT_KNOWN = "Not in the register"

Names = Callable[[Register], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that results can be grouped by.

    `columns` are those of `measured.sql` that tell its groups apart, `names` gives a name for each code,
    and `none` is what the group without a code is called.
    """

    columns: tuple[str, ...]
    names: Names
    none: str = NOT_RESOLVED


def _organisations(register: Register) -> Mapping[str, str]:
    return {code: organisation.name for code, organisation in register.organisations.items()}


def _programmes(register: Register) -> Mapping[str, str]:
    return {line.programme: line.programme for line in register.lines.values() if line.programme}


def _services(register: Register) -> Mapping[str, str]:
    return {ref: service.name for ref, service in register.services.items()}


def _service_lines(register: Register) -> Mapping[str, str]:
    return {code: line.name for code, line in register.lines.items()}


def _providers(register: Register) -> Mapping[str, str]:
    return {code: provider.name for code, provider in register.providers.items()}


def _points_of_delivery(_: Register) -> Mapping[str, str]:
    return {code: each.description or code for code, each in schemas.points_of_delivery().items()}


def _arrangements(_: Register) -> Mapping[str, str]:
    return {
        "national": "National: NHS England, before joint working",
        "joint": "Joint: NHS England with the area's boards",
        "delegated": "Delegated to integrated care boards",
        "retained": "Retained by NHS England",
    }


def _months(_: Register) -> Mapping[str, str]:
    return {}  # named by `months_of`, from the calendar


DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        "commissioner": Dimension(("commissioner",), _organisations),
        "icb": Dimension(("icb",), _organisations),
        "region": Dimension(("region",), _organisations),
        "programme": Dimension(("programme",), _programmes, "Not a line of any programme"),
        "service": Dimension(("service",), _services, "Not a line of any prescribed service"),
        "service_line": Dimension(("service_line",), _service_lines, "No service line stated"),
        "provider": Dimension(("provider",), _providers),
        "month": Dimension(("financial_year", "month"), _months),
        "point_of_delivery": Dimension(("point_of_delivery",), _points_of_delivery, "Not stated"),
        "arrangement": Dimension(("arrangement",), _arrangements, "Not specialised commissioning"),
    }
)
ALIASES: Mapping[str, str] = MappingProxyType({"pod": "point_of_delivery"})


def columns_of(by: Sequence[str]) -> list[str]:
    """The columns of `measured.sql` by which some dimensions group."""
    return [column for name in by for column in DIMENSIONS[name].columns]


def in_order(columns: Sequence[str]) -> str:
    """An order by columns that every engine reads alike: rows without a code come last."""
    return "order by " + ", ".join(f"{column} nulls last" for column in columns)


def named(found: pa.Table, by: Sequence[str], register: Register) -> pa.Table:
    """A result with each dimension's code and `<dimension>_name` first; a group without a code gets ''.

    Columns that are no dimension's keep their place and kind.
    """
    columns: dict[str, pa.ChunkedArray[Any]] = {}
    for name in by:
        codes, names = months_of(found) if name == "month" else _codes_of(found, name, register)
        columns[name] = pa.chunked_array([codes], pa.string())
        columns[f"{name}_name"] = pa.chunked_array([names], pa.string())
    grouped = columns_of(by)
    columns |= {name: found[name] for name in found.column_names if name not in grouped}
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def months_of(found: pa.Table) -> tuple[list[str], list[str]]:
    """The months of rows as codes, `3` or `2025/26 M03` where they span financial years, and in words."""
    pairs = list(zip(found["financial_year"].to_pylist(), found["month"].to_pylist(), strict=True))
    months = {
        (year, month): Month(FinancialYear.parse(str(year)), int(month or 0)) for year, month in set(pairs)
    }
    several = len({month.year for month in months.values()}) > 1
    codes = {
        pair: f"{month.year} M{month.number:02d}" if several else str(month.number)
        for pair, month in months.items()
    }
    names = {pair: f"{month.start:%B %Y}" for pair, month in months.items()}
    return [codes[pair] for pair in pairs], [names[pair] for pair in pairs]


def _codes_of(found: pa.Table, name: str, register: Register) -> tuple[list[str], list[str]]:
    dimension = DIMENSIONS[name]
    names = dimension.names(register)
    codes = [str(code or "") for code in found[name].to_pylist()]
    return codes, [names.get(code, NOT_KNOWN) if code else dimension.none for code in codes]
