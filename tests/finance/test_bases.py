"""Host and population basis: every penny is on one basis, transfers sum to nothing, and rules change on their day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.insight.worlds import NORTH_EAST_LONDON, SOUTH_EAST_LONDON, WEST_YORKSHIRE, ledger, row_of
from tests.ledger.worlds import (
    BARTS,
    GUYS,
    LEEDS,
    LEEDS_AREA,
    LONDON,
    RENAL,
    SPINAL,
    Row,
    build_in,
    files,
    law,
    ledger_rows,
    receive,
    workspace_in,
)

from speccom.finance.bases import (
    BasesError,
    Money,
    bases_of,
    held_of,
    host_and_population,
    money_of,
    pots,
    rule_on,
    rules,
    rules_result,
    transfers_of,
    waterfall_of,
)
from speccom.finance.bases.answers import SPECIALISED
from speccom.insight.result import Result
from speccom.ledger.manifest import LedgerError, require_manifest
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

YEAR = FinancialYear(2025)
PORPHYRIA = "NCBPS27D"
"""A highly specialised line."""
THE_LONDONS, THE_NORTH_EAST = "Y56", "Y63"
OUTSIDE = "99999999"


def rows_of(result: Result) -> list[dict[str, Any]]:
    return list(result.table.to_pylist())


def small_world(year: str = "202526") -> list[Row]:
    """Londoners in Leeds and at home, a Yorkshireman in London, and one line of each pot."""

    def row(pounds: int, **about: Any) -> Row:
        return Row(financial_year=year, cost=Decimal(pounds), **about)

    return [
        row(30, provider=LEEDS),
        row(5),
        row(7, gp_responsibility=LEEDS_AREA),
        row(11, service_code=SPINAL),
        row(13, service_code=PORPHYRIA, gp_responsibility=LEEDS_AREA),
        row(17, data_set="DrPLCM", point_of_delivery="DRUG"),
        row(19, data_set="DePLCM", point_of_delivery="DEVICE", provider=LEEDS),
        row(23, service_code=OUTSIDE, submitted_category="12"),
    ]


@pytest.fixture
def money(tmp_path: Path) -> Money:
    return money_of(ledger(tmp_path, small_world()))


# --- both bases


def test_a_patient_treated_in_another_region_moves_money_on_a_population_basis(money: Money) -> None:
    result = bases_of(money, YEAR)
    london = row_of(result, area=THE_LONDONS)
    assert (london["host_basis"], london["population_basis"], london["transfer"]) == (53, 82, 29)
    assert (london["at_home"], london["outflow"], london["inflow"]) == (33, 49, 20)
    assert london["area_name"] == "NHS England London"
    assert row_of(result, area=THE_NORTH_EAST)["transfer"] == -29
    assert any(
        "£23.00 of lines that name no specialised service is left out" in note for note in result.notes
    )


def test_each_pot_has_its_own_rows_and_basis(money: Money) -> None:
    rows = {(row["area"], row["pot"]): row for row in rows_of(bases_of(money, YEAR, each_pot=True))}
    assert {pot: rows[THE_LONDONS, pot]["host_basis"] for _, pot in rows} == {
        "delegated": 12,
        "retained": 11,
        "programmes": 13,
        "drugs": 17,
        "devices": 0,
        "other": 23,
    }
    assert rows[THE_NORTH_EAST, "devices"]["host_basis"] == 19
    assert rows[THE_LONDONS, "delegated"]["basis"].startswith("population basis")
    assert rows[THE_LONDONS, "delegated"]["level"] == "integrated care boards"
    assert rows[THE_LONDONS, "retained"]["basis"].startswith("host basis")
    assert rows[THE_LONDONS, "drugs"]["level"] == "England as a whole"


def test_other_nations_and_the_unknown_have_rows_of_their_own(tmp_path: Path) -> None:
    rows = [
        Row(gp_responsibility="7A4", cost=Decimal(1)),  # a Welsh patient in London
        Row(provider="RQF", cost=Decimal(2)),  # a Londoner at a Welsh trust
        Row(provider="8HK42", gp_responsibility=None, cost=Decimal(4)),  # nobody knows where or whose
        Row(data_set="ACM", cost=Decimal(500)),
    ]
    workspace = ledger(tmp_path, rows)
    result = bases_of(money_of(workspace), YEAR)
    found = [
        (row["area"], row["host_basis"], row["population_basis"], row["transfer"]) for row in rows_of(result)
    ]
    assert found == [("Y56", 1, 2, 1), ("OTHER NATION", 2, 1, -1), ("UNKNOWN", 4, 4, 0)]
    assert any("8HK42" in gap.subject for gap in result.gaps)
    held = rows_of(held_of(money_of(workspace), YEAR))
    assert {row["area"]: row["holder"] for row in held} == {
        NORTH_EAST_LONDON: NORTH_EAST_LONDON,
        "OTHER NATION": "",
        "UNKNOWN": "",
    }


def test_the_report_has_the_bases_of_the_whole_ledger(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, [*small_world(), *small_world("202425")])
    rows = {row["region"]: row for row in host_and_population(workspace).to_pylist()}
    assert (rows["Y56"]["host"], rows["Y56"]["transfer"]) == (2 * (53 + 23), 2 * 29)
    assert rows["Y56"]["region_name"] == "NHS England London"


# --- which basis when


@pytest.mark.parametrize(
    ("pot", "changes", "before", "after"),
    [
        ("national", date(2023, 4, 1), ("host", "region"), None),
        ("joint", date(2023, 4, 1), None, ("population", "region")),
        ("joint", date(2024, 4, 1), ("population", "region"), ("population", "icb")),
        ("delegated", date(2024, 4, 1), ("population", "region"), ("population", "icb")),
        ("retained", date(2023, 4, 1), None, ("host", "region")),
        ("drugs", date(2023, 4, 1), ("central", "england"), ("central", "england")),
    ],
)
def test_a_rule_changes_on_its_day_and_not_on_the_day_before(
    pot: str, changes: date, before: tuple[str, str] | None, after: tuple[str, str] | None
) -> None:
    for on, wanted in ((changes - timedelta(days=1), before), (changes, after)):
        rule = rule_on(pot, on)
        assert (rule and (rule.basis, rule.level)) == wanted


def test_no_two_rules_of_a_pot_hold_on_one_day_and_each_names_a_source() -> None:
    sources = Register.load().sources
    for pot in pots():
        own = sorted((rule.valid for rule in rules() if rule.pot == pot), key=lambda valid: valid.start)
        assert own
        assert all(one.meets(other) for one, other in pairwise(own))
    assert {rule.source_id for rule in rules()} <= set(sources)
    assert {rule.confidence for rule in rules()} <= {"stated", "inferred", "recalled"}


def test_the_rules_are_told_with_their_sources() -> None:
    rows = rows_of(rules_result())
    assert len(rows) == len(rules())
    retained = next(row for row in rows if row["pot"] == "retained")
    assert retained["valid_to"] is None
    assert "A guide to specialised commissioning in 2023/24" in retained["source"]


def test_money_changes_basis_between_march_and_april(tmp_path: Path) -> None:
    rows = [
        Row(financial_year=year, month=month, cost=Decimal(10), provider=LEEDS)
        for year, month in (("202223", 12), ("202324", 1), ("202324", 12), ("202425", 1))
    ]
    money = money_of(ledger(tmp_path, rows))
    found = {
        year.code: {
            (row["pot"], row["area"], row["holder"], row["amount"]) for row in rows_of(held_of(money, year))
        }
        for year in money.years
    }
    assert found == {
        "202223": {("national", THE_NORTH_EAST, "X24", 10)},
        "202324": {("joint", THE_LONDONS, "X24", 20)},
        "202425": {("joint", NORTH_EAST_LONDON, "X24", 10)},
    }


def test_a_board_holds_its_people_once_its_region_is_delegated_and_nhs_england_what_it_retains(
    money: Money,
) -> None:
    held = {
        (row["pot"], row["area"]): (row["holder"], row["amount"]) for row in rows_of(held_of(money, YEAR))
    }
    assert held == {
        ("delegated", NORTH_EAST_LONDON): (NORTH_EAST_LONDON, 35),
        ("delegated", WEST_YORKSHIRE): (WEST_YORKSHIRE, 7),
        ("retained", THE_LONDONS): ("X24", 11),
        ("programmes", "ENG"): ("X24", 13),
        ("drugs", "ENG"): ("X24", 17),
        ("devices", "ENG"): ("X24", 19),
        ("other", ""): ("", 23),
    }


# --- from one basis to the other


def test_a_waterfall_runs_from_everything_hosted_to_what_the_areas_people_come_to(money: Money) -> None:
    rows = rows_of(waterfall_of(money, THE_LONDONS, YEAR))
    assert [(row["step"], row["kind"], row["amount"], row["running"]) for row in rows] == [
        ("host", "start", 53, 53),
        ("programmes", "take", -13, 40),
        ("drugs", "take", -17, 23),
        ("retained", "take", -11, 12),
        ("moving", "sum", 12, 12),
        ("outflow", "add", 30, 42),
        ("inflow", "take", -7, 35),
        ("population", "end", 35, 35),
    ]
    assert all(row["formula"] for row in rows)
    assert rows_of(waterfall_of(money, " qmf ", YEAR))[-1]["amount"] == 35


def test_a_waterfall_over_years_has_the_change_in_spend_as_a_step(tmp_path: Path) -> None:
    money = money_of(ledger(tmp_path, [*small_world("202223"), *small_world(), *small_world()[:3]]))
    rows = rows_of(waterfall_of(money, THE_LONDONS, YEAR, FinancialYear(2022)))
    assert [(row["step"], row["amount"]) for row in rows[:2]] == [("host", 53), ("change", 12)]
    assert rows[-1]["amount"] == 70
    first = rows_of(waterfall_of(money, THE_LONDONS, FinancialYear(2022)))
    assert (first[-1]["step"], first[-1]["kind"], first[-1]["amount"]) == ("end", "end", 23)


def test_years_of_unequal_months_are_a_gap(tmp_path: Path) -> None:
    rows = [Row(financial_year="202425"), Row(financial_year="202425", month=2), Row()]
    result = waterfall_of(money_of(ledger(tmp_path, rows)), THE_LONDONS, YEAR, FinancialYear(2024))
    assert any("2 months of 2024/25 and 1 months of 2025/26" in gap.reason for gap in result.gaps)
    assert any("2025/26: 1 of 12 months" in note for note in result.notes)


# --- laws


def _laws(workspace: Workspace, spent: Decimal) -> None:
    money = money_of(workspace)
    told = sum((row["amount"] for year in money.years for row in rows_of(held_of(money, year))), Decimal(0))
    assert told == spent
    for year in money.years:
        whole = sum((each.cost for each in money.of(year)), Decimal(0))
        for by in ("region", "icb"):
            apart = rows_of(bases_of(money, year, by, each_pot=True))
            assert (
                sum(row["host_basis"] for row in apart)
                == sum(row["population_basis"] for row in apart)
                == whole
            )
            assert sum(row["transfer"] for row in apart) == 0
            for row in (*apart, *rows_of(bases_of(money, year, by))):
                assert (
                    row["transfer"]
                    == row["population_basis"] - row["host_basis"]
                    == row["outflow"] - row["inflow"]
                )
                assert (
                    row["at_home"]
                    == row["host_basis"] - row["inflow"]
                    == row["population_basis"] - row["outflow"]
                )
            _margins(money, year, by)
            for area in money.areas(by):
                _waterfall_sums(money, area, year)


def _margins(money: Money, year: FinancialYear, by: str) -> None:
    hosts: dict[str, Decimal] = defaultdict(Decimal)
    homes: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of(transfers_of(money, year, by)):
        hosts[row["host"]] += row["amount"]
        homes[row["home"]] += row["amount"]
    for row in rows_of(bases_of(money, year, by)):
        assert (hosts[row["area"]], homes[row["area"]]) == (row["host_basis"], row["population_basis"])


def _waterfall_sums(money: Money, area: str, year: FinancialYear) -> None:
    for first in (each for each in money.years if each <= year):
        rows = rows_of(waterfall_of(money, area, year, first))
        steps = sum(row["amount"] for row in rows if row["kind"] in ("start", "add", "take"))
        assert rows[-1]["kind"] == "end"
        assert rows[-1]["amount"] == rows[-1]["running"] == steps


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(files(), min_size=1, max_size=4).filter(law))
def test_whatever_is_received_every_penny_is_on_one_basis(sequence: list[list[Row]]) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for rows in sequence:
            receive(workspace, rows)
        build_in(workspace)
        held = [row for row in ledger_rows(workspace) if row["data_set"] != "ACM"]
        _laws(workspace, sum((Decimal(str(row["cost"] or 0)) for row in held), Decimal(0)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            Row,
            financial_year=st.sampled_from(["202223", "202324", "202425", "202526"]),
            month=st.integers(1, 12),
            data_set=st.sampled_from(["PLCM", "DrPLCM", "DePLCM"]),
            provider=st.sampled_from([BARTS, GUYS, LEEDS, "RQF"]),
            service_code=st.sampled_from([RENAL, SPINAL, PORPHYRIA, OUTSIDE, None]),
            gp_responsibility=st.sampled_from([LONDON, LEEDS_AREA, "93C", "7A4", None]),
            cost=st.decimals(-(10**6), 10**6, places=2, allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_in_any_made_up_years_every_penny_is_on_one_basis(rows: list[Row]) -> None:
    with TemporaryDirectory() as directory:
        _laws(ledger(Path(directory), rows), sum((row.cost or Decimal(0) for row in rows), Decimal(0)))


def test_boards_add_up_to_their_region_and_merged_boards_to_the_one_they_become(tmp_path: Path) -> None:
    rows = [
        Row(gp_responsibility=home, provider=provider, cost=Decimal(place * 100 + each))
        for place, home in enumerate(["93C", "D2Z9S", LONDON], 1)
        for each, provider in enumerate([BARTS, "RAL", LEEDS])
    ]
    workspace = ledger(tmp_path, rows)
    before, after = (money_of(workspace, None, on) for on in (date(2026, 3, 31), date(2026, 4, 1)))
    apart, merged = (
        {row["area"]: row for row in rows_of(bases_of(money, YEAR, "icb"))} for money in (before, after)
    )
    assert {"QMJ", "QRV"} <= set(apart)
    assert "Z9B2Z" in merged
    for side in ("host_basis", "population_basis", "transfer"):
        assert merged["Z9B2Z"][side] == sum(apart[each][side] for each in ("QMJ", "QRV") if each in apart)
        london = row_of(bases_of(before, YEAR), area=THE_LONDONS)
        boards = [row for code, row in apart.items() if code not in ("QWO", "OTHER NATION", "UNKNOWN")]
        assert london[side] == sum(row[side] for row in boards)


def test_a_divided_board_keeps_its_people_and_providers_and_is_a_gap(tmp_path: Path) -> None:
    rows = [Row(gp_responsibility="D4U1Y"), Row(gp_responsibility="D4U1Y", provider="RDU", cost=Decimal(40))]
    money = money_of(ledger(tmp_path, rows), None, date(2026, 4, 1))
    frimley = row_of(bases_of(money, YEAR, "icb"), area="QNQ")
    assert (frimley["population_basis"], frimley["host_basis"]) == (140, 40)
    subjects = " ".join(gap.subject for gap in money.gaps)
    assert "Frimley" in subjects
    assert "RDU" in subjects


# --- what cannot be answered


def test_what_cannot_be_asked_is_refused_with_what_can(tmp_path: Path, money: Money) -> None:
    with pytest.raises(LedgerError, match="speccom build"):
        money_of(workspace_in(tmp_path / "empty"))
    with pytest.raises(LedgerError, match="nothing of 2019/20: choose from 2025/26"):
        bases_of(money, FinancialYear(2019))
    with pytest.raises(BasesError, match="choose from region, icb"):
        bases_of(money, YEAR, "county")
    with pytest.raises(BasesError, match=r"'Y99' is no region or board .* Y56, Y63"):
        waterfall_of(money, "Y99", YEAR)
    with pytest.raises(BasesError, match="runs from the earlier"):
        waterfall_of(money, "Y56", FinancialYear(2022), YEAR)


def test_summaries_of_an_earlier_version_are_refused_until_they_are_built_anew(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, small_world())
    [summary] = require_manifest(workspace).summaries
    path = workspace.ledger / summary.files["months"]
    pq.write_table(pq.read_table(path).drop_columns(["kind"]), path)
    with pytest.raises(LedgerError, match=r"drugs and devices apart.*run speccom build"):
        money_of(workspace)


def test_an_arrangement_without_a_rule_is_an_error_and_no_loss(tmp_path: Path) -> None:
    workspace = ledger(tmp_path, [Row(financial_year="202223", month=6)])
    source = "subject,attribute,value,valid_from,valid_to,recorded_on,ended_recorded_on,source_id,confidence"
    (workspace.root / "register").mkdir(exist_ok=True)
    (workspace.root / "register" / "early.csv").write_text(
        f"{source}\nY56,arrangement,joint,2022-04-01,2023-04-01,2023-02-03,,board-2023-02,recalled\n"
        f"{RENAL},delegation status,GREEN,2022-04-01,2023-04-01,2023-02-03,,board-2023-02,recalled\n",
        encoding="utf-8",
    )
    with pytest.raises(BasesError, match=r"£100.00000000 of the ledger is on no basis.*--show rules"):
        money_of(workspace)


def test_months_without_boards_are_a_gap_and_their_providers_stand_where_they_lay(tmp_path: Path) -> None:
    money = money_of(ledger(tmp_path, [Row(financial_year="202223", month=2, cost=Decimal(9))]))
    result = bases_of(money, FinancialYear(2022), "icb")
    assert {row["area"]: (row["host_basis"], row["population_basis"]) for row in rows_of(result)} == {
        NORTH_EAST_LONDON: (9, 0),
        "UNKNOWN": (0, 9),
    }
    assert any("1 July 2022" in gap.reason for gap in result.gaps)
    assert any(gap.missing.startswith("month 1, 3") for gap in result.gaps)


def test_specialised_is_every_pot_but_the_other() -> None:
    assert set(pots()) - set(SPECIALISED) == {"other"}
    assert SOUTH_EAST_LONDON == "QKK"
