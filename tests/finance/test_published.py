"""Published figures: distances from target, and the weighted populations of practices, from our formulae."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from speccom.finance.published import DISTANCE_PERCENT, FINAL, Compared, compare, figure, figures


@pytest.mark.parametrize(
    "each", compare(), ids=lambda each: f"{each.published.area}-{each.published.measure}"
)
def test_a_published_figure_follows_from_those_published_beside_it(each: Compared) -> None:
    assert each.agrees, f"published {each.published.value}, computed {each.computed}"


def test_thirteen_health_authorities_and_four_practices_are_compared() -> None:
    measures = Counter(each.published.measure for each in compare())
    assert (measures[DISTANCE_PERCENT], measures[FINAL]) == (13, 4)


def test_a_practice_of_2025_is_need_and_inequalities_as_published() -> None:
    found = next(
        each for each in compare() if each.published.area == "A81001" and each.published.year == "2025/26"
    )
    assert f"{found.computed:.6f}" == str(found.published.value) == "4782.681789"


def test_a_figure_that_is_out_by_more_than_the_tolerance_does_not_agree() -> None:
    one = compare()[0]
    assert not Compared(one.published, one.computed + Decimal("0.02"), one.tolerance).agrees


def test_every_figure_names_where_it_was_read_and_how_surely() -> None:
    assert all(each.source.startswith("https://") and each.confidence == "stated" for each in figures())
    assert figure("2025/26", "ENG", "delegated_services_value").value == 14
