"""Baselines and the market forces factor as finance teams bring them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from speccom.finance.inputs import baselines, import_baselines, import_market_forces, market_forces
from speccom.places.lists import AreaListError
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").make()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_baselines_are_kept_to_the_last_digit(place: Workspace, register: Register, tmp_path: Path) -> None:
    assert baselines(place) is None
    file = written(tmp_path, 'icb_ods_code,baseline\nQE1,"£410,223,966.07"\nQNC,265261498.2\n')
    assert import_baselines(place, register, file).areas == 2
    assert baselines(place) == {"QE1": Decimal("410223966.07"), "QNC": Decimal("265261498.2")}


def test_boards_may_go_by_their_ons_codes(place: Workspace, register: Register, tmp_path: Path) -> None:
    coded = {fact.value: code for code, facts in register.facts.of("ONS code").items() for fact in facts}
    ons = next(ons for ons, code in coded.items() if code == "QE1")
    import_market_forces(place, register, written(tmp_path, f"icb24_code,mff\n{ons},1.0123\n"))
    assert market_forces(place) == {"QE1": Decimal("1.0123")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("icb_ods_code,baseline\nQE1,ten\n", r"row 2, field baseline: 'ten' is no number"),
        ("icb_ods_code,baseline\nQE1,-5\n", "'-5' is no number of 0 or more"),
        ("icb_ods_code,baseline\nQE1,5\nQE1,6\n", "QE1 is there twice"),
        ("icb_ods_code,baseline\nQZZ,5\n", "'QZZ' is no board"),
        ("icb_ods_code,money\nQE1,5\n", "needs the column baseline"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_its_row(
    place: Workspace, register: Register, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(AreaListError, match=said):
        import_baselines(place, register, written(tmp_path, text))


def test_a_factor_of_nought_is_refused(place: Workspace, register: Register, tmp_path: Path) -> None:
    with pytest.raises(AreaListError, match="a factor of 0"):
        import_market_forces(place, register, written(tmp_path, "icb_ods_code,market_forces_factor\nQE1,0\n"))
