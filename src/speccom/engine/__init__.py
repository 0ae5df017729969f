"""Runs named SQL steps over tables and Parquet files; knows databases, and no business."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, Self

import pyarrow as pa

from speccom.errors import SpeccomError


class EngineError(SpeccomError):
    """A step that a database refused; the message names the step and quotes the database."""

    code = "engine_failed"


class Engine(Protocol):
    """A place where SQL steps run. Names are plain identifiers; each is defined once per engine."""

    name: str

    def register(self, name: str, table: pa.Table) -> None:
        """Make a small Arrow table readable under `name`."""

    def parquet(self, name: str, paths: list[Path]) -> None:
        """Make Parquet files of one shape readable under `name`."""

    def step(self, name: str, sql: str) -> None:
        """Define `name` as the result of a select; computed when something reads it."""

    def table(self, name: str, sql: str) -> None:
        """As `step`, but computed now and kept, for steps that others read more than once."""

    def fetch(self, sql: str) -> pa.Table:
        """The rows of a select, as Arrow."""

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a select to one Parquet file (zstd)."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


def read_step(package: str, name: str) -> str:
    """The text of the SQL step `name`, from `sql/name.sql` inside a domain package."""
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def run_steps(engine: Engine, package: str, names: list[str], kept: frozenset[str] = frozenset()) -> None:
    """Define the steps of a domain in order; those in `kept` are computed once and stored."""
    for name in names:
        define = engine.table if name in kept else engine.step
        define(name, read_step(package, name))


def open_engine(name: str = "duckdb", **settings: Any) -> Engine:
    """An engine by name: `duckdb` (one machine, the default) or `spark` (needs the extra `spark`)."""
    if name == "duckdb":
        from speccom.engine.duckdb import DuckDBEngine

        return DuckDBEngine(**settings)
    if name == "spark":
        from speccom.engine.spark import SparkEngine

        return SparkEngine(**settings)
    raise EngineError(f"There is no engine {name!r}: choose duckdb or spark.")


def quote(text: str | Path) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"
