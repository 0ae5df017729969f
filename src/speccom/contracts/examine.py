"""One file from bytes to checked rows, findings and quarantine, all made aside: nothing here is received yet."""

from __future__ import annotations

import csv
import itertools
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.contracts import lookups, rows, schemas
from speccom.contracts.book import Coverage, CoveredMonth, Quarantined, Receipt
from speccom.contracts.checks import Check, FileRefused, all_checks, record_checks
from speccom.contracts.identity import KeyRing, PatientKey
from speccom.contracts.reference import path_of
from speccom.contracts.scan import Scan, rewrite, rows_at, scan
from speccom.contracts.schemas import DataSet, HeaderFault, column_names, fields, is_header
from speccom.engine import EngineError
from speccom.engine.duckdb import DuckDBEngine
from speccom.register import Register
from speccom.workspace import Workspace, remove_tree

# Names inside a receipt's directory; the quarantine is renamed to a place of its own.
SUBMISSION, CHECKED, FINDINGS, ASIDE = (
    "submission.csv",
    "checked.parquet",
    "findings.parquet",
    "aside.parquet",
)
QUARANTINE, QUARANTINED_ROWS = "quarantine", "rows.parquet"
INCOMING = ".incoming-"

# Files of this size are held on disk between the steps, so that memory does not grow with them.
_LARGE_BYTES = 200_000_000
_MEMORY = 3_000_000_000
_BATCH_ROWS = 50_000
# Without these columns no row can be placed. Source: contract-monitoring, "Severity".
_KEY_COLUMNS = {
    "ALL": (
        "month",
        "financial_year",
        "provider",
        "submitted_commissioner",
        "submitted_category",
        "point_of_delivery",
        "cost",
    ),
    "PLCM": ("activity",),
}


