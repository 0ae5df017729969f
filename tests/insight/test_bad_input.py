"""What is not there is a gap with its reason in every analysis: never a nothing, an infinity or a silence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.insight.worlds import NORTH_EAST_LONDON, fourteen_months, ledger, many_boards, people, row_of
from tests.ledger.worlds import BARTS, RENAL

from speccom.insight.equity import equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.result import Result
from speccom.insight.trends import trends
from speccom.insight.variation import variation
from speccom.insight.volatility import tiers, volatility
from speccom.workspace import Workspace

FRIMLEY_HOME, SPLIT = "D4U1Y", date(2026, 4, 1)
Ask = Callable[..., Result]
EVERY: dict[str, Ask] = {
    "variation": variation,
    "flows by provider": by_provider,
    "flows by board": by_board,
    "flows in balance": balances,
    "equity": lambda *asked, **on: equity(*asked, **on).fifths,
    "gradients": lambda *asked, **on: equity(*asked, **on).gradients,
    "volatility": volatility,
    "tiers": lambda *asked, **on: tiers(*asked, **on).lines,
    "trends": trends,
}
every_analysis = pytest.mark.parametrize("ask", EVERY.values(), ids=EVERY)


def endless(result: Result) -> list[str]:
    """Numbers that are none, as `column: value`."""
    return [
        f"{name}: {value}"
        for row in result.table.to_pylist()
        for name, value in row.items()
        if isinstance(value, float) and not math.isfinite(value)
    ]


@pytest.fixture(scope="module")
def with_frimley(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Fourteen months of five boards and of Frimley, which was divided on 1 April 2026."""
    rows = fourteen_months()
    rows += [
        replace(row, gp_responsibility=FRIMLEY_HOME, patient_id=row.patient_id + 50_000)
        for row in rows
        if row.gp_responsibility == "93C"
    ]
    return ledger(tmp_path_factory.mktemp("divided"), rows)


@every_analysis
def test_a_board_that_was_split_is_named_with_its_successors(with_frimley: Workspace, ask: Ask) -> None:
    before = ask(with_frimley, boundaries=date(2026, 3, 31))
    assert not [gap for gap in before.gaps if "divided" in gap.reason]
    found = ask(with_frimley, boundaries=SPLIT)
    [gap] = [gap for gap in found.gaps if gap.missing.startswith("place on the boundaries")]
    assert "NHS Frimley ICB" in gap.subject
    assert "QRL, S0E4D, S9B9J" in gap.reason
    assert endless(found) == []


@every_analysis
def test_a_part_of_a_year_is_said_to_be_one_and_is_no_whole_year(with_frimley: Workspace, ask: Ask) -> None:
    said = " ".join(ask(with_frimley, RENAL).said())
    assert (
        "2025/26: 2 of 12 months" in said or "April 2024 to May 2025" in said or "Left out: 2025/26" in said
    )


@every_analysis
def test_one_patient_of_one_provider_gives_no_endless_number(tmp_path: Path, ask: Ask) -> None:
    alone = ledger(tmp_path, people(NORTH_EAST_LONDON, BARTS, [1]))
    assert endless(ask(alone)) == []


@every_analysis
def test_a_line_that_nobody_had_says_so(tmp_path: Path, ask: Ask) -> None:
    found = ask(ledger(tmp_path, many_boards(["A3A8R", "72Q"])), "NCBPS06A")
    assert found.gaps
    assert endless(found) == []


def test_one_patient_has_the_board_s_access_and_is_all_of_its_spend(tmp_path: Path) -> None:
    alone = ledger(tmp_path, people(NORTH_EAST_LONDON, BARTS, [1]))
    board = row_of(variation(alone), icb=NORTH_EAST_LONDON)
    assert board["patients"] == 1
    assert board["access"] * board["population"] == pytest.approx(100_000)
