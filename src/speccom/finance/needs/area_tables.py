"""Makes the area table of a need model from the ledger and imported lists: outcome, people, expected, deprivation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.finance.needs.model_file import NeedsError
from speccom.finance.needs.supply import SUPPLY, Point, supply
from speccom.insight.opened import Opened, opened
from speccom.insight.result import Column, Gap, Result, described
from speccom.period import FinancialYear
from speccom.places.deprivation import deprivation, lsoa_areas
from speccom.places.populations import imported_population, population
from speccom.spreadsheets import csv_parts
from speccom.workspace import Workspace, write_atomically

KINDS = ("icb", "lsoa")
NOT_FOR_PUBLICATION = (
    "This table holds numbers of patients of small areas: it is for the model and not for publication."
)
_SEXES = {"1": "male", "2": "female"}
_OLD, _VERY_OLD = 65, 75
_Group = tuple[str, str]  # age band and sex; no sex where people are not given by sex


@dataclass(frozen=True, eq=False)
class _People:
    """People of each area by group, the bands as (name, first age, age below which), and where they were read."""

    sort: str
    by_area: Mapping[str, Mapping[_Group, int]]
    bands: Sequence[tuple[str, int, int]]
    by_sex: bool
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class _Seen:
    """What the ledger has of one area: patients and pounds, and both by group where age (and sex) are stated."""

    patients: int = 0
    cost: Decimal = Decimal(0)
    by_group: dict[_Group, tuple[int, Decimal]] = field(default_factory=dict)


def area_table(
    workspace: Workspace,
    lines: str,
    year: FinancialYear | None = None,
    by: str = "icb",
    *,
    supplied: Sequence[str] = (),
    points: Mapping[str, Point] | None = None,
) -> Result:
    """A row for each board (`icb`) or small area (`lsoa`) that has an imported population, for a need model.

    Columns: area, board, region; population; patients and cost (£); expected_patients and expected_cost: what its
    people would have at the rates by age (and sex, where people are given by sex) of all areas together;
    share_65_plus, share_75_plus; and deprivation: `deprivation_score` of boards, or of small areas
    `deprivation`, the share of England's small areas that are less deprived, 0 to 1. Then the columns of
    `supply.SUPPLY` that `supplied` names, for which `points` are (longitude, latitude) of areas. Raises `NeedsError`,
    `LedgerError` and `AreaListError` where something is not there.
    """
    if by not in KINDS:
        raise NeedsError(f"{by!r} is no kind of area: choose from {', '.join(KINDS)}.")
    with opened(workspace, lines, [year] if year else None) as asked:
        people = _people(asked, by)
        asked.engine.register(
            "age_band",
            pa.table(
                {
                    "band": pa.array([band for band, _, _ in people.bands], pa.string()),
                    "lower": pa.array([lower for _, lower, _ in people.bands], pa.int64()),
                    "below": pa.array([below for _, _, below in people.bands], pa.int64()),
                }
            ),
        )
        run_steps(asked.engine, __package__, ["need_people", "need_cells"])
        cells = asked.engine.fetch("select * from need_cells").to_pylist()
        seen, gaps = _seen(cells, people, by)
        return _table(asked, people, seen, [*asked.gaps, *people.gaps, *gaps], by, supplied, points)


def starting_model(result: Result, areas: str, lines: str, year: str, by: str) -> dict[str, Any]:
    """A model file for such a table, to be filled in: deprivation as need, and as supply what columns there are."""
    deprived = "deprivation_score" if by == "icb" else "deprivation"
    columns: dict[str, Any] = {
        "area": "area",
        "outcome": "cost",
        "population": "population",
        "people": "patients",
        "board": "board",
        "region": "region",
        "deprivation": deprived,
        "need": [deprived],
        "supply": [name for name in result.table.column_names if name in SUPPLY],
    }
    if not result.table["expected_cost"].null_count:
        columns["expected"] = "expected_cost"
    if by == "lsoa":
        columns["cluster"] = "board"
    return {
        "name": f"Need for {lines}, {year}, by {by}",
        "service": lines,
        "year": year,
        "areas": areas,
        "form": "weighted",
        "unit": "£",
        "synthetic": result.synthetic,
        "sources": list(result.notes),
        "columns": columns,
    }


def write_area_table(directory: Path, result: Result, model: Mapping[str, Any]) -> None:
    """Write `areas.csv` and `model.json`; a model file that is there already is the user's and stays."""
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / "areas.csv", "".join(csv_parts(result.table)).encode())
    path = directory / "model.json"
    if not path.exists():
        write_atomically(path, (json.dumps(model, indent=2, ensure_ascii=False) + "\n").encode())


