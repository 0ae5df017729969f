"""The pictures of a risk pool: true to their numbers, within their frame, and named."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from tests.charts.test_insight_figures import (
    test_no_two_things_of_the_pictures_share_an_id as no_ids_are_shared,
)
from tests.charts.test_insight_figures import (
    test_nothing_is_drawn_off_the_picture as nothing_is_off_the_picture,
)
from tests.charts.test_insight_figures import (
    test_synthetic_data_says_so_in_the_picture_and_in_words as synthetic_data_says_so,
)

from speccom.charts.drawing import Figure
from speccom.charts.pools import settlements, spreads, tails
from speccom.finance.pool_results import Pool, outcomes, pool, settlement
from speccom.finance.pools import Actual, Arrangement, Member
from speccom.insight.case_costs import CaseCosts

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("NHS Shropshire, Telford and Wrekin ICB", "NHS Black Country ICB", "NHS Derby and Derbyshire ICB")


def a_pool(*cases: float, actual: tuple[int, ...] = ()) -> Pool:
    costs = CaseCosts.of_moments(20_000, 1.5)
    members = [Member(f"Q{place}", NAMES[place % 3], each, costs) for place, each in enumerate(cases)]
    paid = {
        member.code: Actual(Decimal(10**6), Decimal(above))
        for member, above in zip(members, actual, strict=False)
    }
    return pool(
        "dialysis",
        members,
        Arrangement(retention=Decimal(30_000)),
        actual=paid,
        simulations=2_000,
        synthetic=True,
    )


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    found = a_pool(3, 40, 400, actual=(100_000, 0, 40_000))
    return {
        "spread": spreads(outcomes(found)),
        "tail": tails(outcomes(found)),
        "settlement": settlements(settlement(found)),
    }


def test_every_picture_has_a_table_stays_within_its_frame_and_is_marked(figures: dict[str, Figure]) -> None:
    drawn = list(figures.values())
    for figure in drawn:
        assert len(figure.table.rows) == 3
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)
    no_ids_are_shared(drawn)
    nothing_is_off_the_picture(drawn)
    synthetic_data_says_so(drawn)


def bars(figure: str) -> list[tuple[float, float]]:
    """Left edge and width of each bar in a picture, those of the key left out."""
    found = [
        (float(bar.get("x", 0)), float(bar.get("width", 0)))
        for bar in ET.fromstring(figure).iter(f"{SVG}rect")
    ]
    return found[2:]


def test_a_bar_in_the_pool_is_as_much_narrower_as_its_cost_varies_less(figures: dict[str, Figure]) -> None:
    row = outcomes(a_pool(3, 40, 400)).table.to_pylist()
    wide = [each["p95"] - each["p5"] for each in row[:2]]
    (_, alone), (_, pooled) = bars(figures["spread"].wide)[:2]
    assert pooled / (alone + 1.8) == pytest.approx(wide[1] / wide[0], rel=0.01)


def test_the_smallest_budget_stands_first_and_the_table_has_every_area(figures: dict[str, Figure]) -> None:
    rows = figures["spread"].table.rows
    assert [row[0] for row in rows] == [
        "Shropshire, Telford and Wrekin",
        "Black Country",
        "Derby and Derbyshire",
    ]
    assert all(re.fullmatch(r"[+−]?\d+(\.\d)?%", cell) for row in rows for cell in row[2:])


def test_settlements_are_drawn_in_proportion_and_sum_to_nothing(figures: dict[str, Figure]) -> None:
    rows = settlement(a_pool(3, 40, 400, actual=(100_000, 0, 40_000))).table.to_pylist()[:-1]
    assert sum(row["settlement"] for row in rows) == 0
    ends = sorted(abs(float(row["settlement"])) for row in rows)
    drawn = [
        (float(bar.get("width", 0)) + (1.8 if bar.get("stroke") else 0))
        for bar in ET.fromstring(figures["settlement"].wide).iter(f"{SVG}rect")
    ]
    assert max(drawn) / min(drawn) == pytest.approx(ends[-1] / ends[0], rel=0.05)
    assert "all of it sums to nothing" in figures["settlement"].description


def test_a_pool_of_one_area_and_a_year_without_excess_can_be_drawn() -> None:
    one = a_pool(12, actual=(5,))
    for figure in (spreads(outcomes(one)), tails(outcomes(one)), settlements(settlement(one))):
        assert ET.fromstring(figure.narrow).tag.endswith("svg")
    assert "£0.00 moves between areas" in settlements(settlement(one)).description
