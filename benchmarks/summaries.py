"""The summaries that a build keeps, against the same group-bys without telling patients apart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks import Ratio, median_seconds
from benchmarks._workspaces import built
from speccom.engine import read_step, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger import summaries
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.register import Register
from speccom.workspace import Workspace

LIMIT = 3.0
_SPECIALISED = Register.load().specialised
# All that tells patients apart in the steps.
_PATIENT = (
    "    patient_id,\n",
    "        patient_id,\n",
    "    where patient_id is not null\n",
    ",\n        people.patient_id",
    "    where people.patient_id is not null\n",
    ", patient_id nulls last",
    ", patient_id",
)


def main(lines: int) -> list[Ratio]:
    """All summaries of one year, made and written."""
    return measure(*built(lines))


def measure(workspace: Workspace, name: str) -> list[Ratio]:
    """The ratio of one workspace with its ledger."""
    manifest = require_manifest(workspace)
    reference = median_seconds(lambda: _without_patients(workspace, manifest))
    seconds = median_seconds(lambda: _summaries(workspace, manifest))
    return [Ratio(f"summaries with distinct patients, {name}", seconds, reference, LIMIT)]


def _summaries(workspace: Workspace, manifest: Manifest) -> None:
    with TemporaryDirectory(dir=workspace.ledger) as stage, _engine(Path(stage)) as engine:
        summaries.summarise(engine, workspace, Path(stage), manifest.months, (), _SPECIALISED)


def _without_patients(workspace: Workspace, manifest: Manifest) -> None:
    with TemporaryDirectory(dir=workspace.ledger) as stage, _engine(Path(stage)) as engine:
        engine.parquet(
            "ledger", [workspace.ledger / name for month in manifest.months for name in month.files]
        )
        run_steps(
            engine, summaries.__package__, list(summaries.COUNTED), kept=frozenset(summaries.COUNTED[:1])
        )
        lines = pa.table({"service_line": pa.array(_SPECIALISED, pa.string())})
        engine.register("specialised_line", lines)
        for table, step in summaries.TABLES.items():
            sql = read_step(summaries.__package__, step)
            sql = sql.replace("count(distinct patient_id)", "count(*)")
            for column in _PATIENT:
                sql = sql.replace(column, "")
            engine.write_parquet(sql, Path(stage, f"{table}.parquet"))
            engine.parquet(table, [Path(stage, f"{table}.parquet")])


def _engine(stage: Path) -> DuckDBEngine:
    return DuckDBEngine(memory_limit="2GB", temp_directory=stage / "spill", preserve_order=False)
