"""Building: what counts after restatements, what is made anew, and that every row and penny is somewhere."""

from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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

from speccom.assignment import ASSIGNED_COLUMNS
from speccom.contracts.rows import CHECKED
from speccom.ledger import LedgerError
from speccom.ledger.build import BuildNotConserved, NothingReceived, build
from speccom.ledger.conservation import Tally
from speccom.ledger.manifest import read_manifest
from speccom.ledger.summaries import TABLES, summaries
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.register.decided import Decision, adopt
from speccom.workspace import Workspace

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
YEAR = FinancialYear(2025)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def test_a_ledger_row_is_the_receipt_the_checked_row_and_who_pays(workspace: Workspace) -> None:
    receive(workspace, [Row(patient_id=7)])
    build_in(workspace)
    [row] = ledger_rows(workspace)
    assert list(row) == ["receipt", *CHECKED, *ASSIGNED_COLUMNS]
    assert (row["receipt"], row["row"], row["patient_id"]) == (1, 2, 7)
    assert (row["assigned_commissioner"], row["assigned_category"]) == ("A3A8R", "25")
    assert (row["reason"], row["arrangement"]) == ("G1-1", "delegated")


def test_columns_keep_their_kinds_though_directories_look_like_numbers(workspace: Workspace) -> None:
    receive(workspace, [Row()])
    build_in(workspace)
    [row] = ledger_rows(workspace)
    assert (row["financial_year"], row["month"], row["data_set"]) == ("202526", 1, "PLCM")
    assert row["cost"] == Decimal("100.00000000")


def test_an_unresolved_row_stays_in_the_ledger_without_a_commissioner(workspace: Workspace) -> None:
    receive(workspace, [Row(provider="8HK42", gp_responsibility=None)])
    assert build_in(workspace).ledger == Tally(1, Decimal(100))
    [row] = ledger_rows(workspace)
    assert (row["assigned_commissioner"], row["reason"]) == (None, "X-G2")


