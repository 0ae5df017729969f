"""The pictures of bases: what they say, in both widths, and that they hide what is withheld."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pytest
from tests.finance.test_bases import small_world
from tests.insight.worlds import ledger

from speccom.charts.bases import transfer_bars, transfer_matrix, waterfall
from speccom.charts.drawing import Figure
from speccom.charts.look import NARROW, WIDE
from speccom.finance.bases import Money, bases_of, money_of, transfers_of, waterfall_of
from speccom.insight.result import Result
from speccom.period import FinancialYear

YEAR = FinancialYear(2025)


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory) -> Money:
    return money_of(ledger(tmp_path_factory.mktemp("bases"), small_world()))


def without(result: Result, column: str, place: int) -> Result:
    """A result with one value withheld."""
    values = result.table[column].to_pylist()
    values[place] = None
    field = result.table.schema.field(column)
    at = result.table.column_names.index(column)
    table = result.table.set_column(at, field, pa.array(values, field.type))
    return Result(result.title, table, result.notes, result.gaps, result.synthetic)


def drawn(figure: Figure | None) -> list[str]:
    """The words of a picture, once its widths are known to fit and its names to be its own."""
    assert figure is not None
    words = []
    for svg, width in ((figure.wide, WIDE), (figure.narrow, NARROW)):
        root = ET.fromstring(svg)
        assert root.get("viewBox", "").split()[2] == str(width)
        assert not re.search(r"\sstyle=", svg)
        for box in root.iter("{http://www.w3.org/2000/svg}rect"):
            assert float(box.get("width", 0)) > 0
            assert 0 <= float(box.get("x", 0)) <= width
            assert float(box.get("x", 0)) + float(box.get("width", 0)) <= width + 1
        words.append(
            " ".join("".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text"))
        )
    return words


def test_a_waterfall_says_each_step_and_what_it_comes_to_in_both_widths(money: Money) -> None:
    figure = waterfall(waterfall_of(money, "Y56", YEAR))
    for words in drawn(figure):
        assert "Host basis, 2025/26 £53" in words
        assert "Flows out: its people elsewhere +£30" in words
        assert "Flows in: others’ people here −£7" in words
        assert "Population basis, by board £35" in words
    assert figure is not None
    assert figure.description.startswith("Host basis, 2025/26 is £53; population basis, by board is £35.")
    assert len(figure.table.rows) == 8


def test_a_waterfall_without_steps_is_no_picture(money: Money) -> None:
    result = waterfall_of(money, "Y56", YEAR)
    assert waterfall(Result(result.title, result.table.slice(0, 0), (), (), synthetic=True)) is None


def test_a_waterfall_of_credits_stays_within_its_picture(tmp_path: Path) -> None:
    rows = [row for row in small_world() if row.cost is not None]
    credits_ = [type(row)(**{**vars(row), "cost": -(row.cost or 0)}) for row in rows]
    drawn(waterfall(waterfall_of(money_of(ledger(tmp_path, credits_)), "Y63", YEAR)))


def test_the_matrix_has_a_dot_for_what_is_withheld_and_says_how_many(money: Money) -> None:
    whole = transfers_of(money, YEAR)
    wide, _ = drawn(transfer_matrix(whole, "Y56"))
    assert "London Y56" in wide
    assert "Dot: withheld." not in wide
    figure = transfer_matrix(without(whole, "amount", 1))
    wide, narrow = drawn(figure)
    assert "Dot: withheld." in wide
    assert "Dot: withheld." in narrow
    assert figure is not None
    assert figure.wide.count("<circle") == 1
    assert "1 sums are withheld" in figure.description


def test_bars_say_who_gets_and_who_gives(money: Money) -> None:
    figure = transfer_bars(bases_of(money, YEAR), "Y56")
    wide, narrow = drawn(figure)
    assert "+£29" in wide
    assert "−£29" in narrow
    assert figure is not None
    assert "The most goes to London: £29." in figure.description