_FINDINGS = pa.schema(
    {
        "row": pa.int64(),
        "code": pa.string(),
        "severity": pa.string(),
        "field": pa.string(),
        "value": pa.string(),
    }
)
_QUARANTINED = pa.schema(
    {"row": pa.int64(), "codes": pa.string(), "cost": pa.decimal128(26, 8), "sent": pa.string()}
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be received: where its things lie aside, and everything the book says but its number."""

    path: Path
    directory: Path
    sha256: str
    data_set: DataSet
    covers: tuple[Coverage, ...]
    rows: int
    cost: Decimal
    unread_costs: int
    quarantined: Quarantined
    findings: dict[str, int]
    synthetic: bool
    key: PatientKey

    def receipt(self, number: int, received: str) -> Receipt:
        """The line of the book."""
        return Receipt(
            receipt=number,
            received=received,
            sha256=self.sha256,
            name=self.path.name,
            data_set=self.data_set,
            providers=tuple(sorted({each.provider for each in self.covers})),
            financial_years=tuple(sorted({each.financial_year for each in self.covers})),
            months=tuple(sorted({CoveredMonth(each.financial_year, each.month) for each in self.covers})),
            rows=self.rows,
            cost=self.cost,
            unread_costs=self.unread_costs,
            quarantined=self.quarantined,
            findings=self.findings,
            synthetic=self.synthetic,
            coverage=self.covers,
            key_fingerprint=self.key.fingerprint,
        )


@dataclass(frozen=True, slots=True)
class _Header:
    """Row 1 as the data set knows it: the standard's names in the file's order, and what is amiss."""

    data_set: DataSet
    names: list[str]
    unknown: list[int]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class _FileFinding:
    code: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look over the rows tells: months covered, whether any row or every row says it is synthetic,
    and the columns in which some cell is not in plain form."""

    months: frozenset[CoveredMonth]
    synthetic: bool
    wholly_synthetic: bool
    odd_columns: frozenset[str]


class Desk:
    """Where one file after another is examined: an engine with the look-ups laid out. `desks` share the machine."""

    def __init__(self, workspace: Workspace, register: Register, keys: KeyRing, desks: int) -> None:
        self._workspace, self._register, self._keys = workspace, register, keys
        self._settings = {
            "threads": max(1, len(os.sched_getaffinity(0)) // desks),
            "memory_limit": f"{_MEMORY // desks // 1_000_000}MB",
        }
        self._spill = workspace.receipts / f"{INCOMING}{secrets.token_hex(8)}"
        self._engine = self._open(self._spill)
        self._months: frozenset[CoveredMonth] = frozenset()
        self._laid_out: dict[tuple[DuckDBEngine, str], str] = {}

    def examine(
        self, path: Path, aside: Path, given: DataSet | None, known: Mapping[str, Receipt]
    ) -> Examined | Receipt:
        """Everything that a receipt of this file needs, made in the directory `aside`.

        The receipt of the same bytes, where there is one in `known`. Raises a `SpeccomError` that refuses
        the file; what lies aside is then the caller's to remove.
        """
        _copy(path, aside)
        try:
            found = scan(aside / SUBMISSION)
            if found.sha256 in known:
                return known[found.sha256]
            header = _read_header(found.header, given)
            if found.size < _LARGE_BYTES:
                return _Examination(self, self._engine, path, aside, found, header).run()
            with self._open(aside) as engine:
                return _Examination(self, engine, path, aside, found, header).run()
        except FileRefused as refusal:
            raise refusal.named(path.name) from None

    def lay_out_key(self, engine: DuckDBEngine, name: str, wholly_synthetic: bool) -> PatientKey:
        """Have the key for a file readable by the step that hashes its patients."""
        key = self._keys.key_for(name, wholly_synthetic)
        self._register_once(engine, "patient_key", key.fingerprint, key.pads)
        return key

    def lay_out_checks(self, engine: DuckDBEngine, data_set: DataSet, checks: Sequence[Check]) -> None:
        """Have what a finding says of its check readable."""
        codes = " ".join([data_set, *(check.code for check in checks)])
        self._register_once(engine, "record_check", codes, lambda: _record_checks(data_set, checks))

    def lay_out_months(self, engine: DuckDBEngine, months: frozenset[CoveredMonth]) -> None:
        """Have what the register says in these months readable."""
        if engine is not self._engine:
            lookups.register_months(engine, self._register, months)
        elif not months <= self._months:
            self._months |= months
            lookups.register_months(engine, self._register, self._months)

    def _register_once(
        self, engine: DuckDBEngine, name: str, content: str, table: Callable[[], pa.Table]
    ) -> None:
        if self._laid_out.get((engine, name)) != content:
            engine.register(name, table())
            self._laid_out[engine, name] = content

    def has_list(self, kind: str) -> bool:
        """Whether a list that users import is there."""
        return path_of(self._workspace, kind).exists()

    def close(self) -> None:
        self._engine.close()
        remove_tree(self._spill)

    def _open(self, spill: Path) -> DuckDBEngine:
        engine = DuckDBEngine(temp_directory=spill, **self._settings)
        lookups.register_lists(engine, self._register, self._workspace)
        return engine


class _Examination:
    """One file at a desk, step by step."""

    def __init__(
        self, desk: Desk, engine: DuckDBEngine, path: Path, aside: Path, found: Scan, header: _Header
    ) -> None:
        self._desk, self._engine, self._path, self._aside = desk, engine, path, aside
        self._scan, self._header = found, header
        self._large = found.size >= _LARGE_BYTES
        self._kept: list[Path] = []
        names = column_names(header.data_set)
        self._columns = [column for column, name in names.items() if name in header.names]
        self._findings = _header_findings(header) + _scan_findings(found)
        checks = record_checks(header.data_set, self._columns)
        if not desk.has_list("hrg") and any(check.code == "TARIFF_CODE" for check in checks):
            checks = [check for check in checks if check.code != "TARIFF_CODE"]
            self._findings.append(
                _FileFinding("CHECK_NOT_RUN", names["tariff_code"], "TARIFF_CODE needs hrg")
            )
        self._checks = checks
        self._rejects = rows.rejecting(checks)

    def run(self) -> Examined:
        """Read, check and write everything; `aside` then holds what a receipt's directory holds."""
        source = self._lay_out()
        seen = self._look_over()
        key = self._desk.lay_out_key(self._engine, self._path.name, seen.wholly_synthetic)
        self._desk.lay_out_months(self._engine, seen.months)
        forms = rows.Forms(
            odd_spaces=self._scan.odd_spaces,
            odd_columns=seen.odd_columns,
            postcodes=self._desk.has_list("postcodes"),
            groups=any(check.code == "TARIFF_CODE" for check in self._checks),
        )
        self._keep("marked", rows.marked(self._checks, forms))
        self._engine.write_parquet(rows.checked(self._header.data_set, self._rejects), self._aside / CHECKED)
        quarantined = self._hold_back()
        counts = self._write_findings()
        if self._header.unknown:
            unknown = rows.unknown_columns(source, _told_apart(self._header.names), self._header.unknown)
            self._engine.write_parquet(unknown, self._aside / ASIDE)
        examined = self._sum_up(key, counts, seen.synthetic)
        if examined.quarantined.rows != quarantined or examined.rows != self._scan.records:
            raise EngineError(
                f"{self._path.name}: {self._scan.records} rows were found but {examined.rows} were read, so "
                "nothing of it was received; please report this with the file's header row."
            )
        self._tidy()
        return examined

    def _lay_out(self) -> Path:
        """Have the cells of the file readable as `submitted`; the file that they were read from."""
        source = self._aside / SUBMISSION
        if self._scan.must_be_rewritten:
            source = self._aside / "rewritten.csv"
            rewrite(self._aside / SUBMISSION, self._scan, source)
            self._kept.append(source)
        kinds = pa.array(self._scan.marked_kinds, pa.int8())
        bad_rows = {"row": pa.array(self._scan.marked_rows, pa.int64()), "kind": kinds}
        self._engine.register("bad_rows", pa.table(bad_rows))
        self._keep("submitted", rows.submitted(source, self._header.names, self._header.data_set))
        return source

    def _look_over(self) -> _Seen:
        """What has to be known before the rows are read. Raises `FileRefused` where no row can be placed."""
        found = self._engine.fetch(rows.overview(self._scan.odd_spaces)).to_pylist()
        readable = [each for each in found if each["financial_year"] and each["month"]]
        if not readable:
            raise FileRefused("NO_READABLE_MONTH")
        times = {each[name] for each in found for name in ("first_created", "last_created")} - {None}
        if len(times) > 1:
            name = column_names(self._header.data_set)["created"]
            self._findings.append(_FileFinding("SEVERAL_TIMES", name, f"{min(times)} to {max(times)}"))
        named = rows.SYNTHETIC in self._path.name.upper()
        return _Seen(
            months=frozenset(CoveredMonth(each["financial_year"], each["month"]) for each in readable),
            synthetic=named or any(each["synthetic_rows"] for each in found),
            wholly_synthetic=named and all(each["synthetic_rows"] == each["rows"] for each in readable),
            odd_columns=rows.odd_columns(found),
        )

    def _hold_back(self) -> int:
        """Write the rejected rows as they were sent, with every reason; how many there are."""
        rejected = self._engine.fetch(rows.rejected(self._rejects))
        if not rejected.num_rows:
            return 0
        directory = self._aside / QUARANTINE
        directory.mkdir(mode=0o700)
        numbers = rejected["row"].to_pylist()
        sent = rows_at(self._aside / SUBMISSION, self._scan, numbers)
        with pq.ParquetWriter(directory / QUARANTINED_ROWS, _QUARANTINED, compression="zstd") as writer:
            for start in range(0, len(numbers), _BATCH_ROWS):
                batch = rejected.slice(start, _BATCH_ROWS)
                texts = [text for _, text in itertools.islice(sent, batch.num_rows)]
                self._refuse_second_header(batch["row"].to_pylist(), texts)
                codes = [self._codes(marks) for marks in batch["marks"].to_pylist()]
                columns = [batch["row"], pa.array(codes), batch["cost"], pa.array(texts)]
                writer.write_table(pa.table(columns, schema=_QUARANTINED))
        return rejected.num_rows

    def _refuse_second_header(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Two files put one after the other have a header row in the middle."""
        for number, text in zip(numbers, texts, strict=True):
            if "FINANCIAL" in text.upper() and is_header(cells := next(csv.reader([text]), [])):
                try:
                    other = schemas.tell_data_set(cells)
                except HeaderFault:
                    continue
                if other != self._header.data_set:
                    detail = f": {self._header.data_set}, and from here {other}"
                    raise FileRefused("TWO_DATA_SETS", row=number, detail=detail)

    def _codes(self, marks: int) -> str:
        return " ".join(check.code for number, check in enumerate(self._checks) if marks >> number & 1)

    def _write_findings(self) -> dict[str, int]:
        """Write every finding, those of the file first and without a row; how many of each check."""
        self._desk.lay_out_checks(self._engine, self._header.data_set, self._checks)
        identifying = [field.column for field in fields(self._header.data_set) if field.identity]
        of_rows = self._engine.fetch(rows.findings(self._checks, identifying)).cast(_FINDINGS)
        graved = all_checks()
        of_file = pa.Table.from_pylist(
            [
                {
                    "code": each.code,
                    "severity": graved[each.code].severity,
                    "field": each.field,
                    "value": each.value,
                }
                for each in self._findings
            ],
            schema=_FINDINGS,
        )
        findings = pa.concat_tables([of_file, of_rows])
        pq.write_table(findings, self._aside / FINDINGS, compression="zstd")
        counts = findings["code"].value_counts().to_pylist()
        return {each["values"]: each["counts"] for each in sorted(counts, key=itemgetter("values"))}

    def _sum_up(self, key: PatientKey, counts: dict[str, int], synthetic: bool) -> Examined:
        totals = self._engine.fetch(rows.totals(self._rejects)).to_pylist()
        return Examined(
            path=self._path,
            directory=self._aside,
            sha256=self._scan.sha256,
            data_set=self._header.data_set,
            covers=tuple(
                Coverage(each["provider"], each["financial_year"], each["month"], each["rows"], each["cost"])
                for each in totals
                if each["provider"] is not None
            ),
            rows=sum(each["rows"] for each in totals),
            cost=sum((each["cost"] for each in totals), Decimal()),
            unread_costs=sum(each["unread_costs"] for each in totals),
            quarantined=Quarantined(
                sum(each["quarantined_rows"] for each in totals),
                sum((each["quarantined_cost"] for each in totals), Decimal()),
            ),
            findings=counts,
            synthetic=synthetic,
            key=key,
        )

    def _keep(self, name: str, sql: str) -> None:
        """Compute a step now: in memory, or for a large file on disk beside it."""
        if not self._large:
            self._engine.table(name, sql)
            return
        path = self._aside / f"{name}.parquet"
        self._engine.write_parquet(sql, path)
        self._engine.parquet(name, [path])
        self._kept.append(path)

    def _tidy(self) -> None:
        """Remove what only the examination needed; what stays is its owner's, and the submission never changes."""
        for path in self._kept:
            path.unlink()
        for path in self._aside.rglob("*.*"):
            path.chmod(0o400 if path.name == SUBMISSION else 0o600)


def _record_checks(data_set: DataSet, checks: Sequence[Check]) -> pa.Table:
    names = column_names(data_set)
    return pa.table(
        {
            "code": [check.code for check in checks],
            "severity": [check.severity for check in checks],
            "field": [check.field for check in checks],
            "name": [names.get(check.field, "") for check in checks],
            "bit": pa.array([1 << number for number in range(len(checks))], pa.int64()),
            "number": pa.array(range(len(checks)), pa.int32()),
        }
    )


def _copy(path: Path, aside: Path) -> None:
    """Copy a submission aside. A copy, not a hard link: a link would change when the sender's file is edited
    in place, and then the receipt's hash would be of something else. What is scanned is the copy."""
    aside.mkdir(mode=0o700)
    shutil.copyfile(path, aside / SUBMISSION)


def _read_header(cells: Sequence[str], given: DataSet | None) -> _Header:
    """What row 1 says. Raises `FileRefused` where it tells no data set, or two, or lacks a key column."""
    try:
        data_set = schemas.tell_data_set(cells, given)
    except HeaderFault as fault:
        raise FileRefused(fault.reason, row=1, detail=fault.detail) from None
    names = schemas.standard_names(data_set, cells)
    known = {field.name: field for field in fields(data_set)}
    for name, count in Counter(names).items():
        if count > 1 and name in known:
            raise FileRefused("REPEATED_COLUMN", row=1, field=name)
    columns = column_names(data_set)
    for column in (*_KEY_COLUMNS["ALL"], *_KEY_COLUMNS.get(data_set, ())):
        if columns[column] not in names:
            raise FileRefused("MISSING_KEY_COLUMN", row=1, field=columns[column])
    unknown = [index for index, name in enumerate(names) if name not in known]
    missing = [name for name, field in known.items() if name not in names and not field.optional]
    return _Header(data_set, names, unknown, missing)


def _header_findings(header: _Header) -> list[_FileFinding]:
    return [
        *(_FileFinding("MISSING_COLUMN", name) for name in header.missing),
        *(_FileFinding("UNKNOWN_COLUMN", _told_apart(header.names)[index]) for index in header.unknown),
    ]


def _scan_findings(found: Scan) -> list[_FileFinding]:
    findings = []
    if found.windows_1252:
        findings.append(_FileFinding("WINDOWS_1252"))
    if found.misread_pounds:
        findings.append(_FileFinding("MISREAD_POUND", value=f"{found.misread_pounds} times"))
    if not found.ends_whole:
        findings.append(_FileFinding("NO_LAST_LINE_END"))
    return findings


def _told_apart(names: Sequence[str]) -> list[str]:
    """Column names without blanks and repeats, so that each can be a column."""
    told: list[str] = []
    for number, name in enumerate(names, start=1):
        name = name or f"COLUMN {number}"
        told.append(name if name not in told else f"{name} (COLUMN {number})")
    return told
