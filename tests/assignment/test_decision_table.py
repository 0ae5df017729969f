"""The decision table: worked cases, agreement of the SQL with the oracle, and laws of any assignment."""

import csv
import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.assignment.worlds import (
    ARMED_FORCES_PRACTICES,
    PRISON_PRACTICES,
    World,
    assigned,
    assignments,
    table_of,
)

from speccom.assignment import ASSIGNED_COLUMNS, STEPS
from speccom.assignment.oracle import TABLE, Assignment, Oracle, Record
from speccom.engine import read_step
from speccom.register import Register

SHORT_HEADERS = {
    "commissioner": "submitted_commissioner",
    "category": "submitted_category",
    "pod": "point_of_delivery",
    "tfc": "treatment_function",
}
ROWS = ["NF", "A", "B", "HC", "N", "C1", "C2", "D", "E", "F", "J", "G1", "G2", "Z"]
HOME_ROWS = ["HC", "C1", "D", "E", "F", "G1", "G2", "Z"]


@pytest.fixture(scope="session")
def oracle(register: Register) -> Oracle:
    return Oracle(register, PRISON_PRACTICES, ARMED_FORCES_PRACTICES)


@pytest.fixture(scope="session")
def generated(
    world: World, register: Register, oracle: Oracle
) -> tuple[list[Record], pa.Table, list[Assignment]]:
    records = world.records(24_000, seed=20230401)
    return records, assigned(register, table_of(records)), [oracle.assign(record) for record in records]


def vectors(shared: Path) -> tuple[list[Record], list[tuple[str, str, str]]]:
    with (shared / "vectors/assignment.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = [
        (row.pop("assigned_commissioner"), row.pop("assigned_category"), row.pop("assigned_reason"))
        for row in rows
    ]
    fields = [{SHORT_HEADERS.get(name, name): value or None for name, value in row.items()} for row in rows]
    return [Record(**{**each, "month": int(each["month"] or 0)}) for each in fields], expected


def answer(assignment: Assignment) -> tuple[str, str, str]:
    return assignment.assigned_commissioner or "", assignment.assigned_category or "", assignment.reason


def test_the_sql_gives_every_worked_case(shared: Path, register: Register) -> None:
    records, expected = vectors(shared)
    assert len(records) == 600
    assert [answer(each) for each in assignments(assigned(register, table_of(records)))] == expected


def test_the_oracle_gives_every_worked_case(shared: Path, oracle: Oracle) -> None:
    records, expected = vectors(shared)
    assert [answer(oracle.assign(record)) for record in records] == expected


def test_the_sql_and_the_oracle_agree_on_generated_records(
    generated: tuple[list[Record], pa.Table, list[Assignment]],
) -> None:
    records, table, expected = generated
    assert len(records) >= 20_000
    differences = [
        (record, found, wanted)
        for record, found, wanted in zip(records, assignments(table), expected, strict=True)
        if found != wanted
    ]
    assert differences[:3] == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_sql_and_the_oracle_agree_on_odd_records(
    data: st.DataObject, world: World, register: Register, oracle: Oracle
) -> None:
    records = data.draw(world.any_records())
    found = assignments(assigned(register, table_of(records)))
    assert list(zip(records, found, strict=True)) == [(record, oracle.assign(record)) for record in records]


def test_every_row_of_the_table_and_every_home_number_is_exercised(
    generated: tuple[list[Record], pa.Table, list[Assignment]],
) -> None:
    reasons = Counter(assignment.reason for assignment in generated[2])
    shapes = {"NF-0", "A-0", "B-0", "J-0", "N-H", "C2-H", "X-N", "X-C2"}
    shapes |= {f"{row}-{number}" for row in HOME_ROWS for number in range(1, 6)}
    # A delegated home is a home that was found, so G1 is never unresolved; nor is C1 without a status.
    shapes |= {f"X-{row}" for row in HOME_ROWS if row != "G1"}
    assert set(reasons) == shapes
    assert min(reasons.values()) >= 3


def test_the_sql_and_the_oracle_keep_the_order_of_the_table() -> None:
    assert [row.step for row in TABLE] == ROWS
    conditions = [
        part.split("'")[1] for part in read_step("speccom.assignment", "matched").split(" then ")[1:]
    ]
    assert [*conditions, "Z"] == ROWS
    for case in read_step("speccom.assignment", "payer").split("case step")[1:]:
        assert [part.split("'")[0] for part in case.split("        when '")[1:]][: len(ROWS)] == ROWS


