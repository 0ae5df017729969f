"""Deprivation of small areas and boards, as imported, and how many people live in each fifth of England."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from speccom.places.lists import (
    AreaFile,
    AreaListError,
    Imported,
    areas,
    boards,
    file_of,
    lacking,
    load,
    read,
    save,
)
from speccom.places.populations import PopulationTable, heirs_on, imported_population, on_boundaries
from speccom.register import Register
from speccom.workspace import Workspace

_SMALL = ["imd_rank", "imd_decile"]
_BOARD = ["imd_average_rank", "imd_average_score"]
_FIELDS: list[pa.Field[Any]] = [
    pa.field("area", pa.string()),
    pa.field("quintile", pa.int64()),
    pa.field("persons", pa.int64()),
]
QUINTILE_POPULATION = pa.schema(_FIELDS)


VINTAGES = {"lsoa21": "2021", "lsoa11": "2011"}
"""The sorts of small area, the later first, each with the census that drew them."""
LISTS = {
    "deprivation": "the Index of Multiple Deprivation by LSOA",
    "population": "people by LSOA and age",
    "lsoa-areas": "the board of each LSOA",
}
"""What deprivation by small area needs, each in words; boards need the last, England does not."""


@dataclass(frozen=True, eq=False)
class SmallAreas:
    """The small areas (LSOAs) of one census that have both people and a fifth of deprivation.

    `table`: lsoa, quintile (1 the most deprived), area (the board of a date; null where no look-up of boards was
    imported, or where the board was split). `population`: that of `imported_population`. `split`: boards that were
    divided, with their successors. `files`: the file of each list, by its kind. `without`: people of LSOAs
    that the index of deprivation lacks.
    """

    sort: str
    table: pa.Table
    population: pa.Table
    split: dict[str, list[str]]
    files: dict[str, str]
    without: int

    @property
    def census(self) -> str:
        return VINTAGES[self.sort]

    @property
    def by_board(self) -> bool:
        return "lsoa-areas" in self.files


def lists_held(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """For each of `LISTS` the censuses whose LSOAs it was imported for, the later first."""
    return {
        kind: tuple(
            census for sort, census in VINTAGES.items() if load(workspace, f"{kind}-{sort}") is not None
        )
        for kind in LISTS
    }


def small_areas(workspace: Workspace, register: Register, on: date) -> list[SmallAreas]:
    """The small areas of each census for which people and deprivation were imported, the later first."""
    return [found for sort in VINTAGES if (found := _small_areas(workspace, register, on, sort)) is not None]


def _small_areas(workspace: Workspace, register: Register, on: date, sort: str) -> SmallAreas | None:
    held = {kind: load(workspace, f"{kind}-{sort}") for kind in LISTS}
    people, deprived, placed = held["population"], held["deprivation"], held["lsoa-areas"]
    if people is None or deprived is None:
        return None
    homes: dict[str, str] = {}
    if placed is not None:
        homes = {row["lsoa"]: row["area"] for row in placed.to_pylist()}
    heirs, split = heirs_on(register, dict.fromkeys(homes.values()), on)
    # Of a board that took part of a split one the rest of its people is not known: it is left open as a whole.
    partial = {successor for successors in split.values() for successor in successors}
    whole = {area: heir for area, heir in heirs.items() if heir not in partial}
    lived_in = {str(lsoa) for lsoa in people["area"].unique().to_pylist()}
    fifths: dict[str, int] = {row["area"]: row["quintile"] for row in deprived.to_pylist()}
    codes = [lsoa for lsoa in fifths if lsoa in lived_in]
    table = pa.table(
        {
            "lsoa": pa.array(codes, pa.string()),
            "quintile": pa.array([fifths[lsoa] for lsoa in codes], pa.int64()),
            "area": pa.array([whole.get(homes.get(lsoa, "")) for lsoa in codes], pa.string()),
        }
    )
    files = {kind: file_of(each) for kind, each in held.items() if each is not None}
    return SmallAreas(sort, table, people, split, files, _without(people, lived_in - fifths.keys()))


def _without(people: pa.Table, lacking: set[str]) -> int:
    """People of some LSOAs, each once where both sexes and all persons are given."""
    if not lacking:
        return 0
    rows = people.filter(pc.is_in(people["area"], pa.array(sorted(lacking), pa.string())))
    by_sex = {
        row["sex"]: row["persons_sum"]
        for row in rows.group_by("sex").aggregate([("persons", "sum")]).to_pylist()
    }
    apart = [count for sex, count in by_sex.items() if sex in ("male", "female")]
    return sum(apart) if apart else sum(by_sex.values())


def import_deprivation(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import the index of multiple deprivation: `IMD_rank` and `IMD_decile` by LSOA (rank 1 and decile 1 are
    the most deprived), or `imd_average_rank` and `imd_average_score` by board.

    Takes the place of the list of the same sort of area. Raises `AreaListError`.
    """
    file = read(path)
    sort, codes = areas(file, register)
    wanted = _BOARD if sort == "icb" else _SMALL
    if not set(wanted) <= set(file.header):
        raise lacking(file, wanted, "deprivation by board" if sort == "icb" else "deprivation by LSOA")
    _once(file, codes)
    save(
        workspace, f"deprivation-{sort}", file, _boards(file, codes) if sort == "icb" else _small(file, codes)
    )
    return Imported(len(codes), sort, file.name)


