"""From made-up files to a gradient: their postcodes are given small areas here, more of them deprived or as many."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.contracts.made_up import made
from tests.insight.deprived import FIFTHS, REGISTER, written

from speccom.contracts.receive import receive
from speccom.contracts.reference import import_list
from speccom.insight.equity import equity
from speccom.ledger.build import build
from speccom.places.deprivation import import_deprivation
from speccom.places.populations import import_population
from speccom.workspace import Workspace

LETTERS = string.ascii_uppercase
POSTCODES = [f"ZZ99 {digit}{one}{other}" for digit in range(1, 10) for one in LETTERS for other in LETTERS]
"""Every postcode that the made-up people can have, and more."""
LINES, PEOPLE = 9_000, 4_000_000
PROVIDERS = 20
"""How many of the largest files are received: enough people, in a few seconds."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    directory = made(tmp_path_factory.mktemp("files"), REGISTER, months=[1], lines=LINES)
    found = sorted(directory.rglob("*_PLCM_*.csv"), key=lambda path: (-path.stat().st_size, path.name))
    return found[:PROVIDERS]


def built(directory: Path, files: list[Path], shares: Sequence[float]) -> Workspace:
    """A ledger of the made-up files, the postcodes of its people shared out over fifths of equal population."""
    workspace = Workspace(directory / "workspace").make()
    codes = {fifth: f"E0199000{fifth}" for fifth in FIFTHS}
    shuffled = random.Random(1).sample(POSTCODES, len(POSTCODES))
    drawn = random.Random(2).choices(FIFTHS, weights=shares, k=len(shuffled))
    rows = [(postcode, codes[fifth]) for postcode, fifth in zip(shuffled, drawn, strict=True)]
    import_list(workspace, "postcodes", written(directory, "postcodes.csv", "postcode,lsoa21", rows))
    people = [(code, PEOPLE) for code in codes.values()]
    import_population(workspace, REGISTER, written(directory, "people.csv", "lsoa21_code,a0plus", people))
    fifths = [(code, fifth, fifth * 2) for fifth, code in codes.items()]
    header = "lsoa21_code,IMD_rank,IMD_decile"
    import_deprivation(workspace, REGISTER, written(directory, "imd.csv", header, fifths))
    receive(workspace, files)
    build(workspace)
    return workspace


def test_a_gradient_planted_through_postcodes_is_found_at_its_size(tmp_path: Path, files: list[Path]) -> None:
    # Rates of 1.4, 1.2, 1, 0.8 and 0.6 times the mean lie on a line from 0.5 at one end to 1.5 at the other.
    workspace = built(tmp_path, files, (0.28, 0.24, 0.20, 0.16, 0.12))
    [found] = [
        row
        for row in equity(workspace).gradients.table.to_pylist()
        if row["measure"] == "patients per 100,000"
    ]
    assert found["relative_lower"] < 3 < found["relative_upper"]
    assert found["relative_lower"] > 1.5
    assert found["reading"] == "higher in deprived areas"


def test_without_a_gradient_none_is_found(tmp_path: Path, files: list[Path]) -> None:
    result = equity(built(tmp_path, files, (0.2, 0.2, 0.2, 0.2, 0.2)))
    [found] = [row for row in result.gradients.table.to_pylist() if row["measure"] == "patients per 100,000"]
    assert found["relative_lower"] < 1 < found["relative_upper"]
    assert found["reading"] == "no more than chance would give"
    assert found["patients"] > 500
    assert result.fifths.synthetic


def test_made_up_people_have_no_small_area_until_a_list_gives_them_one(
    tmp_path: Path, files: list[Path]
) -> None:
    workspace = Workspace(tmp_path / "workspace").make()
    receive(workspace, files[:1])
    build(workspace)
    people = [("E01990001", PEOPLE)]
    import_population(workspace, REGISTER, written(tmp_path, "p.csv", "lsoa21_code,a0plus", people))
    header = "lsoa21_code,IMD_rank,IMD_decile"
    import_deprivation(workspace, REGISTER, written(tmp_path, "imd.csv", header, [("E01990001", 1, 1)]))
    said = " ".join(equity(workspace).fifths.said())
    assert "no patient of these lines has an LSOA in the ledger" in said
