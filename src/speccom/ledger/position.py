"""Positions: lines, patients, actual and plan by any dimensions of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from speccom.engine import Engine, read_step, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.errors import SpeccomError
from speccom.ledger.names import ALIASES, DIMENSIONS, columns_of, in_order, named
from speccom.ledger.reading import reading
from speccom.register import Register
from speccom.workspace import Workspace

MONEY = pa.decimal128(38, 8)
MEASURED_IN_SERVICE = "measured_in_service"
# Sorting the ledger's patients costs about what six tables save by it.
TABLES_WORTH_A_SORT = 6
MEASURES = {"lines": pa.int64(), "patients": pa.int64(), "actual": MONEY, "plan": MONEY}


class UnknownDimension(SpeccomError):
    """A position asked for by something that the ledger is not divided by."""

    code = "unknown_dimension"


def dimensions(by: Sequence[str]) -> list[str]:
    """The dimensions asked for by their full names, in order. Raises `UnknownDimension`."""
    named = [ALIASES.get(name, name) for name in (each.strip().lower() for each in by)]
    unknown = [name for name in named if name not in DIMENSIONS]
    if unknown or not named or len(set(named)) != len(named):
        fault = f"{unknown[0]!r} is not something to sum by" if unknown else "Name each dimension once"
        raise UnknownDimension(f"{fault}: choose from {', '.join(DIMENSIONS)} (pod for short).")
    return named


def position(
    workspace: Workspace, by: Sequence[str], month: int | None = None, year: str | None = None
) -> pa.Table:
    """One row per group of the dimensions in `by`, of the whole ledger or one month or financial year.

    Columns: for each dimension its code and `<dimension>_name`; lines (patient-level rows), patients
    (distinct, over activity, drugs and devices together), actual (pounds of the patient-level sets),
    plan (planned pounds of ACM). A group with only a plan or only an actual is there too. In the order of
    the codes; a group without a code comes last, with the code ''. Source: contract-monitoring.
    """
    [table] = positions(workspace, [by], month, year)
    return table


def positions(
    workspace: Workspace,
    tables: Sequence[Sequence[str]],
    month: int | None = None,
    year: str | None = None,
) -> list[pa.Table]:
    """Several positions of one ledger, sooner than one by one; see `position`."""
    wanted = [dimensions(by) for by in tables]
    register = Register.load(workspace)
    with reading(workspace, month, year) as (engine, _):
        register_lines(engine, register)
        _define_rows(engine)
        if len(wanted) >= TABLES_WORTH_A_SORT:
            _sort_people(engine, wanted)
        return [_position(engine, by, register) for by in wanted]


def define(engine: Engine, by: Sequence[str]) -> None:
    """Define `position` by some dimensions, codes only, on an engine that holds `ledger` and `line_service`."""
    _define_rows(engine)
    _define_position(engine, by)


def _define_rows(engine: Engine) -> None:
    run_steps(engine, __package__, ["measured", MEASURED_IN_SERVICE])
    engine.step("people", _people(MEASURED_IN_SERVICE, ["*"]))


def _define_position(engine: Engine, by: Sequence[str]) -> None:
    columns = columns_of(by)
    for step in ("summed", "patients", "position"):
        sql = read_step(__package__, step).replace("dimensions", ", ".join(columns))
        engine.step(step, sql.replace("measured_rows", _rows_with(columns)))


def _position(engine: Engine, by: list[str], register: Register) -> pa.Table:
    _define_position(engine, by)
    table = named(engine.fetch(f"select * from position {in_order(columns_of(by))}"), by, register)
    for measure, kind in MEASURES.items():
        table = table.set_column(table.column_names.index(measure), measure, table[measure].cast(kind))
    return table


def _sort_people(engine: DuckDBEngine, wanted: Sequence[list[str]]) -> None:
    """Keep the lines of patients in memory, codes as numbers, those of one patient together.

    Counting distinct patients is most of the work of a position, and takes a quarter of the time
    when equal patients follow each other; see benchmarks/position.py.
    """
    columns = sorted({column for by in wanted for column in columns_of(by)})
    codes = {
        column: f"select distinct {column} from {_rows_with([column])}"
        for column in columns
        if column != "month"
    }
    engine.sorted_table("people", _people(_rows_with(columns), ["patient_id", *columns]), "patient_id", codes)


def _people(rows: str, columns: Sequence[str]) -> str:
    return f"select {', '.join(columns)} from {rows} where patient_id is not null"


def _rows_with(columns: Sequence[str]) -> str:
    """The relation that has some columns: the look-up of services is left out where nobody asks for it."""
    return MEASURED_IN_SERVICE if {"service", "programme"} & set(columns) else "measured"


def register_lines(engine: Engine, register: Register) -> None:
    """Make `line_service` readable: the prescribed service and programme of each service line."""
    lines = register.lines.values()
    engine.register(
        "line_service",
        pa.table(
            {
                "service_line": pa.array([line.code for line in lines], pa.string()),
                "service": pa.array([line.service_ref for line in lines], pa.string()),
                "programme": pa.array([line.programme for line in lines], pa.string()),
            }
        ),
    )
