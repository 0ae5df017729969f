"""Positions: lines, patients, actual and plan by any dimensions of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from speccom.engine import Engine, read_step, run_steps
from speccom.errors import SpeccomError
from speccom.ledger.names import ALIASES, DIMENSIONS, columns_of, in_order, named
from speccom.ledger.reading import reading
from speccom.register import Register
from speccom.workspace import Workspace

MONEY = pa.decimal128(38, 8)
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
    """Several positions over one reading of the ledger; see `position`."""
    wanted = [dimensions(by) for by in tables]
    register = Register.load(workspace)
    with reading(workspace, month, year) as (engine, _):
        register_lines(engine, register)
        run_steps(engine, __package__, ["measured"])
        return [_position(engine, by, register) for by in wanted]


def _position(engine: Engine, by: list[str], register: Register) -> pa.Table:
    define(engine, by)
    table = named(engine.fetch(f"select * from position {in_order(columns_of(by))}"), by, register)
    for measure, kind in MEASURES.items():
        table = table.set_column(table.column_names.index(measure), measure, table[measure].cast(kind))
    return table


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


def define(engine: Engine, by: Sequence[str]) -> None:
    """Define `position` by some dimensions on an engine that holds `measured`, codes only."""
    columns = ", ".join(columns_of(by))
    engine.step("position", read_step(__package__, "position").replace("dimensions", columns))