def test_files_are_parted_by_year_month_and_data_set(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    receive(workspace, [Row(data_set="ACM", financial_year="202627")])
    build_in(workspace)
    found = sorted(path.parent.relative_to(path.parents[3]).as_posix() for path in month_files(workspace))
    assert found == [
        "financial_year=202526/month=1/data_set=PLCM",
        "financial_year=202526/month=2/data_set=PLCM",
        "financial_year=202627/month=1/data_set=ACM",
    ]


# --- restatements


def test_a_later_receipt_supersedes_what_it_covers(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    receive(workspace, [Row(month=1, cost=Decimal(70)), Row(month=2), Row(month=3)])
    result = build_in(workspace)
    assert {row["receipt"] for row in ledger_rows(workspace)} == {2}
    assert (result.received.rows, result.ledger.rows, result.superseded) == (5, 3, Tally(2, Decimal(200)))


def test_a_later_file_that_lacks_a_month_does_not_retract_it(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    receive(workspace, [Row(month=2, cost=Decimal(5))])
    build_in(workspace)
    assert [(row["receipt"], row["month"]) for row in ledger_rows(workspace)] == [(1, 1), (2, 2)]


def test_a_submission_split_over_files_counts_whole(workspace: Workspace) -> None:
    receive(workspace, [Row(month=month) for month in range(1, 7)])
    receive(workspace, [Row(month=month) for month in range(7, 13)])
    assert build_in(workspace).ledger.rows == 12


def test_other_providers_and_data_sets_are_not_superseded(workspace: Workspace) -> None:
    receive(workspace, [Row(provider=BARTS), Row(provider=GUYS)])
    receive(workspace, [Row(provider=BARTS, data_set="DrPLCM")])
    receive(workspace, [Row(provider=BARTS)])
    build_in(workspace)
    kept = [(row["receipt"], row["provider"], row["data_set"]) for row in ledger_rows(workspace)]
    assert kept == [(1, GUYS, "PLCM"), (2, BARTS, "DrPLCM"), (3, BARTS, "PLCM")]


def test_a_later_file_supersedes_even_when_all_it_says_is_held_back(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    receive(workspace, [Row(month=1, cost=None, quarantined=True)])
    result = build_in(workspace)
    assert [row["month"] for row in ledger_rows(workspace)] == [2]
    assert (result.quarantined.rows, result.superseded.rows, result.unread_costs) == (1, 1, 1)
    assert result.conserved


def test_a_held_back_row_of_a_superseded_file_is_counted_once(workspace: Workspace) -> None:
    receive(workspace, [Row(), Row(quarantined=True)])
    receive(workspace, [Row()])
    result = build_in(workspace)
    assert (result.quarantined.rows, result.superseded.rows, result.ledger.rows) == (1, 1, 1)


# --- laws


@SLOW
@given(st.lists(files(), min_size=1, max_size=5))
def test_any_receipts_conserve_and_the_ledger_holds_what_the_law_says(sequence: list[list[Row]]) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for rows in sequence:
            receive(workspace, rows)
        result = build_in(workspace)
        assert all(account.conserved for account in result.accounts)
        assert result.received == result.ledger + result.quarantined + result.superseded
        expected = law(sequence)
        held = [(row["receipt"], row["row"]) for row in ledger_rows(workspace)] if expected else []
        assert held == expected
        assert result.ledger.rows == len(expected)


@SLOW
@given(st.lists(files(), min_size=1, max_size=4), st.data())
def test_building_after_every_receipt_gives_the_ledger_of_one_build(
    sequence: list[list[Row]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as directory:
        stepwise, whole = workspace_in(Path(directory, "a")), workspace_in(Path(directory, "b"))
        for rows in sequence:
            receive(stepwise, rows)
            receive(whole, rows)
            if data.draw(st.booleans()):
                build_in(stepwise)
        assert build_in(stepwise).accounts == build_in(whole).accounts
        if law(sequence):
            assert ledger_rows(stepwise) == ledger_rows(whole)


@SLOW
@given(st.permutations([(BARTS, "PLCM"), (BARTS, "ACM"), (LEEDS, "PLCM")]))
def test_the_order_of_independent_receipts_does_not_matter(order: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as directory:
        workspace = workspace_in(Path(directory))
        for provider, data_set in order:
            receive(workspace, [Row(provider=provider, data_set=data_set, month=month) for month in (1, 2)])
        assert build_in(workspace).ledger == Tally(6, Decimal(600))
        found = {(row["provider"], row["data_set"], row["month"]) for row in ledger_rows(workspace)}
        assert found == {(*each, month) for each in order for month in (1, 2)}


# --- only what changed


def test_nothing_is_made_anew_when_nothing_changed(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    build_in(workspace)
    before = parquet_files(workspace)
    assert build_in(workspace).built == ()
    assert parquet_files(workspace) == before


def test_a_receipt_for_one_month_makes_that_month_anew_and_no_other(workspace: Workspace) -> None:
    receive(workspace, [Row(month=month) for month in (1, 2, 3)])
    build_in(workspace)
    before = set(named_files(workspace))
    receive(workspace, [Row(month=3, cost=Decimal(1))])
    assert build_in(workspace).built == (Month(YEAR, 3),)
    kept = before & set(named_files(workspace))
    assert {path.parent.parent.name for path in kept} == {"month=1", "month=2"}


JUNE_TO_NOVEMBER = (3, 6, 7, 8)
HEADER = "subject,attribute,value,valid_from,valid_to,recorded_on,ended_recorded_on,source_id,confidence\n"
CHANGES: dict[str, tuple[str | tuple[dict[str, Any], ...], tuple[int, ...]]] = {
    "a region leaves delegation in October": (
        ({"kind": "arrange", "regions": ["Y56"], "arrangement": "national", "from": "2025-10-01"},),
        (7, 8),
    ),
    "a region leaves delegation within a month, whose first day counts": (
        ({"kind": "arrange", "regions": ["Y63"], "arrangement": "national", "from": "2025-10-02"},),
        (8,),
    ),
    "a line is retained from September and again delegable in November": (
        (
            {
                "kind": "status",
                "lines": [RENAL],
                "status": "RED",
                "from": "2025-09-01",
                "to": "2025-11-01",
            },
            {"kind": "status", "lines": [RENAL], "status": "GREEN", "from": "2025-11-01"},
        ),
        (6, 7),
    ),
    "a board ends and another follows it": (
        (
            {"kind": "establish", "board": "QZZ", "name": "New", "region": "Y56", "from": "2025-10-01"},
            {"kind": "succeed", "board": "QMF", "whole": "QZZ", "on": "2025-10-01"},
        ),
        (7, 8),
    ),
    "a decision that begins after every month": (
        ({"kind": "arrange", "regions": ["Y56"], "arrangement": "national", "from": "2026-02-01"},),
        (),
    ),
    "a tier of planning, which no assignment reads": (
        ({"kind": "tier", "lines": [RENAL], "tier": "region", "from": "2025-10-01"},),
        (),
    ),
    "a note, which no assignment reads": ("R1H,note,moved,2025-04-01,,2025-04-01,,ods,stated\n", ()),
    "a name, which no assignment reads": ("R1H,name,Other,2025-04-01,,2025-04-01,,ods,stated\n", ()),
    "a provider is hosted elsewhere from November": (
        "R1H,host integrated care board,QWO,2025-11-01,,2025-11-01,,ods,stated\n",
        (8,),
    ),
    "another hub acts for a region from October": (
        "85J,hub of region,Y63,2020-04-01,2025-10-01,2025-08-01,2025-08-01,ods,stated\n"
        "85X,hub of region,Y63,2025-10-01,,2025-08-01,,ods,stated\n",
        (7, 8),
    ),
    "a code becomes known, on whatever day": (
        "NCBPS99X,grouping,Acute,2025-10-01,,2025-10-01,,ods,stated\n",
        JUNE_TO_NOVEMBER,
    ),
    "a line is of mental health": (
        f"{RENAL},grouping,Mental Health,2025-10-01,,2025-10-01,,ods,stated\n",
        JUNE_TO_NOVEMBER,
    ),
}


def several_months(workspace: Workspace) -> None:
    """Rows for each way in which the register decides who pays, in months before and after the changes."""
    receive(
        workspace,
        [
            Row(
                month=month,
                provider=provider,
                gp_responsibility=home,
                service_code=line,
                submitted_category=category,
                patient_id=number,
            )
            for month in JUNE_TO_NOVEMBER
            for number, (provider, home, line, category) in enumerate(
                product((BARTS, LEEDS), (LONDON, LEEDS_AREA, None), (RENAL, SPINAL, "NCBPS99X"), ("21", "71"))
            )
        ],
    )


def all_of(workspace: Workspace) -> tuple[list[dict[str, object]], dict[str, list[str]]]:
    """The ledger's rows, and those of every summary, in an order of their own."""
    with summaries(workspace) as (engine, _):
        summed = {
            table: sorted(map(str, engine.fetch(f"select * from {table}").to_pylist())) for table in TABLES
        }
    return ledger_rows(workspace), summed


@pytest.mark.parametrize(("change", "remade"), CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_register_makes_the_months_anew_that_it_touches_and_nothing_is_stale(
    workspace: Workspace, tmp_path: Path, change: str | tuple[dict[str, Any], ...], remade: tuple[int, ...]
) -> None:
    several_months(workspace)
    build_in(workspace)
    before, untouched = all_of(workspace), files_by_month(workspace)
    if isinstance(change, str):
        (workspace.register / "own.csv").write_text(HEADER + change)
    else:
        adopt(
            workspace, Decision("W2025-01", "A change", "A board", date(2025, 8, 1), change, date(2025, 8, 1))
        )
    stepwise = build_in(workspace)

    assert {month.number for month in stepwise.built} == set(remade)
    held = files_by_month(workspace)
    assert {month for month in held if held[month] != untouched[month]} == set(remade)

    whole = workspace_in(tmp_path / "whole")
    several_months(whole)
    for path in workspace.register.iterdir():
        (whole.register / path.name).write_bytes(path.read_bytes())
    build_in(whole)
    assert all_of(workspace) == all_of(whole)
    if not remade:
        assert all_of(workspace) == before
    manifest = read_manifest(workspace)
    assert manifest is not None
    assert manifest.snapshot == Register.load(workspace).snapshot != Register.load().snapshot
    assert build_in(workspace).built == ()


def test_what_counts_as_specialised_care_makes_the_summaries_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(workspace, [Row(patient_id=1), Row(patient_id=2, service_code=SPINAL)])
    build_in(workspace)
    fewer = tuple(code for code in Register.load().specialised if code != SPINAL)
    monkeypatch.setattr(Register, "specialised", fewer)
    before = all_of(workspace)[1]["everyone"]
    assert build_in(workspace).built == ()
    assert all_of(workspace)[1]["everyone"] != before


def test_an_imported_practice_list_makes_every_month_anew(workspace: Workspace) -> None:
    receive(workspace, [Row(practice="Y12345", service_code="99999999", submitted_category="12")])
    assert len(build_in(workspace).notes) == 2
    pq.write_table(pa.table({"practice": ["Y12345"]}), workspace.reference / "prison-practices.parquet")
    result = build_in(workspace)
    assert result.built == (Month(YEAR, 1),)
    assert len(result.notes) == 1
    assert [row["reason"] for row in ledger_rows(workspace)] == ["E-1"]


def test_a_month_whose_file_was_lost_is_made_anew(workspace: Workspace) -> None:
    receive(workspace, [Row(month=1), Row(month=2)])
    build_in(workspace)
    named_files(workspace)[0].unlink()
    with pytest.raises(LedgerError, match="run speccom build"):
        ledger_rows(workspace)
    assert build_in(workspace).built == (Month(YEAR, 1),)
    assert len(ledger_rows(workspace)) == 2


def test_replaced_files_wait_for_the_build_after(workspace: Workspace) -> None:
    receive(workspace, [Row()])
    build_in(workspace)
    first, *_ = parquet_files(workspace)
    receive(workspace, [Row()])
    build_in(workspace)
    assert first in parquet_files(workspace), "whoever was reading it can finish"
    build_in(workspace)
    assert parquet_files(workspace) == named_files(workspace)


# --- refusals


def test_nothing_received_is_said(workspace: Workspace) -> None:
    with pytest.raises(NothingReceived, match="speccom receive"):
        build_in(workspace)


def test_a_receipt_whose_rows_are_gone_is_named(workspace: Workspace) -> None:
    receipt = receive(workspace, [Row()], name="gone.csv")
    (receipt.directory(workspace) / "checked.parquet").unlink()
    with pytest.raises(LedgerError, match=r"receipt 1 \(gone\.csv\)"):
        build_in(workspace)


def test_reading_before_the_first_build_is_said(workspace: Workspace) -> None:
    with pytest.raises(LedgerError, match="speccom build"):
        ledger_rows(workspace)


def test_a_ledger_of_held_back_rows_alone_is_said_to_be_empty(workspace: Workspace) -> None:
    receive(workspace, [Row(quarantined=True)])
    assert build_in(workspace).conserved
    with pytest.raises(LedgerError, match="quarantine"):
        ledger_rows(workspace)


@pytest.mark.parametrize("lost", ["ledger", "superseded", "quarantined"])
def test_a_build_that_does_not_conserve_publishes_nothing(workspace: Workspace, lost: str) -> None:
    receive(workspace, [Row(month=1), Row(month=1, quarantined=True)], name="early.csv")
    build_in(workspace)
    published, rows = read_manifest(workspace), ledger_rows(workspace)
    early = receive(workspace, [Row(month=2), Row(month=2), Row(quarantined=True)], name="spoilt.csv")
    spoilt = workspace.quarantine / early.sha256 / "rows.parquet"
    if lost != "quarantined":
        spoilt = early.directory(workspace) / "checked.parquet"
    if lost == "superseded":
        receive(workspace, [Row(month=2)])
    table = pq.read_table(spoilt)
    pq.write_table(table.slice(1), spoilt)
    with pytest.raises(BuildNotConserved, match=r"receipt 2 \(spoilt\.csv\) by 1 rows") as refused:
        build_in(workspace)
    assert not refused.value.result.conserved
    assert refused.value.exit_code == 1
    assert (read_manifest(workspace), ledger_rows(workspace)) == (published, rows)
    assert parquet_files(workspace) == named_files(workspace)


def test_a_penny_too_many_is_named_to_the_last_decimal(workspace: Workspace) -> None:
    receipt = receive(workspace, [Row(cost=Decimal("0.00000001"))])
    path = receipt.directory(workspace) / "checked.parquet"
    table = pq.read_table(path)
    cost = pa.array([Decimal("0.00000002")], pa.decimal128(26, 8))
    pq.write_table(table.set_column(table.column_names.index("cost"), "cost", cost), path)
    with pytest.raises(BuildNotConserved, match=r"by 0 rows and £-0\.00000001"):
        build_in(workspace)
    assert read_manifest(workspace) is None


def test_sums_beyond_floating_point_stay_exact(workspace: Workspace) -> None:
    huge, tiny = Decimal("999999999999999999.99999999"), Decimal("0.00000001")
    receive(workspace, [Row(cost=huge)] * 30 + [Row(cost=tiny)])
    assert build_in(workspace).ledger.cost == huge * 30 + tiny


def test_a_second_writer_is_refused(workspace: Workspace) -> None:
    receive(workspace, [Row()])
    with workspace.lock("the test"), pytest.raises(Exception, match="Another run"):
        build(workspace)


def parquet_files(workspace: Workspace) -> list[Path]:
    return sorted((workspace.ledger / "data").rglob("*.parquet"))


def named_files(workspace: Workspace) -> list[Path]:
    manifest = read_manifest(workspace)
    assert manifest is not None
    return sorted(workspace.ledger / name for name in manifest.files)


def files_by_month(workspace: Workspace) -> dict[int, list[Path]]:
    manifest = read_manifest(workspace)
    assert manifest is not None
    return {each.month: [workspace.ledger / name for name in each.files] for each in manifest.months}


def month_files(workspace: Workspace) -> list[Path]:
    return [path for path in named_files(workspace) if "data_set=" in path.parent.name]
