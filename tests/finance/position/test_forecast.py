"""Forecasts: exact where nothing is left to chance, and an interval that covers what it says it covers."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.finance.position.worlds import lines, plans, stood, world
from tests.ledger.worlds import SPINAL

from speccom.finance.position.completion import Share, shares_of
from speccom.finance.position.course import by_month
from speccom.finance.position.doubt import NONE, Doubt
from speccom.finance.position.forecast import expected, project
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.seasons import bank_holidays, seasons, working_days
from speccom.finance.position.table import position
from speccom.period import FinancialYear

FLAT = np.full(12, 1 / 12)


def known(pounds: list[float]) -> np.ndarray:
    """The months given, and none after."""
    return np.array([pounds + [np.nan] * (12 - len(pounds))])


def forecast_of(completed: np.ndarray, shapes: np.ndarray, level: float = 0.8):  # type: ignore[no-untyped-def]
    run = expected(completed, shapes, np.ones(completed.shape, dtype=bool))
    return project(completed, run, np.zeros(completed.shape, dtype=np.int64), 1, level)


def test_a_steady_half_year_is_doubled_without_doubt() -> None:
    found = forecast_of(known([100.0] * 6), FLAT[None])
    assert found.full_year[0] == pytest.approx(1200)
    assert found.lower[0] == pytest.approx(1200)
    assert found.upper[0] == pytest.approx(1200)


def test_a_season_is_not_taken_for_a_trend() -> None:
    shape = np.arange(1, 13) / np.arange(1, 13).sum()
    found = forecast_of(known(list(780 * shape[:6])), shape[None])
    assert found.full_year[0] == pytest.approx(780)
    assert found.upper[0] == pytest.approx(780)


def test_the_interval_by_hand() -> None:
    """Months 90 and 110 and 100 of a flat year: φ = (100 + 100 + 0)/100 ÷ 2 = 1, and 900 are to come."""
    found = forecast_of(known([90.0, 110.0, 100.0]), FLAT[None])
    variance = 1 * (900 + 900**2 / 300)
    t = 1.885618  # 90% point of Student's t with two degrees of freedom
    assert found.full_year[0] == pytest.approx(1200)
    assert found.upper[0] - 1200 == pytest.approx(t * variance**0.5, rel=1e-6)


def test_two_months_have_a_forecast_and_no_interval() -> None:
    found = forecast_of(known([90.0, 110.0]), FLAT[None])
    assert found.full_year[0] == pytest.approx(1200)
    assert np.isnan(found.lower[0])


def test_a_whole_year_is_what_it_was() -> None:
    found = forecast_of(known([float(month) for month in range(1, 13)]), FLAT[None])
    assert found.full_year[0] == found.lower[0] == found.upper[0] == 78


@given(
    arrays(np.float64, (4, 6), elements=st.floats(0, 10**6)),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_the_forecast_of_a_group_is_the_sum_of_its_parts(pounds: np.ndarray, groups: list[int]) -> None:
    completed = np.hstack([pounds, np.full((4, 6), np.nan)])
    shapes = np.tile(FLAT, (4, 1))
    run = expected(completed, shapes, np.ones((4, 12), dtype=bool))
    member = np.repeat(np.array(groups)[:, None], 12, axis=1)
    apart = project(completed, run, member, 3)
    together = project(completed, run, np.zeros((4, 12), dtype=np.int64), 1)
    assert apart.full_year.sum() == pytest.approx(together.full_year[0])


@pytest.mark.parametrize("months", [3, 6, 9])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_the_interval_covers_as_often_as_it_says(months: int, level: float) -> None:
    """4,000 made-up years with a known season, months of three series straying by gamma noise, known to their end."""
    random = np.random.default_rng(20260401 + months)
    shape = np.array([8, 8.2, 8.4, 8.6, 7.9, 8.3, 8.9, 8.5, 7.8, 8.7, 8.1, 8.6])
    shapes = np.tile(shape / shape.sum(), (3, 1))
    rates = np.array([12_000.0, 5_000.0, 30_000.0])[:, None] * shapes
    inside = 0
    for _ in range(4000):
        truth = random.gamma(rates / 40, 40)
        completed = truth.copy()
        completed[:, months:] = np.nan
        run = expected(completed, shapes, np.ones((3, 12), dtype=bool))
        found = project(completed, run, np.zeros((3, 12), dtype=np.int64), 1, level)
        inside += found.lower[0] <= truth.sum() <= found.upper[0]
    assert inside / 4000 == pytest.approx(level, abs=0.025)


# --- months that are not yet complete

HOLDS = (0.85, 0.93, 0.98)
"""What a month holds of its last cost at steps 0, 1 and 2, on average."""
STRAYS = (0.03, 0.015, 0.005)


def held_at(step: int, ends: np.ndarray, random: np.random.Generator, lines_late: bool) -> np.ndarray:
    """What months that end at some cost hold at a step: lines of £2,000 late one by one, or whole submissions."""
    if lines_late:
        number = np.maximum((ends / 2000).astype(int), 1)
        return random.binomial(number, HOLDS[step]) / number * ends
    return random.normal(HOLDS[step], STRAYS[step], ends.shape) * ends


def measured_shares(usual: np.ndarray, months: int, random: np.random.Generator, lines_late: bool):  # type: ignore[no-untyped-def]
    """What completion is measured to be from some months of providers of some usual size."""
    pairs = {}
    for step in range(3):
        ends = random.gamma(usual[:, None] / 500, 500, (len(usual), months))
        seen = held_at(step, ends, random, lines_late)
        pairs["PLCM", step] = list(zip(seen.ravel().tolist(), ends.ravel().tolist(), strict=True))
    return shares_of(pairs)


def doubted(recorded: np.ndarray, months: int, shares: list[Share]) -> tuple[np.ndarray, Doubt]:
    """Providers × 12 of which the last three months held are at steps 2, 1 and 0: completed, and the doubt of it."""
    completed = recorded.copy()
    completed[:, months:] = np.nan
    sent = np.full(recorded.shape, NONE)
    late = []
    for share in shares:
        month = months - 1 - share.step
        completed[:, month] = recorded[:, month] / share.share
        sent[:, month] = np.arange(len(late), len(late) + len(recorded))
        late += [share.step] * len(recorded)
    return completed, Doubt(recorded, sent, np.array(late), tuple(shares), np.zeros(recorded.shape, bool))


@pytest.mark.parametrize("lines_late", [True, False])
@pytest.mark.parametrize("months", [3, 6, 12])
def test_the_interval_covers_what_late_months_end_at_as_often_as_it_says(
    lines_late: bool, months: int
) -> None:
    """1,000 made-up years of 10 providers with their own history: completion is measured, and nothing of it known.

    The doubt of the last months is in how far months stray too, which makes the interval a little wide: up to five
    points more than it says, and no more than two and a half less.
    """
    random = np.random.default_rng(20261126 + months)
    inside, years = dict.fromkeys((0.8, 0.95), 0), 1000
    for _ in range(years):
        usual = random.gamma(0.7, 250_000, 10) + 20_000
        shares = measured_shares(usual, 6, random, lines_late)
        truth = random.gamma(np.tile(usual[:, None], 12) / 500, 500)
        recorded = truth.copy()
        for step in range(3):
            recorded[:, months - 1 - step] = held_at(step, truth[:, months - 1 - step], random, lines_late)
        recorded[:, months:] = 0
        completed, doubt = doubted(recorded, months, shares)
        run = expected(completed, np.tile(FLAT, (10, 1)), np.ones((10, 12), dtype=bool))
        for level in inside:
            found = project(completed, run, np.zeros((10, 12), dtype=np.int64), 1, level, doubt)
            inside[level] += found.lower[0] <= truth.sum() <= found.upper[0]
    for level, covered in inside.items():
        assert level - 0.025 <= covered / years <= level + 0.05


def test_one_part_of_many_is_covered_as_the_whole_is() -> None:
    """A commissioner's tenth of each provider's lines, late one by one: completion is measured of all of them."""
    random = np.random.default_rng(81)
    inside, years = 0, 1000
    for _ in range(years):
        usual = random.gamma(0.7, 2_500_000, 10) + 400_000
        shares = measured_shares(usual, 6, random, True)
        truth = random.gamma(np.tile(usual[:, None] / 10, 12) / 500, 500)
        recorded = truth.copy()
        for step in range(3):
            recorded[:, 11 - step] = held_at(step, truth[:, 11 - step], random, True)
        completed, doubt = doubted(recorded, 12, shares)
        run = expected(completed, np.tile(FLAT, (10, 1)), np.ones((10, 12), dtype=bool))
        found = project(completed, run, np.zeros((10, 12), dtype=np.int64), 1, 0.8, doubt)
        inside += found.lower[0] <= truth.sum() <= found.upper[0]
    assert inside / years == pytest.approx(0.8, abs=0.03)


def test_the_doubt_of_a_late_month_by_hand() -> None:
    """A year of 100s whose March is 80 at a step of ψ = 2, τ² = 0.01 and var f = (2·800 + 0.01·80000)/800².

    It ends at 100; its variance is 2·80 + 0.01·80² + 80²·0.00375 = 248, with 9 degrees of freedom: t is 1.383029.
    """
    share = Share("PLCM", 0, 0.8, 10, 800, 1000, 2.0, 0.01, 80_000)
    recorded = np.full((1, 12), 100.0)
    recorded[0, 11] = 80
    sent = np.full((1, 12), NONE)
    sent[0, 11] = 0
    doubt = Doubt(recorded, sent, np.zeros(1, dtype=np.int64), (share,), np.zeros((1, 12), bool))
    completed = np.full((1, 12), 100.0)
    found = project(completed, completed, np.zeros((1, 12), dtype=np.int64), 1, 0.8, doubt)
    assert found.full_year[0] == pytest.approx(1200)
    assert found.upper[0] - 1200 == pytest.approx(1.383029 * 248**0.5, rel=1e-6)
    # Of half a year, a pound that June lacks is a pound more in each month like it, to come too: u = 2.
    halved = np.where(np.arange(12) < 6, 100.0, np.nan)[None]
    half = Doubt(recorded[:, ::-1] * 1, np.roll(sent, 6), doubt.shares, doubt.of, doubt.unmeasured)
    half.recorded[0, 5] = 80
    run = np.full((1, 12), 100.0)
    found = project(halved, run, np.zeros((1, 12), dtype=np.int64), 1, 0.8, half)
    assert found.lateness[0, 0] == pytest.approx(4 * 248 + 0, rel=1e-9)
    together = project(halved, run, np.repeat([[0, 1]], 6).reshape(1, 12), 2, 0.8, half)
    assert together.lateness[:, 0] == pytest.approx(
        [248, 248], rel=1e-9
    )  # what is to come is the other group's


def test_months_complete_for_sure_leave_the_interval_as_it_was() -> None:
    """Where every month followed held exactly 80%, March at 80 ends at 100 and nothing is in doubt."""
    [share] = shares_of({("PLCM", 0): [(80.0 * size, 100.0 * size) for size in range(1, 11)]})
    assert (share.by_pound, share.by_square) == pytest.approx((0, 0), abs=1e-12)
    recorded = np.full((1, 12), 100.0)
    recorded[0, 11] = 80
    completed, doubt = doubted(recorded, 12, [share])
    found = project(completed, completed, np.zeros((1, 12), dtype=np.int64), 1, 0.95, doubt)
    assert found.lower[0] == pytest.approx(1200, abs=1e-6)
    assert found.upper[0] == pytest.approx(1200, abs=1e-6)


def test_what_was_planted_of_how_months_stray_is_found() -> None:
    random = np.random.default_rng(5)
    at = random.gamma(0.7, 1e6, 40_000) + 1e4
    end = 1.25 * at + random.normal(0, np.sqrt(100 * at + 0.0004 * at**2))
    [share] = shares_of({("PLCM", 0): list(zip(at.tolist(), end.tolist(), strict=True))})
    assert share.share == pytest.approx(0.8, rel=0.01)
    assert share.by_pound == pytest.approx(100, rel=0.1)
    assert share.by_square == pytest.approx(0.0004, rel=0.1)


# --- seasons


def test_a_season_is_the_mean_of_the_months_shares_whatever_prices_were() -> None:
    rows = [
        ("A", year, month, (month + 1) * price, 500)
        for year, price in (("202324", 1.0), ("202425", 9.0))
        for month in range(1, 13)
    ]
    found = seasons(
        rows, [FinancialYear(2023), FinancialYear(2024), FinancialYear(2025)], FinancialYear(2025)
    )
    assert found.years == (FinancialYear(2023), FinancialYear(2024))
    assert found.of("A") == pytest.approx(np.arange(2, 14) / np.arange(2, 14).sum())
    assert found.of("B") == pytest.approx(found.overall)


def test_a_line_of_few_has_the_season_of_all() -> None:
    rows = [("A", "202425", month, 100.0, 500) for month in range(1, 13)]
    rows += [("B", "202425", month, 50.0 * (month == 3) + 1, 1) for month in range(1, 13)]
    found = seasons(rows, [FinancialYear(2024)], FinancialYear(2025))
    assert "B" not in found.own
    assert found.of("B") == pytest.approx(found.overall)


def test_without_earlier_years_months_count_by_their_working_days() -> None:
    found = seasons([], [], FinancialYear(2025))
    assert found.years == ()
    assert found.overall == pytest.approx(working_days(FinancialYear(2025)))
    assert "working days" in found.said()


def test_working_days_of_2025_26() -> None:
    """By the calendar: 253 working days, 20 in April 2025 and 20 in May, 22 in September."""
    shares = working_days(FinancialYear(2025)) * 253
    assert [round(float(each)) for each in shares] == [20, 20, 21, 23, 20, 22, 23, 20, 21, 21, 20, 22]
    assert shares.sum() == pytest.approx(253)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ],
)
def test_bank_holidays_of_england(year: int, days: str) -> None:
    assert bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


# --- of a ledger


def test_months_of_a_provider_that_are_not_in_are_expected_and_said(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)), lines(range(1, 4), provider="R1H"))
    found = position(stood(workspace), ("provider",))
    rows = {row["provider"]: row for row in found.table.to_pylist()}
    assert rows["R1H"]["actual"] == 3000
    assert float(rows["R1H"]["forecast"]) == pytest.approx(3000 / 61 * 253, abs=0.01)  # by working days
    assert "no actual of July to September 2025, because nothing was sent for it" in " ".join(found.said())


def test_a_month_without_rows_before_one_with_some_is_a_month_of_nothing(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines([1, 2, 4, 5, 6]), lines(range(1, 7), provider="R1H"))
    [row] = [
        row for row in position(stood(workspace), ("provider",)).table.to_pylist() if row["provider"] == "RJ1"
    ]
    assert float(row["forecast"]) == pytest.approx(10_000, rel=0.03)


def test_a_month_that_the_ledger_does_not_hold_is_a_gap(tmp_path: Path) -> None:
    found = position(stood(world(tmp_path, lines([1, 2, 4, 5, 6]))))
    assert "March" not in " ".join(found.said())
    assert "June 2025: no actual, because the ledger does not hold that month." in found.said()
    [row] = found.table.to_pylist()
    assert float(row["forecast"]) == pytest.approx(12_000, rel=0.03)


def test_the_course_ends_at_the_forecast_and_at_its_interval(tmp_path: Path) -> None:
    workspace = world(
        tmp_path,
        lines(range(1, 7), lambda month: 1000 + 50 * (month % 3)),
        lines(range(1, 4), lambda month: 700 + month, provider="R1H", service_code=SPINAL),
        plans(range(1, 13)),
    )
    of = stood(workspace, commissioner="QKS")
    [whole] = position(of).table.to_pylist()
    months = by_month(of).table.to_pylist()
    assert months[-1]["expected_to_date"] == whole["forecast"]
    assert months[-1]["lower"] == whole["forecast_lower"]
    assert months[-1]["upper"] == whole["forecast_upper"]
    assert months[5]["recorded_to_date"] == whole["actual"]
    assert months[5]["plan_to_date"] == whole["plan"] == 5400
    assert months[-1]["plan_to_date"] == whole["year_plan"] == 10_800
    assert Counter(row["recorded"] is None for row in months) == {True: 6, False: 6}


def test_a_level_that_is_none_is_refused(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)))
    with pytest.raises(PositionError, match="no level"):
        stood(workspace, level=80)


def test_the_full_year_interval_widens_with_the_level(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7), lambda month: 1000 + 90 * (month % 2)))
    [narrow], [wide] = (position(stood(workspace, level=level)).table.to_pylist() for level in (0.5, 0.95))
    assert wide["forecast_lower"] < narrow["forecast_lower"] < narrow["forecast"] == wide["forecast"]
    assert isinstance(wide["forecast"], Decimal)