# --- people


def _people(asked: Opened, by: str) -> _People:
    if by == "icb":
        held = population(asked.workspace, asked.register, asked.on)
        gaps = tuple(
            Gap(each.area, "row of its own", f"it was split and is not placed: {each.said}")
            for each in held.gaps
        )
        return _grouped("icb", held.table.to_pylist(), gaps)
    for sort in ("lsoa21", "lsoa11"):
        table = imported_population(asked.workspace, sort)
        if table is not None:
            return _grouped(sort, table.to_pylist(), ())
    raise NeedsError(
        "No population of small areas is imported: speccom reference import population FILE, with a column "
        "lsoa21_code or lsoa11_code; or make the table by board (--by icb)."
    )


def _grouped(sort: str, rows: Sequence[Mapping[str, Any]], gaps: tuple[Gap, ...]) -> _People:
    by_sex = any(row["sex"] in ("male", "female") for row in rows)
    by_area: dict[str, dict[_Group, int]] = {}
    for row in rows:
        if by_sex and row["sex"] not in ("male", "female"):
            continue  # both sexes are there beside each: count nobody twice
        own = by_area.setdefault(row["area"], {})
        group = (row["band"], row["sex"] if by_sex else "")
        own[group] = own.get(group, 0) + row["persons"]
    found = {row["band"]: (row["lower"], 200 if row["upper"] is None else row["upper"] + 1) for row in rows}
    bands = [(band, *ends) for band, ends in sorted(found.items(), key=lambda item: item[1])]
    return _People(sort, dict(sorted(by_area.items())), bands, by_sex, gaps)


# --- what the ledger has


def _seen(cells: Sequence[Mapping[str, Any]], people: _People, by: str) -> tuple[dict[str, _Seen], list[Gap]]:
    seen = {area: _Seen() for area in people.by_area}
    outside, ageless = _Seen(), 0
    for cell in cells:
        own = seen.get(cell["area" if by == "icb" else "lsoa"], outside)
        patients, cost = int(cell["patients"]), Decimal(cell["actual"] or 0)
        own.patients += patients
        own.cost += cost
        sex = _SEXES.get(str(cell["gender"] or ""), "") if people.by_sex else ""
        if cell["band"] is None or (people.by_sex and not sex):
            ageless += patients
            continue
        before = own.by_group.get((cell["band"], sex), (0, Decimal(0)))
        own.by_group[cell["band"], sex] = (before[0] + patients, before[1] + cost)
    gaps = []
    if outside.patients or outside.cost:
        where = "board" if by == "icb" else f"small area ({people.sort})"
        gaps.append(
            Gap(
                f"{outside.patients:,} patients and £{outside.cost:,.2f}",
                "row",
                f"no {where} is known of them that has an imported population",
            )
        )
    if ageless:
        what = "age or no sex" if people.by_sex else "age"
        gaps.append(Gap(f"{ageless:,} patients", "part in expected rates", f"no {what} is stated"))
    if not any(each.cost or each.patients for each in seen.values()):
        raise NeedsError(
            "No patient of the lines asked for is in an area with an imported population"
            + (
                ": import postcodes before receiving, so that records have a small area."
                if by == "lsoa"
                else "."
            )
        )
    return seen, gaps


# --- the table


