"""Submissions from text to checked rows, findings and quarantine, all made aside: nothing is received yet.

Small files of one shape are examined together. Working out how to run the checks takes a database longer
than running them on a thousand rows, and a month's files are many and small.
"""

from __future__ import annotations

import csv
import itertools
import os
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from speccom.contracts import lookups, rows, schemas
from speccom.contracts.book import Coverage, CoveredMonth, Quarantined, Receipt
from speccom.contracts.checks import Check, FileRefused, all_checks
from speccom.contracts.identity import KeyRing, PatientKey
from speccom.contracts.intake import FileFinding, Submission
from speccom.contracts.reference import codes, path_of
from speccom.contracts.scan import rewrite, rows_at
from speccom.contracts.schemas import DataSet, HeaderFault, column_names, fields, is_header
from speccom.engine import EngineError
from speccom.engine.duckdb import DuckDBEngine
from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.workspace import Workspace, WorkspaceError, remove_tree

# Names inside a receipt's directory; the quarantine is renamed to a place of its own.
CHECKED, FINDINGS, ASIDE = "checked.parquet", "findings.parquet", "aside.parquet"
QUARANTINE, QUARANTINED_ROWS = "quarantine", "rows.parquet"
INCOMING = ".incoming-"

# Between the steps a file of this size is held on disk, so that memory does not grow with it.
LARGE_BYTES = 200_000_000
_MEMORY = 3_000_000_000
_BATCH_ROWS = 50_000

_TEXT: pa.DataType = pa.string()
_NUMBER: pa.DataType = pa.int64()
_MONEY: pa.DataType = pa.decimal128(26, 8)
_QUARANTINED = pa.schema({"row": _NUMBER, "codes": _TEXT, "cost": _MONEY, "sent": _TEXT})


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be received: where its things lie, and all that the book says of it but its number."""

    submission: Submission
    covers: tuple[Coverage, ...]
    rows: int
    cost: Decimal
    unread_costs: int
    quarantined: Quarantined
    findings: dict[str, int]
    synthetic: bool
    key: PatientKey

    @property
    def sha256(self) -> str:
        return self.submission.scan.sha256

    def receipt(self, number: int, received: str) -> Receipt:
        """The line of the book."""
        return Receipt(
            receipt=number,
            received=received,
            sha256=self.sha256,
            name=self.submission.path.name,
            data_set=self.submission.data_set,
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
class _Seen:
    """What a look over a file's rows tells, before they are read in earnest."""

    months: frozenset[CoveredMonth]
    synthetic: bool
    findings: tuple[FileFinding, ...]
    key: PatientKey


