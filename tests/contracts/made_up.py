"""Makes made-up files small enough for tests, and reads them as plain rows."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from speccom.assignment.oracle import Record
from speccom.contracts.receive import receive
from speccom.contracts.reference import import_list
from speccom.contracts.synthesise import synthesise
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

Row = dict[str, str]

HALF_YEAR = [1, 2, 3, 4, 5, 6]
LINES = 12_000
PROVIDER = "ORGANISATION IDENTIFIER (CODE OF PROVIDER)"
SITE = "ORGANISATION SITE IDENTIFIER (OF TREATMENT)"
GP = "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)"
RESIDENCE = "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)"
COMMISSIONER = "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)"
PRACTICE = "GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION)"
FUNCTION = "ACTIVITY TREATMENT FUNCTION CODE"
CATEGORY = "COMMISSIONED SERVICE CATEGORY CODE"
SERVICE = "SERVICE CODE"
DELIVERY = "POINT OF DELIVERY CODE"
MONTH = "FINANCIAL MONTH"
YEAR = "FINANCIAL YEAR"
BORN = "PERSON BIRTH DATE"
GENDER = "PERSON STATED GENDER CODE"
ACTUAL = "CONTRACT MONITORING ACTUAL PRICE"
IDENTITY = (PROVIDER, COMMISSIONER, CATEGORY, SERVICE, MONTH)


def made(
    directory: Path,
    register: Register,
    *,
    year: int = 2025,
    months: list[int] | None = None,
    lines: int = LINES,
    seed: int = 5,
    dirt: str = "none",
    workers: int = 1,
    last_year: int | None = None,
) -> Path:
    synthesise(
        directory,
        year=FinancialYear(year),
        months=months or HALF_YEAR,
        lines=lines,
        seed=seed,
        dirt=dirt,
        workers=workers,
        register=register,
        last_year=FinancialYear(last_year) if last_year else None,
    )
    return directory


def rows(directory: Path, data_set: str = "*") -> Iterator[tuple[str, Row]]:
    """Every row of the files of a data set, with the data set that its file's name says."""
    for path in sorted(directory.glob(f"SYNTHETIC_*_{data_set}_*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                yield path.name.split("_")[2], row


def patient_rows(directory: Path) -> Iterator[tuple[str, Row]]:
    return ((name, row) for name, row in rows(directory) if name != "ACM")


def digest(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def record(row: Row) -> Record:
    names = (PROVIDER, COMMISSIONER, CATEGORY, SERVICE, DELIVERY, FUNCTION, GP, RESIDENCE, PRACTICE)
    return Record(row[YEAR], int(row[MONTH]), *(row[name] or None for name in names))


def findings(directory: Path, workspace: Workspace, shared: Path, provider: str) -> Counter[str]:
    """What the checks find in the files of one provider, with the list of HRGs imported."""
    listed = (shared / "reference" / "healthcare_resource_groups.csv").read_text().split()
    groups = directory.parent / f"{directory.name}-groups.csv"
    groups.write_text("\n".join(code for code in listed if re.fullmatch(r"hrg|[A-Z]{2}\d\d[A-Z]", code)))
    import_list(workspace.make(), "hrg", groups)
    outcomes = receive(workspace, sorted(directory.glob(f"SYNTHETIC_{provider}_*.csv")))
    found: Counter[str] = Counter()
    for outcome in outcomes:
        assert outcome.receipt is not None, outcome.refusal
        assert outcome.receipt.synthetic
        found.update(outcome.receipt.findings)
    return found