def deprivation(workspace: Workspace, sort: str = "lsoa21") -> pa.Table | None:
    """By LSOA (`lsoa21`, `lsoa11`): area, rank, decile, quintile (1 the most deprived fifth of England's LSOAs).
    By board (`icb`): area, average_rank, average_score (higher is more deprived)."""
    return load(workspace, f"deprivation-{sort}")


def import_lsoa_areas(workspace: Workspace, register: Register, path: Path) -> Imported:
    """Import which board each LSOA lies in. Raises `AreaListError`."""
    file = read(path)
    sort, codes = areas(file, register)
    if sort == "icb":
        raise lacking(file, ["lsoa21_code"], "a look-up of small areas")
    _once(file, codes)
    save(workspace, f"lsoa-areas-{sort}", file, pa.table({"lsoa": codes, "area": boards(file, register)}))
    return Imported(len(codes), sort, file.name)


def lsoa_areas(workspace: Workspace, sort: str = "lsoa21") -> pa.Table | None:
    """Each LSOA with its board: lsoa, area (ODS code)."""
    return load(workspace, f"lsoa-areas-{sort}")


def quintile_population(workspace: Workspace, register: Register, on: date) -> PopulationTable:
    """People by board of a date and quintile of deprivation (1 the most deprived): area, quintile, persons.

    Needs population, deprivation and the look-up of boards for LSOAs of one census; the later that has all
    three is taken. Raises `AreaListError` where none has, or where one list lacks an LSOA of the population.
    """
    for sort in VINTAGES:
        people, deprived, placed = (
            imported_population(workspace, sort),
            deprivation(workspace, sort),
            lsoa_areas(workspace, sort),
        )
        if people is not None and deprived is not None and placed is not None:
            return on_boundaries(_quintiles(people, deprived, placed), register, on)
    raise AreaListError(
        "People by deprivation need population, deprivation and lsoa-areas for LSOAs of the same census "
        "(2011 or 2021): import the one that is missing with `speccom reference import`."
    )


def _quintiles(people: pa.Table, deprived: pa.Table, placed: pa.Table) -> pa.Table:
    by_sex = {"male", "female"} & set(people["sex"].to_pylist())
    quintiles: dict[str, int] = {row["area"]: row["quintile"] for row in deprived.to_pylist()}
    homes: dict[str, str] = {row["lsoa"]: row["area"] for row in placed.to_pylist()}
    sums: dict[tuple[str, int], int] = {}
    totals = people.group_by(["area", "sex"]).aggregate([("persons", "sum")]).to_pylist()
    for row in totals:
        if by_sex and row["sex"] == "persons":  # both sexes are there beside each: count nobody twice
            continue
        lsoa = row["area"]
        if lsoa not in quintiles or lsoa not in homes:
            what = "deprivation" if lsoa not in quintiles else "look-up of boards"
            raise AreaListError(
                f"{lsoa} has a population but is not in the {what}: import lists of one census."
            )
        key = (homes[lsoa], quintiles[lsoa])
        sums[key] = sums.get(key, 0) + row["persons_sum"]
    rows = [{"area": area, "quintile": fifth, "persons": sums[area, fifth]} for area, fifth in sorted(sums)]
    return pa.Table.from_pylist(rows, QUINTILE_POPULATION)


def _small(file: AreaFile, codes: list[str]) -> pa.Table:
    ranks, deciles = [], []
    for number, row in file.rows:
        ranks.append(file.whole(number, row, "imd_rank"))
        deciles.append(file.whole(number, row, "imd_decile"))
        if not 1 <= deciles[-1] <= 10:
            raise file.refuse(number, "imd_decile", f"{deciles[-1]} is no decile from 1 to 10; correct it.")
    quintiles = [(decile + 1) // 2 for decile in deciles]
    return pa.table({"area": codes, "rank": ranks, "decile": deciles, "quintile": quintiles})


def _boards(file: AreaFile, codes: list[str]) -> pa.Table:
    average_rank, average_score = (
        [file.number(number, row, field) for number, row in file.rows] for field in _BOARD
    )
    return pa.table({"area": codes, "average_rank": average_rank, "average_score": average_score})


def _once(file: AreaFile, codes: list[str]) -> None:
    seen: set[str] = set()
    for code, (number, _) in zip(codes, file.rows, strict=True):
        if code in seen:
            raise AreaListError(f"{file.name}, row {number}: {code} is there twice; keep one of the two.")
        seen.add(code)
