"""DuckDB and Spark give the same answer, to the penny: assignment, then what the ledger sums from it."""

import random
from decimal import Decimal

import pyarrow as pa
import pytest
from tests.assignment.worlds import World, assign_on, table_of

from speccom.engine import Engine, read_step, run_steps
from speccom.finance.bases.placing import register_places, register_rules
from speccom.ledger.position import define, register_lines
from speccom.period import FinancialYear, Month
from speccom.register import Register

LINES = 4_000
POSITIONS = [
    ["commissioner"],
    ["service_line", "provider"],
    ["icb", "region", "arrangement"],
    ["programme", "month"],
    ["service", "point_of_delivery"],
]


def lines_of(register: Register) -> pa.Table:
    """Generated records with what the ledger has beside them: receipts, patients, money, data sets."""
    draw = random.Random(4)
    records = table_of(World(register).records(LINES, seed=5))

    def money() -> Decimal | None:
        return None if draw.random() < 0.05 else Decimal(draw.randint(-(10**9), 10**13)).scaleb(-8)

    columns = {
        "receipt": pa.array([draw.randint(1, 9) for _ in range(LINES)], pa.int32()),
        "data_set": pa.array(draw.choices(["PLCM", "DrPLCM", "DePLCM", "ACM"], k=LINES), pa.string()),
        "patient_id": pa.array([draw.choice([None, *range(500)]) for _ in range(LINES)], pa.int64()),
        "cost": pa.array([money() for _ in range(LINES)], pa.decimal128(26, 8)),
        "planned_cost": pa.array([money() for _ in range(LINES)], pa.decimal128(26, 8)),
        "age": pa.array([draw.choice([None, 40]) for _ in range(LINES)], pa.int32()),
        "gender": pa.nulls(LINES, pa.string()),
        "lsoa": pa.nulls(LINES, pa.string()),
        "activity": pa.array([Decimal(draw.randint(0, 9)) for _ in range(LINES)], pa.decimal128(18, 3)),
    }
    for name, column in columns.items():
        records = records.append_column(name, column)
    return records


@pytest.fixture(scope="module")
def both(duckdb: Engine, spark: Engine) -> tuple[Engine, Engine]:
    """Both engines with the same lines assigned, and kept as `ledger`."""
    register = Register.load()
    lines = lines_of(register)
    for engine in (duckdb, spark):
        assign_on(engine, register, lines)
        engine.table("ledger", "select * from assigned")
        register_lines(engine, register)
    return duckdb, spark


def assert_same(both: tuple[Engine, Engine], name: str) -> pa.Table:
    """The rows of a relation are the same on both, whatever their order. Gives them, in an order."""
    duckdb, spark = (engine.fetch(f"select * from {name}") for engine in both)
    assert spark.column_names == duckdb.column_names
    # The engines widen sums differently; a cast that would lose a digit fails.
    spark = spark.cast(pa.schema([field.with_nullable(True) for field in duckdb.schema]))
    order = [(column, "ascending") for column in duckdb.column_names]
    assert spark.sort_by(order).equals(duckdb.sort_by(order))
    return duckdb


def test_assignment_is_the_same(both: tuple[Engine, Engine]) -> None:
    assigned = assert_same(both, "ledger")
    assert assigned.num_rows == LINES
    assert len(set(assigned["reason"].to_pylist())) > 40


@pytest.mark.parametrize("by", POSITIONS, ids="-".join)
def test_positions_are_the_same_to_the_penny(both: tuple[Engine, Engine], by: list[str]) -> None:
    for engine in both:
        run_steps(engine, "speccom.ledger", ["measured"])
        define(engine, by)
    position = assert_same(both, "position")
    ledger = both[0].fetch("select cost, data_set from ledger").to_pylist()
    spent = sum(row["cost"] or 0 for row in ledger if row["data_set"] != "ACM")
    assert sum(position["actual"].to_pylist()) == spent


@pytest.mark.parametrize("steps", [["challenged"], ["reconciled"]], ids=lambda steps: steps[-1])
def test_every_other_result_is_the_same_to_the_penny(both: tuple[Engine, Engine], steps: list[str]) -> None:
    for engine in both:
        run_steps(engine, "speccom.ledger", steps)
    assert assert_same(both, steps[-1]).num_rows > 5


def test_bases_are_the_same_to_the_penny(both: tuple[Engine, Engine]) -> None:
    register = Register.load()
    for engine in both:
        run_steps(engine, "speccom.ledger", ["patient_homes", "cared_for"])
        engine.step("summed_months", read_step("speccom.ledger", "summary_months"))
        engine.table(
            "months",
            "select * from summed_months where month between 1 and 12 "
            "and financial_year in ('202223', '202324', '202425', '202526')",
        )
        register_places(engine, register, None)
        held = engine.fetch("select distinct financial_year, month from home_place").to_pylist()
        months = [Month(FinancialYear.parse(row["financial_year"]), row["month"]) for row in held]
        register_rules(engine, register, months)
        run_steps(engine, "speccom.finance.bases", ["potted", "crossed"])
    assert assert_same(both, "crossed").num_rows > 5
