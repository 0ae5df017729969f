"""DuckDB, the default engine: runs the SQL steps as they are written, on one machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from speccom.engine import EngineError, quote


class DuckDBEngine:
    """One in-memory connection; what does not fit is spilt to `temp_directory`."""

    name = "duckdb"

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory_limit: str = "3GB",
        temp_directory: Path | None = None,
        preserve_order: bool = True,
    ) -> None:
        config: dict[str, Any] = {
            "threads": threads or len(os.sched_getaffinity(0)),
            "memory_limit": memory_limit,
            "preserve_insertion_order": preserve_order,
            # Nothing is fetched at run time: every machine runs the same database.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if temp_directory is not None:
            config["temp_directory"] = str(temp_directory)
        self._connection = duckdb.connect(":memory:", config=config)
        # Standard output is for results; a bar of the database's own would be in the middle of them.
        self._connection.execute("set enable_progress_bar = false")

    def register(self, name: str, table: pa.Table) -> None:
        # Copied in, so that joins know its size and the caller may drop it.
        self._connection.register(f"arrow_{name}", table)
        self.execute(f"create or replace table {name} as select * from arrow_{name}")
        self._connection.unregister(f"arrow_{name}")

    def parquet(self, name: str, paths: list[Path]) -> None:
        self._read(name, paths, "*")

    def numbered_parquet(self, name: str, paths: list[Path]) -> None:
        """As `parquet`, with `file_number`: the place of each row's file in `paths`, from 0."""
        self._read(name, paths, "file_index as file_number, *")

    def step(self, name: str, sql: str) -> None:
        self._run(name, f"create or replace view {name} as {_bare(sql)}")

    def table(self, name: str, sql: str) -> None:
        self._run(name, f"create or replace table {name} as {_bare(sql)}")

    def sorted_table(self, name: str, sql: str, key: str, codes: dict[str, str]) -> None:
        """As `table`, in the order of `key`, with some text columns kept as small numbers that read as text.

        `codes` gives for each such column a select of the texts that are in it.
        """
        for column, texts in codes.items():
            self.execute(
                f"create type {name}_{column} as enum "
                f"(select {column} from ({_bare(texts)}) where {column} is not null)"
            )
        # Every text is in its type, so this never yields null of itself; a plain cast takes twice as long,
        # because, being allowed to fail, it is done row by row and not once for each text of a dictionary.
        numbered = ", ".join(f"try_cast({column} as {name}_{column}) as {column}" for column in codes)
        self.execute(f"drop view if exists {name}")
        self.table(name, f"select * replace ({numbered}) from ({_bare(sql)}) order by {key}")

    def fetch(self, sql: str) -> pa.Table:
        rows: pa.Table = self._connection.sql(_bare(sql)).to_arrow_table()
        return rows

    def write_parquet(self, sql: str, path: Path) -> None:
        self.execute(f"copy ({_bare(sql)}) to {quote(path)} (format parquet, compression zstd)")

    def write_partitions(self, sql: str, directory: Path, by: list[str]) -> list[Path]:
        """Write the rows of a select as Parquet files under `directory/column=value/…`; give all files there.

        The columns of `by` are in the files too. Rows wait in memory until a partition has enough of
        them for a row group; at the default of half a million, two dozen partitions took 2.6 GB.
        """
        self.execute("set partitioned_write_flush_threshold = 16384")
        self.execute(
            f"copy ({_bare(sql)}) to {quote(directory)} (format parquet, compression zstd, "
            f"partition_by ({', '.join(by)}), write_partition_columns true, "
            "overwrite_or_ignore true)"  # others may be there; no file of ours is
        )
        return sorted(directory.rglob("*.parquet"))

    def execute(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run any statement of DuckDB's own; for the parts that no other engine has to run."""
        with _spoken():
            return self._connection.execute(sql, parameters).fetchall()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _read(self, name: str, paths: list[Path], columns: str) -> None:
        if not paths:
            raise EngineError(f"The step {name} has no Parquet files to read.")
        listed = ", ".join(quote(path) for path in paths)
        # What a directory name says (`month=3`) is also a column of the file, and that one has the type.
        self._run(
            name,
            f"create or replace view {name} as select {columns} "
            f"from read_parquet([{listed}], hive_partitioning = false)",
        )

    def _run(self, name: str, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except duckdb.Error as error:
            raise EngineError(f"The SQL step {name} failed: {error}") from error


@contextmanager
def _spoken() -> Iterator[None]:
    """What the database refuses, as a refusal of ours."""
    try:
        yield
    except duckdb.Error as error:
        raise EngineError(f"The database could not do this: {error}") from error


def _bare(sql: str) -> str:
    return sql.strip().rstrip(";")
