"""A submitted file copied aside, scanned, and its header read: all that is known of it before its rows are."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speccom.contracts import schemas
from speccom.contracts.book import Receipt
from speccom.contracts.checks import Check, FileRefused, record_checks
from speccom.contracts.scan import Scan, scan
from speccom.contracts.schemas import DataSet, HeaderFault, column_names, fields

SUBMISSION = "submission.csv"

# Without these columns no row can be placed. Source: contract-monitoring, "Severity".
_KEY_COLUMNS = (
    "month",
    "financial_year",
    "provider",
    "submitted_commissioner",
    "submitted_category",
    "point_of_delivery",
    "cost",
)
_KEY_COLUMNS_BESIDES: Mapping[DataSet, tuple[str, ...]] = {"PLCM": ("activity",)}
# The check that can run only where the list of healthcare resource groups was imported.
_NEEDS_GROUPS = "TARIFF_CODE"


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What a check found in a whole file: which field it concerns, if one, and what was seen."""

    code: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A file that can be read row by row. `names` are its columns in the standard's names, each once;
    `unknown` the places of those that the data set does not know."""

    path: Path
    directory: Path
    scan: Scan
    data_set: DataSet
    names: tuple[str, ...]
    unknown: tuple[int, ...]
    checks: tuple[Check, ...]
    findings: tuple[FileFinding, ...]

    @property
    def file(self) -> Path:
        """Our copy of what was sent."""
        return self.directory / SUBMISSION


def take_in(
    path: Path, aside: Path, given: DataSet | None, known: Mapping[str, Receipt], groups: bool
) -> Submission | Receipt:
    """Copy a file into the new directory `aside`, scan the copy and read its header.

    The receipt of the same bytes, where there is one in `known`. `groups` says whether the list of
    healthcare resource groups was imported. Raises `FileRefused`.
    """
    # A copy, not a hard link: a link would change when the sender's file is edited in place.
    aside.mkdir(mode=0o700)
    shutil.copyfile(path, aside / SUBMISSION)
    try:
        found = scan(aside / SUBMISSION)
        if found.sha256 in known:
            return known[found.sha256]
        data_set, names = _read_header(found.header, given)
    except FileRefused as refusal:
        raise refusal.named(path.name) from None
    ours = {field.name: field.column for field in fields(data_set)}
    checks = record_checks(data_set, [ours[name] for name in names if ours.get(name)])
    findings = [*_header_findings(data_set, names), *_scan_findings(found)]
    if not groups and any(check.code == _NEEDS_GROUPS for check in checks):
        checks = [check for check in checks if check.code != _NEEDS_GROUPS]
        tariff = column_names(data_set)["tariff_code"]
        findings.append(FileFinding("CHECK_NOT_RUN", tariff, f"{_NEEDS_GROUPS} needs the list hrg"))
    unknown = tuple(place for place, name in enumerate(names) if name not in ours)
    return Submission(path, aside, found, data_set, names, unknown, tuple(checks), tuple(findings))


def _read_header(cells: Sequence[str], given: DataSet | None) -> tuple[DataSet, tuple[str, ...]]:
    """What row 1 says. Raises `FileRefused` where it tells no data set, or two, or lacks a key column."""
    try:
        data_set = schemas.tell_data_set(cells, given)
    except HeaderFault as fault:
        raise FileRefused(fault.reason, row=1, detail=fault.detail) from None
    names = schemas.standard_names(data_set, cells)
    known = {field.name for field in fields(data_set)}
    for name, count in Counter(names).items():
        if count > 1 and name in known:
            raise FileRefused("REPEATED_COLUMN", row=1, field=name)
    columns = column_names(data_set)
    for column in (*_KEY_COLUMNS, *_KEY_COLUMNS_BESIDES.get(data_set, ())):
        if columns[column] not in names:
            raise FileRefused("MISSING_KEY_COLUMN", row=1, field=columns[column])
    return data_set, _told_apart(names)


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks and repeats, so that each can be a column."""
    told: list[str] = []
    for number, name in enumerate(names, start=1):
        told.append(name if name and name not in told else f"{name} (COLUMN {number})".strip())
    return tuple(told)


def _header_findings(data_set: DataSet, names: Sequence[str]) -> list[FileFinding]:
    known = {field.name for field in fields(data_set)}
    missing = [field.name for field in fields(data_set) if field.name not in names and not field.optional]
    return [
        *(FileFinding("MISSING_COLUMN", name) for name in missing),
        *(FileFinding("UNKNOWN_COLUMN", name) for name in names if name not in known),
    ]


def _scan_findings(found: Scan) -> list[FileFinding]:
    findings = []
    if found.windows_1252:
        findings.append(FileFinding("WINDOWS_1252"))
    if found.misread_pounds:
        findings.append(FileFinding("MISREAD_POUND", value=f"{found.misread_pounds} times"))
    if not found.ends_whole:
        findings.append(FileFinding("NO_LAST_LINE_END"))
    return findings
