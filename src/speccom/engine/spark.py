"""Spark: runs the same SQL steps past one machine; tables go in and out as Arrow, never through pandas."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from speccom.engine import EngineError
from speccom.engine.dialect import to_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

JAVA_VERSION = 17

_SETTINGS = {
    "spark.ui.enabled": "false",
    # Nothing listens beyond this machine.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    # A sum that overflows or a text that is no number fails, as it does on DuckDB.
    "spark.sql.ansi.enabled": "true",
    # Sums and differences keep all eight decimals, as they do on DuckDB; else the eighth is rounded away.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class SparkEngine:
    """A session on `master`; what `table` keeps lies as Parquet in a directory that `close` removes.

    A session on a cluster is configured by the environment as usual; `master` must be named there.
    The Java machine is shared by all engines of the process, and ends with it.
    """

    name = "spark"

    def __init__(
        self, *, master: str = "local[2]", memory: str = "2g", temp_directory: Path | None = None
    ) -> None:
        _require_java()
        _require_pyspark()
        self._kept = Path(tempfile.mkdtemp(prefix="speccom-spark-", dir=temp_directory))
        self._session = _start(
            {
                **_SETTINGS,
                "spark.master": master,
                "spark.driver.memory": memory,
                "spark.sql.shuffle.partitions": "4" if master.startswith("local") else "200",
                "spark.sql.warehouse.dir": str(self._kept / "warehouse"),
            }
        )

    def register(self, name: str, table: pa.Table) -> None:
        self._session.createDataFrame(table).createOrReplaceTempView(name)

    def parquet(self, name: str, paths: list[Path]) -> None:
        if not paths:
            raise EngineError(f"The step {name} has no Parquet files to read.")
        self._session.read.parquet(*map(str, paths)).createOrReplaceTempView(name)

    def step(self, name: str, sql: str) -> None:
        with _named(f"The SQL step {name}"):
            self._select(sql).createOrReplaceTempView(name)

    def table(self, name: str, sql: str) -> None:
        # A new directory each time: the old one may be what the select reads.
        directory = tempfile.mkdtemp(prefix=f"{name}-", dir=self._kept)
        with _named(f"The SQL step {name}"):
            self._select(sql).write.mode("overwrite").parquet(directory)
            self._session.read.parquet(directory).createOrReplaceTempView(name)

    def fetch(self, sql: str) -> pa.Table:
        with _named("A select"):
            rows: pa.Table = self._select(sql).toArrow()
        return rows

    def write_parquet(self, sql: str, path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self._kept) as directory, _named(f"Writing {path.name}"):
            self._select(sql).coalesce(1).write.mode("overwrite").parquet(directory)
            (part,) = Path(directory).glob("part-*.parquet")
            shutil.move(part, path)

    def close(self) -> None:
        for view in self._session.catalog.listTables():
            self._session.catalog.dropTempView(view.name)
        shutil.rmtree(self._kept, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _select(self, sql: str) -> DataFrame:
        return self._session.sql(to_spark(sql))


def _require_java() -> None:
    java = (
        Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    )
    try:
        said = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=True).stderr
        found = re.search(r'version "(\d+)', said)
    except (OSError, subprocess.CalledProcessError):
        found = None
    if found is None or int(found[1]) < JAVA_VERSION:
        raise EngineError(
            f"The Spark engine needs a Java runtime, version {JAVA_VERSION} or later: install one "
            "(on Debian: apt-get install openjdk-17-jre-headless), or use --engine duckdb.",
            code="engine_missing",
        )


def _require_pyspark() -> None:
    try:
        import pyspark.sql  # noqa: F401
    except ImportError as error:
        raise EngineError(
            "The Spark engine needs pyspark: install it with pip install 'speccom[spark]', "
            "or use --engine duckdb.",
            code="engine_missing",
        ) from error


def _start(settings: dict[str, str]) -> SparkSession:
    """A session with views of its own; the first starts the Java machine."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("speccom")
    for key, value in settings.items():
        builder = builder.config(key, value)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        with _quiet():
            return builder.getOrCreate().newSession()
    except (PySparkException, OSError) as error:
        raise EngineError(f"Spark did not start: {_first_line(error)}.", code="engine_missing") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Give the Java machine no terminal to greet: it keeps the stderr that it starts with."""
    sys.stderr.flush()
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Speak Spark's refusals, and those on the way to it, with the name of what was being done."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (EngineError, PySparkException, Py4JError) as error:
        raise EngineError(f"{what} failed: {_first_line(error)}") from error


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
