"""What a decision moves in the ledger: whose money, for how many people, by which contracts, and what stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
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
    ledger_rows,
    receive,
    workspace_in,
)

from speccom.ledger import effect
from speccom.ledger.effect import Effect, effect_of
from speccom.ledger.people_moved import seen_once
from speccom.ledger.summaries import summaries
from speccom.period import FinancialYear
from speccom.register import Register, decided
from speccom.workspace import Workspace

LONDON_HUB, YORKSHIRE_HUB, LONDON_BOARD = "13R", "85J", "QMF"
ON = date(2027, 4, 1)
RETAINED = {"kind": "status", "lines": [RENAL], "status": "RED", "from": "2027-04-01"}
DELEGATED = {"kind": "status", "lines": [SPINAL], "status": "GREEN", "from": "2027-04-01"}
LONDON_NATIONAL = {"kind": "arrange", "regions": ["Y56"], "arrangement": "national", "from": "2027-04-01"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path)


def deciding(*effects: dict[str, Any]) -> decided.Decision:
    return decided.from_record(
        {
            "decision_id": "W2027-01",
            "title": "A decision made up for a test",
            "body": "A board of a test",
            "made_on": "2026-12-01",
            "effects": list(effects),
        }
    )


def moved(workspace: Workspace, *effects: dict[str, Any]) -> Effect:
    return effect_of(workspace, decided.preview(Register.load(workspace), deciding(*effects)))


def held(workspace: Workspace, *rows: Row) -> None:
    """A ledger of these rows, one file of each data set."""
    by_set: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_set[row.data_set].append(row)
    for number, of_set in enumerate(by_set.values()):
        receive(workspace, of_set, name=f"{number}.csv")
    build_in(workspace)


def told(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def board_on(area: str) -> str:
    board = Register.load().board_on(area, ON)
    assert board is not None
    return board


def test_a_service_line_that_comes_back_passes_from_the_homes_board_to_the_hub_of_the_provider(
    workspace: Workspace,
) -> None:
    held(
        workspace,
        Row(patient_id=1, cost=Decimal("100.10")),
        Row(patient_id=1, cost=Decimal("50.05"), provider=GUYS),
        Row(patient_id=2, cost=Decimal("7.00"), provider=LEEDS),
        Row(patient_id=None, cost=Decimal("0.85")),
        Row(patient_id=3, cost=Decimal("900.00"), service_code=SPINAL),
    )
    found = moved(workspace, RETAINED)
    assert told(
        found.moves, "on", "line", "area", "from_commissioner", "to_commissioner", "patients", "pounds"
    ) == [
        (ON, RENAL, LONDON, board_on(LONDON), LONDON_HUB, 1, Decimal("151.00")),
        (ON, RENAL, LONDON, board_on(LONDON), YORKSHIRE_HUB, 1, Decimal("7.00")),
    ]
    [total] = found.totals.to_pylist()
    assert (total["patients"], total["records"], total["pounds"]) == (2, 4, Decimal("158.00"))
    assert (total["service_lines"], total["areas"], total["providers"]) == (1, 1, 3)
    assert (found.year, found.synthetic) == (FinancialYear(2025), True)


def test_drugs_and_devices_stay_where_they_are_held(workspace: Workspace) -> None:
    drug = Row(data_set="DrPLCM", point_of_delivery="DRUG", cost=Decimal(5000), patient_id=1)
    held(workspace, drug, Row(patient_id=2, cost=Decimal(10)))
    found = moved(workspace, RETAINED)
    assert told(found.stays, "line", "area", "why", "pounds") == [
        (RENAL, LONDON, effect.CENTRAL, Decimal(5000))
    ]
    assert found.moves["pounds"].to_pylist() == [Decimal(10)]


def test_what_cannot_be_placed_is_a_row_and_other_nations_keep_theirs(workspace: Workspace) -> None:
    nowhere = Row(gp_responsibility=None, provider="ZZZ", cost=Decimal(3), submitted_commissioner=None)
    held(
        workspace,
        Row(cost=Decimal(1)),
        nowhere,
        Row(gp_responsibility="7A4", cost=Decimal(2)),
        Row(provider="ZZZ", cost=Decimal(4)),
    )
    found = moved(workspace, RETAINED)
    assert told(found.stays, "area", "why", "pounds") == [
        (LONDON, effect.NO_HOST, Decimal(4)),
        ("OTHER NATION", effect.OF_ANOTHER_NATION, Decimal(2)),
        ("UNKNOWN", effect.NO_HOME, Decimal(3)),
    ]
    assert found.totals["pounds_unplaced"].to_pylist() == [Decimal(7)]


def test_a_pair_that_has_another_service_line_together_goes_on(workspace: Workspace) -> None:
    held(
        workspace,
        Row(provider=BARTS, cost=Decimal(100)),
        Row(provider=BARTS, cost=Decimal(30), service_code="NCBPS11C"),
        Row(provider=GUYS, cost=Decimal(50)),
        Row(provider=GUYS, cost=Decimal(5), service_code=SPINAL),
    )
    found = moved(workspace, RETAINED)
    board = board_on(LONDON)
    assert told(found.contracts, "provider", "commissioner", "change", "pounds_before", "pounds_after") == [
        (BARTS, LONDON_HUB, "begins", Decimal(0), Decimal(100)),
        (GUYS, LONDON_HUB, "grows", Decimal(5), Decimal(55)),
        (BARTS, board, "shrinks", Decimal(130), Decimal(30)),
        (GUYS, board, "ends", Decimal(50), Decimal(0)),
    ]
    [total] = found.totals.to_pylist()
    assert (total["contracts_begin"], total["contracts_end"]) == (1, 1)


def everything() -> list[Row]:
    """A year of every kind that the summaries tell apart, for April 2027, when the decisions below hold."""
    kinds = [("PLCM", "OPFUP"), ("DrPLCM", "DRUG")]
    return [
        Row(
            data_set=data_set,
            financial_year="202728",
            provider=provider,
            gp_responsibility=home,
            service_code=line,
            point_of_delivery=kind,
            cost=Decimal(1) + Decimal(number) / 8,
            patient_id=number % 5 + 1,
        )
        for number, (provider, home, line, (data_set, kind)) in enumerate(
            (provider, home, line, kind)
            for provider in (BARTS, GUYS, LEEDS)
            for home in (LONDON, LEEDS_AREA, board_on(LEEDS_AREA), "7A4")
            for line in (RENAL, SPINAL)
            for kind in kinds
        )
    ]


@pytest.mark.parametrize("decision", [RETAINED, DELEGATED, LONDON_NATIONAL], ids=lambda each: each["kind"])
def test_the_balances_are_what_a_ledger_built_after_adoption_shows(
    workspace: Workspace, decision: dict[str, Any]
) -> None:
    held(workspace, *everything())
    foretold = moved(workspace, decision)
    before = paid(workspace)
    decided.adopt(workspace, deciding(decision))
    build_in(workspace)
    after = paid(workspace)
    came_about = {who: after[who] - before[who] for who in before.keys() | after.keys()}
    assert {who: net for who, net in came_about.items() if net} == {
        who: net for who, net in told(foretold.balances, "commissioner", "net") if net
    }
    assert foretold.balances.num_rows


def paid(workspace: Workspace) -> dict[str, Decimal]:
    """What each commissioner pays in the ledger; a sub-ICB location's is its board's."""
    register, found = Register.load(workspace), defaultdict[str, Decimal](Decimal)
    for row in ledger_rows(workspace):
        payer = str(row["assigned_commissioner"])
        cost = row["cost"]
        assert isinstance(cost, Decimal)
        found[register.board_on(payer, ON) or payer] += cost
    return found


@pytest.mark.parametrize("decision", [RETAINED, DELEGATED, LONDON_NATIONAL], ids=lambda each: each["kind"])
def test_what_moves_and_what_stays_are_all_that_the_year_holds(
    workspace: Workspace, decision: dict[str, Any]
) -> None:
    held(workspace, *everything(), *(Row(financial_year="202728", service_code=None, provider="ZZZ"),))
    found = moved(workspace, decision)
    lines = set(found.moves["line"].to_pylist())
    assert lines
    with summaries(workspace) as (engine, _):
        year = engine.fetch("select service_line, lines, actual from months").to_pylist()
    of_lines = [row for row in year if row["service_line"] in lines]
    for name, summed in (("records", "lines"), ("pounds", "actual")):
        assert total(found.moves, name) + total(found.stays, name) == sum(row[summed] for row in of_lines)
        assert total(found.passages, name) == total(found.moves, name) == total(found.totals, name)
    assert total(found.balances, "net") == 0
    assert total(found.balances, "gives") == total(found.moves, "pounds")
    pairs = found.contracts
    assert total(pairs, "pounds_before") == total(pairs, "pounds_after")


def total(table: pa.Table, name: str) -> Any:
    values: Iterable[Any] = table[name].to_pylist()
    return sum(values)


SEVERAL_DAYS = (RETAINED, DELEGATED | {"from": "2027-10-01"}, LONDON_NATIONAL | {"from": "2028-04-01"})


def test_each_patient_is_counted_once_in_a_cell_a_pair_and_a_day(workspace: Workspace) -> None:
    rows = [
        Row(
            patient_id=patient and patient * 10**17 // 7,
            provider=provider,
            gp_responsibility=home,
            service_code=line,
        )
        for number, (provider, home, line, patient) in enumerate(
            product((BARTS, GUYS, LEEDS), (LONDON, LEEDS_AREA), (RENAL, SPINAL), (None, *range(1, 12)))
        )
        if number % 5 not in (0, 3)
    ]
    held(workspace, *rows)
    found = moved(workspace, *SEVERAL_DAYS)
    of_cell, of_pair, of_day = (defaultdict(set) for _ in range(3))
    hubs = {BARTS: LONDON_HUB, GUYS: LONDON_HUB, LEEDS: YORKSHIRE_HUB}
    homes = {LONDON: LONDON_HUB, LEEDS_AREA: YORKSHIRE_HUB}
    for on, row in product((ON, date(2027, 10, 1), date(2028, 4, 1)), rows):
        home, line = str(row.gp_responsibility), str(row.service_code)
        before = board_on(home) if line == RENAL else hubs[row.provider]
        if line == SPINAL and on > ON:
            after = homes[home] if home == LONDON and on == date(2028, 4, 1) else board_on(home)
        else:
            after = hubs[row.provider]
        if before != after and row.patient_id is not None:
            of_cell[on, line, home, before, after].add(row.patient_id)
            of_pair[on, before, after].add(row.patient_id)
            of_day[on].add(row.patient_id)
    for table, keys, expected in (
        (found.moves, ("on", "line", "area", "from_commissioner", "to_commissioner"), of_cell),
        (found.passages, ("on", "from_commissioner", "to_commissioner"), of_pair),
        (found.totals, ("on",), of_day),
    ):
        counted = {row[:-1]: row[-1] for row in told(table, *keys, "patients")}
        assert counted == {
            key if isinstance(key, tuple) else (key,): len(people) for key, people in expected.items()
        }


@given(
    st.lists(
        st.tuples(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9), st.integers(1, 2**17)), max_size=40
    )
)
def test_each_identity_is_in_each_cell_once_and_its_rows_lie_together(rows: list[tuple[int, int]]) -> None:
    identity, cell = (
        np.array(each, np.int64).view(np.uint64) for each in ([a for a, _ in rows], [b for _, b in rows])
    )
    bits = max((of_cell for _, of_cell in rows), default=0).bit_length()
    high, low, of_cell = (each.tolist() for each in seen_once(identity, cell))
    found = [
        ((above << 64 - bits | below) & (2**64 - 1), into)
        for above, below, into in zip(high, low, of_cell, strict=True)
    ]
    assert found == sorted({(person % 2**64, into) for person, into in rows})


def test_people_of_a_board_that_ends_are_followed_to_the_one_after_it(workspace: Workspace) -> None:
    held(workspace, Row(cost=Decimal(40)), Row(gp_responsibility=LONDON_BOARD, cost=Decimal(2)))
    board = board_on(LONDON)
    heir = next(
        code
        for code, area in sorted(Register.load().areas(ON).items())
        if area.kind == "icb" and code != board
    )
    found = moved(workspace, {"kind": "succeed", "board": board, "whole": heir, "on": "2027-04-01"})
    assert set(told(found.moves, "from_commissioner", "to_commissioner")) == {(board, heir)}
    assert total(found.moves, "pounds") == Decimal(42)


def test_a_year_that_is_not_whole_is_said_and_a_whole_one_goes_before_a_later_part(
    workspace: Workspace,
) -> None:
    held(workspace, Row(financial_year="202526"))
    assert moved(workspace, RETAINED).gaps == ("2025/26: 1 of 12 months are held, and no year is whole.",)
    receive(workspace, [Row(financial_year="202425", month=month) for month in range(1, 13)])
    build_in(workspace)
    found = moved(workspace, RETAINED)
    assert (found.year, found.months, found.gaps) == (FinancialYear(2024), 12, ())


def test_a_decision_that_changes_nobody_moves_nothing(workspace: Workspace) -> None:
    held(workspace, Row(), Row(service_code=SPINAL))
    found = moved(workspace, {"kind": "tier", "lines": [RENAL], "tier": "England", "from": "2027-04-01"})
    assert found.moves.num_rows == found.contracts.num_rows == found.stays.num_rows == 0
    assert told(found.totals, "on", "patients", "pounds") == [(ON, 0, Decimal(0))]


def test_without_a_ledger_the_tables_are_empty_and_a_gap_says_why(workspace: Workspace) -> None:
    found = moved(workspace, RETAINED)
    assert [table.num_rows for table in (found.totals, found.moves, found.contracts)] == [0, 0, 0]
    assert "no ledger" in found.gaps[0] and found.year is None and not found.synthetic


def test_every_column_says_what_it_is(workspace: Workspace) -> None:
    held(workspace, Row())
    found = moved(workspace, RETAINED)
    for name, columns in effect.TABLES.items():
        table = getattr(found, name)
        assert table.column_names == list(columns)
        assert all(field.metadata and field.metadata[b"meaning"] for field in table.schema)