class Desk:
    """Where files are examined: an engine with the look-ups laid out. `desks` of them share the machine."""

    def __init__(self, workspace: Workspace, register: Register, keys: KeyRing, desks: int) -> None:
        self._workspace, self._register, self._keys, self._desks = workspace, register, keys, desks
        # What does not fit in memory is spilt where only its owner can read it.
        self._spill = workspace.receipts / f"{INCOMING}{secrets.token_hex(8)}"
        self.engine = self._open()
        self.group_lengths = tuple(sorted({len(code) for code in codes(workspace, "hrg")}))
        self._months: frozenset[CoveredMonth] = frozenset()
        self._laid_out: dict[str, str] = {}

    def examine(self, submissions: Sequence[Submission]) -> list[Examined | SpeccomError]:
        """Make what a receipt of each file needs, in its directory; in the order given.

        The files are of one data set and have the same known columns. A file that is refused gets its
        refusal; what lies in its directory is then the caller's to remove.
        """
        try:
            if submissions[0].scan.size < LARGE_BYTES:
                return _Examination(self, submissions).run()
            # Steps kept on disk and steps kept in memory cannot go by the same names in one engine.
            with closing(Desk(self._workspace, self._register, self._keys, self._desks)) as another:
                return _Examination(another, submissions).run()
        except (EngineError, OSError) as error:
            if len(submissions) > 1:  # one of them is the cause: the others are not to suffer for it
                return [result for each in submissions for result in self.examine([each])]
            if isinstance(error, EngineError):
                return [error]
            said = f"{submissions[0].path.name} could not be written into the workspace: {error.strerror}."
            return [WorkspaceError(said)]

    def key_for(self, name: str, wholly_synthetic: bool) -> PatientKey:
        return self._keys.key_for(name, wholly_synthetic)

    def lay_out(self, key: PatientKey, months: frozenset[CoveredMonth], submission: Submission) -> None:
        """Have readable, unless it is already: the key, the months, and what findings say of their checks."""
        if not months <= self._months:
            self._months |= months
            lookups.register_months(self.engine, self._register, self._months)
        self._once("patient_key", key.fingerprint, key.pads)
        shape = " ".join([submission.data_set, *(check.code for check in submission.checks)])
        self._once("record_check", shape, lambda: _record_checks(submission.data_set, submission.checks))

    def has_list(self, kind: str) -> bool:
        """Whether a list that users import is there."""
        return path_of(self._workspace, kind).exists()

    def close(self) -> None:
        self.engine.close()
        remove_tree(self._spill)

    def _open(self) -> DuckDBEngine:
        engine = DuckDBEngine(
            threads=max(1, len(os.sched_getaffinity(0)) // self._desks),
            memory_limit=f"{_MEMORY // self._desks // 1_000_000}MB",
            temp_directory=self._spill,
        )
        # Every look-up is smaller than what is looked up in it, or the order of the rows would be lost.
        engine.execute("set disabled_optimizers = 'build_side_probe_side'")
        lookups.register_lists(engine, self._register, self._workspace)
        return engine

    def _once(self, name: str, content: str, table: Callable[[], pa.Table]) -> None:
        if self._laid_out.get(name) != content:
            self.engine.register(name, table())
            self._laid_out[name] = content


class _Examination:
    """Some files of one shape at a desk, step by step. In the engine each is known by its place, from 0."""

    def __init__(self, desk: Desk, submissions: Sequence[Submission]) -> None:
        self._desk, self._engine, self._submissions = desk, desk.engine, submissions
        self._shape = submissions[0]
        self._rejects = rows.rejecting(self._shape.checks)
        self._large = submissions[0].scan.size >= LARGE_BYTES
        self._forms = rows.Forms(
            bad_rows=any(each.scan.marked_rows for each in submissions),
            spaces=max((each.scan.spaces for each in submissions), key=["none", "plain", "odd"].index),
            postcodes=desk.has_list("postcodes"),
            group_lengths=desk.group_lengths,
        )
        self._sources: list[Path] = []
        self._kept: list[Path] = []

    def run(self) -> list[Examined | SpeccomError]:
        self._lay_out()
        seen = self._look_over()
        accepted = [each for each in seen if isinstance(each, _Seen)]
        if not accepted:
            return [each for each in seen if isinstance(each, SpeccomError)]
        self._mark(accepted)
        rejected, totals, counted = self._collect()
        results: list[Examined | SpeccomError] = []
        for place, (submission, each) in enumerate(zip(self._submissions, seen, strict=True)):
            if isinstance(each, SpeccomError):
                results.append(each)
                continue
            try:
                self._hold_back(submission, _of_file(rejected, place))
                self._write_checked(place, submission)
                self._write_findings(place, submission, each.findings)
                own = [total for total in totals if total["file"] == place]
                counts = Counter(
                    {count["code"]: count["rows"] for count in counted if count["file"] == place}
                )
                counts.update(finding.code for finding in each.findings)
                results.append(_sum_up(submission, each, own, dict(sorted(counts.items()))))
                self._tidy(submission)
            except FileRefused as refusal:
                results.append(refusal.named(submission.path.name))
        for path in self._kept:
            path.unlink()
        return results

    def _lay_out(self) -> None:
        """Have the cells of the files readable as `submitted`, and the rows that do not split as `bad_rows`."""
        for submission in self._submissions:
            source = submission.file
            if submission.scan.must_be_rewritten:
                source = submission.directory / "rewritten.csv"
                rewrite(submission.file, submission.scan, source)
                self._kept.append(source)
            self._sources.append(source)
        self._engine.register("bad_rows", _bad_rows(self._submissions))
        cells = (
            rows.submitted(place, source, submission.names, submission.data_set)
            for place, (source, submission) in enumerate(zip(self._sources, self._submissions, strict=True))
        )
        self._keep("submitted", " union all ".join(cells))

    def _look_over(self) -> list[_Seen | SpeccomError]:
        """What has to be known before the rows are read; a refusal where no row of a file can be placed."""
        found = self._engine.fetch(rows.overview(self._forms)).to_pylist()
        seen: list[_Seen | SpeccomError] = []
        for place, submission in enumerate(self._submissions):
            try:
                seen.append(self._seen(submission, [each for each in found if each["file"] == place]))
            except FileRefused as refusal:
                seen.append(refusal.named(submission.path.name))
            except SpeccomError as refusal:
                seen.append(refusal)
        return seen

    def _seen(self, submission: Submission, found: Sequence[dict[str, Any]]) -> _Seen:
        readable = [each for each in found if each["financial_year"] and each["month"]]
        if not readable:
            raise FileRefused("NO_READABLE_MONTH")
        findings = list(submission.findings)
        times = {each[name] for each in found for name in ("first_created", "last_created")} - {None}
        if len(times) > 1:
            name = column_names(submission.data_set)["created"]
            findings.append(FileFinding("SEVERAL_TIMES", name, f"{min(times)} to {max(times)}"))
        named = rows.SYNTHETIC in submission.path.name.upper()
        marked = all(each["synthetic_rows"] == each["rows"] for each in readable)
        return _Seen(
            months=frozenset(CoveredMonth(each["financial_year"], each["month"]) for each in readable),
            synthetic=named or any(each["synthetic_rows"] for each in found),
            findings=tuple(findings),
            key=self._desk.key_for(submission.path.name, named and marked),
        )

    def _mark(self, seen: Sequence[_Seen]) -> None:
        """Read every cell and hold every row to every check, in one pass."""
        months = frozenset().union(*(each.months for each in seen))
        self._desk.lay_out(seen[0].key, months, self._shape)
        self._keep("marked", rows.marked(self._shape.checks, self._forms))

    def _collect(self) -> tuple[pa.Table, list[dict[str, Any]], list[dict[str, Any]]]:
        """Rejected rows of all the files, by file; totals; and how many findings there are of each check."""
        identifying = [field.column for field in fields(self._shape.data_set) if field.identity]
        self._keep("finding", rows.findings(self._shape.checks, identifying))
        return (
            self._engine.fetch(rows.rejected(self._rejects)),
            self._engine.fetch(rows.totals(self._rejects)).to_pylist(),
            self._engine.fetch(rows.finding_counts()).to_pylist(),
        )

    def _write_checked(self, place: int, submission: Submission) -> None:
        checked = rows.checked(place, submission.data_set, self._rejects)
        self._engine.write_parquet(checked, submission.directory / CHECKED)
        if submission.unknown:
            unknown = rows.unknown_columns(self._sources[place], submission.names, submission.unknown)
            self._engine.write_parquet(unknown, submission.directory / ASIDE)

    def _write_findings(self, place: int, submission: Submission, of_file: Sequence[FileFinding]) -> None:
        """Every finding of a file, those of the file itself first and without a row."""
        first = [(each.code, all_checks()[each.code].severity, each.field, each.value) for each in of_file]
        self._engine.write_parquet(rows.findings_of(place, first), submission.directory / FINDINGS)

    def _hold_back(self, submission: Submission, rejected: pa.Table) -> None:
        """Write the rejected rows of a file as they were sent, with every reason."""
        if not rejected.num_rows:
            return
        directory = submission.directory / QUARANTINE
        directory.mkdir(mode=0o700, exist_ok=True)
        numbers = rejected["row"].to_numpy()
        sent = rows_at(submission.file, submission.scan, numbers)
        with pq.ParquetWriter(directory / QUARANTINED_ROWS, _QUARANTINED, compression="zstd") as writer:
            for start in range(0, len(numbers), _BATCH_ROWS):
                batch = rejected.slice(start, _BATCH_ROWS)
                texts = [text for _, text in itertools.islice(sent, batch.num_rows)]
                _refuse_second_header(submission.data_set, numbers[start:].tolist(), texts)
                reasons = [_reasons(self._shape.checks, int(marks)) for marks in batch["marks"].to_numpy()]
                columns: list[Any] = [batch["row"], pa.array(reasons), batch["cost"], pa.array(texts)]
                writer.write_table(pa.table(columns, schema=_QUARANTINED))

    def _keep(self, name: str, sql: str) -> None:
        """Compute a step now: in memory, or for a large file on disk beside it."""
        if not self._large:
            self._engine.table(name, sql)
            return
        path = self._shape.directory / f"{name}.parquet"
        self._engine.write_parquet(sql, path)
        self._engine.parquet(name, [path])
        self._kept.append(path)

    def _tidy(self, submission: Submission) -> None:
        """What stays is its owner's only, and the submission never changes."""
        for name in (CHECKED, FINDINGS, ASIDE, f"{QUARANTINE}/{QUARANTINED_ROWS}"):
            if (submission.directory / name).exists():
                (submission.directory / name).chmod(0o600)
        submission.file.chmod(0o400)


def _sum_up(
    submission: Submission, seen: _Seen, totals: Sequence[dict[str, Any]], counts: dict[str, int]
) -> Examined:
    """What the book says of a file. Raises `EngineError` where rows found and rows read are not as many."""
    examined = Examined(
        submission=submission,
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
        synthetic=seen.synthetic,
        key=seen.key,
    )
    if examined.rows != submission.scan.records:
        raise EngineError(
            f"{submission.path.name}: {submission.scan.records} rows were found but {examined.rows} were read, "
            "so nothing of it was received; please report this with the file's header row."
        )
    return examined


def _refuse_second_header(data_set: DataSet, numbers: Sequence[int], texts: Sequence[str]) -> None:
    """Two files put one after the other have a header row in the middle."""
    for number, text in zip(numbers, texts, strict=False):
        if "FINANCIAL" in text.upper() and is_header(cells := next(csv.reader([text]), [])):
            try:
                other = schemas.tell_data_set(cells)
            except HeaderFault:
                continue
            if other != data_set:
                raise FileRefused("TWO_DATA_SETS", row=number, detail=f", {data_set} and from here {other}")


def _reasons(checks: Sequence[Check], marks: int) -> str:
    return " ".join(check.code for number, check in enumerate(checks) if marks >> number & 1)


def _of_file(table: pa.Table, place: int) -> pa.Table:
    """The rows of one file, without its place, from a table sorted by file."""
    first, last = np.searchsorted(table["file"].to_numpy(), [place, place + 1])
    return table.slice(int(first), int(last - first)).drop_columns(["file"])


def _bad_rows(submissions: Sequence[Submission]) -> pa.Table:
    counts = [len(submission.scan.marked_rows) for submission in submissions]
    return pa.table(
        {
            "file": pa.array(np.repeat(np.arange(len(submissions), dtype=np.int32), counts)),
            "row": pa.array(
                np.concatenate([np.array(each.scan.marked_rows, np.int64) for each in submissions])
            ),
            "kind": pa.array(
                np.concatenate([np.array(each.scan.marked_kinds, np.int8) for each in submissions])
            ),
        }
    )


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
