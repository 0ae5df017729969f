"""Populations and deprivation in their publishers' layouts: what is read, added up, left open and refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from speccom.cli import main
from speccom.places.deprivation import (
    deprivation,
    import_deprivation,
    import_lsoa_areas,
    lsoa_areas,
    quintile_population,
)
from speccom.places.lists import AreaListError
from speccom.places.populations import import_population, imported_population, population
from speccom.register import Register
from speccom.workspace import Workspace

REGISTER = Register.load()
BEFORE, AFTER = date(2026, 3, 31), date(2026, 4, 1)
HEADER = "icb_ods_code,a0,a1_4,a5plus,all_ages"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def by_area(table: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in table.to_pylist():  # type: ignore[attr-defined]
        found[row["area"]] = found.get(row["area"], 0) + row["persons"]
    return found


def test_the_population_of_england_by_board_and_band(workspace: Workspace, shared: Path) -> None:
    taken = import_population(workspace, REGISTER, shared / "reference/population_mid2020_icb22_agebands.csv")
    assert (taken.areas, taken.sort) == (42, "icb")
    held = imported_population(workspace)
    assert held is not None and held.num_rows == 42 * 20
    assert pc.sum(held["persons"]).as_py() == 56_550_138
    bands = {row["band"]: (row["lower"], row["upper"]) for row in held.to_pylist()}
    assert (bands["a0"], bands["a1_4"], bands["a90plus"]) == ((0, 0), (1, 4), (90, None))


def test_boards_that_merged_are_added_up_and_those_that_took_part_of_one_are_left_open(
    workspace: Workspace, shared: Path
) -> None:
    import_population(workspace, REGISTER, shared / "reference/population_mid2020_icb22_agebands.csv")
    before, after = (population(workspace, REGISTER, on) for on in (BEFORE, AFTER))
    assert not before.gaps and len(by_area(before.table)) == 42
    gaps = {gap.area: gap for gap in after.gaps}
    assert set(gaps) == {"QJG", "QM7", "QNQ"}
    assert gaps["QNQ"].successors == ("QRL", "S0E4D", "S9B9J")
    assert gaps["QNQ"].persons == by_area(before.table)["QNQ"]
    assert "was split between QRL, S0E4D, S9B9J" in gaps["QNQ"].said
    now, then = by_area(after.table), by_area(before.table)
    assert now["Z9B2Z"] == then["QMJ"] + then["QRV"]
    assert now["QNC"] == then["QNC"]
    assert not {heir for gap in after.gaps for heir in gap.successors} & set(now)


def test_people_by_fifth_of_deprivation(workspace: Workspace, shared: Path) -> None:
    reference = shared / "reference"
    import_population(workspace, REGISTER, reference / "population_mid2020_lsoa11_agebands.csv")
    import_deprivation(workspace, REGISTER, reference / "imd2025_lsoa21.csv")
    import_lsoa_areas(workspace, REGISTER, reference / "lsoa21_to_icb24.csv")
    with pytest.raises(AreaListError, match="of the same census"):
        quintile_population(workspace, REGISTER, BEFORE)
    import_deprivation(workspace, REGISTER, reference / "imd2019_lsoa11.csv")
    import_lsoa_areas(workspace, REGISTER, reference / "lsoa11_to_icb22.csv")
    found = quintile_population(workspace, REGISTER, BEFORE)
    assert pc.sum(found.table["persons"]).as_py() == 56_550_138
    fifths = dict.fromkeys(range(1, 6), 0)
    for row in found.table.to_pylist():
        fifths[row["quintile"]] += row["persons"]
    assert all(0.18 < persons / 56_550_138 < 0.22 for persons in fifths.values())
    held = lsoa_areas(workspace, "lsoa21")
    assert held is not None and held.num_rows == 33_755


def test_deprivation_of_boards_is_read_by_their_codes_of_2024(workspace: Workspace, shared: Path) -> None:
    assert deprivation(workspace, "icb") is None
    import_deprivation(workspace, REGISTER, shared / "reference/imd2025_icb24.csv")
    held = deprivation(workspace, "icb")
    assert held is not None and held.num_rows == 42
    rows = {row["area"]: row for row in held.to_pylist()}
    assert rows["QYG"]["average_score"] == 25.531
    import_deprivation(workspace, REGISTER, shared / "reference/imd2025_lsoa21.csv")
    small = deprivation(workspace)
    assert small is not None
    assert small.to_pylist()[0] == {"area": "E01000001", "rank": 26525, "decile": 8, "quintile": 4}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["icb_ods_code,people", "QNC,5"], "row 1: a population by age needs the columns a0"),
        (["board,a0,a1plus", "QNC,1,2"], "row 1: no column of areas"),
        ([HEADER, "QNC,1,2,3,6", "XXX,1,2,3,6"], "row 3, field icb_ods_code: 'XXX' is no board"),
        ([HEADER, "QNC,1,-2,3,2"], "row 2, field a1_4: '-2' is no number"),
        ([HEADER, "QNC,1,2.5,3,6"], "row 2, field a1_4: '2.5' is no whole number"),
        ([HEADER, "QNC,1,2,3,6", "QNC,1,2,3,6"], "row 3: QNC is there twice"),
        ([HEADER, "QNC,1,2,3,1006"], "row 2, field all_ages: 1,006 is 1,000 more than its bands"),
        (["icb_ods_code,a0,a5plus", "QNC,1,2"], "field a5plus: begins at 5 where 1 comes next"),
        (["icb_ods_code,a0,a1_4", "QNC,1,2"], "no open band for the oldest"),
        ([HEADER, "QNC,1,2"], "row 2: 3 cells under 5 headings"),
        ([HEADER], "has no rows"),
        (["lsoa21_code,a0plus", "W1,1"], "row 2, field lsoa21_code: 'W1' is no LSOA code"),
        (["icb_ods_code,sex,a0plus", "QNC,f,1"], "row 2, field sex: 'f' is none of male"),
    ],
)
def test_what_cannot_be_a_population_is_refused_by_row_and_field(
    workspace: Workspace, tmp_path: Path, lines: list[str], said: str
) -> None:
    with pytest.raises(AreaListError, match=said):
        import_population(workspace, REGISTER, written(tmp_path / "people.csv", *lines))
    assert imported_population(workspace) is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["lsoa21_code,imd_rank", "E01000001,1"], "needs the columns imd_rank, imd_decile"),
        (["lsoa21_code,IMD_rank,IMD_decile", "E01000001,1,11"], "11 is no decile"),
        (["icb24_code,IMD_rank,IMD_decile", "E54000010,1,1"], "needs the columns imd_average_rank"),
    ],
)
def test_what_cannot_be_deprivation_is_refused(
    workspace: Workspace, tmp_path: Path, lines: list[str], said: str
) -> None:
    with pytest.raises(AreaListError, match=said):
        import_deprivation(workspace, REGISTER, written(tmp_path / "imd.csv", *lines))


def test_both_sexes_beside_everybody_count_nobody_twice(workspace: Workspace, tmp_path: Path) -> None:
    rows = [f"E01000001,{sex},{count}" for sex, count in (("male", 4), ("female", 5), ("persons", 9))]
    import_population(workspace, REGISTER, written(tmp_path / "people.csv", "lsoa21_code,sex,a0plus", *rows))
    import_deprivation(
        workspace, REGISTER, written(tmp_path / "imd.csv", "lsoa21_code,imd_rank,imd_decile", "E01000001,1,1")
    )
    import_lsoa_areas(
        workspace, REGISTER, written(tmp_path / "areas.csv", "lsoa21_code,icb24_code_nhs", "E01000001,QMF")
    )
    found = quintile_population(workspace, REGISTER, BEFORE)
    assert found.table.to_pylist() == [{"area": "QMF", "quintile": 1, "persons": 9}]


def test_the_command_says_what_it_took_in_and_lists_it(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "people.csv", HEADER, "QNC,1,2,3,6")
    with pytest.raises(SystemExit) as left:
        main(["reference", "import", "population", str(path), "--workspace", str(workspace.root)])
    assert left.value.code == 0
    assert "Imported the population of 1 boards from people.csv." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["reference", "list", "--workspace", str(workspace.root)])
    said = capsys.readouterr().out
    assert "population: imported" in said and "deprivation: not imported" in said
