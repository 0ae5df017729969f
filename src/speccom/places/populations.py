"""People by area and age, as imported, and on the boundaries of a date; never shares out what was split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from speccom.places.lists import AreaFile, AreaListError, Imported, areas, lacking, load, read, save
from speccom.register import Register
from speccom.register.reorganisation import WeightsNeeded, shares_on
from speccom.workspace import Workspace

_BAND = re.compile(r"a(\d+)(?:_(\d+)|(plus))?")
_TOTAL = "all_ages"
_SEXES = ("male", "female", "persons")
_FIELDS: list[pa.Field[Any]] = [
    pa.field("area", pa.string()),
    pa.field("band", pa.string()),
    pa.field("lower", pa.int64()),
    pa.field("upper", pa.int64()),
    pa.field("sex", pa.string()),
    pa.field("persons", pa.int64()),
]
SCHEMA = pa.schema(_FIELDS)


@dataclass(frozen=True, slots=True)
class Band:
    """An age band of a file: its column, and the first and the last age in it; no last age where it is open."""

    label: str
    lower: int
    upper: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A board that was split: who followed it, and how many people cannot be placed without shares."""

    area: str
    successors: tuple[str, ...]
    persons: int

    @property
    def said(self) -> str:
        return (
            f"{self.area} ({self.persons:,} people) was split between {', '.join(self.successors)}; "
            "without the population of each part, theirs is not given."
        )


@dataclass(frozen=True, eq=False)
class PopulationTable:
    """The people of whole boards of a date. Boards that took part of a split one are left out, and `gaps`
    says why: half of a population must not be taken for the whole."""

    table: pa.Table
    gaps: tuple[Gap, ...]


def import_population(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import persons by area and age band: a column of area codes (LSOA, or board by ODS or ONS code), columns
    `a0`, `a1_4`, … `a90plus`, and where they are given `sex` and the total `all_ages`.

    Takes the place of the list of the same sort of area. Raises `AreaListError`.
    """
    file = read(path)
    bands = _bands(file)
    sort, codes = areas(file, register)
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    seen: set[tuple[str, str | None]] = set()
    for code, (number, row) in zip(codes, file.rows, strict=True):
        sex = _sex(file, number, row)
        if (code, sex) in seen:
            raise AreaListError(f"{file.name}, row {number}: {code} is there twice; keep one of the two.")
        seen.add((code, sex))
        persons = [file.whole(number, row, band.label) for band in bands]
        _same_total(file, number, row, sum(persons))
        for band, count in zip(bands, persons, strict=True):
            cells = (code, band.label, band.lower, band.upper, sex, count)
            for name, cell in zip(SCHEMA.names, cells, strict=True):
                columns[name].append(cell)
    save(workspace, f"population-{sort}", file, pa.table(columns, SCHEMA))
    return Imported(len(set(codes)), sort, file.name)


def imported_population(workspace: Workspace, sort: str = "icb") -> pa.Table | None:
    """Persons as imported: area, band, lower, upper (the last age, null where open), sex (or null), persons.

    `sort` is `icb` (codes of the Organisation Data Service), `lsoa11` or `lsoa21`.
    """
    return load(workspace, f"population-{sort}")


def population(workspace: Workspace, register: Register, on: date) -> PopulationTable:
    """The people of the boards of a date, boards that were followed as a whole added up.

    Columns as in `imported_population`. Raises `AreaListError` where no population of boards was imported.
    """
    held = imported_population(workspace)
    if held is None:
        raise AreaListError(
            "No population of boards was imported: run `speccom reference import population FILE`."
        )
    return on_boundaries(held, register, on)


def on_boundaries(held: pa.Table, register: Register, on: date) -> PopulationTable:
    """A table with the columns `area` and `persons`, by the boards of a date and the other columns."""
    heirs, split = heirs_on(register, dict.fromkeys(str(code) for code in held["area"].to_pylist()), on)
    partial = {successor for successors in split.values() for successor in successors}
    sums: dict[tuple[object, ...], int] = {}
    lost = dict.fromkeys(split, 0)
    others = [name for name in held.column_names if name not in ("area", "persons")]
    for row in held.to_pylist():
        if row["area"] in split:
            lost[row["area"]] += row["persons"]
        elif (heir := heirs[row["area"]]) not in partial:
            key = (heir, *(row[name] for name in others))
            sums[key] = sums.get(key, 0) + row["persons"]
    rows = [dict(zip(["area", *others], key, strict=True), persons=count) for key, count in sums.items()]
    gaps = tuple(Gap(area, tuple(split[area]), lost[area]) for area in split)
    return PopulationTable(pa.Table.from_pylist(rows, held.schema.remove_metadata()), gaps)


def heirs_on(
    register: Register, areas: Iterable[str], on: date
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The board of a date that each board became as a whole, and the successors of each that was split."""
    heirs: dict[str, str] = {}
    split: dict[str, list[str]] = {}
    for area in areas:
        try:
            (heirs[area],) = shares_on(register, area, on)
        except WeightsNeeded:
            split[area] = _successors(register, area, on)
    return heirs, split


def _successors(register: Register, area: str, on: date) -> list[str]:
    """The bodies of a date that have any part of what was one's."""
    body = register.organisations[area]
    if body.valid_to is None or on < body.valid_to:
        return [area]
    return sorted(
        {heir for each in register.successors(area, on) for heir in _successors(register, each, on)}
    )


def _bands(file: AreaFile) -> list[Band]:
    """The age bands of a header, which follow on each other from birth to an open end."""
    bands = []
    for name in file.header:
        if found := _BAND.fullmatch(name):
            lower = int(found[1])
            bands.append(Band(name, lower, None if found[3] else int(found[2] or lower)))
    if not bands:
        raise lacking(file, ["a0", "a1_4", "… a90plus"], "a population by age")
    _follow_on(file, bands)
    return bands


def _follow_on(file: AreaFile, bands: Sequence[Band]) -> None:
    wanted: int | None = 0
    for band in sorted(bands, key=lambda band: band.lower):
        if band.lower != wanted:
            raise file.refuse(
                1, band.label, f"begins at {band.lower} where {wanted} comes next; give each age once."
            )
        wanted = None if band.upper is None else band.upper + 1
    if wanted is not None:
        raise AreaListError(f"{file.name}, row 1: no open band for the oldest, such as a90plus; add it.")


def _sex(file: AreaFile, number: int, row: dict[str, str]) -> str | None:
    if "sex" not in row:
        return None
    if row["sex"].lower() not in _SEXES:
        raise file.refuse(number, "sex", f"{row['sex']!r} is none of {', '.join(_SEXES)}.")
    return row["sex"].lower()


def _same_total(file: AreaFile, number: int, row: dict[str, str], persons: int) -> None:
    if _TOTAL in row and (total := file.whole(number, row, _TOTAL)) != persons:
        more = "more" if total > persons else "less"
        raise file.refuse(
            number,
            _TOTAL,
            f"{total:,} is {abs(total - persons):,} {more} than its bands; correct one of them.",
        )
