"""Completion: which submission of a month came when, and how much of the last cost the first ones held."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tests.finance.position.worlds import lines, month, stood
from tests.ledger.worlds import build_in, receive, workspace_in

from speccom.contracts import book
from speccom.contracts.book import Coverage, Quarantined, Receipt
from speccom.finance.position.completion import Completion, Key, kept, measure, measured
from speccom.finance.position.months import year_to_date
from speccom.finance.position.table import position
from speccom.ledger.manifest import require_manifest


def sent(
    number: int, costs: dict[int, float], provider: str = "RJ1", data_set: str = "PLCM", year: str = "202425"
) -> Receipt:
    """A receipt of some months of a provider with the cost of each."""
    cover = tuple(
        Coverage(provider, year, month, 1, Decimal(str(round(cost, 2)))) for month, cost in costs.items()
    )
    return Receipt(
        number, "", str(number), "", data_set, (provider,), (year,), (), 1, Decimal(0), 0, Quarantined(0, Decimal(0)),
        {}, True, cover, "",
    )  # fmt: skip


def a_year(provider: str, shares: tuple[float, ...], final: float = 1000.0, first: int = 1) -> list[Receipt]:
    """Twelve files of the year to date; a month holds `shares` of its last cost at its first steps."""

    def cost(step: int) -> float:
        return final * (shares[step] if step < len(shares) else 1.0)

    return [
        sent(first + last - 1, {month: cost(last - month) for month in range(1, last + 1)}, provider)
        for last in range(1, 13)
    ]


def test_shares_that_were_planted_are_found() -> None:
    receipts = a_year("RJ1", (0.9, 0.95, 0.99)) + a_year("R1H", (0.9, 0.95, 0.99), 5000.0, first=13)
    found = measured(receipts)
    assert [(each.step, each.months) for each in found.shares] == [(0, 18), (1, 18), (2, 18)]
    assert [each.share for each in found.shares] == pytest.approx([0.9, 0.95, 0.99])
    steps = {number: found.steps[Key("PLCM", "RJ1", "202425", number)] for number in (1, 9, 11, 12)}
    assert steps == {1: 11, 9: 3, 11: 1, 12: 0}
    assert found.share(Key("PLCM", "RJ1", "202425", 12)) == pytest.approx(0.9)
    assert found.share(Key("PLCM", "RJ1", "202425", 9)) == 1
    assert found.share(Key("DrPLCM", "RJ1", "202425", 12)) == 1


def test_shares_in_noise_are_found_within_their_error() -> None:
    random = np.random.default_rng(7)
    receipts: list[Receipt] = []
    for number in range(60):
        truth = random.gamma(50, 20, 12)
        seen = random.normal(0.92, 0.02, 12)
        for last in range(1, 13):
            costs = {at: truth[at - 1] * (seen[at - 1] if at == last else 1) for at in range(1, last + 1)}
            receipts.append(sent(len(receipts) + 1, costs, f"R{number:02d}"))
    [first, *_] = measured(receipts).shares
    assert first.share == pytest.approx(0.92, abs=0.004)


def test_whole_years_sent_once_say_nothing_and_it_is_said() -> None:
    found = measured([sent(1, dict.fromkeys(range(1, 13), 10.0))])
    assert found.shares == ()
    assert "no month of any provider was sent both soon after it ended" in found.said()
    assert found.share(Key("PLCM", "RJ1", "202425", 12)) == 1


def test_a_month_sent_again_at_the_end_of_the_year_goes_on_in_step() -> None:
    """Nothing comes after March, so being sent again is what moves it on."""
    receipts = [sent(number, dict.fromkeys(range(1, 13), 10.0)) for number in range(1, 5)]
    found = measured(a_year("R1H", (0.9,), first=10) + receipts)
    assert found.steps[Key("PLCM", "RJ1", "202425", 12)] == 3


def test_the_parts_of_a_split_submission_are_one() -> None:
    halves = [sent(1, dict.fromkeys(range(1, 7), 9.0)), sent(2, dict.fromkeys(range(7, 13), 9.0))]
    found = measured(halves + a_year("R1H", (0.9,), first=3))
    assert found.steps[Key("PLCM", "RJ1", "202425", 6)] == 6
    assert found.steps[Key("PLCM", "RJ1", "202425", 12)] == 0


def test_the_aggregate_set_is_no_evidence() -> None:
    receipts = [sent(number, {1: 5.0 * number, number: 1.0}, data_set="ACM") for number in range(1, 13)]
    assert measured(receipts).shares == ()


def test_a_step_without_a_share_has_that_of_the_next() -> None:
    receipts = [
        sent(10 * at + last, dict.fromkeys(range(1, last + 1), 96.0 if last == 5 else 100.0), f"RX{at}")
        for at in range(9)
        for last in (5, 12)
    ]
    found = measured(receipts)
    assert {each.step for each in found.shares} == {0, 1, 2}
    only_two = Completion(1, found.shares[2:], {Key("PLCM", "RJ1", "202526", 6): 0})
    assert only_two.share(Key("PLCM", "RJ1", "202526", 6)) == pytest.approx(0.96)


def test_a_forecast_is_of_months_completed(tmp_path: Path) -> None:
    """A year sent month by month, its first submissions at 80%; then April and May of the next."""
    workspace = workspace_in(tmp_path)
    for last in range(1, 13):
        receive(
            workspace,
            lines(range(1, last + 1), lambda at, last=last: 800 if at == last else 1000, year="202425"),
        )
    receive(workspace, lines([1], lambda _: 800))
    receive(workspace, lines([1, 2], lambda at: 800 if at == 2 else 1000))
    build_in(workspace)
    found = measure(workspace)
    assert found.shares[0].share == pytest.approx(0.8)
    [row] = position(stood(workspace, 2)).table.to_pylist()
    assert (row["actual"], row["completed"]) == (1800, 2000)
    assert float(row["forecast"]) == pytest.approx(2000 / sum((1000, 1000)) * 11_800, rel=0.02)


def test_what_was_kept_is_of_the_ledger_or_not_used(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    for last in range(1, 13):
        receive(workspace, lines(range(1, last + 1), lambda at, last=last: 800 if at == last else 1000))
    build_in(workspace)
    manifest = require_manifest(workspace)
    assert "run speccom build" in str(kept(workspace, manifest).why)
    found = measure(workspace)
    assert kept(workspace, manifest) == found
    assert year_to_date(workspace, month(12)).completion.shares == found.shares
    receive(workspace, lines(range(1, 13)))
    build_in(workspace)
    assert kept(workspace, require_manifest(workspace)).shares == ()
    assert len(book.read(workspace)) == 13
