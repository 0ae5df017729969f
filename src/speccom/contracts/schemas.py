"""The four data sets as content: their fields, their code lists, and how a header row tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from speccom import content
from speccom.errors import SpeccomError

DataSet = Literal["ACM", "PLCM", "DrPLCM", "DePLCM"]
DATA_SETS: tuple[DataSet, ...] = get_args(DataSet)
PATIENT_LEVEL: tuple[DataSet, ...] = ("PLCM", "DrPLCM", "DePLCM")

# What people paste into headers without seeing it: byte-order mark, zero-width characters, soft hyphen.
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_GAPS = re.compile(r"[\s_\u00a0]+")
# A header row is known by its words: with fewer known names than this it is no header of ours.
_LEAST_KNOWN_NAMES = 3


class HeaderFault(Exception):
    """A header row from which no data set can be told, or from which two can: a file check and its detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one data set, with how each thing said of it was established.

    `name` is the Data Dictionary's; `column` is the name in checked.parquet or in the checks, empty
    where the field is only kept. `requirement` is M, R or O. The three `basis` fields are `sourced`,
    `inferred`, `recalled` or a phrase that says more; only `sourced` ones may be shown as official.
    """

    data_set: DataSet
    position: int
    section: str
    name: str
    also_named: str
    column: str
    identity: bool
    signature: bool
    requirement: str
    format: str
    rules: str
    order_basis: str
    requirement_basis: str
    format_basis: str

    @property
    def optional(self) -> bool:
        """Whether a file may lack it without a word: optional now, or wanted only by an older version."""
        return self.requirement.startswith("O") or "older version" in self.requirement


@dataclass(frozen=True, slots=True)
class PointOfDelivery:
    """A national point of delivery. Those that are `non_activity` are money without care."""

    code: str
    description: str
    non_activity: bool
    tariff_code_required: bool
    code_basis: str
    description_basis: str


@dataclass(frozen=True, slots=True)
class ServiceCategory:
    """A commissioned service category: who commissions, as the provider sees it."""

    code: str
    meaning: str
    delegated: bool
    owner: str
    basis: str


@cache
def fields(data_set: DataSet) -> tuple[Field, ...]:
    """The fields of one data set, in the standard's order."""
    return tuple(field for field in _all_fields() if field.data_set == data_set)


@cache
def points_of_delivery() -> MappingProxyType[str, PointOfDelivery]:
    rows = (
        PointOfDelivery(**row) for row in _rows("point_of_delivery", "non_activity", "tariff_code_required")
    )
    return MappingProxyType({row.code: row for row in rows})


@cache
def service_categories() -> MappingProxyType[str, ServiceCategory]:
    rows = (ServiceCategory(**row) for row in _rows("service_category", "delegated"))
    return MappingProxyType({row.code: row for row in rows})


@cache
def treatment_functions() -> frozenset[str]:
    return frozenset(row["code"] for row in _rows("treatment_function"))


@cache
def column_names(data_set: DataSet) -> MappingProxyType[str, str]:
    """Our column name to the standard's field name: `cost` is `TOTAL COST`, in ACM the actual price."""
    return MappingProxyType({field.column: field.name for field in fields(data_set) if field.column})


def normalise_header(cell: str) -> str:
    """A header cell as the standard would write it: unseen characters out, gaps single, upper case."""
    return _GAPS.sub(" ", cell.translate(_UNSEEN)).strip().upper()


def standard_names(data_set: DataSet, header: Sequence[str]) -> list[str]:
    """The header's cells in the standard's names; one that the data set does not know stays as it is."""
    renamed = {field.also_named: field.name for field in fields(data_set) if field.also_named}
    return [renamed.get(name, name) for name in map(normalise_header, header)]


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of cells is a header row of any of the four data sets."""
    return len(_known_names() & {normalise_header(cell) for cell in cells}) >= _LEAST_KNOWN_NAMES


def tell_data_set(header: Sequence[str], given: str | None = None) -> DataSet:
    """Which data set a header row belongs to, by its signature fields, else by `given`, else PLCM.

    Raises `HeaderFault` for a row that is no header, for the signatures of two data sets, and where
    `given` contradicts the signature that is there.
    """
    if not is_header(header):
        raise HeaderFault("NO_HEADER")
    names = set(map(normalise_header, header))
    found = {data_set: name for data_set, name in reversed(_signatures()) if name in names}
    if len(found) > 1:
        told = sorted(found, key=DATA_SETS.index)
        shown = " and ".join(f"{data_set} (with {found[data_set]})" for data_set in told)
        raise HeaderFault("TWO_DATA_SETS", f", {shown}")
    if given is not None and found and given not in found:
        ((data_set, name),) = found.items()
        raise HeaderFault("OTHER_DATA_SET", f": it was said to be {given} but has {name} of {data_set}")
    # PLCM is the rest: it has no field that no other data set could carry.
    return cast(DataSet, given) if given else next(iter(found), "PLCM")


def parse_data_set(text: str) -> DataSet:
    """A data set's name in any case."""
    for data_set in DATA_SETS:
        if data_set.upper() == text.strip().upper():
            return data_set
    raise SpeccomError(f"{text!r} is not a data set: choose {', '.join(DATA_SETS)}.", code="data_set")


@cache
def _all_fields() -> tuple[Field, ...]:
    return tuple(
        Field(**{**row, "position": int(row["position"])}) for row in _rows("fields", "identity", "signature")
    )


@cache
def _known_names() -> frozenset[str]:
    return frozenset(name for field in _all_fields() for name in (field.name, field.also_named) if name)


@cache
def _signatures() -> tuple[tuple[DataSet, str], ...]:
    return tuple(
        (field.data_set, name)
        for field in _all_fields()
        if field.signature
        for name in (field.name, field.also_named)
        if name
    )


def _rows(name: str, *flags: str) -> Iterator[dict[str, Any]]:
    """The rows of a content file; the columns named in `flags` say `yes` or nothing."""
    for row in content.rows(__package__, name):
        yield {key: value == "yes" if key in flags else value for key, value in row.items()}