def _table(
    asked: Opened,
    people: _People,
    seen: Mapping[str, _Seen],
    gaps: list[Gap],
    by: str,
    supplied: Sequence[str],
    points: Mapping[str, Point] | None,
) -> Result:
    areas = list(people.by_area)
    boards, placing = _boards(asked, people, by)
    deprived, without = _deprivation(asked, people, by)
    gaps += [*placing, *without]
    expected = _expected(people, seen)
    lower = {band: first for band, first, _ in people.bands}
    totals = [sum(people.by_area[area].values()) for area in areas]
    near = supply(asked, supplied, points, boards, dict(zip(areas, totals, strict=True)))
    gaps += near.gaps

    def older(than: int) -> list[float | None]:
        return [
            sum(n for (band, _), n in people.by_area[area].items() if lower[band] >= than) / total
            if total
            else None
            for area, total in zip(areas, totals, strict=True)
        ]

    text, real, money = pa.string(), pa.float64(), pa.decimal128(20, 2)
    regions = {code: each.region for code, each in asked.boards.items()}
    means = "a year’s at the rates by age" + (" and sex" if people.by_sex else "") + " of all areas"
    name = "deprivation_score" if by == "icb" else "deprivation"
    table = described(
        {
            "area": (Column("code", "the board" if by == "icb" else "the small area"), areas, text),
            "board": (Column("code", "its board"), [boards.get(area) for area in areas], text),
            "region": (
                Column("code", "its region"),
                [regions.get(boards.get(area) or "") for area in areas],
                text,
            ),
            "population": (Column("people", "as imported"), totals, pa.int64()),
            "patients": (
                Column("people", "distinct patients"),
                [seen[area].patients for area in areas],
                pa.int64(),
            ),
            "cost": (
                Column("£", "patient-level spend on them"),
                [round(seen[area].cost, 2) for area in areas],
                money,
            ),
            "expected_patients": (Column("people", means), [expected[area][0] for area in areas], real),
            "expected_cost": (Column("£", means), [expected[area][1] for area in areas], real),
            "share_65_plus": (Column("share", "of its people who are 65 or older"), older(_OLD), real),
            "share_75_plus": (Column("share", "of its people who are 75 or older"), older(_VERY_OLD), real),
            name: (
                Column(
                    "",
                    "average score of the index of multiple deprivation"
                    if by == "icb"
                    else "share of England’s small areas that are less deprived, by the index’s rank",
                ),
                [deprived.get(area) for area in areas],
                real,
            ),
            **{
                name: (SUPPLY[name], [values.get(area) for area in areas], real)
                for name, values in near.columns.items()
            },
        }
    )
    notes = (*asked.scope(), *_sources(people, by), *near.notes, NOT_FOR_PUBLICATION)
    title = f"Area table for a need model: {asked.lines.name}"
    return Result(title, table, notes, tuple(gaps), asked.synthetic)


def _sources(people: _People, by: str) -> tuple[str, ...]:
    return (
        f"Outcome: patient-level records of the ledger. People: the imported population ({people.sort}). Deprivation: "
        f"the imported index, {'average score of the board' if by == 'icb' else 'rank of the small area'}.",
    )


def _expected(
    people: _People, seen: Mapping[str, _Seen]
) -> dict[str, tuple[float, float] | tuple[None, None]]:
    """Patients and pounds that each area's people would have at the rates of all areas together; none where no
    patient has an age to tell rates by."""
    persons: dict[_Group, int] = {}
    found: dict[_Group, tuple[int, Decimal]] = {}
    for area, groups in people.by_area.items():
        for group, number in groups.items():
            persons[group] = persons.get(group, 0) + number
        for group, (patients, cost) in seen[area].by_group.items():
            before = found.get(group, (0, Decimal(0)))
            found[group] = (before[0] + patients, before[1] + cost)
    rates = {
        group: (found[group][0] / number, float(found[group][1]) / number)
        for group, number in persons.items()
        if number and group in found
    }
    if not rates:
        return dict.fromkeys(people.by_area, (None, None))
    return {
        area: (
            sum(number * rates[group][0] for group, number in groups.items() if group in rates),
            sum(number * rates[group][1] for group, number in groups.items() if group in rates),
        )
        for area, groups in people.by_area.items()
    }


def _boards(asked: Opened, people: _People, by: str) -> tuple[dict[str, str], list[Gap]]:
    if by == "icb":
        return {area: area for area in people.by_area}, []
    placed = lsoa_areas(asked.workspace, people.sort)
    if placed is None:
        why = "which board each lies in is not imported: speccom reference import lsoa-areas FILE"
        return {}, [Gap("Small areas", "board and region", why)]
    rows = placed.to_pylist()
    codes = {str(row["area"]) for row in rows}
    now = {board: asked.register.board_on(board, asked.on) or board for board in codes}
    return {row["lsoa"]: now[row["area"]] for row in rows}, []


def _deprivation(asked: Opened, people: _People, by: str) -> tuple[dict[str, float], list[Gap]]:
    held = deprivation(asked.workspace, people.sort)
    if held is None:
        why = "no index of them is imported: speccom reference import deprivation FILE"
        return {}, [Gap("Boards" if by == "icb" else "Small areas", "deprivation", why)]
    rows = held.to_pylist()
    if by == "icb":
        found = {row["area"]: float(row["average_score"]) for row in rows}
    else:
        most = max(row["rank"] for row in rows)
        found = {row["area"]: (most - row["rank"]) / max(most - 1, 1) for row in rows}
    missing = [area for area in people.by_area if area not in found]
    why = "the imported index has no row of it"
    return found, [Gap(area, "deprivation", why) for area in missing]
