"""What is withheld of bases: nothing of few patients is shown, and nothing withheld can be worked out."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, many_boards, people, two_boards
from tests.ledger.worlds import BARTS, LEEDS, SPINAL, Row

from speccom.finance.bases import money_of, waterfall_of
from speccom.finance.bases.explained import WITHHELD, explain_basis, explain_step
from speccom.finance.bases.money import BasesError, Money
from speccom.finance.bases.public import (
    Hidden,
    hidden_of,
    public_bases_of,
    public_pots_of,
    public_transfers_of,
    public_waterfall_of,
)
from speccom.finance.bases.withheld import ALL, Cell, completed, with_totals
from speccom.period import FinancialYear

YEAR = FinancialYear(2025)
PORPHYRIA = "NCBPS27D"

cells = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")),
    st.integers(1, 99).map(Decimal),
    min_size=1,
    max_size=16,
)


# --- tables with totals


@settings(deadline=None)
@given(cells, st.data())
def test_no_withheld_cell_can_be_worked_out_from_rows_columns_and_totals(
    amounts: dict[Cell, Decimal], data: st.DataObject
) -> None:
    table = with_totals(amounts)
    secret = set(data.draw(st.lists(st.sampled_from(sorted(table)), max_size=4)))
    hidden = completed(table, secret)
    assert secret <= hidden <= set(table)
    assert not _solved(table, hidden)
    assert completed(table, ()) == frozenset()


def _solved(table: dict[Cell, Decimal], hidden: frozenset[Cell]) -> list[Cell]:
    """The withheld cells that a reader can solve for: linear algebra over every row and column, totals too."""
    unknown = sorted(hidden)
    if not unknown:
        return []
    rows, columns = {row for row, _ in table}, {column for _, column in table}
    equations = [[_sign(cell, 0) if cell[0] == row else 0 for cell in unknown] for row in rows]
    equations += [[_sign(cell, 1) if cell[1] == column else 0 for cell in unknown] for column in columns]
    known = np.array(equations, dtype=float)
    rank = np.linalg.matrix_rank(known)
    return [
        cell
        for place, cell in enumerate(unknown)
        if np.linalg.matrix_rank(np.vstack([known, np.eye(len(unknown))[place]])) == rank
    ]


def _sign(cell: Cell, side: int) -> int:
    """A row sums to its total, so its cells count one way and its total the other."""
    return -1 if cell[1 - side] == ALL else 1


def test_a_lone_secret_takes_the_least_other_with_it_in_its_row_and_column() -> None:
    table = with_totals({(row, column): Decimal(row + column) for row in "123" for column in "123"})
    assert completed(table, {("1", "1")}) == {("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")}


# --- of a ledger


class Held(NamedTuple):
    """The money of a small ledger, and what is withheld of it."""

    money: Money
    hidden: dict[str, Hidden]


def held_of(directory: Path, rows: list[Row]) -> Held:
    workspace = ledger(directory, rows)
    money = money_of(workspace)
    return Held(money, hidden_of(workspace, money, YEAR))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return held_of(tmp_path_factory.mktemp("few"), few_people())


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return held_of(tmp_path_factory.mktemp("many"), many_people())


def few_people() -> list[Row]:
    """Flows of three, nine and twelve people between boards, and three people of a rare line in each of two regions."""
    return [
        *two_boards(),
        *many_boards(["72Q", "93C", "00L"]),
        *people(NORTH_EAST_LONDON, BARTS, range(200, 240), "20.00", service_code=SPINAL),
        *people(WEST_YORKSHIRE, LEEDS, range(300, 340), "20.00", service_code=SPINAL),
        *people(NORTH_EAST_LONDON, BARTS, range(400, 403), "7.00", service_code=PORPHYRIA),
        *people(WEST_YORKSHIRE, LEEDS, range(410, 413), "9.00", service_code=PORPHYRIA),
    ]


def many_people() -> list[Row]:
    """Two boards with people enough both ways, and three people of a rare line in each."""
    return [
        *people(NORTH_EAST_LONDON, BARTS, range(100, 140)),
        *people(WEST_YORKSHIRE, LEEDS, range(200, 240)),
        *people(NORTH_EAST_LONDON, LEEDS, range(140, 160)),
        *people(WEST_YORKSHIRE, BARTS, range(240, 265)),
        *people(NORTH_EAST_LONDON, BARTS, range(300, 340), "9.00", service_code=SPINAL),
        *people(WEST_YORKSHIRE, LEEDS, range(350, 390), "9.00", service_code=SPINAL),
        *people(NORTH_EAST_LONDON, BARTS, range(400, 403), "7.00", service_code=PORPHYRIA),
        *people(WEST_YORKSHIRE, LEEDS, range(410, 413), "5.00", service_code=PORPHYRIA),
    ]


@pytest.mark.parametrize("by", ["region", "icb"])
@pytest.mark.parametrize("world", ["few", "many"])
def test_no_sum_of_one_to_seven_patients_is_shown(
    world: str, by: str, request: pytest.FixtureRequest
) -> None:
    money, hidden = request.getfixturevalue(world)
    counted = _patients({"few": few_people, "many": many_people}[world](), by, money)
    for row in public_pots_of(money, YEAR, by, hidden[by]).table.to_pylist():
        for side, column in (("host", "host_basis"), ("home", "population_basis")):
            few = len(counted[side, row["pot"], row["area"]]) in range(1, 8)
            assert not few or row[column] is None, row
            assert row[column] is not None or row["withheld"]
    for row in public_bases_of(money, YEAR, by, hidden[by]).table.to_pylist():
        assert (row["transfer"] is None) == (None in (row["host_basis"], row["population_basis"]))
    shown = public_transfers_of(money, YEAR, hidden["region"]).table.to_pylist()
    assert any(row["amount"] is not None for row in shown)
    for row in shown:
        few = len(counted["pair", row["home"], row["host"]]) in range(1, 8)
        assert by == "icb" or not few or row["amount"] is None


def _patients(rows: list[Row], by: str, money: Money) -> dict[tuple[str, str, str], set[int]]:
    """The patients of each pot by side, and of each pair, counted from the rows themselves."""
    home = {"A3A8R": ("Y56", "QMF"), "15F": ("Y63", "QWO"), "72Q": ("Y56", "QKK"), "93C": ("Y56", "QMJ")}
    home["00L"] = ("Y63", "QHM")
    host = {"R1H": ("Y56", "QMF"), "RJ1": ("Y56", "QKK"), "RR8": ("Y63", "QWO")}
    level = 0 if by == "region" else 1
    found: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    pots = {SPINAL: "retained", PORPHYRIA: "programmes"}
    for row in rows:
        assert row.patient_id is not None
        pot = pots.get(str(row.service_code), "delegated")
        areas = home[str(row.gp_responsibility)][level], host[row.provider][level]
        found["home", pot, areas[0]].add(row.patient_id)
        found["host", pot, areas[1]].add(row.patient_id)
        found["pair", areas[0], areas[1]].add(row.patient_id)
    assert {area for side, _, area in found if side == "home"} <= set(money.areas(by))
    return found


@pytest.mark.parametrize("area", ["Y56", "Y63", NORTH_EAST_LONDON, WEST_YORKSHIRE])
def test_a_protected_waterfall_keeps_its_sums_and_tells_no_withheld_kind_alone(
    few: Held, many: Held, area: str
) -> None:
    for money, hidden in (few, many):
        _told_together(money, hidden, area)


def _told_together(money: Money, hidden: dict[str, Hidden], area: str) -> None:
    rows = public_waterfall_of(money, area, YEAR, YEAR, {YEAR: hidden}).table.to_pylist()
    whole = waterfall_of(money, area, YEAR).table.to_pylist()
    if not rows:
        return
    assert (rows[0]["amount"], rows[-1]["amount"]) == (whole[0]["amount"], whole[-1]["amount"])
    assert (
        sum(row["amount"] for row in rows if row["kind"] in ("start", "add", "take")) == rows[-1]["running"]
    )
    by = "region" if area.startswith("Y") else "icb"
    secret = {pot for side, pot, own in hidden[by].pots if side == "host" and own == area}
    assert not secret & {row["step"] for row in rows}


def test_a_rare_kind_is_told_together_with_another_and_the_rest_apart(many: Held) -> None:
    rows = public_waterfall_of(many.money, "Y56", YEAR, YEAR, {YEAR: many.hidden}).table.to_pylist()
    assert [(row["step"], row["amount"]) for row in rows] == [
        ("host", 4000 + 2500 + 360 + 21),
        ("withheld", -(360 + 21)),
        ("moving", 6500),
        ("outflow", 2000),
        ("inflow", -2500),
        ("population", 6000),
    ]


# --- explained


def test_a_number_opens_to_its_parts_rules_and_the_ledger(many: Held) -> None:
    money, hidden = many.money, many.hidden["region"]
    bases, pots = (
        public_bases_of(money, YEAR, "region", hidden),
        public_pots_of(money, YEAR, "region", hidden),
    )
    row = next(row for row in bases.table.to_pylist() if row["area"] == "Y56")
    found = explain_basis(money, YEAR, bases, pots, "Y56", "transfer")
    assert found.value == row["transfer"]
    assert [each.value for each in found.inputs] == [row["population_basis"], row["host_basis"]]
    host = found.find("H")
    assert host is not None
    assert WITHHELD in [each.value for each in host.inputs]
    assert any("A guide to specialised commissioning" in source for source in found.sources())
    assert any("the ledger of made-up records built on" in source for source in found.sources())
    with pytest.raises(BasesError, match="choose from host_basis"):
        explain_basis(money, YEAR, bases, pots, "Y56", "magic")
    with pytest.raises(BasesError, match="has no row here: choose from Y56"):
        explain_basis(money, YEAR, bases, pots, "Y99", "inflow")


def test_the_end_of_a_waterfall_opens_to_its_steps(many: Held) -> None:
    money = many.money
    steps = waterfall_of(money, "Y56", YEAR)
    end = explain_step(money, YEAR, steps, "population")
    assert end.value == sum(Decimal(str(each.value)) for each in end.inputs)
    retained = explain_step(money, YEAR, steps, "retained")
    assert any("retained services continue" in str(each.value) for each in retained.inputs)
    with pytest.raises(BasesError, match="is no step here: choose from host"):
        explain_step(money, YEAR, steps, "magic")
