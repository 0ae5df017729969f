"""Scenarios: every pound conserved, changes on their day and not the day before, gains that sum to nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.finance.scenario_worlds import DELEGATE, MERGE, a_year, scenario_of
from tests.insight.worlds import NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger, row_of
from tests.ledger.worlds import LONDON, RENAL, SPINAL, Row

from speccom.engine import run_steps
from speccom.finance.bases import held_of, money_of
from speccom.finance.explained import Explained
from speccom.finance.pace import AllocationError
from speccom.finance.pool_history import history
from speccom.finance.scenarios import Ran, ScenarioError, run, shipped
from speccom.finance.scenarios.boards import boards_of
from speccom.finance.scenarios.chances import chances
from speccom.finance.scenarios.explained import NUMBERS, explain
from speccom.finance.scenarios.public import ScenarioWithheld, check_public
from speccom.finance.scenarios.results import areas_of, changes_of, compare, pots_of, volatility_of
from speccom.finance.target import TargetError
from speccom.insight.chance import YearCosts
from speccom.insight.result import InsightError
from speccom.insight.volatility import tiers
from speccom.insight.yearly import case_costs
from speccom.ledger.manifest import LedgerError
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

REGISTER = Register.load()
YEAR = FinancialYear(2025)
BOTH = (NORTH_EAST_LONDON, WEST_YORKSHIRE)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("scenarios"), a_year())


def ran(workspace: Workspace, *changes: dict[str, Any], **others: Any) -> Ran:
    return run(workspace, scenario_of(*changes, **others), REGISTER)


def held(found: Ran, pot: str, area: str) -> tuple[Decimal, Decimal]:
    rows = [row for row in pots_of(found).table.to_pylist() if (row["pot"], row["area"]) == (pot, area)]
    return sum((row["before"] for row in rows), Decimal(0)), sum((row["after"] for row in rows), Decimal(0))


# --- without changes


def test_without_changes_nothing_moves_and_nobody_gains(workspace: Workspace) -> None:
    found = ran(workspace)
    assert found.before == found.after
    rows = areas_of(found).table.to_pylist()
    assert [(row["area"], row["allocation"], row["gain"]) for row in rows] == [
        (NORTH_EAST_LONDON, Decimal("1200.00"), 0),
        (WEST_YORKSHIRE, Decimal("1200.00"), 0),
    ]


def test_who_holds_what_before_is_what_the_bases_say(workspace: Workspace) -> None:
    told = held_of(money_of(workspace, [YEAR]), YEAR).table.to_pylist()
    rows = pots_of(ran(workspace, DELEGATE)).table.to_pylist()
    before = {(row["pot"], row["area"], row["holder"]): row["before"] for row in rows if row["before"]}
    assert before == {(row["pot"], row["area"], row["holder"]): row["amount"] for row in told}


# --- lines that move


def test_a_delegation_moves_money_from_the_region_of_the_provider_to_the_board_of_the_people(
    workspace: Workspace,
) -> None:
    found = ran(workspace, DELEGATE)
    assert held(found, "delegated", NORTH_EAST_LONDON) == (1200, 1572)
    assert held(found, "delegated", WEST_YORKSHIRE) == (1200, 1944)
    assert held(found, "retained", "Y56") == (372, 0)
    assert held(found, "drugs", "ENG") == (84, 84)  # of the same line, and it stays held centrally
    [row] = changes_of(found).table.to_pylist()
    assert (row["lines"], row["moves_in_first_year"]) == (1, 372 + 744)
    assert row_of(areas_of(found), area=WEST_YORKSHIRE)["came"] == 744


@pytest.mark.parametrize(
    ("on", "months"),
    [
        ("2026-04-01", 12),
        ("2026-10-01", 6),
        ("2027-03-31", Decimal(1) / 31),
        ("2027-04-01", 0),
        ("2026-04-16", Decimal("11.5")),
    ],
)
def test_a_change_holds_from_its_day_on_by_the_days_of_its_month(
    workspace: Workspace, on: str, months: Decimal
) -> None:
    found = ran(workspace, DELEGATE | {"on": on})
    before, after = held(found, "delegated", NORTH_EAST_LONDON)
    assert after - before == (31 * Decimal(months)).quantize(Decimal("0.00000001"))


def test_a_change_holds_up_to_its_last_day_and_not_on_it(workspace: Workspace) -> None:
    found = ran(workspace, DELEGATE | {"until": "2026-10-01"})
    assert held(found, "delegated", NORTH_EAST_LONDON) == (1200, 1200 + 6 * 31)


def test_the_year_after_has_the_whole_of_a_change_in_the_middle_of_a_year(workspace: Workspace) -> None:
    found = ran(workspace, DELEGATE | {"on": "2026-10-01"}, years=2)
    assert [each.moved[NORTH_EAST_LONDON] for each in found.years] == [186, 372]
    assert [each.allocated.money for each in found.years] == [2400 + 558, 2400 + 1116]


def test_a_line_moves_for_the_boards_that_are_named_alone(workspace: Workspace) -> None:
    for areas in ([NORTH_EAST_LONDON], ["Y56"]):
        found = ran(workspace, DELEGATE | {"areas": areas})
        assert held(found, "delegated", NORTH_EAST_LONDON)[1] == 1572
        assert held(found, "delegated", WEST_YORKSHIRE)[1] == 1200


@pytest.mark.parametrize(
    ("change", "pot", "area", "after"),
    [
        ({"change": "retain", "lines": [RENAL]}, "retained", "Y56", 372 + 1200),
        ({"change": "tier", "tier": "region", "lines": [RENAL]}, "retained", "Y56", 372 + 1200),
        ({"change": "tier", "tier": "england", "lines": [RENAL]}, "programmes", "ENG", 1200),
        ({"change": "tier", "tier": "multi_icb", "lines": [SPINAL]}, "delegated", NORTH_EAST_LONDON, 1572),
    ],
)
def test_retaining_and_moving_a_tier_move_money_to_the_pot_of_that_tier(
    workspace: Workspace, change: dict[str, Any], pot: str, area: str, after: int
) -> None:
    found = ran(workspace, {"areas": [NORTH_EAST_LONDON], "on": "2026-04-01"} | change)
    assert held(found, pot, area)[1] == after
    assert held(found, "delegated", WEST_YORKSHIRE)[1] == 1200


# --- boards that change


def test_a_merged_board_has_the_money_of_those_before_it_and_is_compared_with_their_sum(
    workspace: Workspace,
) -> None:
    found = ran(workspace, MERGE)
    row = row_of(areas_of(found), area="XXN")
    assert (row["area_name"], row["made_of"]) == ("Both", "QMF, QWO")
    assert (row["without"], row["allocation"], row["gain"]) == (2400, 2400, 0)
    assert held(found, "delegated", "XXN") == (0, 2400)
    assert held(found, "delegated", NORTH_EAST_LONDON) == (1200, 0)


def test_baselines_and_targets_add_under_a_merger_and_allocations_do_not(workspace: Workspace) -> None:
    pace = {"k": 0.5, "cmax": 0.02}
    shares = {NORTH_EAST_LONDON: 0.3, WEST_YORKSHIRE: 0.3, "QKK": 0.4}
    others = {"pace": pace, "target": {"source": "given", "shares": shares}, "money": {"growth": 0.05}}
    rows = [*a_year(), *[Row(gp_responsibility="72Q", patient_id=9, month=month) for month in range(1, 13)]]
    with TemporaryDirectory() as directory:
        found = ran(ledger(Path(directory), rows), MERGE, **others)
    year = found.first
    merged, base = year.allocated.area("XXN"), year.base
    assert merged.baseline == sum(base.area(each).baseline for each in BOTH)
    assert merged.target == sum(base.area(each).target for each in BOTH)
    assert merged.allocation == year.without["XXN"] + year.gain("XXN")
    assert sum(year.gain(each.area) for each in year.allocated.areas) == 0


def test_a_merger_in_the_middle_of_a_year_moves_who_holds_its_money_on_its_day(workspace: Workspace) -> None:
    found = ran(workspace, MERGE | {"on": "2026-10-01"})
    assert held(found, "delegated", NORTH_EAST_LONDON) == (1200, 600)
    assert held(found, "delegated", "XXN") == (0, 1200)
    assert [each.area for each in found.first.allocated.areas] == ["XXN"]


def test_a_board_is_divided_by_its_sub_icb_locations_where_known_and_by_shares_elsewhere(
    workspace: Workspace,
) -> None:
    into = {"XX1": 0.25, "XX2": 0.75}
    split = {
        "change": "split",
        "board": NORTH_EAST_LONDON,
        "into": into,
        "names": {"XX1": "One", "XX2": "Two"},
        "on": "2026-04-01",
    }
    by_share = ran(workspace, split)
    assert held(by_share, "delegated", "XX1")[1] == 300
    assert row_of(areas_of(by_share), area="XX2")["without"] == 900
    by_home = ran(workspace, split | {"members": {LONDON: "XX2"}})
    assert held(by_home, "delegated", "XX2")[1] == 1200
    assert by_home.first.allocated.area("XX1").baseline == 0
    assert row_of(areas_of(by_home), area="XX2")["without"] == 1200
    assert set(by_home.first.came.values()) == {0}  # no service moved


def test_a_delegation_to_a_board_outlives_its_merger(workspace: Workspace) -> None:
    found = ran(workspace, DELEGATE | {"areas": [NORTH_EAST_LONDON]}, MERGE | {"on": "2026-10-01"}, years=2)
    assert found.last.moved["XXN"] == 372


def test_the_mergers_that_ship_are_those_of_the_register() -> None:
    [change] = shipped()["april-2026-mergers"].changes
    boards = boards_of(REGISTER, YEAR, [change])
    assert change.on == date(2026, 4, 1)
    told = {event.board: set(event.successors) for event in boards.events}
    assert told == {
        board: set(REGISTER.successors(board, change.on))
        for board in boards.base
        if REGISTER.successors(board, change.on)
    }
    assert len(boards.gaps) == sum(len(heirs) > 1 for heirs in told.values()) == 3


def test_with_weights_for_its_divided_boards_the_boards_are_those_of_the_register() -> None:
    weights = {"QJG": {"D7T5G": 0.4, "T6Y0W": 0.6}, "QM7": {"D7T5G": 0.2, "S1Y5D": 0.8}}
    weights["QNQ"] = {"QRL": 0.2, "S0E4D": 0.4, "S9B9J": 0.4}
    changes = scenario_of({"change": "successions", "on": "2026-04-01", "weights": weights}).changes
    boards = boards_of(REGISTER, YEAR, changes)
    on = date(2026, 4, 1)
    then = {heir for board in boards.base for heir, _ in boards.heirs(board, on)}
    assert then == {area.icb for area in REGISTER.areas(on).values()}
    assert not boards.gaps
    day_before = {heir for board in boards.base for heir, _ in boards.heirs(board, on - timedelta(days=1))}
    assert day_before == set(boards.base)
    assert boards.followed("QM7", on, "07H")[0].board == REGISTER.board_on("07H", on)


# --- conserved


CHANGES = st.lists(
    st.one_of(
        st.builds(
            lambda on, areas: DELEGATE | {"on": on.isoformat(), "areas": areas},
            st.dates(date(2026, 4, 1), date(2028, 3, 31)),
            st.sampled_from(["all", [NORTH_EAST_LONDON], ["Y63"]]),
        ),
        st.builds(
            lambda on, tier: {
                "change": "tier",
                "tier": tier,
                "lines": [RENAL],
                "areas": [NORTH_EAST_LONDON],
                "on": on.isoformat(),
            },
            st.dates(date(2026, 4, 1), date(2028, 3, 31)),
            st.sampled_from(["region", "multi_icb", "england"]),
        ),
        st.builds(lambda on: MERGE | {"on": on.isoformat()}, st.dates(date(2026, 4, 1), date(2028, 3, 31))),
    ),
    max_size=3,
)


@given(changes=CHANGES, growth=st.decimals(0, "0.1", places=4), years=st.integers(1, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_pound_is_lost_and_allocations_sum_to_the_money(
    workspace: Workspace, changes: list[dict[str, Any]], growth: Decimal, years: int
) -> None:
    try:
        found = ran(workspace, *changes, money={"growth": float(growth)}, years=years, pace={"k": 0.3})
    except ScenarioError as error:  # what is so already, or a board that has become another
        assert (
            "services take" in str(error)
            or "already" in str(error)
            or "overlap" in str(error)
            or "not active" in str(error)
        )
        return
    assert sum(found.before.values()) == sum(found.after.values()) == found.cells.total
    for year in found.years:
        assert sum(each.allocation for each in year.allocated.areas) == year.allocated.money
        gained = sum(year.gain(each.area) for each in year.allocated.areas)
        assert abs(gained) <= Decimal("0.05") * len(found.years)


# --- what cannot be


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([MERGE, MERGE | {"boards": ["QMF", "QKK"], "into": "XXM", "on": "2027-04-01"}], "the two overlap"),
        ([MERGE, DELEGATE | {"areas": ["QMF"], "on": "2027-04-01"}], "is not active"),
        ([MERGE | {"boards": ["S1Y5D", "QMF"]}], "not active then"),
        ([MERGE | {"boards": ["ZZZ", "QMF"]}], "no board that the register"),
        (
            [{**MERGE, "region": "Y56", "into": "XXN", "name": "x", "on": "2026-03-01"}],
            "is not after 2025/26",
        ),
        ([{key: MERGE[key] for key in MERGE if key != "name"}], "so it needs a name"),
        ([{key: MERGE[key] for key in MERGE if key != "region"}], "say which region"),
        ([DELEGATE | {"areas": ["ZZZ"]}], "ZZZ is no board or region"),
        ([DELEGATE | {"on": "2025-03-31"}], "is before 2025/26 begins"),
        ([DELEGATE | {"lines": [RENAL]}], "already delegated for the people of"),
        ([DELEGATE, DELEGATE | {"on": "2027-04-01"}], "already delegated"),
        ([{**DELEGATE, "change": "retain"}], "already retained"),
        ([{"change": "successions", "on": "2026-05-01"}], "no succession of boards on that day"),
        (
            [{"change": "successions", "on": "2026-04-01", "weights": {"QMF": {"QX1": 0.5, "QX2": 0.5}}}],
            "not divided on that day",
        ),
        (
            [{"change": "successions", "on": "2026-04-01", "weights": {"QJG": {"QX1": 0.5, "QX2": 0.5}}}],
            "it was divided between",
        ),
        ([{"change": "set", "parameter": "h", "value": 0.1, "on": "2026-04-01"}], "sets h"),
    ],
)
def test_what_cannot_be_is_refused_with_what_clashes(
    workspace: Workspace, changes: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        ran(workspace, *changes)
    assert said in str(refused.value)


def test_a_line_that_is_not_known_is_refused_with_what_would_do(workspace: Workspace) -> None:
    with pytest.raises(InsightError, match="no service line, service, programme or pathway"):
        ran(workspace, DELEGATE | {"lines": ["NCBPS99X"]})


def test_services_that_take_more_than_the_years_before_left_are_refused_with_both(
    workspace: Workspace,
) -> None:
    leave = {"change": "retain", "lines": [RENAL], "areas": [NORTH_EAST_LONDON], "on": "2027-01-01"}
    with pytest.raises(ScenarioError, match=r"In 2027/28 services take £900\.00 from .*left it £"):
        ran(workspace, leave, years=2, pace={"k": 1})
    assert ran(workspace, leave | {"on": "2026-04-01"}, years=2).last.moved[NORTH_EAST_LONDON] == -1200


def test_shares_that_do_not_sum_and_areas_without_one_are_refused(workspace: Workspace) -> None:
    with pytest.raises(ScenarioError, match=r"sum to 0\.9"):
        ran(workspace, target={"source": "given", "shares": {NORTH_EAST_LONDON: 0.4, WEST_YORKSHIRE: 0.5}})
    with pytest.raises(ScenarioError, match="has money of QWO"):
        ran(workspace, target={"source": "given", "shares": {NORTH_EAST_LONDON: 1}})


def test_floors_above_the_money_are_refused_with_the_numbers(workspace: Workspace) -> None:
    with pytest.raises(AllocationError, match=r"more than the money, £2,400\.00"):
        ran(workspace, pace={"k": 0, "gmin": 0.1})


def test_a_year_that_is_not_held_or_had_no_money_of_boards_is_refused(workspace: Workspace) -> None:
    with pytest.raises(LedgerError, match="holds nothing of 2024/25"):
        ran(workspace, base_year="2024/25")
    with TemporaryDirectory() as directory:
        early = ledger(Path(directory), [Row(financial_year="202324")])
        with pytest.raises(ScenarioError, match="boards shared no money"):
            ran(early, base_year="2023/24")


def test_a_target_of_a_year_that_is_not_held_is_refused(workspace: Workspace) -> None:
    with pytest.raises(TargetError, match="no weighted populations of 2019/20"):
        ran(workspace, target={"source": "core", "year": "2019/20"})


def test_a_parameter_set_from_a_day_changes_the_years_from_then_on(workspace: Workspace) -> None:
    change = {"change": "set", "parameter": "k", "value": 1, "on": "2027-04-01"}
    found = ran(workspace, change, years=2)
    first, second = found.years
    assert first.allocated.area(NORTH_EAST_LONDON).allocation == 1200
    assert second.allocated.area(NORTH_EAST_LONDON).allocation < 1200
    assert second.gain(NORTH_EAST_LONDON) == -second.gain(WEST_YORKSHIRE)
    growth = {"change": "set", "parameter": "growth", "value": 0.1, "on": "2026-04-01"}
    assert ran(workspace, growth).first.allocated.money == 2640


# --- side by side, explained, steady


def test_two_scenarios_stand_side_by_side_with_what_their_files_say_differently(workspace: Workspace) -> None:
    result = compare(ran(workspace, DELEGATE), ran(workspace, pace={"k": 0.1}))
    row = row_of(result, area=WEST_YORKSHIRE)
    assert row["difference"] == row["allocation"] - row["other_allocation"]
    assert any("k: 0 here, 0.1 in the other" in note for note in result.notes)
    assert any("Only here: Delegate" in note for note in result.notes)
    merged = compare(ran(workspace, MERGE), ran(workspace))
    assert row_of(merged, area="XXN")["other_allocation"] is None
    assert row_of(merged, area=WEST_YORKSHIRE)["allocation"] is None
    assert row_of(merged, area=WEST_YORKSHIRE)["area_name"] == "NHS West Yorkshire ICB"


def test_every_number_opens_to_what_the_table_shows(workspace: Workspace) -> None:
    found = ran(workspace, DELEGATE, MERGE, years=2, money={"growth": 0.05})
    for row in areas_of(found).table.to_pylist():
        for number in ("without", "came", "allocation", "gain", "target"):
            told = explain(found, row["area"], row["year"], number)
            assert told.value == row[number], number
            assert told.sources()
        gain = explain(found, row["area"], row["year"], "gain")
        parts: list[Explained] = list(gain.inputs)
        assert parts[0].value - parts[1].value - parts[2].value == gain.value  # type: ignore[operator]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("QKK", "2026/27", "gain"), "QKK"),
        (("QMF", "2030/31", "gain"), "2030/31"),
        (("QMF", "2026/27", "luck"), "luck"),
    ],
)
def test_what_is_not_there_cannot_be_explained(
    workspace: Workspace, asked: tuple[str, str, str], said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        explain(ran(workspace), *asked)
    assert set(NUMBERS) >= {"gain", "allocation"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("many"), a_year(patients=12))


def test_merged_boards_are_steadier_and_a_delegated_line_is_not(many: Workspace) -> None:
    merged = {each.line: each for each in chances(many, ran(many, MERGE))}
    assert (merged[RENAL].units_before, merged[RENAL].units_after) == (2, 1)
    assert merged[RENAL].chance_after < merged[RENAL].chance_before
    assert SPINAL in merged  # planned by region, and one of the two boards comes into the other's
    delegated = chances(many, ran(many, DELEGATE))
    assert [each.line for each in delegated] == [SPINAL]
    [row] = volatility_of(ran(many, DELEGATE), delegated).table.to_pylist()
    assert (row["footprint_before"], row["footprint_after"]) == ("Region", "One board")
    assert chances(many, ran(many)) == []


def test_a_line_has_one_chance_in_scenarios_tiers_and_pools(tmp_path: Path) -> None:
    years = {"2023/24": 12, "2024/25": 30, "2025/26": 26, "2026/27": 10}
    rows = [
        replace(row, financial_year=FinancialYear.parse(year).code)
        for year, number in years.items()
        for row in a_year(number)
    ]
    held = ledger(tmp_path, rows)
    [tier] = [row for row in tiers(held, RENAL).lines.table.to_pylist() if row["service_line"] == RENAL]
    assert tier["between_years"] > 0.1
    of_pool = history(held, RENAL, years=[FinancialYear.parse(year) for year in years])
    assert of_pool.chances.between_years == pytest.approx(tier["between_years"], rel=0.01)
    [found] = [each for each in chances(held, ran(held, MERGE)) if each.line == RENAL]
    with summaries(held, [FinancialYear.parse("2025/26")]) as (engine, _):
        run_steps(engine, "speccom.finance.scenarios", ["scenario_bands"])
        costs = case_costs(engine.fetch("select * from scenario_bands").to_pylist())[RENAL]
    own, alike = (
        YearCosts([26.0, 26.0], costs, between_year=variance).chance_of_missing(0.05).mean()
        for variance in (tier["between_years"], 0.0)
    )
    assert found.chance_before == pytest.approx(own)
    assert found.chance_before > alike + 0.02


# --- for everybody


def test_what_many_people_cost_may_be_shown(many: Workspace) -> None:
    check_public(many, ran(many, DELEGATE), ())
    check_public(many, ran(many, MERGE), ())


def test_a_line_of_few_people_a_day_within_a_year_and_withheld_sums_are_not_shown(
    workspace: Workspace, many: Workspace
) -> None:
    with pytest.raises(ScenarioWithheld, match=f"few people of {SPINAL}"):
        check_public(workspace, ran(workspace, DELEGATE), ())
    with pytest.raises(ScenarioWithheld, match="within a year"):
        check_public(many, ran(many, DELEGATE | {"on": "2026-10-01"}), ())
    with pytest.raises(ScenarioWithheld, match="withheld for 1 of them"):
        check_public(many, ran(many, MERGE), ["QMF"])
