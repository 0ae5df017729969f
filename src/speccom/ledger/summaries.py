"""The small tables that a build keeps beside the ledger, from which every analysis reads in place of its lines."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from speccom.engine import read_step, run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.manifest import LedgerError, LedgerMonth, Manifest, YearSummary, require_manifest
from speccom.period import FinancialYear
from speccom.workspace import Workspace

TABLES = {
    "months": "summary_months",
    "people": "summary_people",
    "cases": "summary_cases",
    "everyone": "summary_everyone",
    "seen": "summary_seen",
    "paid_for": "summary_paid_for",
    "billed": "summary_billed",
    "seasons": "summary_seasons",
}
"""What a year is summed into, each with the step that makes it; a later one may read an earlier."""


COUNTED = ("patient_homes", "cared_for")
"""What comes before: each line of the ledger as the summaries count it."""


def summarise(
    engine: DuckDBEngine,
    workspace: Workspace,
    stage: Path,
    months: Iterable[LedgerMonth],
    kept: Iterable[YearSummary],
    specialised: Iterable[str],
) -> tuple[YearSummary, ...]:
    """The summaries of every year that has rows; only those made of something else than before are made, under `stage`.

    `specialised` are the codes of the lines that count as specialised care where all are taken together.
    """
    lines = sorted(specialised)
    engine.register("specialised_line", pa.table({"service_line": pa.array(lines, pa.string())}))
    good = {each.fingerprint: each for each in kept}
    made = []
    for year, of_year in _by_year(months).items():
        fingerprint = _fingerprint(of_year, lines)
        held = good.get(fingerprint)
        if held is None or not all((workspace.ledger / name).is_file() for name in held.files.values()):
            held = YearSummary(year, fingerprint, _written(engine, workspace, stage, year, of_year))
        made.append(held)
    return tuple(made)


@contextmanager
def summaries(
    workspace: Workspace, years: Collection[FinancialYear] | None = None
) -> Iterator[tuple[DuckDBEngine, Manifest]]:
    """The relations of `TABLES` on an engine, of some financial years or all; the manifest.

    `months`: financial_year, month, service_line, icb, home, provider, host_icb, `kind` (`activity`, `drugs` or
    `devices`); lines and activity of the patient-level sets, their pounds (`actual`), the pounds of the
    aggregate set (`aggregate`) and its `plan`.
    `people`: financial_year, service_line, icb, home, provider, patient_id (none where withheld); the oldest
    age stated, gender, lsoa; lines and `actual`. `cases`: financial_year, service_line, icb, home, `band` (the
    patients' cost in a year, in quarters of a natural logarithm); patients, `actual`, `squares`. `everyone`:
    financial_year, level, icb, other; distinct patients of all specialised lines together. `seen`:
    financial_year, month, service_line, icb (none: of all); distinct patients of a month.
    `paid_for`: financial_year, month, commissioner (as assigned, a sub-ICB location too), service_line, provider,
    point_of_delivery, data_set; lines, `actual`, `plan` (none but in the aggregate set), and what of `actual` is of
    homes guessed from the provider. `billed`: financial_year, month, provider, submitted_commissioner,
    assigned_commissioner, reason; lines and `cost` where the one is not the other or the category differs.
    `seasons`: financial_year, month, service_line; lines and `actual`, whoever paid.
    An icb is a board's code as it was, and home the sub-ICB location or board that the line was assigned by (or,
    where it stated no area, another line of its patient), or both are `OTHER NATION` or `UNKNOWN`. Raises
    `LedgerError`, naming the years held, where one asked for is not.
    """
    manifest = require_manifest(workspace)
    chosen = _chosen(manifest, years)
    paths = {table: [workspace.ledger / each.files[table] for each in chosen] for table in TABLES}
    missing = next((path for each in paths.values() for path in each if not path.is_file()), None)
    if missing is not None:
        raise LedgerError(f"{missing} is gone: run speccom build, which makes it anew.")
    with (
        TemporaryDirectory(prefix="speccom-") as spill,
        DuckDBEngine(temp_directory=Path(spill), memory_limit="2GB", preserve_order=False) as engine,
    ):
        for table, of_years in paths.items():
            engine.parquet(table, of_years)
        yield engine, manifest


def years_held(manifest: Manifest) -> list[FinancialYear]:
    """The financial years that have summaries, in order."""
    return [FinancialYear.parse(each.financial_year) for each in manifest.summaries]


def _chosen(manifest: Manifest, years: Collection[FinancialYear] | None) -> list[YearSummary]:
    if not manifest.summaries:
        raise LedgerError(
            "The ledger has no summaries: it is of an earlier version or all of it is in quarantine. "
            "Run speccom build; see speccom status."
        )
    if any(each.files.keys() != TABLES.keys() for each in manifest.summaries):
        raise LedgerError("The ledger's summaries are of another version of Speccom: run speccom build.")
    held = {each.financial_year: each for each in manifest.summaries}
    wanted = [year.code for year in years] if years is not None else list(held)
    missing = [year for year in wanted if year not in held]
    if missing:
        named = ", ".join(str(year) for year in years_held(manifest))
        raise LedgerError(
            f"The ledger holds nothing of {FinancialYear.parse(missing[0])}: choose from {named}, "
            "or receive that year's files and run speccom build."
        )
    return [held[year] for year in wanted]


def _by_year(months: Iterable[LedgerMonth]) -> dict[str, list[LedgerMonth]]:
    years: dict[str, list[LedgerMonth]] = defaultdict(list)
    for month in months:
        if month.files:
            years[month.financial_year].append(month)
    return dict(sorted(years.items()))


def _fingerprint(months: Iterable[LedgerMonth], specialised: list[str]) -> str:
    texts = [read_step(__package__, step) for step in (*COUNTED, *TABLES.values())]
    made_of = json.dumps([texts, specialised, sorted(month.fingerprint for month in months)])
    return hashlib.sha256(made_of.encode()).hexdigest()


def _written(
    engine: DuckDBEngine, workspace: Workspace, stage: Path, year: str, months: Iterable[LedgerMonth]
) -> dict[str, str]:
    engine.parquet("ledger", [workspace.ledger / name for month in months for name in month.files])
    run_steps(engine, __package__, list(COUNTED), kept=frozenset(COUNTED[:1]))
    directory = stage / f"summary_of={year}"
    directory.mkdir()
    files = {}
    for table, step in TABLES.items():
        path = directory / f"{table}.parquet"
        engine.write_parquet(read_step(__package__, step), path)
        engine.parquet(table, [path])
        files[table] = path.relative_to(workspace.ledger).as_posix()
    return files