def test_every_record_is_assigned_once_and_keeps_its_own_columns(
    generated: tuple[list[Record], pa.Table, list[Assignment]],
) -> None:
    records, table, _ = generated
    given_columns = table_of(records)
    assert table.column_names == [*given_columns.column_names, *ASSIGNED_COLUMNS]
    assert table.select(given_columns.column_names).equals(given_columns)
    assert table["reason"].null_count == 0


def test_the_order_of_records_does_not_matter(world: World, register: Register) -> None:
    table = table_of(world.records(2_000, seed=7))
    shuffled = list(range(table.num_rows))
    random.Random(7).shuffle(shuffled)
    assert assigned(register, table.take(shuffled)).equals(assigned(register, table))


def test_an_unresolved_record_has_no_payer_and_no_variance(
    generated: tuple[list[Record], pa.Table, list[Assignment]],
) -> None:
    for found in generated[2]:
        unresolved = found.reason.startswith("X-")
        assert unresolved == (found.assigned_commissioner is None and found.reason != "A-0")
        if unresolved:
            assert (found.assigned_category, found.arrangement) == (None, None)
            assert not found.commissioner_differs
            assert not found.category_differs


@pytest.mark.parametrize(
    ("period", "fields", "expected"),
    [
        # Frimley's locations: an ICB to March 2026, none from April, so the residence is next.
        (("202526", 12), {"gp_responsibility": "D4U1Y"}, ("D4U1Y", "25", "G1-1")),
        (("202627", 1), {"gp_responsibility": "D4U1Y"}, ("00Y", "25", "G1-3")),
        # The North West was delegated a year before the North East and Yorkshire.
        (("202324", 12), {"gp_responsibility": "QWO"}, ("85J", "21", "G2-2")),
        (("202425", 12), {"gp_responsibility": "QWO"}, ("85J", "21", "G2-2")),
        (("202526", 1), {"gp_responsibility": "QWO"}, ("QWO", "25", "G1-2")),
        (("202425", 1), {"gp_responsibility": "QOP"}, ("QOP", "25", "G1-2")),
        # National, on the host basis, until April 2023; before July 2022 there was no ICB to be host.
        (("202223", 12), {"gp_responsibility": "QOP"}, ("85J", "21", "N-H")),
        (("202223", 3), {"gp_responsibility": "QOP"}, ("", "", "X-N")),
        # A devolved residence counts only where the practice's area is blank.
        (("202526", 1), {"residence_responsibility": "7A1"}, ("7A1", "", "B-0")),
        (
            ("202526", 1),
            {"gp_responsibility": "QOP", "residence_responsibility": "7A1"},
            ("QOP", "25", "G1-2"),
        ),
        # The lists of practices: prison before armed forces, never in accident and emergency.
        (("202526", 1), {"practice": "Y00001", "service_code": "99999999"}, ("76A", "71", "E-4")),
        (("202526", 1), {"practice": "Y00001", "point_of_delivery": "AE"}, ("13Q", "61", "J-0")),
        (("202526", 1), {"practice": "A99999"}, ("13Q", "61", "J-0")),
        # A year that cannot be read: no home, no host, no status.
        (("2025/26", 1), {}, ("", "", "X-Z")),
        (("202526", 13), {"submitted_category": "21", "service_code": None}, ("", "", "X-C2")),
    ],
)
def test_changeover_days_and_lists(
    period: tuple[str, int],
    fields: dict[str, str],
    expected: tuple[str, str, str],
    register: Register,
    oracle: Oracle,
) -> None:
    record = Record(
        *period,
        **{
            "provider": "RR8",
            "submitted_category": "12",
            "service_code": "NCBPS01C",
            "residence_responsibility": "00Y" if "gp_responsibility" in fields else "QWO",
            **fields,
        },
    )
    assert answer(oracle.assign(record)) == expected
    assert answer(assignments(assigned(register, table_of([record])))[0]) == expected


def test_every_sql_step_is_run() -> None:
    folder = Path(__file__).parents[2] / "src/speccom/assignment/sql"
    assert {path.stem for path in folder.glob("*.sql")} == set(STEPS)
