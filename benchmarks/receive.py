"""Receiving against DuckDB copying the same CSV to Parquet untouched, and against pandas doing as much."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks import Ratio
from speccom.contracts import schemas
from speccom.contracts.receive import receive
from speccom.contracts.synthesise import synthesise
from speccom.contracts.synthesise.run import default_workers
from speccom.engine import quote
from speccom.engine.duckdb import DuckDBEngine
from speccom.period import FinancialYear
from speccom.workspace import Workspace

LIMIT = 3.0
LIMIT_GIGABYTES = 4.0
KEY = "benchmark" * 8


def main(lines: int) -> list[Ratio]:
    """One large activity file, the half-year's many files, pandas on the large one, and peak memory."""
    with tempfile.TemporaryDirectory(prefix="speccom-benchmark-") as name:
        directory = Path(name)
        files = directory / "files"
        months, workers = [1, 2, 3, 4, 5, 6], default_workers()
        synthesise(
            files,
            year=FinancialYear(2025),
            months=months,
            lines=lines,
            seed=1,
            dirt="typical",
            workers=workers,
        )
        one = _as_one(sorted(files.glob("*_PLCM_*.csv")), directory / "SYNTHETIC_PLCM.csv")
        size = f"{one.stat().st_size / 1e6:,.0f} MB"
        received, copied = _side_by_side(_receiving(one, directory), _copying([one], directory), 3)
        every = sorted(files.glob("*.csv"))
        all_received, all_copied = _side_by_side(_receiving(files, directory), _copying(every, directory), 1)
        return [
            Ratio(f"receive, one file of {size}", received, copied, LIMIT),
            Ratio(f"receive, {len(every)} files", all_received, all_copied, LIMIT),
            Ratio(
                f"receive against pandas, {size}", received, _seconds(lambda: _in_pandas(one, directory)), 1.0
            ),
            Ratio(
                f"receive, peak memory, {size}",
                _peak_gigabytes(one, directory),
                LIMIT_GIGABYTES,
                1.0,
                unit="GB",
            ),
        ]


def _side_by_side(work: Callable[[], None], reference: Callable[[], None], runs: int) -> tuple[float, float]:
    """Median seconds of each, taken turn by turn, so that a busy moment falls on both."""
    pairs = [(_seconds(work), _seconds(reference)) for _ in range(runs)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def _as_one(paths: list[Path], target: Path) -> Path:
    """Files of one header, put together."""
    with target.open("wb") as out:
        header = b""
        for path in paths:
            first, rest = path.read_bytes().split(b"\n", 1)
            if not header:
                header = first
                out.write(header + b"\n")
            if first == header:
                out.write(rest)
    return target


def _receiving(path: Path, directory: Path) -> Callable[[], None]:
    numbers = itertools.count()

    def work() -> None:
        os.environ["SPECCOM_PATIENT_KEY"] = KEY
        workspace = Workspace(directory / f"workspace-{next(numbers)}")
        outcomes = receive(workspace, [path])
        assert all(outcome.receipt for outcome in outcomes)
        shutil.rmtree(workspace.root)

    return work


def _copying(paths: list[Path], directory: Path) -> Callable[[], None]:
    def work() -> None:
        with DuckDBEngine(threads=2) as engine:
            for path in paths:
                engine.write_parquet(
                    f"select * from read_csv({quote(path)}, all_varchar = true)", directory / "copied.parquet"
                )

    return work


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak_gigabytes(path: Path, directory: Path) -> float:
    """The most memory that a process of its own takes to receive a file."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_receive_and_weigh, (path, directory))


def _receive_and_weigh(path: Path, directory: Path) -> float:
    _receiving(path, directory / "weighed")()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000_000


def _in_pandas(path: Path, directory: Path) -> None:
    """Much of the same work as an analyst would write it: text to types, some fifteen of the checks, hashed
    patients, and two Parquet files. It keeps no receipt and reads only plain forms."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip")
    columns = {name: column for column, name in schemas.column_names("PLCM").items()}
    frame = frame[[name for name in frame.columns if name in columns]].rename(columns=columns)
    frame = frame.apply(lambda column: column.str.strip())
    bad = pd.DataFrame(index=frame.index)
    years = frame["financial_year"].str.fullmatch(r"20\d{4}")
    bad["YEAR"] = ~years
    bad["MONTH"] = ~frame["month"].isin([str(month) for month in range(1, 13)])
    bad["PROVIDER"] = ~frame["provider"].str.fullmatch("[A-Z0-9]{3,6}") | frame["provider"].str.endswith("00")
    bad["CATEGORY"] = ~frame["submitted_category"].isin(list(schemas.service_categories()))
    bad["POINT_OF_DELIVERY"] = ~frame["point_of_delivery"].isin(list(schemas.points_of_delivery()))
    bad["FUNCTION"] = ~frame["treatment_function"].isin([*schemas.treatment_functions(), ""])
    bad["COMMISSIONER"] = ~frame["submitted_commissioner"].str.fullmatch("[A-Z0-9]{3,5}")
    bad["SITE"] = ~frame["site"].str.fullmatch("|[A-Z0-9]{5,9}")
    bad["PRACTICE"] = ~frame["practice"].str.fullmatch("|[A-Z0-9]{6}")
    for name in ("activity", "unit_price", "cost"):
        text = frame[name].str.replace(r"[£,]", "", regex=True)
        frame[name] = pd.to_numeric(text, errors="coerce")  # doubles: pandas has no quick exact decimals
        bad[name.upper()] = frame[name].isna()
    for name in ("activity_date", "activity_end", "birth_date"):
        frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce")
    bad["COST_PRODUCT"] = (frame["cost"] - frame["activity"] * frame["unit_price"]).abs() > 1
    people = {
        number: int(hmac.new(KEY.encode(), f"NHS:{number}".encode(), hashlib.sha256).hexdigest()[:15], 16)
        for number in frame["nhs_number"].unique()
    }
    frame["patient_id"] = frame["nhs_number"].map(people)
    frame["age"] = (frame["activity_date"] - frame["birth_date"]).dt.days // 365.25
    frame = frame.drop(columns=["nhs_number", "local_patient", "postcode", "birth_date"])
    rejected = bad[["YEAR", "MONTH", "PROVIDER", "CATEGORY", "POINT_OF_DELIVERY", "ACTIVITY", "COST"]].any(
        axis=1
    )
    frame[~rejected].to_parquet(directory / "pandas.parquet", compression="zstd")
    found = bad.rename_axis(index="row", columns="code").stack()
    found[found].rename("found").reset_index().to_parquet(
        directory / "pandas-findings.parquet", compression="zstd"
    )
