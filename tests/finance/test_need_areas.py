"""From a ledger and imported lists to the area table of a need model, and on to an index."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.insight.worlds import (
    BARTS,
    LEEDS,
    NORTH_EAST_LONDON,
    WEST_YORKSHIRE,
    ledger,
    many_boards,
    people,
)

from speccom.finance.needs import NeedsError, read_model, work_through
from speccom.finance.needs.area_tables import area_table, starting_model, write_area_table
from speccom.finance.needs.supply import SUPPLY, read_points
from speccom.insight.flows import kilometres
from speccom.insight.result import Result
from speccom.period import FinancialYear
from speccom.places.deprivation import import_deprivation, import_lsoa_areas
from speccom.places.lists import AreaListError
from speccom.places.populations import import_population
from speccom.register import Register
from speccom.workspace import Workspace

HOMES = ["A3A8R", "15F", "93C", "72Q", "91Q", "92G", "99E", "10Q"]


def given(workspace: Workspace, name: str, text: str) -> Path:
    path = workspace.root / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Workspace:
    """Three small areas: 01 has 20 young patients, 02 has 10 old ones and 03 none; one patient lies in no area."""
    rows = [
        *people(NORTH_EAST_LONDON, BARTS, range(1, 21), "100.00", age=30, lsoa="E01000001"),
        *people(NORTH_EAST_LONDON, BARTS, range(30, 40), "400.00", age=80, lsoa="E01000002"),
        *people(NORTH_EAST_LONDON, LEEDS, range(30, 32), "50.00", age=79, lsoa="E01000002"),
        *people(WEST_YORKSHIRE, LEEDS, [99], "7.00", age=50),
    ]
    held = ledger(tmp_path, rows)
    register = Register.load(held)
    text = "lsoa21_code,a0_64,a65plus\nE01000001,900,100\nE01000002,500,500\nE01000003,1000,0\n"
    import_population(held, register, given(held, "people.csv", text))
    text = "lsoa21_code,imd_rank,imd_decile\nE01000001,1,1\nE01000002,2,5\nE01000003,3,10\n"
    import_deprivation(held, register, given(held, "imd.csv", text))
    text = "lsoa21_code,icb24_code_nhs\n" + "".join(f"E0100000{n},QMF\n" for n in (1, 2, 3))
    import_lsoa_areas(held, register, given(held, "areas.csv", text))
    return held


def rows_of(result: Result) -> dict[str, dict[str, object]]:
    return {row["area"]: row for row in result.table.to_pylist()}


def test_small_areas_have_their_patients_pounds_and_what_their_ages_would_have(small: Workspace) -> None:
    result = area_table(small, "all", by="lsoa")
    one, two, three = rows_of(result).values()
    assert (one["patients"], two["patients"], three["patients"]) == (20, 10, 0)
    assert (one["cost"], two["cost"], three["cost"]) == (Decimal(2000), Decimal(4100), Decimal(0))
    young, old = 20 / 2400, 10 / 600  # patients for each person of all three areas
    assert one["expected_patients"] == pytest.approx(900 * young + 100 * old)
    assert three["expected_patients"] == pytest.approx(1000 * young)
    assert one["expected_cost"] == pytest.approx(900 * 2000 / 2400 + 100 * 4100 / 600)
    assert sum(row["expected_cost"] for row in (one, two, three)) == pytest.approx(6100)
    assert [row["deprivation"] for row in (one, two, three)] == [1.0, 0.5, 0.0]
    assert (two["share_65_plus"], two["board"], two["region"]) == (0.5, "QMF", "Y56")
    assert result.synthetic
    assert "1 patients and £7.00" in " ".join(result.said())
    assert "not for publication" in " ".join(result.notes)


def test_rates_are_by_sex_where_people_are_given_by_sex(tmp_path: Path) -> None:
    """Ten men and one woman of a thousand each, and an area of men alone."""
    men = people(NORTH_EAST_LONDON, BARTS, range(10), age=40, gender="1", lsoa="E01000001")
    woman = people(NORTH_EAST_LONDON, BARTS, [20], age=40, gender="2", lsoa="E01000001")
    unsaid = people(NORTH_EAST_LONDON, BARTS, [21], age=40, gender="9", lsoa="E01000001")
    held = ledger(tmp_path, [*men, *woman, *unsaid])
    text = "lsoa21_code,sex,a0plus\n" + "".join(
        f"E0100000{area},{sex},{count}\n"
        for area, sex, count in ((1, "male", 500), (1, "female", 1000), (2, "male", 500))
    )
    import_population(held, Register.load(held), given(held, "by-sex.csv", text))
    result = area_table(held, "all", by="lsoa")
    one, two = rows_of(result).values()
    assert (one["population"], two["population"], one["patients"]) == (1500, 500, 12)
    assert (one["expected_patients"], two["expected_patients"]) == (pytest.approx(6), pytest.approx(5))
    assert "by age and sex" in result.table.schema.field("expected_cost").metadata[b"meaning"].decode()
    assert "no age or no sex is stated" in " ".join(result.said())


def test_a_list_that_was_not_imported_is_named_and_its_column_empty(tmp_path: Path) -> None:
    held = ledger(tmp_path, people(NORTH_EAST_LONDON, BARTS, range(5), age=30, lsoa="E01000001"))
    with pytest.raises(NeedsError, match="No population of small areas is imported"):
        area_table(held, "all", by="lsoa")
    text = "lsoa21_code,a0plus\nE01000001,900\n"
    import_population(held, Register.load(held), given(held, "people.csv", text))
    result = area_table(held, "all", by="lsoa")
    assert result.table["deprivation"].null_count == 1
    said = " ".join(result.said())
    assert "reference import deprivation" in said
    assert "reference import lsoa-areas" in said
    with pytest.raises(NeedsError, match="'ward' is no kind of area"):
        area_table(held, "all", by="ward")


@pytest.mark.parametrize("age", [70, None])
def test_from_a_ledger_to_an_index_by_board_with_ages_and_without(tmp_path: Path, age: int | None) -> None:
    held = ledger(tmp_path, [replace(row, age=age) for row in many_boards(HOMES)])
    register = Register.load(held)
    codes = sorted(
        area.icb for code, area in register.areas(FinancialYear(2025).start).items() if code in HOMES
    )
    text = "icb_ods_code,a0_64,a65plus\n" + "".join(
        f"{code},{9000 + 100 * n},{1000 + 37 * n}\n" for n, code in enumerate(codes)
    )
    import_population(held, register, given(held, "people.csv", text))
    text = "icb_ods_code,imd_average_rank,imd_average_score\n" + "".join(
        f"{code},{100 + n},{15 + n * n % 11}\n" for n, code in enumerate(codes)
    )
    import_deprivation(held, register, given(held, "imd.csv", text))
    result = area_table(held, "all", by="icb")
    assert result.table["area"].to_pylist() == codes
    place = tmp_path / "model"
    write_area_table(place, result, starting_model(result, "areas.csv", "all", "2025/26", "icb"))
    model = read_model(place / "model.json")
    assert model.synthetic
    assert model.expected == ("expected_cost" if age else "")
    found = work_through(model)
    assert len(found.results["index"].table) == len(codes)
    assert found.need.weighted.sum() == pytest.approx(sum(result.table["population"].to_pylist()))
    (place / "model.json").write_text(json.dumps({"mine": True}), encoding="utf-8")
    write_area_table(place, result, {})
    assert json.loads((place / "model.json").read_text()) == {"mine": True}


def test_supply_is_the_way_to_the_nearest_provider_and_what_is_done_near_by(small: Workspace) -> None:
    """Barts has £6,000 and Leeds £107 of the £6,107: each a hundredth or more, so both are places to go to."""
    held = Register.load(small).providers
    barts, leeds = ((held[code].longitude, held[code].latitude) for code in (BARTS, LEEDS))
    home = (-0.06, 51.5)
    points = {"E01000001": barts, "E01000002": home}
    result = area_table(small, "all", by="lsoa", supplied=list(SUPPLY), points=points)  # type: ignore[arg-type]
    one, two, three = rows_of(result).values()
    assert one["km_to_provider"] == pytest.approx(0)
    assert two["km_to_provider"] == pytest.approx(kilometres(home, barts))  # type: ignore[arg-type]
    assert kilometres(home, barts) < kilometres(home, leeds)  # type: ignore[arg-type]
    assert three["km_to_provider"] is None
    assert ("E01000003", "km_to_provider") in {(gap.subject, gap.missing) for gap in result.gaps}
    assert [row["local_activity_per_head"] for row in (one, two, three)] == [pytest.approx(6000 / 3000)] * 3
    assert "£107.00" in " ".join(result.said())
    model = starting_model(result, "areas.csv", "all", "2025/26", "lsoa")
    assert model["columns"]["supply"] == ["km_to_provider", "local_activity_per_head"]


def test_a_provider_of_a_stray_patient_is_no_place_to_go_to(tmp_path: Path) -> None:
    rows = [
        *people(NORTH_EAST_LONDON, BARTS, range(1, 200), "100.00", age=30, lsoa="E01000001"),
        *people(NORTH_EAST_LONDON, LEEDS, [300], "100.00", age=30, lsoa="E01000001"),
    ]
    held = ledger(tmp_path, rows)
    register = Register.load(held)
    import_population(held, register, given(held, "people.csv", "lsoa21_code,a0plus\nE01000001,900\n"))
    barts, leeds = ((register.providers[c].longitude, register.providers[c].latitude) for c in (BARTS, LEEDS))
    result = area_table(held, "all", by="lsoa", supplied=["km_to_provider"], points={"E01000001": leeds})  # type: ignore[dict-item]
    assert rows_of(result)["E01000001"]["km_to_provider"] == pytest.approx(kilometres(leeds, barts))  # type: ignore[arg-type]


def test_supply_that_cannot_be_told_is_refused_with_what_to_give(small: Workspace) -> None:
    with pytest.raises(NeedsError, match="give --coordinates FILE"):
        area_table(small, "all", by="lsoa", supplied=["km_to_provider"])
    with pytest.raises(NeedsError, match="'beds' is no column of supply"):
        area_table(small, "all", by="lsoa", supplied=["beds"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area,longitude\nE01000001,0\n", "no column latitude"),
        (
            "area,longitude,latitude\nE01000001,530000,180000\n",
            "row 2, field longitude: '530000' lies outside",
        ),
        ("area,longitude,latitude\nE01000001,nan,51\n", "'nan' lies outside England"),
        (
            "area,longitude,latitude\nE01000001,0,51\nE01000001,0,52\n",
            "row 3, field area: 'E01000001' is there twice",
        ),
        ("area,longitude,latitude\n,0,51\n", "no area"),
    ],
)
def test_a_file_of_coordinates_is_refused_by_row_and_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((NeedsError, AreaListError), match=said):
        read_points(path)


def test_a_table_with_supply_goes_straight_into_fitting(tmp_path: Path) -> None:
    held = ledger(tmp_path, [replace(row, age=70) for row in many_boards(HOMES)])
    register = Register.load(held)
    areas = register.areas(FinancialYear(2025).start)
    codes = sorted(area.icb for code, area in areas.items() if code in HOMES)
    text = "icb_ods_code,a0_64,a65plus\n" + "".join(
        f"{code},{9000 + 100 * n},{1000 + 37 * n}\n" for n, code in enumerate(codes)
    )
    import_population(held, register, given(held, "people.csv", text))
    text = "icb_ods_code,imd_average_rank,imd_average_score\n" + "".join(
        f"{code},{100 + n},{15 + n * n % 11}\n" for n, code in enumerate(codes)
    )
    import_deprivation(held, register, given(held, "imd.csv", text))
    text = "area,longitude,latitude\n" + "".join(
        f"{code},{-3 + n * n % 5},{50.5 + n / 2}\n" for n, code in enumerate(codes)
    )
    points = read_points(given(held, "points.csv", text))
    result = area_table(held, "all", by="icb", supplied=["km_to_provider"], points=points)
    place = tmp_path / "model"
    write_area_table(place, result, starting_model(result, "areas.csv", "all", "2025/26", "icb"))
    model = read_model(place / "model.json")
    assert model.supply == ("km_to_provider",)
    assert len(work_through(model).results["index"].table) == len(codes)
